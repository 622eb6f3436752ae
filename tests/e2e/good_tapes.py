"""Three good streams, and all that is expected of each: a chat, a run in named steps, and a call of a tool.

No limit of time is near: these keep it by seconds.
"""

import json
from collections.abc import Sequence
from typing import Any, NamedTuple

from sse_cli.core.recording import Entry
from tests.e2e.checked import tape

WORDS = ("Streams", " stay", " open", ",", " steady", " and", " whole", ".")
WORD = "steady"
"""What a smoke test with grep looks for: it is in each good stream."""


def event(data: str, number: int, type_: str = "") -> bytes:
    """Return an event, its `number` the id."""
    name = f"event: {type_}\n" if type_ else ""
    return f"{name}id: {number}\ndata: {data}\n\n".encode()


def part(number: int, delta: dict[str, Any], finish: str | None = None, **more: Any) -> bytes:
    """Return an event of a chat."""
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    chunk = {"id": "c1", "object": "chat.completion.chunk", "model": "demo", "choices": [choice], **more}
    return event(json.dumps(chunk), number)


def texts(*words: str, key: str = "content") -> list[bytes]:
    """Return these words as events of a chat, which follow on `ROLE`."""
    return [part(number, {key: word}) for number, word in enumerate(words, 2)]


def usage(output: int, number: int = 11) -> bytes:
    """Return the event of a chat that tells the tokens."""
    counts = {"prompt_tokens": 5, "completion_tokens": output, "total_tokens": 5 + output}
    return part(number, {}, choices=[], usage=counts)


def call(number: int, arguments: str, **start: str) -> bytes:
    """Return an event of a chat that calls a tool, or goes on with it."""
    function = {"arguments": arguments, **start}
    return part(number, {"tool_calls": [{"index": 0, "id": "t1", "type": "function", "function": function}]})


ROLE = part(1, {"role": "assistant", "content": ""})
TEXTS = texts(*WORDS)
END = (part(10, {}, "stop"), usage(8), event("[DONE]", 12))
CHAT = tape(ROLE, *TEXTS, *END)

TOKENS = [event(json.dumps({"token": word}), number, "token") for number, word in enumerate(WORDS, 2)]
START = event('{"run":7}', 1, "start")
META, LAST = event('{"took":3}', 10, "metadata"), event("{}", 11, "end")
STEPS = tape(START, *TOKENS, META, LAST)

CALLED = (call(2, "", name="weather"), call(3, '{"city":'))
CALL_END = (part(5, {}, "tool_calls"), event("[DONE]", 6))
CALL = tape(ROLE, *CALLED, call(4, '"steady Oslo"}'), *CALL_END)

STATUS, COMPLETE = "status == 200", "verdict == complete"
STREAMED = "header.content-type ~ '^text/event-stream'"
UNHARMED, CLEAN = "error == null", "anomalies == 0"
SMALL, QUIET = "bytes < 10KB", "comments < 10"
ENOUGH, BOUNDED = "events >= 6", "events <= 20"
NO_JUMP, NO_REPEAT = "attempts[0].jumps == 0", 'count(id == "4") <= 1'
OF_ALL = (
    STATUS, COMPLETE, STREAMED, UNHARMED, CLEAN, SMALL, QUIET, ENOUGH, BOUNDED, NO_JUMP, NO_REPEAT,
)  # fmt: skip

HEADERS, EVENT_GAP, ALL_TIME = "headers < 5s", "event_gap.max < 5s", "end < 40s"
SPREAD = "burst.share < 50%"
IN_TIME = (HEADERS, EVENT_GAP, ALL_TIME, SPREAD)

DONE_LAST, DONE_ONCE = 'last data == "[DONE]"', 'count(data == "[DONE]") <= 1'
STOPS, COUNTED, NO_ZERO = "finish == stop", "usage exists", "no $.usage.completion_tokens == 0"
SAYS, ANSWERS = 'text == "Streams stay open, steady and whole."', "first_content exists"
ALL_JSON = 'every ($.object exists or data == "[DONE]")'
ONE_TYPE, ONE_MODEL = "every event == message", "no ($.model exists and $.model != demo)"
OF_CHAT = (DONE_LAST, DONE_ONCE, STOPS, COUNTED, NO_ZERO, SAYS, ANSWERS, ALL_JSON, ONE_TYPE, ONE_MODEL)
FIRST, GAP, STEADY = "first_content < 10s", "gap.max < 5s", "gap.stdev < 1s"

IN_ORDER, WITH_META = "order: start, token, metadata, end", "some event == metadata"
CALL_WHOLE = "tool_calls[0].complete == true"


class Good(NamedTuple):
    """A good stream, and what is expected of it: `always`, and `in_time` where its times are known."""

    entries: Sequence[Entry]
    always: tuple[str, ...]
    in_time: tuple[str, ...] = IN_TIME

    @property
    def all(self) -> tuple[str, ...]:
        """All that is expected."""
        return self.always + self.in_time


GOOD = {
    "chat": Good(CHAT, (*OF_ALL, *OF_CHAT), (*IN_TIME, FIRST, GAP, STEADY)),
    "steps": Good(STEPS, (*OF_ALL, IN_ORDER, WITH_META)),
    "call": Good(CALL, (*OF_ALL, CALL_WHOLE, DONE_LAST)),
}
