"""Streams that break, or hold what nobody can read: what had come is shown, and how it ended is told."""

import subprocess
import sys

import pytest

from tests.e2e.command import COMMAND, HANGS, sse
from tests.peers.packing import packed
from tests.peers.scripted import Script, ScriptedServer, Wait, chunk, reset, response

ONE = b"data: one\n\n"
SHORT = "closed before the body was whole"
CHUNKED = response(chunked=True)

CUTS: dict[str, tuple[Script, str, str]] = {
    "inside an event": ([CHUNKED + chunk(ONE + b"data: tw")], "data: tw", SHORT),
    "inside a character": ([CHUNKED + chunk(ONE + b"data: \xe6\xb5")], "data: \ufffd", SHORT),
    "inside a chunk header": ([CHUNKED + chunk(ONE) + b"1"], "", SHORT),
    "inside a chunk": ([CHUNKED + chunk(ONE) + b"10\r\ndata: t"], "data: t", SHORT),
    "before the last chunk": ([CHUNKED + chunk(ONE)], "", SHORT),
    "in the chunk's own coding": ([CHUNKED + chunk(ONE) + b"zz\r\n", Wait()], "", "chunked coding is broken"),
    "short of its length": (
        [response(headers={"Content-Length": "99"}) + ONE + b"id: 2\n"],
        "id: 2\n",
        SHORT,
    ),
}


@pytest.mark.parametrize("name", CUTS)
def test_a_body_that_is_cut(name: str) -> None:
    script, rest, told = CUTS[name]
    with ScriptedServer(script) as server:
        result = sse(server.url, "-o", "json", "--all")
    assert result.verdict == ("truncated", 6)
    events = [record["data"] for record in result.records if record["kind"] == "event"]
    details = [r["detail"] for r in result.records if r["kind"] == "anomaly" and r["anomaly"] == "cut-event"]
    assert (events, details) == (["one"], [rest] if rest else [])
    assert told in result.summary["reason"]
    assert told in result.err


def test_a_connection_that_is_reset() -> None:
    read = Wait()
    with ScriptedServer([CHUNKED + chunk(ONE), read, reset]) as server:
        code, err = _read_then(read, server.url)
    assert code == 6
    assert b"the connection broke: Connection reset by peer" in err


def _read_then(read: Wait, *args: str) -> tuple[int, bytes]:
    with subprocess.Popen([*COMMAND, *args], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"one\n"
        read.event.set()
        _, err = process.communicate(timeout=HANGS)
    return process.returncode, err


def test_a_body_without_a_length_that_ends_inside_an_event() -> None:
    with ScriptedServer([response() + ONE + b"data: tw"]) as server:
        result = sse(server.url, "-o", "json", "--all")
    assert result.verdict == ("truncated", 6)
    assert result.summary["reason"] == "the stream ended inside an event"
    assert result.summary["anomalies"] == 1
    assert [r["anomaly"] for r in result.records if r["kind"] == "anomaly"] == ["cut-event"]


def test_binary_garbage_is_no_event_and_hurts_nobody() -> None:
    garbage = bytes(range(256)) * 64
    with ScriptedServer([response(body=garbage)]) as server:
        result = sse(server.url, "-o", "json", "--all")
        assert result.verdict == ("empty", 8)
        assert result.summary["anomalies"] > 0
    with ScriptedServer([response(body=garbage)]) as server:
        assert sse(server.url, "-o", "raw").out == garbage


def test_an_event_that_is_too_large_is_a_clear_error() -> None:
    read = Wait()
    with ScriptedServer([response() + ONE, read, b"data: " + b"x" * 5000, Wait()]) as server:
        code, err = _read_then(read, server.url, "--max-event-bytes", "4KB")
    assert code == 6
    assert b"--max-event-bytes" in err


def test_a_hundred_megabytes_without_a_line_end_do_not_fill_the_memory() -> None:
    script = [response(), b"data: ", *[b"x" * 1_000_000] * 100, Wait()]
    code, peak = _peak(script)
    assert code == 6
    assert peak < 400e6


@pytest.mark.parametrize("codings", ["gzip", "br", "zstd", "zstd, gzip"])
def test_a_little_that_unpacks_to_much_does_not_fill_the_memory(codings: str) -> None:
    body = packed(codings, [b": " + b"x" * 1_000_000 + b"\n"] * 100)
    code, peak = _peak([response(headers={"Content-Encoding": codings}, body=body)])
    assert code == 8
    assert peak < 100e6


# A process's peak begins as that of the one it was forked from, so a small one has to stand between.
_MEASURE = """
import resource, subprocess, sys
print(subprocess.run(sys.argv[1:], stderr=subprocess.DEVNULL).returncode)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


def _peak(script: Script) -> tuple[int, float]:
    """Return the exit code, and the most memory that the process ever had, in bytes."""
    with ScriptedServer(script) as server:
        command = [sys.executable, "-c", _MEASURE, *COMMAND, server.url, "-o", "none"]
        code, peak = subprocess.check_output(command, timeout=HANGS).split()
    return int(code), int(peak) * (1 if sys.platform == "darwin" else 1024)
