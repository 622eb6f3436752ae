"""What is written where the reader is slow: nothing waits for it, and nothing is lost or out of order."""

import os
import threading
from collections.abc import Callable, Iterator

import pytest

from sse_cli.sinks.outlet import Outlet, OutputFailed, ReaderGone
from sse_cli.sinks.writer import MOST_WAITING, Writer

A_PIPE = 65536
"""More than a pipe that nobody reads takes, twice."""


class Pipe:
    """Both ends of a pipe, the writing one as an outlet with a writer."""

    def __init__(self) -> None:
        self.reader, self.fd = os.pipe()
        self.troubles: list[Exception] = []
        self.told = threading.Event()
        self.writer = Writer()
        self.writer.on_trouble.append(self._note)
        self.outlet = Outlet(self.fd, "output")
        self.outlet.writer = self.writer

    def _note(self, trouble: Exception) -> None:
        self.troubles.append(trouble)
        self.told.set()

    def read(self, size: int) -> bytes:
        data = b""
        while len(data) < size and (piece := os.read(self.reader, size - len(data))):
            data += piece
        return data

    def finish(self) -> None:
        done = threading.Event()
        self.writer.put(done.set)
        assert done.wait(30)


@pytest.fixture
def pipe() -> Iterator[Pipe]:
    made = Pipe()
    yield made
    made.finish()
    for fd in {made.reader, made.fd}:
        os.close(fd)


def test_a_reader_that_does_not_read_delays_no_write(pipe: Pipe) -> None:
    pieces = [bytes([number]) * A_PIPE for number in range(64)]
    for piece in pieces:
        pipe.outlet.write(piece)
    assert pipe.writer.is_full
    assert pipe.read(64 * A_PIPE) == b"".join(pieces)
    pipe.finish()
    assert not pipe.writer.is_full


def test_what_is_small_is_written_at_once_where_the_pipe_is_ready(pipe: Pipe) -> None:
    pipe.outlet.write(b"at once")
    assert pipe.writer.is_idle
    assert os.read(pipe.reader, 100) == b"at once"


def test_small_writes_stay_behind_large_ones(pipe: Pipe) -> None:
    pipe.outlet.write(b"a" * 2 * A_PIPE)
    pipe.outlet.write(b"b")
    assert pipe.read(2 * A_PIPE + 1).endswith(b"ab")


def test_a_frame_is_drawn_in_its_turn_by_the_writer(pipe: Pipe) -> None:
    drawn_by: list[str] = []

    def draw() -> None:
        drawn_by.append(threading.current_thread().name)
        pipe.outlet.write(b"frame")

    pipe.outlet.write(b"a" * 2 * A_PIPE)
    pipe.outlet.draw(draw)
    pipe.outlet.write(b"z")
    assert pipe.read(2 * A_PIPE + 6).endswith(b"aframez")
    assert drawn_by == ["writer"]


def test_a_reader_that_has_gone_is_told_once_and_by_the_next_write(pipe: Pipe) -> None:
    pipe.outlet.write(b"a" * 2 * A_PIPE)
    os.close(pipe.reader)
    pipe.reader = pipe.fd
    assert pipe.told.wait(30)
    pipe.finish()
    assert [type(trouble) for trouble in pipe.troubles] == [ReaderGone]
    with pytest.raises(ReaderGone):
        pipe.outlet.write(b"a" * A_PIPE)


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no device here is always full")
def test_what_never_blocks_is_written_at_once_and_its_fault_raised() -> None:
    fd = os.open("/dev/full", os.O_WRONLY)
    outlet = Outlet(fd, "output")
    outlet.writer = Writer()
    with pytest.raises(OutputFailed, match="No space left"):
        outlet.write(b"x" * A_PIPE)
    assert outlet.writer.is_idle
    os.close(fd)


def test_a_fault_of_the_writer_is_raised_by_the_next_write(pipe: Pipe) -> None:
    def fail() -> None:
        raise OutputFailed("output", OSError(28, "No space left on device"))

    pipe.outlet.draw(fail)
    assert pipe.told.wait(30)
    pipe.finish()
    with pytest.raises(OutputFailed, match="No space left"):
        pipe.outlet.write(b"a" * A_PIPE)


def test_a_bug_in_a_job_is_told_and_the_next_job_runs(pipe: Pipe) -> None:
    ran = threading.Event()

    def bug() -> None:
        raise KeyError("bug")

    jobs: list[Callable[[], object]] = [bug, ran.set]
    for job in jobs:
        pipe.outlet.draw(lambda job=job: job())  # type: ignore[misc]
    assert ran.wait(30)
    assert [type(trouble) for trouble in pipe.troubles] == [KeyError]


def test_waiting_is_counted_in_bytes(pipe: Pipe) -> None:
    gate = threading.Event()
    pipe.writer.put(lambda: gate.wait(30) and None)
    pipe.writer.put(lambda: None, MOST_WAITING)
    assert not pipe.writer.is_full
    pipe.writer.put(lambda: None, 1)
    assert pipe.writer.is_full
    gate.set()
    pipe.finish()
    assert not pipe.writer.is_full
