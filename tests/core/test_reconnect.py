"""When to ask again: the policy as a table, what always holds of it, and Retry-After in all its forms."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sse_cli.core.reconnect import CAP, JITTER, Policy, retry_after

FAULT, END, LONG = (True, 1.0), (False, 1.0), (True, 60.0)

TABLE: dict[str, tuple[Policy, list[tuple[bool, float]], list[float | None]]] = {
    "doubles": (Policy(), [FAULT] * 4, [1, 2, 4, 8]),
    "is capped": (Policy(retries=9), [FAULT] * 8, [1, 2, 4, 8, 16, 30, 30, 30]),
    "ends": (Policy(retries=2), [FAULT] * 3, [1, 2, None]),
    "no retries": (Policy(retries=0), [FAULT], [None]),
    "no retries, but an end": (Policy(retries=0), [END] * 3, [1, 1, 1]),
    "an end is no failure": (Policy(retries=2), [FAULT, FAULT, END, FAULT], [1, 2, 1, 1]),
    "a long life": (Policy(retries=2), [FAULT, FAULT, LONG, FAULT, FAULT], [1, 2, 1, 2, None]),
    "nearly a long life": (Policy(retries=2), [FAULT, FAULT, (True, 59.9)], [1, 2, None]),
    "no delay": (Policy(delay=0.0), [FAULT] * 3, [0, 0, 0]),
    "a longer delay than the cap": (Policy(delay=45.0), [FAULT] * 2, [45, 45]),
}


@pytest.mark.parametrize("name", TABLE)
def test_each_connection_s_end_has_its_delay(name: str) -> None:
    policy, ends, delays = TABLE[name]
    found = []
    for failed, lived in ends:
        delay, policy = policy.ask(failed=failed, lived=lived, chance=0.0)
        found.append(delay)
    assert found == delays


def test_the_server_s_word_is_the_base_and_a_policy_never_changes() -> None:
    policy = Policy(retries=3)
    assert policy.told(None) is policy
    told = policy.told(250)
    delay, following = told.ask(failed=True, lived=0.0, chance=0.0)
    assert (delay, following.ask(failed=True, lived=0.0, chance=0.0)[0]) == (0.25, 0.5)
    assert (policy.delay, told.failures) == (1.0, 0)


def test_how_much_chance_may_add_is_the_policy_s() -> None:
    asked = {"failed": True, "lived": 0.0, "chance": 1.0}
    found = [Policy(delay=2.0, jitter=jitter).ask(**asked)[0] for jitter in (0.0, 0.25, 1.0)]
    assert found == [2, 2.5, 4]


def test_retry_after_is_waited_for_exactly_and_forgives_nothing() -> None:
    policy = Policy(retries=1)
    delay, policy = policy.ask(failed=True, lived=0.0, chance=0.9, retry_after=120.0)
    assert delay == 120
    assert policy.ask(failed=True, lived=0.0, chance=0.9, retry_after=1.0)[0] is None


@given(
    delay=st.floats(0, 604_800),
    retries=st.integers(0, 2000),
    ends=st.lists(st.tuples(st.booleans(), st.floats(0, 1e6), st.floats(0, 1)), max_size=50),
)
def test_no_delay_is_shorter_than_its_base_or_longer_than_the_cap(
    delay: float, retries: int, ends: list[tuple[bool, float, float]]
) -> None:
    policy, in_a_row = Policy(delay=delay, retries=retries), 0
    for failed, lived, chance in ends:
        waits, policy = policy.ask(failed=failed, lived=lived, chance=chance)
        in_a_row = (1 if lived >= 60 else in_a_row + 1) if failed else 0
        assert (waits is None) is (in_a_row > retries)
        if waits is None:
            return
        assert delay <= waits <= max(CAP, delay)
        if not failed:
            assert waits <= delay * (1 + JITTER)


@given(st.integers(0, 5000))
def test_however_many_failures_the_delay_is_a_number(failures: int) -> None:
    delay, _ = Policy(retries=9999, failures=failures).ask(failed=True, lived=0.0, chance=1.0)
    assert delay is not None
    assert 1 <= delay <= CAP


NOW = 784_111_777.0  # Sun, 06 Nov 1994 08:49:37 GMT


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (None, None),
        ("0", 0),
        (" 120 ", 120),
        ("Sun, 06 Nov 1994 08:50:37 GMT", 60),
        ("Sunday, 06-Nov-94 08:50:37 GMT", 60),
        ("Sun Nov  6 08:50:37 1994", 60),
        ("Sun, 06 Nov 1994 08:00:00 GMT", 0),
        ("-1", None),
        ("1.5", None),
        ("+5", None),
        ("٣", None),
        ("9" * 400, None),
        ("soon", None),
        ("", None),
        ("Sun, 99 Nov 1994 08:50:37 GMT", None),
    ],
)
def test_retry_after(value: str | None, seconds: float | None) -> None:
    assert retry_after(value, NOW) == seconds


@given(st.text(max_size=40))
def test_retry_after_takes_any_text(value: str) -> None:
    seconds = retry_after(value, NOW)
    assert seconds is None or seconds >= 0
