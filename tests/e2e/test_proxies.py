"""Through a proxy: http and https targets, and what happens when it refuses."""

import base64
import shutil
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import pytest
import trustme

from tests.e2e.command import Result, sse
from tests.e2e.tls import tls_server, write_authority
from tests.peers.proxy import port_of, relay, tunnel_to
from tests.peers.scripted import ScriptedServer, Wait, response, until_gone

ANSWER = response(body=b"data: through\n\n")
WANTS = {"Proxy-Authenticate": "Basic", "Content-Type": "text/html"}
BASIC = "Basic " + base64.b64encode(b"user:hush hush").decode()
AUTHORITY = trustme.CA()


@pytest.fixture(scope="module")
def secure() -> Iterator[str]:
    with tls_server(AUTHORITY) as url:
        yield url


@pytest.fixture(scope="module")
def cacert(tmp_path_factory: pytest.TempPathFactory) -> str:
    return write_authority(AUTHORITY, tmp_path_factory.mktemp("tls"))


def check(result: Result, *told: str) -> None:
    assert result.verdict == ("unreachable", 3)
    for text in told:
        assert text in result.err
    assert "hush" not in result.err


def test_an_http_target_is_asked_by_its_whole_url() -> None:
    with ScriptedServer([ANSWER]) as proxy:
        result = sse("http://host.invalid:81/a?b", "-x", proxy.url, "-v")
        assert result.text == "through\n"
        assert result.summary["connect"] is not None
    request = proxy.requests[0]
    assert "> GET http://host.invalid:81/a?b HTTP/1.1\n> Host: host.invalid:81\n" in result.err
    assert (request.method, request.path) == ("GET", "http://host.invalid:81/a?b")
    assert request.headers["host"] == "host.invalid:81"
    assert "proxy-authorization" not in request.headers


def test_the_password_goes_to_the_proxy_and_is_not_shown() -> None:
    with ScriptedServer([ANSWER]) as proxy:
        url = proxy.url.replace("://", "://user:hush%20hush@")
        result = sse("http://host.invalid/", "-d", "{}", "-v", env={"http_proxy": url})
    request = proxy.requests[0]
    assert (request.headers["proxy-authorization"], request.body) == (BASIC, b"{}")
    assert "hush" not in result.err
    assert BASIC.removeprefix("Basic ") not in result.err


def test_an_https_target_is_asked_through_a_tunnel(secure: str, cacert: str) -> None:
    with ScriptedServer([tunnel_to(secure)]) as proxy:
        url = proxy.url.replace("://", "://user:hush%20hush@")
        result = sse("https://good.test/", "-x", url, "--cacert", cacert, "--bearer", "mine")
        assert result.text == "over TLS\n"
        assert result.summary["connect"] is not None
    request = proxy.requests[0]
    assert (request.method, request.path) == ("CONNECT", "good.test:443")
    assert request.headers == {"host": "good.test:443", "proxy-authorization": BASIC}


def test_the_certificate_is_judged_through_a_tunnel(secure: str, cacert: str) -> None:
    with ScriptedServer([tunnel_to(secure)]) as proxy:
        result = sse("https://bad.test/", "--cacert", cacert, env={"HTTPS_PROXY": proxy.url})
    check(result, "certificate of bad.test:443 is not trusted", "Is it the right host?")


@pytest.mark.parametrize("target", ["http://host.invalid/", "https://host.invalid/"])
def test_a_proxy_that_wants_a_password(target: str) -> None:
    with ScriptedServer([response(407, WANTS, b"no")], [response(407, WANTS, b"no")]) as proxy:
        check(sse(target, "-x", proxy.url), "refused host.invalid:", "HTTP 407 Proxy", "USER:PASSWORD")
        wrong = proxy.url.replace("://", "://user:hush@")
        check(sse(target, "-x", wrong), "HTTP 407 Proxy", "password of the proxy right?")


def test_a_proxy_that_refuses(cacert: str) -> None:
    with ScriptedServer([response(403, WANTS, b"no")]) as proxy:
        result = sse("https://host.invalid/", "-x", proxy.url)
    check(result, f"the proxy {proxy.url[7:]} refused host.invalid:443: HTTP 403 Forbidden", "--noproxy")


@pytest.mark.parametrize("answer", [b"", b"HTTP/1.1 200", b"SSH-2.0-x\r\n\r\n", b"x" * 200_000])
def test_what_is_no_proxy(answer: bytes) -> None:
    with ScriptedServer([answer]) as proxy:
        check(sse("https://host.invalid/", "-x", proxy.url), "the proxy", "Is it a proxy of that kind")


def test_a_proxy_that_is_not_there_or_says_nothing() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    result = sse("https://h/", "-x", f"user:hush@127.0.0.1:{port}")
    check(result, f"connection refused by the proxy 127.0.0.1:{port}")
    result = sse("http://h/", "-x", "user:hush@no-such.invalid")
    check(result, "cannot resolve the proxy no-such.invalid", "goes without a proxy")
    with ScriptedServer([Wait()]) as proxy:
        result = sse("https://h/", "-x", proxy.url, "--connect-timeout", "200ms")
    assert result.verdict == ("timeout", 5)


def test_the_demo_needs_no_network() -> None:
    result = sse("demo", "-n", "1", "-o", "none", env={"http_proxy": "http://no-such.invalid"})
    assert result.verdict == ("stopped", 0)


def test_an_answer_of_the_server_is_not_the_proxys(secure: str) -> None:
    with (
        ScriptedServer([response(407, WANTS, b"no")]) as server,
        socks_server((3, b"\5\0"), (10, BOUND), to=server.url) as (proxy, _),
    ):
        assert sse(server.url, "-x", f"socks5://{proxy}").verdict == ("refused", 4)


def test_hosts_that_are_spared() -> None:
    with ScriptedServer([ANSWER]) as server:
        assert sse(server.url, "-x", "no-such.invalid", "--noproxy", "127.0.0.0/8").text == "through\n"
    result = sse("http://h/", "-x", "ftp://u:hush@p")
    assert (result.code, result.out) == (2, b"")
    assert "-x: not the URL of a proxy that can be spoken to: ftp://u:***@p" in result.err


@contextmanager
def socks_server(*talk: tuple[int, bytes], to: str = "") -> Iterator[tuple[str, list[bytes]]]:
    """Listen for one client: for each step read so many bytes and answer; then carry on to a server."""
    heard: list[bytes] = []

    def serve(listener: socket.socket) -> None:
        connection, _ = listener.accept()
        with connection, suppress(OSError):
            for count, answer in talk:
                heard.append(connection.recv(count, socket.MSG_WAITALL))
                connection.sendall(answer)
            if to:
                relay(connection, port_of(to))
            else:
                connection.shutdown(socket.SHUT_WR)
                until_gone(connection)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, args=(listener,), daemon=True)
        thread.start()
        yield f"127.0.0.1:{listener.getsockname()[1]}", heard
        thread.join()


BOUND = b"\5\0\0\1\0\0\0\0\0\0"


def test_socks_with_the_lookup_left_to_it(secure: str, cacert: str) -> None:
    with socks_server((3, b"\5\0"), (16, b"\5\0\0\3\4name\0\0"), to=secure) as (proxy, heard):
        result = sse("https://good.test/", "-x", f"socks5h://{proxy}", "--cacert", cacert)
    assert result.text == "over TLS\n"
    assert heard == [b"\5\1\0", b"\5\1\0\3\x09good.test\x01\xbb"]


def test_socks_with_a_password_and_an_address() -> None:
    with (
        ScriptedServer([ANSWER]) as server,
        socks_server((4, b"\5\2"), (16, b"\1\0"), (10, BOUND), to=server.url) as (proxy, heard),
    ):
        result = sse(server.url, "-x", f"socks5://user:hush%20hush@{proxy}", "-v")
        assert result.text == "through\n"
        assert server.requests[0].path == "/"
    port = port_of(server.url).to_bytes(2)
    assert heard == [b"\5\2\0\2", b"\1\4user\x09hush hush", b"\5\1\0\1\x7f\0\0\1" + port]
    assert "hush" not in result.err


SOCKS4 = {
    "an address": ("127.0.0.1", "socks4://", b"\x7f\0\0\1\0"),
    "an address, a user": ("127.0.0.1", "socks4://ada@", b"\x7f\0\0\1ada\0"),
    "a name": ("localhost", "socks4://", b"\x7f\0\0\1\0"),
    "a name for it": ("no.name", "socks4a://", b"\0\0\0\1\0no.name\0"),
    "a name for it, a user": ("no.name", "socks4a://ada@", b"\0\0\0\1ada\0no.name\0"),
}
"""The host of the URL, what stands before the proxy's address, and what is asked behind the port."""

GRANTED = b"\0\x5a\0\0\0\0\0\0"


def by_curl(url: str, proxy: str) -> None:
    subprocess.run(["curl", "-sS", "-x", proxy, url], check=True, capture_output=True, timeout=60)


def by_sse(url: str, proxy: str) -> None:
    assert sse(url, "-x", proxy).text == "through\n"


@pytest.mark.parametrize("name", SOCKS4)
@pytest.mark.parametrize("ask", [by_sse, by_curl])
def test_socks4(name: str, ask: Callable[[str, str], None]) -> None:
    if ask is by_curl and shutil.which("curl") is None:
        pytest.skip("no curl here")
    host, before, asked = SOCKS4[name]
    with ScriptedServer([ANSWER]) as server:
        expected = b"\4\1" + port_of(server.url).to_bytes(2) + asked
        with socks_server((len(expected), GRANTED), to=server.url) as (proxy, heard):
            ask(server.url.replace("127.0.0.1", host), f"{before}{proxy}")
    assert heard == [expected]


REFUSALS_4 = {
    b"\0\x5b\0\0\0\0\0\0": "refused h:80: rejected",
    b"\0\x5d\0\0\0\0\0\0": "refused h:80: identd of this machine names another user",
    b"\0\x63\0\0\0\0\0\0": "refused h:80: reply 99",
    b"HTTP/1.1": "closed the connection, or speaks no socks4a",
    b"\0": "closed the connection, or speaks no socks4a",
}


@pytest.mark.parametrize("answer", REFUSALS_4)
def test_socks4_that_refuses(answer: bytes) -> None:
    with socks_server((11, answer)) as (proxy, _):
        check(sse("http://h/", "-x", f"socks4a://{proxy}"), f"the proxy {proxy} {REFUSALS_4[answer]}")


def test_socks4_has_ipv4_alone() -> None:
    with socks_server() as (proxy, _):
        result = sse("http://[::1]/", "-x", f"socks4://{proxy}")
    check(
        result, "cannot resolve ::1 to an IPv4 address, which SOCKS4 needs", "leaves the lookup to the proxy"
    )


REFUSALS = {
    "rules": (((3, b"\5\0"), (8, b"\5\2\0\1\0\0\0\0\0\0")), "refused h:80: not allowed by its rules"),
    "unknown": (((3, b"\5\0"), (8, b"\5\x63\0\1\0\0\0\0\0\0")), "refused h:80: reply 99"),
    "password": (((3, b"\5\xff"),), "wants a user and a password"),
    "no SOCKS": (((3, b"HT"),), "closed the connection, or speaks no socks5h"),
    "gone": (((3, b"\5\0"),), "closed the connection, or speaks no socks5h"),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_socks_that_refuses(name: str) -> None:
    talk, told = REFUSALS[name]
    with socks_server(*talk) as (proxy, _):
        check(sse("http://h/", "-x", f"socks5h://{proxy}"), f"the proxy {proxy} {told}")


def test_socks_is_asked_for_no_name_that_it_has_no_room_for() -> None:
    with socks_server() as (proxy, _):
        check(sse(f"http://{'a.' * 150}/", "-x", f"socks5h://{proxy}"), "cannot be asked for a name so long")


def test_socks_that_does_not_take_the_password() -> None:
    with socks_server((4, b"\5\2"), (11, b"\1\1")) as (proxy, _):
        check(
            sse("http://h/", "-x", f"socks5h://user:hush@{proxy}"), "does not take the user and the password"
        )
