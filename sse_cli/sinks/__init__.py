"""What becomes of items: one file per output, and one row in `OUTPUTS`."""

from collections.abc import Sequence
from importlib import import_module
from typing import Any, cast

import msgspec

from sse_cli.sinks.sink import Setting, Sink


class Output(msgspec.Struct, frozen=True):
    """A row of `OUTPUTS`: the module whose `make` builds the sink, and what standard output gets."""

    module: str
    doc: str


OUTPUTS = {
    "table": Output("table", "a live view on a terminal; in a pipe, the same rows as plain text"),
    "text": Output("text", "the content, or the extracted values, joined with nothing"),
    "lines": Output("lines", "each extracted value on a line: strings as they are, others as JSON"),
    "data": Output("data", "each event's data followed by a newline"),
    "json": Output("json", "one JSON object per event; with --all, per item"),
    "raw": Output("raw", "the bytes as they came"),
    "sse": Output("sse", "the chosen events written again as clean SSE"),
    "none": Output("none", "nothing; for the exit code and the summary"),
}
"""Every output, by the name it is asked for."""


def make(name: str, setting: Setting) -> Sink:
    """Build the sink of an output, or of a template; only its own module is imported."""
    return cast(Sink, _module(name, setting).make(setting))


def make_all(name: str, settings: Sequence[Setting]) -> Sequence[Sink]:
    """Build the sinks of several sources: for each its own, or a face of one that they share."""
    module = _module(name, settings[0])
    if hasattr(module, "make_all"):
        return cast(Sequence[Sink], module.make_all(settings))
    return [module.make(setting) for setting in settings]


def _module(name: str, setting: Setting) -> Any:
    module_name = OUTPUTS[name].module if setting.template is None else "template"
    return import_module(f"sse_cli.sinks.{module_name}")
