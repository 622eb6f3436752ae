"""From where a connection goes out: what the server sees of it, and what is told where it cannot."""

import asyncio
import errno
import socket
import sys

import pytest

from sse_cli.errors import UsageError
from sse_cli.sources import local
from sse_cli.sources.local import Local, parse_interface
from sse_cli.sources.source import Unreachable
from tests.e2e.command import Result, sse
from tests.e2e.tls import tls_server
from tests.peers.scripted import ScriptedServer, response

ANSWER = response(body=b"data: found\n\n")
on_linux = pytest.mark.skipif(sys.platform != "linux", reason="only Linux can do that")


def went_out_from(interface: str, *args: str, url: str = "") -> str:
    """Return the address that a server of this machine sees."""
    peers: list[str] = []
    script = [lambda connection: peers.append(connection.getpeername()[0]), ANSWER]
    with ScriptedServer(script) as server:
        port = server.url.rpartition(":")[2]
        more = (arg.replace("PORT", port) for arg in args)
        result = sse(url or server.url, "--interface", interface, *more)
        assert result.text == "found\n", result.err
        assert result.summary["connect"] is not None
    return peers[0]


def check(result: Result, *told: str) -> None:
    assert result.verdict == ("unreachable", 3)
    for text in told:
        assert text in result.err


@on_linux
@pytest.mark.parametrize("interface", ["127.0.0.5", "host!127.0.0.5"])
def test_an_address(interface: str) -> None:
    assert went_out_from(interface) == "127.0.0.5"
    assert went_out_from(interface, "-x", "127.0.0.1:PORT", url="http://h/") == "127.0.0.5"
    assert went_out_from(interface, "--resolve", "h:80:::1", "--resolve", "h:PORT:127.0.0.1") == "127.0.0.5"


def test_a_name_of_this_machines() -> None:
    assert went_out_from("localhost", "-4") == "127.0.0.1"


@on_linux
@pytest.mark.parametrize("interface", ["lo", "if!lo"])
def test_a_device(interface: str) -> None:
    assert went_out_from(interface) == "127.0.0.1"


def test_tls_from_an_address() -> None:
    with tls_server() as url:
        assert sse(url, "--interface", "127.0.0.1", "-k").text == "over TLS\n"


def test_what_is_no_address_of_this_machine() -> None:
    told = ("--interface takes a device of this machine, or one of its addresses",)
    check(sse("http://127.0.0.1:1/", "--interface", "192.0.2.1"), "cannot go out from 192.0.2.1: ", *told)
    check(sse("http://127.0.0.1:1/", "--interface", "no.invalid"), "from no.invalid: no such device", *told)


def test_versions_of_ip_do_not_mix() -> None:
    args = ("http://[::1]:1/", "--interface", "127.0.0.1")
    check(sse(*args), "::1 has no address that 127.0.0.1 has a way to", "IPv4 and IPv6 do not mix")
    check(sse(*args, "-6"), "cannot go out from 127.0.0.1", "-4 and -6 leave out the other addresses")


def test_other_errors_are_told_as_ever() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    here = ("--interface", "127.0.0.1")
    check(sse(f"http://127.0.0.1:{port}/", *here), f"connection refused by 127.0.0.1:{port}")
    check(sse("http://no-such-host.invalid/", *here), "cannot resolve no-such-host.invalid")


def test_a_device_that_is_not_there() -> None:
    result = sse("http://h/", "--interface", "if!no-such")
    assert (result.code, result.summary) == (2, {})
    assert "this machine has no device no-such" in result.err
    assert f"It has {socket.if_nameindex()[0][1]}" in result.err


@on_linux
def test_a_device_that_one_may_not_bind_to(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:  # as Linux does before 5.7, unless it is root who asks
        raise PermissionError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(socket.socket, "setsockopt", refuse)
    with pytest.raises(Unreachable, match="cannot go out from lo: Operation not permitted") as caught:
        asyncio.run(Local("lo", is_device=True).connect("127.0.0.1", 1, socket.AF_UNSPEC))
    assert "may need root" in caught.value.hint


def test_elsewhere_there_is_no_way_to_bind_to_a_device(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local, "_TO_DEVICE", 0)
    monkeypatch.setattr(socket, "if_nameindex", lambda: [(1, "en0")])
    with pytest.raises(UsageError, match=r"only on Linux .* such as en0"):
        parse_interface("en0")
    assert parse_interface("host!en0") == Local("en0", is_device=False)
    assert parse_interface("a!b") == Local("a!b", is_device=False)
