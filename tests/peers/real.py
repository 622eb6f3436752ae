"""Real servers, each a process of its own on a free port of 127.0.0.1; each gives its base URL.

The first four serve what `expected` holds: /events, /tokens (GET and POST), /slow, and /error, a 500 with
JSON. The others stream answers in a format of their own. Where the program is missing, the test is skipped.
"""

import json
import os
import re
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.peers.expected import BLOCKS, ERROR, SLOW, SLOW_GAP, TOKENS, TOKENS_TEXT

_HOST = "127.0.0.1"
_HERE = Path(__file__).parent
_ROOT = _HERE.parent.parent
_POLL = 0.02

AI_SDK_USAGE = {"input": 5, "output": 7}
"""The tokens that the AI SDK's model counts."""

_NGINX_CONF = """\
daemon off;
master_process off;  # one process, which runs as whoever started it
pid {folder}/nginx.pid;
error_log stderr;
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    server {{
        listen {host}:{port};
        location / {{
            proxy_pass {upstream};
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_buffering off;
        }}
    }}
}}
"""


@contextmanager
def sse_starlette_server() -> Iterator[str]:
    """Run sse-starlette on uvicorn. It writes CRLF line ends; the others write LF."""
    with _python("starlette_server", "sse_starlette", "uvicorn") as url:
        yield url


@contextmanager
def flask_server() -> Iterator[str]:
    """Run Flask's development server, which closes the connection after each response."""
    with _python("flask_server", "flask") as url:
        yield url


@contextmanager
def node_server() -> Iterator[str]:
    """Run Node's own http server."""
    streams = {"/events": (0, BLOCKS), "/tokens": (0, TOKENS), "/slow": (SLOW_GAP, SLOW)}
    routes = {
        path: {"gap": gap, "blocks": [asdict(block) for block in blocks]}
        for path, (gap, blocks) in streams.items()
    }
    argument = json.dumps({"routes": routes, "error": ERROR})
    with _announced([_program("node"), str(_HERE / "node_server.js"), argument]) as url:
        yield url


@contextmanager
def nginx_proxy(upstream_url: str) -> Iterator[str]:
    """Run nginx before another server, its buffering off."""
    program = _program("nginx")
    with tempfile.TemporaryDirectory(prefix="nginx-") as folder:
        port = _free_port()
        config = Path(folder, "nginx.conf")
        config.write_text(_NGINX_CONF.format(folder=folder, host=_HOST, port=port, upstream=upstream_url))
        # With -e, it does not try to open the log of its own system.
        with _process([program, "-p", folder, "-c", str(config), "-e", "stderr"]) as process:
            _wait_until_it_listens(process, port)
            yield f"http://{_HOST}:{port}"


@contextmanager
def mcp_server() -> Iterator[str]:
    """Run an MCP server made with the official package, on /mcp."""
    with _python("mcp_server", "mcp", "uvicorn") as url:
        yield url


@contextmanager
def mcp_resumable_server() -> Iterator[str]:
    """Run an MCP server made with the official package, whose sessions can be resumed, on /mcp."""
    with _python("mcp_resumable_server", "mcp", "uvicorn") as url:
        yield url


@contextmanager
def langserve_server() -> Iterator[str]:
    """Run LangServe; its paths are in its own file."""
    with _python("langserve_server", "langserve", "fastapi", "sse_starlette", "uvicorn") as url:
        yield url


@contextmanager
def ai_sdk_server() -> Iterator[str]:
    """Run the AI SDK in Node, found where NODE_PATH leads. Its paths are in its own file."""
    node = _program("node")
    folders = os.environ.get("NODE_PATH", "").split(os.pathsep)
    if not any(Path(folder, "ai", "package.json").is_file() for folder in folders if folder):
        pytest.skip("the npm package ai is not installed where NODE_PATH leads")
    words = re.split("(?= )", TOKENS_TEXT)
    argument = json.dumps({"words": words, "error": ERROR["error"]["message"], "usage": AI_SDK_USAGE})
    with _announced([node, str(_HERE / "ai_sdk_server.js"), argument]) as url:
        yield url


@contextmanager
def litellm_proxy(upstreams: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Run the LiteLLM proxy; give its URL and the token it asks for.

    Each model of `upstreams` is asked of the server at its URL, which speaks OpenAI's chat completions.
    """
    program, port, token = _program("litellm"), _free_port(), f"sk-{secrets.token_hex(16)}"
    models = [
        {"model_name": name, "litellm_params": {"model": "hosted_vllm/m", "api_key": "none", "api_base": url}}
        for name, url in upstreams.items()
    ]
    config = {
        "model_list": models,
        "general_settings": {"master_key": token},
        "litellm_settings": {"telemetry": False},
        # A model that fails must be asked once, and again with the next request.
        "router_settings": {"num_retries": 0, "disable_cooldowns": True},
    }
    with tempfile.TemporaryDirectory(prefix="litellm-") as folder:
        file = Path(folder, "config.yaml")
        file.write_text(json.dumps(config))  # JSON is YAML
        command = [program, "--config", str(file), "--host", _HOST, "--port", str(port)]
        # It would else ask for the list of prices at its start, and wait.
        with _process(command, LITELLM_LOCAL_MODEL_COST_MAP="True") as process:
            _wait_until_it_listens(process, port)
            yield f"http://{_HOST}:{port}", token


def _program(name: str) -> str:
    # Debian keeps nginx where only root's PATH leads.
    path = shutil.which(name, path=os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin"]))
    if path is None:
        pytest.skip(f"{name} is not installed")
    return path


@contextmanager
def _python(module: str, *needs: str) -> Iterator[str]:
    for name in needs:
        if find_spec(name) is None:
            pytest.skip(f"{name} is not installed")
    with _announced([sys.executable, "-m", f"tests.peers.{module}"]) as url:
        yield url


@contextmanager
def _announced(command: list[str]) -> Iterator[str]:
    """Run a server that prints its port when it listens; give its URL."""
    with _process(command) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        if not line:
            raise _died(process)
        yield f"http://{_HOST}:{int(line)}"


@contextmanager
def _process(command: list[str], **variables: str) -> Iterator[subprocess.Popen[bytes]]:
    with tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(
            command,
            cwd=_ROOT,
            env={**os.environ, **variables},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
        )
        with process:
            try:
                yield process
            except _Died as died:
                errors.seek(0)
                raise AssertionError(f"{died}:\n{errors.read().decode()}") from None
            finally:
                process.kill()


class _Died(Exception):
    """A server ended before it listened."""


def _died(process: subprocess.Popen[bytes]) -> _Died:
    return _Died(f"{process.args!r} ended with status {process.wait()}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((_HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_until_it_listens(process: subprocess.Popen[bytes], port: int) -> None:
    while process.poll() is None:
        try:
            socket.create_connection((_HOST, port)).close()
        except ConnectionRefusedError:
            time.sleep(_POLL)
        else:
            return
    raise _died(process)
