"""Faults on the recorded bodies of real servers: what is left is what should be, whatever the dialect."""

from pathlib import Path
from random import Random

import pytest

from sse_cli.core.faults.table import apply, read_faults
from sse_cli.core.items import Chunk
from sse_cli.core.recording import Answered, Asked, End, first_head
from tests.core.dialects.tape import Run

CAPTURES = Path(__file__).parents[4] / "shared" / "captures"
TYPES = {".sse": "text/event-stream", ".ndjson": "application/x-ndjson"}
BODIES = sorted(path for suffix in TYPES for path in CAPTURES.glob(f"*{suffix}"))
PIECE = 1000

ENDLESS = ("langgraph-sse", "writer-completions-sse")
"""Formats of which a whole stream has neither an end marker nor a finish reason."""

pytestmark = pytest.mark.skipif(not BODIES, reason="the recorded bodies are not here")


def altered(path: Path, *faults: str) -> bytes:
    """Return a body as faults leave it, read in pieces as from a network."""
    body = path.read_bytes()
    answered = Answered(status=200, headers=(("Content-Type", TYPES[path.suffix]),))
    chunks = [Chunk(body[at : at + PIECE], float(at)) for at in range(0, len(body), PIECE)]
    head = first_head("2026-01-02T03:04:05Z", Asked(method="GET", url="/"), answered)
    entries = [head, *chunks, End(at=float(len(body)), reason="eof")]
    found = apply(read_faults(faults), entries, Random(1))
    return b"".join(entry.data for entry in found if isinstance(entry, Chunk))


@pytest.mark.parametrize("path", BODIES, ids=lambda path: path.stem)
def test_other_chunks_are_the_same_bytes(path: Path) -> None:
    assert altered(path, "split", "merge", "slow:1MB/s") == path.read_bytes()


@pytest.mark.parametrize("path", BODIES, ids=lambda path: path.stem)
def test_without_its_end_no_answer_is_whole(path: Path) -> None:
    if path.name.startswith(ENDLESS):
        pytest.skip("it has no end to be left out")
    run = Run(altered(path, "no-end"), content_type=TYPES[path.suffix])
    assert run.verdict().name != "complete"
    assert run.pipeline.answer.done is None
