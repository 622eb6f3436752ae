"""The options that `sse serve` has of its own."""

from typing import Annotated, NamedTuple

from sse_cli.cli.option import complete, option

LISTENING, PLAYING, TELLING = "Listening", "Playing", "Telling"


class ListeningOptions(NamedTuple):
    """Where it is to be found."""

    host: Annotated[
        str, option("--host", panel=LISTENING, metavar="ADDRESS", text="Listen here (127.0.0.1).")
    ] = "127.0.0.1"
    port: Annotated[
        int,
        option("--port", panel=LISTENING, metavar="N", min=0, max=65535, text="Listen here (any free one)."),
    ] = 0
    unix_socket: Annotated[
        str | None,
        option(
            "--unix-socket", panel=LISTENING, metavar="PATH", text="Listen at a socket in the file system."
        ),
    ] = None
    tls: Annotated[
        bool, option("--tls", panel=LISTENING, text="Speak TLS, with a certificate to throw away.")
    ] = False
    cert: Annotated[
        str | None,
        option("--cert", panel=LISTENING, metavar="FILE", text="Speak TLS with this certificate (PEM)."),
    ] = None
    key: Annotated[
        str | None, option("--key", panel=LISTENING, metavar="FILE", text="Key of the certificate (PEM).")
    ] = None
    times: Annotated[
        int | None,
        option("--times", panel=LISTENING, metavar="N", min=1, text="End after N answers."),
    ] = None
    once: Annotated[bool, option("--once", panel=LISTENING, text="End after one answer.")] = False


def rechunk_names() -> list[str]:
    """Return the names that --rechunk takes."""
    from sse_cli.core.pace import EVENT, SIZES

    return [EVENT, *SIZES]


class PlayingOptions(NamedTuple):
    """What is played, in what pieces and how fast."""

    match: Annotated[
        list[str] | None,
        option(
            "--match",
            panel=PLAYING,
            metavar="PATH|FILE:EXPR",
            text="Tell files of one route apart by the request's body. Repeatable.",
        ),
    ] = None
    speed: Annotated[
        str, option("--speed", panel=PLAYING, metavar="N", text="Times as fast (1); 0 for all at once.")
    ] = "1"
    interval: Annotated[
        str | None,
        option(
            "--interval",
            panel=PLAYING,
            metavar="TIME",
            text="Between chunks (as recorded; of plain files 50ms).",
        ),
    ] = None
    rechunk: Annotated[
        str | None,
        option(
            "--rechunk",
            panel=PLAYING,
            metavar="event|byte|N",
            autocompletion=complete(rechunk_names),
            text="Cut chunks anew: at events, or of so many bytes.",
        ),
    ] = None


class TellingOptions(NamedTuple):
    """What is told of requests."""

    log: Annotated[bool, option("--log", panel=TELLING, text="Tell of each request on stderr.")] = False
    log_file: Annotated[
        str | None, option("--log-file", panel=TELLING, metavar="FILE", text="Write that as NDJSON.")
    ] = None
    verbose: Annotated[
        bool, option("-v", "--verbose", panel=TELLING, text="As --log, with heads, secrets masked.")
    ] = False
    quiet: Annotated[
        bool, option("-q", "--quiet", panel=TELLING, text="Do not say on stderr what is served.")
    ] = False
