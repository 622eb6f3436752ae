"""What ids say of lost and repeated events."""

import pytest

from sse_cli.core.attempts import KEPT, Attempts, Ids
from sse_cli.core.items import Event, WireItem


def events(*ids: str) -> list[WireItem]:
    return [Event("message", "", id_, id_, None, b"", 0.0, 1) for id_ in ids]


@pytest.mark.parametrize(
    ("connections", "duplicates", "jumps"),
    [
        ([["1", "2", "3"], ["4", "5"]], 0, 0),
        ([["1", "2", "3"], ["3", "4"]], 1, 0),
        ([["1", "2", "3"], ["2", "3", "4"]], 2, 0),
        ([["1", "2", "3"], ["6"]], 0, 1),
        ([["1", "2", "3", "5", "6", "9"]], 0, 2),
        ([["a", "b"], ["b", "c"]], 1, 0),
        ([["a", "a", "a"]], 0, 0),  # one id for the events of one message is no repetition
        ([["7", "7", "8", "8", "9", "9", "11"]], 0, 1),
        ([["1700000000123", "1700000000456", "1700000001789"]], 0, 0),
        ([["10", "20", "30"], ["40"]], 0, 0),
        ([["1", "2", "3", "x", "9"]], 0, 0),
        ([["", "1", "2"]], 0, 0),
        ([["9" * 500, "٣", "-1", "1e3"]], 0, 0),
    ],
)
def test_duplicates_and_jumps(connections: list[list[str]], duplicates: int, jumps: int) -> None:
    ids = Ids()
    for connection in connections:
        ids.reopen()
        ids.note(events(*connection))
    assert (ids.duplicates, ids.jumps) == (duplicates, jumps)


def test_memory_stays_constant() -> None:
    attempts = Attempts()
    for number in range(KEPT * 2):
        attempts.begin("cut", 1.0, str(number))
        attempts.ids.reopen()
        attempts.ids.note(events(str(number)))
        attempts.end(float(number), 1.0, 200, number)
    kept = attempts.all()
    assert (len(kept), kept[-1].last_event_id) == (KEPT, str(KEPT * 2 - 1))
