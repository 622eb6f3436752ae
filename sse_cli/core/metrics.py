"""By whose rules a model's answer is measured: one row of `METRICS` for each load generator.

Each rule was read off the tool's own code, of AIPerf 0.13.0, vLLM 0.33.0 (`vllm bench serve`) and guidellm
0.8.1, and is held against the figures that this code gives of one recording (tests/core/test_metrics.py).
"""

from collections.abc import Callable
from typing import TypeAlias

import msgspec

from sse_cli.core.items import Content, Json, Part, Reasoning, ToolCall
from sse_cli.core.samples import LINEAR, NEAREST_RANK, Percentile, Spread

Payload: TypeAlias = Callable[[], Json]
"""Gives an event's decoded data; raises ValueError where the data is not JSON."""

Count: TypeAlias = Callable[[tuple[Part, ...], Payload], tuple[int, int]]
"""Tells of an event whether it is output, and whether it is output other than reasoning: 1 or 0 each.

What several parts of one event say came at one time, and every tool takes it for one.
"""


class Output(msgspec.Struct, frozen=True, gc=False):
    """What was measured of the events with output. Times are seconds since the request was sent."""

    first: float
    last: float
    tokens: int | None
    gap: Spread | None


Formula: TypeAlias = Callable[[Output], float | None]
"""Makes a latency, in seconds, of what was measured; None where it cannot be told."""


class Metrics(msgspec.Struct, frozen=True, kw_only=True):
    """One tool's rules: what its first token is, its ITL and its TPOT, and how it takes percentiles."""

    name: str
    count: Count
    counts_empty: bool = False
    """Whether an event without a single part may be output."""
    itl: Formula
    tpot: Formula
    percentile: Percentile = LINEAR


def per_later_token(output: Output) -> float | None:
    """Return (last - first) / (tokens - 1), for two tokens or more: the first has a latency of its own.

    AIPerf's and guidellm's inter-token latency, vLLM's time per output token.
    """
    if output.tokens is None or output.tokens < 2:
        return None
    return (output.last - output.first) / (output.tokens - 1)


def per_token(output: Output) -> float | None:
    """Return last / tokens, the wait for the first included: guidellm's `time_per_output_token_ms`."""
    return output.last / output.tokens if output.tokens else None


def mean_gap(output: Output) -> float | None:
    """Return the mean gap between events with output, however many tokens each has: vLLM's `mean_itl_ms`."""
    return output.gap.mean if output.gap is not None else None


def untold(_output: Output) -> None:
    """Return nothing, for a figure that a tool does not have."""


def _counting(*, empty_calls: bool) -> Count:
    """Make a count of text and reasoning, which no part has empty, and of the pieces of tool calls."""

    def count(parts: tuple[Part, ...], _payload: Payload) -> tuple[int, int]:
        output = 0
        for part in parts:
            if isinstance(part, Content):
                return 1, 1
            if isinstance(part, Reasoning):
                output = 1
            elif isinstance(part, ToolCall) and (empty_calls or part.name or part.arguments):
                return 1, 1
        return output, 0

    return count


count_texts = _counting(empty_calls=False)
"""AIPerf: `ChatEndpoint.extract_chat_response_data`, and of its finds those that are not empty."""

count_pieces = _counting(empty_calls=True)
"""guidellm: `ChatCompletionsRequestHandler.add_streaming_line`."""


def count_choices(parts: tuple[Part, ...], payload: Payload) -> tuple[int, int]:
    """vLLM: an event whose first choice says something; in a format without choices, any piece.

    `async_request_openai_chat_completions`; of `async_request_openai_completions` every choice counts.
    """
    output, answer = count_pieces(parts, payload)
    choice = _first_choice(payload)
    if choice is not None:
        delta = choice.get("delta")
        said = _says_something(delta) if isinstance(delta, dict) else "text" in choice
        return int(said), int(said and answer)
    return output, answer


_VLLM_SAYS = ("content", "reasoning", "tool_calls", "function_call")


def _says_something(delta: dict[str, Json]) -> bool:
    """vLLM's `_choice_has_streamed_output`, which knows reasoning by one of its two names alone.

    An empty text may be a token; where there is a role too, it is none but opens the answer. Up to vLLM 0.32
    every choice counted, the opening one and the closing one as well.
    """
    if any(delta.get(name) for name in _VLLM_SAYS):
        return True
    return delta.get("content") == "" and "role" not in delta


def _first_choice(payload: Payload) -> dict[str, Json] | None:
    """Return the first of an event's choices, if it has the shape of OpenAI's."""
    try:
        value = payload()
    except ValueError:
        return None
    choices = value.get("choices") if isinstance(value, dict) else None
    first = choices[0] if isinstance(choices, list) and choices else None
    return first if isinstance(first, dict) else None


AIPERF = Metrics(name="aiperf", count=count_texts, itl=per_later_token, tpot=untold)
VLLM = Metrics(name="vllm", count=count_choices, counts_empty=True, itl=mean_gap, tpot=per_later_token)
GUIDELLM = Metrics(
    name="guidellm", count=count_pieces, itl=per_later_token, tpot=per_token, percentile=NEAREST_RANK
)

METRICS = {metrics.name: metrics for metrics in (AIPERF, VLLM, GUIDELLM)}
"""Every row, by the name that --metrics takes; the first is the default."""
