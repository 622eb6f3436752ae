"""Content codings, undone piece by piece, so that an event is there as soon as its bytes are."""

from collections.abc import Sequence
from functools import reduce
from importlib import import_module
from typing import Protocol

from sse_cli.errors import Cut

PIECE = 1024 * 1024
"""Bytes that are given at once: a few that are compressed may stand for a thousand times as many."""

MOST = 5
"""Codings one upon another, as many as curl takes: each may make its part of a bomb."""

CODINGS = {
    "gzip": "gzip:Gzip",
    "x-gzip": "gzip:Gzip",
    "deflate": "gzip:Deflate",
    "br": "br:Brotli",
    "zstd": "zstd:Zstd",
}
"""Every coding that can be undone, with the module here and the class in it that does so."""

_KNOWN = "Readable are gzip, br, zstd and deflate; --compressed asks for the first three."


class Decompressor(Protocol):
    """Undoes a content coding, piece by piece: `feed` coded bytes, then `take` until it gives none."""

    @property
    def eof(self) -> bool:
        """Whether the coded data may end here."""

    def feed(self, data: bytes) -> None:
        """Take the next coded bytes."""

    def take(self) -> bytes:
        """Return what they give, a piece at most; nothing when more are needed. Raises `Cut`."""


class _Upon:
    """One coding upon another: what the outer one gives is fed to the inner one."""

    def __init__(self, inner: Decompressor, outer: Decompressor) -> None:
        self._inner, self._outer = inner, outer

    @property
    def eof(self) -> bool:
        return self._outer.eof and self._inner.eof

    def feed(self, data: bytes) -> None:
        self._outer.feed(data)

    def take(self) -> bytes:
        while not (piece := self._inner.take()):
            if not (data := self._outer.take()):
                break
            self._inner.feed(data)
        return piece


def decompressor(codings: Sequence[str]) -> Decompressor:
    """Return what undoes codings, in the order in which they were applied (RFC 9110, section 8.4).

    Raises `Cut` for one that is not known, and for too many.
    """
    unknown = [coding for coding in codings if coding not in CODINGS]
    if unknown:
        raise Cut(f"the body's content coding cannot be read: {', '.join(unknown)}", _KNOWN)
    if len(codings) > MOST:
        raise Cut(f"the body is coded {len(codings)} times over: {', '.join(codings)}", _KNOWN)
    return reduce(_Upon, map(_make, codings))


def _make(coding: str) -> Decompressor:
    module, _, name = CODINGS[coding].partition(":")
    made: Decompressor = getattr(import_module(f"{__name__}.{module}"), name)()
    return made
