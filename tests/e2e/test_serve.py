"""`sse serve` and `sse demo` as people run them: what they print, what ends them, and what they refuse."""

import json
import os
import signal
import socket
from pathlib import Path

import pytest
import trustme

from sse_cli.core.faults.table import FAULTS
from sse_cli.server.bundled import TAPES
from tests.e2e.command import ended, sse, started
from tests.e2e.serving import served
from tests.e2e.tls import write_authority

EVENTS = b"id: 1\ndata: a\n\nid: 2\ndata: b\n\nid: 3\ndata: c\n\n"
AT_ONCE = ("--interval", "0")


@pytest.fixture
def plain(tmp_path: Path) -> str:
    file = tmp_path / "plain.sse"
    file.write_bytes(EVENTS)
    return str(file)


def told(*args: str) -> tuple[int, str, str]:
    """Run a command that ends by itself; return its exit code and what it printed."""
    with started(*args) as process:
        code, out, err = ended(process)
    return code, out.decode(), err


def test_a_script_gets_the_url_and_an_end(plain: str) -> None:
    with served(plain, "--once", "--log", *AT_ONCE) as server:
        assert sse(f"{server.url}/any", "-o", "data").out == b"a\nb\nc\n"
        code, out, err = server.end()
    assert (code, out) == (0, b"")
    first, came, went = err.splitlines()
    assert first == "serving any path: plain.sse"
    assert came.endswith("GET /any 200 plain.sse")
    assert "#1 ended: 3 chunks, 45 bytes, " in went


def test_it_ends_after_so_many_answers(plain: str) -> None:
    with served(plain, "--times", "2", "-q", *AT_ONCE) as server:
        for _ in range(2):
            assert sse(server.url, "-o", "none").code == 0
        assert server.end() == (0, b"", "")


def test_the_recorded_times_are_kept_or_are_not(plain: str) -> None:
    with served("mcp", "--speed", "0") as server:
        summary = sse(server.url, "-X", "POST", "-o", "none").summary
        assert summary["verdict"] == "complete"
        assert summary["end"] < 3, "the tape goes on for five seconds"
    with served(plain, "--interval", "150ms", "--rechunk", "20") as server:
        summary = sse(server.url, "-o", "none").summary
        assert summary["chunks"] == 3
        assert summary["end"] >= 0.3


def test_a_folder_is_served_and_what_is_not_there_is_told(plain: str) -> None:
    with served(str(Path(plain).parent), "openai-chat", *AT_ONCE) as server:
        assert sse(f"{server.url}/plain.sse", "-o", "data").out == b"a\nb\nc\n"
        result = sse(f"{server.url}/nothing")
        assert result.verdict == ("refused", 4)
        assert "POST /v1/chat/completions: openai-chat" in result.err


def test_a_client_goes_on_where_it_was_cut(plain: str) -> None:
    with served(plain, "--fault", "drop@1", "--log", *AT_ONCE) as server:
        result = sse(server.url, "-r", "--retry-delay", "1ms", "-o", "data")
        assert result.out == b"a\nb\nc\n"
        assert result.verdict[0] == "complete", "204 after the last event"
        server.process.terminate()
        err = server.end()[2]
    assert err.count("cut: closed: 1 chunk, 15 bytes") == 3
    assert "after id 1 with drop@1" in err


def test_faults_go_by_the_seed_that_is_told(plain: str) -> None:
    def garbage(*more: str) -> tuple[bytes, str]:
        with served(plain, "--fault", "garbage@1", "--once", *more, *AT_ONCE) as server:
            out = sse(server.url, "-o", "raw").out
            return out, server.end()[2]

    first, err = garbage()
    seed = next(line for line in err.splitlines() if line.startswith("seed ")).removeprefix("seed ")
    assert garbage("--seed", seed)[0] == first
    assert "with garbage@1" in err


def test_the_faults_are_listed() -> None:
    code, out, err = told("serve", "--faults")
    assert (code, err) == (0, "")
    assert len(out.splitlines()) == len(FAULTS)


def test_tls_is_spoken_with_a_certificate_that_can_be_trusted(plain: str) -> None:
    with served(plain, "--tls", *AT_ONCE) as server:
        assert server.url.startswith("https://127.0.0.1:")
        assert sse(server.url, "--cacert", server.authority, "-o", "data").out == b"a\nb\nc\n"
        assert sse(server.url, "-o", "data").verdict == ("unreachable", 3)
        server.process.terminate()
        code, _, err = server.end()
    assert code == 0
    assert f"trusted with --cacert {server.authority}" in err
    assert not os.path.exists(server.authority)


def test_tls_is_spoken_with_a_certificate_of_ones_own(plain: str, tmp_path: Path) -> None:
    authority = trustme.CA()
    issued = authority.issue_cert("127.0.0.1")
    cert, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    issued.cert_chain_pems[0].write_to_path(cert)
    issued.private_key_pem.write_to_path(key)
    with served(plain, "--cert", str(cert), "--key", str(key), *AT_ONCE) as server:
        trusted = write_authority(authority, tmp_path)
        assert sse(server.url, "--cacert", trusted, "-o", "data").out == b"a\nb\nc\n"


@pytest.mark.parametrize("fault", ["drop@2", "reset@2", "half-close@2"])
def test_a_break_is_one_over_tls_as_well(plain: str, fault: str) -> None:
    with served(plain, "--tls", "--fault", fault, *AT_ONCE) as server:
        result = sse(server.url, "--cacert", server.authority, "-o", "data")
    assert result.out == b"a\nb\n"
    assert result.verdict == ("truncated", 6)


@pytest.mark.skipif("sys.platform == 'win32'", reason="sockets of POSIX")
def test_it_listens_at_a_socket_in_the_file_system(plain: str, tmp_path: Path) -> None:
    path = str(tmp_path / "socket")
    with served(plain, "--unix-socket", path, "--once", "--log", *AT_ONCE) as server:
        assert sse(f"{server.url}/x", "--unix-socket", path, "-o", "data").out == b"a\nb\nc\n"
        assert server.end()[0] == 0
    assert not os.path.exists(path)


@pytest.mark.skipif("sys.platform == 'win32'", reason="signals of POSIX")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_at_once_and_quietly(number: signal.Signals) -> None:
    with served("ticker", "-q", "--fault", "stall:1h") as server:
        with socket.create_connection(("127.0.0.1", server.port)) as client:
            client.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            assert client.recv(65536).startswith(b"HTTP/1.1 200 OK\r\n")
            server.process.send_signal(number)
            assert client.recv(65536) == b""
        assert server.end() == (0, b"", "")


def test_the_log_is_a_file_of_json(plain: str, tmp_path: Path) -> None:
    file = tmp_path / "log.ndjson"
    with served(plain, "--log-file", str(file), "--once", "-q", *AT_ONCE) as server:
        sse(server.url, "--bearer", "hush-hush", "-o", "none")
        assert server.end() == (0, b"", "")
    came, went = map(json.loads, file.read_text().splitlines())
    assert (came["kind"], came["method"], came["tape"], went["how"]) == ("request", "GET", "plain.sse", "end")
    assert ["Authorization", "Bearer ***"] in came["headers"]


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no /dev/full here")
def test_a_log_that_cannot_be_written_ends_the_server(plain: str) -> None:
    with served(plain, "--log-file", "/dev/full", *AT_ONCE) as server:
        sse(server.url, "-o", "none")
        code, _, err = server.end()
    assert code == 9
    assert "cannot write /dev/full: No space left on device" in err


def test_a_log_that_nobody_reads_ends_nothing(plain: str) -> None:
    reads, writes = os.pipe()
    os.close(reads)
    with served(plain, "--log", "-v", "--times", "2", *AT_ONCE, stderr=writes) as server:
        os.close(writes)
        for _ in range(2):
            assert sse(server.url, "-o", "data").out == b"a\nb\nc\n"
        assert server.process.wait() == 0


def test_secrets_of_a_recording_are_not_sent_again(tmp_path: Path) -> None:
    file = tmp_path / "by-hand.ndjson"
    head = {
        "version": "sse-recording/1",
        "request": {"method": "GET", "url": "/", "headers": [["Authorization", "Bearer hush"]]},
        "response": {"status": 200, "headers": [["Set-Cookie", "id=hush"], ["Content-Type", "text/plain"]]},
    }
    file.write_text(json.dumps(head, separators=(",", ":")) + '\n[0.0, "text"]\n')
    with served(str(file), "--log", "-v", "--once") as server:
        result = sse(server.url, "-o", "raw", "-v")
        assert result.out == b"text"
        assert "hush" not in result.err + server.end()[2]


CASES = {
    "no file": ((), ("no FILE is given", "sse serve --help")),
    "file": (("no-such.sse",), ("cannot read no-such.sse", "sse demo --list")),
    "fault": (("mcp", "--fault", "drpo@1"), ("drpo@1\n       ^", "Did you mean drop?")),
    "seed": (("mcp", "--seed", "1"), ("--seed", "--fault")),
    "speed": (("mcp", "--speed", "fast"), ("not a speed: 'fast'", "0 sends all at once")),
    "interval": (("mcp", "--interval", "soon"), ("not a duration: 'soon'", "250ms")),
    "rechunk": (("mcp", "--rechunk", "words"), ("not a way to cut chunks: 'words'", "event, byte")),
    "match": (("mcp", "--match", "model"), ("not a way to match: 'model'", "'$.model'")),
    "match of nothing": (("mcp", "--match", "x: $.a exists"), ("--match speaks of x", "mcp")),
    "match path": (("mcp", "--match", "$.a["), ("$.a[\n", "^")),
    "port": (("mcp", "--port", "99999"), ("'--port'", "99999 is not in the range")),
    "host": (("mcp", "--host", "no-such.invalid"), ("cannot listen on no-such.invalid", "Port 0")),
    "address": (("mcp", "--host", "192.0.2.1"), ("cannot listen on 192.0.2.1", "Port 0")),
    "both certificates": (("mcp", "--tls", "--cert", "c.pem"), ("both --tls and --cert", "Give one")),
    "key alone": (("mcp", "--key", "k.pem"), ("--key", "--cert")),
    "no certificate": (("mcp", "--cert", "no.pem"), ("--cert: cannot read no.pem", "path")),
    "once and twice": (("mcp", "--once", "--times", "2"), ("both --once and --times", "Give one")),
    "option": (("mcp", "--frobnicate"), ("--frobnicate", "sse serve --help")),
    "never": (("mcp", "--times", "0"), ("'--times'", "0 is not in the range")),
    "log file": (("mcp", "--log-file", "/no/such/log"), ("--log-file: cannot write /no/such/log", "folder")),
    "socket and port": (("mcp", "--unix-socket", "s", "--port", "1"), ("--host and --port", "Leave")),
    "socket": (("mcp", "--unix-socket", "/no/such/s"), ("cannot listen at /no/such/s", "No such file")),
}


@pytest.mark.parametrize("name", CASES)
def test_wrong_usage_is_told(name: str) -> None:
    args, texts = CASES[name]
    code, out, err = told("serve", *args)
    assert (code, out) == (2, ""), err
    for text in texts:
        assert text in err


def test_the_demo_lists_its_tapes() -> None:
    code, out, _ = told("demo", "--list")
    assert code == 0
    assert [line.split()[0] for line in out.splitlines()] == list(TAPES)


def test_the_demo_plays_the_tape_that_is_named() -> None:
    result = sse("demo", "gem", "-o", "text")
    assert "Foghorn" in result.text
    assert (result.summary["dialect"], result.summary["verdict"]) == ("gemini", "complete")


def test_the_demo_does_harm_when_asked() -> None:
    result = sse("demo", "ollama", "--fault", "drop@5", "-o", "data")
    assert result.verdict == ("truncated", 6)
    assert result.summary["events"] == 5
    assert sse("demo", "ollama", "--fault", "status@1:503").verdict == ("refused", 4)
    seeded = sse("demo", "ollama", "--fault", "split", "--seed", "7", "-n", "1", "-o", "none")
    assert seeded.err.startswith("seed 7\n")


def test_the_demo_has_no_other_tape() -> None:
    result = sse("demo", "nothing")
    assert result.code == 2
    assert "there is no tape named 'nothing'" in result.err
