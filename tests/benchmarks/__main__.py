"""`python -m tests.benchmarks [ROW …]`: runs the rows, prints a table, keeps the figures as JSON.

A ROW is a name or its beginning, such as `parser`. The exit code is 1 if a goal was missed or two sides
differed.

The rows of whole processes run the `sse` and the `http` beside the interpreter. That is not what users have
where click is installed as well: make an environment with the project alone and name its program with --sse.
"""

import argparse
import json
import platform
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.benchmarks import (
    again,
    connection,
    dialects,
    http2,
    latency,
    many,
    memory,
    output,
    parser,
    process,
    serve,
    transports,
    truth,
)
from tests.benchmarks.row import Differs, Figures, Row, Setup, Unmeasured

ROWS: list[Row] = [
    *parser.ROWS,
    *dialects.ROWS,
    *process.ROWS,
    *output.ROWS,
    *latency.ROWS,
    *truth.ROWS,
    *memory.ROWS,
    *connection.ROWS,
    *http2.ROWS,
    *transports.ROWS,
    *many.ROWS,
    *serve.ROWS,
    *again.ROWS,
]
RESULTS = Path(__file__).parent / "results"
_COLUMNS = "{:<20} {:>10}  {:<30} {:>9}  {:<10} {}"


def main() -> int:
    """Run what the command line asks for."""
    options = _options()
    setup = Setup(quick=options.quick, sse=options.sse, httpie=options.httpie)
    rows = [row for row in ROWS if not options.rows or row.name.startswith(tuple(options.rows))]
    print(_COLUMNS.format("row", "ours", "peer", "ratio", "goal", "reached"))
    records = [_measure(row, setup) for row in rows]
    if _imports_click(setup.sse):
        print(f"\nclick is installed beside {setup.sse}: httpx is slower to import there than users have it.")
    _save(records, setup, options.json)
    return 0 if all(record["reached"] is not False for record in records) else 1


def _options() -> argparse.Namespace:
    beside = Path(sys.executable).parent
    suffix = ".exe" if sys.platform == "win32" else ""
    cli = argparse.ArgumentParser("python -m tests.benchmarks", description="Rows: " + ", ".join(_names()))
    cli.add_argument("rows", nargs="*", metavar="ROW", help="a row's name, or the beginning of several")
    cli.add_argument("--quick", action="store_true", help="fewer runs over shorter streams")
    cli.add_argument("--json", type=Path, metavar="FILE", help="where the figures go [results/]")
    cli.add_argument("--sse", default=str(beside / f"sse{suffix}"), help="our program [beside this Python]")
    cli.add_argument("--httpie", default=str(beside / f"http{suffix}"), help="httpie's [beside this Python]")
    options = cli.parse_args()
    for wanted in options.rows:
        if not any(name.startswith(wanted) for name in _names()):
            cli.error(f"no such row: {wanted}")
    return options


def _names() -> list[str]:
    return [row.name for row in ROWS]


def _measure(row: Row, setup: Setup) -> dict[str, Any]:
    """Measure a row, print its line, return its record."""
    record: dict[str, Any] = {"row": row.name, "work": row.work, "goal": str(row.goal), "unit": row.unit}
    try:
        figures = row.measure(setup)
    except Unmeasured as reason:
        print(f"{row.name:<20} not measured: {reason}", flush=True)
        return {**record, "reached": None, "error": str(reason)}
    except Differs as reason:
        print(f"{row.name:<20} NO: {reason}", flush=True)
        return {**record, "reached": False, "error": str(reason)}
    return {**record, **_compared(row, figures)}


def _compared(row: Row, figures: Figures) -> dict[str, Any]:
    ours, peer = figures.ours, figures.medians[figures.peer]
    compared = row.goal.compare(ours, peer)
    reached = row.goal.holds(compared)
    line = _COLUMNS.format(
        row.name,
        f"{ours:.1f} {row.unit}",
        f"{peer:.1f} {row.unit}  {figures.peer}",
        row.goal.form.format(compared),
        str(row.goal),
        "yes" if reached else "NO",
    )
    print(line, flush=True)
    return {
        "ours": ours,
        "peer": figures.peer,
        "ratio": compared,
        "reached": reached,
        "medians": figures.medians,
        "runs": figures.runs,
    }


def _imports_click(program: str) -> bool:
    python = Path(program).with_name(Path(sys.executable).name)
    if not python.exists():
        return False
    return subprocess.run([str(python), "-c", "import click"], stderr=subprocess.DEVNULL).returncode == 0


def _save(records: list[dict[str, Any]], setup: Setup, file: Path | None) -> None:
    now = datetime.now(UTC)
    if file is None:
        RESULTS.mkdir(exist_ok=True)
        file = RESULTS / f"{now:%Y%m%d-%H%M%S}.json"
    head = {
        "at": now.isoformat(timespec="seconds"),
        "python": platform.python_version(),
        "system": platform.system(),
        "quick": setup.quick,
    }
    file.write_text(json.dumps({**head, "rows": records}, indent=1) + "\n", encoding="utf-8")
    print(f"\nSaved as {file}")


if __name__ == "__main__":
    sys.exit(main())
