"""Chromium without a screen, on a page that reads a URL and tells what it is given (browser.html)."""

import json
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import SimpleQueue
from typing import Any
from urllib.parse import urlencode

import pytest

_PAGE = Path(__file__).with_name("browser.html").read_bytes()
_PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
_OPTIONS = [
    "--headless",
    "--no-sandbox",  # which it cannot have as root
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-extensions",
    "--no-proxy-server",
]

Reports = SimpleQueue[Any]
"""What the page tells, in order: `[type, data, last event id]` for an event, `["closed"]` for the end of all,
and of what it posted `[status, cache control, text]`."""


@contextmanager
def browser(url: str, *types: str, post: bool = False) -> Iterator[Reports]:
    """Have the browser's EventSource read a URL, and listen to events of these types, too; or have it post.

    Skips the test where there is no browser.
    """
    program = next(filter(None, map(shutil.which, _PROGRAMS)), None)
    if program is None:
        pytest.skip("chromium is not installed")
    reports: Reports = SimpleQueue()
    wanted = [("post", "")] if post else [("type", type_) for type_ in types]
    query = urlencode([("url", url), *wanted])
    with _page(reports) as page, tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        command = [program, *_OPTIONS, f"--user-data-dir={folder}", f"{page}/?{query}"]
        quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        with subprocess.Popen(command, **quiet) as process:
            try:
                yield reports
            finally:
                process.terminate()


@contextmanager
def _page(reports: Reports) -> Iterator[str]:
    """Serve the page, and take what it tells."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer(_PAGE)

        def do_POST(self) -> None:
            reports.put(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self._answer(b"")

        def _answer(self, body: bytes) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
