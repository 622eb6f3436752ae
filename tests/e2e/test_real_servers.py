"""`sse` against servers as people run them: sse-starlette, Flask, Node, and nginx before one of them."""

import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from typing import NamedTuple

import pytest
import trustme

from tests.e2e.command import Result, sse
from tests.e2e.tls import write_authority
from tests.peers.expected import (
    BLOCKS,
    COMMENTS,
    ERROR,
    EVENTS,
    SLOW,
    TOKENS,
    TOKENS_TEXT,
    Seen,
    wire,
)
from tests.peers.real import flask_server, nginx_proxy, node_server, sse_starlette_server
from tests.peers.scripted import ScriptedServer, chunk, response

AUTHORITY = trustme.CA()


@contextmanager
def nginx_before_starlette(authority: trustme.CA | None = None) -> Iterator[str]:
    with sse_starlette_server() as upstream, nginx_proxy(upstream, authority) as url:
        yield url


class Kind(NamedTuple):
    start: Callable[[], AbstractContextManager[str]]
    eol: str
    option: str = ""
    version: str = "HTTP/1.1"


nginx_tls = partial(nginx_before_starlette, AUTHORITY)
node_http2 = partial(node_server, http2=True)
node_tls = partial(node_server, http2=True, authority=AUTHORITY)
PEERS = {
    "sse-starlette": Kind(sse_starlette_server, "\r\n"),
    "flask": Kind(flask_server, "\n"),
    "node": Kind(node_server, "\n"),
    "nginx": Kind(nginx_before_starlette, "\r\n"),
    "nginx over TLS": Kind(nginx_tls, "\r\n"),
    "nginx, HTTP/2": Kind(nginx_tls, "\r\n", "--http2", "HTTP/2"),
    "nginx, HTTP/2 known": Kind(nginx_tls, "\r\n", "--http2-prior-knowledge", "HTTP/2"),
    "node over TLS": Kind(node_tls, "\n"),
    "node, HTTP/2": Kind(node_tls, "\n", "--http2", "HTTP/2"),
    "node, HTTP/2 without TLS": Kind(node_http2, "\n", "--http2-prior-knowledge", "HTTP/2"),
}


class Peer(NamedTuple):
    """A server, and the options with which it is asked, which are curl's as well."""

    url: str
    kind: Kind
    options: tuple[str, ...]

    def sse(self, path: str, *args: str, stdin: bytes = b"") -> Result:
        return sse(f"{self.url}{path}", *self.options, *args, stdin=stdin)


@pytest.fixture(scope="module")
def cacert(tmp_path_factory: pytest.TempPathFactory) -> str:
    return write_authority(AUTHORITY, tmp_path_factory.mktemp("tls"))


@pytest.fixture(scope="module", params=PEERS)
def peer(request: pytest.FixtureRequest, cacert: str) -> Iterator[Peer]:
    kind = PEERS[request.param]
    with kind.start() as url:
        options = [kind.option] if kind.option else []
        if url.startswith("https:"):
            options += ["--cacert", cacert]
        yield Peer(url, kind, tuple(options))


@pytest.fixture(scope="module")
def node() -> Iterator[str]:
    with node_server() as url:
        yield url


def seen(records: list[dict]) -> list[Seen]:
    return [
        Seen(r["event"], r["data"], r["id"], r["last_event_id"], r["retry"])
        for r in records
        if r["kind"] == "event"
    ]


def test_json_holds_the_canonical_events_and_all_shows_the_rest(peer: Peer) -> None:
    result = peer.sse("/events", "-o", "json", "--all")
    records = result.records
    assert result.verdict == ("complete", 0)
    assert seen(records) == EVENTS
    assert [record["text"] for record in records if record["kind"] == "comment"] == COMMENTS
    anomalies = [(r["anomaly"], r["detail"]) for r in records if r["kind"] == "anomaly"]
    assert anomalies == [("no-data", "")], "the block of an id alone"
    assert [r["n"] for r in records if r["kind"] == "event"] == list(range(1, len(EVENTS) + 1))
    assert (records[0]["kind"], records[0]["status"]) == ("opened", 200)
    assert (records[-1]["kind"], records[-1]["reason"]) == ("closed", "eof")
    times = [record["t"] for record in records]
    assert times == sorted(times)
    assert times[0] > 0


def test_raw_is_the_exact_bytes(peer: Peer) -> None:
    assert peer.sse("/events", "-o", "raw").out == wire(BLOCKS, peer.kind.eol)


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_curl_gets_the_same_bytes(peer: Peer) -> None:
    first = ["curl", "-sN", "--http1.1"]  # else it would offer HTTP/2 in TLS unasked; a later option wins
    curl = [*first, *peer.options, "-w", "%{stderr}%{http_version}", f"{peer.url}/events"]
    done = subprocess.run(curl, capture_output=True, check=True, timeout=60)
    assert done.stdout == peer.sse("/events", "-o", "raw").out
    assert f"HTTP/{done.stderr.decode()}" == peer.kind.version


def test_data_is_each_events_data(node: str) -> None:
    result = sse(f"{node}/events")
    assert result.text == "".join(f"{event.data}\n" for event in EVENTS)


def test_lines_are_the_extracted_values(node: str) -> None:
    result = sse(f"{node}/tokens", "-p", "$.choices[0].delta.content", "-p", "$.usage.total_tokens")
    values = ["", *(["Streams", " ripple", " –", " 流", "れ", " 🌊", "."]), "12"]
    assert result.text.splitlines() == values
    assert "".join(values[:-1]) == TOKENS_TEXT


def test_sse_is_read_again_as_the_same_events(node: str) -> None:
    filtered = sse(f"{node}/events", "-o", "sse").out
    assert b"\r" not in filtered
    again = sse("-", "-o", "json", stdin=filtered)
    assert again.verdict == ("complete", 0)
    assert seen(again.records) == EVENTS


def test_an_answer_is_text_and_its_summary_tells_the_whole(peer: Peer) -> None:
    result = peer.sse("/tokens", "-d", '{"stream": true}', "-o", "text")
    assert result.text == TOKENS_TEXT
    assert result.verdict == ("complete", 0)
    summary = result.summary
    assert (summary["dialect"], summary["finish"], summary["status"]) == ("openai-chat", "stop", 200)
    assert summary["http_version"] == peer.kind.version
    assert summary["events"] == len(TOKENS)
    assert summary["bytes"] == len(wire(TOKENS, peer.kind.eol))
    usage = summary["usage"]
    assert (usage["input"], usage["output"], usage["total"]) == (5, 7, 12)
    assert summary["tokens"] == {"output": 7, "estimated": False}
    assert 0 < summary["connect"] <= summary["headers"] <= summary["first_event"] <= summary["end"]


def test_slow_events_are_measured_apart(peer: Peer) -> None:
    result = peer.sse("/slow", "-o", "json")
    assert seen(result.records) == [
        Seen(block.event or "", block.data or "", block.id, block.id or "") for block in SLOW
    ]
    times = [record["t"] for record in result.records]
    assert times == sorted(set(times)), "each event has a time of its own: none was held back"


def test_a_large_body_is_sent_before_the_answer_is_read(peer: Peer) -> None:
    result = peer.sse("/tokens", "-d", "@-", "-o", "text", stdin=b"x" * 500_000)
    assert (result.text, result.verdict) == (TOKENS_TEXT, ("complete", 0))


@pytest.mark.parametrize(("option", "version"), [("", "HTTP/1.1"), ("--http2", "HTTP/2")])
def test_what_breaks_behind_nginx_is_truncated(option: str, version: str, cacert: str) -> None:
    script = [response(chunked=True), chunk(b"data: one\n\n")]
    options = [option] if option else []
    with ScriptedServer(script) as upstream, nginx_proxy(upstream.url, AUTHORITY) as url:
        result = sse(url, *options, "--cacert", cacert)
    assert (result.text, result.verdict) == ("one\n", ("truncated", 6))
    assert result.summary["http_version"] == version


def test_an_error_is_refused_with_what_the_server_says(peer: Peer) -> None:
    result = peer.sse("/error")
    assert result.verdict == ("refused", 4)
    assert "500 Internal Server Error" in result.err
    assert ERROR["error"]["message"] in result.err
    assert result.out == b""
