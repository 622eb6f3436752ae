"""Requests, read from bytes however they are cut."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from sse_cli.server.request import BadRequest, Request, RequestReader

BYTES = (
    b"GET /a%20b?c=%20d HTTP/1.1\r\nHost: x\r\nLast-Event-ID: \xc3\xa9 \r\n\r\n"
    b"POST //double HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc"
    b"POST http://h:1/x?y HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
    b"2;e=1\r\nab\r\n1\r\nc\r\n0\r\nT: 1\r\n\r\n"
    b"OPTIONS * HTTP/1.1\r\n\r\n"
    b"GET / HTTP/1.0\r\n\r\n"
)
REQUESTS = [
    Request(
        method="GET",
        target="/a%20b?c=%20d",
        path="/a b",
        query="c=%20d",
        headers=(("Host", "x"), ("Last-Event-ID", "Ã©")),
    ),
    Request(
        method="POST", target="//double", path="//double", headers=(("Content-Length", "3"),), body=b"abc"
    ),
    Request(
        method="POST",
        target="http://h:1/x?y",
        path="/x",
        query="y",
        headers=(("Transfer-Encoding", "chunked"),),
        body=b"abc",
    ),
    Request(method="OPTIONS", target="*", path="*"),
    Request(method="GET", target="/", path="/", keeps_alive=False, knows_chunked=False),
]


@given(st.lists(st.integers(0, len(BYTES)), max_size=20))
def test_they_are_read_however_they_are_cut(places: list[int]) -> None:
    reader = RequestReader()
    found: list[Request | BadRequest] = []
    for start, end in pairwise(sorted({0, len(BYTES), *places})):
        found += reader.feed(BYTES[start:end])
    assert found == REQUESTS
    assert not reader.is_midway
    assert reader.feed(BYTES) == [], "the last one ends the connection"


def test_the_last_event_id_is_text() -> None:
    assert REQUESTS[0].last_event_id == "é"
    assert REQUESTS[1].last_event_id == ""


def test_a_request_to_upgrade_is_answered_without_that_and_is_the_last() -> None:
    upgrade = b"GET / HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n"
    reader = RequestReader()
    (found,) = reader.feed(upgrade)
    assert isinstance(found, Request)
    assert not found.keeps_alive
    assert reader.feed(BYTES) == []


def test_it_tells_where_it_is() -> None:
    reader = RequestReader()
    assert reader.feed(b"POST / HTTP/1.1\r\nExpect: 100-Continue\r\nContent-Length: 1\r\n") == []
    assert (reader.is_midway, reader.wants_continue) == (True, False)
    assert reader.feed(b"\r\n") == []
    assert (reader.is_midway, reader.wants_continue) == (True, True)
    assert len(reader.feed(b"a")) == 1
    assert (reader.is_midway, reader.wants_continue) == (False, False)


def test_after_a_bad_one_nothing_is_read() -> None:
    reader = RequestReader()
    first, second = reader.feed(b"GET / HTTP/1.1\r\n\r\nnonsense\r\n\r\n")
    assert isinstance(first, Request)
    assert isinstance(second, BadRequest)
    assert reader.feed(BYTES) == []
    assert not reader.is_midway
