"""Real servers, each a process of its own on a free port of 127.0.0.1; each gives its base URL.

All serve what `expected` holds: /events, /tokens (GET and POST), /slow, and /error, a 500 with JSON. Where
the program is missing, the test is skipped.
"""

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.peers.expected import BLOCKS, ERROR, SLOW, SLOW_GAP, TOKENS

_HOST = "127.0.0.1"
_HERE = Path(__file__).parent
_ROOT = _HERE.parent.parent
_POLL = 0.02

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
def _process(command: list[str]) -> Iterator[subprocess.Popen[bytes]]:
    with tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(
            command, cwd=_ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors
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
