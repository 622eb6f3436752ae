"""Content codings, undone from pieces of any size."""

import gzip
import zlib

import brotli
import pytest

from sse_cli.core.coding import CODINGS, MOST, PIECE, decompressor
from sse_cli.core.coding.zstd import zstd
from sse_cli.errors import Cut
from tests.peers.packing import PACKERS, packer

TEXT = b"data: " + bytes(range(256)) * 40 + b"\n\n"
SKIPPED = b"\x5a\x2a\x4d\x18\x03\0\0\0any"
"""A frame of zstd that holds nothing of the data."""

CODED = {
    "gzip": ("gzip", gzip.compress(TEXT)),
    "x-gzip": ("x-gzip", gzip.compress(TEXT)),
    "two members": ("gzip", gzip.compress(TEXT[:99]) + gzip.compress(TEXT[99:])),
    "deflate": ("deflate", zlib.compress(TEXT)),
    "raw deflate": ("deflate", zlib.compress(TEXT, wbits=-zlib.MAX_WBITS)),
    "br": ("br", brotli.compress(TEXT)),
    "zstd": ("zstd", zstd.compress(TEXT)),
    "two frames": ("zstd", zstd.compress(TEXT[:99]) + SKIPPED + zstd.compress(TEXT[99:])),
    "a skipped frame first": ("zstd", SKIPPED + zstd.compress(TEXT)),
    "gzip and rest": ("gzip", gzip.compress(TEXT) + b"\0\0\0 rest"),
    "deflate and rest": ("deflate", zlib.compress(TEXT) + b"rest"),
    "br and rest": ("br", brotli.compress(TEXT) + b"\0\0\0 rest"),
    "zstd and rest": ("zstd", zstd.compress(TEXT) + b"\0\0\0 rest"),
    "gzip, br": ("gzip, br", brotli.compress(gzip.compress(TEXT))),
    "zstd, deflate, gzip": ("zstd, deflate, gzip", gzip.compress(zlib.compress(zstd.compress(TEXT)))),
}
WHOLE = ["gzip", "two members", "deflate", "raw deflate", "br", "zstd", "two frames", "gzip, br"]


def undo(codings: str, data: bytes, size: int) -> tuple[bytes, bool]:
    inner, given = decompressor(codings.split(", ")), b""
    for start in range(0, len(data), size):
        inner.feed(data[start : start + size])
        while piece := inner.take():
            given += piece
    return given, inner.eof


@pytest.mark.parametrize("size", [1, 2, 7, 10**6])
@pytest.mark.parametrize("name", CODED)
def test_it_is_undone_however_it_is_cut(name: str, size: int) -> None:
    codings, data = CODED[name]
    assert undo(codings, data, size) == (TEXT, True)


@pytest.mark.parametrize("coding", [*CODINGS, "gzip, br"])
def test_nothing_at_all_is_a_whole_body(coding: str) -> None:
    assert undo(coding, b"", 1) == (b"", True)


@pytest.mark.parametrize("size", [1, 10**6])
@pytest.mark.parametrize("name", WHOLE)
def test_data_that_is_cut_has_no_end(name: str, size: int) -> None:
    codings, data = CODED[name]
    given, eof = undo(codings, data[:-3], size)
    assert not eof
    assert TEXT.startswith(given)


@pytest.mark.parametrize("size", [1, 10**6])
@pytest.mark.parametrize("codings", [*PACKERS, "gzip, br", "br, zstd"])
def test_what_was_flushed_is_given_at_once(codings: str, size: int) -> None:
    server, inner = packer(codings), decompressor(codings.split(", "))
    for text in (b"data: one\n\n", b"data: two\n\n"):
        data, given = server.pack(text), b""
        for start in range(0, len(data), size):
            inner.feed(data[start : start + size])
            given += inner.take()
        assert given == text
        assert inner.take() == b""


BOMB = b"x" * (3 * PIECE + 5)
BOMBS = {
    "gzip": gzip.compress(BOMB),
    "deflate": zlib.compress(BOMB),
    "br": brotli.compress(BOMB),
    "zstd": zstd.compress(BOMB),
    "gzip, br": brotli.compress(gzip.compress(BOMB)),
}


@pytest.mark.parametrize("codings", BOMBS)
def test_much_is_given_in_pieces(codings: str) -> None:
    inner = decompressor(codings.split(", "))
    inner.feed(BOMBS[codings])
    sizes = []
    while piece := inner.take():
        sizes.append(len(piece))
    assert sum(sizes) == len(BOMB)
    assert max(sizes) <= PIECE
    assert inner.eof


@pytest.mark.parametrize("coding", CODINGS)
def test_what_is_not_coded_at_all_is_told(coding: str) -> None:
    inner = decompressor([coding])
    inner.feed(b"\xff\xffdata: a\n\n")
    with pytest.raises(Cut, match="the compressed body is broken"):
        inner.take()


def test_a_frame_that_wants_more_memory_than_http_allows_is_told() -> None:
    packer = zstd.ZstdCompressor(options={zstd.CompressionParameter.window_log: 24})
    inner = decompressor(["zstd"])
    inner.feed(packer.compress(TEXT) + packer.flush(packer.FLUSH_BLOCK))
    with pytest.raises(Cut, match="too much memory"):
        inner.take()


def test_a_coding_that_is_not_known_is_told() -> None:
    with pytest.raises(Cut, match="cannot be read: dcb") as caught:
        decompressor(["gzip", "dcb"])
    assert "gzip, br, zstd and deflate" in caught.value.hint


def test_codings_without_end_are_refused() -> None:
    assert undo(", ".join(["gzip"] * MOST), b"", 1) == (b"", True)
    with pytest.raises(Cut, match=f"coded {MOST + 1} times over"):
        decompressor(["gzip"] * (MOST + 1))
