"""What is sent: asked of a server that keeps every byte of the request."""

from base64 import b64encode
from pathlib import Path

import pytest

from sse_cli import __version__
from tests.e2e.command import sse
from tests.peers.scripted import Request, ScriptedServer, response

JSON, FORM = "application/json", "application/x-www-form-urlencoded"


def sent(*args: str, path: str = "/", stdin: bytes = b"", env: dict[str, str] | None = None) -> Request:
    with ScriptedServer([response(body=b"data: a\n\n")]) as server:
        result = sse(f"{server.url}{path}", *args, stdin=stdin, env=env)
        assert result.verdict == ("complete", 0), result.err
        assert result.out == b"a\n"
        (request,) = server.requests
    return request


def test_by_default_it_is_what_a_browser_sends() -> None:
    request = sent(path="/v1/stream?q=a%20b&c=%C3%A9")
    host = request.headers["host"]
    assert (
        request.head
        == (
            f"GET /v1/stream?q=a%20b&c=%C3%A9 HTTP/1.1\r\nHost: {host}\r\nAccept: text/event-stream\r\n"
            f"Cache-Control: no-cache\r\nAccept-Encoding: identity\r\nUser-Agent: sse/{__version__}\r\n\r\n"
        ).encode()
    )


@pytest.mark.parametrize(
    ("args", "body", "content_type"),
    [
        (("-d", '{"stream": true}'), b'{"stream": true}', JSON),
        (("-d", " [1]"), b" [1]", JSON),
        (("-d", "a=1", "-d", "b=2"), b"a=1&b=2", FORM),
        (("-d", "12"), b"12", FORM),
        (("-d", "{}", "-H", "content-type: text/x"), b"{}", "text/x"),
        (("--json", "not checked"), b"not checked", JSON),
        (("-d", "a", "-d", "", "-d", "c"), b"a&&c", FORM),
        (("--data-raw", "@no-file"), b"@no-file", FORM),
        (("--data-raw", '{"a": 1}'), b'{"a": 1}', JSON),
        (("--data-urlencode", "a b&c"), b"a+b%26c", FORM),
        (
            ("--data-urlencode", "1", "-d", "2", "--data-raw", "@3", "-d4", "--data-urlencode=5"),
            b"1&2&@3&4&5",
            FORM,
        ),
        (("-d", '{"a": "é 流"}'), '{"a": "é 流"}'.encode(), JSON),
    ],
)
def test_data_makes_a_post(args: tuple[str, ...], body: bytes, content_type: str) -> None:
    request = sent(*args)
    assert (request.method, request.body) == ("POST", body)
    assert request.headers["content-type"] == content_type
    assert request.headers["content-length"] == str(len(body))


def test_files_and_standard_input_are_bodies(tmp_path: Path) -> None:
    file = tmp_path / "body"
    file.write_bytes(b'{"a":\r\n 1}\n')
    request = sent("-d", f"@{file}")
    assert (request.body, request.headers["content-type"]) == (b'{"a": 1}', JSON), "line ends go, as in curl"
    assert sent("--json", f"@{file}").body == file.read_bytes(), "byte for byte"
    assert sent("--data-binary", f"@{file}").body == file.read_bytes(), "byte for byte"
    assert sent("-d", "@-", stdin=b"x=1\ny\n").body == b"x=1y"
    assert sent("--json", "@-", stdin=b"[\xff\n]").body == b"[\xff\n]"


def test_a_form_is_sent_in_parts(tmp_path: Path) -> None:
    file = tmp_path / "speech.wav"
    file.write_bytes(b"RIFF\x00")
    request = sent("-F", "model=whisper", "-F", f"file=@{file}")
    kind, _, boundary = request.headers["content-type"].partition("; boundary=")
    assert (request.method, kind) == ("POST", "multipart/form-data")
    model, speech = request.body.split(f"--{boundary}".encode())[1:-1]
    assert model.endswith(b'name="model"\r\n\r\nwhisper\r\n')
    assert b'name="file"; filename="speech.wav"' in speech
    assert speech.endswith(b"\r\n\r\nRIFF\x00\r\n")


@pytest.mark.parametrize(
    ("args", "method", "path"),
    [
        (("-G", "-d", "b=2", "-d", "c"), "GET", "/x?a=1&b=2&c"),
        (("-G", "--data-urlencode", "q=é &"), "GET", "/x?a=1&q=%C3%A9+%26"),
        (("--get", "-d", "a b#c"), "GET", "/x?a=1&a%20b%23c"),
        (("-G", "-X", "POST", "-d", "b"), "POST", "/x?a=1&b"),
        (("-G",), "GET", "/x?a=1"),
    ],
)
def test_data_goes_into_the_query(args: tuple[str, ...], method: str, path: str) -> None:
    request = sent(*args, path="/x?a=1#f")
    assert (request.method, request.path, request.body) == (method, path, b"")
    assert "content-type" not in request.headers


def test_the_method_is_the_users() -> None:
    assert sent("-X", "DELETE").method == "DELETE"
    request = sent("-X", "GET", "-d", "{}")
    assert (request.method, request.body) == ("GET", b"{}")
    assert sent("-X", "POST").headers["content-length"] == "0"


def test_headers_are_added_replaced_emptied_and_taken_out() -> None:
    request = sent(
        "-H", "accept: application/json", "-H", "X-Twice: 1", "-H", "X-Twice: 2",
        "-H", "X-Empty;", "-H", "User-Agent:", "-H", "Cache-Control:",
    )  # fmt: skip
    assert request.headers["accept"] == "application/json"
    assert request.headers["x-twice"] == "1, 2"
    assert request.headers["x-empty"] == ""
    assert "user-agent" not in request.headers
    assert "cache-control" not in request.headers
    assert request.headers["accept-encoding"] == "identity"


def test_headers_come_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "headers"
    file.write_bytes(b"X-One: 1\r\n\r\nAccept:\nX-Two:  two words \n")
    headers = sent("-H", f"@{file}", "-H", "X-Three: 3").headers
    assert (headers["x-one"], headers["x-two"], headers["x-three"]) == ("1", "two words", "3")
    assert "accept" not in headers


def test_a_name_of_the_users_own_goes_as_the_host() -> None:
    assert sent("-H", "Host: example.test").headers["host"] == "example.test"


@pytest.mark.parametrize(
    ("args", "credentials"),
    [(("-u", "ada:pass:word"), b"ada:pass:word"), (("-u", "é:ü"), "é:ü".encode())],
    ids=["ascii", "utf-8"],
)
def test_user_and_password_are_basic(args: tuple[str, ...], credentials: bytes) -> None:
    assert sent(*args).headers["authorization"] == f"Basic {b64encode(credentials).decode()}"


COOKIES = b"# a comment\n127.0.0.1\tFALSE\t/\tFALSE\t0\tfile\tone\n"


@pytest.mark.parametrize(
    ("args", "name", "value"),
    [
        (("-b", "a=1; b=2"), "cookie", "a=1; b=2"),
        (("-b", "a=1", "--cookie", "b=2"), "cookie", "a=1; b=2"),
        (("-b", "a=1", "-H", "Cookie: c=3"), "cookie", "c=3"),
        (("-b", "a=1", "-b", "-"), "cookie", "file=one; a=1"),
        (("-b", ""), "cookie", None),
        (("-A", "Mine/1"), "user-agent", "Mine/1"),
        (("-A", ""), "user-agent", None),
        (("-A", "Mine/1", "-H", "User-Agent: H"), "user-agent", "H"),
        (("-e", "http://from/x"), "referer", "http://from/x"),
        (("-e", ""), "referer", None),
    ],
)
def test_some_headers_have_an_option(args: tuple[str, ...], name: str, value: str | None) -> None:
    assert sent(*args, stdin=COOKIES).headers.get(name) == value


def test_user_and_password_of_the_url_are_sent_and_not_shown() -> None:
    with ScriptedServer([response(404)]) as server:
        result = sse(server.url.replace("://", "://ada:se%40cret@"), "-v")
        (request,) = server.requests
    assert request.headers["authorization"] == f"Basic {b64encode(b'ada:se@cret').decode()}"
    assert "cret" not in result.err
    assert "cret" not in result.summary["url"]


def test_a_token_comes_from_the_environment_or_a_file(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("from-file\n")
    assert sent("--bearer", "plain").headers["authorization"] == "Bearer plain"
    assert sent("--bearer", f"@{file}").headers["authorization"] == "Bearer from-file"
    request = sent("--bearer", "env:SOME_KEY", env={"SOME_KEY": "from-env"})
    assert request.headers["authorization"] == "Bearer from-env"


@pytest.mark.parametrize("event_id", ["42", "flow/流;é", " a b "])
def test_the_last_event_id_is_utf8(event_id: str) -> None:
    assert f"Last-Event-ID: {event_id}\r\n".encode() in sent("--last-event-id", event_id).head


def test_the_last_event_id_is_in_force_before_the_first_event() -> None:
    with ScriptedServer([response(body=b"data: a\n\n")]) as server:
        (record,) = sse(server.url, "--last-event-id", "流", "-o", "json").records
    assert (record["id"], record["last_event_id"]) == (None, "流")


def test_bytes_of_the_command_line_go_as_they_are() -> None:
    odd = b"caf\xe9".decode("utf-8", "surrogateescape")
    assert b"X-Odd: caf\xe9\r\n" in sent("-H", f"X-Odd: {odd}").head
    assert sent("-d", odd).body == b"caf\xe9"


def test_the_heads_that_are_shown_are_those_of_the_wire() -> None:
    with ScriptedServer(
        [response(303, {"Location": "/there"}, b"")], [response(body=b"data: a\n\n")]
    ) as server:
        result = sse(f"{server.url}/here?a", "-v", "-d", "{}", "-H", "Host: example.test", "--no-location")
        head = server.requests[0].head.decode().split("\r\n")[:-2]
        assert "".join(f"> {line}\n" for line in head) in result.err
        assert {"Host: example.test", "Content-Length: 2"} <= set(head)
        result = sse(f"{server.url}/", "-v")
    assert "> GET / HTTP/1.1\n> Host: 127.0.0.1" in result.err
    assert "< HTTP/1.1 200\n" in result.err


def test_secrets_are_masked_when_heads_are_shown() -> None:
    with ScriptedServer([response(headers={"Set-Cookie": "s=hush"}, body=b"data: a\n\n")]) as server:
        result = sse(
            f"{server.url}/?api_key=hush&q=1",
            "-v",
            "--bearer",
            "hush",
            "-b",
            "s=hush",
            "-H",
            "X-Api-Key: hush",
        )
        (request,) = server.requests
    assert request.path == "/?api_key=hush&q=1"
    assert "hush" not in result.err
    assert "Bearer ***" in result.err
    assert "q=1" in result.err
