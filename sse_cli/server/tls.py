"""A certificate to throw away, of an authority that nobody else knows (the only importer of trustme)."""

import ssl
from typing import NamedTuple

from sse_cli.errors import UsageError

LOCAL = ("localhost", "127.0.0.1", "::1")


class Identity(NamedTuple):
    """A server's TLS, and the certificate of its authority in PEM, which a client has to trust."""

    context: ssl.SSLContext
    authority: bytes


def throw_away(host: str) -> Identity:
    """Make an identity for this machine, and the address that is listened on. Raises `UsageError`."""
    try:
        import trustme
    except ImportError as error:
        raise UsageError(
            "--tls makes its certificate with trustme, which is not installed",
            "pip install 'sse-cli[tls]', or give --cert and --key.",
        ) from error
    authority = trustme.CA()
    context = server_context()
    authority.issue_cert(*dict.fromkeys((*LOCAL, host))).configure_cert(context)
    return Identity(context, authority.cert_pem.bytes())


def server_context() -> ssl.SSLContext:
    """Return a server's TLS that has no certificate yet, and speaks HTTP/1.1."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_alpn_protocols(["http/1.1"])
    return context
