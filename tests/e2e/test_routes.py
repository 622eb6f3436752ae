"""Where to connect, whatever the URL says: a socket in the file system, an address, a version of IP."""

import socket
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import trustme

from tests.e2e.command import Result, sse
from tests.e2e.tls import server_context, serving, tls_server, write_authority
from tests.peers.scripted import ScriptedServer, response, until_gone

ANSWER = response(body=b"data: found\n\n")
needs_sockets = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such sockets in asyncio")


def port_of(url: str) -> str:
    return url.rpartition(":")[2]


def check_usage(result: Result, *told: str) -> None:
    assert (result.code, result.out, result.summary) == (2, b"", {})
    for text in told:
        assert text in result.err


@contextmanager
def listening() -> Iterator[tuple[socket.socket, str]]:
    """Give a listener in the file system, and its path: a short one, since systems allow no long ones."""
    with tempfile.TemporaryDirectory(prefix="sse-") as folder, socket.socket(socket.AF_UNIX) as listener:
        path = str(Path(folder, "s"))
        listener.bind(path)
        listener.listen()
        yield listener, path


@needs_sockets
def test_a_socket_in_the_file_system() -> None:
    heads: list[bytes] = []

    def answer(listener: socket.socket) -> None:
        connection, _ = listener.accept()
        with connection:
            heads.append(connection.recv(65536))
            connection.sendall(ANSWER)
            until_gone(connection)

    with listening() as (listener, path):
        thread = threading.Thread(target=answer, args=(listener,), daemon=True)
        thread.start()
        result = sse("http://no-such-host.invalid:81/events", "--unix-socket", path)
        thread.join()
    assert result.text == "found\n"
    assert result.summary["connect"] is not None
    assert heads[0].startswith(b"GET /events HTTP/1.1\r\nHost: no-such-host.invalid:81\r\n")


@needs_sockets
def test_tls_over_a_socket_in_the_file_system(tmp_path: Path) -> None:
    authority = trustme.CA()
    cacert = write_authority(authority, tmp_path)
    with listening() as (listener, path), serving(listener, server_context(authority)):
        result = sse("https://good.test/", "--unix-socket", path, "--cacert", cacert)
        assert result.text == "over TLS\n"
        result = sse("https://bad.test/", "--unix-socket", path, "--cacert", cacert)
    assert result.verdict == ("unreachable", 3)
    assert f"certificate of the socket {path} is not trusted" in result.err


@needs_sockets
def test_a_socket_that_is_not_there(tmp_path: Path) -> None:
    result = sse("http://h/", "--unix-socket", "no-such-socket")
    assert result.verdict == ("unreachable", 3)
    assert "cannot connect to the socket no-such-socket: No such file" in result.err
    assert "is this its socket?" in result.err
    with listening() as (listener, path):
        listener.close()
        result = sse("http://h/", "--unix-socket", path)
    assert "connection refused by the socket" in result.err
    for beside in (["-4"], ["-6"], ["-x", "h:1"], ["--resolve", "h:80:127.0.0.1"], ["--interface", "h"]):
        check_usage(sse("http://h/", "--unix-socket", "s", *beside), "no effect with --unix-socket")


def test_an_address_for_a_host(tmp_path: Path) -> None:
    with ScriptedServer([ANSWER]) as server:
        port = port_of(server.url)
        result = sse(f"http://Host.Invalid:{port}/", "--resolve", f"hOst.invalid:{port}:127.0.0.1")
        assert result.text == "found\n"
        assert server.requests[0].headers["host"] == f"host.invalid:{port}"
    authority = trustme.CA()
    with tls_server(authority) as url:
        port, cacert = port_of(url), write_authority(authority, tmp_path)
        result = sse(f"https://good.test:{port}", "--resolve", f"*:{port}:127.0.0.1", "--cacert", cacert)
        assert result.text == "over TLS\n"


def test_an_address_is_for_its_host_and_port_alone_and_is_named_in_errors() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    here = ("--resolve", f"host.invalid:{port}:127.0.0.1")
    assert "connection refused by host.invalid:" in (err := sse(f"http://host.invalid:{port}", *here).err)
    assert "(--resolve: 127.0.0.1)" in err
    assert "cannot resolve host.invalid" in sse("http://host.invalid:81", *here).err
    assert "cannot resolve other.invalid" in sse(f"http://other.invalid:{port}", *here).err


@pytest.mark.parametrize("text", ["h", "h:80", "h:80:", "h:x:127.0.0.1", ":80:127.0.0.1", "h:80:localhost"])
def test_what_is_no_address_for_a_host(text: str) -> None:
    check_usage(sse("http://h/", "--resolve", text), "--resolve", "host:443:127.0.0.1")


@pytest.mark.parametrize("option", ["-4", "--ipv4"])
def test_one_version_of_ip(option: str) -> None:
    with ScriptedServer([ANSWER]) as server:
        assert sse(server.url.replace("127.0.0.1", "localhost"), option).text == "found\n"


def test_the_other_version_of_ip() -> None:
    result = sse("http://127.0.0.1:9/", "-6")
    assert result.verdict == ("unreachable", 3)
    assert "cannot resolve 127.0.0.1" in result.err
    assert "-6 leaves out its other addresses" in result.err
    check_usage(sse("http://127.0.0.1:9/", "-4", "-6"), "both -4 and -6")
