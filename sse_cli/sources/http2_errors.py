"""What a server of HTTP/2 did, or one of something else, in words that say what to try."""

from h2.errors import ErrorCodes

from sse_cli.sources.source import Cut

OTHERWISE = "Without --http2 and --http2-prior-knowledge it is asked in HTTP/1.1."
HINT = f"Does it speak HTTP/2 on this port? {OTHERWISE}"

_LOG = "The server's own log may say more."
_HINTS = {
    "ENHANCE_YOUR_CALM": "It finds that it is asked too much. Is there a limit to how often it may be asked?",
    "HTTP_1_1_REQUIRED": OTHERWISE,
    "REFUSED_STREAM": "It has not dealt with the request, which may be sent again; -r does.",
}
_TLS_ALERT = b"\x15"  # RFC 8446, section 5.1
_LONGEST = 200  # bytes of what a server says in its own words


def reset(code: int) -> Cut:
    """Return the error for a stream that the server reset."""
    name = _name(code)
    return Cut(f"the server reset the stream: {name}", _HINTS.get(name, _LOG))


def going(code: int, more: bytes, *, dealt_with: bool) -> Cut:
    """Return the error for a connection that the server gives up, `more` being what it says of it."""
    name, text = _name(code), " ".join(more[:_LONGEST].decode("utf-8", "replace").split())
    what = "before the body was whole" if dealt_with else "and does not deal with the request"
    said = f"the server closed the connection {what}: {name}"
    return Cut(f"{said} ({text})" if text else said, _HINTS.get(name, _LOG))


def against_rules(reason: object, code: int) -> Cut:
    """Return the error for what the protocol does not allow."""
    return Cut(f"the server broke the rules of HTTP/2: {reason} ({_name(code)})", _LOG)


def not_http2(first: bytes) -> Cut:
    """Return the error for an answer that is something else, from its first bytes."""
    if first.startswith(_TLS_ALERT):
        return Cut("the server speaks TLS on this port", "The URL should begin with https:// then.")
    line = first.splitlines()[0].decode("latin-1")
    return Cut(f"the server does not speak HTTP/2 here: its answer begins with {line!r}", HINT)


def _name(code: int) -> str:
    """Return the standard's name for an error (RFC 9113, section 7)."""
    return ErrorCodes(code).name if code in ErrorCodes.__members__.values() else f"error {code}"
