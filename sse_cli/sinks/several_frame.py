"""The layout of the live table of several sources: what is known and a size in, lines out."""

from collections.abc import Collection, Sequence

import msgspec

from sse_cli.core.meter import Figures
from sse_cli.sinks.columns import table
from sse_cli.sinks.footer import figure, flow
from sse_cli.sinks.frame import ALL
from sse_cli.sinks.rows import Row
from sse_cli.sinks.tail import Tail
from sse_cli.text import figures_text
from sse_cli.text.cells import Line, Span, cut_line, on_one_line, pad, width, width_of

_LANES_SHARE = 3
"""The lines that say how sources stand take a third of the window at most."""
_WIDEST_LABEL = 40
_LEAST_TEXT = 2
"""Lines that a source's text has at least, its title included: without room for them it is not shown."""


class Lane(msgspec.Struct, frozen=True, kw_only=True):
    """What is shown of one source: how it stands, what came, and below the rows its `text` and `calls`."""

    label: str
    state: Span
    answer: Sequence[str]
    figures: Figures
    silence: float | None
    text: Tail
    calls: Tail


class SeveralView(msgspec.Struct, frozen=True, kw_only=True):
    """One frame's content. `start` is when the first request was sent, on the clock of the rows."""

    lanes: Sequence[Lane]
    start: float
    elapsed: float
    rows: Collection[Row] = ()
    widths: dict[str, int] = {}
    final: bool = False


def lay_out_several(view: SeveralView, room: int, height: int) -> list[Line]:
    """Return the lines of a frame, at most `height` of them, none wider than `room` cells.

    The final frame has all of each text that is kept, and so may be longer: it is there to be read.
    """
    rule: Line = [("─" * room, "dim")]
    top = _standing(view.lanes, room, max(height // _LANES_SHARE, 1))
    bottom = [] if view.final else flow(_totals(view), room, 1)
    left = height - len(top) - len(bottom) - 1 - bool(bottom)
    texts = _texts(view, room, left)
    rows_left = max(left - len(texts) - bool(texts), left // 2)
    rows = table(view.rows, view.start, view.widths, room, rows_left, titled=height > _LANES_SHARE * 4)
    parts = [part for part in (top, rows, texts, bottom) if part]
    lines = [line for part in parts for line in (rule, *part)][1:]
    lines = [cut_line(line, room) for line in lines]
    return lines if view.final else lines[: max(height, 0)]


def _standing(lanes: Sequence[Lane], room: int, most: int) -> list[Line]:
    """Return a line for each source and, where there are too many, one that says of how many."""
    shown = lanes if len(lanes) <= most else lanes[: most - 1]
    widest = min(max((width(on_one_line(lane.label)) for lane in lanes), default=0), _WIDEST_LABEL)
    lines = [_stands(lane, widest, room) for lane in shown]
    if len(shown) < len(lanes):
        lines.append([(f"… and {len(lanes) - len(shown)} more", "dim")])
    return lines


def _stands(lane: Lane, widest: int, room: int) -> Line:
    text, style = lane.state
    head: Line = [
        (pad(text, 14), style),
        ("  ", ""),
        (pad(on_one_line(lane.label), widest), "bold"),
        ("  ", ""),
    ]
    return [*head, *next(iter(flow(_items(lane), max(room - width_of(head), 0), 1)), [])]


def _items(lane: Lane) -> list[Line]:
    """Return what is worth knowing of a source, the most wanted first."""
    figures = lane.figures
    items: list[Line] = []
    if lane.silence is not None:
        items.append([(f"silent for {figures_text.duration(lane.silence)}", "yellow")])
    items.append([(figures_text.count(figures.events, "event"), "")])
    if figures.first_content is not None:
        items.append(figure("first_content", figures_text.duration(figures.first_content), "green"))
    elif figures.first_event is not None:
        items.append(figure("first_event", figures_text.duration(figures.first_event)))
    if figures.tokens_per_second is not None:
        guess = "~" if figures.tokens.estimated else ""
        items.append([(guess + figures_text.rate(figures.tokens_per_second, "tokens"), "")])
    elif figures.events_per_second is not None:
        items.append([(figures_text.rate(figures.events_per_second, "events"), "")])
    spread = figures.gap or figures.event_gap
    if spread is not None:
        items.append(figure("gap p50", figures_text.duration(spread.p50)))
        items.append(figure("p99", figures_text.p99(spread)))
    if figures.reconnects:
        items.append([(figures_text.count(figures.reconnects, "reconnect"), "yellow")])
    if lane.answer:
        items.append([(" · ".join(on_one_line(fact) for fact in lane.answer), "dim")])
    return items


def _texts(view: SeveralView, room: int, height: int) -> list[Line]:
    """Return the text of each source that has any, below its label: together half of the window at least."""
    lanes = [(lane, _said(lane, room, ALL if view.final else height)) for lane in view.lanes]
    lanes = [(lane, said) for lane, said in lanes if said]
    if not lanes:
        return []
    free = height - len(view.rows) - 2  # the rows' titles, and the rule between
    share = ALL if view.final else max(height // 2, free) // len(lanes)
    if share < _LEAST_TEXT:
        return []
    lines: list[Line] = []
    for lane, said in lanes:
        lines += [[(on_one_line(lane.label), "cyan")], *said[-(share - 1) :]]
    return lines


def _said(lane: Lane, room: int, most: int) -> list[Line]:
    return [*lane.text.last_lines(room, most), *lane.calls.last_lines(room, most)][-most:] if most > 0 else []


def _totals(view: SeveralView) -> list[Line]:
    """Return what all sources amount to."""
    all_figures = [lane.figures for lane in view.lanes]
    items: list[Line] = [[(figures_text.duration(view.elapsed), "bold")]]
    items.append([(figures_text.count(len(view.lanes), "source"), "")])
    items.append([(figures_text.count(sum(figures.events for figures in all_figures), "event"), "")])
    items.append([(figures_text.rate(sum(it.events_per_second or 0.0 for it in all_figures), "events"), "")])
    rate = sum(figures.bytes_per_second or 0.0 for figures in all_figures)
    items.append([(f"{figures_text.size(rate)}/s", "")])
    return items
