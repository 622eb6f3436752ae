"""Compressed streams: asked for, undone as they come, and what is told of those that cannot be read."""

from collections.abc import Iterator

import pytest

from tests.e2e.command import sse
from tests.e2e.steps import asking, walk
from tests.peers.expected import BLOCKS, SLOW, wire
from tests.peers.packing import PACKERS, packed
from tests.peers.real import coded_node_server, coded_server, nginx_proxy, node_server
from tests.peers.scripted import ScriptedServer, response

COMPRESSED = "gzip, br, zstd"
TEXTS = (b"data: one\n\n", b"data: two\n\n")

BY_PYTHON = [*PACKERS, "gzip, br", "br, zstd, gzip"]
BY_NODE = ["gzip", "deflate", "br"]
GZIP = "gzip on; gzip_types text/event-stream;"


@pytest.fixture(scope="module")
def python() -> Iterator[str]:
    with coded_server() as url:
        yield url


@pytest.fixture(scope="module")
def node() -> Iterator[str]:
    with coded_node_server() as url:
        yield url


@pytest.fixture(scope="module")
def gzipping_nginx(python: str) -> Iterator[str]:
    with nginx_proxy(python, settings=f"proxy_buffering off; {GZIP}") as url:
        yield url


def coded(codings: str, body: bytes) -> bytes:
    return response(headers={"Content-Encoding": codings}, body=body)


@pytest.mark.parametrize("codings", BY_PYTHON)
def test_what_python_packs(python: str, codings: str) -> None:
    result = sse(f"{python}/events?coding={codings.replace(' ', '%20')}", "--compressed", "-o", "raw")
    assert result.verdict == ("complete", 0)
    assert result.out == wire(BLOCKS)
    assert result.summary["bytes"] == len(wire(BLOCKS)), "what the codings hold, not what went over the wire"


@pytest.mark.parametrize("coding", BY_NODE)
def test_what_node_packs(node: str, coding: str) -> None:
    assert sse(f"{node}/events?coding={coding}", "--compressed", "-o", "raw").out == wire(BLOCKS)


@pytest.mark.parametrize("codings", BY_PYTHON)
def test_an_event_of_pythons_is_written_before_the_next_one_is_sent(python: str, codings: str) -> None:
    walk(f"{python}/steps?coding={codings.replace(' ', '%20')}", asking(python), "--compressed")


@pytest.mark.parametrize("coding", BY_NODE)
def test_an_event_of_nodes_is_written_before_the_next_one_is_sent(node: str, coding: str) -> None:
    walk(f"{node}/steps?coding={coding}", asking(node), "--compressed")


def test_an_event_through_nginx_that_compresses_is_written_before_the_next_one_is_sent(
    python: str, gzipping_nginx: str
) -> None:
    head = sse(f"{gzipping_nginx}/events", "--compressed", "-v", "-o", "none").err
    assert "< Content-Encoding: gzip" in head
    walk(f"{gzipping_nginx}/steps", asking(python), "--compressed")


def test_nginx_does_not_compress_unless_it_is_asked_to(gzipping_nginx: str) -> None:
    result = sse(f"{gzipping_nginx}/events", "-v", "-o", "raw")
    assert "Content-Encoding" not in result.err.replace("Accept-Encoding", "")
    assert result.out == wire(BLOCKS)


def test_what_nginx_holds_back_is_seen_to_come_at_once() -> None:
    with node_server() as upstream:
        with nginx_proxy(upstream, settings=f"proxy_buffering on; {GZIP}") as url:
            held = sse(f"{url}/slow", "--compressed", "-o", "data").summary
        free = sse(f"{upstream}/slow", "-o", "data").summary
    assert (held["events"], held["burst"]["max"]) == (len(SLOW), len(SLOW))
    assert free["burst"]["max"] == 1


def test_it_is_asked_for_with_an_option_or_a_header() -> None:
    with ScriptedServer(*[[coded("br", packed("br", TEXTS))]] * 4) as server:
        for args in ((), ("--compressed",), ("--compressed", "-H", "Accept-Encoding: br")):
            assert sse(server.url, *args).text == "one\ntwo\n", "whatever was asked for"
        assert sse(server.url, "--compressed", "-H", "Accept-Encoding:").text == "one\ntwo\n"
        asked = [request.headers.get("accept-encoding") for request in server.requests]
    assert asked == ["identity", COMPRESSED, "br", None]


@pytest.mark.parametrize("coding", PACKERS)
def test_a_body_that_ends_too_early_is_truncated(coding: str) -> None:
    with ScriptedServer([coded(coding, packed(coding, TEXTS)[:-1])]) as server:
        result = sse(server.url)
    assert result.verdict == ("truncated", 6)
    assert result.text == "one\ntwo\n"
    assert "the compressed body ended before it was whole" in result.err


@pytest.mark.parametrize("coding", PACKERS)
def test_a_body_that_is_broken_is_truncated(coding: str) -> None:
    with ScriptedServer([coded(coding, b"\xff\xffdata: one\n\n")]) as server:
        result = sse(server.url)
    assert result.verdict == ("truncated", 6)
    assert "the compressed body is broken" in result.err


@pytest.mark.parametrize("coding", PACKERS)
def test_a_refusal_is_read_as_well(coding: str) -> None:
    answer = response(403, {"Content-Encoding": coding}, packed(coding, [b"not ", b"today"]))
    with ScriptedServer([answer]) as server:
        result = sse(server.url)
    assert result.verdict == ("refused", 4)
    assert "not today" in result.err


def test_a_coding_that_is_not_known_is_told() -> None:
    with ScriptedServer([coded("gzip, dcb", b"?")]) as server:
        result = sse(server.url, "--compressed")
    assert result.verdict == ("truncated", 6)
    assert "content coding cannot be read: dcb" in result.err
    assert "gzip, br, zstd and deflate" in result.err


def test_a_coding_that_codes_nothing_is_none() -> None:
    with ScriptedServer([coded("identity, Identity", b"data: a\n\n")]) as server:
        assert sse(server.url).text == "a\n"
