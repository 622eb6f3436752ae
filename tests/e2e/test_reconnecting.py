"""`-r` on real sockets: what a browser's EventSource does, case by case; and `--state` over runs."""

import threading
from pathlib import Path

import pytest

from tests.e2e.command import ended, sse, started
from tests.e2e.heard import ids
from tests.peers.scripted import (
    LAST_CHUNK,
    Script,
    ScriptedServer,
    Tell,
    Wait,
    chunk,
    close,
    reset,
    response,
    until_gone,
)

STOP = [response(204)]
HEAD = response()
AGAIN = HEAD + b"retry: 0\n\n"
AGAIN_WITH_ID = AGAIN + b"id: 7\ndata: one\n\n"


RESUMED: dict[str, tuple[Script, str | None]] = {
    "the end of a body that closes": ([AGAIN_WITH_ID], "7"),
    "the end of a chunked body": (
        [response(chunked=True) + chunk(b"retry: 0\nid: 7\ndata: one\n\n") + LAST_CHUNK],
        "7",
    ),
    "the end of a body of known length": ([response(body=b"retry: 0\nid: 7\ndata: one\n\n")], "7"),
    "a cut in a chunked body": (
        [response(chunked=True) + chunk(b"retry: 0\nid: 7\ndata: one\n\n"), close],
        "7",
    ),
    "a cut inside an event": (
        [response(headers={"Content-Length": "99"}) + b"retry: 0\nid: 7\ndata: one\n\nid: 8\ndata: t", close],
        "7",
    ),
    "an id without data": ([AGAIN_WITH_ID + b"id: 8\n\n"], "8"),
    "an id that is not ASCII": ([AGAIN + "id: ключ é 😀\ndata: one\n\n".encode()], "ключ é 😀"),
    "an id with a NUL is ignored": ([AGAIN_WITH_ID + b"id: a\0b\n\n"], "7"),
    "an empty id": ([AGAIN_WITH_ID + b"id\n\n"], None),
    "no id": ([AGAIN + b"data: one\n\n"], None),
    "a bad retry is ignored": ([AGAIN_WITH_ID + b"retry: 1e9\n\n"], "7"),
    "a type in capitals with a parameter": (
        [
            response(headers={"Content-Type": "Text/Event-Stream;charset=utf-8"})
            + b"retry: 0\nid: 7\ndata: one\n\n"
        ],
        "7",
    ),
}


@pytest.mark.parametrize("name", RESUMED)
def test_it_asks_again_after_the_last_id(name: str) -> None:
    script, id_ = RESUMED[name]
    with ScriptedServer(script, STOP) as server:
        result = sse(server.url, "-r", "-o", "data")
    assert ids(server) == [None, id_]
    assert (result.verdict, result.text) == (("complete", 0), "one\n")
    assert result.summary["reconnects"] == 1
    assert result.summary["attempts"][1]["last_event_id"] == (id_ or "")


FAILED: dict[str, tuple[Script, tuple[str, int]]] = {
    "204": ([response(204)], ("empty", 8)),
    **{
        str(status): ([response(status, body=b"no")], ("refused", 4))
        for status in (201, 206, 400, 404, 500, 502)
    },
    "no type": ([response(headers={"Content-Type": None}, body=b"data: one\n\n")], ("complete", 0)),
    "JSON": ([response(headers={"Content-Type": "application/json"}, body=b'{"a": 1}')], ("not-a-stream", 4)),
    "a page": ([response(headers={"Content-Type": "text/html"}, body=b"<p>")], ("not-a-stream", 4)),
    "a type that only begins so": (
        [response(headers={"Content-Type": "text/event-streams"}, body=b"data: one\n\n")],
        ("not-a-stream", 4),
    ),
}


@pytest.mark.parametrize("name", FAILED)
@pytest.mark.parametrize("later", [False, True], ids=["at first", "later"])
def test_it_does_not_ask_again_after(name: str, later: bool) -> None:
    script, verdict = FAILED[name]
    scripts = [[AGAIN_WITH_ID], script] if later else [script]
    with ScriptedServer(*scripts) as server:
        result = sse(server.url, "-r", "-o", "data")
    assert len(server.requests) == len(scripts)
    assert result.verdict == (("complete", 0) if later and name == "204" else verdict)


@pytest.mark.parametrize("status", [429, 503])
def test_a_busy_server_is_asked_again_when_it_says(status: int) -> None:
    busy = response(status, {"Retry-After": "0"}, body=b'{"error": {"message": "busy"}}')
    with ScriptedServer([busy], [AGAIN_WITH_ID], [busy], STOP) as server:
        result = sse(server.url, "-r", "--retry-delay", "1h", "-o", "data")
    assert (result.verdict, result.text, len(server.requests)) == (("complete", 0), "one\n", 4)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_followed_each_time(status: int) -> None:
    def to_stream(script: Script) -> list[Script]:
        return [[response(status, {"Location": "/stream"}, body=b"")], script]

    with ScriptedServer(*to_stream([AGAIN_WITH_ID]), *to_stream(STOP)) as server:
        result = sse(server.url, "-r", "-o", "data")
    assert (result.verdict, result.text) == (("complete", 0), "one\n")
    assert [request.path for request in server.requests] == ["/", "/stream"] * 2
    assert ids(server) == [None, None, "7", "7"]


def test_retries_used_up_end_as_the_last_connection_did() -> None:
    cut = [response(headers={"Content-Length": "99"}) + b"data: one\n\n", close]
    with ScriptedServer(*[cut] * 3) as server:
        result = sse(server.url, "-r", "--retries", "2", "--retry-delay", "1ms", "-o", "data")
    assert (result.verdict, result.text) == (("truncated", 6), "one\n" * 3)
    assert "2 reconnects" in result.err


def test_nobody_there_is_told_once_the_retries_are_used_up() -> None:
    with ScriptedServer() as server:
        url = server.url
    result = sse(url, "-r", "--retries", "3", "--retry-delay", "1ms")
    assert result.verdict == ("unreachable", 3)
    assert [attempt["status"] for attempt in result.summary["attempts"]] == [None] * 4


def test_an_answer_that_is_finished_is_not_asked_for_again() -> None:
    said = b'data: {"object":"chat.completion.chunk","choices":[{"index":0,"delta":{"content":"a"}}]}\n\n'
    with ScriptedServer([HEAD + said + b"data: [DONE]\n\n"]) as server:
        result = sse(server.url, "-d", "{}", "-r", "--reconnect-post", "-o", "text")
    assert (result.verdict, len(server.requests)) == (("complete", 0), 1)


def test_a_post_is_repeated_whole_where_that_is_allowed() -> None:
    with ScriptedServer([AGAIN_WITH_ID], STOP) as server:
        sse(server.url, "-d", '{"a": 1}', "-r", "--reconnect-post")
    assert [(request.method, request.body) for request in server.requests] == [("POST", b'{"a": 1}')] * 2
    assert ids(server) == [None, "7"]


def test_records_and_rows_tell_of_it() -> None:
    for output, all_of_it in (("json", True), ("table", True), ("json", False)):
        with ScriptedServer([AGAIN_WITH_ID], STOP) as server:
            result = sse(server.url, "-r", "-o", output, *(["-a"] if all_of_it else []))
        if output == "table":
            assert "the server ended the response; again in 0 ms" in result.text
            continue
        faults = [record for record in result.records if record["kind"] == "fault"]
        told = [{"error": "the server ended the response", "retry_in": 0}]
        assert [{name: fault[name] for name in ("error", "retry_in")} for fault in faults] == told * all_of_it


def test_each_wait_is_told_in_a_line() -> None:
    cut = [response(chunked=True) + chunk(b"retry: 0\ndata: one\n\n"), close]
    with ScriptedServer(
        [AGAIN_WITH_ID], cut, [response(503, {"Retry-After": "0"}, body=b"")], STOP
    ) as server:
        result = sse(server.url, "-r", "-o", "data")
    assert result.text == "one\none\n"
    assert result.err.splitlines()[:3] == [
        "sse: the server ended the response; asking again in 0 ms",
        "sse: the connection was closed before the body was whole; asking again in 0 ms (1 of 5)",
        "sse: the server answered 503 Service Unavailable; asking again in 0 ms (2 of 5)",
    ]


def test_no_wait_is_told_to_who_wants_quiet() -> None:
    with ScriptedServer([AGAIN_WITH_ID], STOP) as server:
        assert sse(server.url, "-r", "-q", "-o", "data").err == ""


def test_a_name_that_does_not_resolve_is_asked_for_again_and_said() -> None:
    # RFC 6761 keeps .invalid from ever being a name.
    result = sse("http://no-such-host.invalid/", "-r", "--retries", "2", "--retry-delay", "1ms")
    told = "sse: cannot resolve no-such-host.invalid: "
    assert result.verdict == ("unreachable", 3)
    assert [line.endswith(f"({number} of 2)") for number, line in enumerate(result.err.splitlines()[:2], 1)]
    assert result.err.count(told) == 2
    assert "sse: unreachable: cannot resolve no-such-host.invalid" in result.err


def test_the_connections_are_told_in_a_line_or_with_v_in_one_each() -> None:
    ids = b"".join(b"id: %d\ndata: x\n\n" % number for number in range(1, 5))
    later = HEAD + b"id: 4\ndata: x\n\nid: 7\ndata: x\n\n"
    newest = "\n  attempts  …  #2 2 events, 1 again, missed 5-6: the server ended …  #3 0 events\n"
    each = ["\n  attempts  #1 200  4 events in ", "\n            #2 after ", " id 4 200  2 events, 1 again"]
    for args, told in ([], [newest]), (["-v"], each):
        with ScriptedServer([AGAIN + ids], [later], STOP) as server:
            result = sse(server.url, "-r", "-o", "none", *args)
        for piece in told:
            assert piece in result.err
    missed = [attempt["missed"] for attempt in result.summary["attempts"]]
    assert missed == [[], ["5-6"], []]


def test_the_heads_show_the_id_that_was_sent() -> None:
    with ScriptedServer([AGAIN_WITH_ID], STOP) as server:
        result = sse(server.url, "-r", "-v", "-o", "none")
    assert result.err.count("> Last-Event-ID: 7") == 1


@pytest.mark.skipif("sys.platform == 'win32'", reason="signals of POSIX")
def test_ctrl_c_ends_the_wait() -> None:
    import signal

    with (
        ScriptedServer([response() + b"data: one\n\n"]) as server,
        started(server.url, "-r", "--retry-delay", "1h", "-o", "json", "--all") as process,
    ):
        assert process.stdout is not None
        seen = b""
        while b'"fault"' not in seen:
            seen += process.stdout.read(4096)
        process.send_signal(signal.SIGINT)
        code, _, err = ended(process)
    assert code == 130
    assert "interrupted" in err


def test_a_reset_connection_is_asked_again() -> None:
    shown, asked = Wait(), threading.Event()
    with (
        ScriptedServer([AGAIN_WITH_ID, shown, reset], [HEAD, Tell(asked), until_gone]) as server,
        started(server.url, "-r", "-o", "data") as process,
    ):
        assert process.stdout is not None
        assert process.stdout.read(4) == b"one\n"
        shown.event.set()
        assert asked.wait(60)
    assert ids(server) == [None, "7"]


WRONG: dict[str, tuple[list[str], str]] = {
    "POST, not to be resumed": (
        ["-d", "{}", "-r", "--dialect", "openai-chat"],
        "With --dialect openai-chat there is no other way to resume",
    ),
    "POST, no dialect": (["-d", "{}", "-r", "--dialect", "none"], "--reconnect-post"),
    "retries alone": (["--retries", "3"], "--retries has no effect without --reconnect"),
    "delay alone": (["--retry-delay", "3s"], "--retry-delay has no effect without --reconnect"),
    "post alone": (["--reconnect-post"], "--reconnect-post has no effect without --reconnect"),
    "no duration": (["-r", "--retry-delay", "soon"], "not a duration"),
    "no folder": (["--state", "no/such/folder/id"], "its folder does not exist"),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_usage_is_told_before_anything_is_asked(name: str) -> None:
    args, told = WRONG[name]
    with ScriptedServer(STOP) as server:
        result = sse(server.url, *args)
    assert (result.code, server.requests) == (2, [])
    assert told in result.err


@pytest.mark.parametrize("args", [["-r"], ["--state", "id"]])
def test_a_file_cannot_be_asked_again(args: list[str]) -> None:
    result = sse("-", *args)
    assert result.code == 2
    assert "is not a URL" in result.err


def test_the_state_file_carries_the_id_from_run_to_run(tmp_path: Path) -> None:
    file = tmp_path / "id"
    first, second = HEAD + "id: é1\ndata: one\n\n".encode(), HEAD + b"data: two\n\n"
    with ScriptedServer([first], [second], STOP) as server:
        results = [sse(server.url, "--state", str(file), "-o", "data") for _ in range(3)]
    assert [result.text for result in results] == ["one\n", "two\n", ""]
    assert ids(server) == [None, "é1", "é1"]
    assert file.read_text(encoding="utf-8") == "é1\n"
    assert list(tmp_path.iterdir()) == [file], "nothing temporary is left"


def test_the_user_s_id_goes_before_the_state_file_s(tmp_path: Path) -> None:
    file = tmp_path / "id"
    file.write_text("1\n")
    with ScriptedServer(STOP, STOP) as server:
        sse(server.url, "--state", str(file), "--last-event-id", "5")
        sse(server.url, "--state", str(file), "-H", "Last-Event-ID: 6")
    assert ids(server) == ["5", "6"]


def test_a_run_that_sees_no_id_makes_no_file(tmp_path: Path) -> None:
    with ScriptedServer([HEAD + b"data: one\n\n"]) as server:
        sse(server.url, "--state", str(tmp_path / "id"))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("content", [b"1\n2\n", b"\xff\xfe", b"a\0b", b"x" * 9000])
def test_a_file_that_is_no_state_is_left_alone(content: bytes, tmp_path: Path) -> None:
    file = tmp_path / "notes"
    file.write_bytes(content)
    with ScriptedServer(STOP) as server:
        result = sse(server.url, "--state", str(file))
    assert (result.code, server.requests, file.read_bytes()) == (2, [], content)
    assert "it holds something else than one line with an id" in result.err
    assert "remove this one to begin anew" in result.err


def test_the_id_is_written_as_it_goes(tmp_path: Path) -> None:
    file = tmp_path / "id"
    with (
        ScriptedServer([HEAD + b"id: 7\ndata: one\n\n", Wait()]) as server,
        started(server.url, "--state", str(file), "-o", "data"),
    ):
        while not file.exists():  # it is there within a second, while the stream goes on
            pass
        assert file.read_text() == "7\n"
