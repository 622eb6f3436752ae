"""The tapes that come with the package: recordings of our own making, a file in `tapes/` and a row each."""

from pathlib import Path

from sse_cli.errors import UsageError

TAPES = {
    "openai-chat": "a chat answer, with reasoning and token counts",
    "anthropic-messages": "thinking, text, pings, and a call of a tool in pieces",
    "openai-responses": "a response, with a summary of its reasoning",
    "gemini": "few and large pieces, CRLF, and no end marker",
    "ollama": "NDJSON of a model on a machine of one's own",
    "flowise": "an agent's steps, tools and sources, in a framing of its own",
    "mcp": "a call of a tool that tells its progress",
    "ticker": "no model at all: named events, ids, comments, a retry time",
}
"""Every tape, and what it shows; the first is the one of `sse demo`."""

FOLDER = Path(__file__).with_name("tapes")


def named(text: str) -> str:
    """Return the name that a text is the beginning of. Raises `UsageError` unless it is that of one tape."""
    found = [name for name in TAPES if name == text] or [name for name in TAPES if name.startswith(text)]
    if len(found) != 1:
        names = ", ".join(found or TAPES)
        fault = f"there are several tapes named {text}…" if found else f"there is no tape named {text!r}"
        raise UsageError(fault, f"The tapes are: {names}.")
    return found[0]


def listing() -> str:
    """Return a line for each tape."""
    room = max(map(len, TAPES))
    return "".join(f"{name:<{room}}  {about}\n" for name, about in TAPES.items())


def read(name: str) -> bytes:
    """Return a tape of this very name. Raises `UsageError` if there is none."""
    return (FOLDER / f"{named(name)}.ndjson").read_bytes()
