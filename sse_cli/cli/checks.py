"""Runs the checks of a command line, reports on them, and gives the exit code."""

import asyncio
import signal
import time
from collections.abc import Collection, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sse_cli.checking.check import Check
from sse_cli.checking.keeping import Keeping, KeepNothing, KeepRuns
from sse_cli.checking.runner import Runner
from sse_cli.cli.given_checks import checks_of
from sse_cli.cli.options import Groups
from sse_cli.cli.reporting import Reporting
from sse_cli.core.results import CheckResult, Report
from sse_cli.errors import ExitCode
from sse_cli.sinks.outlet import Outlet, ReaderGone, encode
from sse_cli.sources.lookup import DaemonThreads

if TYPE_CHECKING:
    from sse_cli.cli.check_options import CheckOptions


def run(sources: Sequence[str], groups: Groups, options: "CheckOptions", given: Collection[str]) -> int:
    """Run what is asked for and return the exit code. Raises `SseError` for what is wrong before that."""
    checks = checks_of(sources, groups, options, given)
    reporting = Reporting(options)
    keeping: Keeping = KeepNothing()
    if options.record is not None:
        keeping = KeepRuns(options.record)
    elif options.record_failures is not None:
        keeping = KeepRuns(options.record_failures, failures=True)
    with suppress(ReaderGone):
        begun = time.perf_counter()
        started = datetime.now(UTC).isoformat(timespec="milliseconds")
        results = asyncio.run(_run(checks, keeping, options.parallel, reporting))
        report = Report(checks=tuple(results), started=started, seconds=time.perf_counter() - begun)
        reporting.end(report)
        return report.exit_code
    return int(ExitCode.OK)


def show_vocabulary() -> int:
    """Print the words of expectations, with their units and what they are."""
    from sse_cli.core.expectations.vocabulary import vocabulary

    lines = []
    for title, entries in vocabulary().items():
        room = max(len(entry.name) for entry in entries)
        units = max(len(entry.unit) for entry in entries)
        lines += [f"{title}:", *(f"  {it.name:<{room}}  {it.unit:<{units}}  {it.doc}" for it in entries), ""]
    with suppress(ReaderGone):
        Outlet(1, "standard output").write(encode("\n".join(lines)))
    return int(ExitCode.OK)


async def _run(
    checks: Sequence[Check], keeping: Keeping, parallel: int, reporting: Reporting
) -> list[CheckResult]:
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    assert task is not None
    loop.set_default_executor(DaemonThreads())
    with suppress(NotImplementedError):  # Windows has no such thing
        loop.add_signal_handler(signal.SIGTERM, task.cancel)
    return await Runner(checks, keeping, parallel, reporting.show).run()
