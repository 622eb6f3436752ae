"""Content codings, undone from pieces of any size."""

import gzip
import zlib

import pytest

from sse_cli.sources.coding import PIECE, decompressor
from sse_cli.sources.source import Cut

TEXT = b"data: " + bytes(range(256)) * 40 + b"\n\n"
CODED = {
    "gzip": ("gzip", gzip.compress(TEXT)),
    "x-gzip": ("x-gzip", gzip.compress(TEXT)),
    "two parts": ("gzip", gzip.compress(TEXT[:99]) + gzip.compress(TEXT[99:])),
    "deflate": ("deflate", zlib.compress(TEXT)),
    "raw deflate": ("deflate", zlib.compress(TEXT, wbits=-zlib.MAX_WBITS)),
    "gzip and rest": ("gzip", gzip.compress(TEXT) + b"\0\0\0 rest"),
    "deflate and rest": ("deflate", zlib.compress(TEXT) + b"rest"),
    "nothing": ("gzip", b""),
}


def undo(coding: str, data: bytes, size: int) -> tuple[bytes, bool]:
    inner, given = decompressor(coding), b""
    for start in range(0, len(data), size):
        inner.feed(data[start : start + size])
        while piece := inner.take():
            given += piece
    return given, inner.eof


@pytest.mark.parametrize("size", [1, 2, 7, 10**6])
@pytest.mark.parametrize("name", CODED)
def test_it_is_undone_however_it_is_cut(name: str, size: int) -> None:
    coding, data = CODED[name]
    assert undo(coding, data, size) == (b"" if name == "nothing" else TEXT, True)


@pytest.mark.parametrize("name", ["gzip", "two parts", "deflate", "raw deflate"])
def test_data_that_is_cut_has_no_end(name: str) -> None:
    coding, data = CODED[name]
    given, eof = undo(coding, data[:-3], 1)
    assert not eof
    assert TEXT.startswith(given)


def test_what_was_flushed_is_given_at_once() -> None:
    packer = zlib.compressobj(wbits=31)
    inner = decompressor("gzip")
    for text in (b"data: one\n\n", b"data: two\n\n"):
        inner.feed(packer.compress(text) + packer.flush(zlib.Z_SYNC_FLUSH))
        assert inner.take() == text
        assert inner.take() == b""


def test_much_is_given_in_pieces() -> None:
    inner = decompressor("gzip")
    inner.feed(gzip.compress(b"x" * (3 * PIECE + 5)))
    assert [len(inner.take()) for _ in range(5)] == [PIECE, PIECE, PIECE, 5, 0]
    assert inner.eof


@pytest.mark.parametrize("coding", ["gzip", "deflate"])
def test_what_is_not_coded_at_all_is_told(coding: str) -> None:
    inner = decompressor(coding)
    inner.feed(b"\xff\xffdata: a\n\n")
    with pytest.raises(Cut, match="the compressed body is broken"):
        inner.take()


def test_a_coding_that_is_not_known_is_told() -> None:
    with pytest.raises(Cut, match="cannot be read: br"):
        decompressor("br")
