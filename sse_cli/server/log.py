"""What the server tells of its requests: who came and what they got, and how each answer ended."""

from collections.abc import Callable
from datetime import datetime
from typing import TypeAlias

import msgspec

from sse_cli.core import payload
from sse_cli.core.secrets import mask_headers, mask_url
from sse_cli.server.ending import SAID
from sse_cli.server.request import Request


class Came(msgspec.Struct, frozen=True):
    """A request came, the `number`th, and its answer begins. `tape` is "" for an error.

    `status` is 0 where the connection is closed without an answer.
    """

    number: int
    client: str
    method: str
    target: str
    headers: tuple[tuple[str, str], ...]
    last_event_id: str
    status: int
    tape: str = ""
    faults: tuple[str, ...] = ()

    @classmethod
    def of(
        cls,
        request: Request,
        number: int,
        client: str,
        status: int,
        tape: str = "",
        faults: tuple[str, ...] = (),
    ) -> "Came":
        """Return what is told of a request. Secrets are masked."""
        return cls(
            number,
            client,
            request.method,
            mask_url(request.target),
            tuple(mask_headers(request.headers)),
            request.last_event_id,
            status,
            tape,
            faults,
        )


class Went(msgspec.Struct, frozen=True):
    """The answer to request `number` ended, by `how` of `SAID`, after so many chunks, bytes and seconds."""

    number: int
    how: str
    chunks: int
    bytes: int
    seconds: float


Line: TypeAlias = Came | Went
Log: TypeAlias = Callable[[Line], None]


def as_text(line: Line, now: datetime, *, heads: bool = False) -> str:
    """Return a line for people, with the time and, with `heads`, the request's head."""
    stamp = f"{now:%H:%M:%S}.{now.microsecond // 1000:03} #{line.number}"
    if isinstance(line, Went):
        chunks = "1 chunk" if line.chunks == 1 else f"{line.chunks:,} chunks"
        return f"{stamp} {SAID[line.how]}: {chunks}, {line.bytes:,} bytes, {line.seconds:.3f} s\n"
    words = [stamp, line.client, line.method, line.target, str(line.status), line.tape]
    if line.last_event_id:
        words.append(f"after id {line.last_event_id}")
    if line.faults:
        words.append("with " + " ".join(line.faults))
    told = " ".join(word for word in words if word) + "\n"
    if heads:
        told += "".join(f"> {name}: {value}\n" for name, value in line.headers) + ">\n"
    return told


def as_json(line: Line, now: datetime) -> str:
    """Return a line of NDJSON."""
    kind = "request" if isinstance(line, Came) else "end"
    at = now.isoformat(timespec="milliseconds")
    return payload.encode({"kind": kind, "at": at, **msgspec.structs.asdict(line)}) + "\n"
