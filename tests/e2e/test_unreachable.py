"""No connection: what failed, what was seen, what to try; exit 3, and a summary all the same."""

import re
import socket
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.command import COMMAND, HANGS, Result, sse
from tests.e2e.tls import tls_server
from tests.peers.scripted import ScriptedServer, Wait, reset, response, until_gone


@pytest.fixture(scope="module")
def secure() -> Iterator[str]:
    with tls_server() as url:
        yield url


def check(result: Result, *told: str) -> None:
    assert result.verdict == ("unreachable", 3)
    assert result.out == b""
    assert len(re.findall("^sse: ", result.err, re.MULTILINE)) == 1
    for text in told:
        assert text in result.err
    assert result.summary["status"] is None
    assert result.summary["first_byte"] is None


def test_a_name_that_does_not_resolve() -> None:
    # RFC 6761 keeps .invalid from ever being a name.
    check(sse("https://no-such-host.invalid/"), "cannot resolve no-such-host.invalid", "spelled right?")


def test_a_port_that_is_closed() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    result = sse(f"http://127.0.0.1:{port}/")
    check(result, f"connection refused by 127.0.0.1:{port}", "Is the server running")
    assert result.summary["connect"] is None


def test_a_port_without_tls_is_asked_with_tls() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=answer_plainly, args=(listener,), daemon=True)
        thread.start()
        result = sse(f"https://127.0.0.1:{listener.getsockname()[1]}/")
        thread.join()
    check(result, "TLS failed with 127.0.0.1:", "Does the server speak TLS on this port?", "http://")


def answer_plainly(listener: socket.socket) -> None:
    connection, _ = listener.accept()
    with connection:
        connection.recv(65536)
        connection.sendall(response(400, body=b"The plain HTTP request was expected here."))
        until_gone(connection)


def test_a_port_with_tls_is_asked_without(secure: str) -> None:
    check(sse(secure.replace("https:", "http:")), "an https:// URL")


def test_a_certificate_that_is_not_trusted(secure: str) -> None:
    check(sse(secure), "certificate of 127.0.0.1:", "is not trusted", "-k accepts any certificate")


def test_any_certificate_is_taken_where_the_user_says_so(secure: str) -> None:
    result = sse(secure, "-k")
    assert result.verdict == ("complete", 0)
    assert result.text == "over TLS\n"


def test_a_server_that_goes_before_it_answers() -> None:
    with ScriptedServer([reset]) as server:
        check(sse(server.url), "the connection broke")
    with ScriptedServer([b""]) as server:
        check(sse(server.url), "closed the connection without an answer", "Is it the right port?")
    with ScriptedServer([b"HTTP/1.1 200 OK\r\nContent-Type: te"]) as server:
        check(sse(server.url), "closed the connection without an answer")


@pytest.mark.parametrize(
    "garbage", [b"SSH-2.0-OpenSSH_9.6\r\n", b"\x15\x03\x01\0\x02\x02P", b"data: a\n\n", b"\0" * 100]
)
def test_an_answer_that_is_no_http(garbage: bytes) -> None:
    with ScriptedServer([garbage, Wait()]) as server:
        check(sse(server.url), "the server's answer is not HTTP", "Is it the right port?")


def test_a_head_without_end_is_given_up() -> None:
    def send(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\n")
        while True:
            connection.sendall(b"X-More: and more\r\n" * 1000)

    with ScriptedServer([send]) as server:
        check(sse(server.url), "is not HTTP", "no end of its head")


def test_a_folder(tmp_path: Path) -> None:
    check(sse(str(tmp_path)), f"cannot read {tmp_path}: Is a directory", "A source is a URL, a file, or -")


def test_a_file_that_may_not_be_read(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.touch(0o000)
    if file.stat().st_mode & 0o444 == 0 and _can_read(file):
        pytest.skip("this user may read anything")
    check(sse(str(file)), "Permission denied")


def _can_read(file: Path) -> bool:
    try:
        file.read_bytes()
    except OSError:
        return False
    return True


def test_a_file_that_is_not_there() -> None:
    check(sse("no-such-file.sse"), "cannot read no-such-file.sse", "A source is a URL, a file")


def test_standard_input_that_is_closed() -> None:
    closing = ["sh", "-c", 'exec "$@" <&-', "sh", *COMMAND, "-", "-o", "json"]
    done = subprocess.run(closing, capture_output=True, timeout=HANGS, check=False)
    assert (done.returncode, done.stdout) == (3, b"")
    assert b"sse: unreachable: standard input is closed\n" in done.stderr
    assert b"pipe something in" in done.stderr
