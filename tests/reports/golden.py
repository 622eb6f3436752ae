"""Writes the reports that the tests compare with: `python -m tests.reports.golden`."""

from collections.abc import Callable
from pathlib import Path

from sse_cli.core.results import Report
from sse_cli.reports import write
from sse_cli.reports.human import format_check, format_closing
from tests.reports.sample import REPORT

FOLDER = Path(__file__).parent / "golden"


def human(report: Report, width: int, color: bool = False) -> str:
    """Return the checks as they are printed one by one, and the lines that close them."""
    checks = [format_check(check, width, color) for check in report.checks]
    return "\n".join([*checks, format_closing(report, width, color)])


GOLDEN: dict[str, Callable[[Report], str]] = {
    "human-80.txt": lambda report: human(report, 80),
    "human-120.txt": lambda report: human(report, 120),
    "human-color.txt": lambda report: human(report, 100, color=True),
    "junit.xml": lambda report: write("junit", report),
    "report.tap": lambda report: write("tap", report),
    "github.txt": lambda report: write("github", report),
    "report.md": lambda report: write("markdown", report),
}
"""What each file holds."""


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    for name, make in GOLDEN.items():
        (FOLDER / name).write_bytes(make(REPORT).encode())


if __name__ == "__main__":
    main()
