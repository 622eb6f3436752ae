"""The codings gzip and deflate (RFC 9110, section 8.4.1)."""

import zlib
from typing import Any

from sse_cli.core.coding.parts import InParts

_MAGIC = b"\x1f\x8b"  # RFC 1952, section 2.3.1


class Gzip(InParts):
    """gzip, whose members are its parts."""

    least = len(_MAGIC)
    error = zlib.error

    def begin(self, data: bytes) -> Any:
        """See `InParts`."""
        is_part = self.is_first or data.startswith(_MAGIC)
        return zlib.decompressobj(16 + zlib.MAX_WBITS) if is_part else None


class Deflate(InParts):
    """deflate, of one part: in the form of zlib or in the raw one, which some servers send."""

    least = 2
    error = zlib.error

    def begin(self, data: bytes) -> Any:
        """See `InParts`. The forms are told apart by RFC 1950, section 2.2."""
        is_zlib = data[0] & 15 == 8 and int.from_bytes(data[:2]) % 31 == 0
        return zlib.decompressobj(zlib.MAX_WBITS if is_zlib else -zlib.MAX_WBITS) if self.is_first else None
