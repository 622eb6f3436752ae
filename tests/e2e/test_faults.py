"""What networks and servers do wrong, on real sockets: each event is delivered once and in its order all the
same, and the summary tells what happened.

In each case of `LIES` the server sends what it should and then something else; asked again, it goes on after
the last id that it is told.
"""

import socket
import threading
from typing import Any

import pytest

from sse_cli.sources.http1 import MAX_HEAD
from sse_cli.sources.proxies import read_proxies
from sse_cli.sources.route import Route
from sse_cli.stream import Chunk, Item, Limits, Policy, Request
from tests.e2e.heard import Heard, hear, ids
from tests.e2e.tls import tls_server
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

HEAD, CHUNKED = response(), response(chunked=True)
ONE, TWO, THREE = (b"id: %d\ndata: %d\n\n" % (number, number) for number in (1, 2, 3))
STOP = [response(204)]
SHORT = "the connection was closed before the body was whole"
BROKEN = "the body's chunked coding is broken: "
AN_END = "the server ended the response"
NO_HTTP = "the server's answer is not HTTP: "


def sized(length: str, body: bytes) -> bytes:
    return response(headers={"Content-Length": length}) + body


def check(heard: Heard, server: ScriptedServer, *told: str) -> None:
    """Hold that 1, 2 and 3 came once each, and that the summary tells how the connections ended."""
    assert heard.data == ["1", "2", "3"]
    assert [event.number for event in heard.events] == [1, 2, 3]
    assert (heard.verdict, heard.error) == ("complete", None)
    summary = heard.summary
    assert (summary.figures.events, summary.figures.reconnects) == (3, len(told))
    assert sum(each.duplicates + each.jumps for each in summary.attempts) == 0
    for attempt, fault, text in zip(summary.attempts[1:], heard.faults, told, strict=True):
        assert fault.error.startswith(text)
        assert attempt.why == fault.error
    assert [each.last_event_id or None for each in summary.attempts] == ids(server)
    assert sum(each.events for each in summary.attempts) == 3


LIES: dict[str, tuple[Script, int, str]] = {
    "a chunk that is cut": ([CHUNKED + chunk(ONE) + b"99\r\n" + TWO, close], 2, SHORT),
    "a chunk that is too long": (
        [CHUNKED + chunk(ONE) + b"%x\r\n" % (len(TWO) + 9) + TWO + b"\r\n" + chunk(THREE) + LAST_CHUNK],
        2,
        BROKEN,
    ),
    "a chunk that is too short": ([CHUNKED + chunk(ONE) + b"5\r\n" + TWO + b"\r\n" + LAST_CHUNK], 1, BROKEN),
    "a size that is no number": ([CHUNKED + chunk(ONE) + b"zz\r\n" + TWO], 1, BROKEN),
    "a size that is missing": ([CHUNKED + chunk(ONE) + b"\r\n" + TWO], 1, BROKEN),
    "a size below nothing": ([CHUNKED + chunk(ONE) + b"-5\r\n" + TWO], 1, BROKEN),
    "a size beyond all": ([CHUNKED + chunk(ONE) + b"f" * 17 + b"\r\n" + TWO], 1, BROKEN),
    "a size of exabytes": ([CHUNKED + chunk(ONE) + b"7" + b"f" * 15 + b"\r\n" + TWO, close], 2, SHORT),
    "no last chunk": ([CHUNKED + chunk(ONE), close], 1, SHORT),
    "half of the last chunk": ([CHUNKED + chunk(ONE) + b"0\r\n", close], 1, SHORT),
    "a length that is too long": ([sized("99", ONE + TWO), close], 2, SHORT),
    "a length that is too short": ([sized(str(len(ONE) + 9), ONE + TWO + THREE)], 1, AN_END),
    "a length of nothing": ([sized("0", ONE + TWO)], 0, AN_END),
    "a length of exabytes": ([sized("9" * 18, ONE + TWO), close], 2, SHORT),
    "a length beyond all": ([sized("9" * 30, ONE + TWO)], 0, NO_HTTP),
    "a length below nothing": ([sized("-1", ONE + TWO)], 0, NO_HTTP),
    "a length that is no number": ([sized("x", ONE + TWO)], 0, NO_HTTP),
    "a second answer after the first": ([sized(str(len(ONE)), ONE) + HEAD + TWO], 1, AN_END),
    "half of a head": ([HEAD[:20]], 0, "the server closed the connection without an answer"),
    "nothing at all": ([b""], 0, "the server closed the connection without an answer"),
    "something else than HTTP": ([b"220 mail.test ESMTP\r\n"], 0, NO_HTTP),
    "a head without end": ([HEAD[:-2] + b"X-More: and more\r\n" * (MAX_HEAD // 18 + 1)], 0, NO_HTTP),
    "trailers without end": ([CHUNKED + chunk(ONE) + b"0\r\n" + b"X: y\r\n" * (MAX_HEAD // 5)], 1, BROKEN),
}  # fmt: skip


@pytest.mark.parametrize("name", LIES)
def test_a_server_that_lies(name: str) -> None:
    script, came, told = LIES[name]
    rest = b"".join((ONE, TWO, THREE)[came:])
    with ScriptedServer(script, [HEAD + rest], STOP) as server:
        heard = hear(server.url)
    check(heard, server, told, AN_END)


@pytest.mark.parametrize("head", [HEAD, CHUNKED], ids=["until close", "chunked"])
@pytest.mark.parametrize("rest", [b"", b"data: unfin"], ids=["between events", "inside an event"])
def test_a_reset(head: bytes, rest: bytes) -> None:
    seen = Wait()
    body = chunk(ONE + TWO + rest) if head is CHUNKED else ONE + TWO + rest
    with ScriptedServer([head + body, seen, reset], [HEAD + THREE], STOP) as server:
        heard = hear(server.url, on_data={"2": seen.event.set})
    check(heard, server, "the connection broke: Connection reset by peer", AN_END)


@pytest.mark.parametrize("head", [HEAD, CHUNKED], ids=["until close", "chunked"])
def test_a_half_closed_connection_is_closed(head: bytes) -> None:
    """The server sends FIN, and waits for ours before the next connection may have an answer."""
    closed, is_chunked = threading.Event(), head is CHUNKED
    body = chunk(ONE) if is_chunked else ONE
    first: Script = [head + body, half_close, until_gone, Tell(closed)]
    scripts: list[Script] = [first, [Wait(closed), HEAD + TWO + THREE], STOP]
    with ScriptedServer(*scripts) as server:
        heard = hear(server.url)
    check(heard, server, SHORT if is_chunked else AN_END, AN_END)


DRIPPED = "\ufeff: é\r\n\r\nid: 1\ndata: 1\n\nid: 2\r\ndata: 2\r\n\r\nid: 3\rdata: 3\r\r".encode()


def test_one_byte_at_a_time() -> None:
    """No byte is sent before the last one was taken: so each comes alone."""
    taken = threading.Semaphore(0)

    def drip(connection: socket.socket) -> None:
        for byte in DRIPPED:
            connection.sendall(bytes((byte,)))
            taken.acquire()

    def on_item(item: Item) -> None:
        if isinstance(item, Chunk):
            taken.release()

    with ScriptedServer([HEAD, drip], STOP) as server:
        heard = hear(server.url, on_item=on_item)
    check(heard, server, AN_END)
    assert len(heard.chunks) == len(DRIPPED)
    assert heard.summary.figures.comments == 1
    assert heard.summary.figures.anomalies == 0


def test_redirects_without_end_are_given_up_each_time() -> None:
    loop = [response(307, {"Location": "/again"}, b"")]
    with ScriptedServer(*[loop] * 21, [HEAD + ONE + TWO + THREE], *[loop] * 42) as server:
        heard = hear(server.url, reconnect=Policy(delay=0.0, retries=1))
    assert len(server.requests) == 64
    assert heard.data == ["1", "2", "3"]
    assert heard.verdict == "unreachable"
    assert [fault.error[:22] for fault in heard.faults] == [
        "more than 20 redirects", AN_END[:22], "more than 20 redirects",
    ]  # fmt: skip


def test_a_name_that_is_not_found_for_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    real, asked = socket.getaddrinfo, 0

    def getaddrinfo(host: str, *args: Any, **options: Any) -> Any:
        nonlocal asked
        if host != "name.test":
            return real(host, *args, **options)
        asked += 1
        if asked == 2:
            raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")
        return real("127.0.0.1", *args, **options)

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    with ScriptedServer([HEAD + ONE], [HEAD + TWO + THREE], STOP) as server:
        heard = hear(server.url.replace("127.0.0.1", "name.test"))
    assert asked == 4
    assert heard.data == ["1", "2", "3"]
    unresolved = "cannot resolve name.test: Temporary failure in name resolution"
    assert [fault.error for fault in heard.faults] == [AN_END, unresolved, AN_END]
    summary = heard.summary
    assert [(each.status, each.last_event_id) for each in summary.attempts] == [
        (200, ""), (None, "1"), (200, "1"), (204, "3"),
    ]  # fmt: skip
    assert (heard.verdict, heard.error) == ("complete", None)


def test_a_certificate_that_nobody_trusts_is_asked_for_once() -> None:
    with tls_server() as url:
        heard = hear(url)
    assert (heard.verdict, heard.faults, len(heard.summary.attempts)) == ("unreachable", [], 1)


def test_a_proxy_that_wants_a_password_is_asked_once() -> None:
    with ScriptedServer([response(407, {"Proxy-Authenticate": "Basic"}, b"")]) as proxy:
        route = Route(proxies=read_proxies(proxy.url, None, {}))
        heard = hear(Request.of("http://host.invalid/", route=route))
    assert (heard.verdict, heard.faults, len(proxy.requests)) == ("unreachable", [], 1)


def test_a_connection_that_goes_silent() -> None:
    with ScriptedServer([HEAD + ONE + TWO, until_gone], [HEAD + THREE], STOP) as server:
        heard = hear(server.url, limits=Limits(idle=0.1))
    check(heard, server, "idle timeout: no event for 0.1 s", AN_END)


def test_a_head_that_never_comes() -> None:
    with ScriptedServer([HEAD[:9], until_gone], [HEAD + ONE + TWO + THREE], STOP) as server:
        heard = hear(server.url, limits=Limits(first=1.0))
    check(heard, server, "first event timeout: no event after 1 s", AN_END)
