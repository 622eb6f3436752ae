"""Servers that speak TLS, with certificates of an authority that nobody but the test knows."""

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import trustme

from tests.peers.scripted import response, until_gone

ANSWER = response(body=b"data: over TLS\n\n")


@contextmanager
def tls_server(
    authority: trustme.CA | None = None, clients: trustme.CA | None = None, answer: bytes = ANSWER
) -> Iterator[str]:
    """Give the URL of a server that answers every connection on which TLS comes about.

    `authority` issues its certificate; it wants from each client one that `clients` issued, if given.
    """
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = listener.getsockname()
        with serving(listener, server_context(authority, clients), answer):
            yield f"https://127.0.0.1:{address[1]}"


def server_context(authority: trustme.CA | None = None, clients: trustme.CA | None = None) -> ssl.SSLContext:
    """Return the context of a server on 127.0.0.1, which is good.test as well."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    (authority or trustme.CA()).issue_cert("127.0.0.1", "good.test").configure_cert(context)
    if clients is not None:
        clients.configure_trust(context)
        context.verify_mode = ssl.CERT_REQUIRED
    return context


@contextmanager
def serving(listener: socket.socket, context: ssl.SSLContext, answer: bytes = ANSWER) -> Iterator[None]:
    """Answer what comes to a listener, in a thread."""
    thread = threading.Thread(target=_serve, args=(listener, context, answer), daemon=True)
    thread.start()
    yield
    listener.shutdown(socket.SHUT_RDWR)
    thread.join()


def _serve(listener: socket.socket, context: ssl.SSLContext, answer: bytes) -> None:
    with suppress(OSError):
        while True:
            connection, _ = listener.accept()
            tls = context.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)
            with tls, suppress(OSError):
                _answer(tls, answer)


def _answer(tls: ssl.SSLSocket, answer: bytes) -> None:
    try:
        tls.do_handshake()
    except ssl.SSLError:
        # To close with the request unread would reset the connection, and the client might lose the alert.
        with socket.socket(fileno=tls.detach()) as connection:
            connection.shutdown(socket.SHUT_WR)
            until_gone(connection)
        return
    tls.recv(65536)
    tls.sendall(answer)
    tls.unwrap()


def write_authority(authority: trustme.CA, folder: Path) -> str:
    """Write an authority's certificate; return the file."""
    file = folder / "authority.pem"
    authority.cert_pem.write_to_path(file)
    return str(file)


def write_client(authority: trustme.CA, folder: Path, name: str = "client") -> tuple[str, str, str]:
    """Have a client's certificate issued; return the files of it, of its key, and of both."""
    issued = authority.issue_cert("someone@good.test")
    cert, key, both = (folder / f"{name}-{part}.pem" for part in ("cert", "key", "both"))
    issued.cert_chain_pems[0].write_to_path(cert)
    issued.private_key_pem.write_to_path(key)
    issued.private_key_and_cert_chain_pem.write_to_path(both)
    return str(cert), str(key), str(both)
