"""What a stream says: finds its dialect, reads its events by it, and keeps what the parts amount to."""

import re
from collections.abc import Callable, Sequence, Set

from sse_cli.core.answer import Answer
from sse_cli.core.dialects.recognise import Likeness, Recogniser, dialect
from sse_cli.core.dialects.rules import Dialect, Reader
from sse_cli.core.expressions import Expression
from sse_cli.core.items import Anomaly, Content, Done, Event, Failure, Finish, Json, Part, Streak, Usage
from sse_cli.core.payload import LazyPayload
from sse_cli.core.wire.sse import SseDecoder

_MOST_STRAY_LINES = 1000

_BARE_ERROR = re.compile(r'\s*+\{\s*+"error"\s*+:')
_ERROR_NAMES = frozenset(
    (
        "error",
        "error_type",
        "code",
        "type",
        "message",
        "detail",
        "status",
        "status_code",
        "request_id",
        "event_id",
    )
)
"""What a server puts beside an error. An object with more tells of something else, as in a log."""

PINGS = frozenset(("ping", "keep-alive", "keepalive", "keep_alive", "heartbeat"))
"""The names of events that say nothing but that the connection lives, in any dialect and without one."""


class Interpreter:
    """Shows each event to the dialect: the one of this name, for `auto` one that is recognised, or `none`.

    `own` are dialects of the user's. `unlike` is a sentence once the stream is seen to be unlike its dialect;
    whoever tells it takes it away. `pings` counts the events that say nothing but that the connection lives.
    """

    def __init__(self, dialect_name: str, own: Sequence[Dialect] = ()) -> None:
        self.answer = Answer()
        self.reader: Reader | None = None
        self.unlike: str | None = None
        self.pings = 0
        self._no_ping = "message"
        self._likeness: Likeness | None = None
        self._recogniser: Recogniser | None = None
        self._tells_errors = dialect_name != "none"
        self._stray: list[str] = []  # lines that are no field, while they may become JSON
        if dialect_name == "auto":
            self._recogniser = Recogniser(own)
        elif dialect_name != "none":
            mine = next((known for known in own if known.name == dialect_name), None)
            self._read_by(mine or dialect(dialect_name), known=False)

    def read(self, event: Event, payload: Callable[[], Json]) -> tuple[Part, ...]:
        """Return the parts of an event, and keep what they say."""
        reader = self.reader
        if reader is None:
            reader = self._recognise(event, payload)
        if reader is None:
            return self._read_unknown(event, payload)
        parts = reader.read(event, payload)
        if not parts or event.type == "error":
            if is_error(event, payload):
                parts = _with_failure(parts, event, payload)
            elif _is_ping(event, payload, reader.dialect.ping):
                self.pings += 1
        for part in parts:
            if type(part) is not Content:  # which nearly all are, and of which nothing is kept
                self.answer.take(part)
        if self._likeness is not None:
            self._note_likeness(self._likeness, event, payload, parts)
        return parts

    def look_at_headers(self, names: Set[str]) -> None:
        """Try to find the dialect by the names of headers, in lower case, since no event has told it."""
        known = self._recogniser.look_at_headers(names) if self._recogniser is not None else None
        if known is not None:
            self._read_by(known, known=True)
            self._recogniser = None

    def begin_anew(self) -> None:
        """Another answer begins, in the same dialect: forget what is known of this one."""
        self.answer.begin_anew()
        if self.reader is not None:
            self.reader = Reader(self.reader.dialect)

    def find_streak(self, blocks: bytes, at: float, way: Sequence[str | int] | None) -> Streak | None:
        """Return what many blocks of SSE give at once, if that can be told; see `Reader.find_streak`."""
        streak = self.reader.find_streak(blocks, at, way) if self.reader is not None else None
        if streak is not None and self._likeness is not None:
            self._likeness.note_streak()
        return streak

    def _read_unknown(self, event: Event, payload: Callable[[], Json]) -> tuple[Part, ...]:
        """Read an event of a stream without a dialect: all that can be known is an error."""
        if not (self._tells_errors and is_error(event, payload)):
            if event.type != self._no_ping:  # which is quicker to see than whether it is one of them
                if event.type in PINGS:
                    self.pings += 1
                else:
                    self._no_ping = event.type
            return ()
        parts = _with_failure((), event, payload)
        self._take(parts)
        return parts

    def read_anomaly(self, anomaly: Anomaly) -> None:
        """Read what SSE ignores and the dialect does not, for what it says of the whole."""
        match anomaly.kind:
            case "unknown-field":
                name, _, data = anomaly.detail.partition(":")
                if self.reader is not None and name in self.reader.dialect.fields:
                    self._read_aside(name, data.strip(), anomaly.at)
                elif self.reader is None and name == "error" and self._tells_errors:
                    self.read_refusal(data.encode())
                else:
                    self._read_stray(anomaly)
            case "no-data" if self.reader is not None:
                self._read_aside(anomaly.detail, "", anomaly.at)
            case "cut-event":
                self._read_cut(anomaly)

    def read_refusal(self, body: bytes) -> None:
        """Read why a request was refused, where its body says so in the usual words."""
        failure = read_error(LazyPayload(body.decode("utf-8", "replace")))
        if failure is not None:
            self.answer.take(failure)

    def end_array(self) -> None:
        """Note that a JSON array was closed, which is the end marker of a stream that is one."""
        if self.reader is not None:
            self.answer.take(Done("]"))

    def end(self) -> None:
        """Note that no event will come any more."""
        if self._likeness is not None:
            self.unlike = self._likeness.end()

    def _read_by(self, known_dialect: Dialect, *, known: bool) -> None:
        self.reader = Reader(known_dialect)
        self.answer.finish_is_last = known_dialect.finish_is_last
        self._likeness = Likeness(known_dialect, known=known)

    def _note_likeness(
        self, likeness: Likeness, event: Event, payload: Callable[[], Json], parts: Sequence[Part]
    ) -> None:
        self.unlike = likeness.note(event, payload, parts)
        if likeness.settled:
            self._likeness = None

    def _recognise(self, event: Event, payload: Callable[[], Json]) -> Reader | None:
        if self._recogniser is None:
            return None
        known = self._recogniser.look(event, payload)
        if known is not None:
            self._read_by(known, known=True)
        if known is not None or self._recogniser.tired:
            self._recogniser = None
        return self.reader

    def _read_aside(self, name: str, data: str, at: float) -> None:
        """Read an event that was not dispatched; its text, which nobody sees, does not count."""
        assert self.reader is not None
        event = Event(name, data, None, "", None, b"", at, 0)
        payload = LazyPayload(data)
        parts = self.reader.read(event, payload)
        self._take(_with_failure(parts, event, payload) if name == "error" else parts)

    def _read_stray(self, anomaly: Anomaly) -> None:
        """Read an error that stands between events as bare JSON over several lines, as with Google."""
        line = anomaly.detail
        if not self._stray and not line.startswith("{"):
            return
        self._stray.append(line)
        if line.startswith("}") or line.endswith("}"):
            failure = read_error(LazyPayload("\n".join(self._stray)))
            if failure is not None:
                self.answer.take(failure)
                self._stray.clear()
        if len(self._stray) > _MOST_STRAY_LINES:
            self._stray.clear()

    def _read_cut(self, anomaly: Anomaly) -> None:
        """Read how the stream ended, where only the blank line after its last event is missing."""
        for item in SseDecoder().feed(anomaly.detail.encode() + b"\n\n", anomaly.at):
            if isinstance(item, Event):
                payload = LazyPayload(item.data)
                reader = self.reader or self._recognise(item, payload)
                if reader is not None:
                    ends = (Done, Finish, Failure, Usage)
                    self._take([part for part in reader.read(item, payload) if isinstance(part, ends)])

    def _take(self, parts: Sequence[Part]) -> None:
        for part in parts:
            self.answer.take(part)


def is_error(event: Event, payload: Callable[[], Json]) -> bool:
    """Tell whether an event says itself that it is an error: by name, or as JSON that is nothing else."""
    if event.type == "error":
        return True
    if not _BARE_ERROR.match(event.data):
        return False
    try:
        value = payload()
    except ValueError:
        return False
    return isinstance(value, dict) and bool(value["error"]) and value.keys() <= _ERROR_NAMES


def _is_ping(event: Event, payload: Callable[[], Json], tests: Sequence[Expression]) -> bool:
    """Tell whether an event that gave no parts is a ping: by its name, or as its dialect has it."""
    return event.type in PINGS or (bool(tests) and all(test.test(event, payload) for test in tests))


def _with_failure(parts: tuple[Part, ...], event: Event, payload: Callable[[], Json]) -> tuple[Part, ...]:
    """Return the parts of an event that is an error, whatever its dialect has made of it."""
    if any(type(part) is Failure for part in parts):
        return parts
    said = read_error(payload) or Failure(event.data or "an event named error, without a word")
    return (*parts, said)


def read_error(payload: Callable[[], Json]) -> Failure | None:
    """Return the error that a JSON document tells of, in the words that servers use, if it tells of one."""
    try:
        value = payload()
    except ValueError:
        return None
    if isinstance(value, list) and value:  # Google's, once in a while
        value = value[0]
    if not isinstance(value, dict):
        return None
    error = value.get("error", value.get("detail"))
    if error is None and isinstance(errors := value.get("errors"), list) and errors:
        error = errors[0]
    if isinstance(error, dict):
        message, code = error.get("message"), error.get("code", error.get("type"))
    else:
        message = error if error is not None else value.get("message")
        code = value.get("code", value.get("type"))
    if not isinstance(message, str) or not message:
        return None
    return Failure(message, None if code is None else str(code))
