"""Requests as they go over the wire: what httpx would send, whichever of us takes the URL apart."""

import re
import string

import httpx
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sse_cli.sources.message import BadUrl, address_of, message_of
from sse_cli.sources.request import Request

HOSTS = [
    "h",
    "api.example.test",
    "127.0.0.1",
    "localhost",
    "H.Test",
    "[::1]",
    "münchen.test",
    "a_b",
    "1.2.3.400",
]
PORTS = ["", ":", ":80", ":443", ":080", ":8000", ":65535"]
TEXTS = st.text("ab./%2?&~", max_size=12) | st.text(string.printable + "é", max_size=12)
NEAR_URLS = st.tuples(
    st.sampled_from(["http", "https", "HTTP"]),
    st.sampled_from(HOSTS) | st.text("ab0.-_", min_size=1),
    st.sampled_from(PORTS),
    TEXTS.map(lambda text: f"/{text}") | st.just(""),
    TEXTS.map(lambda text: f"?{text}") | st.just(""),
).map(lambda parts: f"{parts[0]}://{''.join(parts[1:])}")


def as_httpx(request: Request) -> tuple[str, int, bytes]:
    """Return the host, the port and the bytes that an httpx request stands for."""
    headers = [(name.encode(), value.encode()) for name, value in request.headers]
    sent = httpx.Request(request.method, request.url, headers=headers, content=request.body or None)
    lines = [b"%s %s HTTP/1.1" % (sent.method.encode(), sent.url.raw_path)]
    lines += [b"%s: %s" % header for header in sent.headers.raw]
    host = sent.url.raw_host.decode().removeprefix("[").removesuffix("]")
    port = sent.url.port or (443 if sent.url.scheme == "https" else 80)
    return host, port, b"\r\n".join(lines) + b"\r\n\r\n" + request.body


def check(request: Request) -> None:
    try:
        expected = as_httpx(request)
    except httpx.InvalidURL as error:
        with pytest.raises(BadUrl, match=re.escape(str(error))):
            message_of(request)
        return
    message = message_of(request)
    assert (message.address.host, message.address.port, message.data) == expected


@given(NEAR_URLS)
@example("http://h?")
@example("http://h?a=/../b")
@example("http://h:80/")
@example("http://h/a/../b/.well-known/./c")
@example("http://h/a%2Fb%zz%")
@example("http://h//x")
@example(f"http://h/{'x' * 70_000}")
def test_a_url_leads_where_httpx_takes_it(url: str) -> None:
    check(Request(method="GET", url=url))


HEADERS = [
    ("Accept", "text/event-stream"),
    ("host", "other.test"),
    ("Content-Length", "7"),
    ("X", "é"),
    ("X", ""),
]


@given(
    st.sampled_from(["GET", "POST", "put", "HEAD", "x-y"]),
    st.lists(st.sampled_from(HEADERS)),
    st.binary(max_size=3),
)
def test_a_request_is_framed_as_httpx_frames_it(
    method: str, headers: list[tuple[str, str]], body: bytes
) -> None:
    check(Request(method=method, url="http://h:8000/a?b", headers=tuple(headers), body=body))


def test_what_comes_in_pieces_gets_no_length() -> None:
    chunked = (("Transfer-Encoding", "chunked"),)
    message = message_of(Request(method="POST", url="http://h/", headers=chunked, body=b"0\r\n\r\n"))
    assert b"Content-Length" not in message.data  # RFC 9112, section 6.2


def test_bytes_of_the_command_line_are_sent_as_they_were() -> None:
    message = message_of(Request(method="GET", url="http://h/", headers=(("X", "\udcff"),)))
    assert b"X: \xff\r\n" in message.data


@pytest.mark.parametrize("url", ["ws://h/", "http://h/\0"])
def test_what_cannot_be_asked_says_why(url: str) -> None:
    with pytest.raises(BadUrl, match=r"not spoken|non-printable"):
        address_of(url)
