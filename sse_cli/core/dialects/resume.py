"""The table `resume` of a dialect: how the rest of an answer is asked for where it broke off.

`method`, `url`, `path`, `query` and `headers` are what the next request has otherwise than the first; see
`core.resume.Resume`. A `{name}` in them stands for what the stream told: `{id}` is the last event id,
`{number}` the last one at the path `number`, which counts events up by one, and any other is one of `values`:
a path, of which the last thing found stands, or `header NAME`, of the response. While one is not known, the
answer cannot be resumed. `keep` names headers of the response that are sent back, where it has them, and
`hint` is for the user, where the server refuses.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote

import msgspec

from sse_cli.core.extract import compile_path, getter
from sse_cli.core.items import Json, Opened
from sse_cli.core.resume import Resume

PLACE = re.compile(r"\{([A-Za-z_]\w*)\}")
HEADER = re.compile(r"header +([!#$%&'*+\-.^_`|~0-9A-Za-z]+)")
_CONTROLS = re.compile(r"[\x00-\x1f\x7f]")  # none of them belongs into a URL or a header


class ResumeRule(msgspec.Struct, frozen=True):
    """A compiled table. `number` and `values` give what is at their path in an event's data, or None."""

    dialect: str
    table: dict[str, Any]
    number: Callable[[Json], Json] | None
    values: dict[str, Callable[[Json], Json]]
    headers: dict[str, str]

    def fill(self, known: Mapping[str, str]) -> Resume | None:
        """Return how to ask for the rest, or None where something is not known that it takes."""
        table = self.table
        quoted = {name: quote(value, safe="") for name, value in known.items()}
        try:
            return Resume(
                last_event_id=known.get("id", ""),
                method=table.get("method"),
                url=_filled(table["url"], known) if "url" in table else None,
                path=_filled(table.get("path", ""), quoted),
                query=_all_filled(table.get("query", {}), known),
                headers=_all_filled(table.get("headers", {}), known),
                dialect=self.dialect,
                hint=table.get("hint", ""),
            )
        except KeyError:
            return None


def compile_resume(table: dict[str, Any], dialect: str) -> ResumeRule:
    """Compile the table of a dialect. Raises `UsageError`."""
    values, number = table.get("values", {}), table.get("number")
    headers = {name: found[1] for name, text in values.items() if (found := HEADER.fullmatch(text))}
    return ResumeRule(
        dialect=dialect,
        table=table,
        number=getter(compile_path(number), None) if number is not None else None,
        values={
            name: getter(compile_path(text), None) for name, text in values.items() if name not in headers
        },
        headers=headers,
    )


def _filled(text: str, known: Mapping[str, str]) -> str:
    """Return a text with what is known in its places. Raises `KeyError`."""
    return PLACE.sub(lambda place: known[place[1]], text)


def _all_filled(texts: Mapping[str, str], known: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple((name, _filled(text, known)) for name, text in texts.items())


class Bookmark:
    """Keeps what a stream tells of where it can be gone on from."""

    def __init__(self, rule: ResumeRule) -> None:
        self._rule = rule
        self._known: dict[str, str] = {}
        self._kept: dict[str, str] = {}
        self._number = -1
        self.reads_data = bool(rule.values) or rule.number is not None

    def open(self, opened: Opened) -> None:
        """Take what a response's head tells."""
        for name, header in self._rule.headers.items():
            self._know(name, opened.header(header))
        for header in self._rule.table.get("keep", ()):
            if (value := opened.header(header)) is not None:
                self._kept[header] = value

    def read(self, payload: Callable[[], Json]) -> int | None:
        """Take what an event tells; return its number, if it has one."""
        rule = self._rule
        try:
            root = payload() if self.reads_data else None
        except ValueError:
            return None
        for name, get in rule.values.items():
            self._know(name, get(root))
        number = rule.number(root) if rule.number is not None else None
        if type(number) is not int:
            return None
        if number > self._number:  # what comes again does not lead back
            self._number, self._known["number"] = number, str(number)
        return number

    def resume(self, last_event_id: str) -> Resume | None:
        """Return how to ask for the rest, or None where that is not known."""
        resume = self._rule.fill(self._known | ({"id": last_event_id} if last_event_id else {}))
        if resume is None:
            return None
        return msgspec.structs.replace(resume, headers=(*resume.headers, *self._kept.items()))

    def _know(self, name: str, value: Json) -> None:
        if type(value) is int:
            value = str(value)
        if isinstance(value, str) and value and not _CONTROLS.search(value):
            self._known[name] = value
