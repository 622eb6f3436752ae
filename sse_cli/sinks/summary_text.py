"""The summary for people: the verdict and its reason first, then the figures in a few aligned lines."""

import re
import sys
from collections.abc import Sequence

from sse_cli.core.meter import Figures
from sse_cli.core.metrics import AIPERF
from sse_cli.core.samples import Spread
from sse_cli.core.summary import Summary
from sse_cli.core.verdict import Verdict
from sse_cli.errors import ExitCode
from sse_cli.sinks import attempts_text
from sse_cli.sinks.footer import figure, flow
from sse_cli.text import figures_text
from sse_cli.text.cells import Line, Span, cut, cut_line, on_one_line, width_of, wrap
from sse_cli.text.figures_text import duration
from sse_cli.text.paint import paint

MOST_LINES = 8
MUCH_OVERHEAD = 0.1
"""Seconds that writing took between two reads, from which on the times may be bent by it, and it is said."""
_LABEL = 10
_WORD = 24
"""A finish reason or an error's code is a word, and cut if it is longer than words are."""
_LINE_END = re.compile(r"\s*[\r\n]\s*")  # in JSON it never stands inside a string


def look(verdict: Verdict) -> Span:
    """Return a verdict's sign and style: good, good with a but, or bad."""
    if verdict.name in ("incomplete", "interrupted"):
        return "!", "bold yellow"
    return ("✓", "bold green") if verdict.exit_code is ExitCode.OK else ("✗", "bold red")


def format_summary(
    summary: Summary,
    width: int = 80,
    color: bool = False,
    *,
    whole_calls: bool = False,
    all_attempts: bool = False,
) -> str:
    """Return the summary as at most `MOST_LINES` lines of at most `width` cells, each with its line end.

    With `whole_calls` every tool call has a line, as long as it needs to be, and with `all_attempts` every
    connection, where there were several.
    Wire text in it is made harmless, whatever it is written to. What finds no room on its line is left
    out, the least wanted first.
    """
    above = _reason(summary.verdict, width)
    above += _labelled("answer", _answer(summary), width) + _error(summary)
    below = _labelled("time", _times(summary), width)
    below += _labelled(*_gaps(summary), width) + _labelled("stream", _stream(summary), width)
    has_room = len(above) + len(below) + bool(summary.tool_calls) < MOST_LINES
    if len(summary.attempts) > 1 and (has_room or whole_calls) and not all_attempts:
        below.append(_newest_attempts(summary, width))
    if whole_calls:
        calls = _tool_calls(summary, sys.maxsize, len(summary.tool_calls))
    else:
        calls = _tool_calls(summary, width, MOST_LINES - len(above) - len(below))
    above, below = ([cut_line(line, width) for line in lines] for lines in (above, below))
    if len(summary.attempts) > 1 and all_attempts:
        below += _all_attempts(summary)
    return "".join(paint(line, color) + "\n" for line in (*above, *calls, *below))


def _reason(verdict: Verdict, width: int) -> list[Line]:
    """Return the verdict with its reason, over two lines if it must be."""
    sign, style = look(verdict)
    head: Line = [(f"{sign} {verdict.name}", style), (": ", "")]
    reason = on_one_line(verdict.reason[: width * 4])
    indent = width_of(head)
    if indent + width_of([(reason, "")]) <= width:
        return [[*head, (reason, "")]]
    (_, end), *_ = wrap(reason, max(width - indent, 1))
    return [[*head, (reason[:end], "")], [("  ", ""), (reason[end:].lstrip(), "")]]


def _labelled(label: str, items: Sequence[Line], width: int) -> list[Line]:
    """Return one line of items after their label, or none if there are none."""
    return [[_label(label), *line] for line in flow(items, width - _LABEL - 2, 1)]


def _label(text: str) -> Span:
    return f"  {text:<{_LABEL}}", "dim"


def _answer(summary: Summary) -> list[Line]:
    """Return what the dialect told of the answer."""
    figures, items = summary.figures, []
    if summary.dialect is not None:
        items.append([(summary.dialect, "")])
    if summary.finish is not None:
        items.append(figure("finish", cut(on_one_line(summary.finish), _WORD)))
    guess = "~" if figures.tokens.estimated else ""
    if figures.tokens.output is not None:
        items.append(figure("tokens", f"{guess}{figures.tokens.output:,}"))
    if figures.tokens_per_second is not None:
        items.append([(f"{guess}{figures_text.rate(figures.tokens_per_second, 'tokens')}", "")])
    if summary.usage is not None:
        for name in ("input", "reasoning", "cached"):
            number = getattr(summary.usage, name)
            if number:
                items.append(figure(name, f"{number:,}"))
    return items


def _error(summary: Summary) -> list[Line]:
    """Return the error as far as the reason does not say it."""
    error, line = summary.error, []
    if error is not None and error.code is not None:
        line += figure("code", cut(on_one_line(error.code), _WORD), "red")
    if error is not None and error.message not in summary.verdict.reason:
        line.append((f"{'  ' if line else ''}{on_one_line(error.message)}", "red"))
    return [[_label("error"), *line]] if line else []


def _times(summary: Summary) -> list[Line]:
    figures = summary.figures
    first = "first_content" if figures.first_content is not None else "first_event"
    items = _known(figures, first, "end", "longest_silence", "headers", "connect", "last_content")
    if figures.overhead is not None and figures.overhead.max > MUCH_OVERHEAD:
        items.insert(2, [(f"output held reading up by {duration(figures.overhead.max)}", "yellow")])
    if items and figures.metrics != AIPERF.name:  # another tool's rules, and what is compared by them
        items[:1] = [[(figures.metrics, "")], items[0], *_known(figures, "itl", "tpot")]
    return items


def _known(figures: Figures, *names: str) -> list[Line]:
    """Return those of these times that were measured."""
    return [figure(name, duration(value)) for name in names if (value := getattr(figures, name)) is not None]


def _gaps(summary: Summary) -> tuple[str, list[Line]]:
    """Return the gaps between pieces of content or, where there is no content, between events."""
    figures = summary.figures
    if figures.gap is None and figures.event_gap is not None:
        return "event_gap", _spread(figures.event_gap)
    return "gap", _spread(figures.gap) if figures.gap is not None else []


def _spread(spread: Spread) -> list[Line]:
    few = figures_text.FEW
    items = [
        figure("p50", duration(spread.p50)),
        figure("p90", duration(spread.p90)),
        figure("p99", figures_text.p99(spread)),
        figure("max", duration(spread.max)),
        [*figure("n", f"{spread.n:,}"), (f" (* under {few})" if spread.n < few else "", "dim")],
    ]
    if spread.error:
        items.append([(f"percentiles within {spread.error:.0%}", "dim")])
    return items


def _stream(summary: Summary) -> list[Line]:
    """Return what came over the wire."""
    figures, items = summary.figures, []
    if figures.chunks:
        again = summary.attempts[1:] if figures.reconnects else ()
        odd = {
            "anomaly": figures.anomalies,
            "ping": figures.pings,
            "reconnect": figures.reconnects,
            "duplicate": sum(attempt.duplicates for attempt in summary.attempts),
            "jump": sum(attempt.jumps for attempt in summary.attempts),
            "comment": figures.comments,
        }
        items.append([(figures_text.count(figures.events, "event"), "")])
        items += [[(figures_text.count(number, name), "yellow")] for name, number in odd.items() if number]
        if again:
            items.append([(f"waited {duration(sum(attempt.waited for attempt in again))}", "")])
        items.append([(figures_text.count(figures.chunks, "chunk"), "")])
        items.append([(figures_text.size(figures.bytes), "")])
    if summary.shown is not None and summary.shown < figures.events:
        items.insert(0, [(f"{summary.shown:,} of them chosen", "yellow" if not summary.shown else "")])
        items.insert(0, items.pop(1))
    if figures.burst is not None and figures.burst.max > 1:
        items.append([(f"up to {figures_text.count(figures.burst.max, 'event')} at once", "")])
    content_type = (summary.content_type or "").partition(";")[0].strip()
    answer = filter(None, (str(summary.status or ""), content_type, summary.http_version))
    if summary.status is not None:
        items.append([(on_one_line(" ".join(answer)), "dim")])
    return items


def _newest_attempts(summary: Summary, width: int) -> Line:
    first = summary.figures.reconnects + 2 - len(summary.attempts)
    return [_label("attempts"), *attempts_text.newest(summary.attempts, first, width - _LABEL - 2)]


def _all_attempts(summary: Summary) -> list[Line]:
    """Return a line for every connection, the label before the first."""
    first = summary.figures.reconnects + 2 - len(summary.attempts)
    lines = attempts_text.each(summary.attempts, first)
    return [[_label("" if place else "attempts"), *line] for place, line in enumerate(lines)]


def _tool_calls(summary: Summary, width: int, most: int) -> list[Line]:
    """Return a line for each tool call; the last one says how many there was no room for."""
    calls = summary.as_dict()["tool_calls"] if summary.tool_calls else []
    shown = calls[: max(most, 1)]
    missing = [0] * (len(shown) - 1) + [len(calls) - len(shown)]
    return [_tool_call(call, width, more) for call, more in zip(shown, missing, strict=False)]


def _tool_call(call: dict[str, str], width: int, more: int) -> Line:
    """Return a call's name and arguments, marked where these do not parse, and how many calls follow."""
    after: Line = []
    arguments = call["arguments"][: width * 4]
    if call["complete"]:
        arguments = _LINE_END.sub(" ", arguments)
    elif arguments:
        after.append((" (cut: not valid JSON)", "yellow"))
    if more:
        after.append((f"  +{more} more", "dim"))
    line: Line = [
        _label("tool"),
        (on_one_line(call["name"] or "?"), "magenta"),
        (f" {on_one_line(arguments)}", ""),
    ]
    return cut_line([*cut_line(line, width - width_of(after)), *after], width)
