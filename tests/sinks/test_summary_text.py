"""The summary in text: what it names, how it is cut, and how figures are written."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sse_cli.core.answer import MergedToolCall
from sse_cli.core.attempts import Attempt
from sse_cli.core.items import Failure, Usage
from sse_cli.core.meter import Figures, Meter
from sse_cli.core.metrics import AIPERF, GUIDELLM, VLLM, Metrics
from sse_cli.core.samples import Spread
from sse_cli.core.summary import Summary
from sse_cli.core.verdict import VERDICTS, Verdict
from sse_cli.sinks.summary_text import MOST_LINES, format_summary, look
from sse_cli.text import figures_text
from sse_cli.text.cells import width


def figures(
    events: int = 12, content: bool = True, tokens: int | None = None, metrics: Metrics = AIPERF
) -> Figures:
    meter = Meter(10.0, metrics)
    meter.output_tokens = tokens
    meter.note_connected(10.03)
    meter.note_opened(10.1)
    for number in range(events):
        at = 10.4 + number * 0.02
        meter.note_chunk(100, at)
        meter.note_events(1, at)
        if content:
            meter.note_content(1, 1, at)
    meter.note_closed(10.9)
    return meter.figures(0.0)


def summary(**fields: object) -> Summary:
    known: dict[str, object] = {
        "verdict": Verdict("complete", "the end marker came"),
        "url": "http://h/",
        "status": 200,
        "content_type": "text/event-stream; charset=utf-8",
        "http_version": "HTTP/2",
        "dialect": "openai-chat",
        "finish": "stop",
        "error": None,
        "usage": None,
        "tool_calls": (),
        "attempts": (),
        "figures": figures(),
    }
    return Summary(**(known | fields))  # type: ignore[arg-type]


def call(arguments: str, name: str = "weather") -> MergedToolCall:
    return MergedToolCall("1", name, arguments, 0, 0)


def test_the_verdict_comes_first_with_its_reason() -> None:
    assert format_summary(summary()).splitlines()[0] == "✓ complete: the end marker came"


def test_the_figures_have_their_names() -> None:
    text = format_summary(summary())
    for shown in (
        "openai-chat  finish stop  tokens ~12  ~50.0 tokens/s",
        "first_content 400 ms  end 900 ms  longest_silence 300 ms",
        "p50 20 ms  p90 20 ms  p99 20 ms*  max 20 ms  n 11 (* under 100)",
        "12 events  12 chunks  1.2 KB  200 text/event-stream HTTP/2",
    ):
        assert shown in text


def test_another_tools_rules_are_named_with_what_is_compared_by_them() -> None:
    assert "aiperf" not in format_summary(summary())
    by_vllm = format_summary(summary(figures=figures(metrics=VLLM)))
    assert "  time      vllm  first_content 400 ms  itl 20 ms  tpot 20 ms  end 900 ms\n" in by_vllm
    by_guidellm = format_summary(summary(figures=figures(metrics=GUIDELLM)))
    assert "  time      guidellm  first_content 400 ms  itl 20 ms  tpot 52 ms  end 900 ms\n" in by_guidellm
    without_content = format_summary(summary(figures=figures(content=False, metrics=VLLM)))
    assert "  time      vllm  first_event 400 ms  end 900 ms" in without_content


def test_the_rules_stand_in_json_with_every_figure_of_theirs() -> None:
    told = summary(figures=figures(metrics=VLLM)).as_dict()
    assert (told["metrics"], told["first_content"], told["itl"], told["tpot"]) == ("vllm", 0.4, 0.02, 0.02)
    usual = summary().as_dict()
    assert (usual["metrics"], usual["itl"], usual["tpot"]) == ("aiperf", 0.02, None)


def test_a_wide_terminal_is_told_more() -> None:
    assert "headers 100 ms  connect 30 ms  last_content 620 ms" in format_summary(summary(), 120)


def test_the_providers_own_count_is_no_guess() -> None:
    usage = Usage(5003, 359, 0, None, 5362, {})
    text = format_summary(summary(usage=usage, figures=figures(tokens=359)), 120)
    assert "tokens 359  1,627 tokens/s  input 5,003" in text
    assert "reasoning" not in text  # of none there is nothing to say


def test_a_stream_without_content_tells_of_its_events() -> None:
    text = format_summary(summary(dialect=None, finish=None, figures=figures(content=False)))
    assert "first_event 400 ms" in text
    assert "\n  event_gap p50 20 ms" in text
    assert "answer" not in text


def test_what_never_began_is_its_reason_alone() -> None:
    nothing = Meter().figures(0.0)
    told = summary(
        verdict=Verdict("unreachable", "no such host"),
        status=None,
        dialect=None,
        finish=None,
        figures=nothing,
    )
    assert format_summary(told) == "✗ unreachable: no such host\n"


def test_tool_calls_are_told_and_cut_arguments_marked() -> None:
    lines = format_summary(summary(tool_calls=(call('{"city":"Rome"}'), call('{"ci', "time")))).splitlines()
    assert '  tool      weather {"city":"Rome"}' in lines
    assert '  tool      time {"ci (cut: not valid JSON)' in lines


def test_what_must_be_said_of_a_tool_call_survives_long_arguments() -> None:
    calls = tuple(call('{"x": "' + "y" * 300) for _ in range(9))
    lines = [line for line in format_summary(summary(tool_calls=calls)).splitlines() if " tool " in line]
    assert all("… (cut: not valid JSON)" in line for line in lines)
    assert lines[-1].endswith(f"+{9 - len(lines)} more")


def test_calls_are_whole_where_there_is_room_below() -> None:
    long = '{"x": "' + "y" * 300 + '"}'
    calls = tuple(call(long if number else '{"a": 1,\n  "b": "\\n"\r\n}') for number in range(9))
    lines = format_summary(summary(tool_calls=calls), whole_calls=True).splitlines()
    tools = [line.removeprefix("  tool      weather ") for line in lines if " tool " in line]
    assert tools == ['{"a": 1, "b": "\\n" }', *[long] * 8]


def test_an_error_is_said_once() -> None:
    error = Failure("overloaded", "529")
    told = summary(verdict=Verdict("failed", "the stream carried an error: overloaded"), error=error)
    assert format_summary(told).count("overloaded") == 1
    assert "\n  error     code 529\n" in format_summary(told)
    told = summary(verdict=Verdict("interrupted", "Ctrl-C"), error=error)
    assert "\n  error     code 529  overloaded\n" in format_summary(told)


def test_counts_are_told_when_they_are_not_zero() -> None:
    meter = Meter(0.0)
    meter.note_chunk(1, 1.0)
    meter.anomalies, meter.comments, meter.reconnects = 2, 1, 0
    text = format_summary(summary(figures=meter.figures(2.0)))
    assert "2 anomalies  1 comment  1 chunk" in text
    assert "reconnect" not in text


@pytest.mark.parametrize("name", VERDICTS)
def test_every_verdict_looks_as_good_as_its_exit_code(name: str) -> None:
    sign, style = look(Verdict(name, ""))
    good = name in ("complete", "stopped")
    but = name in ("incomplete", "interrupted")
    assert (sign, style) == (
        ("✓", "bold green") if good else ("!", "bold yellow") if but else ("✗", "bold red")
    )


def test_color_changes_nothing_but_the_color() -> None:
    told = summary(tool_calls=(call("{"),), error=Failure("e", "c"))
    colored = format_summary(told, color=True)
    assert colored.startswith("\x1b[1;32m✓ complete\x1b[0m: ")
    assert re.sub(r"\x1b\[[\d;]*m", "", colored) == format_summary(told)


@given(
    text=st.text(max_size=200),
    room=st.integers(24, 220),
    calls=st.lists(st.text(max_size=200), max_size=12),
    name=st.sampled_from(sorted(VERDICTS)),
    connections=st.integers(1, 9),
)
def test_it_keeps_to_its_lines_and_drives_no_terminal(
    text: str, room: int, calls: list[str], name: str, connections: int
) -> None:
    told = summary(
        verdict=Verdict(name, text),
        content_type=text,
        finish=text,
        error=Failure(f"{text} more", text),
        usage=Usage(10**9, 10**9, 10**9, 10**9, None, None),
        tool_calls=tuple(call(arguments, text) for arguments in calls),
        attempts=(Attempt(at=0.0, took=1.0, why=text, events=10**6, missed=("1-9",) * 5),) * connections,
    )
    out = format_summary(told, room)
    assert out.endswith("\n")
    lines = out.removesuffix("\n").split("\n")
    assert len(lines) <= MOST_LINES
    for line in lines:
        assert width(line) <= room
        assert not re.search("[\x00-\x1f\x7f-\x9f\u202e]", line)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (None, "–"),
        (0, "0 ms"),
        (0.0000412, "41 µs"),
        (0.0009996, "1.0 ms"),
        (0.0041, "4.1 ms"),
        (0.00996, "10 ms"),
        (0.412, "412 ms"),
        (0.9996, "1.00 s"),
        (1.238, "1.24 s"),
        (9.996, "10.0 s"),
        (59.96, "1m00s"),
        (90, "1m30s"),
        (3599.6, "1h00m"),
        (7500, "2h05m"),
        (3 * 86400 + 4 * 3600, "3d04h"),
    ],
)
def test_durations(seconds: float | None, text: str) -> None:
    assert figures_text.duration(seconds) == text


@given(st.floats(1e-6, 1e6))
def test_durations_are_short_and_near_the_truth(seconds: float) -> None:
    text = figures_text.duration(seconds)
    units = {"µs": 1e-6, "ms": 1e-3, "s": 1, "m": 60, "h": 3600, "d": 86400}
    read = sum(float(n) * units[u] for n, u in re.findall(r"([\d.]+) ?(µs|ms|s|m|h|d)", text))
    assert len(text) <= 7
    assert abs(read - seconds) <= max(seconds * 0.05, 5e-7)


@pytest.mark.parametrize(
    ("count", "text"),
    [(None, "–"), (0, "0 B"), (999, "999 B"), (999.6, "1.0 KB"), (18_200, "18.2 KB"), (999_960, "1.0 MB"),
     (412_345_678, "412 MB"), (5e15, "5.0 PB"), (5e19, "50000 PB")],
)  # fmt: skip
def test_sizes(count: float | None, text: str) -> None:
    assert figures_text.size(count) == text


@pytest.mark.parametrize(
    ("value", "text"), [(None, "–"), (4.2, "4.20/s"), (47.31, "47.3/s"), (1030, "1,030/s")]
)
def test_rates(value: float | None, text: str) -> None:
    assert figures_text.rate(value) == text


def test_counts_agree_with_their_names() -> None:
    assert figures_text.count(1, "event") == "1 event"
    assert figures_text.count(1200, "anomaly") == "1,200 anomalies"


@pytest.mark.parametrize(("n", "text"), [(99, "1.00 s*"), (100, "1.00 s")])
def test_a_p99_of_few_samples_is_marked(n: int, text: str) -> None:
    assert figures_text.p99(Spread(n, 1, 1, 1, 1, 1, 1, 1, 0)) == text


def test_a_sparkline_has_the_largest_at_the_top() -> None:
    assert figures_text.sparkline([0.0, 0.5, 1.0, 0.25]) == "▁▅█▃"
    assert figures_text.sparkline([0.0, 0.0]) == "▁▁"
    assert figures_text.sparkline([]) == ""


def test_connections_are_told_with_what_was_lost_and_repeated() -> None:
    meter = Meter(10.0)
    meter.note_chunk(10, 10.1)
    meter.reconnects = 2
    attempts = (
        Attempt(at=0.0, took=1.0),
        Attempt(at=2.0, took=1.0, waited=1.0, duplicates=3),
        Attempt(at=5.0, took=1.0, waited=2.0, duplicates=1, jumps=1),
    )
    text = format_summary(summary(attempts=attempts, figures=meter.figures(11.0)), 120)
    assert "2 reconnects  4 duplicates  1 jump  waited 3.00 s" in text


def connections(count: int, **last: object) -> Summary:
    """Return the summary of a run of so many connections; the last is told of by its fields."""
    meter = Meter(10.0)
    meter.reconnects = count - 1
    broke = Attempt(at=0.0, took=1.0, events=3)
    again = Attempt(at=2.0, took=1.0, events=3, why="the connection broke", waited=1.0)
    final: dict[str, object] = {"at": 4.0, "took": 2.0, "events": 5, "why": "no event for 3 s", "waited": 2.0}
    attempts = (broke, *[again] * (count - 2), Attempt(**(final | last)))  # type: ignore[arg-type]
    return summary(attempts=attempts, figures=meter.figures(11.0))


@pytest.mark.parametrize(
    ("count", "room", "line"),
    [
        (2, 80, "#1 3 events: no event for 3 s  #2 5 events"),
        (3, 100, "#1 3 events: the connection broke  #2 3 events: no event for 3 s  #3 5 events"),
        (3, 80, "#1 3 events: the connec…  #2 3 events: no event for 3 s  #3 5 events"),
        (3, 60, "…  #2 3 events: no event for 3 s  #3 5 events"),
        (1000, 60, "…  #999 3 events: no event for …  #1000 5 events"),
        (1000, 40, "…  #1000 5 events"),
    ],
)
def test_the_newest_connections_have_a_line(count: int, room: int, line: str) -> None:
    text = format_summary(connections(count), room)
    assert f"\n  attempts  {line}\n" in text
    assert "attempts" not in format_summary(summary(attempts=(Attempt(at=0.0, took=1.0),)))


def test_what_came_again_or_not_at_all_is_told_of_its_connection() -> None:
    told = connections(2, duplicates=1200, missed=("4-5", "7"), error="overloaded")
    assert "  #2 5 events, 1,200 again, missed 4-5 7: overloaded\n" in format_summary(told, 120)


def test_every_connection_has_a_line_with_all_of_it_where_that_is_asked_for() -> None:
    told = connections(
        3,
        duplicates=1,
        missed=("4-5",),
        method="GET",
        url="http://h/" + "x" * 99,
        last_event_id="7\x1b",
        status=200,
    )
    lines = format_summary(told, 40, all_attempts=True).splitlines()[-3:]
    assert lines == [
        "  attempts  #1 no answer  3 events in 1.00 s: the connection broke",
        "            #2 after 1.00 s no answer  3 events in 1.00 s: no event for 3 s",
        f"            #3 after 2.00 s GET http://h/{'x' * 99} id 7\\x1b 200"
        "  5 events, 1 again, missed 4-5 in 2.00 s",
    ]
