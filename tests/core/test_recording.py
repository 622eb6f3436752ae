"""The recording format, there and back; and what is made of lines that are wrong or cut."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sse_cli.core.items import Chunk, Fault
from sse_cli.core.recording import (
    MAGIC,
    Answered,
    Asked,
    End,
    Entry,
    Head,
    decode,
    encode,
    first_head,
    gather,
)
from sse_cli.errors import SseError

ASKED = Asked(method="GET", url="http://h/events")
ANSWERED = Answered(status=200, headers=(("A", "1"), ("A", "2")), at=0.25, connected=0.1)
HEAD = first_head("2026-01-02T03:04:05.678Z", ASKED, ANSWERED)
END = End(at=3.5, reason="eof", detail="all", summary={"events": 2})

seconds = st.floats(0, 1e6).map(lambda at: round(at, 9))
chunks = st.builds(Chunk, st.binary(min_size=1), seconds)
faults = st.builds(Fault, st.text(), seconds, seconds)


def lines(*entries: Entry) -> list[bytes]:
    return [encode(entry) for entry in entries]


@given(st.lists(chunks | faults))
def test_there_and_back(entries: list[Chunk | Fault]) -> None:
    whole = [HEAD, *entries, END]
    written = lines(*whole)
    assert all(line.count(b"\n") == 1 and line.endswith(b"\n") for line in written)
    assert list(decode(written)) == whole


def test_it_looks_as_it_is_documented() -> None:
    entries = (
        HEAD,
        Chunk("data: 流\u2028\n".encode(), 0.5),
        Chunk(b"\xff\n", 0.75),
        Fault("cut", 1.5, 1.0),
        END,
    )
    head, text, binary, fault, end = map(json.loads, lines(*entries))
    assert encode(HEAD).startswith(MAGIC)
    assert head == {
        "version": "sse-recording/1",
        "start": "2026-01-02T03:04:05.678Z",
        "request": {"method": "GET", "url": "http://h/events"},
        "response": {"status": 200, "headers": [["A", "1"], ["A", "2"]], "at": 0.25, "connected": 0.1},
    }
    assert text == [0.5, "data: 流\u2028\n"]
    assert binary == [0.75, "/wo=", "base64"]
    told = {"at": 1.0, "error": "cut", "retry_in": 1.5, "failures": 0, "retries": 0, "anew": False}
    assert fault == {"fault": told}
    assert end == {"end": {"at": 3.5, "reason": "eof", "detail": "all", "summary": {"events": 2}}}


def test_all_bytes_of_a_cut_file_count_but_the_line_in_flight() -> None:
    written = b"".join(lines(HEAD, Chunk(b"one", 1.0), Chunk(b"two", 2.0), END))
    for size in range(len(encode(HEAD)), len(written)):
        cut = written[:size].splitlines(keepends=True)
        whole = [line for line in cut if line.endswith(b"\n")]
        found = list(decode(cut))
        assert found[: len(whole)] == list(decode(whole))
        assert len(found) - len(whole) in (0, 1), "a line may be whole but for its end"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (b"data: a\n", "line 1 of the recording cannot be read"),
        (b"[1, 2]\n", "line 1 of the recording cannot be read"),
        (b'[1, "a"]\n', "line 1 of the recording is not its head"),
        (encode(HEAD).replace(b"recording/1", b"recording/2"), "is of version 2"),
        (
            encode(HEAD).replace(b'"version":"sse-recording/1",', b""),
            "line 1 of the recording is not its head",
        ),
        (encode(HEAD) + b"\n", "line 2 of the recording cannot be read"),
        (encode(HEAD) + b'["a", 1]\n', "line 2"),
        (encode(HEAD) + b'[1, "a", "hex"]\n', "the coding 'hex' is not known"),
        (encode(HEAD) + b'[1, "=", "base64"]\n', "line 2"),
        (encode(HEAD) + b'{"end": {"at": 1}}\n', "line 2"),
        (encode(HEAD) + b'[0, "a"\n', "line 2"),
        (encode(HEAD) + b'[0, "a"]\n7\n', "line 3"),
    ],
)
def test_what_is_no_recording_is_told_with_its_line(text: bytes, told: str) -> None:
    with pytest.raises(SseError, match=told) as caught:
        list(decode(text.splitlines(keepends=True)))
    assert caught.value.hint


def test_connections_are_gathered() -> None:
    again = Head(request=ASKED, response=None)
    fault = Fault("cut", 1.0, 2.0)
    entries = [HEAD, Chunk(b"a", 1.0), fault, again, Chunk(b"b", 4.0), END]
    recording = gather(entries)
    assert [exchange.end for exchange in recording.exchanges] == [fault, END]
    assert list(recording.entries()) == entries
    assert gather([HEAD, Chunk(b"a", 1.0)]).exchanges[0].end is None


def test_the_example_of_the_readme_is_one() -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    example = readme.partition("<!-- a recording -->\n```json\n")[2].partition("```")[0]
    recording = gather(decode(example.encode().splitlines(keepends=True)))
    assert [len(exchange.chunks) for exchange in recording.exchanges] == [2, 1]
    assert b"".join(lines(*recording.entries())).decode() == example
