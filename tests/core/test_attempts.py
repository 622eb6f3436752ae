"""What ids say of lost and repeated events."""

import pytest

from sse_cli.core.attempts import KEPT, MOST_MISSED, Asked, Attempts, Ids


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
        ([["9" * 500, "٣", "-1", "1e3"]], 0, 0),
    ],
)
def test_duplicates_and_jumps(connections: list[list[str]], duplicates: int, jumps: int) -> None:
    ids = Ids()
    for connection in connections:
        ids.reopen()
        for id_ in connection:
            ids.note_id(id_)
    assert (ids.duplicates, ids.jumps) == (duplicates, jumps)


@pytest.mark.parametrize(
    ("connections", "duplicates", "missed"),
    [
        ([[0, 1, 2], [3, 4]], 0, [[], []]),
        ([[0, 1, 2], [2, 3]], 1, [[], []]),
        ([[0, 1, 2], [0, 1, 2, 3]], 3, [[], []]),
        ([[0, 1], [5, 6, 8]], 0, [[], ["2-4", "7"]]),
        ([[0, 1, 5], [3, 4, 5, 6]], 3, [["2-4"], []]),
        ([[0, 1, 2], [1], [2, 3]], 2, [[], [], []]),
        ([[4, 5], [6]], 0, [[], []]),
    ],
)
def test_numbers_that_count_up_by_one(
    connections: list[list[int]], duplicates: int, missed: list[list[str]]
) -> None:
    ids = Ids()
    found = []
    for connection in connections:
        ids.reopen()
        for number in connection:
            ids.note_number(number)
        found.append(ids.missed)
    assert (ids.duplicates, found) == (duplicates, missed)
    assert ids.jumps == sum(map(len, missed))


def test_ids_that_are_left_out_are_named_up_to_a_bound() -> None:
    ids = Ids()
    for number in (1, 2, 3, 6, *range(8, 8 + MOST_MISSED * 4, 2)):
        ids.note_id(str(number))
    assert ids.missed[:3] == ["4-5", "7", "9"]
    assert len(ids.missed) == MOST_MISSED < ids.jumps


def test_an_answer_that_begins_anew_repeats_nothing() -> None:
    ids = Ids()
    for number in range(5):
        ids.note_number(number)
    ids.reopen()
    ids.forget()
    for number in range(5):
        ids.note_number(number)
    assert (ids.duplicates, ids.jumps) == (0, 0)


def test_a_request_is_told_where_it_is_another_than_the_first() -> None:
    attempts = Attempts()
    first, other = Asked("POST", "http://h/a?key=s"), Asked("GET", "http://h/a/b?key=s")
    for asked in (first, first, other):
        attempts.begin("", "", asked)
        attempts.end(0.0, 0.0, 200, 0)
    told = [(each.method, each.url) for each in attempts.all()]
    assert told == [(None, None), (None, None), ("GET", "http://h/a/b?key=***")]


def test_memory_stays_constant() -> None:
    attempts = Attempts()
    for number in range(KEPT * 2):
        attempts.begin("cut", str(number))
        attempts.ids.reopen()
        attempts.ids.note_id(str(number))
        attempts.end(float(number), 1.0, 200, number)
    kept = attempts.all()
    assert (len(kept), kept[-1].last_event_id) == (KEPT, str(KEPT * 2 - 1))
