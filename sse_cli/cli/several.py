"""Several sources in one run: a session for each; they share the output, and the worst verdict counts."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress

from sse_cli.cli import build
from sse_cli.cli.labels import labels, names
from sse_cli.cli.main import report
from sse_cli.cli.options import Groups
from sse_cli.cli.run import Job, prepare, run_sessions
from sse_cli.cli.show import Show, left_to_tell, tell_people
from sse_cli.core.verdict import worst
from sse_cli.errors import SseError, UsageError
from sse_cli.session import Outcome, Session
from sse_cli.sinks.outlet import OutputFailed, ReaderGone
from sse_cli.sinks.summary_file import SummaryFile

OnEnd = Callable[[Job, Outcome], None]


def run(jobs: Sequence[Job]) -> int:
    """Run the jobs side by side and return the exit code. Raises `SseError` for what is wrong before that."""
    _check(jobs)
    jobs = _named(jobs)
    first, ready = jobs[0].groups, [prepare(job) for job in jobs]
    show = Show.of(first.output, first.choosing, has_paths=any(each.plan.paths for each in ready))
    if show.output == "raw":
        raise UsageError(
            "-o raw would mix the bytes of several streams",
            "Give one source, or another output: -o json.",
        )
    summary_file = SummaryFile(first.output.summary)

    def tell(job: Job, outcome: Outcome) -> None:
        with suppress(ReaderGone, OutputFailed):  # who does not hear it has the exit code
            _tell(job, outcome, show, quiet=summary_file.to_stderr)

    at_once = None if show.is_live else tell
    outcomes = asyncio.run(run_sessions(ready, show, lambda sessions: _conduct(sessions, jobs, at_once)))
    if show.is_live:
        for job, outcome in zip(jobs, outcomes, strict=True):
            tell(job, outcome)
    return _end(jobs, outcomes, show, summary_file)


async def _conduct(sessions: Sequence[Session], jobs: Sequence[Job], on_end: OnEnd | None) -> list[Outcome]:
    """Run all to their ends: that of one, however it is, does not end the others."""
    tasks = [
        asyncio.create_task(_run_one(session.run(), job, on_end))
        for session, job in zip(sessions, jobs, strict=True)
    ]
    with suppress(asyncio.CancelledError):  # each is told of it, and ends as interrupted
        await asyncio.gather(*tasks)
    return [task.result() for task in tasks]


async def _run_one(running: Awaitable[Outcome], job: Job, on_end: OnEnd | None) -> Outcome:
    outcome = await running
    if on_end is not None:
        on_end(job, outcome)
    return outcome


def _tell(job: Job, outcome: Outcome, show: Show, *, quiet: bool) -> None:
    """Say how a source ended, with its label."""
    error = left_to_tell(outcome, is_told=False) if quiet else tell_people(outcome, show, job.label)
    if error is not None:
        report(SseError(f"{job.label}: {error.message}", error.hint, error.exit_code))


def _end(jobs: Sequence[Job], outcomes: Sequence[Outcome], show: Show, summary_file: SummaryFile) -> int:
    """Write the summaries, if they are wanted, and return the exit code."""
    verdict = worst([outcome.summary.verdict for outcome in outcomes])
    failed = next((each.exit_code for each in outcomes if isinstance(each.error, OutputFailed)), None)
    code = failed or int(verdict.exit_code) or max(outcome.exit_code for outcome in outcomes)
    sources = [
        {"source": job.name, **outcome.summary.as_dict()} for job, outcome in zip(jobs, outcomes, strict=True)
    ]
    with suppress(ReaderGone):
        summary_file.write({"verdict": verdict.name, "exit_code": code, "sources": sources}, show.err)
    return code


def _named(jobs: Sequence[Job]) -> list[Job]:
    given = [job.name for job in jobs]
    return [
        job._replace(name=name, label=label)
        for job, name, label in zip(jobs, names(given), labels(given), strict=True)
    ]


def _check(jobs: Sequence[Job]) -> None:
    """Refuse what is no source, and what several cannot share. Raises `UsageError`."""
    for job in jobs:
        build.check_source(str(job.where))
    if sum(job.where == "-" for job in jobs) > 1:
        raise UsageError("standard input is given as a source twice", "It can be read once: leave one - out.")
    if any(job.groups.reconnecting.state is not None for job in jobs):
        raise UsageError(
            "--state keeps one id, and there are several sources", "Run them one by one, each with its file."
        )
    if len({_shown(job.groups) for job in jobs}) > 1:
        raise UsageError(
            "the profiles ask for different outputs, and there is one",
            "Say it on the command line: what is given there goes before profiles.",
        )


def _shown(groups: Groups) -> tuple[object, ...]:
    """Return the options that say what all sources share: the output."""
    choosing = groups.choosing
    return groups.output, choosing.fields, choosing.show_all, choosing.choice
