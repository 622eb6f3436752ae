"""Newline-delimited JSON: each line that is not blank is an event. It is cut here, and decoded elsewhere.

The record separator before a line, as of RFC 7464 (application/json-seq), is taken off.
"""

import re

from sse_cli.core import payload
from sse_cli.core.items import Anomaly, WireItem
from sse_cli.core.wire.decoder import RecordDecoder

_LF = b"\n"[0]  # as a number, since `10 in data` takes an eighth of the time of `b"\n" in data`
_LINE = re.compile(rb".*\n")
_AROUND = b"\x1e\r\n"


class NdjsonDecoder(RecordDecoder):
    """A `Decoder` of lines. Only LF ends one, since JSON may have a CR between its tokens."""

    def _read(self, data: bytes, at: float, items: list[WireItem]) -> None:
        if _LF not in data:
            self._held += data
            return
        end = data.rfind(b"\n") + 1
        whole = data[:end]
        if self._held:
            whole = bytes(self._held) + whole
            self._held.clear()
        self._held += data[end:]
        for raw in _LINE.findall(whole):
            line = raw.strip(_AROUND)
            if line and not line.isspace():
                self._give(raw, line, at, items)

    def _finish(self, held: bytes, at: float, items: list[WireItem]) -> None:
        """Give the last line, which may lack its end: it is whole if it is JSON."""
        line = held.strip(_AROUND)
        if not line or line.isspace():
            return
        try:
            payload.decode(line)
        except payload.NotJson:
            items.append(Anomaly("cut-event", line.decode("utf-8", "replace"), at))
        else:
            self._give(held, line, at, items)
