"""Time limits: the message names the one that passed and its option, and what had come is shown."""

import socket
import ssl
import zlib

import pytest

from tests.e2e.command import Result, sse
from tests.e2e.tls import server_context
from tests.peers.scripted import ScriptedServer, Wait, chunk, response

ONE = response() + b"data: one\n\n"
PING = b"event: ping\ndata: {}\n\n"
LIMITS = {
    "no head": (("--first-timeout", "60ms"), b"", "first event timeout: no event after 0.06 s"),
    "half a head": (
        ("--first-timeout", "60ms"), response()[:-9], "first event timeout: no event after 0.06 s",
    ),
    "no body": (("--first-timeout", "60ms"), response(), "first event timeout: no event after 0.06 s"),
    "only pings": (
        ("--first-timeout", "60ms"), response() + b": ping\n\n", "first event timeout: no event after 0.06 s",
    ),
    "only events that are pings": (
        ("--first-timeout", "1s"), response() + PING, "first event timeout: no event after 1 s",
    ),
    "head and silence": (("--idle-timeout", "60ms"), response(), "idle timeout: no event for 0.06 s"),
    "silence": (("--idle-timeout", "60ms"), ONE, "idle timeout: no event for 0.06 s"),
    "not a byte": (
        ("--idle-timeout", "60ms", "--idle-bytes"), ONE, "idle timeout: no byte for 0.06 s",
    ),
    "total, no head": (("--max-time", "60ms"), b"", "total timeout: the stream was not over after 0.06 s"),
    "total": (("--max-time", "1s"), ONE, "total timeout: the stream was not over after 1 s"),
}  # fmt: skip


@pytest.fixture(scope="module", params=["plain", "TLS"])
def context(request: pytest.FixtureRequest) -> ssl.SSLContext | None:
    return server_context() if request.param == "TLS" else None


def ask(server: ScriptedServer, *args: str) -> Result:
    return sse(server.url, "-k", *args)


@pytest.mark.parametrize("name", LIMITS)
def test_the_limit_that_passed_is_named(name: str, context: ssl.SSLContext | None) -> None:
    args, sent, told = LIMITS[name]
    with ScriptedServer([sent, Wait()], context=context) as server:
        result = ask(server, *args, "-o", "data")
    assert result.verdict == ("timeout", 5)
    assert result.text == {ONE: "one\n", response() + PING: "{}\n"}.get(sent, "")
    assert result.summary["reason"] == told
    assert result.err.count(told) == 1
    assert f"The limit is {args[0]}" in result.err


def _packed() -> bytes:
    """Return a gzip body that stops inside a block: an event and a half can be read of it."""
    packer = zlib.compressobj(wbits=16 + zlib.MAX_WBITS)
    whole = packer.compress(b"data: one\n\ndata: tw") + packer.flush(zlib.Z_SYNC_FLUSH)
    more = packer.compress(bytes(range(200)) * 50) + packer.flush(zlib.Z_SYNC_FLUSH)
    return whole + more[:2]


STALLS = {
    "a body that closes": ONE + b"data: tw",
    "a body of known length": response(headers={"Content-Length": "99"}) + b"data: one\n\ndata: tw",
    "between two chunks": response(chunked=True) + chunk(b"data: one\n\ndata: tw"),
    "inside a chunk": response(chunked=True) + b"63\r\ndata: one\n\ndata: tw",
    "inside a chunk's size": response(chunked=True) + chunk(b"data: one\n\ndata: tw") + b"1",
    "inside compressed data": response(headers={"Content-Encoding": "gzip"}) + _packed(),
}
"""Where a server may stop inside its second event."""

PASSED = {
    "idle": (("--idle-timeout", "60ms"), "idle timeout: no event for 0.06 s"),
    "total": (("--max-time", "1s"), "total timeout: the stream was not over after 1 s"),
}


@pytest.mark.parametrize("limit", PASSED)
@pytest.mark.parametrize("name", STALLS)
def test_nothing_that_had_come_is_lost(name: str, limit: str, context: ssl.SSLContext | None) -> None:
    args, told = PASSED[limit]
    with ScriptedServer([STALLS[name], Wait()], context=context) as server:
        result = ask(server, *args, "-o", "json", "--all")
    assert (result.verdict, result.summary["reason"]) == (("timeout", 5), told)
    kinds = [record["kind"] for record in result.records]
    assert kinds == ["opened", "event", "anomaly", "closed"]
    _, event, anomaly, closed = result.records
    assert (event["data"], anomaly["anomaly"], anomaly["detail"]) == ("one", "cut-event", "data: tw")
    assert closed["reason"] == "timeout"
    summary = result.summary
    assert (summary["events"], summary["anomalies"], summary["status"]) == (1, 1, 200)
    assert summary["end"] >= summary["first_event"] > 0
    assert [(each["status"], each["events"]) for each in summary["attempts"]] == [(200, 1)]


def test_a_handshake_that_never_ends_is_no_connection() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:  # the system accepts, and nobody answers
        result = sse(f"https://127.0.0.1:{listener.getsockname()[1]}/", "--connect-timeout", "60ms")
    check_connect(result)
    assert result.summary["connect"] is None


@pytest.mark.skipif("sys.platform != 'linux'", reason="where a full queue has a client wait")
def test_a_listener_whose_queue_is_full_is_no_connection() -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        waiting = [socket.socket() for _ in range(8)]
        for each in waiting:
            each.setblocking(False)
            each.connect_ex(listener.getsockname())
        result = sse(f"http://127.0.0.1:{listener.getsockname()[1]}/", "--connect-timeout", "60ms")
        for each in waiting:
            each.close()
    check_connect(result)


def check_connect(result: Result) -> None:
    assert (result.verdict, result.text) == (("timeout", 5), "")
    assert result.err.count("connect timeout: no connection after 0.06 s") == 1
    assert "The limit is --connect-timeout" in result.err
    assert (result.summary["status"], result.summary["events"]) == (None, 0)


def test_the_limit_to_connect_is_not_one_for_the_answer() -> None:
    script = [Wait(), ONE]
    with ScriptedServer(script) as server:
        result = sse(server.url, "--connect-timeout", "1s", "--first-timeout", "1200ms")
    assert result.summary["reason"] == "first event timeout: no event after 1.2 s"


def test_bytes_count_for_the_idle_limit_where_that_is_asked_for() -> None:
    """Of a server that goes on to ping, the limit of the run is the one that passes."""

    def ping_on(connection: socket.socket) -> None:
        connection.settimeout(0.01)
        while True:
            connection.sendall(b": ping\n\n")
            try:
                if not connection.recv(1):
                    return
            except TimeoutError:
                continue

    for more, told in (
        ([], "idle timeout: no event for 1 s"),
        (["--idle-bytes"], "total timeout: the stream was not over after 2.5 s"),
    ):
        with ScriptedServer([ONE, ping_on]) as server:
            result = sse(server.url, "--idle-timeout", "1s", "--max-time", "2500ms", *more)
        assert (result.verdict, result.summary["reason"]) == (("timeout", 5), told)


def test_idle_bytes_alone_is_wrong_usage() -> None:
    with ScriptedServer([ONE]) as server:
        result = sse(server.url, "--idle-bytes")
    assert (result.code, server.requests) == (2, [])
    assert "--idle-bytes has no effect without --idle-timeout" in result.err
