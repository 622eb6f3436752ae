"""What a stream says: finds its dialect, reads its events by it, and keeps what the parts amount to."""

from collections.abc import Callable, Sequence

from sse_cli.core.answer import Answer
from sse_cli.core.dialects.recognise import Recogniser, dialect
from sse_cli.core.dialects.rules import Reader
from sse_cli.core.items import Anomaly, Done, Event, Failure, Finish, Json, Part, Usage
from sse_cli.core.payload import LazyPayload
from sse_cli.core.wire.sse import SseDecoder

_MOST_STRAY_LINES = 1000


class Interpreter:
    """Shows each event to the dialect: the one of this name, for `auto` one that is recognised, or `none`."""

    def __init__(self, dialect_name: str) -> None:
        self.answer = Answer()
        self.reader: Reader | None = None
        self._recogniser: Recogniser | None = None
        self._stray: list[str] = []  # lines that are no field, while they may become JSON
        if dialect_name == "auto":
            self._recogniser = Recogniser()
        elif dialect_name != "none":
            self.reader = Reader(dialect(dialect_name))

    def read(self, event: Event, payload: Callable[[], Json]) -> tuple[Part, ...]:
        """Return the parts of an event, and keep what they say."""
        reader = self.reader
        if reader is None:
            reader = self._recognise(event, payload)
            if reader is None:
                return ()
        parts = reader.read(event, payload)
        self._take(parts)
        return parts

    def read_anomaly(self, anomaly: Anomaly) -> None:
        """Read what SSE ignores and the dialect does not, for what it says of the whole."""
        match anomaly.kind:
            case "unknown-field":
                name, _, data = anomaly.detail.partition(":")
                if self.reader is not None and name in self.reader.dialect.fields:
                    self._read_aside(name, data.strip(), anomaly.at)
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

    def _recognise(self, event: Event, payload: Callable[[], Json]) -> Reader | None:
        if self._recogniser is None:
            return None
        known = self._recogniser.look(event, payload)
        if known is not None:
            self.reader = Reader(known)
        if known is not None or self._recogniser.tired:
            self._recogniser = None
        return self.reader

    def _read_aside(self, name: str, data: str, at: float) -> None:
        """Read an event that was not dispatched; its text, which nobody sees, does not count."""
        assert self.reader is not None
        event = Event(name, data, None, "", None, b"", at, 0)
        self._take(self.reader.read(event, LazyPayload(data)))

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
    if isinstance(error, dict):
        message, code = error.get("message"), error.get("code", error.get("type"))
    else:
        message = error if error is not None else value.get("message")
        code = value.get("code", value.get("type"))
    if not isinstance(message, str) or not message:
        return None
    return Failure(message, None if code is None else str(code))
