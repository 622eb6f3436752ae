"""A session over several connections, in virtual time: when it asks again, and what it tells."""

import asyncio
import math
from collections.abc import Sequence

import pytest

from sse_cli.core.items import Anomaly, Closed, Fault, Opened, Reading
from sse_cli.core.pipeline import Plan
from sse_cli.core.reconnect import Policy
from sse_cli.core.resume import Resume
from sse_cli.core.summary import Summary
from sse_cli.deadlines import Limits
from sse_cli.reconnecting import Reconnecting
from sse_cli.sources.source import Cut, Futile, Unreachable
from tests.sources.in_memory import FOR_EVER, MemorySink, MemorySource, Run, Step

ONE = b"id: 1\ndata: one\n\n"
TWO = b"id: 2\ndata: two\n\n"
CUT = Cut("the connection broke")
GONE = Unreachable("nobody there")
DONE = (
    b'data: {"object":"chat.completion.chunk","choices":[{"index":0,"delta":{"content":"a"}}]}\n\n'
    b"data: [DONE]\n\n"
)


class Connections:
    """Gives its sources one by one, and keeps the ids that it was asked with."""

    def __init__(self, *sources: MemorySource) -> None:
        self.first, *rest = sources
        self.all = sources
        self._rest = iter(rest)
        self.ids: list[str] = []
        self.asked: list[Resume] = []

    def again(self, resume: Resume) -> MemorySource:
        self.ids.append(resume.last_event_id)
        self.asked.append(resume)
        return next(self._rest)


def body(*steps: Step) -> MemorySource:
    return MemorySource(steps)


def unreachable() -> MemorySource:
    return MemorySource(opening=[GONE])


def status(number: int, *steps: Step, **headers: str) -> MemorySource:
    return WithHead(number, steps, tuple((name.replace("_", "-"), text) for name, text in headers.items()))


class WithHead(MemorySource):
    def __init__(self, number: int, steps: Sequence[Step], headers: tuple[tuple[str, str], ...]) -> None:
        super().__init__(steps, status=number)
        self._headers = headers

    async def open(self) -> Opened | None:
        opened = await super().open()
        assert opened is not None
        return Opened(opened.status, self._headers or opened.headers, "HTTP/1.1", self.name, opened.at)


def reconnect(
    *sources: MemorySource,
    policy: Policy | None = None,
    limits: Limits | None = None,
    plan: Plan | None = None,
    **options: object,
) -> tuple[Run, Connections]:
    connections = Connections(*sources)
    reconnecting = Reconnecting(policy or Policy(), connections.again, lambda: 0.0, lambda: 784_111_777.0)
    run = Run(
        connections.first,
        limits=limits,
        plan=plan,
        reconnecting=reconnecting,
        **options,  # type: ignore[arg-type]
    )
    assert all(source.closed for source in sources[: len(connections.ids) + 1])
    return run, connections


def data(run: Run) -> list[str]:
    return [reading.event.data for reading in run.sink.of(Reading)]


@pytest.mark.parametrize(
    ("first", "waits"),
    [
        (body(ONE), 1),
        (body(ONE, CUT), 1),
        (body(ONE, b"retry: 5000\n\n", CUT), 5),
        (body(ONE, b"data: tw", CUT), 1),
    ],
    ids=["the end", "a cut", "retry", "inside an event"],
)
def test_the_next_connection_goes_on_after_the_last_id(first: MemorySource, waits: float) -> None:
    run, connections = reconnect(first, body(TWO), status(204))
    assert connections.ids == ["1", "2"]
    assert data(run) == ["one", "two"]
    assert [reading.event.number for reading in run.sink.of(Reading)] == [1, 2]
    assert [fault.retry_in for fault in run.sink.of(Fault)] == [waits, waits if waits == 5 else 1]
    assert run.verdict == ("complete", 0)
    assert "204" in run.reason
    summary: Summary = run.outcome.summary
    assert summary.figures.reconnects == 2
    assert [(each.last_event_id, each.events, each.status) for each in summary.attempts] == [
        ("", 1, 200),
        ("1", 1, 200),
        ("2", 0, 204),
    ]
    assert [each.waited for each in summary.attempts] == [0, waits, waits if waits == 5 else 1]


def test_what_was_held_of_an_event_is_dropped_and_told() -> None:
    run, _ = reconnect(
        body(b"\xef\xbb\xbfdata: a\n\ndata: tw", CUT), body(b"\xef\xbb\xbfdata: b\n\n"), status(204)
    )
    assert data(run) == ["a", "b"]
    assert [anomaly.kind for anomaly in run.sink.of(Anomaly)] == ["cut-event"]
    assert run.verdict == ("complete", 0)


def test_an_id_that_was_emptied_is_not_sent() -> None:
    _, connections = reconnect(body(ONE, b"id\ndata: x\n\n"), status(204))
    assert connections.ids == [""]


def test_the_user_s_own_id_goes_on() -> None:
    run, connections = reconnect(body(b"data: x\n\n"), status(204), plan=Plan(last_event_id="é7"))
    assert connections.ids == ["é7"]
    assert run.outcome.summary.attempts[0].last_event_id == "é7"


ENDS: dict[str, tuple[list[MemorySource], tuple[str, int], float]] = {
    "retries used up": ([body(ONE, CUT), *[body(CUT) for _ in range(5)]], ("truncated", 6), 31),
    "unreachable for good": ([unreachable() for _ in range(6)], ("unreachable", 3), 31),
    "unreachable, futile": ([body(ONE, CUT), MemorySource(opening=[Futile("")])], ("unreachable", 3), 1),
    "unreachable later": ([body(ONE, CUT), *[unreachable() for _ in range(5)]], ("unreachable", 3), 31),
    "nothing, six times": ([body() for _ in range(6)], ("empty", 8), 31),
    "204 at once": ([status(204)], ("empty", 8), 0),
    "204 later": ([body(ONE), status(204)], ("complete", 0), 1),
    "404": ([status(404, b"no")], ("refused", 4), 0),
    "404 later": ([body(ONE), status(404, b"no")], ("refused", 4), 1),
    "201": ([status(201, ONE)], ("refused", 4), 0),
    "500 later": ([body(ONE, CUT), status(500)], ("refused", 4), 1),
    "503, then well": ([status(503, b"{}"), body(ONE), status(204)], ("complete", 0), 2),
    "429 with an error": (
        [status(429, b'{"error": {"message": "slow"}}', Retry_After="7"), body(ONE), status(204)],
        ("complete", 0),
        8,
    ),
    "503 until a date": (
        [status(503, Retry_After="Sun, 06 Nov 1994 08:50:37 GMT"), body(ONE), status(204)],
        ("complete", 0),
        61,
    ),
    "another type": ([status(200, b'{"a": 1}', Content_Type="application/json")], ("not-a-stream", 4), 0),
    "another type later": (
        [body(ONE), status(200, b"<p>", Content_Type="text/html")],
        ("not-a-stream", 4),
        1,
    ),
    "a type in capitals": (
        [status(200, ONE, Content_Type="Text/Event-Stream; charset=UTF-8"), status(204)],
        ("complete", 0),
        1,
    ),
    "the end marker": ([body(DONE)], ("complete", 0), 0),
    "the end marker, then a cut": ([body(DONE, CUT)], ("complete", 0), 0),
    "the end marker after a cut": ([body(ONE, CUT), body(DONE)], ("complete", 0), 1),
}  # fmt: skip


@pytest.mark.parametrize("name", ENDS)
def test_how_it_ends(name: str) -> None:
    sources, verdict, seconds = ENDS[name]
    run, connections = reconnect(*sources)
    assert (run.verdict, run.took) == (verdict, seconds)
    assert len(connections.ids) == len(sources) - 1, "every source was asked"
    assert len(run.outcome.summary.attempts) == len(sources)
    assert (run.outcome.error is None) is (verdict[1] in (0, 8))


def test_a_long_life_forgives_failures() -> None:
    lives = [body(ONE, 61, CUT) for _ in range(9)]
    run, _ = reconnect(*lives, status(204), policy=Policy(retries=1))
    assert [fault.retry_in for fault in run.sink.of(Fault)] == [1] * 9
    assert run.verdict == ("complete", 0)


LIMITS: dict[str, tuple[Limits, list[MemorySource], tuple[str, int], float]] = {
    "total, while it waits": (Limits(total=3), [body(ONE), body(ONE, 1), body(ONE)], ("timeout", 5), 3),
    "total, over connections": (Limits(total=3.5), [body(ONE, 1), body(ONE, 9)], ("timeout", 5), 3.5),
    "first, each": (Limits(first=3), [body(2, ONE), body(2, ONE), status(204)], ("complete", 0), 6),
    "first, passed": (Limits(first=3), [body(FOR_EVER), body(ONE), status(204)], ("complete", 0), 5),
    "idle, each": (Limits(idle=3), [body(ONE, 2), body(2, ONE, 2), status(204)], ("complete", 0), 8),
    "idle, passed": (Limits(idle=3), [body(ONE, FOR_EVER), body(TWO), status(204)], ("complete", 0), 5),
    "idle, a byte at a time": (
        Limits(idle=3),
        [
            body(ONE, *(step for byte in b"data: more" for step in (1, bytes((byte,))))),
            body(TWO),
            status(204),
        ],
        ("complete", 0),
        5,
    ),
    "idle, for good": (
        Limits(idle=3),
        [body(ONE, FOR_EVER), *[body(FOR_EVER) for _ in range(5)]],
        ("timeout", 5),
        49,
    ),
    "connect, passed": (
        Limits(connect=3),
        [MemorySource(opening=[FOR_EVER]), body(ONE), status(204)],
        ("complete", 0),
        5,
    ),
}


@pytest.mark.parametrize("name", LIMITS)
def test_limits_hold_for_each_connection_and_the_total_for_all(name: str) -> None:
    limits, sources, verdict, seconds = LIMITS[name]
    run, _ = reconnect(*sources, limits=limits)
    assert (run.verdict, run.took) == (verdict, seconds)
    assert run.task.cancelling() == 0


@pytest.mark.parametrize("what", ["interrupted", "stopped"])
def test_waiting_is_broken_off_at_once(what: str) -> None:
    def meanwhile(run: Run) -> None:
        run.loop.call_later(10, run.task.cancel if what == "interrupted" else run.session.reader_gone)

    run, _ = reconnect(body(ONE, CUT), body(TWO), policy=Policy(delay=99.0), meanwhile=meanwhile)
    assert (run.verdict[0], run.took) == (what, 10)
    assert run.outcome.error is None
    summary = run.outcome.summary
    assert (summary.figures.reconnects, summary.status, len(summary.attempts)) == (0, 200, 1)
    assert data(run) == ["one"]


def test_the_statuses_that_are_asked_again_are_the_policy_s() -> None:
    policy = Policy(statuses=frozenset((500,)))
    run, _ = reconnect(status(500, Retry_After="7"), body(ONE), status(500), status(503), policy=policy)
    assert (run.verdict, run.took) == (("refused", 4), 9)
    assert "503" in run.reason


AN_END = "the server ended the response"
RESTARTED: dict[str, tuple[list[MemorySource], float, list[str], float]] = {
    "while it reads": ([body(ONE, FOR_EVER), body(TWO), status(204)], 3, [AN_END], 12),
    "while it connects": ([MemorySource(opening=[FOR_EVER]), body(ONE), status(204)], 3, [AN_END], 12),
    "while it waits": ([body(ONE, 9, CUT), body(TWO), status(204)], 12, [CUT.message, AN_END], 21),
    "while reasons come": ([status(404, b"x", 30), body(ONE), status(204)], 3, [AN_END], 12),
    "after a failure": (
        [body(CUT), body(FOR_EVER), body(CUT), body(ONE), status(204)],
        12,
        [CUT.message] * 2 + [AN_END],
        39,
    ),
}


@pytest.mark.parametrize("name", RESTARTED)
def test_a_restart_asks_again_at_once(name: str) -> None:
    sources, at, faults, seconds = RESTARTED[name]
    run, connections = reconnect(
        *sources,
        policy=Policy(delay=9.0),
        meanwhile=lambda run: run.loop.call_later(at, run.session.restart),
    )
    assert len(connections.ids) == len(sources) - 1
    assert [fault.error for fault in run.sink.of(Fault)] == faults
    assert (run.verdict, run.took, run.outcome.error) == (("complete", 0), seconds, None)
    assert run.task.cancelling() == 0


def test_what_is_wanted_is_counted_over_all_connections() -> None:
    run, _ = reconnect(body(ONE), body(TWO), plan=Plan(max_events=2))
    assert run.verdict == ("stopped", 0)
    assert data(run) == ["one", "two"]


def test_duplicates_and_jumps_are_told_of_each_connection() -> None:
    first = body(ONE, TWO, b"id: 3\ndata: three\n\n", CUT)
    run, _ = reconnect(first, body(b"id: 3\ndata: three\n\nid: 6\ndata: six\n\n"), status(204))
    attempts = run.outcome.summary.attempts
    # 3 again, which interrupts no sequence, and then 4 and 5 are missing.
    assert [(each.duplicates, each.jumps) for each in attempts] == [(0, 0), (1, 1), (0, 0)]
    assert run.outcome.summary.as_dict()["attempts"][1]["why"] == "the connection broke"


def test_times_go_on_from_the_first_request() -> None:
    run, _ = reconnect(unreachable(), body(2, ONE), body(4, TWO), status(204))
    figures, attempts = run.outcome.summary.figures, run.outcome.summary.attempts
    assert (figures.headers, figures.first_event, figures.end) == (1, 3, 9)
    assert [each.at for each in attempts] == [0, 1, 4, 9]
    assert [each.took for each in attempts] == [0, 2, 4, 0]


def test_without_it_there_is_one_connection_and_one_attempt() -> None:
    run = Run(body(1, ONE, CUT))
    assert run.verdict == ("truncated", 6)
    assert [(each.at, each.took, each.events) for each in run.outcome.summary.attempts] == [(0, 1, 1)]
    assert run.sink.of(Fault) == []


@pytest.mark.parametrize(("error", "detail"), [(None, ""), (CUT, "the connection broke")])
def test_without_it_an_end_is_told_as_ever(error: Exception | None, detail: str) -> None:
    run = Run(MemorySource([error] if error else [], status=204))
    assert run.sink.of(Closed)[0].detail == detail


def test_a_thousand_connections_leave_no_task_behind() -> None:
    left: list[int] = []

    def on_show(items: Sequence[object]) -> None:
        if any(isinstance(item, Fault) for item in items):
            left.append(len(asyncio.all_tasks()))

    connections = Connections(*(body(b"retry: 0\ndata: x\n\n") for _ in range(1000)), status(204))
    reconnecting = Reconnecting(Policy(), connections.again, lambda: 1.0)
    run = Run(connections.first, MemorySink(on_show), reconnecting=reconnecting)
    assert (run.verdict, run.outcome.summary.figures.events) == (("complete", 0), 1000)
    assert (len(left), set(left), run.took) == (1000, {1}, 0)
    assert all(source.closed for source in connections.all)
    assert math.isfinite(run.outcome.summary.attempts[-1].at)
