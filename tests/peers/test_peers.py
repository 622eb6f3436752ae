"""The real servers all send the canonical streams, byte for byte."""

import http.client
import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import NamedTuple
from urllib.parse import urlsplit

import pytest

from sse_cli.core.items import Comment, Event
from sse_cli.core.wire.sse import SseDecoder
from tests.peers.expected import BLOCKS, COMMENTS, ERROR, EVENTS, SLOW, TOKENS, TOKENS_TEXT, Seen, wire
from tests.peers.real import flask_server, nginx_proxy, node_server, sse_starlette_server


class Peer(NamedTuple):
    url: str
    eol: str


@contextmanager
def nginx_before_node() -> Iterator[str]:
    with node_server() as upstream, nginx_proxy(upstream) as url:
        yield url


PEERS: dict[str, tuple[Callable[[], AbstractContextManager[str]], str]] = {
    "sse-starlette": (sse_starlette_server, "\r\n"),
    "flask": (flask_server, "\n"),
    "node": (node_server, "\n"),
    "nginx": (nginx_before_node, "\n"),
}


@pytest.fixture(scope="module", params=PEERS)
def peer(request: pytest.FixtureRequest) -> Iterator[Peer]:
    start, eol = PEERS[request.param]
    with start() as url:
        yield Peer(url, eol)


def ask(url: str, path: str, method: str = "GET", body: bytes | None = None) -> tuple[int, str, bytes]:
    """Return the status, the content type's essence and the body."""
    with ExitStack() as stack:
        connection = http.client.HTTPConnection(urlsplit(url).netloc)
        stack.callback(connection.close)
        connection.request(method, path, body, {"Accept": "text/event-stream"})
        response = connection.getresponse()
        return response.status, response.headers.get_content_type(), response.read()


def test_the_canonical_bytes_come_through(peer: Peer) -> None:
    status, content_type, body = ask(peer.url, "/events")
    assert (status, content_type) == (200, "text/event-stream")
    assert body == wire(BLOCKS, peer.eol)


def test_tokens_are_given_to_get_and_post(peer: Peer) -> None:
    for method, body in (("GET", None), ("POST", b'{"stream": true}')):
        assert ask(peer.url, "/tokens", method, body) == (200, "text/event-stream", wire(TOKENS, peer.eol))


def test_slow_sends_each_event_by_itself(peer: Peer) -> None:
    with ExitStack() as stack:
        connection = http.client.HTTPConnection(urlsplit(peer.url).netloc)
        stack.callback(connection.close)
        connection.request("GET", "/slow")
        response = connection.getresponse()
        pieces = list(iter(lambda: response.read1(65536), b""))
    assert b"".join(pieces) == wire(SLOW, peer.eol)
    assert len(pieces) > 1, "nothing on the way holds events back until the end"


def test_error_is_a_500_with_json(peer: Peer) -> None:
    status, content_type, body = ask(peer.url, "/error")
    assert (status, content_type, json.loads(body)) == (500, "application/json", ERROR)


@pytest.mark.parametrize("eol", ["\n", "\r\n"], ids=["lf", "crlf"])
def test_the_canonical_events_are_what_the_bytes_mean(eol: str) -> None:
    decoder = SseDecoder()
    items = [*decoder.feed(wire(BLOCKS, eol)), *decoder.end()]
    events = [item for item in items if isinstance(item, Event)]
    assert [Seen(e.type, e.data, e.id, e.last_event_id, e.retry) for e in events] == EVENTS
    assert [item.text for item in items if isinstance(item, Comment)] == COMMENTS


def test_the_tokens_are_the_text() -> None:
    chunks = [json.loads(block.data or "") for block in TOKENS[:-1]]
    deltas = [chunk["choices"][0]["delta"] for chunk in chunks if chunk["choices"]]
    assert "".join(delta.get("content", "") for delta in deltas) == TOKENS_TEXT
