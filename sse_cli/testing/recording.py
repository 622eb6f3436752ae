"""A stream that is read to its end and recorded, and what it was."""

import asyncio
import threading
from collections.abc import Coroutine, Mapping, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from sse_cli.core import payload
from sse_cli.core.items import Content, Event, Fault, Item, Reading
from sse_cli.core.meter import Meter
from sse_cli.core.pipeline import Pipeline, Plan
from sse_cli.core.reconnect import Policy
from sse_cli.core.summary import Summary
from sse_cli.deadlines import Limits
from sse_cli.errors import SseError
from sse_cli.reconnecting import Reconnecting
from sse_cli.session import Session
from sse_cli.sinks.recording import RecordFile, RecordingSink
from sse_cli.sources.http import HttpSource
from sse_cli.sources.request import Request

_T = TypeVar("_T")


class Recorded(msgspec.Struct, frozen=True, kw_only=True):
    """A run: its recording at `path`, its events, the text of its dialect, and how it ended.

    `verdict` is a name such as `complete`; `error` is what a person would be told beside it.
    """

    path: Path
    events: tuple[Event, ...]
    text: str
    summary: Summary
    error: SseError | None

    @property
    def verdict(self) -> str:
        """The name of the verdict."""
        return self.summary.verdict.name


def request_of(
    url: str,
    method: str | None = None,
    headers: Mapping[str, str] | None = None,
    body: bytes | str = b"",
    json: object = None,
    last_event_id: str = "",
) -> Request:
    """Return a request; one with a body or `json` is a POST unless a method is given. Raises `UsageError`."""
    headers = dict(headers or {})
    if json is not None:
        body = payload.encode(json)
        headers = {"Content-Type": "application/json", **headers}
    return Request.of(
        url,
        method=method or ("POST" if body else "GET"),
        headers=headers,
        body=body.encode() if isinstance(body, str) else body,
        last_event_id=last_event_id,
    )


async def record(
    request: Request, path: Path, reconnect: Policy | None = None, limits: Limits | None = None
) -> Recorded:
    """Read a stream to its end, and record it. Raises `UsageError` if the file cannot be written."""
    source = HttpSource(request)
    pipeline, heard = Pipeline(Plan(last_event_id=request.last_event_id), Meter()), _Heard()
    recording = RecordingSink(RecordFile(str(path)), pipeline, source.asked)
    again = None
    if reconnect is not None:
        again = Reconnecting(reconnect, source.again, method=source.method, repeats=True)
    session = Session(source, pipeline, [recording, heard], limits or Limits(), reconnecting=again)
    outcome = await session.run()
    return Recorded(
        path=path,
        events=tuple(heard.events),
        text="".join(heard.text),
        summary=outcome.summary,
        error=outcome.error,
    )


class _Heard:
    """A sink that keeps all events, and the text of the answer."""

    interval: float | None = None
    takes_streaks = False

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.text: list[str] = []

    def show(self, items: Sequence[Item]) -> None:
        for item in items:
            if type(item) is Reading:
                self.events.append(item.event)
                self.text += (part.text for part in item.parts if type(part) is Content)
            elif type(item) is Fault and item.anew:
                self.text.clear()

    def tick(self, _now: float) -> None:
        """Do nothing."""

    def close(self, _summary: Summary) -> None:
        """Do nothing."""


def in_thread(work: Coroutine[Any, Any, _T]) -> _T:
    """Return what a coroutine does, run in a thread of its own: the one that asks may have a loop."""
    done: Future[_T] = Future()

    def run() -> None:
        try:
            done.set_result(asyncio.run(work))
        except BaseException as error:
            done.set_exception(error)

    thread = threading.Thread(target=run, name="sse_record", daemon=True)
    thread.start()
    return done.result()
