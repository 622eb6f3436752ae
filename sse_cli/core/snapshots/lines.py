"""At which line of a JSON text something stands, for what is said of a file that a person may have edited."""

import re

from sse_cli.core import payload

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*+"|[{}\[\],:\n]|[^\s{}\[\],:"]+')


def line_of(text: str, way: tuple[str, ...]) -> int:
    """Return the line, from 1, to which names and indexes lead; if they lead nowhere, as far as they do."""
    line, found, depth = 1, 1, 0
    here: list[str | int | None] = []  # None is a name that is still to come
    for token in _TOKEN.findall(text):
        if token == "\n":
            line += 1
        elif token in "}]":
            here.pop()
        elif token == ",":
            here[-1] = here[-1] + 1 if isinstance(here[-1], int) else None
        elif token != ":":
            if here and here[-1] is None:
                here[-1] = str(payload.decode(token))
            if len(here) > depth and tuple(map(str, here)) == way[: len(here)]:
                found, depth = line, len(here)
            if token in "{[":
                here.append(0 if token == "[" else None)
    return found


def line_of_fault(text: str, error: payload.NotJson) -> int:
    """Return the line at which a text stops being JSON."""
    place = re.search(r"byte (\d+)", str(error))
    data = text.encode()
    return data[: int(place[1]) if place else len(data)].count(b"\n") + 1
