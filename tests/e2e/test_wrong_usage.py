"""Wrong usage is told before anything is sent, with the place it is at and what there is instead."""

from pathlib import Path

import pytest

from tests.e2e.command import ended, sse, started
from tests.peers.scripted import ScriptedServer, response

CASES = {
    "path": (("-p", "$.a["), ("$.a[", "^")),
    "path of no end": (("-p", "$.a[?(@.b"), ("$.a[?(@.b", "^")),
    "where": (("--where", "$.a ~~ 1"), ("$.a ~~ 1", "^")),
    "until": (("--until", "event =="), ("event ==", "^")),
    "where of a run": (("--where", "first_content < 1s"), ("about the whole run", "^", "a path such as")),
    "output": (("-o", "yaml"), ("no such output: yaml", "table, text, lines")),
    "dialect": (("--dialect", "nobody"), ("no such dialect: nobody", "openai-chat")),
    "format": (("--decode", "xml"), ("no such format: xml", "ndjson")),
    "metrics": (("--metrics", "genai"), ("no such metrics: genai", "aiperf, vllm, guidellm")),
    "colour": (("--color", "pink"), ("no such colour: pink", "always")),
    "option": (("--frobnicate",), ("--frobnicate", "--help")),
    "first timeout": (("--first-timeout", "soon"), ("not a duration: 'soon'", "250ms")),
    "idle timeout": (("--idle-timeout", "-1"), ("not a duration", "250ms")),
    "connect timeout": (("--connect-timeout", "1 year"), ("not a duration", "250ms")),
    "max time": (("--max-time", ""), ("not a duration", "250ms")),
    "size": (("--max-bytes", "lots"), ("not a size: 'lots'", "10MB")),
    "event size": (("--max-event-bytes", "1XB"), ("not a size", "10MB")),
    "no events": (("-n", "0"), ("'-n'", "0 is not in the range")),
    "not a number": (("-n", "many"), ("'-n'", "many")),
    "template": (("-f", "{nope}"), ("nope", "data")),
    "template of no end": (("-f", "{n"), ("{n", "{{")),
    "template and output": (("-f", "{n}", "-o", "json"), ("-o", "-f")),
    "fields": (("-o", "json", "--fields", "n,nope"), ("nope", "last_event_id")),
    "fields of another output": (("-o", "data", "--fields", "n"), ("--fields", "-o json")),
    "header": (("-H", "no colon"), ("'no colon'", "Name: value")),
    "header with a line end": (("-H", "X-A: 1\r\nX-B: 2"), ("not a header", "Name: value")),
    "header name": (("-H", "X A: 1"), ("not a header", "Name: value")),
    "id with a line end": (("--last-event-id", "1\r\nX-B: 2"), ("Last-Event-ID", "line ends")),
    "method": (("-X", "GET / HTTP/1.1\r\n"), ("not a method", "POST")),
    "two bodies": (("-d", "a", "--json", "{}"), ("--json", "-d")),
    "two bodies, one raw": (("--data-raw", "a", "--json", "{}"), ("--json", "-d")),
    "form and data": (("-F", "a=b", "-d", "c"), ("both -F and -d", "Give one")),
    "form in the query": (("-G", "-F", "a=b"), ("-G", "-F")),
    "form without a name": (("-F", "hush"), ("not a field", "-F name=content")),
    "form with a semicolon": (("-F", "a=b;c"), ("'a'", "quotes")),
    "form file": (("-F", "a=@/no/such/file"), ("/no/such/file", "No such file")),
    "form as curl": (("-F", "a=b", "--as-curl"), ("--as-curl", "-F")),
    "json in the query": (("-G", "--json", "{}"), ("-G", "--json")),
    "encoded file": (("--data-urlencode", "a@/no/such/file"), ("/no/such/file", "No such file")),
    "body file": (("-d", "@/no/such/file"), ("/no/such/file", "No such file")),
    "header file": (("-H", "@/no/such/file"), ("/no/such/file", "No such file")),
    "cookie file": (("-b", "/no/such/file"), ("/no/such/file", "No such file")),
    "referer of redirects": (("-e", "http://h/;auto"), ("http://h/;auto", "Take out")),
    "user agent": (("-A", "a\nb"), ("User-Agent", "line ends")),
    "redirects": (("--max-redirs", "-2"), ("'--max-redirs'", "-2 is not in the range")),
    "token": (("--bearer", "env:NO_SUCH_TOKEN"), ("NO_SUCH_TOKEN", "export")),
    "summary": (("--summary", "/no/such/folder/s.json"), ("/no/such/folder/s.json", "folder")),
}


@pytest.mark.parametrize("name", CASES)
def test_it_is_told_before_any_connection(name: str) -> None:
    args, told = CASES[name]
    with ScriptedServer([response(204)]) as server:
        result = sse(server.url, *args)
        assert server.requests == []
    assert (result.code, result.out, result.summary) == (2, b"", {})
    assert result.err.startswith("sse: ")
    for text in told:
        assert text in result.err


@pytest.mark.parametrize(
    "url",
    ["ftp://h/", "http://", "http://h:99999/", "http://h:x/", "http://[::1", "https://\x7f/"],
)
def test_what_is_no_url_is_told(url: str) -> None:
    result = sse(url)
    assert (result.code, result.out) == (2, b"")
    assert "not a URL" in result.err


def test_a_file_is_asked_for_nothing(tmp_path: Path) -> None:
    file = tmp_path / "a.sse"
    file.write_bytes(b"data: a\n\n")
    result = sse(str(file), "-H", "X-A: 1")
    assert (result.code, result.out) == (2, b"")
    assert "is not a URL" in result.err


def test_a_secret_that_cannot_be_sent_is_not_shown() -> None:
    result = sse("http://h/", "--bearer", "hush\nhush")
    assert result.code == 2
    assert "hush" not in result.err


def test_nothing_at_all_shows_the_help() -> None:
    with started() as process:
        code, out, _ = ended(process)
    assert code == 2
    assert b"sse URL" in out
