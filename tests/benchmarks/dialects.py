"""Rows of the dialects: what it costs to read an event, beside decoding its JSON, and to know them all.

The peer is orjson alone, on the same data: nobody reads an event for less. For the loading it is the reading
of the same files as TOML, in a fresh process on either side, since both keep what they have once made.
"""

import json
import subprocess
import sys
from collections.abc import Callable
from functools import partial

import orjson

from sse_cli.core.interpreter import Interpreter
from sse_cli.core.items import Content, Event
from sse_cli.core.payload import LazyPayload
from sse_cli.core.wire.sse import SseDecoder
from tests.benchmarks import data
from tests.benchmarks.row import (
    OURS,
    Differs,
    Figures,
    Row,
    Setup,
    at_most,
    interleave,
    milliseconds,
    times_as_much,
)

_LOAD = "[recognise.dialect(name) for name in recognise.names()]"
_TOML = "[tomllib.loads(text) for text in texts]"
_CODE = """
import tomllib
from time import perf_counter
from sse_cli.core.dialects import recognise
texts = [recognise.text_of(name) for name in recognise.names()]
start = perf_counter()
{work}
print((perf_counter() - start) * 1000)
"""


def _events(blocks: list[bytes]) -> list[Event]:
    return [item for item in SseDecoder().feed(b"".join(blocks)) if isinstance(item, Event)]


def _openai_text(payload: data.Json) -> str:
    return str(payload["choices"][0]["delta"]["content"])


def _anthropic_text(payload: data.Json) -> str:
    return str(payload["delta"]["text"])


def _read(events: list[Event]) -> list[str]:
    """Return the text that each event gives, by way of the dialect."""
    interpreter = Interpreter("auto")
    texts = []
    for event in events:
        parts = interpreter.read(event, LazyPayload(event.data))
        texts += [part.text for part in parts if isinstance(part, Content)]
    return texts


def _read_all(events: list[Event]) -> None:
    interpreter = Interpreter("auto")
    for event in events:
        interpreter.read(event, LazyPayload(event.data))


def _decode_all(events: list[Event]) -> None:
    for event in events:
        orjson.loads(event.data)


def _row(
    name: str, make: Callable[[int], list[bytes]], text: Callable[[data.Json], str], repeats: tuple[int, int]
) -> Row:
    def measure(setup: Setup) -> Figures:
        events = _events(make(setup.pick(20_000, 5_000) * data.EVENT_BYTES))
        if _read(events) != [text(json.loads(event.data)) for event in events]:
            raise Differs("the dialect gives another text than the events hold")
        sides = {OURS: partial(_read_all, events), "orjson": partial(_decode_all, events)}
        return interleave({side: milliseconds(work) for side, work in sides.items()}, setup.pick(*repeats))

    return Row(
        f"dialect.{name}", f"250-byte events of {name}, read; their JSON alone", times_as_much(6), measure
    )


def _time_anew(work: str) -> float:
    code = _CODE.format(work=work)
    return float(subprocess.run([sys.executable, "-c", code], stdout=subprocess.PIPE, check=True).stdout)


def measure_load(setup: Setup) -> Figures:
    """Load each time in a process of its own, where no pattern is compiled yet."""
    sides = {OURS: partial(_time_anew, _LOAD), "tomllib": partial(_time_anew, _TOML)}
    return interleave(sides, setup.pick(15, 5))


ROWS = [
    _row("openai", data.model_events, _openai_text, (15, 5)),
    _row("anthropic", data.block_events, _anthropic_text, (15, 5)),
    Row("dialect.load", "all dialects, ready to recognise by; as TOML alone", at_most(15), measure_load),
]
