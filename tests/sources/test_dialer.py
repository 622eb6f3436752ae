"""The dialer: what cannot be connected to, and a lookup that hangs."""

import asyncio
import errno
import os
import socket
import ssl
import threading

import pytest

from sse_cli.core.meter import Meter
from sse_cli.core.pipeline import Pipeline, Plan
from sse_cli.deadlines import Limits
from sse_cli.session import Outcome, Session
from sse_cli.sources.dialer import Dialer
from sse_cli.sources.http import HttpSource
from sse_cli.sources.lookup import DaemonThreads
from sse_cli.sources.message import message_of
from sse_cli.sources.request import Request
from sse_cli.sources.source import Unreachable

REFUSED = f"[Errno {errno.ECONNREFUSED}] Connect call failed"
ERRORS = {
    "unknown": (socket.gaierror(-2, "Name not known"), "cannot resolve h: Name not known"),
    "bad name": (UnicodeError("label too long"), "cannot resolve h: not a valid host name"),
    "refused": (ConnectionRefusedError(errno.ECONNREFUSED, "x"), "connection refused by h:80"),
    "refused twice": (
        OSError(f"Multiple exceptions: {REFUSED} ('::1', 80), {REFUSED} ('127.0.0.1', 80)"),
        "connection refused by h:80",
    ),
    "no route": (
        OSError(errno.EHOSTUNREACH, "Connect call failed ('h', 80)"),
        f"cannot connect to h:80: {os.strerror(errno.EHOSTUNREACH)}",
    ),
    "two ways": (
        OSError(f"Multiple exceptions: [Errno {errno.ENETUNREACH}] a, [Errno {errno.EHOSTUNREACH}] b"),
        f"cannot connect to h:80: {os.strerror(errno.ENETUNREACH)}, {os.strerror(errno.EHOSTUNREACH)}",
    ),
    "tls": (ssl.SSLError(1, "x"), "TLS failed with h:80"),
}  # fmt: skip


@pytest.mark.parametrize("name", ERRORS)
def test_what_the_sockets_raise_is_told_in_one_sentence_with_a_hint(name: str) -> None:
    error, told = ERRORS[name]

    async def go() -> None:
        async def fail(*_: object, **__: object) -> None:
            raise error

        asyncio.get_running_loop().create_connection = fail  # type: ignore[assignment]
        dialer = Dialer()
        with pytest.raises(Unreachable) as caught:
            await dialer.send(message_of(Request(method="GET", url="http://h/")))
        assert caught.value.message.startswith(told)
        assert caught.value.hint
        assert dialer.connecting_since is None

    asyncio.run(go())


def test_a_lookup_that_hangs_does_not_keep_the_process(monkeypatch: pytest.MonkeyPatch) -> None:
    answer, looked_up = threading.Event(), threading.Event()

    async def go() -> Outcome:
        loop, task = asyncio.get_running_loop(), asyncio.current_task()
        assert task is not None
        loop.set_default_executor(DaemonThreads())

        def hang(*_: object, **__: object) -> None:
            loop.call_soon_threadsafe(task.cancel)  # as Ctrl-C does
            answer.wait()
            looked_up.set()

        monkeypatch.setattr(socket, "getaddrinfo", hang)
        source = HttpSource(Request(method="GET", url="http://name.test/"))
        return await Session(source, Pipeline(Plan(), Meter()), [], Limits()).run()

    outcome = asyncio.run(go())
    assert outcome.summary.verdict.name == "interrupted"
    assert not looked_up.is_set(), "the run ended while the lookup still hung"
    answer.set()
    looked_up.wait()


def test_threads_give_results_and_errors() -> None:
    async def go() -> None:
        loop = asyncio.get_running_loop()
        loop.set_default_executor(DaemonThreads())
        assert await loop.run_in_executor(None, int, "7") == 7
        with pytest.raises(ValueError):
            await loop.run_in_executor(None, int, "x")

    asyncio.run(go())
