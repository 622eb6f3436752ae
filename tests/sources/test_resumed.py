"""The request for the rest of an answer, as values."""

import pytest

from sse_cli.core.resume import Resume
from sse_cli.sources.request import Request
from sse_cli.sources.resumed import resumed
from sse_cli.sources.source import Unreachable

FIRST = Request(
    method="POST",
    url="https://h/v1/responses?api-version=2&stream=false",
    headers=(("Accept", "a/b"), ("Content-Type", "t/t"), ("Authorization", "Bearer T"), ("X-Mine", "x")),
    body=b"{}",
)


def test_the_same_request_is_asked_after_an_id() -> None:
    found = resumed(FIRST, Resume(last_event_id="7"))
    assert (found.method, found.url, found.body) == (FIRST.method, FIRST.url, FIRST.body)
    assert found.headers == (*FIRST.headers, ("Last-Event-ID", "7"))
    again = resumed(found, Resume(last_event_id="8"))
    assert again.headers == (*FIRST.headers, ("Last-Event-ID", "8"))
    assert resumed(again, Resume()).headers == FIRST.headers


def test_a_get_has_no_body_nor_what_tells_of_one() -> None:
    found = resumed(FIRST, Resume(method="GET"))
    assert (found.method, found.body) == ("GET", b"")
    assert [name for name, _ in found.headers] == ["Accept", "Authorization", "X-Mine"]


def test_headers_replace_those_of_the_same_name() -> None:
    found = resumed(FIRST, Resume(last_event_id="7", headers=(("accept", "c/d"), ("last-event-id", "9"))))
    assert found.headers == (*FIRST.headers[1:], ("last-event-id", "9"), ("accept", "c/d"))


@pytest.mark.parametrize(
    ("url", "resume", "wanted"),
    [
        ("https://h/v1/responses", Resume(path="/r1"), "https://h/v1/responses/r1"),
        ("https://h/v1/responses/", Resume(path="/r1"), "https://h/v1/responses/r1"),
        ("https://h/v1/responses/r1", Resume(path="/r1"), "https://h/v1/responses/r1"),
        ("https://h", Resume(path="/r1"), "https://h/r1"),
        ("https://h/", Resume(query=(("a", "1 &é"),)), "https://h/?a=1%20%26%C3%A9"),
        ("https://h/?a=0&b=%20&a=2&c", Resume(query=(("a", "1"),)), "https://h/?b=%20&c&a=1"),
        ("https://h/?x+y=1", Resume(query=(("x y", "2"),)), "https://h/?x%20y=2"),
        ("https://h/a/b", Resume(url="c?d"), "https://h/a/c?d"),
        ("https://h/a/b", Resume(url="/c", path="/e"), "https://h/c/e"),
    ],
)  # fmt: skip
def test_the_address(url: str, resume: Resume, wanted: str) -> None:
    assert resumed(Request(method="GET", url=url), resume).url == wanted


def test_another_origin_gets_no_secrets() -> None:
    resume = Resume(last_event_id="7", method="GET", url="https://other/c", headers=(("X-Session", "s"),))
    found = resumed(FIRST, resume)
    assert (found.url, found.headers) == ("https://other/c", (("Accept", "a/b"), ("Last-Event-ID", "7")))


@pytest.mark.parametrize("url", ["ftp://h/", "http://", "http://[x", "data:,"])
def test_what_leads_nowhere_is_unreachable(url: str) -> None:
    with pytest.raises(Unreachable, match="to resume at what is no http address"):
        resumed(FIRST, Resume(url=url))
