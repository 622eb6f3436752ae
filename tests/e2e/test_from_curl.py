"""curl commands as people have them: what is sent, what is told, and what is refused."""

from pathlib import Path

import pytest

from tests.e2e.command import Result, sse
from tests.peers.scripted import Request, ScriptedServer, response

OK = response(body=b"data: a\n\n")


def asked(
    command: str, *args: str, env: dict[str, str] | None = None, stdin: bytes = b""
) -> tuple[Request, Result]:
    """Run a command in which URL stands for the server's."""
    with ScriptedServer([OK]) as server:
        result = sse(*args, "--from-curl", command.replace("URL", server.url), env=env, stdin=stdin)
        assert result.verdict == ("complete", 0), result.err
        (request,) = server.requests
    return request, result


CHROME = """curl 'URL/chat?a=1&b=2' \\
  -H 'accept: text/event-stream' \\
  -H 'accept-encoding: gzip, deflate, br, zstd' \\
  -b 'sid=1; theme=dark' \\
  -H 'content-type: application/json' \\
  --data-raw $'{"text":"it\\'s \\u0021 \\ud83d\\ude00"}' \\
  --compressed --insecure"""
CHROME_ON_WINDOWS = """curl --location ^"URL/chat?a=1^&b=2^" ^
  -H ^"accept: text/event-stream^" ^
  -H ^"accept-encoding: gzip, deflate, br, zstd^" ^
  -b ^"sid=1; theme=dark^" ^
  -H ^"content-type: application/json^" ^
  --data-raw ^"^{^\\^"text^\\^":^\\^"it's ^! \U0001f600^\\^"^}^" """


@pytest.mark.parametrize("command", [CHROME, CHROME_ON_WINDOWS], ids=["bash", "cmd"])
def test_what_a_browser_copies_is_sent(command: str) -> None:
    request, result = asked(command)
    assert (request.method, request.path) == ("POST", "/chat?a=1&b=2")
    assert request.body.decode() == '{"text":"it\'s ! \U0001f600"}'
    assert request.headers["cookie"] == "sid=1; theme=dark"
    assert request.headers["content-type"] == "application/json"
    assert request.headers["accept-encoding"] == "gzip, deflate, br, zstd"
    assert "ignored" not in result.err


def test_what_a_document_says_is_sent() -> None:
    command = """$ curl -sSN URL/v1 -XPOST -H "Authorization: Bearer $API_KEY" -H 'Content-Type: text/json' \\
      -d '{
        "stream": true
      }'
    """
    request, result = asked(command, env={"API_KEY": "hush"})
    assert request.headers["authorization"] == "Bearer hush"
    assert request.body == b'{\n        "stream": true\n      }'
    assert "ignored" not in result.err


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("curl URL/a", ("GET", "/a", b"")),
        ("/usr/bin/curl --url URL/a -XDELETE", ("DELETE", "/a", b"")),
        ("curl.exe -sGda=1 -- URL/a", ("GET", "/a?a=1", b"")),
        ("curl URL/a -G -d a=1 -d b --data-urlencode 'c=d e'", ("GET", "/a?a=1&b&c=d+e", b"")),
        ("curl URL/a --data-urlencode 1=2 -d3 --data-raw @4 --data-ascii 5", ("POST", "/a", b"1=2&3&@4&5")),
        ("curl URL/a --json '{}'", ("POST", "/a", b"{}")),
        ("curl URL/a --data-binary @-", ("POST", "/a", b"1\r\n2\n")),
        ("curl URL/a -d @-", ("POST", "/a", b"12")),
    ],
)
def test_options_mean_what_they_mean_to_curl(command: str, expected: tuple[str, str, bytes]) -> None:
    request, _ = asked(command, stdin=b"1\r\n2\n")
    assert (request.method, request.path, request.body) == expected


@pytest.mark.parametrize(
    ("command", "name", "value"),
    [
        ("curl URL -u a:b", "authorization", "Basic YTpi"),
        ("curl URL --oauth2-bearer env:X", "authorization", "Bearer env:X"),
        ("curl URL -A Me", "user-agent", "Me"),
        ("curl URL -e http://from/", "referer", "http://from/"),
        ("curl URL -b a=1", "cookie", "a=1"),
        ("curl URL -H 'X-Empty;'", "x-empty", ""),
        ("curl URL -H User-Agent:", "user-agent", None),
        ("curl URL -H 'Accept-Encoding: gzip'", "accept-encoding", "gzip"),
    ],
)
def test_headers_are_sent(command: str, name: str, value: str | None) -> None:
    assert asked(command)[0].headers.get(name) == value


@pytest.mark.parametrize("kind", ["socks4", "socks4a", "socks5", "socks5-hostname"])
def test_curls_names_for_socks_are_proxies(kind: str) -> None:
    scheme = kind.replace("5-hostname", "5h")
    shown = sse("--as-curl", "--from-curl", f"curl --{kind} p:9050 http://h/").text
    assert f"-x {scheme}://p:9050" in shown


def test_the_users_own_options_win() -> None:
    request, _ = asked(
        "curl URL -H 'X-A: 1' -H 'X-B: 2' -X PUT -d a", "-H", "x-a: 3", "-X", "PATCH", "-d", "b"
    )
    assert (request.method, request.body) == ("PATCH", b"a&b")
    assert (request.headers["x-a"], request.headers["x-b"]) == ("3", "2")


def test_the_users_own_options_win_where_they_say_it_differently_or_as_the_default() -> None:
    command = "curl http://h/ -H 'Authorization: Bearer a' -d b --connect-timeout 5"
    own = ("-u", "me:pw", "--json", "{}", "--connect-timeout", "30s")
    shown = sse("--from-curl", command, *own, "--as-curl", "--show-secrets").text
    assert "Authorization: Basic " in shown
    assert "--data-raw '{}'" in shown
    assert "Bearer" not in shown
    assert "--connect-timeout" not in shown


def test_the_command_comes_from_a_file_and_the_url_from_the_user(tmp_path: Path) -> None:
    file = tmp_path / "command"
    file.write_text("curl -d 'it is'\n")
    with ScriptedServer([OK], [OK]) as server:
        assert sse(server.url, "--from-curl", f"@{file}").code == 0
        assert sse("--from-curl", "@-", stdin=f"curl {server.url} -d 'it is'".encode()).code == 0
        assert [request.body for request in server.requests] == [b"it is"] * 2


@pytest.mark.parametrize(
    ("command", "asked_for", "ignored"),
    [
        ("curl URL", "identity", False),
        ("curl URL --compressed", "gzip, br, zstd", False),
        ("curl URL --compressed -H 'accept-encoding: br;q=1.0, *;q=0'", "br;q=1.0, *;q=0", False),
        ("curl URL --compressed -H 'Accept-Encoding: br, compress'", "gzip, br, zstd", True),
        ("curl URL -H 'Accept-Encoding: gzip, br, dcb, dcz'", "identity", True),
    ],
)
def test_compression_is_asked_for_as_the_command_does(command: str, asked_for: str, ignored: bool) -> None:
    request, result = asked(command)
    assert request.headers["accept-encoding"] == asked_for
    assert ("ignored of the curl command: the header Accept-Encoding\n" in result.err) == ignored


def test_what_is_ignored_is_told_without_its_value() -> None:
    _, result = asked("curl URL -vsSLi#f -o hush --http2 --write-out hush --compressed -N -o again")
    assert "sse: ignored of the curl command: -v, -o, --write-out, --http2\n" in result.err
    assert "hush" not in result.err


def test_there_and_back_again() -> None:
    args = ("-d", "it's \t", "--bearer", "token", "-H", "User-Agent:", "--as-curl", "--show-secrets")
    shown = sse("https://h.test/a?b", *args).text
    assert sse("--from-curl", shown, "--as-curl", "--show-secrets").text == shown


@pytest.mark.parametrize(
    ("command", "told"),
    [
        ("wget http://h/", ("does not begin with curl", "--from-curl @FILE")),
        ("", ("does not begin with curl",)),
        ("curl 'http://h/", ('"\'" at character 6', "--from-curl @FILE")),
        ("curl http://h/ | jq .", ("'|' at character 16", "without pipes")),
        ('curl http://h/ -H "A: $NO_SUCH_KEY"', ("NO_SUCH_KEY", "export")),
        ("curl http://h/ -H", ("ends where -H needs a value", "copied whole")),
        ("curl http://h/ -T a", ("nothing for this option of the curl command: -T", "take it out")),
        (
            "curl http://h/ --proxy=hush",
            ("nothing for this option of the curl command: --proxy", "take it out"),
        ),
        ("curl http://h/ -I", ("nothing for", "-I")),
        ("curl http://h/ --max-redirs x", ("not a number of redirects: 'x'", "-1")),
        ("curl -d a", ("no SOURCE", "Give a URL")),
        ("@/no/such/file", ("/no/such/file", "No such file")),
    ],
)
def test_what_cannot_be_asked_is_told(command: str, told: tuple[str, ...]) -> None:
    result = sse("--from-curl", command)
    assert (result.code, result.out, result.summary) == (2, b"", {})
    assert "hush" not in result.err
    for text in told:
        assert text in result.err


def test_several_urls_are_asked_side_by_side_with_the_same_options() -> None:
    with (
        ScriptedServer([response(body=b"data: one\n\n")]) as one,
        ScriptedServer([response(body=b"data: two\n\n")]) as two,
    ):
        result = sse("--from-curl", f"curl -H 'X-A: b' {one.url} {two.url}", "-o", "data")
        asked = [server.requests[0].headers["x-a"] for server in (one, two)]
    assert (asked, sorted(result.text.split())) == (["b", "b"], ["one", "two"])
