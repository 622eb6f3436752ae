"""What `sse serve` sends is read by clients that are not ours: curl, a browser, and official packages."""

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import pytest

from sse_cli.core.items import Chunk, Content
from sse_cli.server.load import bundled_tape
from sse_cli.server.tape import Start
from tests.core.dialects.tape import Run
from tests.e2e.command import HANGS
from tests.e2e.serving import served
from tests.peers.browser import browser

FIRST_TWO = "retry: 20\nid: 1\ndata: a\n\n: comment\n\nid: 2\nevent: named\ndata: zwei\ndata: 流\n\n"
EVENTS = f"{FIRST_TWO}id: 3\ndata: c\n\n"
GIVEN = [["message", "a", "1"], ["named", "zwei\n流", "2"], ["message", "c", "3"]]

Next = Callable[[], Any]
"""Waits for the next thing that a client tells."""


@pytest.fixture
def plain(tmp_path: Path) -> str:
    file = tmp_path / "plain.sse"
    file.write_text(EVENTS, encoding="utf-8")
    return str(file)


def body_of(name: str) -> bytes:
    entries = bundled_tape(name).entries(Start(0))
    return b"".join(entry.data for entry in entries if isinstance(entry, Chunk))


def curl(*args: str) -> "subprocess.CompletedProcess[bytes]":
    program = shutil.which("curl")
    if program is None:
        pytest.skip("curl is not installed")
    return subprocess.run([program, "-sS", "--noproxy", "*", *args], capture_output=True, timeout=HANGS)


def test_curl_reads_each_tape_byte_for_byte() -> None:
    for name in ("openai-chat", "gemini", "ollama", "ticker"):
        with served(name, "--speed", "0") as server:
            assert curl("-N", server.url).stdout == body_of(name)
            assert curl("-N", "-X", "POST", "-d", "{}", "--http1.0", server.url).stdout == body_of(name)


def test_curl_keeps_the_connection_sends_much_and_asks_for_leave(plain: str, tmp_path: Path) -> None:
    large = tmp_path / "large"
    large.write_bytes(b"x" * 2_000_000)
    with served(plain, "--interval", "0") as server:
        done = curl("-v", "--expect100-timeout", "30", "-d", f"@{large}", server.url, server.url)
        assert done.stdout == EVENTS.encode() * 2
        assert b"100 Continue" in done.stderr
        assert done.stderr.count(b"Connected to") == 1
        assert b"HTTP/1.1 200 OK" in curl("-I", server.url).stdout


def test_curl_tells_how_a_connection_broke(plain: str) -> None:
    for fault, code in (("drop@2", 18), ("reset@2", 56), ("half-close@2", 18)):
        with served(plain, "--interval", "0", "--fault", fault) as server:
            done = curl("-N", server.url)
            assert (done.returncode, done.stdout) == (code, FIRST_TWO.encode())


def test_curl_trusts_the_authority(plain: str) -> None:
    with served(plain, "--tls", "--interval", "0") as server:
        assert curl("--cacert", server.authority, server.url).stdout == EVENTS.encode()
        assert curl(server.url).returncode == 60


@contextmanager
def node(url: str, *types: str) -> Iterator[Next]:
    """Have the npm package `eventsource` read a URL, found where NODE_PATH leads."""
    program = shutil.which("node")
    folders = os.environ.get("NODE_PATH", "").split(os.pathsep)
    if program is None or not any(Path(folder, "eventsource").is_dir() for folder in folders if folder):
        pytest.skip("the npm package eventsource is not installed where NODE_PATH leads")
    script = Path(__file__).parents[1] / "peers" / "eventsource_client.js"
    with subprocess.Popen([program, str(script), url, *types], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        stdout = process.stdout
        try:
            yield lambda: json.loads(stdout.readline())
        finally:
            process.kill()


@contextmanager
def chromium(url: str, *types: str) -> Iterator[Next]:
    """Have the browser's own EventSource read a URL, from a page of another origin, with credentials."""
    with browser(url, *types) as reports:
        queue: SimpleQueue[Any] = reports
        yield lambda: queue.get(timeout=HANGS)


CLIENTS = {"node": node, "chromium": chromium}


@pytest.mark.parametrize("client", CLIENTS)
def test_an_eventsource_goes_on_after_each_break_until_there_is_no_more(client: str, plain: str) -> None:
    args = ("--interval", "0", "--fault", "drop@1", "--log")
    with served(plain, *args) as server, CLIENTS[client](f"{server.url}/events", "named") as told:
        assert [told() for _ in range(4)] == [*GIVEN, ["closed"]]
        server.process.terminate()
        err = server.end()[2]
    asked = [line.split(" 200 ")[1] for line in err.splitlines() if " 200 " in line]
    assert asked == [f"plain.sse{after} with drop@1" for after in ("", " after id 1", " after id 2")]
    assert " 204" in err


@pytest.mark.parametrize("client", CLIENTS)
def test_an_eventsource_gets_each_event_when_it_comes(client: str, plain: str) -> None:
    """The stream stands still after the second event: what had come by then was not held back by anyone."""
    args = ("--interval", "0", "--rechunk", "byte", "--fault", "stall@2:1h")
    with served(plain, *args) as server, CLIENTS[client](server.url, "named") as told:
        assert [told() for _ in range(2)] == GIVEN[:2]


def test_a_page_of_another_origin_may_post_and_read_the_answer() -> None:
    with served("openai-chat", "--speed", "0") as server, browser(server.url, post=True) as reports:
        assert reports.get(timeout=HANGS) == [200, "no-cache", body_of("openai-chat").decode()]


def test_httpx_sse_reads_it(plain: str) -> None:
    httpx, httpx_sse = pytest.importorskip("httpx"), pytest.importorskip("httpx_sse")
    with (
        served(plain, "--interval", "0", "--rechunk", "byte") as server,
        httpx.Client(trust_env=False) as client,
        httpx_sse.connect_sse(client, "GET", server.url) as source,
    ):
        events = [[event.event, event.data, event.id] for event in source.iter_sse()]
    assert [event for event in events if event[1]] == GIVEN


def test_the_openai_package_reads_a_chat() -> None:
    openai = pytest.importorskip("openai")
    with served("openai-chat", "--speed", "0") as server, client(openai.OpenAI, f"{server.url}/v1") as api:
        chunks = list(api.chat.completions.create(model="m", messages=[], stream=True))
    text = "".join(choice.delta.content or "" for chunk in chunks for choice in chunk.choices)
    assert text == Run(body_of("openai-chat")).text(Content)
    assert chunks[-1].usage.completion_tokens == 104


def test_the_openai_package_reads_a_response() -> None:
    openai = pytest.importorskip("openai")
    with (
        served("openai-responses", "--speed", "0") as server,
        client(openai.OpenAI, f"{server.url}/v1") as api,
        api.responses.stream(model="m", input="") as stream,
    ):
        final = stream.get_final_response()
    assert final.output_text == Run(body_of("openai-responses")).text(Content)
    assert final.usage.output_tokens == 192


def test_the_openai_package_asks_again_when_the_first_request_fails() -> None:
    openai = pytest.importorskip("openai")
    with served("openai-chat", "--speed", "0", "--fault", "status@1:503", "--log") as server:
        with client(openai.OpenAI, f"{server.url}/v1", max_retries=1) as api:
            chunks = list(api.chat.completions.create(model="m", messages=[], stream=True))
        assert chunks[-1].usage.completion_tokens == 104
        server.process.terminate()
        assert [" 503 " in line for line in server.end()[2].splitlines() if "POST" in line] == [True, False]


def test_the_openai_package_sees_a_cut() -> None:
    openai = pytest.importorskip("openai")
    httpx2 = pytest.importorskip("httpx2")
    with (
        served("openai-chat", "--speed", "0", "--fault", "drop@9") as server,
        client(openai.OpenAI, f"{server.url}/v1") as api,
    ):
        stream = api.chat.completions.create(model="m", messages=[], stream=True)
        with pytest.raises((openai.APIError, httpx2.HTTPError)):
            list(stream)


def test_the_anthropic_package_reads_a_message_with_a_tool_call() -> None:
    anthropic = pytest.importorskip("anthropic")
    with (
        served("anthropic-messages", "--speed", "0") as server,
        client(anthropic.Anthropic, server.url) as api,
        api.messages.stream(model="m", max_tokens=9, messages=[]) as stream,
    ):
        message = stream.get_final_message()
    texts = [block.text for block in message.content if block.type == "text"]
    calls = [(block.name, block.input) for block in message.content if block.type == "tool_use"]
    assert texts == [Run(body_of("anthropic-messages")).text(Content)]
    assert calls == [("tide_table", {"place": "Holm Sands", "day": "2026-03-15"})]
    assert (message.stop_reason, message.usage.output_tokens) == ("tool_use", 187)


@contextmanager
def client(kind: Any, base_url: str, max_retries: int = 0) -> Iterator[Any]:
    """Give an official client that asks our server, past any proxy of the environment."""
    httpx2 = import_module("httpx2")
    with httpx2.Client(trust_env=False) as http:
        yield kind(api_key="none", base_url=base_url, http_client=http, max_retries=max_retries)
