"""The tapes of the package: each is what it is said to be, and that of `sse demo` is worth a look."""

import json
import re
import unicodedata
from itertools import pairwise
from typing import Any

import pytest

from sse_cli.core.dialects.recognise import names
from sse_cli.core.items import Anomaly, Chunk, Closed, Comment, Item, Opened, Reading
from sse_cli.core.meter import Meter
from sse_cli.core.pipeline import Pipeline, Plan
from sse_cli.core.recording import End, Head
from sse_cli.core.verdict import Verdict, judge
from sse_cli.errors import UsageError
from sse_cli.server import bundled
from sse_cli.server.load import bundled_tape, read_recording
from sse_cli.server.tape import Start


class Played:
    """A tape read as the program reads it."""

    def __init__(self, name: str) -> None:
        head, *entries = bundled_tape(name).entries(Start(0))
        assert isinstance(head, Head)
        assert head.response is not None
        self.pipeline = Pipeline(Plan(), Meter(0.0))
        self.pipeline.open(
            Opened(head.response.status, head.response.headers, "HTTP/1.1", "u", head.response.at)
        )
        self.items: list[Item] = []
        self.verdict: Verdict
        for entry in entries:
            if isinstance(entry, Chunk):
                self.items += self.pipeline.feed(entry)
            elif isinstance(entry, End):
                self.items += self.pipeline.end(entry.at)
                self.verdict = judge(self.pipeline.close(Closed(entry.reason, entry.detail, entry.at)))


@pytest.mark.parametrize("name", bundled.TAPES)
def test_each_is_recognised_and_complete(name: str) -> None:
    played = Played(name)
    assert played.pipeline.dialect == (name if name in names() else None)
    assert played.verdict.name == "complete"
    assert played.pipeline.answer.failure is None
    told = {item.kind for item in played.items if isinstance(item, Anomaly)}
    assert told <= ({"unknown-field"} if name == "flowise" else set())


@pytest.mark.parametrize("name", bundled.TAPES)
def test_each_is_a_recording_with_a_request_and_times(name: str) -> None:
    (exchange,) = read_recording(bundled.read(name)).exchanges
    assert exchange.head.version is not None
    assert exchange.head.start is not None
    assert exchange.head.request.url.startswith("/")
    assert (exchange.head.request.body is None) == (exchange.head.request.method == "GET")
    assert exchange.head.response is not None
    assert isinstance(exchange.end, End)
    times = [exchange.head.response.at, *(chunk.at for chunk in exchange.chunks), exchange.end.at]
    assert times == sorted(times)
    assert 3 <= exchange.end.at <= 8
    assert len({round(later - earlier, 3) for earlier, later in pairwise(times)}) > 6


def test_they_show_what_streams_are_made_of() -> None:
    assert [call.name for call in Played("anthropic-messages").pipeline.answer.tool_calls] == ["tide_table"]
    assert b"event: ping" in bundled.read("anthropic-messages")
    assert Played("openai-responses").pipeline.answer.usage is not None
    assert any(isinstance(item, Comment) for item in Played("ticker").items)
    ids = [item.event.id for item in Played("ticker").items if isinstance(item, Reading)]
    assert ids == [str(number) for number in range(4181, 4181 + len(ids))]


def test_there_is_a_row_for_each_file() -> None:
    assert {path.stem for path in bundled.FOLDER.iterdir()} == set(bundled.TAPES)
    assert len(bundled.listing().splitlines()) == len(bundled.TAPES)


def test_the_beginning_of_a_name_is_enough() -> None:
    assert bundled.named("anthropic") == "anthropic-messages"
    assert bundled.named("openai-chat") == "openai-chat"
    with pytest.raises(UsageError, match="there are several tapes named openai…") as caught:
        bundled.named("openai")
    assert caught.value.hint == "The tapes are: openai-chat, openai-responses."


def test_an_unknown_name_is_answered_with_the_known_ones() -> None:
    for name in ("nothing", "../tape", "openai-chat.ndjson"):
        with pytest.raises(UsageError, match=re.escape(f"there is no tape named {name!r}")) as caught:
            bundled.read(name)
        assert caught.value.hint == f"The tapes are: {', '.join(bundled.TAPES)}."


def demo_items() -> list[Item]:
    return Played("openai-chat").items


def demo_answers() -> list[tuple[float, dict[str, Any]]]:
    """Return the JSON events of the demo with their times."""
    events = [(item.event.at, item.event.data) for item in demo_items() if isinstance(item, Reading)]
    assert events[-1][1] == "[DONE]"
    return [(at, json.loads(data)) for at, data in events[:-1]]


def demo_deltas(key: str) -> list[tuple[float, str]]:
    deltas = [(at, answer["choices"][0]["delta"]) for at, answer in demo_answers() if answer["choices"]]
    return [(at, delta[key]) for at, delta in deltas if delta.get(key)]


def test_the_demo_has_the_shape_of_a_model_answer() -> None:
    answers = [answer for _, answer in demo_answers()]
    assert answers[0]["choices"][0]["delta"] == {"role": "assistant", "content": ""}
    assert answers[-2]["choices"] == [{"index": 0, "delta": {}, "finish_reason": "stop"}]
    content, reasoning = len(demo_deltas("content")), len(demo_deltas("reasoning_content"))
    assert answers[-1]["choices"] == []
    usage = answers[-1]["usage"]
    assert usage["completion_tokens"] == content + reasoning
    assert usage["completion_tokens_details"]["reasoning_tokens"] == reasoning
    assert usage["total_tokens"] == usage["prompt_tokens"] + usage["completion_tokens"]


def test_the_demo_is_worth_looking_at() -> None:
    content = demo_deltas("content")
    text = "".join(piece for _, piece in content)
    assert 60 <= len(content) <= 90
    assert "**Server-Sent Events**" in text
    assert "\n- `data:`" in text
    assert "📬" in text
    assert any("CJK" in unicodedata.name(sign, "") for sign in text)
    assert [item.text for item in demo_items() if isinstance(item, Comment)] == ["keep-alive"]


def test_the_demo_has_gaps_of_all_sizes_and_one_stall() -> None:
    times = [at for at, _ in demo_deltas("content")]
    gaps = [later - earlier for earlier, later in pairwise(times)]
    stalls = [gap for gap in gaps if gap > 0.09]
    assert len(stalls) == 1
    assert 0.7 < stalls[0] < 1.0
    assert min(gaps) >= 0.0199
    assert len({round(gap, 3) for gap in gaps}) > 30
    assert 5 <= times[-1] <= 6
