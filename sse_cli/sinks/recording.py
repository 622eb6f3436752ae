"""`--record FILE`: the stream with its times, written as it goes, so that nothing is lost that had arrived.

The file is written before anything is shown, by the same thread: who has seen an event finds it there.
"""

import os
import sys
import time
import zlib
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Protocol

import msgspec

from sse_cli.core.items import Chunk, Closed, Fault, Item, Opened, Rejected
from sse_cli.core.pipeline import Pipeline
from sse_cli.core.recording import Answered, Asked, End, Entry, Head, encode, first_head
from sse_cli.core.secrets import mask_headers, mask_url
from sse_cli.core.summary import Summary
from sse_cli.errors import UsageError
from sse_cli.sinks.outlet import Outlet

_GZIP = 16 + zlib.MAX_WBITS  # by the library's manual, zlib.h


class Packer(Protocol):
    """Compresses what is written, in such a way that what was given so far can be read at any time."""

    def pack(self, data: bytes) -> bytes:
        """Return what stands for these bytes, whole."""

    def end(self) -> bytes:
        """Return what ends it all."""


class _Plain:
    def pack(self, data: bytes) -> bytes:
        return data

    def end(self) -> bytes:
        return b""


class _Gzip:
    def __init__(self) -> None:
        self._inner = zlib.compressobj(wbits=_GZIP)

    def pack(self, data: bytes) -> bytes:
        return self._inner.compress(data) + self._inner.flush(zlib.Z_SYNC_FLUSH)

    def end(self) -> bytes:
        return self._inner.flush(zlib.Z_FINISH)


class _Zstd:
    def __init__(self) -> None:
        if sys.version_info >= (3, 14):
            from compression.zstd import ZstdCompressor
        else:
            from backports.zstd import ZstdCompressor

        self._inner = ZstdCompressor()

    def pack(self, data: bytes) -> bytes:
        return self._inner.compress(data, self._inner.FLUSH_BLOCK)

    def end(self) -> bytes:
        return self._inner.flush(self._inner.FLUSH_FRAME)


PACKERS: dict[str, Callable[[], Packer]] = {".gz": _Gzip, ".zst": _Zstd}
"""How a file is compressed, by the end of its name; any other is plain."""


class RecordFile(Outlet):
    """A file that is begun anew, and packed as its name says. Raises `UsageError` if there can be none."""

    def __init__(self, name: str) -> None:
        try:
            fd = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_BINARY", 0), 0o666)
        except OSError as error:
            raise UsageError(
                f"cannot record to {name}: {error.strerror}", "Give --record a file that can be written."
            ) from error
        super().__init__(fd, name)
        suffix = next((end for end in PACKERS if name.lower().endswith(end)), None)
        self._packer = PACKERS[suffix]() if suffix is not None else _Plain()

    def finish(self) -> None:
        """Write what ends the file, and close it."""
        self.draw(self._finish)

    def _write_now(self, data: bytes) -> None:
        super()._write_now(self._packer.pack(data))

    def _finish(self) -> None:
        super()._write_now(self._packer.end())
        os.close(self.fd)


class RecordingSink:
    """Writes the entries of a recording. `asked` is the run's first request, secrets masked.

    `today` gives the seconds since 1970.
    """

    interval: float | None = None
    takes_streaks = True

    def __init__(
        self, file: RecordFile, pipeline: Pipeline, asked: Asked, today: Callable[[], float] = time.time
    ) -> None:
        self._file = file
        self._pipeline = pipeline
        self._asked = asked
        self._today = today
        self._is_first = True
        self._has_head = False  # of the connection that is read
        self._closed: Closed | None = None

    def show(self, items: Sequence[Item]) -> None:
        """Write what one chunk gave, which is mostly the chunk itself."""
        entries: list[Entry] = []
        for item in items:
            if type(item) is Chunk or type(item) is Rejected:
                entries += self._head_if_none(None)
                entries.append(Chunk(item.data, self._since_start(item.at)))
            elif type(item) is Opened:
                entries += self._head_if_none(item)
            elif type(item) is Fault:
                entries += self._head_if_none(None)
                entries.append(msgspec.structs.replace(item, at=self._since_start(item.at)))
                self._has_head = False
            elif type(item) is Closed:
                self._closed = item
        if entries:
            self._file.write(b"".join(map(encode, entries)))

    def tick(self, _now: float) -> None:
        """Do nothing."""

    def close(self, summary: Summary) -> None:
        """Write how it ended."""
        closed = self._closed
        assert closed is not None
        end = End(
            at=round(self._since_start(closed.at), 9),
            reason=closed.reason,
            detail=closed.detail,
            summary=summary.as_dict(),
        )
        self._file.write(b"".join(map(encode, (*self._head_if_none(None), end))))
        self._file.finish()

    def _since_start(self, at: float) -> float:
        start = self._pipeline.meter.start
        return at - start if start is not None else 0.0

    def _head_if_none(self, opened: Opened | None) -> list[Entry]:
        """Return the head of a connection, if it has none yet."""
        if self._has_head:
            return []
        self._has_head = True
        answered = None if opened is None else self._answered(opened)
        if not self._is_first:
            return [Head(request=self._asked_again(), response=answered)]
        self._is_first = False
        at = answered.at if answered is not None else 0.0
        start = datetime.fromtimestamp(self._today() - at, UTC).isoformat(timespec="milliseconds")
        return [first_head(start.replace("+00:00", "Z"), self._asked, answered)]

    def _answered(self, opened: Opened) -> Answered:
        connected, started, url = opened.connected_at, opened.started_at, mask_url(opened.url)
        return Answered(
            status=opened.status,
            headers=tuple(mask_headers(opened.headers)),
            http_version=opened.http_version,
            at=round(self._since_start(opened.at), 9),
            started=None if started is None else round(self._since_start(started), 9),
            connected=None if connected is None else round(self._since_start(connected), 9),
            url=None if url == self._asked.url else url,
        )

    def _asked_again(self) -> Asked:
        """Return the request of a later connection, which may be another than the first."""
        asked = self._pipeline.attempts.asked
        if asked is None:
            return self._asked
        has_body = asked.method == self._asked.method
        return Asked(
            method=asked.method,
            url=mask_url(asked.url),
            headers=tuple(mask_headers(asked.headers)),
            body=self._asked.body if has_body else None,
            body_bytes=self._asked.body_bytes if has_body else None,
        )
