"""Wire text made harmless: nothing of a server's drives a terminal."""

import re

# What could move the cursor, set the title or the clipboard, or turn the order of writing: C0 and C1 controls
# but tab and line ends, DEL, and the bidirectional overrides.
_UNSAFE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]|\r(?!\n)")
_HALF_PAIR = re.compile("[\ud800-\udfff]")


def escape(text: str) -> str:
    """Return wire text with everything that could drive a terminal written out, as `\\x1b`."""
    return _UNSAFE.sub(_spell, text)


def whole(text: str) -> str:
    """Return text with U+FFFD for each half of a surrogate pair, which UTF-8 cannot hold."""
    return text if text.isascii() else _HALF_PAIR.sub("\ufffd", text)


def _spell(match: re.Match[str]) -> str:
    code = ord(match[0])
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"
