"""What codings have in common whose data may be several parts, each whole in itself."""

from abc import ABC, abstractmethod
from typing import Any, ClassVar

from sse_cli.core.coding import PIECE
from sse_cli.errors import Cut


class InParts(ABC):
    """A coding of parts, one behind another. What follows the last one and is none is not of the body."""

    least: ClassVar[int]  # bytes by which a part is told
    error: ClassVar[type[Exception]]  # what the library raises

    def __init__(self) -> None:
        self._data = b""  # not decompressed yet
        self._inner: Any = None  # none before the first part, and after each
        self._parts = 0  # that have ended

    @abstractmethod
    def begin(self, data: bytes) -> Any:
        """Return what decompresses a part, of which `least` bytes at least are given; None if it is none.

        The first one is a part whatever it looks like: that it is none is told when it is decompressed.
        """

    @property
    def is_first(self) -> bool:
        """Whether no part has ended yet."""
        return self._parts == 0

    @property
    def eof(self) -> bool:
        """See `Decompressor`."""
        return self._inner is None and (self._parts > 0 or not self._data)

    def feed(self, data: bytes) -> None:
        """See `Decompressor`."""
        self._data += data

    def take(self) -> bytes:
        """See `Decompressor`."""
        while self._inner is not None or len(self._data) >= self.least:
            if self._inner is None:
                self._inner = self.begin(self._data)
            if self._inner is None:
                self._data = b""
            elif (piece := self._decompress()) or (self._inner is not None and not self._data):
                return piece
        return b""

    def _decompress(self) -> bytes:
        inner = self._inner
        try:
            piece: bytes = inner.decompress(self._data, PIECE)
        except self.error as error:
            raise Cut(f"the compressed body is broken: {error}") from error
        # zlib hands back what it had no room for; zstd keeps it.
        self._data = getattr(inner, "unconsumed_tail", b"")
        if inner.eof:
            self._data, self._inner = inner.unused_data, None
            self._parts += 1
        return piece
