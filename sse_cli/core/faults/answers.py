"""Faults of an answer's head: another status, another content type."""

from collections.abc import Iterator

import msgspec

from sse_cli.core import payload
from sse_cli.core.faults.spec import Occasion, Spec
from sse_cli.core.items import Chunk
from sse_cli.core.recording import Answered, End, Entry, Head


def status(entries: Iterator[Entry], spec: Spec, occasion: Occasion) -> Iterator[Entry]:
    """Answer request N, or each, with a status and an error in JSON instead."""
    if spec.number not in (None, occasion.request):
        yield from entries
        return
    head = next(entries, None)
    if not isinstance(head, Head):
        return
    at = head.response.at if head.response is not None else 0.0
    answer = Answered(status=spec.value, headers=(("Content-Type", "application/json"),), at=at)
    yield msgspec.structs.replace(head, response=answer)
    error = {"message": f"this is the fault {spec.text}", "type": "fault", "code": spec.value}
    yield Chunk(payload.encode({"error": error}).encode() + b"\n", at)
    yield End(at=at, reason="eof")


def content_type(entries: Iterator[Entry], spec: Spec, _occasion: Occasion) -> Iterator[Entry]:
    """Send another content type or, if it is empty, none."""
    for entry in entries:
        if isinstance(entry, Head) and entry.response is not None:
            headers = [pair for pair in entry.response.headers if pair[0].lower() != "content-type"]
            if spec.value:
                headers.append(("Content-Type", spec.value))
            response = msgspec.structs.replace(entry.response, headers=tuple(headers))
            entry = msgspec.structs.replace(entry, response=response)
        yield entry
