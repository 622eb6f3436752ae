"""A server that speaks TLS, with a certificate of an authority that nobody but the test knows."""

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import trustme

from tests.peers.scripted import response

ANSWER = response(body=b"data: over TLS\n\n")


@contextmanager
def tls_server() -> Iterator[str]:
    """Give the URL of a server that answers every connection on which TLS comes about."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(context)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = listener.getsockname()
        thread = threading.Thread(target=_serve, args=(listener, context), daemon=True)
        thread.start()
        yield f"https://127.0.0.1:{address[1]}"
        listener.shutdown(socket.SHUT_RDWR)
        thread.join()


def _serve(listener: socket.socket, context: ssl.SSLContext) -> None:
    with suppress(OSError):
        while True:
            connection, _ = listener.accept()
            with connection, suppress(OSError), context.wrap_socket(connection, server_side=True) as tls:
                tls.recv(65536)
                tls.sendall(ANSWER)
                tls.unwrap()
