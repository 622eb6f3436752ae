"""What is said of a request that the server refused: its status, the beginning of its body, what to try."""

from http import HTTPStatus
from typing import TYPE_CHECKING

from sse_cli.core.items import Opened
from sse_cli.core.pipeline import to_excerpt
from sse_cli.core.secrets import mask_url
from sse_cli.deadlines import Ended
from sse_cli.errors import ExitCode, SseError

if TYPE_CHECKING:  # a run that does not reconnect has no use for it
    from sse_cli.core.resume import Resume


def refusal(opened: Opened, body: bytes, resume: "Resume | None" = None) -> Ended:
    """Return how a run ends that was refused; `body` is what has come of the answer's.

    `resume` is how the rest of an answer was asked for, if it was.
    """
    where = f" to {mask_url(location)}" if (location := opened.header("location")) else ""
    detail = f"the server answered {_status_line(opened.status)}{where}"
    hint = _hint(opened)
    if resume is not None and resume.dialect:
        detail += f" when asked for the rest, as {resume.dialect} has it"
        hint = resume.hint or hint
    excerpt = to_excerpt(body)
    message = f"refused: {detail}" + (f"\n{excerpt}" if excerpt else "")
    return Ended("refused", detail, SseError(message, hint, ExitCode.REFUSED))


def _status_line(status: int) -> str:
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)


_HINTS = {
    400: "Is the request's body what the endpoint wants?",
    401: "Give the right key: --bearer env:NAME, -u user:password or -H 'Authorization: …'.",
    403: "Does the key allow this, and does the server want other headers (-H)?",
    404: "Is the path right, and the method (-X)?",
    405: "Does the endpoint want another method? -d makes it a POST.",
    406: "The server cannot answer with that type; try -H 'Accept: application/json, text/event-stream'.",
    415: "The server wants another content type; set it with -H 'Content-Type: …'.",
    429: "Too many requests, or no credit left.",
}


def _hint(opened: Opened) -> str:
    if opened.status in _HINTS:
        return _HINTS[opened.status]
    if 300 <= opened.status < 400:
        return "The redirect was not followed."
    if opened.status < 300:
        return "With --reconnect only 200 is read, as in a browser; without it, any 2xx is."
    return "The server's own log may say more." if opened.status >= 500 else ""
