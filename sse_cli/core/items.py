"""The vocabulary: every value that flows from the wire to the screen.

All are small and frozen, and matched by class. They are msgspec structs because one is made per event:
a struct costs a sixth of a named tuple and a tenth of a frozen dataclass. `gc=False` is sound since none
of them can be part of a reference cycle: they hold only values that existed before them. A part carries
its name as a tag, under which it stands in JSON.

Times (`at`) are seconds of the monotonic clock.
"""

from typing import Any, TypeAlias

import msgspec

Json: TypeAlias = Any
"""What a JSON decoder gives: dict, list, str, int, float, bool or None."""


class Chunk(msgspec.Struct, frozen=True, gc=False):
    """The bytes that one read of the connection gave, and when they arrived."""

    data: bytes
    at: float


class Sent(msgspec.Struct, frozen=True, gc=False):
    """The head of a request, as it went over the wire: `headers` keep its order and its spelling."""

    method: str
    target: str
    http_version: str
    headers: tuple[tuple[str, str], ...]


class Opened(msgspec.Struct, frozen=True, gc=False):
    """The response's head came. `headers` keep the order and the spelling of the wire.

    The request was about to be sent at `started_at`, and the connection stood at `connected_at`. `sent` is
    what it answers, if that is known.
    """

    status: int
    headers: tuple[tuple[str, str], ...]
    http_version: str
    url: str
    at: float
    started_at: float | None = None
    connected_at: float | None = None
    sent: Sent | None = None

    def header(self, name: str) -> str | None:
        """Return the first value of a header, its name in any case, or None."""
        wanted = name.lower()
        return next((value for key, value in self.headers if key.lower() == wanted), None)


class Event(msgspec.Struct, frozen=True, gc=False):
    """One dispatched event, as WHATWG's HTML standard defines it (section 9.2.6).

    `id` and `retry` are what this event's own block sent, or None; `last_event_id` is the id in force
    after it. `raw` is the block's exact bytes, its blank line included. `number` counts from 1.
    """

    type: str
    data: str
    id: str | None
    last_event_id: str
    retry: int | None
    raw: bytes
    at: float
    number: int


class Comment(msgspec.Struct, frozen=True, gc=False):
    """A line that starts with a colon; `text` is what follows the colon, less one space."""

    text: str
    at: float


class Anomaly(msgspec.Struct, frozen=True, gc=False):
    """What a reader must ignore by the standard, or had to work around, kept for the user's eyes.

    `kind` is one of `ANOMALIES`; `detail` shows what was seen.
    """

    kind: str
    detail: str
    at: float


ANOMALIES = {
    "unknown-field": "a line whose field name the standard does not know; detail is the line",
    "no-data": "a block without data, which is not dispatched; detail is the event type it names",
    "bad-retry": "a retry field that is not all ASCII digits; detail is its value",
    "nul-in-id": "an id with a NUL character, which is ignored",
    "invalid-utf8": "bytes that are not UTF-8, read as U+FFFD; detail shows the text",
    "cut-event": "the stream ended inside an event, which is dropped; detail is what had come of it",
    "bad-json": "a record of a JSON stream that cannot be decoded; detail is the record",
    "sniffed": "the format was told by the body's first bytes, not by the content type",
    "unlike-dialect": "many events that do not fit the dialect the stream is read in; told once",
}
"""Every kind of anomaly, and what it means."""


class Content(msgspec.Struct, frozen=True, gc=False, tag_field="part", tag="content"):
    """A piece of the answer's text."""

    text: str
    choice: int = 0


class Reasoning(msgspec.Struct, frozen=True, gc=False, tag_field="part", tag="reasoning"):
    """A piece of the text a model thinks aloud before or between its answer."""

    text: str
    choice: int = 0


class Refusal(msgspec.Struct, frozen=True, gc=False, tag_field="part", tag="refusal"):
    """A piece of the text with which a model declines."""

    text: str
    choice: int = 0


class ToolCall(msgspec.Struct, frozen=True, gc=False, tag_field="part", tag="tool_call"):
    """A piece of a tool call. Pieces of one call share `choice` and `index`; `arguments` are to be joined."""

    index: int
    id: str | None = None
    name: str | None = None
    arguments: str = ""
    choice: int = 0


class Usage(msgspec.Struct, frozen=True, tag_field="part", tag="usage"):
    """Token counts as the provider states them, under one set of names; `raw` is its own object."""

    input: int | None
    output: int | None
    reasoning: int | None
    cached: int | None
    total: int | None
    raw: Json


class Rate(msgspec.Struct, frozen=True, gc=False, tag_field="part", tag="rate"):
    """The server's own word on its speed, in tokens per second."""

    tokens_per_second: float


class Citation(msgspec.Struct, frozen=True, tag_field="part", tag="citation"):
    """A source that the answer names, as the provider describes it."""

    raw: Json


class Progress(msgspec.Struct, frozen=True, gc=False, tag_field="part", tag="progress"):
    """How far the server has come, in its own units: `done` of `total`, or of nobody knows how much."""

    done: float
    total: float | None = None


class Source(msgspec.Struct, frozen=True, gc=False, tag_field="part", tag="source"):
    """Who speaks in this event, where one stream merges several sources."""

    name: str


class Meta(msgspec.Struct, frozen=True, gc=False, tag_field="part", tag="meta"):
    """A fact about the answer, such as its model or its id."""

    name: str
    value: str


class Finish(msgspec.Struct, frozen=True, gc=False, tag_field="part", tag="finish"):
    """The provider's word on why a choice ended; `cut` when that word means the answer is not whole."""

    reason: str
    choice: int = 0
    cut: bool = False


class Failure(msgspec.Struct, frozen=True, gc=False, tag_field="part", tag="failure"):
    """An error that the stream itself carried."""

    message: str
    code: str | None = None


class Done(msgspec.Struct, frozen=True, gc=False, tag_field="part", tag="done"):
    """The dialect's end marker."""

    marker: str


Part: TypeAlias = (
    Content
    | Reasoning
    | Refusal
    | ToolCall
    | Usage
    | Rate
    | Citation
    | Progress
    | Source
    | Meta
    | Finish
    | Failure
    | Done
)


class Extracted(msgspec.Struct, frozen=True):
    """A value that one of the user's paths found; `name` is the path's name, or its text."""

    name: str
    value: Json


class Reading(msgspec.Struct, frozen=True):
    """One event, with all that was read out of it."""

    event: Event
    parts: tuple[Part, ...] = ()
    extracted: tuple[Extracted, ...] = ()


class Streak(msgspec.Struct, frozen=True):
    """Events of one read, each like the one before but for one text: the `kind` of part that each gives.

    They stand for as many readings, which would take five times as long to make. `raw` is all of their
    bytes: blocks of one data line, which an event line may precede. Given only where every sink takes it.
    """

    texts: list[str]
    kind: type[Content] | type[Reasoning] | type[Refusal]
    choice: int
    raw: bytes
    at: float


class Rejected(msgspec.Struct, frozen=True, gc=False):
    """Bytes of a body that says why the request was refused: they are no part of a stream."""

    data: bytes
    at: float


class Closed(msgspec.Struct, frozen=True, gc=False):
    """The stream ended. `reason` is one of `ENDINGS`; `detail` says more, for people."""

    reason: str
    detail: str
    at: float


class Fault(msgspec.Struct, frozen=True, gc=False):
    """A connection ended, and another will be asked for in `retry_in` seconds; `error` says how it ended.

    So many `failures` in a row there were, of as many `retries`; 0 where it was none. The answer may begin
    `anew`, so that what came of it is no part of it any more.
    """

    error: str
    retry_in: float
    at: float
    failures: int = 0
    retries: int = 0
    anew: bool = False


ENDED = "the server ended the response"
"""The `error` of a `Fault` that was none: the connection ended in good order."""

ENDINGS = {
    "eof": "the server ended the response properly",
    "cut": "the connection broke, or the body ended before its stated length",
    "timeout": "one of the time limits passed",
    "stopped": "the user's limit, --until, or the reader of the pipe ended it",
    "interrupted": "Ctrl-C",
}
"""Every reason a stream can end for, and what it means."""

WireItem: TypeAlias = Event | Comment | Anomaly | Streak
"""What a wire decoder gives."""

Item: TypeAlias = Chunk | Opened | Rejected | Reading | Streak | Comment | Anomaly | Fault | Closed
"""What the sinks are shown."""
