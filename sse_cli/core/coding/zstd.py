"""The coding zstd (RFC 8878): the standard library's since Python 3.14, and its backport before."""

import sys
from typing import Any

from sse_cli.core.coding.parts import InParts

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

_MAGIC = b"\x28\xb5\x2f\xfd"  # section 3.1.1
_SKIPPABLE = b"\x2a\x4d\x18"  # section 3.1.2: behind a byte from 0x50 to 0x5f

# A frame says how much memory it wants. In HTTP that is 8 MB at most (RFC 9659), which bounds ours.
_OPTIONS: dict[int, int] = {zstd.DecompressionParameter.window_log_max: 23}


class Zstd(InParts):
    """zstd, whose frames are its parts."""

    least = len(_MAGIC)
    error = zstd.ZstdError

    def begin(self, data: bytes) -> Any:
        """See `InParts`."""
        is_skippable = data[0] >> 4 == 5 and data[1:4] == _SKIPPABLE
        is_part = self.is_first or data.startswith(_MAGIC) or is_skippable
        return zstd.ZstdDecompressor(options=_OPTIONS) if is_part else None
