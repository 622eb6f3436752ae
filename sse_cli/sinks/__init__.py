"""What becomes of items: one file per output, and one row in `OUTPUTS`."""

from collections.abc import Sequence
from importlib import import_module
from typing import cast

import msgspec

from sse_cli.sinks.sink import Setting, Sink


class Output(msgspec.Struct, frozen=True):
    """A row of `OUTPUTS`: the module whose `make` builds the sink, and what standard output gets.

    `several` is another module that builds the sink where there are several sources.
    """

    module: str
    doc: str
    several: str = ""


OUTPUTS = {
    "table": Output("table", "a live view on a terminal; in a pipe, the same rows as plain text", "table"),
    "text": Output("text", "the content, or the extracted values, joined with nothing", "labelled_text"),
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
    module_name = OUTPUTS[name].module if setting.template is None else "template"
    return cast(Sink, import_module(f"sse_cli.sinks.{module_name}").make(setting))


def make_all(name: str, settings: Sequence[Setting]) -> Sequence[Sink]:
    """Build the sinks of several sources: for each its own, or a face of one that they share."""
    if settings[0].template is not None or not OUTPUTS[name].several:
        return [make(name, setting) for setting in settings]
    module = import_module(f"sse_cli.sinks.{OUTPUTS[name].several}")
    return cast(Sequence[Sink], module.make_all(settings))
