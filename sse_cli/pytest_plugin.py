"""Fixtures for tests of clients: `sse_server` serves a tape, `sse_record` records a stream.

Every run of pytest loads this file, so that what the fixtures need is imported by those who ask for them.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import pytest

if TYPE_CHECKING:
    from sse_cli.testing.recording import Recorded
    from sse_cli.testing.serving import Server

_T = TypeVar("_T")


@pytest.fixture
def sse_server(request: pytest.FixtureRequest) -> "Iterator[Callable[..., Server]]":
    """Serve files until the test ends: `sse_server("answer.rec", fault="drop@3", speed=0).url`.

    A name is that of a file beside the test, any other path, or a tape of `sse demo --list`. The options are
    those of `sse serve`: `fault`, `match`, `speed`, `interval`, `rechunk` and `seed`, which comes from the
    test's name unless it is given. What is returned has the `url`, and the `requests` that came; `close()`
    ends it sooner.
    """
    from zlib import crc32

    from sse_cli.testing.serving import Server, read_serving

    folder, own_seed = request.path.parent, crc32(request.node.name.encode())
    with ExitStack() as servers:

        def serve(*files: str | os.PathLike[str], **options: Any) -> Server:
            __tracebackhide__ = True
            names = [_beside(folder, os.fspath(file)) for file in files]
            server = _usable(lambda: Server(read_serving(names, **{"seed": own_seed, **options})))
            servers.callback(server.close)
            return server

        yield serve


@pytest.fixture
def sse_record(request: pytest.FixtureRequest, tmp_path: Path) -> "Callable[..., Recorded]":
    """Read a stream to its end and record it: `sse_record(url, json={"stream": True}).text`.

    The file is a new one in `tmp_path`, or `path`, from the test's folder. `method`, `headers`, `body`,
    `json` and `last_event_id` are the request's; `reconnect` and `limits` are as in `sse_cli.stream.connect`.
    What is returned has `path`, `events`, `text`, `verdict`, `summary` and `error`.
    """
    from itertools import count

    from sse_cli.testing.recording import in_thread, record, request_of

    folder, numbers = request.path.parent, count(1)

    def read(
        url: object,
        path: str | os.PathLike[str] | None = None,
        *,
        reconnect: Any = None,
        limits: Any = None,
        **asked: Any,
    ) -> "Recorded":
        __tracebackhide__ = True
        file = folder / path if path is not None else tmp_path / f"{next(numbers)}.rec"
        return _usable(lambda: in_thread(record(request_of(str(url), **asked), file, reconnect, limits)))

    return read


def _beside(folder: Path, name: str) -> str:
    """Return the path of what lies beside the test, `FILE.har#2` as well, and any other name as it is."""
    from sse_cli.core.files import with_number

    there = any((folder / file).exists() for file in (name, with_number(name)[0]) if file)
    return str(folder / name) if there else name


def _usable(work: Callable[[], _T]) -> _T:
    """Do some work; tell what is wrong with a name or an option as pytest tells it."""
    __tracebackhide__ = True
    from sse_cli.errors import SseError

    try:
        return work()
    except SseError as error:
        raise pytest.UsageError("\n".join(filter(None, (error.message, error.hint)))) from None
