"""The request for the rest of what broke off, made of the first one and of what the stream told."""

from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

import msgspec

from sse_cli.core.resume import Resume
from sse_cli.sources.redirect import join, moved
from sse_cli.sources.request import Request
from sse_cli.sources.source import Unreachable


def resumed(request: Request, resume: Resume) -> Request:
    """Return the request. Raises `Unreachable` if the server names no address that can be asked.

    An empty id is not sent (WHATWG HTML, section 9.2.3).
    """
    given = (("Last-Event-ID", resume.last_event_id), *resume.headers)
    names = {name.lower() for name, _ in given}
    kept = tuple(header for header in request.headers if header[0].lower() not in names)
    new = {name.lower(): (name, value) for name, value in given if value}
    request = msgspec.structs.replace(request, headers=kept + tuple(new.values()))
    return moved(request, resume.method or request.method, _url(request.url, resume))


def _url(first: str, resume: Resume) -> str:
    url = join(first, resume.url) if resume.url is not None else first
    if url is None:
        raise Unreachable(
            f"the server says to resume at what is no http address: {resume.url}",
            "Is it the right server?",
        )
    parts = urlsplit(url)
    path = parts.path.rstrip("/")
    if resume.path and not path.endswith(resume.path):
        parts = parts._replace(path=path + resume.path)
    if resume.query:
        parts = parts._replace(query=_with(parts.query, resume.query))
    return urlunsplit(parts)


def _with(query: str, given: tuple[tuple[str, str], ...]) -> str:
    """Return a query with these parameters in place of its own of the same names, and the rest untouched."""
    names = {name for name, _ in given}
    kept = [
        pair
        for pair in query.split("&")
        if pair and not names & {name for name, _ in parse_qsl(pair, keep_blank_values=True)}
    ]
    return "&".join((*kept, urlencode(given, quote_via=quote)))
