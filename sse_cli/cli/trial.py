"""Tries a dialect on a recorded body: what it reads in each event, and what that amounts to."""

from collections import Counter
from collections.abc import Callable, Iterator
from typing import BinaryIO

from sse_cli.core.answer import MergedToolCall
from sse_cli.core.dialects.recognise import Recogniser
from sse_cli.core.dialects.rules import Dialect
from sse_cli.core.items import Anomaly, Chunk, Closed, Content, Failure, Item, Reading, Reasoning, Refusal
from sse_cli.core.meter import Meter
from sse_cli.core.payload import LazyPayload
from sse_cli.core.pipeline import Pipeline, Plan
from sse_cli.core.verdict import judge
from sse_cli.errors import ExitCode, UsageError
from sse_cli.sinks.outlet import encode
from sse_cli.sinks.rows import LOOKS, name
from sse_cli.text.cells import cut, on_one_line

_PIECE = 64 * 1024
_TYPE = 16
_DATA = 60
_LABEL = 12


class Trial:
    """Reads one body in one dialect, and writes what comes of it, fit for a terminal. Times play no part."""

    def __init__(self, dialect: Dialect, write: Callable[[bytes], None]) -> None:
        self._dialect = dialect
        self._write = write
        self._pipeline = Pipeline(Plan(dialect=dialect.name, dialects=(dialect,)), Meter(0.0))
        self._recogniser = Recogniser((dialect,))
        self._recognised: tuple[str, int] | None = None  # the dialect that auto takes, and by which event
        self._lengths: Counter[type] = Counter()
        self._failures: list[Failure] = []
        self._anomalies: Counter[str] = Counter()
        self._silent = 0  # events without parts

    def run(self, capture: str) -> int:
        """Read a file, or standard input for `-`; return the exit code. Raises `UsageError`."""
        for data in _pieces(capture):
            self._show(self._pipeline.feed(Chunk(data, 0.0)))
        self._show(self._pipeline.end(0.0))
        self._say(["", *self._summary()])
        nothing = self._silent == self._pipeline.meter.events
        return int(ExitCode.CHECK_FAILED if nothing else ExitCode.OK)

    def _say(self, lines: list[str]) -> None:
        self._write(encode("".join(f"{line.rstrip()}\n" for line in lines)))

    def _show(self, items: list[Item]) -> None:
        lines: list[str] = []
        for item in items:
            if isinstance(item, Reading):
                self._note(item)
                lines += _lines(item)
            elif isinstance(item, Anomaly):
                self._anomalies[item.kind] += 1
        if lines:
            self._say(lines)

    def _note(self, reading: Reading) -> None:
        self._silent += not reading.parts
        for part in reading.parts:
            if isinstance(part, Content | Reasoning | Refusal):
                self._lengths[type(part)] += len(part.text)
            elif isinstance(part, Failure):
                self._failures.append(part)
        if self._recognised is None and not self._recogniser.tired:
            known = self._recogniser.look(reading.event, LazyPayload(reading.event.data))
            if known is not None:
                self._recognised = known.name, reading.event.number

    def _summary(self) -> list[str]:
        answer, events = self._pipeline.answer, self._pipeline.meter.events
        verdict = judge(self._pipeline.close(Closed("eof", "", 0.0)))
        # An error that stands outside of events is known to the answer alone.
        failures = self._failures or ([answer.failure] if answer.failure else [])
        usage = LOOKS[type(answer.usage)].text(answer.usage) if answer.usage else ""
        rows = [
            ("events", f"{events:,}, {self._silent:,} of them without parts"),
            ("text", f"{self._lengths[Content]:,} characters"),
            ("reasoning", f"{self._lengths[Reasoning]:,} characters"),
            ("refusal", f"{self._lengths[Refusal]:,} characters" if self._lengths[Refusal] else ""),
            ("finish", LOOKS[type(answer.finish)].text(answer.finish) if answer.finish else "none"),
            ("usage", usage or "none"),
            *_many("tool call", [_call(call) for call in answer.tool_calls]),
            *_many("error", [LOOKS[Failure].text(failure) for failure in failures]),
            ("end marker", answer.done.marker if answer.done else "none"),
            ("anomalies", ", ".join(f"{kind} {number}" for kind, number in self._anomalies.items())),
            ("verdict", f"{verdict.name}: {verdict.reason}"),
            ("recognised", self._recognition()),
        ]
        return [f"{label:<{_LABEL}}{on_one_line(text)}" for label, text in rows if text]

    def _recognition(self) -> str:
        if self._recognised is None:
            return "no: none of the first events meets a condition of `recognise`"
        name, number = self._recognised
        if name != self._dialect.name:
            return f"no: event {number} is taken for {name}"
        return f"yes, by event {number}"


def _lines(reading: Reading) -> list[str]:
    """Return a line for each part of an event or, where it has none, for its data."""
    event = reading.event
    said = [(name(part), LOOKS[type(part)].text(part)) for part in reading.parts]
    heads = [f"{event.number:>6}  {cut(on_one_line(event.type), _TYPE):<{_TYPE}}"]
    heads += [" " * len(heads[0])] * (len(said) - 1)
    if not said:
        said = [("-", cut(on_one_line(event.data[: _DATA * 4]), _DATA))]
    return [f"{head}  {kind:<9}  {on_one_line(text)}" for head, (kind, text) in zip(heads, said, strict=True)]


def _many(label: str, texts: list[str]) -> list[tuple[str, str]]:
    return [(label, text) for text in texts] or [(label, "none")]


def _call(call: MergedToolCall) -> str:
    return " ".join(filter(None, (call.name or "?", call.arguments)))


def _pieces(capture: str) -> Iterator[bytes]:
    """Give a file's bytes in pieces. Raises `UsageError`."""
    try:
        with _open(capture) as file:
            while data := file.read(_PIECE):
                yield data
    except OSError as error:
        raise UsageError(
            f"cannot read the recorded body {capture}: {error.strerror}",
            "Give a file, or - for stdin.",
        ) from error


def _open(capture: str) -> BinaryIO:
    return open(0, "rb", closefd=False) if capture == "-" else open(capture, "rb")
