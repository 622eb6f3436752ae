"""Smoke tests of who streams out of a Xano backend, each as one expectation: one tape keeps it, one does not.

An answer starts within 200 ms, its chunks are steady, it ends with [DONE], errors are streamed back, nothing
is dropped, nothing hangs. The tapes are recordings, so that their times are exact, or they are served.

That memory stays level is asked of who reads: no event may be larger than a chunk needs, as each would
be that repeats the whole text so far. A stream tells nothing of the memory of its server. What this
program needs is held as well, over two streams of which one is a hundred times as long.
"""

import json
import tracemalloc
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import pytest

from sse_cli.core.pipeline import Plan
from sse_cli.core.recording import Entry
from tests.e2e.checked import checked, harmed, paced, recorded, serving, stalled, tape
from tests.e2e.command import ended, started

WORDS = ("Chunks", " of", " a", " steady", " stream", ".")


def chunk(index: int, content: str, **metadata: object) -> bytes:
    """Return an event as Xano sends it."""
    about = {"chunk_index": index, "total_chunks": len(WORDS), "source": "docs", **metadata}
    return f"data: {json.dumps({'content': content, 'metadata': about})}\n\n".encode()


CHUNKS = [chunk(number, word) for number, word in enumerate(WORDS, 1)]
DONE = b"data: [DONE]\n\n"
GOOD = tape(*CHUNKS, DONE)
PLAIN = tape(*[word.encode() for word in WORDS], b"[DONE]", content_type="text/plain; charset=utf-8")
ERROR = chunk(4, "the database is busy", type="error", recoverable=True, retry_after=5)
FAILED = tape(*CHUNKS[:3], ERROR, DONE)

SWELLING = tape(*[chunk(number, " and so on" * 30 * number) for number in range(1, 7)], DONE)
"""Each chunk has all the text before it as well."""

XANO = Plan(dialect="xano")
"""Nobody can tell from plain text what it is before its end."""


class Smoke(NamedTuple):
    """An expectation, a tape that breaks it, and those that keep it."""

    expect: str
    broken: Sequence[Entry]
    kept: Sequence[Sequence[Entry]] = (GOOD, PLAIN)


SMOKES = {
    "the response starts": Smoke("first_byte < 200ms", harmed(GOOD, "wait:60ms")),
    "the answer starts": Smoke("first_content < 200ms", harmed(GOOD, "stall@0:60ms")),
    "its chunks are steady": Smoke("gap.stdev < 10ms", paced(GOOD, 0.03, 0.08)),
    "no chunk keeps one waiting": Smoke("gap.max < 100ms", harmed(GOOD, "stall@3:200ms")),
    "it ends with [DONE]": Smoke('last data == "[DONE]"', harmed(GOOD, "no-end")),
    "no connection is dropped": Smoke("verdict == complete", harmed(GOOD, "drop@4")),
    "no chunk is dropped": Smoke(
        f"count($.metadata.chunk_index exists) == {len(WORDS)}", harmed(GOOD, "lose@4"), (GOOD,)
    ),
    "there is no error": Smoke("error == null", FAILED),
    "an error is streamed back": Smoke(
        'error.message == "the database is busy"', harmed(FAILED, "drop@3"), (FAILED,)
    ),
    "an error says when to retry": Smoke(
        "some $.metadata.retry_after > 0", tape(*CHUNKS[:3], chunk(4, "busy", type="error")), (FAILED,)
    ),
    "nothing hangs": Smoke("longest_silence < 1s", stalled(GOOD[:4], 5.0)),
    "it comes to an end": Smoke("end < 2s", paced(GOOD, 0.9)),
    "memory stays level": Smoke('no data ~ ".{1000}"', SWELLING),
}


@pytest.mark.parametrize("name", SMOKES)
def test_a_smoke_test_is_one_expectation(name: str, tmp_path: Path) -> None:
    smoke = SMOKES[name]
    for entries in smoke.kept:
        assert checked(recorded(tmp_path / "kept.rec", entries), [smoke.expect], plan=XANO) == (0, [])
    broken = recorded(tmp_path / "broken.rec", smoke.broken)
    assert checked(broken, [smoke.expect], plan=XANO) == (1, [smoke.expect])


UNTIMED = (
    "it ends with [DONE]",
    "no connection is dropped",
    "no chunk is dropped",
    "there is no error",
    "an error is streamed back",
    "an error says when to retry",
    "memory stays level",
)


@pytest.mark.parametrize("name", UNTIMED)
def test_it_is_the_same_of_a_server(name: str) -> None:
    smoke = SMOKES[name]
    with serving({"/kept": smoke.kept[0], "/broken": smoke.broken}) as url:
        assert checked(f"{url}/kept", [smoke.expect], plan=XANO) == (0, [])
        assert checked(f"{url}/broken", [smoke.expect], plan=XANO) == (1, [smoke.expect])


@pytest.mark.parametrize("expect", ["longest_silence < 50ms", "end < 50ms"])
def test_a_server_that_hangs_does_not_hang_who_checks_it(expect: str) -> None:
    """No limit is given but what is expected."""
    with serving({"/": stalled(GOOD[:4], 5.0)}) as url:
        assert checked(url, [expect], fail_fast=True) == (1, [expect])


def test_the_memory_of_who_checks_stays_level(tmp_path: Path) -> None:
    """Memory is counted in what Python allocates: what the system gives is not the same twice."""
    peaks = []
    for length in (200, 20_000):
        chunks = [CHUNKS[number % len(CHUNKS)] for number in range(length)]
        path = recorded(tmp_path / "long.rec", tape(*chunks, DONE))
        tracemalloc.start()
        try:
            assert checked(path, ["verdict == complete", 'no data ~ ".{1000}"']) == (0, [])
            peaks.append(tracemalloc.get_traced_memory()[1])
        finally:
            tracemalloc.stop()
    assert peaks[1] < peaks[0] + 2 * 1024 * 1024


def test_all_of_them_in_one_command(tmp_path: Path) -> None:
    smokes = [smoke.expect for smoke in SMOKES.values() if GOOD in smoke.kept]
    expect = [word for text in smokes for word in ("-e", text)]
    with started("check", str(recorded(tmp_path / "good.rec", GOOD)), "--speed", "0", *expect) as process:
        code, out, err = ended(process)
    assert (code, err) == (0, "")
    assert out.decode().count("  ✓ ") == len(smokes) == len(SMOKES) - 2
