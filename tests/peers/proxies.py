"""Real proxies, each a process of its own on a free port of 127.0.0.1; each gives its HOST:PORT.

Where the program is missing, the test is skipped.
"""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import trustme

from tests.peers.processes import HOST, free_port, installed, running, wait_until_it_listens

_TINYPROXY_CONF = """\
Listen {host}
Port {port}
Timeout 600
LogLevel Error
"""

_STUNNEL_CONF = """\
foreground = quiet
pid =
[front]
accept = {host}:{port}
connect = {behind}
cert = {cert}
"""


@contextmanager
def tinyproxy(user: str = "", password: str = "") -> Iterator[str]:
    """Run tinyproxy, which speaks HTTP; with a user, it wants him and his password."""
    port = free_port()
    conf = _TINYPROXY_CONF.format(host=HOST, port=port)
    if user:
        conf += f"BasicAuth {user} {password}\n"
    with tempfile.TemporaryDirectory(prefix="tinyproxy-") as folder:
        file = Path(folder, "conf")
        file.write_text(conf)
        with running([installed("tinyproxy"), "-d", "-c", str(file)]) as process:
            wait_until_it_listens(process, port)
            yield f"{HOST}:{port}"


@contextmanager
def microsocks(user: str = "", password: str = "") -> Iterator[str]:
    """Run microsocks, which speaks SOCKS5; with a user, it wants him and his password."""
    port = free_port()
    wanted = ["-u", user, "-P", password] if user else []
    with running([installed("microsocks"), "-i", HOST, "-p", str(port), *wanted]) as process:
        wait_until_it_listens(process, port)
        yield f"{HOST}:{port}"


@contextmanager
def stunnel(behind: str, authority: trustme.CA) -> Iterator[str]:
    """Run stunnel, which speaks TLS before what listens behind it; the authority issues its certificate."""
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="stunnel-") as folder:
        cert, file = Path(folder, "cert.pem"), Path(folder, "conf")
        authority.issue_cert(HOST).private_key_and_cert_chain_pem.write_to_path(cert)
        file.write_text(_STUNNEL_CONF.format(host=HOST, port=port, behind=behind, cert=cert))
        with running([installed("stunnel"), str(file)]) as process:
            wait_until_it_listens(process, port)
            yield f"{HOST}:{port}"
