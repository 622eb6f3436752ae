"""--log and --log-file: what the server tells of its requests, written in a thread of its own."""

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from functools import partial

from sse_cli.cli.serve_options import TellingOptions
from sse_cli.errors import UsageError
from sse_cli.server.log import Line, Log, as_json, as_text
from sse_cli.sinks.outlet import Outlet, OutputFailed, ReaderGone
from sse_cli.sinks.writer import Writer

LAST_WRITES = 1.0
"""Seconds for what is left to be written at the end."""


@contextmanager
def logging(options: TellingOptions, on_trouble: Callable[[Exception], None]) -> Iterator[Log]:
    """Give what writes the lines that were asked for. Raises `UsageError` for a file that cannot be written.

    `on_trouble` is told, in the thread that writes, that the file cannot be written any more.
    """
    writer = Writer(yields=False)
    writer.on_trouble.append(on_trouble)
    err = Outlet(2, "standard error") if options.log or options.verbose else None
    file = Outlet(_open(options.log_file), options.log_file) if options.log_file is not None else None

    def log(line: Line) -> None:
        now = datetime.now().astimezone()
        if err is not None and not writer.is_full:  # as on a terminal that was stopped
            text = as_text(line, now, heads=options.verbose)
            writer.put(partial(_say, err, text), len(text))
        if file is not None:
            writer.put(partial(file.write, as_json(line, now).encode()))

    try:
        yield log
    finally:
        done = threading.Event()
        writer.put(done.set)
        done.wait(LAST_WRITES)
        if file is not None:
            os.close(file.fd)


def _say(outlet: Outlet, text: str) -> None:
    with suppress(ReaderGone, OutputFailed):  # who does not hear it does not want to
        outlet.write_text(text)


def _open(name: str) -> int:
    try:
        return os.open(name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o666)
    except OSError as error:
        message = f"--log-file: cannot write {name}: {error.strerror}"
        raise UsageError(message, "Is the folder there?") from error
