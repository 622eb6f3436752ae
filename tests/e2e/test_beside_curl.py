"""The same options give the same request by curl and by `sse`: on which way, with which line and headers."""

import shutil
import subprocess

import pytest

from tests.e2e.command import ENVIRONMENT, HANGS, sse
from tests.peers.scripted import ScriptedServer, response

pytestmark = pytest.mark.skipif(shutil.which("curl") is None, reason="no curl here")

OK = response(body=b"data: a\n\n")
# What each says of itself, and asks for by itself.
OWN = {"user-agent", "accept", "accept-encoding", "cache-control", "proxy-connection"}

HERE = "http://127.0.0.1:PORT"
NOWHERE = "http://127.0.0.1:1"

# PORT is the server's port; what reaches no server must reach none by either.
RESOLVED = [
    ("--resolve", "h:PORT:127.0.0.1", "http://h:PORT/a?b#c"),
    ("--resolve", "H.x:PORT:127.0.0.1", "http://h.x:PORT/"),
    ("--resolve", "*:PORT:127.0.0.1", "http://any.thing:PORT/"),
    ("--resolve", "+h:PORT:127.0.0.1", "http://h:PORT/"),
    ("--resolve", "h:PORT:127.0.0.9", "--resolve", "h:PORT:127.0.0.1", "http://h:PORT/"),
    ("--resolve", "h:PORT:127.0.0.1", "--resolve", "h:PORT:127.0.0.9", "http://h:PORT/"),
    ("--resolve", "h:PORT:127.0.0.1", "--resolve", "*:PORT:127.0.0.9", "http://h:PORT/"),
    ("--resolve", "*:PORT:127.0.0.9", "--resolve", "h:PORT:127.0.0.1", "http://h:PORT/"),
    ("--resolve", "p:PORT:127.0.0.1", "-x", "p:PORT", "http://h/"),
    ("--resolve", "h:80:127.0.0.9", "-x", HERE, "http://h/"),
    ("--resolve", "h:PORT:127.0.0.1", "-4", "http://h:PORT/"),
    ("--resolve", "h:PORT:127.0.0.1", "-6", "http://h:PORT/"),
    ("-4", "http://localhost:PORT/"),
    ("-6", "http://127.0.0.1:PORT/"),
    ("--interface", "127.0.0.1", f"{HERE}/"),
    ("--interface", "host!127.0.0.2", f"{HERE}/"),
]
PROXIED = [
    ("-x", HERE, "http://h"),
    ("-x", HERE, "http://h:80/?q"),
    ("-x", HERE, "http://h.x:8080/a%20b?c=d#e"),
    ("-x", HERE, "http://[::1]:8080/"),
    ("-x", HERE, "http://u:p@h/"),
    ("-x", HERE, "-H", "Host: other", "http://h/"),
    ("-x", HERE, "-X", "OPTIONS", "http://h/a"),
    ("-x", HERE, "-d", "x=1", "http://h/"),
    ("-x", HERE, "https://h/"),
    ("-x", HERE, "https://h:8443/"),
    ("-x", HERE, "https://[::1]/"),
    ("-x", HERE, "-u", "a:b", "-H", "Host: other", "https://h/"),
    ("-x", HERE, "-U", "a:b", "https://h/"),
    ("-x", HERE, "-U", "a%3a:b%20", "http://h/"),
    ("-x", HERE.replace("//", "//c:d@"), "-U", "a:b", "http://h/"),
    ("-x", "127.0.0.1:PORT", "http://h/"),
    ("-x", "HTTP://127.0.0.1:PORT", "http://h/"),
    ("-x", HERE, "--noproxy", "h.invalid", "http://h.invalid/"),
    ("-x", HERE, "--noproxy", ".x, h.invalid", "http://a.h.invalid/"),
    ("-x", HERE, "--noproxy", "h.invalid", "http://gh.invalid/"),
    ("-x", HERE, "--noproxy", "h.invalid:80", "http://h.invalid/"),
    ("-x", HERE, "--noproxy", "127.0.0.0/31", "http://127.0.0.2/"),
    ("-x", NOWHERE, "--noproxy", "127.0.0.0/8", f"{HERE}/"),
]
BY_VARIABLES = [
    ({"http_proxy": HERE}, ("http://h/",)),
    ({"http_proxy": HERE}, ("https://h.invalid/",)),
    ({"HTTP_PROXY": HERE}, ("http://h.invalid/",)),
    ({"HTTPS_PROXY": HERE}, ("https://h/",)),
    ({"ALL_PROXY": HERE}, ("http://h/",)),
    ({"all_proxy": NOWHERE, "http_proxy": HERE}, ("http://h/",)),
    ({"http_proxy": HERE.replace("//", "//u:p%40@")}, ("http://h/",)),
    ({"http_proxy": HERE}, ("-U", "a:b", "http://h/")),
    ({"http_proxy": NOWHERE}, ("-x", "", f"{HERE}/")),
    ({"http_proxy": NOWHERE, "no_proxy": "127.0.0.1"}, (f"{HERE}/",)),
    ({"http_proxy": NOWHERE, "NO_PROXY": "127.0.0.0/8"}, (f"{HERE}/",)),
    ({"http_proxy": NOWHERE, "NO_PROXY": "*"}, (f"{HERE}/",)),
    ({"http_proxy": HERE, "no_proxy": "h"}, ("--noproxy", "", "http://h/")),
]
OTHERS = [
    ("-u", "a:b", f"{HERE}/"),
    (HERE.replace("//", "//a@"),),
    (HERE.replace("//", "//:b@"),),
    (f"{HERE}/a/../b/./c",),
    (f"{HERE}/%7Ea?b%20c&d",),
]


def asked(by: str, args: tuple[str, ...], env: dict[str, str]) -> str | None:
    """Return what reached the server; None if nothing did, which must have been told."""
    with ScriptedServer([OK]) as server:
        port = server.url.rpartition(":")[2]
        given = [arg.replace("PORT", port) for arg in args]
        variables = {name: value.replace("PORT", port) for name, value in env.items()}
        code = _curl(given, variables) if by == "curl" else sse(*given, env=variables).code
        if not server.requests:
            assert code != 0
            return None
        (request,) = server.requests
    kept = sorted(header for header in request.headers.items() if header[0] not in OWN)
    text = repr((request.method, request.path, request.body, kept))
    return text.replace(port, "PORT")


def _curl(args: list[str], variables: dict[str, str]) -> int:
    env = {**ENVIRONMENT, **variables}
    return subprocess.run(["curl", "-sS", *args], env=env, capture_output=True, timeout=HANGS).returncode


@pytest.mark.parametrize("args", [*RESOLVED, *PROXIED, *OTHERS], ids=" ".join)
def test_options(args: tuple[str, ...]) -> None:
    assert asked("sse", args, {}) == asked("curl", args, {})


@pytest.mark.parametrize(("env", "args"), BY_VARIABLES, ids=str)
def test_variables(env: dict[str, str], args: tuple[str, ...]) -> None:
    assert asked("sse", args, env) == asked("curl", args, env)
