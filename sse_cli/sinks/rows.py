"""Items as rows: one reading of what an item has to tell, for the live table and for plain rows alike."""

from collections.abc import Callable
from typing import Any

import msgspec

from sse_cli.core import payload
from sse_cli.core.items import (
    Anomaly,
    Citation,
    Closed,
    Comment,
    Content,
    Done,
    Extracted,
    Failure,
    Fault,
    Finish,
    Item,
    Meta,
    Opened,
    Part,
    Progress,
    Rate,
    Reading,
    Reasoning,
    Refusal,
    Rejected,
    Source,
    ToolCall,
    Usage,
)
from sse_cli.sinks.lines import to_text
from sse_cli.text import figures_text
from sse_cli.text.cells import Line


class Row(msgspec.Struct, frozen=True):
    """One line of the table. `gap` is the time since the row before; an aside is no event; `source` is who
    speaks, where the stream merges several."""

    number: int | None
    at: float
    gap: float | None
    type: str
    id: str
    part: str
    data: Line
    aside: bool = False
    source: str = ""


class Look(msgspec.Struct, frozen=True):
    """How one kind of part is shown: its style, and its text."""

    style: str
    text: Callable[[Any], str]


LOOKS: dict[type, Look] = {
    Content: Look("", lambda part: part.text),
    Reasoning: Look("dim", lambda part: part.text),
    Refusal: Look("yellow", lambda part: part.text),
    ToolCall: Look("magenta", lambda part: " ".join(filter(None, (part.name, part.arguments)))),
    Usage: Look("cyan", lambda part: _usage(part)),
    Rate: Look("cyan", lambda part: figures_text.rate(part.tokens_per_second, "tokens")),
    Citation: Look("blue", lambda part: payload.encode(part.raw)),
    Progress: Look("dim", lambda part: figures_text.progress(part.done, part.total)),
    Source: Look("cyan", lambda part: part.name),
    Meta: Look("dim", lambda part: f"{part.name}={part.value}"),
    Finish: Look("green", lambda part: f"{part.reason} (cut)" if part.cut else part.reason),
    Failure: Look("bold red", lambda part: f"{part.message} ({part.code})" if part.code else part.message),
    Done: Look("green", lambda part: part.marker),
}
"""How every part of the vocabulary is shown."""

_ASIDES: dict[type, Callable[[Any], str]] = {
    Comment: lambda item: item.text,
    Anomaly: lambda item: f"{item.kind}: {item.detail}" if item.detail else item.kind,
    Opened: lambda item: " ".join(
        filter(None, (str(item.status), item.http_version, item.header("content-type")))
    ),
    Rejected: lambda item: item.data.decode("utf-8", "replace"),
    Fault: lambda item: f"{item.error}; {next_try(item)}",
    Closed: lambda item: f"{item.reason}: {item.detail}" if item.detail else item.reason,
}


def to_row(item: Item, before: float | None, *, named: bool = False, limit: int | None = None) -> Row:
    """Return the row of an item that is no chunk.

    `before` is the time of the row before; `named` puts names before extracted values; at most `limit`
    characters of each text are kept.
    """
    at = time_of(item)
    gap = None if before is None else at - before
    if isinstance(item, Reading):
        event = item.event
        kinds = "+".join(dict.fromkeys(_kind(part) for part in item.parts if type(part) is not Source))
        data = _bounded(_data(item, named), limit)
        type_, id_ = event.type[:limit], (event.id or "")[:limit]
        return Row(event.number, at, gap, type_, id_, kinds, data, source=source_of(item)[:limit])
    text = _ASIDES[type(item)](item)[:limit]
    return Row(None, at, gap, type(item).__name__.lower(), "", "", [(text, "dim")], aside=True)


def next_try(fault: Fault) -> str:
    """Return when another connection is asked for: `again in 1.2 s (2 of 5)`, `anew in 1.2 s`."""
    how_often = f" ({fault.failures} of {fault.retries})" if fault.failures else ""
    return f"{'anew' if fault.anew else 'again'} in {figures_text.duration(fault.retry_in)}{how_often}"


def time_of(item: Item) -> float:
    """Return when an item came."""
    return item.event.at if isinstance(item, Reading) else item.at


def source_of(reading: Reading) -> str:
    """Return who speaks in an event, or nothing where one speaks alone."""
    return next((part.name for part in reading.parts if type(part) is Source), "")


def name(part: Part) -> str:
    """Return a part's name in the vocabulary."""
    return str(part.__struct_config__.tag)


def _kind(part: Part) -> str:
    """Return a part's name, with the choice it belongs to unless that is the first: `content[1]`."""
    choice = getattr(part, "choice", 0)
    return f"{name(part)}[{choice}]" if choice else name(part)


def _data(reading: Reading, named: bool) -> Line:
    """Return what the row is about: what the user asked for, else what the dialect read, else the data."""
    if reading.extracted:
        return _spaced([(_value(found, named), "") for found in reading.extracted])
    told = [part for part in reading.parts if type(part) is not Source]
    if told:
        return _spaced([(LOOKS[type(part)].text(part), LOOKS[type(part)].style) for part in told])
    return [(reading.event.data, "")]


def _bounded(line: Line, limit: int | None) -> Line:
    """Return the first `limit` characters of a line."""
    if limit is None:
        return line
    kept: Line = []
    for text, style in line:
        kept.append((text[:limit], style))
        limit -= len(kept[-1][0])
        if not limit:
            break
    return kept


def _spaced(spans: Line) -> Line:
    first, *rest = spans
    return [first, *((f" {text}", style) for text, style in rest)]


def _value(found: Extracted, named: bool) -> str:
    return f"{found.name}={to_text(found.value)}" if named else to_text(found.value)


def _usage(usage: Usage) -> str:
    counts = {
        "input": usage.input,
        "output": usage.output,
        "reasoning": usage.reasoning,
        "cached": usage.cached,
    }
    return " ".join(f"{name} {number:,}" for name, number in counts.items() if number is not None)
