"""Every tool's figures as its own code gives them, of the same chunks at the same times; and each rule alone.

The numbers of `THEIRS` were got once by running that code, unchanged, on the chunks of `answers`, its clock
set to their times: the tools need hundreds of packages. They are in the tool's own unit.
"""

import json
import math
from collections.abc import Callable

import pytest

from sse_cli.core.extract import parse_named
from sse_cli.core.items import Chunk, Content, Json, Opened, Part, Reasoning, ToolCall
from sse_cli.core.meter import Figures, Meter
from sse_cli.core.metrics import (
    AIPERF,
    GUIDELLM,
    METRICS,
    VLLM,
    Metrics,
    Output,
    mean_gap,
    per_later_token,
    per_token,
    untold,
)
from sse_cli.core.pipeline import Pipeline, Plan
from sse_cli.core.samples import Samples, Spread
from tests.core.answers import EVEN, EVEN_START, ODD, ODD_START, Chunks, call, event

RECORDINGS = {"even": (EVEN_START, EVEN), "odd": (ODD_START, ODD)}
GAPS = ("n", "mean", "p50", "p90", "p95", "p99", "max")

# AIPerf 0.13.0, in nanoseconds, its numbers being whole ones until they are divided. Messages from
# transports/sse_utils.py AsyncSSEStreamReader, through endpoints/openai_chat.py ChatEndpoint.parse_response;
# then, with 22 tokens, _parse_record of TTFTMetric, TimeToFirstOutputTokenMetric, RequestLatencyMetric,
# InterTokenLatencyMetric, InterChunkLatencyMetric; gaps: metrics/metric_dicts.py metric_result_from_array.
THEIRS_AIPERF = {
    "even": {
        "first": 496093750,
        "answer": 548828125,
        "last": 746093750,
        "itl": 11904761.904761905,
        "n": 10,
        "mean": 25000000.0,
        "stdev": 24686758.29582025,
        "min": 0.0,
        "p50": 20507812.5,
        "p90": 55664062.49999999,
        "p95": 68847656.24999997,
        "p99": 79394531.25,
        "max": 82031250.0,
    },
    "odd": {
        "first": 602411800,
        "answer": 666447700,
        "last": 905989400,
        "itl": 14456076.19047619,
        "n": 10,
        "mean": 30357760.0,
        "stdev": 29977387.34090081,
        "min": 0.0,
        "p50": 24902850.0,
        "p90": 67593449.99999999,
        "p95": 83602424.99999997,
        "p99": 96409605.0,
        "max": 99611400.0,
    },
}

# vLLM 0.33.0, in seconds and, from calculate_metrics, in milliseconds. RequestFuncOutput of
# benchmarks/lib/endpoint_request_func.py async_request_openai_chat_completions; mean_itl_ms, mean_tpot_ms and
# percentiles_itl_ms of benchmarks/serve.py calculate_metrics.
THEIRS_VLLM = {
    "even": {
        "first": 0.529296875,
        "last": 0.74609375,
        "tpot": 10.323660714285714,
        "gaps": 11,
        "mean": 19.70880681818182,
        "p50": 15.625,
        "p90": 52.734375,
        "p95": 65.4296875,
        "p99": 75.5859375,
    },
    "odd": {
        "first": 0.6427306999999018,
        "last": 0.9059893999999531,
        "tpot": 12.536128571431012,
        "gaps": 11,
        "mean": 23.93260909091375,
        "p50": 18.97359999998116,
        "p90": 64.03590000013537,
        "p95": 79.45195000002059,
        "p99": 91.78478999992878,
    },
}

# guidellm 0.8.1, in milliseconds, gaps in seconds. backends/openai/http.py _resolve_streaming, with
# ChatCompletionsRequestHandler; then schemas/base/request_stats.py GenerativeRequestStats. It has no gaps:
# those between its token iterations went through schemas/base/statistics.py DistributionSummary.from_values.
THEIRS_GUIDELLM = {
    "even": {
        "first": 496.09375,
        "answer": 548.828125,
        "itl": 11.904761904761905,
        "tpot": 33.91335227272727,
        "n": 11,
        "mean": 0.022727272727272728,
        "min": 0.0,
        "p50": 0.01953125,
        "p90": 0.052734375,
        "p95": 0.078125,
        "p99": 0.078125,
        "max": 0.078125,
    },
    "odd": {
        "first": 602.4118000000271,
        "answer": 666.4476999999351,
        "itl": 14.456076190472665,
        "tpot": 41.18133636363423,
        "n": 11,
        "mean": 0.027597963636356908,
        "min": 0.0,
        "p50": 0.023717000000033295,
        "p90": 0.06403590000013537,
        "p95": 0.0948679999999058,
        "p99": 0.0948679999999058,
        "max": 0.0948679999999058,
    },
}


def measured(metrics: Metrics, start: float, chunks: Chunks, dialect: str = "auto") -> Figures:
    pipeline = Pipeline(Plan(metrics=metrics, dialect=dialect), Meter(start))
    pipeline.open(Opened(200, (("Content-Type", "text/event-stream"),), "HTTP/1.1", "http://h/", start))
    for at, data in chunks:
        pipeline.feed(Chunk(data, at))
    pipeline.end(chunks[-1][0])
    return pipeline.meter.figures(chunks[-1][0])


def gap(figures: Figures) -> Spread:
    assert figures.gap is not None
    return figures.gap


def same(ours: float | None, theirs: float) -> bool:
    """Tell whether two numbers are the same but for the last digit of a double."""
    return ours is not None and abs(ours - theirs) <= math.ulp(theirs)


def shown(seconds: float | None) -> float:
    """Return a time as the summary gives it: to the microsecond."""
    assert seconds is not None
    return round(seconds, 6)


@pytest.mark.parametrize("name", RECORDINGS)
def test_aiperf(name: str) -> None:
    theirs = THEIRS_AIPERF[name]
    figures = measured(AIPERF, *RECORDINGS[name])
    assert gap(figures).n == theirs["n"]
    for ours, there in (
        (figures.first_content, "first"),
        (figures.first_answer, "answer"),
        (figures.last_content, "last"),
        (figures.itl, "itl"),
        *((getattr(gap(figures), field), field) for field in (*GAPS[1:], "min", "stdev")),
    ):
        # A nanosecond is no double's fraction of a second, so past the microsecond nothing can be the same.
        assert shown(ours) == shown(theirs[there] / 1e9), there
        assert ours == pytest.approx(theirs[there] / 1e9, rel=1e-9), there
    assert figures.tpot is None


def test_aiperf_has_the_same_double_where_nanoseconds_are_exact() -> None:
    theirs = THEIRS_AIPERF["even"]
    figures = measured(AIPERF, EVEN_START, EVEN)
    exact = (figures.first_content, figures.first_answer, figures.last_content, gap(figures).mean)
    assert exact == tuple(theirs[there] / 1e9 for there in ("first", "answer", "last", "mean"))
    assert same(figures.itl, theirs["itl"] / 1e9)  # theirs is divided in nanoseconds


@pytest.mark.parametrize("name", RECORDINGS)
def test_vllm(name: str) -> None:
    theirs = THEIRS_VLLM[name]
    figures = measured(VLLM, *RECORDINGS[name])
    assert (figures.first_content, figures.last_content) == (theirs["first"], theirs["last"])
    assert gap(figures).n == theirs["gaps"]
    assert figures.tpot is not None
    assert figures.itl is not None
    assert figures.tpot * 1000 == theirs["tpot"]
    assert figures.itl * 1000 == theirs["mean"]
    for rank in ("p50", "p90", "p95", "p99"):
        assert getattr(gap(figures), rank) * 1000 == theirs[rank], rank


@pytest.mark.parametrize("name", RECORDINGS)
def test_guidellm(name: str) -> None:
    theirs = THEIRS_GUIDELLM[name]
    figures = measured(GUIDELLM, *RECORDINGS[name])
    assert figures.first_content is not None
    assert figures.first_answer is not None
    assert (figures.first_content * 1000, figures.first_answer * 1000) == (theirs["first"], theirs["answer"])
    assert figures.itl is not None
    assert figures.tpot is not None
    # Theirs are times of the clock, and turned into milliseconds before they are divided.
    assert same(figures.itl * 1000, theirs["itl"])
    assert same(figures.tpot * 1000, theirs["tpot"])
    assert gap(figures).n == theirs["n"]
    assert same(gap(figures).mean, theirs["mean"])  # theirs adds up shares, each of them rounded
    for rank in ("p50", "p90", "p95", "p99", "min", "max"):
        assert getattr(gap(figures), rank) == theirs[rank], rank


def counted(metrics: Metrics, event_bytes: bytes) -> tuple[bool, bool]:
    """Tell whether an event is output, and whether it is an answer, with a chat's opening before it."""
    opening = event({"role": "assistant"})
    figures = measured(metrics, 0.0, [(1.0, opening), (2.0, event_bytes)])
    return figures.first_content == 2.0, figures.first_answer == 2.0


EVENTS: dict[str, tuple[bytes, dict[str, tuple[bool, bool]]]] = {
    # name: (event, {tool: (is output, is an answer)}), for aiperf, vllm and guidellm
    "text": (
        event({"content": "a"}),
        {"aiperf": (True, True), "vllm": (True, True), "guidellm": (True, True)},
    ),
    "a role and nothing": (
        event({"role": "assistant", "content": ""}),
        {"aiperf": (False, False), "vllm": (False, False), "guidellm": (False, False)},
    ),
    "an empty text": (
        event({"content": ""}),
        {"aiperf": (False, False), "vllm": (True, False), "guidellm": (False, False)},
    ),
    "no text": (
        event({"content": None}),
        {"aiperf": (False, False), "vllm": (False, False), "guidellm": (False, False)},
    ),
    "reasoning": (
        event({"reasoning": "a"}),
        {"aiperf": (True, False), "vllm": (True, False), "guidellm": (True, False)},
    ),
    "reasoning by its other name": (
        event({"reasoning_content": "a"}),
        {"aiperf": (True, False), "vllm": (False, False), "guidellm": (True, False)},
    ),
    "reasoning and text": (
        event({"reasoning": "a", "content": "b"}),
        {"aiperf": (True, True), "vllm": (True, True), "guidellm": (True, True)},
    ),
    "a call": (
        event(call(name="f")),
        {"aiperf": (True, True), "vllm": (True, True), "guidellm": (True, True)},
    ),
    "a piece of a call with nothing in it": (
        event(call(arguments="")),
        {"aiperf": (False, False), "vllm": (True, True), "guidellm": (True, True)},
    ),
    "the closing": (
        event({}, finish="stop"),
        {"aiperf": (False, False), "vllm": (False, False), "guidellm": (False, False)},
    ),
    "usage": (
        event(None, usage={"completion_tokens": 3}),
        {"aiperf": (False, False), "vllm": (False, False), "guidellm": (False, False)},
    ),
    "the end": (
        b"data: [DONE]\n\n",
        {"aiperf": (False, False), "vllm": (False, False), "guidellm": (False, False)},
    ),
}


@pytest.mark.parametrize("tool", METRICS)
@pytest.mark.parametrize("name", EVENTS)
def test_what_counts_as_output(name: str, tool: str) -> None:
    data, expected = EVENTS[name]
    assert counted(METRICS[tool], data) == expected[tool]


def payload(value: Json) -> Callable[[], Json]:
    return lambda: value


def no_json() -> Json:
    return json.loads("no JSON")


@pytest.mark.parametrize(
    ("parts", "value", "expected"),
    [
        ((Content(""),), {"choices": [{"text": ""}]}, 1),  # of the old completions every choice
        ((), {"choices": [{"index": 0}]}, 0),
        ((), {"choices": []}, 0),
        ((), {"choices": ["a"]}, 0),
        ((), ["a"], 0),
        ((Content("a"),), {"type": "content_block_delta"}, 1),  # of other formats what the dialect reads
        ((Reasoning("a"),), {"type": "content_block_delta"}, 1),
        ((Content("a", choice=1),), {"choices": [{"delta": {}}, {"delta": {"content": "a"}}]}, 0),
        ((), {"choices": [{"delta": {"function_call": {"name": "f"}}}]}, 1),
    ],
)
def test_vllm_looks_at_the_first_choice(parts: tuple[Part, ...], value: Json, expected: int) -> None:
    assert VLLM.count(parts, payload(value))[0] == expected


def test_vllm_takes_what_is_no_json_as_the_dialect_does() -> None:
    assert VLLM.count((), no_json) == (0, 0)
    assert VLLM.count((Content("a"),), no_json) == (1, 1)


def test_the_others_never_decode() -> None:
    for metrics in (AIPERF, GUIDELLM):
        assert metrics.count((Reasoning("a"), ToolCall(0, name="f")), no_json) == (1, 1)


def output(tokens: int | None, gaps: tuple[float, ...] = ()) -> Output:
    samples = Samples()
    for number in gaps:
        samples.add(number)
    return Output(1.0, 3.0, tokens, samples.spread())


def test_the_formulas() -> None:
    assert (per_later_token(output(5)), per_later_token(output(1)), per_later_token(output(None))) == (
        0.5,
        None,
        None,
    )
    assert (per_token(output(4)), per_token(output(0)), per_token(output(None))) == (0.75, None, None)
    assert (mean_gap(output(None, (0.5, 1.5))), mean_gap(output(9))) == (1.0, None)
    assert untold(output(9)) is None


def test_speed_is_in_tokens_whatever_the_tool_calls_itl() -> None:
    speeds = [
        measured(
            metrics,
            0.0,
            [
                (1.0, event({"content": "a"})),
                (2.0, event({"content": "b"})),
                (3.0, event({"content": "c"}) + event(None, usage={"completion_tokens": 9})),
            ],
        ).tokens_per_second
        for metrics in METRICS.values()
    ]
    assert speeds == [4.0, 4.0, 4.0]


@pytest.mark.parametrize("metrics", METRICS.values(), ids=list(METRICS))
def test_without_a_dialect_the_paths_tell(metrics: Metrics) -> None:
    pipeline = Pipeline(Plan(metrics=metrics, paths=(parse_named("$.v"),)), Meter(0.0))
    pipeline.open(Opened(200, (("Content-Type", "text/event-stream"),), "HTTP/1.1", "http://h/", 0.5))
    for at, data in (
        (1.0, b'data: {"v": ""}\n\n'),
        (2.0, b'data: {"v": "x"}\n\n'),
        (3.0, b'data: {"v": 1}\n\n'),
    ):
        pipeline.feed(Chunk(data, at))
    figures = pipeline.meter.figures(4.0)
    assert (figures.metrics, figures.first_content, figures.last_content) == (metrics.name, 2.0, 3.0)
    assert (figures.itl, figures.tpot) == (1.0 if metrics is VLLM else None, None)


@pytest.mark.parametrize("metrics", METRICS.values(), ids=list(METRICS))
def test_without_anything_to_measure_all_is_none(metrics: Metrics) -> None:
    figures = measured(metrics, 0.0, [(1.0, b"data: 7\n\n"), (2.0, b"data: 8\n\n")], dialect="none")
    assert (figures.first_content, figures.gap, figures.itl, figures.tpot) == (None, None, None, None)
    assert figures.event_gap is not None


def test_the_default_is_the_first_row() -> None:
    assert next(iter(METRICS)) == Plan().metrics.name == Meter().metrics.name == "aiperf"
