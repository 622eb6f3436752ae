"""Tapes that a test makes: served from a thread, or recorded; held against expectations; and grepped."""

import asyncio
import subprocess
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import NamedTuple

from sse_cli.checking.check import Check, Opening
from sse_cli.checking.keeping import KeepNothing
from sse_cli.checking.runner import Runner
from sse_cli.cli import build
from sse_cli.cli.options import FaultOptions, ReadingOptions, RequestOptions
from sse_cli.core.expectations.judge import compile_expectation
from sse_cli.core.faults.table import apply, read_faults
from sse_cli.core.items import Chunk
from sse_cli.core.pace import Pace
from sse_cli.core.pipeline import Plan
from sse_cli.core.recording import Answered, Asked, End, Entry, Head, encode, first_head, gather
from sse_cli.core.results import CheckResult
from sse_cli.deadlines import Limits
from sse_cli.server.http import serve
from sse_cli.server.routes import Routes
from sse_cli.server.tape import tape_of
from tests.e2e.command import ENVIRONMENT, HANGS

STREAM, STARTED = "text/event-stream", "2026-01-02T03:04:05Z"

HEAD_AT, FIRST_AT, PACE = 0.1, 0.15, 0.05
"""Seconds to a tape's head and to its first event, and from one event to the next."""


def tape(*events: bytes, status: int = 200, **headers: str | None) -> list[Entry]:
    """Return a recording of these events, or other pieces of a body, each in a chunk of its own.

    Headers are written with _ for -; it is a stream of events unless they say otherwise, None for not at all.
    """
    given = {"content_type": STREAM, **headers}
    fields = tuple((name.replace("_", "-"), value) for name, value in given.items() if value is not None)
    asked = Asked(method="GET", url="/")
    head = first_head(STARTED, asked, Answered(status=status, headers=fields, at=HEAD_AT))
    chunks = [Chunk(event, FIRST_AT + number * PACE) for number, event in enumerate(events)]
    end = chunks[-1].at if chunks else HEAD_AT
    return [head, *chunks, End(at=end, reason="eof")]


def paced(entries: Sequence[Entry], *pauses: float) -> list[Entry]:
    """Return a tape with these seconds, over and over, between its chunks."""
    chunks, at = [], FIRST_AT
    for number, chunk in enumerate(entry for entry in entries if isinstance(entry, Chunk)):
        chunks.append(Chunk(chunk.data, at))
        at += pauses[number % len(pauses)]
    return [entries[0], *chunks, End(at=chunks[-1].at, reason="eof")]


def harmed(entries: Sequence[Entry], *faults: str) -> list[Entry]:
    """Return a tape with faults, as --fault has them."""
    return list(apply(read_faults(faults), entries, Random(1)))


def stalled(entries: Sequence[Entry], at: float) -> list[Entry]:
    """Return a tape of what never ends: its reader gave up at this time. Served, it is silent for ever."""
    return [*entries, End(at=at, reason="timeout")]


def recorded(path: Path, entries: Sequence[Entry]) -> Path:
    """Write a recording, and return where it is."""
    path.write_bytes(b"".join(map(encode, entries)))
    return path


@contextmanager
def serving(tapes: Mapping[str, Sequence[Entry]]) -> Iterator[str]:
    """Serve tapes by their paths, without their times: no pause is waited for. Give the server's URL."""
    recordings = {path: gather(_at(path, entries)) for path, entries in tapes.items()}
    routes = Routes([tape_of(path, recording, Pace(speed=0.0)) for path, recording in recordings.items()])
    loop, url, over = asyncio.new_event_loop(), "", asyncio.Event()
    ready = threading.Event()

    async def run() -> None:
        nonlocal url
        async with serve(routes) as server:
            url = server.url
            ready.set()
            await over.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=(run(),))
    thread.start()
    try:
        assert ready.wait(HANGS)
        yield url.rstrip("/")
    finally:
        loop.call_soon_threadsafe(over.set)
        thread.join()
        loop.close()


def _at(path: str, entries: Sequence[Entry]) -> list[Entry]:
    """Return a recording as if this path had been asked for."""
    head, *rest = entries
    assert isinstance(head, Head)
    return [first_head(STARTED, Asked(method="GET", url=path), head.response), *rest]


class Checked(NamedTuple):
    """How a check came out: its exit code, and the expectations that do not hold, in their order."""

    code: int
    failed: list[str]


def checked(
    where: str | Path,
    expect: Sequence[str],
    *,
    limits: Limits | None = None,
    plan: Plan | None = None,
    fail_fast: bool = False,
) -> Checked:
    """Check a URL as it comes, or a recording at --speed 0, and so by its exact times."""
    speed = "0" if isinstance(where, Path) else None
    request = RequestOptions(noproxy=None if speed else "*")

    def open_source(_captured: Mapping[str, str]) -> Opening:
        source = build.source(str(where), request, ReadingOptions(speed=speed), FaultOptions())
        return Opening(source, plan or Plan(), limits or Limits())

    check = Check(
        name=str(where),
        source=str(where),
        open=open_source,
        expectations=tuple(map(compile_expectation, expect)),
        fail_fast=fail_fast,
    )
    result = asyncio.run(_run(check))
    (run,) = result.runs
    return Checked(result.exit_code, [each.text for each in run.judgements if not each.holds])


async def _run(check: Check) -> CheckResult:
    (result,) = await Runner([check], KeepNothing(), 1, lambda _: None).run()
    return result


def grepped(url: str, word: str) -> bool:
    """Tell whether `curl -sf URL | grep -q WORD` succeeds; as for a shell, by what grep says.

    With -N curl keeps nothing back, so that grep can say of a stream that goes silent for ever, too.
    """
    command = ["curl", "-sfN", "--noproxy", "*", url]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=ENVIRONMENT) as curl:
        try:
            grep = subprocess.run(["grep", "-q", word], stdin=curl.stdout, check=False, timeout=HANGS)
        finally:
            curl.kill()  # a shell would wait for it, and so for a stream that has gone silent
    return grep.returncode == 0
