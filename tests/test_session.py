"""The loop and its time limits, over a source in memory and in virtual time: every second here is exact."""

import asyncio
import itertools

import pytest

from sse_cli.core.items import Anomaly, Closed, Opened, Reading
from sse_cli.core.pipeline import Plan
from sse_cli.deadlines import DONE_GRACE, REFUSED_GRACE, Limits
from sse_cli.errors import SseError
from sse_cli.sinks.outlet import OutputFailed, ReaderGone
from sse_cli.sources.source import Cut, Unreachable
from tests.sources.in_memory import FOR_EVER, MemorySink, MemorySource, Run, Step

ONE = b"data: one\n\n"
PING = b": ping\n\n"
PING_EVENT = b"event: ping\ndata: {}\n\n"
SAY = b'data: {"object":"chat.completion.chunk","choices":[{"index":0,"delta":{"content":"a"}}]}\n\n'
DONE = SAY + b"data: [DONE]\n\n"
NO_ROOM = OSError(28, "No space left on device")


def fail(error: Exception, times: int = 1):
    """Return what raises an error at the first calls, and does nothing at later ones."""
    left = iter([error] * times)

    def call(_: object) -> None:
        if (raised := next(left, None)) is not None:
            raise raised

    return call


@pytest.mark.parametrize("at_once", [False, True])
def test_a_run_shows_everything_in_order_closes_and_judges(at_once: bool) -> None:
    run = Run(MemorySource([ONE, 2, b"data: two\n\n"], at_once=at_once))
    assert (run.verdict, run.took) == (("complete", 0), 2)
    assert [type(item).__name__ for item in run.sink.items] == [
        "Opened", "Chunk", "Reading", "Chunk", "Reading", "Closed",
    ]  # fmt: skip
    assert [reading.event.data for reading in run.sink.of(Reading)] == ["one", "two"]
    assert run.sink.summaries == [run.outcome.summary]
    assert run.source.closed >= 1
    assert run.outcome.error is None


LIMITS: dict[str, tuple[Limits, list[Step], list[Step], str, float]] = {
    "connect": (Limits(connect=3), [FOR_EVER], [], "connect timeout: no connection after 3 s", 3),
    "first, head": (Limits(first=3), [FOR_EVER], [], "first event timeout: no event after 3 s", 3),
    "first, body": (Limits(first=3), [2], [FOR_EVER], "first event timeout: no event after 3 s", 3),
    "first, pings": (Limits(first=3), [], [PING, 2] * 9, "first event timeout: no event after 3 s", 3),
    "idle": (Limits(idle=3), [2], [FOR_EVER], "idle timeout: no event for 3 s", 5),
    "idle, event": (Limits(idle=3), [], [2, ONE, FOR_EVER], "idle timeout: no event for 3 s", 5),
    "idle, pings": (
        Limits(idle=3),
        [],
        [ONE, 1, PING, 1, PING, 1, PING, 1],
        "idle timeout: no event for 3 s",
        3,
    ),
    "first, ping events": (
        Limits(first=3), [], [PING_EVENT, 2] * 9, "first event timeout: no event after 3 s", 3,
    ),
    "idle, ping events": (
        Limits(idle=3), [], [ONE, 1, PING_EVENT, 1, b"event: heartbeat\ndata: 1\n\n", 9],
        "idle timeout: no event for 3 s", 3,
    ),
    "idle, bytes, silence": (
        Limits(idle=3, idle_bytes=True), [2], [1, PING, 2, PING_EVENT, 2, b"dat", FOR_EVER],
        "idle timeout: no byte for 3 s", 10,
    ),
    "idle, bytes, none": (
        Limits(idle=3, idle_bytes=True), [2], [FOR_EVER], "idle timeout: no byte for 3 s", 5,
    ),
    "idle, no data": (Limits(idle=3), [], [ONE, 1, b"id: 7\n\n", 9], "idle timeout: no event for 3 s", 3),
    "total": (Limits(total=3), [], [ONE, 1] * 9, "total timeout: the stream was not over after 3 s", 3),
    "total, head": (Limits(total=3), [FOR_EVER], [], "total timeout: the stream was not over after 3 s", 3),
    "the soonest": (Limits(first=9, idle=4, total=8), [], [9], "idle timeout: no event for 4 s", 4),
}  # fmt: skip


@pytest.mark.parametrize("name", LIMITS)
def test_each_limit_names_itself_and_is_exact(name: str) -> None:
    limits, opening, body, told, seconds = LIMITS[name]
    run = Run(MemorySource(body, opening=opening), limits=limits)
    assert (run.verdict, run.reason, run.took) == (("timeout", 5), told, seconds)
    assert run.outcome.error is not None
    assert run.outcome.error.message == told
    assert "The limit is --" in run.outcome.error.hint
    assert run.source.closed >= 1
    assert run.sink.of(Closed)[-1].reason == "timeout"
    assert run.task.cancelling() == 0, "whoever has the task may go on with it"


@pytest.mark.parametrize(
    ("limits", "opening", "body", "seconds"),
    [
        (Limits(connect=3), [2], [9, ONE], 11),
        (Limits(first=3), [], [2, ONE, 9, ONE], 11),
        (Limits(idle=3), [9], [*[ONE, 2] * 9], 27),
        (Limits(idle=3, idle_bytes=True), [9], [ONE, *[PING, 2] * 9, *[b"d", 2] * 9], 45),
        (Limits(total=30), [9], [9, ONE], 18),
    ],
    ids=["connect", "first", "idle", "idle bytes", "total"],
)
def test_a_limit_that_is_kept_ends_nothing(
    limits: Limits, opening: list[Step], body: list[Step], seconds: float
) -> None:
    run = Run(MemorySource(body, opening=opening), limits=limits)
    assert (run.verdict, run.took) == (("complete", 0), seconds)


class Redirected(MemorySource):
    """Connects at once and, after ten seconds, to somewhere else, which does not answer."""

    async def open(self) -> Opened | None:
        await self._take(0)
        self.connecting_since = None
        await self._take(10)
        self.connecting_since = self.start = 1010.0
        await self._take(FOR_EVER)
        return None


def test_the_limit_to_connect_holds_for_each_connection() -> None:
    run = Run(Redirected(), limits=Limits(connect=3))
    assert (run.verdict, run.took) == (("timeout", 5), 13)


def test_a_source_without_a_head_may_be_idle_no_longer() -> None:
    run = Run(MemorySource([FOR_EVER], status=None), limits=Limits(idle=3))
    assert (run.verdict, run.took) == (("timeout", 5), 3)
    run = Run(MemorySource([1, ONE, FOR_EVER], status=None), limits=Limits(idle=3))
    assert (run.verdict, run.took) == (("timeout", 5), 4)


def test_after_the_end_marker_the_server_has_a_grace() -> None:
    run = Run(MemorySource([DONE, FOR_EVER]))
    assert (run.verdict, run.took) == (("complete", 0), DONE_GRACE)
    run = Run(MemorySource([DONE, DONE_GRACE / 2]))
    assert (run.verdict, run.took) == (("complete", 0), DONE_GRACE / 2)


def test_nothing_that_follows_the_end_marker_prolongs_the_grace() -> None:
    step = DONE_GRACE / 4
    run = Run(MemorySource([DONE, *[step, PING_EVENT] * 20]))
    assert (run.verdict, run.took) == (("complete", 0), DONE_GRACE)


def test_the_grace_is_over_although_the_bytes_never_pause() -> None:
    def take_a_second(_: object) -> None:
        asyncio.get_running_loop().selector.now += 1

    body = itertools.chain([SAY, DONE], itertools.repeat(PING, 99))
    run = Run(MemorySource(body), MemorySink(on_show=take_a_second))
    assert run.verdict == ("complete", 0)
    assert run.took < 10


@pytest.mark.parametrize("error", [Cut("it broke"), None], ids=["cut", "whole"])
def test_an_event_that_is_cut_is_still_told(error: Cut | None) -> None:
    run = Run(MemorySource([ONE + b"data: tw", *([error] if error else [])]))
    assert run.verdict == ("truncated", 6)
    assert run.outcome.error is error
    assert [(anomaly.kind, anomaly.detail) for anomaly in run.sink.of(Anomaly)] == [("cut-event", "data: tw")]
    assert type(run.sink.items[-1]) is Closed


def test_a_limit_tells_what_had_come_of_an_event() -> None:
    run = Run(MemorySource([ONE + b"data: tw", FOR_EVER]), limits=Limits(idle=3))
    assert [anomaly.detail for anomaly in run.sink.of(Anomaly)] == ["data: tw"]


def test_a_connection_that_breaks_after_the_end_marker_is_complete() -> None:
    run = Run(MemorySource([DONE, Cut("it broke")]))
    assert (run.verdict, run.outcome.error) == (("complete", 0), None)


def test_what_cannot_be_opened_is_unreachable() -> None:
    run = Run(MemorySource(opening=[Unreachable("no way", "try another")]))
    assert (run.verdict, run.reason) == (("unreachable", 3), "no way")
    assert run.source.closed >= 1
    assert [type(item) for item in run.sink.items] == [Closed]


def test_an_event_that_is_too_large_ends_the_run() -> None:
    run = Run(MemorySource([ONE, b"data: " + b"x" * 99, FOR_EVER]), plan=Plan(max_event_bytes=50))
    assert run.verdict == ("truncated", 6)
    assert len(run.sink.of(Reading)) == 1
    assert run.outcome.error is not None


def test_a_refusal_is_read_as_far_as_it_comes() -> None:
    run = Run(MemorySource([b"over", 1, b"loaded"], status=503))
    assert (run.verdict, run.reason, run.took) == (
        ("refused", 4),
        "the server answered 503 Service Unavailable",
        1,
    )
    assert run.outcome.error is not None
    assert run.outcome.error.message == "refused: the server answered 503 Service Unavailable\noverloaded"


@pytest.mark.parametrize(
    ("limits", "seconds"), [(Limits(), REFUSED_GRACE), (Limits(total=2), 2), (Limits(idle=3), 3)]
)
def test_a_refusal_whose_body_never_ends_is_one_all_the_same(limits: Limits, seconds: float) -> None:
    run = Run(MemorySource([b"overloaded", FOR_EVER], status=503), limits=limits)
    assert (run.verdict, run.took) == (("refused", 4), seconds)
    assert "overloaded" in str(run.outcome.error)


def test_a_refusal_whose_body_breaks_is_one_all_the_same() -> None:
    run = Run(MemorySource([b"overloaded", Cut("it broke")], status=599))
    assert (run.verdict, run.reason) == (("refused", 4), "the server answered 599")
    assert "overloaded" in str(run.outcome.error)


def test_a_reader_that_has_gone_stops_the_run() -> None:
    first, second = MemorySink(on_show=fail(ReaderGone(), 9)), MemorySink()
    run = Run(MemorySource([ONE, FOR_EVER]), first, second)
    assert (run.verdict, run.outcome.error) == (("stopped", 0), None)
    assert run.reason == "the reader of the output closed it"
    assert len(first.summaries) == len(second.summaries) == 1
    assert run.source.closed >= 1


def test_a_reader_that_goes_while_nothing_comes_stops_the_run() -> None:
    run = Run(
        MemorySource([ONE, FOR_EVER]), meanwhile=lambda run: run.loop.call_later(3, run.session.reader_gone)
    )
    assert (run.verdict, run.took) == (("stopped", 0), 3)


def test_a_reader_that_goes_at_the_end_stops_the_run() -> None:
    def show(items) -> None:
        if items and type(items[-1]) is Closed:
            raise ReaderGone

    assert Run(MemorySource([ONE]), MemorySink(on_show=show)).verdict == ("stopped", 0)


def test_output_that_fails_ends_the_run_and_is_told_once() -> None:
    error = OutputFailed("standard output", NO_ROOM)
    run = Run(MemorySource([ONE, FOR_EVER]), MemorySink(on_show=fail(error, 9)), MemorySink())
    assert (run.outcome.exit_code, run.outcome.error) == (9, error)
    assert len(run.sinks[1].summaries) == 1
    assert run.source.closed >= 1


class Closing(MemorySink):
    def close(self, summary) -> None:
        raise self.error

    error: Exception = ReaderGone()


@pytest.mark.parametrize(("error", "code"), [(ReaderGone(), 0), (OutputFailed("it", NO_ROOM), 9)])
def test_a_sink_that_cannot_be_closed_keeps_none_from_it(error: Exception, code: int) -> None:
    first, second = Closing(), MemorySink()
    first.error = error
    run = Run(MemorySource([ONE]), first, second)
    assert run.outcome.exit_code == code
    assert len(second.summaries) == 1


def test_a_sink_that_redraws_does_so_on_time_and_no_longer_than_the_run() -> None:
    ticks: list[float] = []
    run = Run(MemorySource([ONE, 1]), MemorySink(on_tick=ticks.append, interval=0.25))
    assert [round(tick - 1000, 6) for tick in ticks] == [0, 0.25, 0.5, 0.75, 1.0][: len(ticks)]
    assert len(ticks) in {4, 5}, "whether the last comes before the end is all the same"
    assert run.took == 1


@pytest.mark.parametrize(("error", "code"), [(ReaderGone(), 0), (OutputFailed("it", NO_ROOM), 9)])
def test_a_redraw_that_fails_ends_the_run(error: Exception, code: int) -> None:
    run = Run(MemorySource([ONE, FOR_EVER]), MemorySink(on_tick=fail(error), interval=0.1))
    assert run.outcome.exit_code == code
    assert run.outcome.summary.verdict.name == ("unwritten" if code else "stopped")


@pytest.mark.parametrize(("opening", "body"), [([FOR_EVER], []), ([], [ONE + b"data: tw", FOR_EVER])])
def test_an_interrupted_run_is_judged(opening: list[Step], body: list[Step]) -> None:
    run = Run(
        MemorySource(body, opening=opening),
        limits=Limits(connect=None),
        meanwhile=lambda run: run.loop.call_later(7, run.task.cancel),
    )
    assert (run.verdict, run.took) == (("interrupted", 130), 7)
    assert [anomaly.kind for anomaly in run.sink.of(Anomaly)] == (["cut-event"] if body else [])
    assert run.sink.of(Closed)[-1].reason == "interrupted"
    assert len(run.sink.summaries) == 1
    assert run.source.closed >= 1


def test_a_limit_of_the_plan_stops_the_run_within_a_chunk() -> None:
    run = Run(MemorySource([ONE * 3, FOR_EVER]), plan=Plan(max_events=2))
    assert (run.verdict, run.reason) == (("stopped", 0), "2 events came (--max-events)")
    assert len(run.sink.of(Reading)) == 2


def test_only_a_bug_raises_and_the_source_is_closed_all_the_same() -> None:
    source = MemorySource([ONE])
    with pytest.raises(ZeroDivisionError):
        Run(source, MemorySink(on_show=fail(ZeroDivisionError())))
    assert source.closed >= 1


def test_an_error_of_another_kind_is_no_success() -> None:
    run = Run(MemorySource(opening=[SseError("odd")]))
    assert run.outcome.error is not None
    assert run.outcome.exit_code != 0
