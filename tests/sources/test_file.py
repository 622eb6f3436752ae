"""Files, FIFOs and standard input as sources."""

import asyncio
import os
import sys
from pathlib import Path

import pytest

from sse_cli.sources.file import PIECE, FileSource, PipeSource, open_path
from sse_cli.sources.source import Source, Unreachable


def read_all(source: Source) -> list[bytes]:
    async def go() -> list[bytes]:
        pieces = []
        try:
            assert await source.open() is None
            while (chunk := await source.read()) is not None:
                pieces.append(chunk.data)
        finally:
            await source.close()
            await source.close()
        return pieces

    return asyncio.run(go())


def test_a_file_is_read_in_pieces(tmp_path: Path) -> None:
    file = tmp_path / "a"
    file.write_bytes(b"x" * (PIECE + 1))
    source = open_path(str(file))
    assert isinstance(source, FileSource)
    assert [len(piece) for piece in read_all(source)] == [PIECE, 1]
    assert (source.start, source.connected_at, source.headers) == (None, None, ())


def test_an_empty_file_ends_at_once(tmp_path: Path) -> None:
    file = tmp_path / "a"
    file.touch()
    assert read_all(open_path(str(file))) == []


@pytest.mark.parametrize("name", [".", "none"])
def test_what_cannot_be_read_is_unreachable(tmp_path: Path, name: str) -> None:
    with pytest.raises(Unreachable, match="cannot read"):
        read_all(open_path(str(tmp_path / name)))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no FIFOs")
def test_a_fifo_is_read_as_it_comes(tmp_path: Path) -> None:
    path = str(tmp_path / "fifo")
    os.mkfifo(path)

    async def go() -> list[bytes]:
        source = open_path(path)
        assert isinstance(source, PipeSource)
        await source.open()
        writer = await asyncio.to_thread(os.open, path, os.O_WRONLY)  # waits until the reader is there
        seen = []
        for data in (b"one", b"two"):
            os.write(writer, data)
            chunk = await source.read()
            assert chunk is not None
            seen.append(chunk.data)
        os.close(writer)
        assert await source.read() is None
        await source.close()
        return seen

    assert asyncio.run(go()) == [b"one", b"two"]


def test_a_writer_that_is_faster_than_its_reader_waits(tmp_path: Path) -> None:
    """More comes than may wait to be taken; nothing of it is lost."""
    total = 300 * PIECE
    reader, writer = os.pipe()
    source = PipeSource(f"/dev/fd/{reader}")
    if not os.path.exists(f"/dev/fd/{reader}"):
        pytest.skip("this system has no /dev/fd")

    async def go() -> int:
        await source.open()
        feeding = asyncio.create_task(asyncio.to_thread(feed))
        count = 0
        while (chunk := await source.read()) is not None:
            count += len(chunk.data)
        await feeding
        return count

    def feed() -> None:
        with os.fdopen(writer, "wb") as pipe:
            for _ in range(300):
                pipe.write(b"x" * PIECE)
        os.close(reader)

    assert asyncio.run(go()) == total


def test_standard_input_that_is_closed_is_unreachable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    with pytest.raises(Unreachable, match="standard input is closed"):
        read_all(open_path("-"))
