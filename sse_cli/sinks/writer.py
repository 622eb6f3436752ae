"""The thread that writes, so that no slow terminal, pipe or disk delays a read, and none bends a time."""

import os
import sys
from collections.abc import Callable
from contextlib import suppress
from queue import SimpleQueue
from threading import Thread, get_ident, get_native_id

MOST_WAITING = 1024 * 1024
"""Bytes that may wait to be written; with more, nothing should be read until they are fewer."""

_SWITCH = 0.0001
"""Seconds after which a thread that computes lets another go on: reading must not wait while a frame is laid
out, for which the five milliseconds that Python has are as long as it takes. So short, an event is late by
less than its way through the system."""

_NICE = 10
"""As in nice(1): of a core that both want, reading gets nine tenths, and has it as soon as bytes come."""

Job = Callable[[], None]


class Writer:
    """Runs jobs one after another, in a thread that is started with the first.

    Give it jobs from one thread alone: how many are waiting is told by counts, each changed by one thread.
    What a job raises is given to each of `on_trouble`, in the writer's thread, which comes after the one that
    reads if it `yields`.
    """

    def __init__(self, *, yields: bool = True) -> None:
        self._yields = yields
        self.on_trouble: list[Callable[[Exception], None]] = []
        self._jobs: SimpleQueue[tuple[Job, int]] = SimpleQueue()
        self._thread: Thread | None = None
        self._given = self._given_bytes = 0
        self.done = self._done_bytes = 0

    def put(self, job: Job, size: int = 0) -> None:
        """Have a job run that writes `size` bytes."""
        self._given += 1
        self._given_bytes += size
        self._jobs.put((job, size))
        if self._thread is None:
            sys.setswitchinterval(_SWITCH)
            # A daemon, since one whose reader never reads must not keep the program from ending.
            self._thread = Thread(target=self._work, name="writer", daemon=True)
            self._thread.start()

    @property
    def is_idle(self) -> bool:
        """Whether all that was given is done."""
        return self.done == self._given

    @property
    def is_full(self) -> bool:
        """Whether so much is waiting that no more should be read."""
        return self._given_bytes - self._done_bytes > MOST_WAITING

    @property
    def is_here(self) -> bool:
        """Whether the thread that asks is the one that writes."""
        return self._thread is not None and self._thread.ident == get_ident()

    def _work(self) -> None:
        if self._yields:
            _yield_to_reading()
        while True:
            job, size = self._jobs.get()
            try:
                job()
            except Exception as trouble:
                for tell in self.on_trouble:
                    tell(trouble)
            self._done_bytes += size
            self.done += 1


def _yield_to_reading() -> None:
    """Let this thread come after the one that reads, where the system knows that of a thread."""
    if sys.platform == "linux":  # elsewhere it would be said of the whole process
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, get_native_id(), _NICE)
