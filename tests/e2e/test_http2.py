"""HTTP/2: when it is spoken, what is shown of it, how it ends, and what is said where it is not spoken."""

import json
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import trustme
from h2.errors import ErrorCodes
from h2.events import ConnectionTerminated, StreamReset

from tests.e2e.command import HANGS, Result, ended, sse, started
from tests.e2e.tls import server_context, tls_server, write_authority
from tests.peers.http2 import Http2Server, Large, Stay, data, end, goaway, head, reset, trailers
from tests.peers.proxy import port_of, relay, tunnel_to, tunnel_to_who_speaks_first
from tests.peers.scripted import ScriptedServer, Wait, response, until_gone

AUTHORITY = trustme.CA()
KNOWN = "--http2-prior-knowledge"
ANSWER = [head(), data(b"id: 7\ndata: one\n\n"), end]
STOP = [head(204), end]


@pytest.fixture(scope="module")
def cacert(tmp_path_factory: pytest.TempPathFactory) -> str:
    return write_authority(AUTHORITY, tmp_path_factory.mktemp("tls"))


def check(result: Result, verdict: str, code: int, *told: str) -> None:
    assert result.verdict == (verdict, code)
    for text in told:
        assert text in result.err, result.err


# When it is spoken


def test_without_tls_it_must_be_known() -> None:
    with Http2Server(ANSWER) as server:
        result = sse(f"{server.url}/events?a", KNOWN, "-v", "--bearer", "hush", "-H", "X-Odd: 1")
    assert (result.text, result.verdict) == ("one\n", ("complete", 0))
    assert result.summary["http_version"] == "HTTP/2"
    place = server.url.removeprefix("http://")
    (request,) = server.requests
    assert (request.method, request.path) == ("GET", "/events?a")
    assert request.headers.pop("user-agent").startswith("sse/")
    assert request.headers == {
        ":scheme": "http",
        ":authority": place,
        "accept": "text/event-stream",
        "cache-control": "no-cache",
        "accept-encoding": "identity",
        "authorization": "Bearer hush",
        "x-odd": "1",
    }
    heads = [line for line in result.err.splitlines() if line.startswith(("> ", "< "))]
    assert heads[:2] == ["> GET /events?a HTTP/2", f"> :authority: {place}"]
    assert {"> accept: text/event-stream", "> x-odd: 1", "> authorization: Bearer ***"} <= set(heads)
    assert "< HTTP/2 200" in heads
    assert "hush" not in result.err


@pytest.mark.parametrize("option", ["--http2", KNOWN])
def test_over_tls_it_is_agreed_on(option: str, cacert: str) -> None:
    with Http2Server(ANSWER, tls=server_context(AUTHORITY)) as server:
        result = sse(server.url, option, "--cacert", cacert)
    assert (result.text, result.summary["http_version"]) == ("one\n", "HTTP/2")


def test_a_server_that_does_not_take_it_is_asked_in_http11(cacert: str) -> None:
    with tls_server(AUTHORITY) as url:
        result = sse(url, "--http2", "--cacert", cacert, "-v")
        assert (result.text, result.summary["http_version"]) == ("over TLS\n", "HTTP/1.1")
        assert "> GET / HTTP/1.1\n> Host: 127.0.0.1" in result.err
        result = sse(url, KNOWN, "--cacert", cacert)
    check(result, "unreachable", 3, "does not speak HTTP/2 here: its answer begins with 'HTTP/1.1 200 OK'")


def test_a_body_is_sent_however_large() -> None:
    body = json.dumps({"text": "x" * 300_000})
    with Http2Server(ANSWER) as server:
        result = sse(server.url, KNOWN, "-d", "@-", stdin=body.encode())
    assert result.verdict == ("complete", 0)
    (request,) = server.requests
    assert (request.method, request.body.decode()) == ("POST", body)
    assert request.headers["content-length"] == str(len(body))


def test_redirects_are_followed_on_connections_of_their_own() -> None:
    with Http2Server([head(302, {"location": "/there?b"}), end], ANSWER) as server:
        result = sse(f"{server.url}/here", KNOWN, "-v")
    assert result.text == "one\n"
    assert [request.path for request in server.requests] == ["/here", "/there?b"]
    assert "> GET /there?b HTTP/2" in result.err


def test_a_redirect_away_from_tls_is_followed_in_http11(cacert: str) -> None:
    with ScriptedServer([response(body=b"data: plain\n\n")]) as plain:
        away = [head(302, {"location": plain.url}), end]
        with Http2Server(away, tls=server_context(AUTHORITY)) as server:
            result = sse(server.url, "--http2", "--cacert", cacert)
    assert (result.text, result.summary["http_version"]) == ("plain\n", "HTTP/1.1")


def test_it_is_asked_again_from_where_the_stream_broke() -> None:
    broken = [head(), data(b"retry: 1\nid: 7\ndata: one\n\n")]
    refused = [goaway(0, 0)]
    with Http2Server([*broken, reset(2)], [*broken, goaway(11)], refused, ANSWER, STOP) as server:
        result = sse(server.url, "-r", KNOWN, "--retry-delay", "1ms")
    assert result.verdict == ("complete", 0)
    assert result.text == "one\n" * 3
    assert [request.headers.get("last-event-id") for request in server.requests] == [None, "7", "7", "7", "7"]
    assert result.summary["http_version"] == "HTTP/2"


@pytest.mark.parametrize("tunnel", [tunnel_to, tunnel_to_who_speaks_first])
def test_through_a_proxy_without_tls_it_takes_a_tunnel(tunnel: object) -> None:
    with Http2Server(ANSWER) as server, ScriptedServer([tunnel(server.url)]) as proxy:  # type: ignore[operator]
        assert sse("http://good.test/", "-x", proxy.url, KNOWN).text == "one\n"
    assert (proxy.requests[0].method, proxy.requests[0].path) == ("CONNECT", "good.test:80")
    assert server.requests[0].headers[":authority"] == "good.test"


@pytest.mark.parametrize("option", ["--http2", KNOWN])
def test_through_a_proxy_over_tls(option: str, cacert: str) -> None:
    with (
        Http2Server(ANSWER, tls=server_context(AUTHORITY)) as server,
        ScriptedServer([tunnel_to(server.url)]) as proxy,
    ):
        result = sse("https://good.test/", "-x", proxy.url, option, "--cacert", cacert)
    assert (result.text, result.summary["http_version"]) == ("one\n", "HTTP/2")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such sockets in asyncio")
def test_over_a_socket_in_the_file_system() -> None:
    with (
        tempfile.TemporaryDirectory(prefix="sse-") as folder,
        socket.socket(socket.AF_UNIX) as listener,
        Http2Server(ANSWER) as server,
    ):
        path = str(Path(folder, "s"))
        listener.bind(path)
        listener.listen()
        thread = threading.Thread(target=lead, args=(listener, server.url), daemon=True)
        thread.start()
        assert sse("http://good.test/", "--unix-socket", path, KNOWN).text == "one\n"
        thread.join()


def lead(listener: socket.socket, url: str) -> None:
    connection, _ = listener.accept()
    with connection:
        relay(connection, port_of(url))


# How it streams, and ends


@pytest.mark.parametrize("tls", [False, True])
def test_an_event_is_written_before_the_next_one_is_sent(tls: bool, cacert: str) -> None:
    go = threading.Event()
    script = [head(), data(b"data: one\n\n"), Wait(go), data(b"data: two\n\n"), trailers]
    context = server_context(AUTHORITY) if tls else None
    with (
        Http2Server(script, tls=context) as server,
        started(server.url, KNOWN, "--cacert", cacert) as process,
    ):
        assert process.stdout is not None
        assert process.stdout.read(65536) == b"one\n"
        go.set()
        code, rest, _ = ended(process)
    assert (code, rest) == (0, b"two\n")


def test_an_event_is_written_before_its_frame_is_whole() -> None:
    go = threading.Event()
    frame = b"\0\0\x16\0\1\0\0\0\1data: one\n\ndata: two\n\n"
    with (
        Http2Server([head(), frame[:20], Wait(go), frame[20:]]) as server,
        started(server.url, KNOWN) as process,
    ):
        assert process.stdout is not None
        assert process.stdout.read(65536) == b"one\n"
        go.set()
        code, rest, _ = ended(process)
    assert (code, rest) == (0, b"two\n")


def goodbyes(server: Http2Server) -> list[ErrorCodes | int | None]:
    (asked,) = server.asked
    return [event.error_code for kind in (StreamReset, ConnectionTerminated) for event in asked.of(kind)]  # type: ignore[attr-defined]


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_ctrl_c_cancels_the_stream(tmp_path: Path) -> None:
    summary = tmp_path / "s.json"
    with (
        Http2Server([head(), data(b"data: one\n\n"), Stay()]) as server,
        started(server.url, KNOWN, "--summary", str(summary)) as process,
    ):
        assert process.stdout is not None
        assert process.stdout.read(100) == b"one\n"
        process.send_signal(signal.SIGINT)
        code, out, err = ended(process)
    assert (code, out) == (130, b"")
    assert "interrupted" in err
    assert json.loads(summary.read_text())["events"] == 1
    assert goodbyes(server) == [ErrorCodes.CANCEL, ErrorCodes.NO_ERROR]


def test_who_has_enough_cancels_the_stream() -> None:
    with Http2Server([head(), data(b"data: one\n\n"), Stay()]) as server:
        assert sse(server.url, KNOWN, "-n", "1").verdict == ("stopped", 0)
    assert goodbyes(server) == [ErrorCodes.CANCEL, ErrorCodes.NO_ERROR]


def test_the_server_feels_a_reader_that_does_not_read(tmp_path: Path) -> None:
    body = (b"data: " + b"x" * 992 + b"\n\n") * 32_000
    large, summary = Large(body), tmp_path / "summary.json"
    with (
        Http2Server([head(), large, end]) as server,
        started(
            "-o", "raw", "--summary", str(summary), server.url, KNOWN, stdin=subprocess.DEVNULL
        ) as process,
    ):
        assert large.stalled.wait(HANGS)
        assert large.sent_by_then < len(body) // 4
        code, out, _ = ended(process)
    assert (code, out) == (0, body)
    assert json.loads(summary.read_text())["overhead"]["max"] > 0.4


CUTS = {
    "reset": ([reset(2)], "the server reset the stream: INTERNAL_ERROR", "server's own log"),
    "gone": ([goaway(11, 1, b"too_many_pings")], "ENHANCE_YOUR_CALM (too_many_pings)", "asked too much"),
    "lost": ([], "the connection was closed before the body was whole", ""),
    "pushed": ([b"\0\0\5\5\4\0\0\0\1\0\0\0\2\x82"], "broke the rules of HTTP/2: Received pushed stream", ""),
}  # fmt: skip


@pytest.mark.parametrize("name", CUTS)
def test_a_stream_that_is_cut_is_truncated(name: str) -> None:
    script, told, hint = CUTS[name]
    with Http2Server([head(), data(b"data: one\n\n"), *script]) as server:
        result = sse(server.url, KNOWN)
    check(result, "truncated", 6, told, hint)
    assert result.text == "one\n"


def test_a_body_shorter_than_its_head_says_is_truncated() -> None:
    with Http2Server(
        [head(headers={"content-length": "99"}), data(b"data: one\n\n"), b"\0\0\0\0\1\0\0\0\1"]
    ) as server:
        check(sse(server.url, KNOWN), "truncated", 6, "the body ended after 11 of 99 bytes")


def test_a_reset_when_it_is_whole_changes_nothing() -> None:
    with Http2Server([*ANSWER, b"\0\0\4\3\0\0\0\0\1\0\0\0\0"]) as server:
        assert sse(server.url, KNOWN).verdict == ("complete", 0)


# Where it does not come about


def test_a_server_that_asks_for_http11_is_quoted() -> None:
    with Http2Server([reset(13)]) as server:
        check(sse(server.url, KNOWN), "unreachable", 3, "HTTP_1_1_REQUIRED", "Without --http2")


def test_a_server_of_http11_is_told_from_one_that_speaks_tls(cacert: str) -> None:
    with ScriptedServer([response(400)]) as server:
        check(
            sse(server.url, KNOWN),
            "unreachable",
            3,
            "its answer begins with 'HTTP/1.1 400 Bad Request'",
            "HTTP/1.1",
        )
    with greeting(b"\x15\3\3\0\2\2\x46") as place:  # protocol_version (RFC 8446, section 6.2)
        check(sse(f"http://{place}", KNOWN), "unreachable", 3, "speaks TLS on this port", "https://")


def test_a_server_that_goes_without_a_word() -> None:
    with ScriptedServer([]) as server:
        check(
            sse(server.url, KNOWN),
            "unreachable",
            3,
            "closed the connection without an answer",
            "Does it speak",
        )


def test_a_server_of_http2_that_is_asked_in_http11() -> None:
    with greeting(b"\0\0\0\4\0\0\0\0\0") as place:
        result = sse(f"http://{place}")
    check(result, "unreachable", 3, "the server speaks HTTP/2 on this port", KNOWN)


@pytest.mark.parametrize("option", [(), ("--http2",), (KNOWN,)])
def test_a_server_that_agrees_on_no_version(option: tuple[str, ...]) -> None:
    with greeting(b"\x15\3\3\0\2\2\x78") as place:  # no_application_protocol (RFC 7301, section 3.2)
        result = sse(f"https://{place}", *option)
    check(result, "unreachable", 3, f"{place} takes no version of HTTP", "--http2 offers")


@contextmanager
def greeting(words: bytes) -> Iterator[str]:
    """Give the place of a server that says something of its own to whoever says anything."""

    def greet(listener: socket.socket) -> None:
        connection, _ = listener.accept()
        with connection:
            connection.recv(65536)
            connection.sendall(words)
            until_gone(connection)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=greet, args=(listener,), daemon=True)
        thread.start()
        yield f"127.0.0.1:{listener.getsockname()[1]}"
        thread.join()


# Its options


@pytest.mark.parametrize(
    "args", [("--http2", KNOWN, "https://h/"), ("--http2", "http://h/"), ("--http2", "-")]
)
def test_wrong_usage(args: tuple[str, ...]) -> None:
    result = sse(*args)
    assert (result.code, result.out) == (2, b"")
    assert "--http2" in result.err or "not a URL" in result.err


@pytest.mark.parametrize("option", ["--http2", KNOWN])
def test_it_goes_to_and_from_curls_commands(option: str) -> None:
    shown = sse("https://h.test/x", option, "--as-curl")
    assert shown.text.startswith(f"curl -N -L {option} https://h.test/x")
    again = sse("--from-curl", shown.text, "--as-curl")
    assert (again.text, again.err) == (shown.text, "")
