"""JSON text to values and back. The only importer of msgspec's JSON; what it raises goes no further."""

import re

import msgspec

from sse_cli.core.items import Json

# Half of a surrogate pair, which servers written in JavaScript send when a delta ends inside an emoji.
# The grammar of JSON allows it (RFC 8259, section 8.2) and UTF-8 cannot hold it.
_HEX = "[0-9a-fA-F]"
_HALF_PAIR = re.compile(
    rf"\\(?:u[dD][89abAB]{_HEX}{{2}}\\u[dD][c-fC-F]{_HEX}{{2}}|(u[dD][89a-fA-F]{_HEX}{{2}})|.)"
)


_decode = msgspec.json.Decoder().decode  # one that is kept is faster


_decode_texts = msgspec.json.Decoder(list[str]).decode


class NotJson(ValueError):
    """A text that is not one JSON value; the message says where it stops being one."""


def decode(text: str | bytes) -> Json:
    """Return the one JSON value in `text`, or raise `NotJson`. Half a surrogate pair is read as U+FFFD."""
    try:
        return _decode(text)
    except RecursionError:
        raise NotJson("nested too deeply") from None
    except ValueError as error:
        whole = _replace_half_pairs(text)
        if whole == text:
            raise NotJson(str(error)) from None
    return decode(whole)


def decode_texts(data: bytes) -> list[str]:
    """Return the strings of a JSON array of strings, or raise `NotJson`."""
    try:
        return _decode_texts(data)
    except ValueError as error:
        raise NotJson(str(error)) from None


def encode(value: Json) -> str:
    """Return `value` as compact JSON text. NaN and the infinities, which JSON lacks, become null."""
    return msgspec.json.encode(value).decode()


def _replace_half_pairs(text: str | bytes) -> str:
    if isinstance(text, bytes):
        text = text.decode("utf-8", "surrogateescape")  # so that bytes that are not UTF-8 stay an error
    return _HALF_PAIR.sub(lambda escape: r"\ufffd" if escape[1] else escape[0], text)


def _decode_odd(data: str) -> Json:
    try:
        return decode(data)
    except NotJson:  # not `suppress`, which costs as much as the decoding
        return _NOT_JSON


class LazyPayload:
    """An event's data, decoded when it is first asked for and at most once. Raises ValueError if not JSON."""

    __slots__ = ("_data", "_value")
    _value: Json

    def __init__(self, data: str) -> None:
        self._data: str | None = data

    def __call__(self) -> Json:
        """Return the value, or raise `NotJson`."""
        data = self._data
        if data is not None:
            self._data = None
            if data[:1] in _JSON_STARTS:
                try:
                    self._value = _decode(data)
                except (ValueError, RecursionError):
                    self._value = _decode_odd(data)
            else:
                self._value = _NOT_JSON
        if self._value is _NOT_JSON:
            raise NotJson("the data is not JSON")
        return self._value


_NOT_JSON = object()
_JSON_STARTS = frozenset('{["-0123456789tfn \n\t')
