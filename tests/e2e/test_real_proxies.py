"""Through proxies as people run them: tinyproxy, microsocks, and stunnel before tinyproxy; and a socket."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme

from tests.e2e.command import Result, sse
from tests.e2e.steps import asking, walk
from tests.e2e.test_real_servers import seen
from tests.e2e.tls import tls_server, write_authority
from tests.peers.expected import BLOCKS, EVENTS, TOKENS_TEXT, wire
from tests.peers.proxies import microsocks, stunnel, tinyproxy
from tests.peers.real import coded_server, uvicorn_on_a_socket
from tests.peers.scripted import response

AUTHORITY = trustme.CA()
USER, PASSWORD = "ada", "hush-hush"
KINDS = ["http", "https", "socks5", "socks5h"]
GIVEN = f"{USER}:{PASSWORD}"


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with coded_server() as url:
        yield url


@pytest.fixture(scope="module")
def secure() -> Iterator[str]:
    with tls_server(AUTHORITY) as url:
        yield url


@pytest.fixture(scope="module")
def cacert(tmp_path_factory: pytest.TempPathFactory) -> str:
    return write_authority(AUTHORITY, tmp_path_factory.mktemp("tls"))


@pytest.fixture(scope="module")
def plain() -> Iterator[str]:
    with tinyproxy() as proxy:
        yield proxy


@pytest.fixture(scope="module")
def locked() -> Iterator[str]:
    with tinyproxy(USER, PASSWORD) as proxy:
        yield proxy


@pytest.fixture(scope="module", params=KINDS)
def proxy(request: pytest.FixtureRequest) -> Iterator[list[str]]:
    """Give the options that lead through a proxy of each kind that wants a password."""
    scheme: str = request.param
    if scheme.startswith("socks"):
        with microsocks(USER, PASSWORD) as address:
            yield ["-x", f"{scheme}://{address}"]
        return
    locked: str = request.getfixturevalue("locked")
    if scheme == "http":
        yield ["-x", f"http://{locked}"]
        return
    with stunnel(locked, AUTHORITY) as address:
        yield ["-x", f"https://{address}", "--proxy-cacert", request.getfixturevalue("cacert")]


def check(result: Result, *told: str) -> None:
    assert result.verdict == ("unreachable", 3)
    for text in told:
        assert text in result.err
    assert PASSWORD not in result.err


def test_events_come_through(server: str, proxy: list[str]) -> None:
    result = sse(f"{server}/events", *proxy, "-U", GIVEN, "-o", "json", "-v")
    assert result.verdict == ("complete", 0)
    assert seen(result.records) == EVENTS
    assert PASSWORD not in result.err


def test_an_event_is_written_before_the_next_one_is_sent(server: str, proxy: list[str]) -> None:
    walk(f"{server}/steps", asking(server), *proxy, "-U", GIVEN)


def test_tls_goes_through(secure: str, cacert: str, proxy: list[str]) -> None:
    result = sse(secure, *proxy, "--proxy-user", GIVEN, "--cacert", cacert, "--bearer", "mine")
    assert result.verdict == ("complete", 0)
    assert result.text == "over TLS\n"


def test_the_servers_certificate_is_judged(secure: str, cacert: str, proxy: list[str]) -> None:
    result = sse(secure, *proxy, "-U", GIVEN)
    check(result, f"certificate of {secure[8:]} is not trusted", "-k accepts any")
    assert sse(secure, *proxy, "-U", GIVEN, "-k").text == "over TLS\n"


def test_the_password_is_wanted(server: str, secure: str, proxy: list[str]) -> None:
    for url in (f"{server}/events", secure):
        check(sse(url, *proxy), "the proxy 127.0.0.1:", "Give its user and password")


def test_the_password_is_the_right_one(secure: str, proxy: list[str]) -> None:
    told = "does not take the user and the password" if "socks" in proxy[1] else "HTTP 401 Unauthorized"
    check(sse(secure, *proxy, "-U", f"{GIVEN}x"), "the proxy 127.0.0.1:", told, "of the proxy right?")


def test_a_server_that_is_not_there(proxy: list[str]) -> None:
    result = sse("https://no-such-host.invalid/", *proxy, "-U", GIVEN)
    if "socks5://" in proxy[1]:
        check(result, "cannot resolve no-such-host.invalid", "ocks5h:// leaves the lookup to the proxy")
    else:
        check(result, "the proxy 127.0.0.1:", "refused no-such-host.invalid:443", "--noproxy")


@pytest.mark.parametrize("given", ["", f"{GIVEN}@"])
def test_a_proxy_without_a_password_takes_any(server: str, plain: str, given: str) -> None:
    env = {"http_proxy": f"http://{given}{plain}"}
    assert sse(f"{server}/events", "-o", "raw", env=env).out == wire(BLOCKS)


def test_what_an_http_proxy_says_of_a_server_that_is_not_there(plain: str) -> None:
    result = sse("http://no-such-host.invalid/", "-x", plain)
    assert result.verdict == ("refused", 4)
    assert "the server answered 500" in result.err


def test_the_proxys_certificate_is_judged(server: str, secure: str, cacert: str, plain: str) -> None:
    with stunnel(plain, AUTHORITY) as front:
        for url in (f"{server}/events", secure):
            result = sse(url, "-x", f"https://{front}", "--cacert", cacert)
            check(result, f"certificate of the proxy {front} is not trusted")
            assert (
                "--proxy-cacert FILE trusts the authority in FILE; --proxy-insecure accepts any" in result.err
            )
        result = sse(f"{server}/events", "-x", f"https://{front}", "--proxy-insecure", "-o", "raw")
        assert result.out == wire(BLOCKS)


def test_a_proxy_that_wants_a_clients_certificate(server: str, secure: str, cacert: str) -> None:
    with tls_server(AUTHORITY, trustme.CA()) as proxy:
        for url in (f"{server}/events", secure):
            result = sse(url, "-x", proxy, "--proxy-cacert", cacert)
            check(result, f"the proxy {proxy[8:]} wants a client certificate", "--cert is for the server")


def test_a_proxy_that_speaks_no_tls(server: str) -> None:
    result = sse("http://any.host/", "-x", server.replace("http:", "https:"))
    check(result, f"TLS failed with the proxy {server[7:]}", "Does the proxy speak TLS on this port?")


def test_much_comes_through_tls_in_tls_and_may_be_broken_off(cacert: str, plain: str) -> None:
    body = b"data: 0123456789\n\n" * 500_000
    with tls_server(AUTHORITY, answer=response(body=body)) as url, stunnel(plain, AUTHORITY) as front:
        args = (url, "-x", f"https://{front}", "--proxy-cacert", cacert, "--cacert", cacert)
        assert sse(*args, "-o", "raw").out == body
        few = sse(*args, "-n", "3")
    assert few.verdict == ("stopped", 0)
    assert few.text == "0123456789\n" * 3


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such sockets in asyncio")
def test_a_socket_in_the_file_system() -> None:
    with uvicorn_on_a_socket() as path:
        result = sse("http://any.host/tokens", "--unix-socket", path, "-d", "{}", "-o", "text")
        assert result.verdict == ("complete", 0)
        assert result.text == TOKENS_TEXT
        assert seen(sse("http://any.host/events", "--unix-socket", path, "-o", "json").records) == EVENTS


def test_files_that_cannot_be_used(tmp_path: Path) -> None:
    result = sse("https://h/", "-x", "https://p", "--proxy-cacert", "no-such.pem")
    assert (result.code, result.summary) == (2, {})
    assert "--proxy-cacert: cannot read no-such.pem" in result.err
