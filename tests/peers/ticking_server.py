"""Sends a numbered event every few milliseconds, from the one after Last-Event-ID on, until the client goes.

Arguments are the address and the port to listen on, 0 for a free one; it prints the port, once it listens.
"""

import sys
import time
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count

GAP = 0.01
"""Seconds from one event to the next."""


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        with suppress(OSError):  # the client went
            for number in count(int(self.headers.get("Last-Event-ID") or 0) + 1):
                self.wfile.write(b"id: %d\ndata: %d\n\n" % (number, number))
                time.sleep(GAP)

    def log_message(self, *_: object) -> None:
        pass


def main() -> None:
    with ThreadingHTTPServer((sys.argv[1], int(sys.argv[2])), _Handler) as server:
        server.daemon_threads = True
        print(server.server_address[1], flush=True)
        server.serve_forever()


if __name__ == "__main__":
    main()
