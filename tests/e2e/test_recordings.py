"""Record and replay: the same bytes in the same chunks at the same times, and all that is made of them."""

import json
import os
import random
import subprocess
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from sse_cli.core.items import Chunk
from sse_cli.core.recording import Head, Recording, decode, gather
from sse_cli.sources.file import open_file
from sse_cli.sources.files import lines, unpacked
from tests.captures import FOLDER
from tests.core.test_har import archive, entry, message
from tests.e2e.command import COMMAND, HANGS, Result, ended, sse, started
from tests.peers.scripted import LAST_CHUNK, Script, ScriptedServer, Tell, Wait, chunk, close, response

SUFFIXES = ["a.rec", "a.rec.gz", "a.rec.zst"]
NOT_OF_THE_STREAM = {"overhead"}
"""Figures that are the program's own: a replay costs what it costs."""


def read(file: Path) -> Recording:
    fd = open_file(str(file))
    try:
        return gather(decode(lines(unpacked(fd))))
    finally:
        os.close(fd)


def same(one: Mapping[str, Any], other: Mapping[str, Any]) -> None:
    """Assert that two summaries are the same, their times to the microsecond."""
    assert one.keys() == other.keys()
    for name in one.keys() - NOT_OF_THE_STREAM:
        assert _rounded(one[name]) == _rounded(other[name]), name


def _rounded(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _rounded(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_rounded(inner) for inner in value]
    # Half a microsecond may be rounded either way.
    return pytest.approx(value, rel=1e-6, abs=1.1e-6) if isinstance(value, float) else value


def recorded(script: Script, file: Path, *options: str, **more: Any) -> Result:
    with ScriptedServer(script) as server:
        return sse(server.url, "--record", str(file), *options, **more)


def timed(*pieces: bytes) -> Script:
    """Return a script that sends each piece as a chunk of its own."""
    return [response(chunked=True), *[chunk(piece) for piece in pieces], LAST_CHUNK]


CONTENT = (
    b'data: {"object":"chat.completion.chunk","choices":[{"index":0,"delta":{"content":"\xe6\xb5"}}]}\n\n',
    b'data: {"object":"chat.completion.chunk","choices":[{"index":0,"delta":{"content":"\xe6\xb5\x81"}}]}'
    b"\r\n\r\n",
    b": a comment\n\nid: 7\nretry: 9\nevent: x\ndata: two\ndata: lines\n\n",
    b"data: [DONE]\n\n",
)


@pytest.mark.parametrize("name", SUFFIXES)
def test_a_replay_gives_what_the_stream_gave(name: str, tmp_path: Path) -> None:
    file = tmp_path / name
    live = recorded(timed(*CONTENT), file, "-o", "json", "--all")
    again = sse(str(file), "-o", "json", "--all")
    assert live.verdict == again.verdict == ("complete", 0)
    same(live.summary, again.summary)
    assert len(live.records) == len(again.records)
    for one, other in zip(live.records, again.records, strict=True):
        same(one, other)


@pytest.mark.parametrize("output", ["data", "text", "raw", "sse", "table", "lines"])
def test_every_output_is_the_same(output: str, tmp_path: Path) -> None:
    file = tmp_path / "a.rec"
    live = recorded(timed(*CONTENT), file, "-o", output, "-p", "$.choices[0].delta.content")
    for speed in ("0", "10", "1"):
        again = sse(str(file), "-o", output, "-p", "$.choices[0].delta.content", "--speed", speed)
        assert again.out == live.out


def test_chunks_are_kept_byte_for_byte_also_where_they_cut_a_character(tmp_path: Path) -> None:
    file = tmp_path / "a.rec"
    seen = [threading.Event() for _ in range(3)]
    pieces = [b"data: \xe6", b"\xb5\x81 \xff\n", b"\n"]
    script: Script = [
        response(chunked=True),
        *(step for piece, event in zip(pieces, seen, strict=True) for step in (chunk(piece), Wait(event))),
        LAST_CHUNK,
    ]
    with ScriptedServer(script) as server, started(server.url, "-o", "raw", "--record", str(file)) as process:
        assert process.stdout is not None
        for piece, event in zip(pieces, seen, strict=True):
            assert process.stdout.read(len(piece)) == piece
            event.set()
        assert ended(process)[0] == 0
    (exchange,) = read(file).exchanges
    assert [kept.data for kept in exchange.chunks] == pieces
    assert sse(str(file), "-o", "raw", "--speed", "0").out == b"".join(pieces)


ENDS: dict[str, tuple[Script, tuple[str, ...], tuple[str, int]]] = {
    "complete": ([response(body=b"data: a\n\n")], (), ("complete", 0)),
    "cut": ([response(chunked=True) + chunk(b"data: a\n\nda"), close], (), ("truncated", 6)),
    "an error in the stream": ([response(body=b"event: error\ndata: no\n\n")], (), ("failed", 7)),
    "refused": ([response(429, {"Retry-After": "7"}, b'{"error": "slow"}')], (), ("refused", 4)),
    "JSON": ([response(headers={"Content-Type": "application/json"}, body=b"{}")], (), ("not-a-stream", 4)),
    "empty": ([response(body=b"")], (), ("empty", 8)),
    "no content": ([response(204)], (), ("empty", 8)),
    "stopped by the user": ([response() + b"data: a\n\ndata: b\n\n", Wait()], ("-n", "1"), ("stopped", 0)),
    "too slow": ([response() + b"data: a\n\n", Wait()], ("--idle-timeout", "50ms"), ("timeout", 5)),
    "no answer": ([b""], (), ("unreachable", 3)),
}


@pytest.mark.parametrize("name", ENDS)
def test_a_recording_ends_as_the_stream_did(name: str, tmp_path: Path) -> None:
    script, options, verdict = ENDS[name]
    file = tmp_path / "a.rec"
    live = recorded(script, file, *options)
    again = sse(str(file), "--speed", "0", *options)
    assert live.verdict == again.verdict == verdict
    # The user's own limit is met at once in a replay, and a moment after the chunk in life.
    but = {"attempts", "end", "events_per_second", "bytes_per_second"} if verdict[0] == "stopped" else set()
    same(*({name: value for name, value in it.summary.items() if name not in but} for it in (live, again)))
    assert again.out == live.out


def test_the_limits_of_a_replay_are_those_of_the_recorded_time(tmp_path: Path) -> None:
    """A silence of an hour passes at once, and still is one."""
    file = tmp_path / "a.rec"
    recorded([response() + b"data: a\n\n"], file)
    head, piece, last = file.read_text().splitlines(keepends=True)
    last = json.dumps({"end": {**json.loads(last)["end"], "at": 3605.0}}) + "\n"
    file.write_text(head + piece + '[3600.0, "data: b\\n\\n"]\n' + last)
    patient = sse(str(file), "--speed", "0")
    assert (patient.verdict, patient.text) == (("complete", 0), "a\nb\n")
    assert patient.summary["longest_silence"] == pytest.approx(3600, abs=1)
    hasty = sse(str(file), "--speed", "0", "--idle-timeout", "1m")
    assert (hasty.verdict, hasty.text) == (("timeout", 5), "a\n")
    assert "no event for 60 s" in hasty.err


def test_connections_that_followed_one_another_are_played_one_after_another(tmp_path: Path) -> None:
    file = tmp_path / "a.rec"
    first = response(chunked=True) + chunk(b"retry: 0\nid: 1\ndata: one\n\n")
    scripts: list[Script] = [[first, close], [response(body=b"id: 2\ndata: two\n\n")], [response(204)]]
    with ScriptedServer(*scripts) as server:
        live = sse(server.url, "-r", "-o", "json", "--all", "--record", str(file))
    again = sse(str(file), "-o", "json", "--all")
    assert [exchange.head.request.headers[-1] for exchange in read(file).exchanges[1:]] == [
        ("Last-Event-ID", "1"),
        ("Last-Event-ID", "2"),
    ]
    assert live.verdict == again.verdict == ("complete", 0)
    same(live.summary, again.summary)
    assert [record["kind"] for record in live.records] == [record["kind"] for record in again.records]


def test_no_secret_is_kept(tmp_path: Path) -> None:
    file = tmp_path / "a.rec"
    hush = "HUSH-c0ffee"
    answer = response(headers={"Set-Cookie": f"sid={hush}"}, body=b"data: a\n\n")
    with ScriptedServer([answer]) as server:
        url = f"{server.url}/?api_key={hush}"
        body = json.dumps({"token": hush, "model": "m"})
        sse(url, "--bearer", hush, "-b", f"a={hush}", "--json", body, "--record", str(file))
    assert hush not in file.read_text()
    (exchange,) = read(file).exchanges
    assert ("Authorization", "Bearer ***") in exchange.head.request.headers
    assert json.loads(exchange.head.request.body or "") == {"token": "***", "model": "m"}


def test_a_body_that_is_no_text_is_told_by_its_size(tmp_path: Path) -> None:
    file, body = tmp_path / "a.rec", tmp_path / "body"
    body.write_bytes(b"\xff\x00\xfe")
    recorded([response(body=b"data: a\n\n")], file, "--data-binary", f"@{body}")
    asked = read(file).exchanges[0].head.request
    assert (asked.body, asked.body_bytes) == (None, 3)


def test_what_is_read_from_standard_input_is_recorded_as_well(tmp_path: Path) -> None:
    file = tmp_path / "a.rec"
    sse("-", "--record", str(file), stdin=b"data: a\n\n")
    (exchange,) = read(file).exchanges
    assert (exchange.head.request.method, exchange.head.response) == ("stdin", None)
    again = sse(str(file), "--speed", "0")
    assert (again.verdict, again.text) == (("complete", 0), "a\n")


def test_of_several_sources_each_has_a_file(tmp_path: Path) -> None:
    with (
        ScriptedServer([response(body=b"data: a\n\n")]) as a,
        ScriptedServer([response(body=b"data: b\n\n")]) as b,
    ):
        assert sse(a.url, b.url, "--record", str(tmp_path / "x.rec.gz")).code == 0
    texts = [sse(str(tmp_path / f"x.{number}.rec.gz"), "--speed", "0").text for number in (1, 2)]
    assert texts == ["a\n", "b\n"]


def test_a_recording_can_be_recorded(tmp_path: Path) -> None:
    one, two = tmp_path / "a.rec", tmp_path / "b.rec.zst"
    recorded(timed(*CONTENT), one)
    sse(str(one), "--record", str(two), "--speed", "0")
    first, second = read(one).exchanges[0], read(two).exchanges[0]
    assert first.chunks == pytest.approx(second.chunks) or first.chunks == second.chunks
    assert first.head.request == second.head.request


WRONG = {
    "onto itself": (["{file}", "--record", "{file}"], "would overwrite what is played"),
    "into no folder": (["-", "--record", "{file}/no/such"], "cannot record to"),
    "a speed that is none": (["{file}", "--speed", "fast"], "not a speed: 'fast'"),
    "the speed of a server": (["http://h/", "--speed", "2"], "--speed has no effect on http://h/"),
    "the speed of a plain file": (["{plain}", "--speed", "2"], "which has no times"),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_usage(name: str, tmp_path: Path) -> None:
    file, plain = tmp_path / "a.rec", tmp_path / "a.sse"
    recorded([response(body=b"data: a\n\n")], file)
    plain.write_bytes(b"data: a\n\n")
    before = file.read_bytes()
    options, told = WRONG[name]
    result = sse(*(option.format(file=file, plain=plain) for option in options))
    assert result.code == 2
    assert told in result.err
    assert file.read_bytes() == before


def test_a_recording_that_is_broken_is_told_with_its_line_and_all_before_it_counts(tmp_path: Path) -> None:
    file = tmp_path / "a.rec"
    recorded([response(body=b"data: a\n\n")], file)
    head, piece, last = file.read_text().splitlines(keepends=True)
    file.write_text(head + piece + "oops\n" + last)
    result = sse(str(file))
    assert (result.verdict, result.text) == (("truncated", 6), "a\n")
    assert "line 3 of the recording cannot be read" in result.err
    file.write_text(head.replace("sse-recording/1", "sse-recording/9"))
    result = sse(str(file))
    assert result.code == 2
    assert "the recording is of version 9" in result.err


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_full_disk_is_told_in_the_verdict() -> None:
    result = sse("-", "-o", "none", "--record", "/dev/full", stdin=b"data: a\n\n")
    assert result.verdict == ("unwritten", 9)
    assert "cannot write /dev/full: No space left on device" in result.err


KILLED = 34
"""As many times for each kind of file: some hundred in all."""


@pytest.mark.skipif("sys.platform == 'win32'", reason="there is no SIGKILL")
@pytest.mark.parametrize("name", SUFFIXES)
def test_whoever_is_killed_leaves_all_that_had_been_shown(name: str, tmp_path: Path) -> None:
    """Killed at moments that chance chooses, while events come as fast as they are read."""
    chance = random.Random(name)
    body = b"".join(b"data: %d\n\n" % number for number in range(20_000))
    for number in range(KILLED):
        file = tmp_path / f"{number}-{name}"
        most = int(20_000 ** chance.random())
        script: Script = [response() + body, Wait()]
        with ScriptedServer(script) as server, started(server.url, "-q", "--record", str(file)) as process:
            assert process.stdout is not None
            shown = b""
            while shown.count(b"\n") < most:
                shown += process.stdout.read(4096)
            process.kill()
            process.wait()
            shown += process.stdout.read()
        kept = sse(str(file), "--speed", "0", "-q")
        assert kept.out.startswith(shown[: shown.rindex(b"\n") + 1])
        assert kept.verdict == ("truncated", 6), (kept.err, file.read_bytes()[-300:])
        assert "ends without its last line" in kept.err


def test_ctrl_c_leaves_a_whole_recording(tmp_path: Path) -> None:
    file = tmp_path / "a.rec.gz"
    came = threading.Event()
    script: Script = [response() + b"data: a\n\n", Tell(came), Wait()]
    with ScriptedServer(script) as server, started(server.url, "--record", str(file)) as process:
        assert process.stdout is not None
        assert process.stdout.read(2) == b"a\n"
        process.send_signal(2)
        assert ended(process)[0] == 130
    again = sse(str(file), "--speed", "0")
    assert (again.verdict, again.text) == (("interrupted", 130), "a\n")


@pytest.mark.skipif(not FOLDER.is_dir(), reason="the recorded bodies are not beside the checkout")
def test_every_recorded_body_is_kept_and_read_the_same(tmp_path: Path) -> None:
    """All bodies in one process of each kind: as a program each would take a third of a second."""
    bodies = sorted(path for path in FOLDER.iterdir() if path.suffix in {".sse", ".ndjson", ".json_stream"})
    assert len(bodies) > 100
    code = "import sys; from tests.e2e.test_recordings import record_all as run; run(*sys.argv[1:])"
    command = [COMMAND[0], "-c", code, str(tmp_path), *map(str, bodies)]
    subprocess.run(command, check=True, timeout=10 * HANGS, cwd=Path(__file__).parents[2])
    for body in bodies:
        recording = read(tmp_path / f"{body.name}.rec")
        assert b"".join(kept.data for kept in recording.exchanges[0].chunks) == body.read_bytes()


def record_all(folder: str, *files: str) -> None:
    """Record each file by a session of its own, play it, and compare the summaries."""
    import asyncio

    from sse_cli.core.meter import Meter
    from sse_cli.core.pipeline import Pipeline, Plan
    from sse_cli.deadlines import Limits
    from sse_cli.session import Session
    from sse_cli.sinks.recording import RecordFile, RecordingSink
    from sse_cli.sources.file import open_path

    async def run(path: str, record: str | None, speed: float | None) -> dict[str, Any]:
        source, pipeline = open_path(path, speed), Pipeline(Plan(), Meter())
        sinks = [] if record is None else [RecordingSink(RecordFile(record), pipeline, source.asked)]
        outcome = await Session(source, pipeline, sinks, Limits()).run()
        return outcome.summary.as_dict()

    for path in files:
        record = str(Path(folder, f"{Path(path).name}.rec"))
        live, again = asyncio.run(run(path, record, None)), asyncio.run(run(record, None, 0.0))
        same(live, {**again, "url": live["url"]})


def test_the_first_line_tells_what_was_asked_and_when(tmp_path: Path) -> None:
    file = tmp_path / "a.rec"
    recorded([response(body=b"data: a\n\n")], file, "-d", '{"a": 1}', "-H", "X-B: c")
    entries = list(decode(file.read_bytes().splitlines(keepends=True)))
    head = entries[0]
    assert isinstance(head, Head)
    assert head.start is not None
    assert head.start.endswith("Z")
    assert (head.request.method, head.request.body) == ("POST", '{"a": 1}')
    assert ("X-B", "c") in head.request.headers
    assert head.response is not None
    assert head.response.status == 200
    assert isinstance(entries[1], Chunk)


def test_an_archive_of_a_browser_is_a_source(tmp_path: Path) -> None:
    """One stream is taken; of several one is chosen by its number."""
    file = tmp_path / "a.har"
    first = entry(messages=[message(1.0, "one", "x", "1"), message(2.5, "two\nlines")])
    file.write_bytes(archive(first))
    result = sse(str(file), "-o", "json", "--speed", "0")
    assert [(record["t"], record["data"]) for record in result.records] == [(1.0, "one"), (2.5, "two\nlines")]
    assert (result.summary["headers"], result.summary["end"]) == (0.25, 5.0)
    file.write_bytes(archive(first, entry("data: other\n\n")))
    several = sse(str(file))
    assert several.code == 2
    assert f"{file}#2 https://h/events?key=***" in several.err
    assert sse(f"{file}#2", "--speed", "0").text == "other\n"
    assert sse(f"{file}#3").code == 2


TICKS = b"".join(b"id: %d\ndata: %d\n\n" % (number, number) for number in range(1, 6))
HARM = {
    "a cut": (["drop@2"], "1\n2\n", ("truncated", 6)),
    "an event twice": (["dup@3"], "1\n2\n3\n3\n4\n5\n", ("complete", 0)),
    "one after the other": (["drop@3", "dup@1"], "1\n1\n2\n3\n", ("truncated", 6)),
    "all at once": (["merge"], "1\n2\n3\n4\n5\n", ("complete", 0)),
    "cut everywhere": (["split"], "1\n2\n3\n4\n5\n", ("complete", 0)),
}


@pytest.mark.parametrize("kind", ["recording", "plain"])
@pytest.mark.parametrize("name", HARM)
def test_harm_is_done_to_a_file_without_a_server(name: str, kind: str, tmp_path: Path) -> None:
    faults, text, verdict = HARM[name]
    plain, file = tmp_path / "a.sse", tmp_path / "a.rec"
    plain.write_bytes(TICKS)
    recorded([response(body=TICKS)], file)
    options = [word for fault in faults for word in ("--fault", fault)]
    speed = ["--speed", "0"] if kind == "recording" else []
    result = sse(str(file if kind == "recording" else plain), *options, *speed, "--seed", "1")
    assert (result.verdict, result.text) == (verdict, text)


def test_a_stall_is_seen_in_the_figures_of_a_replay_that_takes_no_time(tmp_path: Path) -> None:
    file = tmp_path / "a.rec"
    recorded([response(body=TICKS)], file)
    result = sse(str(file), "--speed", "0", "--fault", "stall@3:1h", "--idle-timeout", "1m")
    assert (result.verdict, result.text) == (("timeout", 5), "1\n2\n3\n")


@pytest.mark.parametrize("source", ["http://h/", "-"])
def test_harm_to_what_is_no_file_is_wrong_usage(source: str) -> None:
    result = sse(source, "--fault", "drop@1")
    assert result.code == 2
    assert f"--fault has no effect on {source}" in result.err
