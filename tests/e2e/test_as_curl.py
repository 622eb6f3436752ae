"""The curl command that is printed sends what `sse` sends, and shows no secret unless it is asked to."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.e2e.command import sse
from tests.peers.scripted import Request, ScriptedServer, response

OK = response(body=b"data: a\n\n")
needs_curl = pytest.mark.skipif(not (shutil.which("curl") and shutil.which("bash")), reason="no curl here")


def what(request: Request) -> tuple[str, str, bytes, dict[str, str]]:
    return request.method, request.path, request.body, request.headers


@needs_curl
@pytest.mark.parametrize(
    "args",
    [
        (),
        ("-d", '{"a": "it\'s é\n!$x`y`"}', "--bearer", "hush"),
        ("-H", "Accept:", "-H", "User-Agent:", "-H", "X-Empty;", "-H", "X-Quote: 'a\" \\"),
        ("-d", "a=1", "-H", "Content-Type:"),
        ("--data-raw", "@tab\t\x1b[2J\r\n'\\é\u202e"),
        ("-X", "POST"),
        ("-X", "PUT", "-d", ""),
        ("-X", "GET", "-d", "{}"),
        ("-X", "DELETE", "-u", "a:b c", "-b", "c=1; d=2"),
        ("-G", "--data-urlencode", "q=a b&c"),
        ("-H", "Accept-Encoding: gzip"),
        ("--compressed",),
        ("--compressed", "-H", "Accept-Encoding:"),
    ],
)
def test_curl_sends_the_same(args: tuple[str, ...]) -> None:
    with ScriptedServer([OK], [OK]) as server:
        url = f"{server.url}/a[1]?b={{c,d}}"
        assert sse(url, *args).code == 0
        shown = sse(url, *args, "--as-curl", "--show-secrets")
        assert (shown.code, shown.err, len(server.requests)) == (0, "", 1)
        subprocess.run(["bash", "-c", shown.text], check=True, capture_output=True, timeout=60)
        ours, curls = server.requests
    assert what(curls) == what(ours)


@needs_curl
def test_odd_bytes_go_as_they_are(tmp_path: Path) -> None:
    file = tmp_path / "body"
    file.write_bytes(b"caf\xe9")
    with ScriptedServer([OK]) as server:
        shown = sse(server.url, "-d", f"@{file}", "--as-curl")
        subprocess.run(["bash", "-c", shown.text], check=True, capture_output=True, timeout=60)
        assert server.requests[0].body == b"caf\xe9"


def test_it_is_one_option_a_line() -> None:
    shown = sse(
        "h.test/x", "-k", "--max-redirs", "3", "--max-time", "1m", "-A", "Me", "-d", "a b", "--as-curl"
    )
    assert shown.text == (
        "curl -N -L --max-redirs 3 -k --max-time 60 https://h.test/x \\\n"
        "  -H 'Accept: text/event-stream' \\\n"
        "  -H 'Cache-Control: no-cache' \\\n"
        "  -H 'Accept-Encoding: identity' \\\n"
        "  -H 'User-Agent: Me' \\\n"
        "  -H 'Content-Type: application/x-www-form-urlencoded' \\\n"
        "  --data-raw 'a b'\n"
    )


@pytest.mark.parametrize(
    "args",
    [
        ("--bearer", "hush"),
        ("-u", "a:hush"),
        ("-b", "a=hush"),
        ("-H", "X-Api-Key: hush"),
        ("-e", "http://h/?token=hush"),
        ("-d", '{"a": {"api_key": "hu\\"sh", "client_secret" : "hush"}}'),
        ("-d", "a=1&client_secret=hush"),
        ("-G", "-d", "key=hush"),
    ],
)
def test_secrets_are_masked(args: tuple[str, ...]) -> None:
    shown = sse("http://h.test/?b=1", *args, "--as-curl")
    assert shown.code == 0
    assert "***" in shown.text
    assert "hu" not in shown.text
    assert "--show-secrets" in shown.err


@pytest.mark.parametrize(
    ("source", "args", "told"),
    [
        ("-", ("--as-curl",), "is not a URL"),
        ("http://h.test/", ("--show-secrets",), "--as-curl"),
        ("http://h.test/", ("--as-curl", "--json", "@-"), "NUL"),
        ("http://h.test/", ("--as-curl", "--max-time", "soon"), "not a duration"),
    ],
)
def test_what_makes_no_command_is_told(source: str, args: tuple[str, ...], told: str) -> None:
    shown = sse(source, *args, stdin=b"\0")
    assert (shown.code, shown.out) == (2, b"")
    assert told in shown.err


def test_the_way_to_the_server_is_in_the_command_and_is_read_out_of_one() -> None:
    way = ["-x", "http://user:word@proxy:8", "--noproxy", "a,b", "--resolve", "h:443:127.0.0.1", "-4"]
    result = sse("--as-curl", "--show-secrets", *way, "https://h/x")
    assert result.code == 0
    lines = result.text.split(" \\\n  ")
    assert lines[0] == "curl -N -L -4 https://h/x"
    assert lines[1:4] == ["-x http://user:word@proxy:8", "--noproxy a,b", "--resolve h:443:127.0.0.1"]
    assert sse("--as-curl", "--show-secrets", "--from-curl", result.text).text == result.text
    masked = sse("--as-curl", *way, "https://h/x")
    assert "word" not in masked.text
    assert "secrets are masked" in masked.err


def test_so_are_the_way_to_a_proxy_and_who_asks_it() -> None:
    secure = ["--proxy-insecure", "--proxy-cacert", "ca.pem", "--interface", "host!127.0.0.1"]
    way = ["-x", "https://proxy", "-U", "ada:hush", *secure]
    shown = sse("--as-curl", "--show-secrets", *way, "https://h/x").text
    lines = shown.split(" \\\n  ")
    assert lines[0] == "curl -N -L --proxy-insecure https://h/x"
    assert set(lines[1:5]) == {
        "--interface 'host!127.0.0.1'", "-x https://proxy", "-U ada:hush", "--proxy-cacert ca.pem",
    }  # fmt: skip
    assert sse("--as-curl", "--show-secrets", "--from-curl", shown).text == shown
    masked = sse("--as-curl", *way, "https://h/x")
    assert "-U 'ada:***'" in masked.text
    assert "hush" not in masked.text
    assert "secrets are masked" in masked.err
