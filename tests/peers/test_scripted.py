"""The scripted server does to a plain socket what its script says."""

import socket
import threading
from urllib.parse import urlsplit

import pytest

from tests.peers.scripted import (
    LAST_CHUNK,
    Script,
    ScriptedServer,
    Tell,
    Wait,
    chunk,
    close,
    half_close,
    reset,
    response,
    until_gone,
)

GET = b"GET /a?b HTTP/1.1\r\nHost: x\r\n\r\n"


def dial(url: str) -> socket.socket:
    parts = urlsplit(url)
    return socket.create_connection((parts.hostname, parts.port))


def read_all(connection: socket.socket) -> bytes:
    return b"".join(iter(lambda: connection.recv(65536), b""))


def send_on_and_on(connection: socket.socket) -> None:
    while True:
        connection.sendall(b"hello?")


def test_each_connection_gets_its_script_and_its_request_is_kept() -> None:
    with ScriptedServer([b"first"], [b"second"]) as server:
        for request, answer in (
            (GET, b"first"),
            (b"POST / HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}", b"second"),
        ):
            with dial(server.url) as connection:
                connection.sendall(request)
                assert read_all(connection) == answer
    first, second = server.requests
    assert (first.method, first.path, first.headers, first.body) == ("GET", "/a?b", {"host": "x"}, b"")
    assert first.head == GET
    assert (second.method, second.path, second.body) == ("POST", "/", b"{}")


def test_it_reads_chunked_bodies_and_joins_headers() -> None:
    head = b"POST / HTTP/1.1\r\nX-A: 1\r\nTransfer-Encoding: chunked\r\nx-a: 2\r\n\r\n"
    with ScriptedServer([b"ok"]) as server, dial(server.url) as connection:
        connection.sendall(head + b"3;x=y\r\nabc\r\na\r\n0123456789\r\n0\r\nTrailer: t\r\n\r\n")
        assert read_all(connection) == b"ok"
    assert server.requests[0].body == b"abc0123456789"
    assert server.requests[0].headers["x-a"] == "1, 2"


def test_more_connections_than_scripts_are_refused() -> None:
    with ScriptedServer([b"only"]) as server:
        with dial(server.url) as connection:
            connection.sendall(GET)
            assert read_all(connection) == b"only"
        with pytest.raises(ConnectionRefusedError):
            dial(server.url)


def test_wait_holds_the_script_until_its_event() -> None:
    go, sent = threading.Event(), threading.Event()
    script: Script = [b"a", Tell(sent), Wait(go), b"b"]
    with ScriptedServer(script) as server, dial(server.url) as connection:
        connection.sendall(GET)
        sent.wait()
        connection.setblocking(False)
        assert connection.recv(10) == b"a"
        with pytest.raises(BlockingIOError):
            connection.recv(10)
        connection.setblocking(True)
        go.set()
        assert read_all(connection) == b"b"


def test_the_end_of_the_block_frees_what_waits() -> None:
    late = threading.Event()
    with ScriptedServer([b"a", Wait(), b"b", Tell(late)], [b"never asked for"]) as server:
        connection = dial(server.url)
        connection.sendall(GET)
        assert connection.recv(10) == b"a"
    with connection:
        assert read_all(connection) == b""
    assert not late.is_set()


def test_half_close_still_hears_the_client_and_until_gone_its_going() -> None:
    closed, gone = threading.Event(), threading.Event()
    script: Script = [b"a", half_close, Tell(closed), until_gone, Tell(gone)]
    with ScriptedServer(script) as server:
        with dial(server.url) as connection:
            connection.sendall(GET)
            assert read_all(connection) == b"a"
            closed.wait()
            connection.sendall(b"more")
            assert not gone.is_set()
        gone.wait()


def test_close_ends_both_ways() -> None:
    closed = threading.Event()
    with ScriptedServer([b"a", close, Tell(closed)]) as server, dial(server.url) as connection:
        connection.sendall(GET)
        assert read_all(connection) == b"a"
        closed.wait()
        with pytest.raises(ConnectionError):
            send_on_and_on(connection)


def test_reset_breaks_the_connection() -> None:
    read = threading.Event()
    with ScriptedServer([b"a", Wait(read), reset]) as server, dial(server.url) as connection:
        connection.sendall(GET)
        assert connection.recv(10) == b"a"
        read.set()
        with pytest.raises(ConnectionResetError):
            connection.recv(10)


def test_a_whole_response_states_its_length() -> None:
    assert response(body=b"data: a\n\n") == (
        b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n"
        b"Content-Length: 9\r\n\r\n"
        b"data: a\n\n"
    )


def test_a_chunked_response_is_framed() -> None:
    head = b"HTTP/1.1 503 Service Unavailable\r\nContent-Type: text/event-stream\r\nConnection: close\r\n"
    framed = head + b"Transfer-Encoding: chunked\r\n\r\n"
    assert response(503, chunked=True) == framed
    assert response(503, body=b"x" * 17, chunked=True) == framed + b"11\r\n" + b"x" * 17 + b"\r\n0\r\n\r\n"
    assert response(503, body=b"", chunked=True) == framed + LAST_CHUNK
    assert chunk(b"") == b"", "an empty chunk would end the body"


def test_headers_given_replace_the_own_ones() -> None:
    headers = {"content-type": "text/plain", "Connection": None, "Content-Length": "1000"}
    assert response(headers=headers, body=b"short") == (
        b"HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\nContent-Length: 1000\r\n\r\nshort"
    )
