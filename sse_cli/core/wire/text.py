"""Plain text: an event for each chunk as it comes, or for each line."""

import codecs

from sse_cli.core.items import Anomaly, WireItem
from sse_cli.core.wire.decoder import RecordDecoder


class TextDecoder(RecordDecoder):
    """A `Decoder` that gives the text of each chunk. A character that is cut in two waits for its rest."""

    def _read(self, data: bytes, at: float, items: list[WireItem]) -> None:
        if self._held:
            data = bytes(self._held) + data
            self._held.clear()
        used = self._give_characters(data, at, items)
        self._held += data[used:]

    def _finish(self, held: bytes, at: float, items: list[WireItem]) -> None:
        self._give_characters(held, at, items, final=True)

    def _give_characters(self, data: bytes, at: float, items: list[WireItem], final: bool = False) -> int:
        """Make an event of the whole characters in `data`; return how many bytes those are."""
        try:
            text, used = codecs.utf_8_decode(data, "strict", final)
        except UnicodeDecodeError:
            text, used = codecs.utf_8_decode(data, "replace", final)
            items.append(Anomaly("invalid-utf8", text, at))
        if text:
            self._give_text(data[:used], text, at, items)
        return used


class LinesDecoder(RecordDecoder):
    """A `Decoder` of lines, which end with LF, CRLF or CR. Empty ones are left out.

    A lone CR ends its line at once. The LF that may follow it in the next piece is then an empty line.
    """

    def _read(self, data: bytes, at: float, items: list[WireItem]) -> None:
        end = max(data.rfind(b"\n"), data.rfind(b"\r")) + 1
        if not end:
            self._held += data
            return
        whole = bytes(self._held) + data[:end]
        self._held.clear()
        self._held += data[end:]
        for raw in whole.splitlines(keepends=True):  # of bytes, it knows LF, CRLF and CR only
            if line := raw.rstrip(b"\r\n"):
                self._give(raw, line, at, items)

    def _finish(self, held: bytes, at: float, items: list[WireItem]) -> None:
        if held:
            self._give(held, held, at, items)
