"""The server, looked at from a raw socket: the bytes it sends, and when."""

import asyncio
import json
from urllib.parse import urlsplit

import pytest

from sse_cli.core.items import Chunk
from sse_cli.core.recording import End
from sse_cli.errors import SseError
from sse_cli.server.connection import PATIENCE
from sse_cli.server.http import serve
from sse_cli.server.request import MAX_BODY, MAX_HEAD
from sse_cli.server.routes import Routes
from tests.server.house import (
    CLOSING,
    FRAMES,
    GET,
    HEAD,
    PATH,
    SSE,
    TAPE,
    A,
    B,
    House,
    JumpingTimer,
    Turnstile,
    ask,
    connected,
    head,
    request,
    run,
    tape,
    unframed,
)

CLOSED_HEAD = HEAD[:-2] + b"Connection: close\r\n\r\n"


@pytest.mark.parametrize(
    "asked",
    [
        CLOSING,
        request(path=f"{PATH}?a=b"),
        request(path=f"http://x{PATH}"),
        request("POST", body=b"{}"),
        request("POST", body=b" " * 300_000),
        request(path="/anywhere/else"),
    ],
    ids=["get", "query", "absolute", "post", "large-body", "any-path"],
)
def test_it_plays_each_chunk_as_one_http_chunk(asked: bytes) -> None:
    assert House().answers(asked) == [CLOSED_HEAD + FRAMES]


def test_headers_that_are_the_servers_own_are_not_taken_from_the_recording() -> None:
    recorded = (
        *SSE,
        ("Content-Length", "7"),
        ("content-encoding", "gzip"),
        ("Connection", "keep-alive"),
        ("Transfer-Encoding", "gzip"),
        ("Access-Control-Allow-Origin", "https://elsewhere"),
        ("Strict-Transport-Security", "max-age=99"),
        ("Set-Cookie", "session=hush"),
        ("X-Api-Key", "hush"),
        ("X-Split", "a\r\nX-Other: b"),
        ("X-From", "tape, für alle"),
    )
    (answer,) = House(tape(head(headers=recorded), End(at=0.0, reason="eof"))).answers(CLOSING)
    assert answer.partition(b"\r\n\r\n")[0].split(b"\r\n") == [
        b"HTTP/1.1 200 OK",
        b"Content-Type: text/event-stream",
        "X-From: tape, für alle".encode("latin-1"),
        b"Transfer-Encoding: chunked",
        b"Connection: close",
    ]


def test_http_1_0_gets_the_body_unframed() -> None:
    (answer,) = House().answers(b"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
    start, _, body = answer.partition(b"\r\n\r\n")
    assert b"Transfer-Encoding" not in start
    assert b"Connection: close" in start
    assert body == A + B


def test_the_recording_gives_the_status_and_what_is_said_with_it() -> None:
    for status, line in ((429, b"HTTP/1.1 429 Too Many Requests\r\n"), (299, b"HTTP/1.1 299 \r\n")):
        refusal = tape(head(status=status), Chunk(b"no", 0.0), End(at=0.0, reason="eof"))
        (answer,) = House(refusal).answers(CLOSING)
        assert answer.startswith(line)
        assert answer.endswith(b"\r\n\r\n2\r\nno\r\n0\r\n\r\n")


@pytest.mark.parametrize("status", [204, 304])
def test_a_status_without_a_body_has_none(status: int) -> None:
    (answer,) = House(tape(head(status=status), Chunk(b"no", 0.0))).answers(CLOSING)
    assert b"Transfer-Encoding" not in answer
    assert answer.endswith(b"Connection: close\r\n\r\n")


def test_head_gets_no_body() -> None:
    assert House().answers(request("HEAD")) == [CLOSED_HEAD]
    (missing,) = House(TAPE, TAPE).answers(request("HEAD", "/nothing"))
    assert missing.startswith(b"HTTP/1.1 404 Not Found\r\n")
    assert missing.endswith(b"\r\n\r\n")


def test_options_are_told() -> None:
    (answer,) = House().answers(request("OPTIONS"))
    lines = answer.decode().split("\r\n")
    assert lines[:2] == ["HTTP/1.1 204 No Content", "Allow: POST, HEAD, OPTIONS"]
    (answer,) = House(TAPE, TAPE).answers(request("OPTIONS", "*"))
    assert answer.decode().split("\r\n")[1] == "Allow: HEAD, OPTIONS"


def test_a_connection_is_kept_for_the_next_request() -> None:
    post = b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n"
    (answer,) = House().answers(GET + post + CLOSING)
    assert answer == (HEAD + FRAMES) * 2 + CLOSED_HEAD + FRAMES


def test_an_error_leaves_the_connection_open() -> None:
    nothing = GET.replace(PATH.encode(), b"/nothing")
    (answer,) = House(TAPE, TAPE).answers(nothing + request("POST", PATH, body=b"{}"))
    assert answer.startswith(b"HTTP/1.1 404 ")
    assert answer.endswith(FRAMES)


def test_more_requests_than_may_wait_are_all_answered() -> None:
    (answer,) = House().answers(GET * 50 + CLOSING)
    assert answer.count(FRAMES) == 51


def test_requests_are_read_however_they_are_cut() -> None:
    async def test() -> None:
        async with House().open() as server, connected(server.url) as (reader, writer):
            for byte in GET + CLOSING:
                writer.write(bytes([byte]))
                await writer.drain()
                await asyncio.sleep(0)
            assert await reader.read() == HEAD + FRAMES + CLOSED_HEAD + FRAMES

    run(test)


def test_a_body_is_asked_for_where_the_client_waits_for_that() -> None:
    async def test() -> None:
        start, _, body = request("POST", PATH, "Expect: 100-continue", body=b"{}").partition(b"{}")
        async with House().open() as server, connected(server.url) as (reader, writer):
            writer.write(start)
            assert await reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
            writer.write(body or b"{}")
            assert await reader.read() == CLOSED_HEAD + FRAMES

    run(test)


def refusal(asked: bytes, house: House | None = None) -> tuple[bytes, dict[str, object]]:
    (answer,) = (house or House()).answers(asked)
    start, _, body = answer.partition(b"\r\n\r\n")
    assert b"Content-Type: application/json\r\n" in start
    assert b"Content-Length: %d\r\n" % len(body) in start
    return start, json.loads(body)["error"]


@pytest.mark.parametrize(
    ("asked", "status", "told"),
    [
        (b"hello\r\n\r\n", 400, "not an HTTP/1 request"),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400, "not an HTTP/1 request"),
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400, "not an HTTP/1 request"),
        (b"GET / HTTP/1.1\r\nA : b\r\n\r\n", 400, "not an HTTP/1 request"),
        (b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\n\r\n", 431, f"{MAX_HEAD:,} bytes"),
        (b"GET / HTTP/1.1\r\nA: " + b"a" * 100_000 + b"\r\n\r\n", 431, f"{MAX_HEAD:,} bytes"),
        (b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 50_000, 431, f"{MAX_HEAD:,} bytes"),
        (
            b"POST / HTTP/1.1\r\nContent-Length: 99999999\r\n\r\n" + b" " * (MAX_BODY + 1),
            413,
            f"{MAX_BODY:,} bytes",
        ),
    ],
    ids=["garbage", "tls", "http2", "header", "target", "long-header", "many-headers", "body"],
)
def test_a_bad_request_is_told_so(asked: bytes, status: int, told: str) -> None:
    start, error = refusal(asked)
    assert start.startswith(b"HTTP/1.1 %d " % status)
    assert b"Connection: close" in start
    assert told in str(error["message"])


def test_a_bad_request_after_a_good_one_ends_the_connection() -> None:
    (answer,) = House().answers(GET + b"hello\r\n\r\n")
    assert answer.startswith(HEAD + FRAMES + b"HTTP/1.1 400 Bad Request\r\n")


def test_a_request_whose_end_does_not_come_is_refused_in_time() -> None:
    async def test() -> None:
        house = House()
        async with house.open() as server, connected(server.url) as (reader, writer):
            writer.write(b"GET / HTTP/1.1\r\nA: b\r\n")
            while not house.timer.deadlines:
                await asyncio.sleep(0)
            ((seconds, deadline),) = house.timer.deadlines
            assert seconds == PATIENCE
            deadline.run()
            answer = await reader.read()
        assert answer.startswith(b"HTTP/1.1 408 Request Timeout\r\n")
        assert b"30 s" in answer

    run(test)


def test_a_client_that_does_not_go_after_the_last_answer_is_left() -> None:
    async def test() -> None:
        house = House()
        async with house.open() as server, connected(server.url) as (reader, writer):
            writer.write(CLOSING)
            assert await reader.read() == CLOSED_HEAD + FRAMES
            _, deadline = house.timer.deadlines[-1]
            deadline.run()
            writer.write(b"x" * 100)
            with pytest.raises(OSError):  # noqa: PT012
                while True:
                    writer.write(b"x" * 100)
                    await writer.drain()
                    await asyncio.sleep(0)

    run(test)


def test_times_are_kept_from_the_start_whatever_a_step_costs() -> None:
    house = House(timer=JumpingTimer(late=0.25))
    house.answers(CLOSING)
    assert house.timer.waits == [0.5, 1.25, 0.25]


def test_the_head_and_each_chunk_go_out_when_they_are_due() -> None:
    async def test() -> None:
        pause = Turnstile()
        async with House(timer=pause).open() as server, connected(server.url) as (reader, writer):
            writer.write(CLOSING)
            assert await reader.readuntil(b"\r\n\r\n") == CLOSED_HEAD
            pause.let()
            assert await reader.readuntil(b"\n\n\r\n") == b"9\r\n" + A + b"\r\n"
            pause.let()
            assert await reader.readuntil(b"\n\n\r\n") == b"b\r\n" + B + b"\r\n"
            pause.let()
            assert await reader.read() == b"0\r\n\r\n"

    run(test)


@pytest.mark.parametrize("leave", ["close", "abort"])
def test_a_client_that_goes_ends_its_answer_quietly(leave: str) -> None:
    async def test() -> None:
        pause = Turnstile()
        house = House(timer=pause)
        async with house.open() as server:
            async with connected(server.url) as (_, writer):
                writer.write(GET)
                await pause.reached.wait()
                getattr(writer if leave == "close" else writer.transport, leave)()
            while not pause.is_left:
                await asyncio.sleep(0)
            assert [getattr(line, "how", None) for line in house.lines] == [None, "gone"]
            async with connected(server.url) as (reader, writer):
                writer.write(GET)
                assert await reader.readuntil(b"\r\n\r\n") == HEAD

    run(test)


def test_a_client_that_goes_in_the_midst_of_a_burst_is_no_cause_for_alarm(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def test() -> None:
        burst = tape(head(), *[Chunk(b"x" * 1000, 0.0)] * 20_000, End(at=0.0, reason="eof"))
        house = House(burst)
        async with house.open() as server:
            for _ in range(5):
                async with connected(server.url) as (reader, writer):
                    writer.write(GET)
                    await reader.readexactly(len(HEAD) + 10)
                    writer.transport.abort()
            while len(house.lines) < 10:
                await asyncio.sleep(0)

    run(test)
    assert [record.message for record in caplog.records] == []


def test_a_client_that_never_reads_is_waited_for_and_holds_nobody_up() -> None:
    async def test() -> None:
        endless = tape(head(), *[Chunk(b"x" * 1_000_000, 0.0)] * 100, End(at=0.0, reason="eof"))
        async with House(endless).open() as server, connected(server.url) as (reader, writer):
            writer.write(GET)
            await reader.readuntil(b"\r\n\r\n")
            answer = await ask(server.url, CLOSING)
            assert len(unframed(answer)) == 100_000_000

    run(test)


def test_an_answer_is_not_begun_while_the_one_before_is_not_taken() -> None:
    async def test() -> None:
        large = tape(head(), *[Chunk(b"x" * 1_000_000, 0.0)] * 5, End(at=0.0, reason="eof"))
        house = House(large)
        async with house.open() as server, connected(server.url) as (reader, writer):
            writer.write(GET * 20 + CLOSING)
            await reader.readuntil(b"\r\n\r\n")
            await ask(server.url, request("HEAD"))
            assert [line.number for line in house.lines] == [1, 2, 2]
            body = await reader.read()
        assert body.count(b"HTTP/1.1 200 OK\r\n") == 20
        assert len(body) > 21 * 5_000_000
        assert body.endswith(b"\r\n0\r\n\r\n")

    run(test)


def test_a_long_answer_that_is_due_at_once_lets_others_have_their_turn() -> None:
    async def test() -> None:
        long = tape(head(), *[Chunk(b"x", 0.0)] * 100_000, End(at=0.0, reason="eof"))
        house = House(long)
        async with house.open() as server, connected(server.url) as (_, writer):
            writer.write(GET)
            while not house.lines:
                await asyncio.sleep(0)
            await ask(server.url, request("HEAD"))
        assert [line.number for line in house.lines[:3]] == [1, 2, 2]

    run(test)


def test_leaving_the_block_ends_what_still_plays() -> None:
    async def test() -> None:
        pause = Turnstile()
        async with House(timer=pause).open() as server:
            parts = urlsplit(server.url)
            reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
            writer.write(GET)
            await pause.reached.wait()
        assert pause.is_left
        assert await reader.read() == HEAD
        writer.close()
        with pytest.raises(OSError):
            await asyncio.open_connection(parts.hostname, parts.port)

    run(test)


def test_a_port_in_use_is_an_error_for_people() -> None:
    async def test() -> None:
        routes = Routes([TAPE])
        async with serve(routes) as server:
            port = urlsplit(server.url).port
            with pytest.raises(SseError, match=f"cannot listen on 127.0.0.1 port {port}: "):
                async with serve(routes, port=port or 0):
                    pass

    run(test)
