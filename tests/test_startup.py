"""What starting up imports: what a person only asks for must not pay for what something else needs.

Whoever makes a case fail has added milliseconds to every start. The import belongs inside the function that
needs it; the module that was named by the failure may have been brought in by another one.
"""

import os
import subprocess
import sys
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import pytest

from tests.peers.scripted import ScriptedServer, response

ROOT = Path(__file__).parent.parent

HTTP2 = {"h2", "hpack", "hyperframe", "sse_cli.sources.http2"}
NETWORK = {"asyncio", "ssl", "socket", "http", "httpx", "httpcore", "httptools", "anyio", "certifi"} | HTTP2
READING = {"msgspec", "jsonpath_ng", "tomllib", "ddsketch", "json"}
SHOWING = {"rich", "pygments", "markdown_it"}
# Nothing here needs these: they come in when a dependency begins to import them.
UNWANTED = {"pydantic", "click", "typing_extensions", "importlib.metadata", "multiprocessing", "unittest"}
OWN = {
    "sse_cli.core",
    "sse_cli.text",
    "sse_cli.sources",
    "sse_cli.sinks",
    "sse_cli.reports",
    "sse_cli.server",
    "sse_cli.session",
}
COMMANDS = {"sse_cli.cli.build", "sse_cli.cli.run", "sse_cli.cli.show"}
EVERY = NETWORK | READING | UNWANTED | OWN | COMMANDS
# What a stream of the usual kind has no use for, wherever it comes from. Not all of `NETWORK`: asyncio brings
# some of it. Nor all of `UNWANTED`: msgspec asks for typing_extensions where there are some.
UNUSUAL = (
    {"httpx", "httpcore", "h11", "anyio", "idna", "certifi", "http.client", "http.cookiejar"}
    | {"urllib.request", "email", "json", "hashlib", "dataclasses", "platformdirs", "jsonpath_ng", "ddsketch"}
    | {"sse_cli.core.jsonpath", "sse_cli.sources.transport", "sse_cli.server"}
    | {"sse_cli.sources.proxies", "sse_cli.sources.tunnel", "sse_cli.sources.netrc", "sse_cli.sources.local"}
    | {"sse_cli.core.coding", "brotli", "backports", "truststore"}
    | {"sse_cli.cli.profile", "sse_cli.cli.toml"}
    | HTTP2
    | SHOWING
    | UNWANTED - {"typing_extensions"}
)

NOT_NEEDED = {
    "version": EVERY | SHOWING | {"dataclasses", "sse_cli.cli.options"},
    "help": EVERY,  # rich lays it out
    "tail": EVERY | SHOWING | {"dataclasses"},
    "file": UNUSUAL | {"httptools", "sse_cli.sources.http", "sse_cli.sources.dialer"},
    "url": UNUSUAL | {"sse_cli.sources.file"},
}
"""For each way to start, the modules that it has no use for."""


def run(*arguments: str) -> str:
    """Return the Python code of a command."""
    return f"import sys; sys.argv = {['sse', *arguments]}; from sse_cli.cli.main import main; main()"


@cache
def imports(code: str) -> frozenset[str]:
    """Return what code imports, or tries to, in a new Python."""
    command = [sys.executable, "-X", "importtime", "-c", code]
    quiet = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    done = subprocess.run(
        command, cwd=ROOT, env=quiet, stdin=subprocess.DEVNULL, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr[-2000:]
    lines = (line for line in done.stderr.splitlines() if line.startswith("import time:"))
    return frozenset(line.rpartition("|")[2].strip() for line in lines)


def heavy(code: str, names: Iterable[str]) -> list[str]:
    """Return which of the modules code imports, less what this Python imports by itself."""
    own_doing = imports(code) - imports("pass")
    return sorted(name for name in names if any(f"{module}.".startswith(f"{name}.") for module in own_doing))


@pytest.mark.parametrize("option", ["version", "help"])
def test_what_only_tells_imports_little(option: str) -> None:
    assert heavy(run(f"--{option}"), NOT_NEEDED[option]) == []


def test_the_options_of_tail_import_little() -> None:
    assert heavy("import sse_cli.cli.tail", NOT_NEEDED["tail"]) == []


def test_a_file_needs_no_network_and_plain_text_no_paths(tmp_path: Path) -> None:
    file = tmp_path / "plain.sse"
    file.write_bytes(b"data: tick\n\n")
    assert heavy(run("-q", "-o", "none", str(file)), NOT_NEEDED["file"]) == []


@pytest.mark.parametrize(
    "event", [b"data: tick\n\n", b'data: {"choices": [{"delta": {"content": "a"}}]}\n\n']
)
def test_an_address_as_people_write_it_needs_no_httpx(event: bytes) -> None:
    with ScriptedServer([response(), event]) as server:
        code = run("-q", "-o", "data", "-n", "1", f"{server.url}/v1/chat?a=b%20c&d")
        assert heavy(code, NOT_NEEDED["url"]) == []
        assert [request.path for request in server.requests] == ["/v1/chat?a=b%20c&d"]


def test_the_plugin_of_pytest_costs_its_runs_nothing() -> None:
    own_doing = imports("import pytest, sse_cli.pytest_plugin") - imports("import pytest")
    assert own_doing == {"sse_cli", "sse_cli.pytest_plugin"}


def test_the_measure_itself_sees_what_is_imported() -> None:
    assert heavy("import json.decoder", {"json", "ssl"}) == ["json"]
