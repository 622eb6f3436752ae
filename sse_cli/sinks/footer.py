"""The footer of the live table: the figures that live, the most wanted first."""

from collections.abc import Sequence

from sse_cli.core.items import Progress
from sse_cli.core.meter import Figures
from sse_cli.core.samples import Spread
from sse_cli.sinks.view import View
from sse_cli.text import figures_text
from sse_cli.text.cells import Line, width_of

_BAR = 20
_BETWEEN: Line = [("  ", "")]


def footer(view: View, room: int, most: int) -> list[Line]:
    """Return at most `most` lines; what finds no room in them is left out."""
    return flow(_items(view), room, most)


def flow(items: Sequence[Line], room: int, most: int) -> list[Line]:
    """Put items side by side, in their order, into at most `most` lines; drop those that do not fit."""
    lines: list[Line] = []
    for item in items:
        for line in lines:
            if width_of(line) + width_of(_BETWEEN) + width_of(item) <= room:
                line += [*_BETWEEN, *item]
                break
        else:
            if len(lines) < most and width_of(item) <= room:
                lines.append(list(item))
    return lines


def figure(name: str, value: str, style: str = "") -> Line:
    """Return a figure with its name before it."""
    return [(f"{name} ", "dim"), (value, style)]


def _items(view: View) -> list[Line]:
    figures = view.figures
    items: list[Line] = [[(figures_text.duration(view.elapsed), "bold")]]
    if view.silence is not None:
        items.append([(f"silent for {figures_text.duration(view.silence)}", "yellow")])
    if view.progress is not None:
        items.append(_progress(view.progress))
    items.append([(figures_text.count(figures.events, "event"), "")])
    if figures.first_content is not None:
        items.append(figure("first_content", figures_text.duration(figures.first_content), "green"))
    items += _rates(figures)
    spread = figures.gap or figures.event_gap
    if spread is not None:
        items.append(_gap("gap" if figures.gap else "event_gap", spread))
        items.append([(figures_text.sparkline(view.gaps), "cyan")])
    if figures.anomalies:
        items.append([(figures_text.count(figures.anomalies, "anomaly"), "yellow")])
    if figures.reconnects:
        items.append([(figures_text.count(figures.reconnects, "reconnect"), "yellow")])
    return items


def _rates(figures: Figures) -> list[Line]:
    items: list[Line] = []
    if figures.tokens_per_second is not None:
        guess = "~" if figures.tokens.estimated else ""
        items.append([(guess + figures_text.rate(figures.tokens_per_second, "tokens"), "")])
    if figures.events_per_second is not None:
        items.append([(figures_text.rate(figures.events_per_second, "events"), "")])
    if figures.bytes_per_second is not None:
        items.append([(f"{figures_text.size(figures.bytes_per_second)}/s", "")])
    return items


def _progress(progress: Progress) -> Line:
    """Return a bar and its figures or, where nobody knows of how much, the figure alone."""
    done, total = progress.done, progress.total
    text = figures_text.progress(done, total)
    if not total or total < 0:
        return figure("progress", text, "green")
    return [(figures_text.bar(figures_text.share_of(done, total), _BAR), "green"), (f" {text}", "")]


def _gap(name: str, spread: Spread) -> Line:
    median, high = figures_text.duration(spread.p50), figures_text.p99(spread)
    return [*figure(f"{name} p50", median), *figure(" p99", high)]
