"""The parser of WHATWG's HTML standard, section 9.2.6, step by step: slow, and obviously right."""

import re
from typing import NamedTuple

LONGEST_RETRY = 7 * 24 * 3600 * 1000


class Dispatched(NamedTuple):
    """What the standard dispatches, with the reconnection time in force at that moment."""

    type: str
    data: str
    last_event_id: str
    retry: int | None


class Reference:
    """Reads a whole body at once."""

    def __init__(self, body: bytes, last_event_id: str = "") -> None:
        self.dispatched: list[Dispatched] = []
        self.comments: list[str] = []
        self.last_event_id = last_event_id
        self.retry: int | None = None
        self._id_buffer = last_event_id
        self._data = ""
        self._type = ""
        text = body.decode("utf-8", errors="replace").removeprefix("\ufeff")
        *lines, unfinished = re.split("\r\n|\n|\r", text)
        for line in lines:
            self._line(line)
        # Pending data is discarded at the end of the stream; a comment is none, and is worth seeing.
        if unfinished.startswith(":"):
            self.comments.append(unfinished[1:].removeprefix(" "))

    def _line(self, line: str) -> None:
        if line == "":
            self._dispatch()
        elif line.startswith(":"):
            self.comments.append(line[1:].removeprefix(" "))
        elif ":" in line:
            field, value = line.split(":", 1)
            self._field(field, value.removeprefix(" "))
        else:
            self._field(line, "")

    def _field(self, field: str, value: str) -> None:
        if field == "event":
            self._type = value
        elif field == "data":
            self._data += value + "\n"
        elif field == "id":
            if "\0" not in value:
                self._id_buffer = value
        elif field == "retry" and re.fullmatch("[0-9]+", value):
            number = 0
            for digit in value:
                number = number * 10 + "0123456789".index(digit)
            self.retry = min(number, LONGEST_RETRY)

    def _dispatch(self) -> None:
        self.last_event_id = self._id_buffer
        if self._data == "":
            self._type = ""
            return
        data = self._data.removesuffix("\n")
        self.dispatched.append(Dispatched(self._type or "message", data, self.last_event_id, self.retry))
        self._data = ""
        self._type = ""
