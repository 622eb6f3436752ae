"""From files to tapes: recordings whatever they are called, plain bodies, folders, and what is none."""

import gzip
from collections.abc import Callable
from pathlib import Path

import pytest

from sse_cli.core.coding.zstd import zstd
from sse_cli.core.items import Chunk
from sse_cli.core.pace import INTERVAL, Pace
from sse_cli.core.recording import Answered, Asked, End, Head, encode, first_head
from sse_cli.errors import SseError, UsageError
from sse_cli.server.load import load
from sse_cli.server.tape import Start, Tape
from tests.core.test_har import archive, entry
from tests.server.house import SSE, A, B

RECORDING = b"".join(
    encode(entry)
    for entry in (
        first_head(
            "2026-01-02T03:04:05Z",
            Asked(method="POST", url="http://h/v1/chat?x=1", body="{}"),
            Answered(status=200, headers=SSE, at=0.25),
        ),
        Chunk(A, 0.5),
        Chunk(B, 1.5),
        End(at=2.0, reason="eof", summary={"events": 2}),
    )
)


def played(tape: Tape) -> list[tuple[bytes, float]]:
    return [(entry.data, entry.at) for entry in tape.entries(Start(0)) if isinstance(entry, Chunk)]


def type_of(tape: Tape) -> str:
    head = next(tape.entries(Start(0)))
    assert isinstance(head, Head)
    assert head.response is not None
    return dict(head.response.headers)["Content-Type"]


def loaded(folder: Path, name: str, body: bytes, pace: Pace = Pace()) -> Tape:  # noqa: B008
    file = folder / name
    file.write_bytes(body)
    (tape,) = load([str(file)], pace)
    return tape


PACKERS = {".gz": gzip.compress, ".zst": zstd.compress}


@pytest.mark.parametrize("name", ["a.ndjson", "a.txt", "recording", "a.gz", "a.zst"])
def test_a_recording_is_known_whatever_it_is_called(tmp_path: Path, name: str) -> None:
    tape = loaded(tmp_path, name, PACKERS.get(Path(name).suffix, bytes)(RECORDING))
    assert (tape.name, tape.path, tape.query, tape.methods) == (name, "/v1/chat", "x=1", {"POST"})
    assert tape.body == "{}"
    assert played(tape) == [(A, 0.5), (B, 1.5)]
    assert list(tape.entries(Start(0)))[-1] == End(at=2.0, reason="eof")


def test_a_recording_is_played_at_the_pace_that_is_wished(tmp_path: Path) -> None:
    tape = loaded(tmp_path, "a", RECORDING, Pace(speed=2, rechunk=5))
    assert [at for _, at in played(tape)] == [0.25, 0.75, 0.75, 0.75]


def test_what_is_cut_is_served_up_to_there(tmp_path: Path) -> None:
    tape = loaded(tmp_path, "a", RECORDING[: RECORDING.index(b"[1.5") + 9])
    assert played(tape) == [(A, 0.5)]


@pytest.mark.parametrize("pack", PACKERS.values())
def test_what_is_packed_and_cut_is_served_up_to_there(tmp_path: Path, pack: Callable[[bytes], bytes]) -> None:
    until = RECORDING.index(b"[1.5")
    packed = pack(RECORDING[:until]) + pack(RECORDING[until:])[:-5]
    assert played(loaded(tmp_path, "a", packed))[:1] == [(A, 0.5)]


def test_a_broken_recording_is_told_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(SseError, match=r"^a: line 3 of the recording cannot be read"):
        loaded(tmp_path, "a", RECORDING.replace(b"[1.5", b"1.5"))


PLAIN = [
    ("a.sse", A + b": c\n\n" + B, "text/event-stream", [A, b": c\n\n", B]),
    ("a.sse", b"no events\n", "text/event-stream", [b"no events\n"]),
    ("a.txt", A + B, "text/event-stream", [A, B]),
    ("a.txt", b"one\ntwo\n\nthree", "text/plain; charset=utf-8", [b"one\n", b"two\n", b"\n", b"three"]),
    ("a.ndjson", b'{"a":1}\n{"b":2}', "application/x-ndjson", [b'{"a":1}\n', b'{"b":2}']),
    ("a.jsonl", b"1\n2\n", "application/x-ndjson", [b"1\n", b"2\n"]),
    ("a.json", b'{"a":1}\n{"b":2}\n', "application/x-ndjson", [b'{"a":1}\n', b'{"b":2}\n']),
    ("a.json", b'{"a":\n1}', "application/json", [b'{"a":\n1}']),
    ("a.json", b'[{"a":1},\n{"b":2}]', "application/json", [b'[{"a":1}', b',\n{"b":2}', b"]"]),
    ("noname", A, "text/event-stream", [A]),
    ("empty.sse", b"", "text/event-stream", []),
]


@pytest.mark.parametrize(("name", "body", "content_type", "chunks"), PLAIN)
def test_a_plain_body_is_played_event_by_event(
    tmp_path: Path, name: str, body: bytes, content_type: str, chunks: list[bytes]
) -> None:
    tape = loaded(tmp_path, name, body)
    assert (tape.path, tape.methods, type_of(tape)) == (f"/{name}", None, content_type)
    assert played(tape) == [(chunk, number * INTERVAL) for number, chunk in enumerate(chunks)]


def test_a_plain_body_keeps_to_the_pace_that_is_wished(tmp_path: Path) -> None:
    tape = loaded(tmp_path, "a.sse", A + A, Pace(interval=2.0, rechunk=12))
    assert played(tape) == [((A + A)[:12], 0.0), ((A + A)[12:], 2.0)]
    assert [at for _, at in played(loaded(tmp_path, "a.sse", A + A, Pace(interval=0.0)))] == [0.0, 0.0]
    assert [at for _, at in played(loaded(tmp_path, "a.sse", A + A, Pace(speed=0)))] == [0.0, 0.0]


@pytest.mark.parametrize(("ending", "pack"), PACKERS.items())
def test_a_plain_body_that_is_packed_is_of_the_type_of_its_name(
    tmp_path: Path, ending: str, pack: Callable[[bytes], bytes]
) -> None:
    (tmp_path / f"a.jsonl{ending}").write_bytes(pack(b"1\n2\n"))
    for where in (tmp_path, tmp_path / f"a.jsonl{ending}"):
        (tape,) = load([str(where)], Pace())
        assert (tape.path, type_of(tape)) == (f"/a.jsonl{ending}", "application/x-ndjson")
        assert [data for data, _ in played(tape)] == [b"1\n", b"2\n"]


def test_an_archive_gives_its_streams_or_the_one_that_is_named(tmp_path: Path) -> None:
    file = tmp_path / "page.har"
    file.write_bytes(archive(entry("data: one\n\n"), entry("data: two\n\n")))
    both = load([str(tmp_path)], Pace())
    assert [tape.name for tape in both] == ["page.har#1", "page.har#2"]
    (second,) = load([f"{file}#2"], Pace())
    assert second.name == "page.har#2"
    assert played(second) == played(both[1])
    assert b"".join(data for data, _ in played(second)) == b"data: two\n\n"
    with pytest.raises(UsageError, match=r"page.har has no stream #3"):
        load([f"{file}#3"], Pace())


def test_only_archives_have_numbers_and_a_name_may_look_like_one(tmp_path: Path) -> None:
    assert loaded(tmp_path, "a.sse#1", A).name == "a.sse#1"
    loaded(tmp_path, "a.sse", A)
    with pytest.raises(UsageError, match=r"a.sse is one stream, and has no #2"):
        load([str(tmp_path / "a.sse#2")], Pace())


def test_a_folder_is_served_with_what_is_in_it(tmp_path: Path) -> None:
    (tmp_path / "in it").mkdir()
    files = {
        "b.sse": A,
        "a.json": b"{}",
        "in it/c.SSE": A,
        "in it/recording": RECORDING,
        "picture.png": b"\x89PNG",
        ".hidden.sse": A,
    }
    for name, body in files.items():
        (tmp_path / name).write_bytes(body)
    tapes = load([str(tmp_path)], Pace())
    assert [(tape.name, tape.path) for tape in tapes] == [
        ("a.json", "/a.json"),
        ("b.sse", "/b.sse"),
        ("in it/c.SSE", "/in it/c.SSE"),
        ("in it/recording", "/v1/chat"),
    ]


def test_a_tape_of_the_package_is_known_by_its_name() -> None:
    (tape,) = load(["openai-chat"], Pace())
    assert (tape.name, tape.path, tape.methods) == ("openai-chat", "/v1/chat/completions", {"POST"})


@pytest.mark.parametrize(
    ("name", "body", "told"),
    [
        ("a.sse", None, "cannot read .*a.sse: No such file"),
        ("a.gz", b"\x1f\x8bnonsense", "cannot read .*a.gz"),
        ("a.gz", gzip.compress(A, mtime=0)[:-9], "cannot read .*a.gz: the packed file ended"),
        ("a.zst", b"\x28\xb5\x2f\xfdnonsense", "cannot read .*a.zst"),
        ("a.har", archive(), "a.har holds no stream"),
        ("a.har", b'{"log": {"entries": 1}}', "not an HTTP archive"),
    ],
)
def test_what_cannot_be_read_is_told(tmp_path: Path, name: str, body: bytes | None, told: str) -> None:
    file = tmp_path / name
    if body is not None:
        file.write_bytes(body)
    with pytest.raises(UsageError, match=told) as caught:
        load([str(file)], Pace())
    assert caught.value.hint


def test_a_folder_without_anything_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there is nothing to serve in"):
        load([str(tmp_path)], Pace())
