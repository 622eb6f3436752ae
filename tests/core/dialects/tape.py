"""A body read as the program reads it, and what came of it. Tapes of our own are written with `sse`."""

import json

from sse_cli.core.items import (
    Chunk,
    Closed,
    Content,
    Done,
    Item,
    Opened,
    Part,
    Reading,
    Reasoning,
    Refusal,
)
from sse_cli.core.meter import Meter
from sse_cli.core.pipeline import Pipeline, Plan
from sse_cli.core.verdict import Verdict, judge

DONE = "data: [DONE]\n\n"


class Run:
    """A body read in pieces. An answer with another status than 2xx is refused, as a session does."""

    def __init__(
        self,
        body: bytes | str,
        *,
        piece: int = 700,
        plan: Plan | None = None,
        content_type: str | None = "text/event-stream",
        status: int = 200,
    ) -> None:
        body = body.encode() if isinstance(body, str) else body
        headers = (("content-type", content_type),) if content_type else ()
        self.pipeline = Pipeline(plan or Plan(), Meter(0.0))
        self.pipeline.open(Opened(status, headers, "HTTP/1.1", "u", 0.0))
        self.refused = not 200 <= status < 300
        self.items: list[Item] = []
        self.parts: list[Part] = []
        if self.refused:
            self.pipeline.refuse(body)
        else:
            self._read(body, piece)

    def _read(self, body: bytes, piece: int) -> None:
        items = self.items
        for start in range(0, len(body), piece):
            items += self.pipeline.feed(Chunk(body[start : start + piece], 1.0))
        items += self.pipeline.end(2.0)
        self.parts = [p for item in items if isinstance(item, Reading) for p in item.parts]

    def text(self, kind: type[Content] | type[Reasoning] | type[Refusal], choice: int = 0) -> str:
        return "".join(part.text for part in self.parts if type(part) is kind and part.choice == choice)

    def verdict(self) -> Verdict:
        return judge(self.pipeline.close(Closed("refused" if self.refused else "eof", "", 2.0)))

    def outcome(self) -> dict[str, object]:
        """Return all that a tape is asked for, less what is empty."""
        answer = self.pipeline.answer
        found: dict[str, object] = {
            "dialect": self.pipeline.dialect,
            "text": self.text(Content),
            "reasoning": self.text(Reasoning),
            "refusal": self.text(Refusal),
            "calls": [(call.id, call.name, call.arguments) for call in answer.tool_calls],
            "usage": answer.usage and (answer.usage.input, answer.usage.output, answer.usage.total),
            "finish": answer.finish and answer.finish.reason,
            "error": answer.failure and answer.failure.message,
            "code": answer.failure and answer.failure.code,
            "done": answer.done.marker if isinstance(answer.done, Done) else None,
            "verdict": self.verdict().name,
        }
        return {name: value for name, value in found.items() if value}


def sse(*payloads: object, end: str = "", eol: str = "\n") -> str:
    """Write payloads as unnamed events; a pair is an event's name and its data; text stands as it is."""
    return ("".join(map(_block, payloads)) + end).replace("\n", eol)


def _block(payload: object) -> str:
    name = ""
    if isinstance(payload, tuple):
        name, payload = f"event: {payload[0]}\n", payload[1]
    return f"{name}data: {payload if isinstance(payload, str) else json.dumps(payload)}\n\n"
