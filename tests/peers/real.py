"""Real servers, each a process of its own on a free port of 127.0.0.1; each gives its base URL.

The first four serve what `expected` holds: /events, /tokens (GET and POST), /slow, and /error, a 500 with
JSON. The next two do so with content codings. The others stream answers in a format of their own. Where the
program is missing, the test is skipped.
"""

import json
import re
import secrets
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

import trustme

from tests.peers.expected import BLOCKS, ERROR, SLOW, SLOW_GAP, TOKENS, TOKENS_TEXT, wire
from tests.peers.processes import (
    HERE,
    HOST,
    announced,
    free_port,
    installed,
    npm_package,
    python_server,
    running,
    wait_until_it_listens,
)

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
        listen {host}:{port}{tls};
        location / {{
            proxy_pass {upstream};
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            {settings}
        }}
    }}
}}
"""


_NGINX_TLS = " ssl http2; ssl_certificate {folder}/cert.pem; ssl_certificate_key {folder}/key.pem"


@contextmanager
def sse_starlette_server() -> Iterator[str]:
    """Run sse-starlette on uvicorn. It writes CRLF line ends; the others write LF."""
    with python_server("starlette_server", "sse_starlette", "uvicorn") as url:
        yield url


@contextmanager
def uvicorn_on_a_socket() -> Iterator[str]:
    """Run the same on a socket in the file system, as uvicorn's own command does; give its path."""
    with tempfile.TemporaryDirectory(prefix="sse-") as folder:
        path = str(Path(folder, "s"))  # systems allow no long ones
        command = [installed("uvicorn"), "tests.peers.starlette_server:app", "--uds", path]
        with running([*command, "--log-level", "error", "--lifespan", "off"]) as process:
            wait_until_it_listens(process, path)
            yield path


@contextmanager
def flask_server() -> Iterator[str]:
    """Run Flask's development server, which closes the connection after each response."""
    with python_server("flask_server", "flask") as url:
        yield url


@contextmanager
def node_server(*, http2: bool = False, authority: trustme.CA | None = None) -> Iterator[str]:
    """Run Node's own http server, or its http2: with an authority over TLS, with HTTP/1.1 as well."""
    streams = {"/events": (0, BLOCKS), "/tokens": (0, TOKENS), "/slow": (SLOW_GAP, SLOW)}
    routes = {
        path: {"gap": gap, "blocks": [asdict(block) for block in blocks]}
        for path, (gap, blocks) in streams.items()
    }
    tls = None if authority is None else _issued(authority)
    argument = json.dumps({"routes": routes, "error": ERROR, "http2": http2, "tls": tls})
    with announced([installed("node"), str(HERE / "node_server.js"), argument]) as url:
        yield url if tls is None else url.replace("http:", "https:")


@contextmanager
def coded_server() -> Iterator[str]:
    """Run Starlette on uvicorn with content codings; its paths are in its own file."""
    with python_server("coded_server", "starlette", "uvicorn") as url:
        yield url


@contextmanager
def coded_node_server() -> Iterator[str]:
    """Run Node with content codings, on the same paths."""
    texts = {
        name: [wire([block]).decode() for block in it] for name, it in (("events", BLOCKS), ("steps", SLOW))
    }
    with announced([installed("node"), str(HERE / "coded_server.js"), json.dumps(texts)]) as url:
        yield url


@contextmanager
def nginx_proxy(
    upstream_url: str, authority: trustme.CA | None = None, settings: str = "proxy_buffering off;"
) -> Iterator[str]:
    """Run nginx before another server, its buffering off unless its settings say otherwise.

    With an authority it speaks TLS, and HTTP/2 as well.
    """
    program = installed("nginx")
    with tempfile.TemporaryDirectory(prefix="nginx-") as folder:
        port, scheme, tls = free_port(), "http", ""
        if authority is not None:
            scheme, tls = "https", _NGINX_TLS.format(folder=folder)
            for name, pem in _issued(authority).items():
                Path(folder, f"{name}.pem").write_text(pem)
        config = Path(folder, "nginx.conf")
        given = {"folder": folder, "host": HOST, "port": port, "tls": tls, "upstream": upstream_url}
        config.write_text(_NGINX_CONF.format(**given, settings=settings))
        # With -e, it does not try to open the log of its own system.
        with running([program, "-p", folder, "-c", str(config), "-e", "stderr"]) as process:
            wait_until_it_listens(process, port)
            yield f"{scheme}://{HOST}:{port}"


@contextmanager
def mcp_server() -> Iterator[str]:
    """Run an MCP server made with the official package, on /mcp."""
    with python_server("mcp_server", "mcp", "uvicorn") as url:
        yield url


@contextmanager
def mcp_resumable_server() -> Iterator[str]:
    """Run an MCP server made with the official package, whose sessions can be resumed, on /mcp."""
    with python_server("mcp_resumable_server", "mcp", "uvicorn") as url:
        yield url


@contextmanager
def langserve_server() -> Iterator[str]:
    """Run LangServe; its paths are in its own file."""
    with python_server("langserve_server", "langserve", "fastapi", "sse_starlette", "uvicorn") as url:
        yield url


@contextmanager
def conformance_service() -> Iterator[str]:
    """Run the library behind the protocol of a conformance harness."""
    with python_server("conformance_service", "starlette", "uvicorn") as url:
        yield url


@contextmanager
def ai_sdk_server() -> Iterator[str]:
    """Run the AI SDK in Node, found where NODE_PATH leads. Its paths are in its own file."""
    node = installed("node")
    npm_package("ai")
    words = re.split("(?= )", TOKENS_TEXT)
    argument = json.dumps({"words": words, "error": ERROR["error"]["message"], "usage": AI_SDK_USAGE})
    with announced([node, str(HERE / "ai_sdk_server.js"), argument]) as url:
        yield url


@contextmanager
def litellm_proxy(upstreams: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Run the LiteLLM proxy; give its URL and the token it asks for.

    Each model of `upstreams` is asked of the server at its URL, which speaks OpenAI's chat completions.
    """
    program, port, token = installed("litellm"), free_port(), f"sk-{secrets.token_hex(16)}"
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
        command = [program, "--config", str(file), "--host", HOST, "--port", str(port)]
        # It would else ask for the list of prices at its start, and wait.
        with running(command, LITELLM_LOCAL_MODEL_COST_MAP="True") as process:
            wait_until_it_listens(process, port)
            yield f"http://{HOST}:{port}", token


def _issued(authority: trustme.CA) -> dict[str, str]:
    """Return a key and its certificate for where the servers are, as PEM."""
    issued = authority.issue_cert(HOST)
    return {
        "key": issued.private_key_pem.bytes().decode(),
        "cert": issued.cert_chain_pems[0].bytes().decode(),
    }
