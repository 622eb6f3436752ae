"""Each event is written when it comes: nothing waits for the next one, or for a buffer to fill."""

import threading

import pytest

from tests.e2e.command import HANGS, ended, started
from tests.peers.scripted import ScriptedServer, Wait, chunk, response

OUTPUTS = {
    "data": b"one\n",
    "text": b"one\n",
    "lines": b"one\n",
    "json": b'{"kind":"event","n":1,',
    "raw": b"data: one\n\n",
    "sse": b"data: one\n\n",
    "table": b"1 ",
}


@pytest.mark.parametrize("output", OUTPUTS)
def test_an_event_is_written_before_the_next_one_is_sent(output: str) -> None:
    go = threading.Event()
    script = [response(chunked=True), chunk(b"data: one\n\n"), Wait(go), chunk(b"data: two\n\n") + chunk(b"")]
    with ScriptedServer(script) as server, started(server.url, "-o", output) as process:
        assert process.stdout is not None
        first = process.stdout.read(65536)
        while OUTPUTS[output] not in first:
            more = process.stdout.read(65536)
            assert more, f"ended with {first!r}"
            first += more
        assert b"two" not in first
        go.set()
        code, rest, _ = ended(process)
    assert code == 6, "the script leaves out the last chunk"
    assert b"two" in rest


def test_an_event_of_standard_input_is_written_before_the_next_one() -> None:
    with started("-") as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for data in (b"one", b"two"):
            process.stdin.write(b"data: %b\n\n" % data)
            assert process.stdout.read(65536) == data + b"\n"
        process.stdin.close()
        process.stdin = None
        code, rest, _ = ended(process)
    assert (code, rest) == (0, b"")


def test_a_comment_that_stands_alone_is_written_at_once() -> None:
    with started("-", "-o", "json", "--all", "--decode", "sse") as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(b": ping\n")
        assert b'"text":"ping"' in process.stdout.read(65536)
        process.stdin.close()
        process.wait(HANGS)


def test_text_is_written_piece_by_piece() -> None:
    piece = b'data: {"object":"chat.completion.chunk","choices":[{"index":0,"delta":{"content":"%b"}}]}\n\n'
    with started("-", "-o", "text") as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for text in (b"Str", b"eam", b"s"):
            process.stdin.write(piece % text)
            assert process.stdout.read(65536) == text
        process.stdin.close()
        process.wait(HANGS)
