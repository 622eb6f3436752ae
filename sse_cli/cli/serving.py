"""From the options of `sse serve` to a server that runs until it is told to end."""

import asyncio
import gc
import os
import signal
import ssl
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import NamedTuple

from sse_cli.cli.harm import Harm, read_harm
from sse_cli.cli.options import FaultOptions
from sse_cli.cli.serve_log import logging
from sse_cli.cli.serve_options import ListeningOptions, PlayingOptions, TellingOptions
from sse_cli.core.pace import Pace, read_rechunk, read_speed
from sse_cli.core.quantities import parse_duration
from sse_cli.errors import ExitCode, UsageError
from sse_cli.server.http import serve
from sse_cli.server.load import load
from sse_cli.server.loop import new_event_loop
from sse_cli.server.routes import Routes, read_match
from sse_cli.sinks.outlet import Outlet, OutputFailed, ReaderGone


class Secured(NamedTuple):
    """TLS, if it is spoken, and the file with the authority that made its certificate, if that is our own."""

    context: ssl.SSLContext | None = None
    authority: str | None = None


def run(
    files: list[str],
    listening: ListeningOptions,
    playing: PlayingOptions,
    faults: FaultOptions,
    telling: TellingOptions,
) -> int:
    """Build what is served, and serve it to its end. Raises `SseError`."""
    _check(listening)
    harm = read_harm(faults)
    matches = [read_match(text) for text in playing.match or ()]
    routes = Routes(load(files, _pace(playing)), matches)
    _switch_collector_on()
    with (
        _secured(listening) as secured,
        suppress(KeyboardInterrupt),  # where the system lets no handler take it
        asyncio.Runner(loop_factory=new_event_loop) as runner,
    ):
        runner.run(_run(routes, listening, harm, telling, secured))
    return int(ExitCode.OK)


async def _run(
    routes: Routes, listening: ListeningOptions, harm: Harm, telling: TellingOptions, secured: Secured
) -> None:
    """Serve until a signal comes, enough was played, or the log cannot be written, which is raised."""
    loop = asyncio.get_running_loop()
    over: asyncio.Future[None] = loop.create_future()
    with suppress(NotImplementedError):  # Windows has neither
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, _end, over, None)

    def fail(trouble: Exception) -> None:  # called in the thread that writes
        loop.call_soon_threadsafe(_end, over, trouble)

    with logging(telling, fail) as log:
        async with serve(
            routes,
            listening.host,
            listening.port,
            unix_socket=listening.unix_socket,
            context=secured.context,
            faults=harm.faults,
            seed=harm.seed,
            log=log,
        ) as server:
            if not telling.quiet:
                _tell(routes, listening, harm, secured)
            _print(server.url, secured.authority)
            times = 1 if listening.once else listening.times
            enough = loop.create_task(server.play_out(times)) if times is not None else None
            await asyncio.wait([over, *([enough] if enough else [])], return_when=asyncio.FIRST_COMPLETED)
    if over.done():
        over.result()


def _end(over: asyncio.Future[None], trouble: Exception | None) -> None:
    if over.done():
        return
    if trouble is None:
        over.set_result(None)
    else:
        over.set_exception(trouble)


def _print(*lines: str | None) -> None:
    """Write lines for a script to standard output."""
    with suppress(OSError):  # nobody reads it, and it serves all the same
        sys.stdout.write("".join(f"{line}\n" for line in lines if line))
        sys.stdout.flush()


def _tell(routes: Routes, listening: ListeningOptions, harm: Harm, secured: Secured) -> None:
    """Tell people what is served, and how it is reached."""
    lines = [f"serving {line}" for line in routes.listing()]
    if listening.unix_socket is not None:
        lines.append(f"reached with --unix-socket {listening.unix_socket}")
    if secured.authority is not None:
        lines.append(f"trusted with --cacert {secured.authority}")
    if harm.faults:
        lines.append("with " + " ".join(fault.text for fault in harm.faults))
    lines.append(harm.told)
    with suppress(ReaderGone, OutputFailed):
        Outlet(2, "standard error").write_text("".join(f"{line}\n" for line in lines if line))


def _check(listening: ListeningOptions) -> None:
    """Refuse what contradicts itself, or would have no effect. Raises `UsageError`."""
    if listening.tls and listening.cert is not None:
        raise UsageError("both --tls and --cert give a certificate", "Give one of them.")
    if listening.key is not None and listening.cert is None:
        raise UsageError("--key is the key of a certificate, and there is none", "Add --cert FILE.")
    if listening.once and listening.times is not None:
        raise UsageError("both --once and --times say when to end", "Give one of them.")
    if listening.unix_socket is None:
        return
    if os.name == "nt":
        raise UsageError("--unix-socket does not work on Windows", "Listen on a port.")
    if listening.port or listening.host != ListeningOptions().host:
        raise UsageError("--host and --port have no effect with --unix-socket", "Leave them out, or it.")


def _pace(playing: PlayingOptions) -> Pace:
    """Return how it is played. Raises `UsageError`."""
    return Pace(
        speed=read_speed(playing.speed),
        interval=parse_duration(playing.interval) if playing.interval is not None else None,
        rechunk=read_rechunk(playing.rechunk) if playing.rechunk is not None else None,
    )


@contextmanager
def _secured(listening: ListeningOptions) -> Iterator[Secured]:
    """Give TLS as it is asked for, and keep the authority in a file meanwhile. Raises `UsageError`."""
    if listening.cert is not None:
        from sse_cli.server.tls import server_context
        from sse_cli.sources.tls import load_own

        context = server_context()
        load_own(context, listening.cert, listening.key)
        yield Secured(context)
    elif listening.tls:
        from sse_cli.server.tls import throw_away

        identity = throw_away(listening.host)
        with tempfile.TemporaryDirectory(prefix="sse-") as folder:
            file = os.path.join(folder, "authority.pem")
            with open(file, "wb") as opened:
                opened.write(identity.authority)
            yield Secured(identity.context, file)
    else:
        yield Secured()


def _switch_collector_on() -> None:
    """Look for garbage from now on; what is there by now stays (`__main__` has switched that off)."""
    gc.freeze()
    gc.enable()
