"""A run played from a script, in which every time is given, and the judgement of what is expected of it.

The script is of OpenAI's chat completions unless said; times are seconds from the request, which is sent at
the moment `START` of the monotonic clock.
"""

import json
from collections.abc import Sequence
from typing import Any

from sse_cli.core.attempts import Attempt
from sse_cli.core.expectations.facts import Facts, facts_of, facts_so_far
from sse_cli.core.expectations.judge import Decision, Judge, Judgement, compile_expectation
from sse_cli.core.items import Chunk, Closed, Item, Opened, Reading
from sse_cli.core.meter import Meter
from sse_cli.core.pipeline import Pipeline, Plan
from sse_cli.core.summary import Summary, summarize
from sse_cli.core.verdict import judge

START = 100.0
HEAD = Opened(
    200,
    (("Content-Type", "text/event-stream"), ("X-Region", "eu-1"), ("Set-Cookie", "session=abcdefgh")),
    "HTTP/1.1",
    "http://host/v1",
    START + 0.0625,
)

Script = Sequence[tuple[float, bytes]]
"""Chunks, each with the time at which it comes."""


def event(data: object, type_: str = "") -> bytes:
    """Return one event; data that is no text stands as JSON."""
    text = data if isinstance(data, str) else json.dumps(data)
    return (f"event: {type_}\n" if type_ else "").encode() + f"data: {text}\n\n".encode()


def delta(more: dict[str, Any] | None = None, finish: str | None = None, **delta: Any) -> bytes:
    """Return one event of a chat completion with this delta."""
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    return event({"object": "chat.completion.chunk", "choices": [choice], **(more or {})})


_CALL = {"index": 0, "id": "c1", "function": {"name": "weather", "arguments": '{"city": "Rome"}'}}
_USAGE = {
    "prompt_tokens": 7,
    "completion_tokens": 12,
    "total_tokens": 19,
    "completion_tokens_details": {"reasoning_tokens": 3},
    "prompt_tokens_details": {"cached_tokens": 2},
}

ANSWER: Script = (
    (0.125, b": hello\n\nretry: never\n\n"),
    (0.25, delta(role="assistant", content="")),
    (0.375, delta(reasoning_content="Hm, Rome?")),
    (0.5, delta(content="Rome is ") + delta(content="hot")),
    (1.0, delta(content=".")),
    (1.125, delta(tool_calls=[_CALL])),
    (1.25, delta(finish="stop")),
    (1.375, delta(more={"usage": _USAGE}) + event("[DONE]")),
)
END = 1.5


class Play:
    """Plays a script, and shows each step to the judge: `decisions` and `moments` are what it then says."""

    def __init__(
        self,
        script: Script,
        *texts: str,
        end: float = END,
        ending: str = "eof",
        head: Opened | None = HEAD,
        live: bool = True,
        reconnects: bool = False,
        plan: Plan | None = None,
    ) -> None:
        self.judge = Judge(map(compile_expectation, texts), reconnects=reconnects)
        self.pipeline = Pipeline(plan or Plan(dialect="openai-chat"), Meter(START))
        self.decisions: list[list[Decision]] = [list(self.judge.decisions)]
        self.moments: list[float | None] = []
        self.readings: list[Reading] = []
        self._head = head
        self._live = live
        if head is not None:
            self.pipeline.meter.note_connected(START + 0.03125)
            self.pipeline.open(head)
            self._look(head.at)
        for at, data in script:
            self._take(Chunk(data, START + at))
        self._note(self.pipeline.end(START + end))
        evidence = self.pipeline.close(Closed(ending, "", START + end))
        self.summary = self._summary(evidence, START + end)
        self.facts: Facts = facts_of(self.summary.as_dict(), head, START)
        self.judgements: Sequence[Judgement] = self.judge.close(self.facts)

    def _take(self, chunk: Chunk) -> None:
        self._note(self.pipeline.feed(chunk))
        self.pipeline.meter.note_overhead(0.001)
        self._look(chunk.at)

    def _note(self, items: Sequence[Item]) -> None:
        for item in items:
            if isinstance(item, Reading):
                self.readings.append(item)
                self.judge.note(item)

    def _look(self, at: float) -> None:
        if not self._live:
            return
        self.judge.look(facts_so_far(self.pipeline, self._head, at))
        self.decisions.append(list(self.judge.decisions))
        self.moments.append(self.judge.moment)

    def _summary(self, evidence: Any, at: float) -> Summary:
        pipeline = self.pipeline
        return summarize(
            judge(evidence),
            "http://host/",
            self._head,
            pipeline.dialect,
            pipeline.answer,
            pipeline.meter.figures(at),
            pipeline.shown,
            (Attempt(at=0.0, took=at - START, status=200),),
        )
