"""`-f TEMPLATE`: a line per event, made of its fields: `{n} {t:.3f} {event} {data}`.

Names are the fields of -o json, `gap` (seconds since the event before), `text` (the content) and those of
the user's paths; a name that starts with `$` is a JSONPath. After a colon stands a format as Python has it.
"""

import re
from collections.abc import Callable, Sequence
from string import Formatter
from typing import Any

from sse_cli.core import payload
from sse_cli.core.extract import Path, compile_path
from sse_cli.core.items import Content, Item, Json, Reading
from sse_cli.errors import UsageError
from sse_cli.sinks.json import FIELDS
from sse_cli.sinks.lines import to_text
from sse_cli.sinks.sink import Setting, WritingSink

_ESCAPE = re.compile(r"\\[nt\\]")
_ESCAPES = {"\\n": "\n", "\\t": "\t", "\\\\": "\\"}

Value = Callable[[Reading, Setting, float], Any]
"""Gives a field's value from a reading, the setting of the run and the time of the event before."""


class TemplateSink(WritingSink):
    """Fills the template for each event."""

    def __init__(self, setting: Setting) -> None:
        super().__init__(setting)
        names = [named.name for named in setting.pipeline.plan.paths]
        self._pieces = _compile(setting.template or "", names)
        self._before: float | None = None

    def show(self, items: Sequence[Item]) -> None:
        """Write a line for each event of one batch."""
        setting = self.setting
        lines = []
        for item in items:
            if type(item) is Reading:
                before = self._before if self._before is not None else item.event.at
                lines.append("".join(_fill(piece, item, setting, before) for piece in self._pieces))
                self._before = item.event.at
        if lines:
            lines.append("")
            self.out.write_text("\n".join(lines))


def _compile(template: str, names: list[str]) -> list[str | tuple[Value, str]]:
    """Cut the template into texts and fields with their formats. Raises `UsageError`."""
    template = _ESCAPE.sub(lambda match: _ESCAPES[match[0]], template)
    pieces: list[str | tuple[Value, str]] = []
    try:
        for text, field, form, _conversion in Formatter().parse(template):
            if text:
                pieces.append(text)
            if field is not None:
                pieces.append((_value(field, names), form or ""))
    except ValueError as error:
        raise UsageError(
            f"not a template: {template!r}: {error}", "A brace itself is written {{ or }}."
        ) from error
    return pieces


def _value(field: str, names: list[str]) -> Value:
    if field.startswith("$"):
        return _from_path(compile_path(field))
    if field in names:
        return lambda reading, _setting, _before: "".join(
            to_text(found.value) for found in reading.extracted if found.name == field
        )
    if field == "gap":
        return lambda reading, _setting, before: round(reading.event.at - before, 6)
    if field == "text":
        return lambda reading, _setting, _before: "".join(
            part.text for part in reading.parts if type(part) is Content
        )
    if field in FIELDS:
        get = FIELDS[field]
        return lambda reading, setting, _before: get(reading, setting)
    known = ", ".join([*FIELDS, "gap", "text", *names])
    raise UsageError(
        f"the template names an unknown field: {field!r}", f"The fields are {known}, or a JSONPath."
    )


def _from_path(path: Path) -> Value:
    def get(reading: Reading, _setting: Setting, _before: float) -> Json:
        try:
            return path.first(payload.decode(reading.event.data))
        except ValueError:
            return None

    return get


def _fill(piece: str | tuple[Value, str], reading: Reading, setting: Setting, before: float) -> str:
    if isinstance(piece, str):
        return piece
    get, form = piece
    value = get(reading, setting, before)
    if value is None:
        value = ""
    try:
        return format(value, form) if isinstance(value, str | int | float) else to_text(value)
    except ValueError:  # a number's format for a text, in this event
        return to_text(value)


def make(setting: Setting) -> TemplateSink:
    """Build the sink. Raises `UsageError`."""
    return TemplateSink(setting)
