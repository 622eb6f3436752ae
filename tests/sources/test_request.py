"""Requests as values: what is put together, and what is refused."""

import pytest

from sse_cli.errors import UsageError
from sse_cli.sources.http import HttpSource
from sse_cli.sources.request import (
    AGENT,
    DEFAULT_HEADERS,
    Request,
    check_url,
    content_type_of,
    merge_headers,
    parse_header,
    split_credentials,
)


@pytest.mark.parametrize(
    ("given", "url"),
    [
        ("example.test", "https://example.test"),
        ("localhost:8000/v1", "http://localhost:8000/v1"),
        ("127.0.0.1/a?b=://", "http://127.0.0.1/a?b=://"),
        ("[::1]:8000", "http://[::1]:8000"),
        ("http://h", "http://h"),
        ("HTTPS://h/x", "HTTPS://h/x"),
    ],
)
def test_a_url_gets_the_scheme_it_lacks(given: str, url: str) -> None:
    assert check_url(given) == url


@pytest.mark.parametrize(
    "url", ["ws://h/", "http://", "http:///x", "http://h:0x1/", "http://h:-1/", "https://[::1"]
)
def test_what_is_no_url_is_refused(url: str) -> None:
    with pytest.raises(UsageError, match="not a URL"):
        check_url(url)


@pytest.mark.parametrize("url", ["http://h/\x00", "http://xn--\ud800/", f"http://h/{'x' * 70_000}"])
def test_what_cannot_be_sent_is_refused_before_it_is_tried(url: str) -> None:
    with pytest.raises(UsageError, match="not a URL"):
        HttpSource(Request(method="GET", url=url))


def test_credentials_are_taken_out_of_the_url() -> None:
    assert split_credentials("http://a:p%40q@h:1/x@y") == ("http://h:1/x@y", "a:p@q")
    assert split_credentials("http://h/x@y") == ("http://h/x@y", None)


@pytest.mark.parametrize(
    ("text", "header"),
    [("A: b", ("A", "b")), ("A:b:c", ("A", "b:c")), ("A ;", ("A", "")), ("x_y:  é ", ("x_y", "é"))],
)
def test_a_header_is_read(text: str, header: tuple[str, str]) -> None:
    assert parse_header(text) == header


@pytest.mark.parametrize("text", ["", "A", ": b", "A b: c", "A: b\nC: d", "A: \0", "é: a"])
def test_what_is_no_header_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="not a header"):
        parse_header(text)


def test_defaults_give_way() -> None:
    given = [parse_header(text) for text in ("accept: x", "B;", "C:")]
    assert merge_headers(given, {"Accept": "y", "C": "c", "D": "d"}) == (
        ("D", "d"),
        ("accept", "x"),
        ("B", ""),
    )


@pytest.mark.parametrize("value", ["a\r\nb", "a\nb", "a\0"])
def test_no_value_ends_its_line(value: str) -> None:
    with pytest.raises(UsageError, match="'X-A'"):
        Request(method="GET", url="http://h/", headers=(("X-A", value),))


def test_a_request_of_little_is_a_browser_s() -> None:
    request = Request.of("localhost/x")
    assert (request.method, request.url, request.body) == ("GET", "http://localhost/x", b"")
    assert request.headers == (*DEFAULT_HEADERS.items(), ("User-Agent", AGENT))
    assert request.last_event_id == ""


def test_a_request_has_what_is_given() -> None:
    request = Request.of(
        "http://a:b@h/", method="REPORT", headers={"accept": "a/b", "X": "y"}, body=b"{}", last_event_id="é"
    )
    assert (request.method, request.url, request.body) == ("REPORT", "http://h/", b"{}")
    assert request.last_event_id == "é"
    headers = dict(request.headers)
    assert headers.keys() & {"accept", "Accept"} == {"accept"}
    assert (headers["X"], headers["Authorization"]) == ("y", "Basic YTpi")


def test_a_method_is_one_word() -> None:
    assert Request(method="M-SEARCH", url="http://h/").method == "M-SEARCH"
    for method in ("", "GET /", "GÉT", "A\r\nB"):
        with pytest.raises(UsageError, match="not a method"):
            Request(method=method, url="http://h/")


@pytest.mark.parametrize(
    ("body", "kind"),
    [(b"{}", "json"), (b"[1]", "json"), (b"1", "form"), (b'"a"', "form"), (b"{", "form"), (b"", "form")],
)
def test_the_type_of_data_is_told_by_what_it_is(body: bytes, kind: str) -> None:
    assert kind in content_type_of(body)
