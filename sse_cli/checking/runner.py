"""Runs checks: one by one or several at once, each as often as it says, and after what it needs."""

import asyncio
from collections.abc import Callable, Mapping, Sequence

import msgspec

from sse_cli.checking.check import Check, make_run, result_of
from sse_cli.checking.keeping import Keeping
from sse_cli.core.results import CheckResult, Outcome, Run
from sse_cli.errors import ExitCode

OnResult = Callable[[CheckResult], None]


class Runner:
    """Runs checks, at most `parallel` streams at a time; `on_result` is told of each as it ends.

    Captured values are shared: a check waits until all that it needs was captured, or can no longer be.
    """

    def __init__(self, checks: Sequence[Check], keeping: Keeping, parallel: int, on_result: OnResult) -> None:
        self._checks = checks
        self._keeping = keeping
        self._places = asyncio.Semaphore(parallel)
        self._on_result = on_result
        self._captured: dict[str, str] = {}
        self._over = {check.name: asyncio.Event() for check in checks}

    async def run(self) -> list[CheckResult]:
        """Run all; return their results in the order of the checks, also when it is cancelled."""
        tasks = [asyncio.create_task(self._run_check(check)) for check in self._checks]
        try:
            await asyncio.gather(*tasks)
        except asyncio.CancelledError:
            await asyncio.wait(tasks)  # each stream ends as interrupted, and says so
        return [
            result_of(check, ()) if task.cancelled() else task.result()
            for check, task in zip(self._checks, tasks, strict=True)
        ]

    async def _run_check(self, check: Check) -> CheckResult:
        try:
            await self._wait_for_needs(check)
            runs: list[Run] = []
            if check.needs <= self._captured.keys():
                made = [
                    asyncio.create_task(self._repeat(check, number + 1)) for number in range(check.repeat)
                ]
                runs = await _all_of(made)
            result = result_of(check, runs)
        finally:
            self._over[check.name].set()
        self._on_result(result)
        return result

    async def _wait_for_needs(self, check: Check) -> None:
        """Wait for whoever captures what a check needs; that is a check before it."""
        for other in self._checks[: self._checks.index(check)]:
            if not check.needs.isdisjoint(capture.name for capture in other.captures):
                await self._over[other.name].wait()

    async def _repeat(self, check: Check, number: int) -> list[Run]:
        """Make one of a check's runs, again while it does not pass and may be retried."""
        runs: list[Run] = []
        for left in range(check.retries, -1, -1):
            async with self._places:
                run, captured = await make_run(check, number, dict(self._captured), self._keeping)
            self._keep(captured)
            again = bool(left) and run.outcome is not Outcome.PASSED and not _was_interrupted(run)
            runs.append(msgspec.structs.replace(run, retried=again))
            if not again:
                break
        return runs

    def _keep(self, captured: Mapping[str, str]) -> None:
        self._captured.update(captured)


def _was_interrupted(run: Run) -> bool:
    return run.exit_code == ExitCode.INTERRUPTED


async def _all_of(tasks: Sequence["asyncio.Task[list[Run]]"]) -> list[Run]:
    """Wait for runs; where that is cancelled, they are too, and those that had begun tell of it."""
    try:
        await asyncio.gather(*tasks)
    except asyncio.CancelledError:
        await asyncio.wait(tasks)
    return [run for task in tasks if not task.cancelled() for run in task.result()]
