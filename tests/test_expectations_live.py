"""Expectations in a session, in virtual time: told as soon as they are decided, and the same at the end."""

import asyncio
from collections.abc import Sequence

from sse_cli.core.expectations.facts import Facts, facts_of, facts_so_far
from sse_cli.core.expectations.judge import Decision, Judge, Judgement, compile_expectation
from sse_cli.core.items import Item, Opened, Reading
from tests.core.expectations.play import delta, event
from tests.sources.in_memory import FOR_EVER, MemorySink, MemorySource, Run


class Checked:
    """A run that is ended as soon as every expectation is decided. `decided` has the times of that."""

    def __init__(self, source: MemorySource, *texts: str) -> None:
        self._judge = Judge(map(compile_expectation, texts))
        self._timer: asyncio.TimerHandle | None = None
        self._head: Opened | None = None
        self.decided: dict[str, float] = {}
        self._texts = texts
        self._run: Run | None = None
        run = Run(source, MemorySink(self._show), meanwhile=self._begin)
        self.took = run.took
        said = run.outcome.summary.as_dict()
        start = run.session._pipeline.meter.start
        self.judgements: Sequence[Judgement] = self._judge.close(facts_of(said, self._head, start))
        self.summary = run.outcome.summary

    def _begin(self, run: Run) -> None:
        self._run = run

    def _show(self, items: Sequence[Item]) -> None:
        for item in items:
            if isinstance(item, Opened):
                self._head = item
            elif isinstance(item, Reading):
                self._judge.note(item)
        self._look()

    def _look(self) -> None:
        assert self._run is not None
        now = self._run.loop.time()
        facts: Facts = facts_so_far(self._run.session._pipeline, self._head, now, self._run.source.start)
        self._judge.look(facts)
        for text, decision in zip(self._texts, self._judge.decisions, strict=True):
            if decision is not Decision.OPEN:
                self.decided.setdefault(text, round(now - (facts.start or now), 2))
        if len(self.decided) == len(self._texts):
            self._run.session.reader_gone()
        if self._timer is not None:
            self._timer.cancel()
        if (moment := self._judge.moment) is not None:
            self._timer = self._run.loop.call_at(moment, self._look)

    @property
    def holds(self) -> list[bool]:
        return [judgement.holds for judgement in self.judgements]


def test_an_endless_stream_is_left_once_all_is_decided() -> None:
    source = MemorySource([0.5, delta(content="a"), 0.5, delta(content="b"), FOR_EVER], opening=[0.25])
    checked = Checked(source, "first_content < 1s", "text contains ab", "status == 200")
    assert checked.holds == [True, True, True]
    assert checked.decided == {"status == 200": 0.25, "first_content < 1s": 0.75, "text contains ab": 1.25}
    assert checked.took == 1.25
    assert checked.summary.verdict.name == "stopped"


def test_a_silent_stream_is_left_when_its_time_is_up() -> None:
    checked = Checked(MemorySource([FOR_EVER], opening=[0.25]), "first_content < 500ms")
    assert checked.holds == [False]
    assert checked.decided == {"first_content < 500ms": 0.5}
    assert checked.took == 0.5
    assert checked.judgements[0].findings[0].seen == "not measured after 500 ms"


def test_what_only_the_end_tells_waits_for_it() -> None:
    source = MemorySource([0.5, event("a", "x"), 0.5, event("b", "y")])
    checked = Checked(source, "last event == y", "verdict == complete", "events == 2")
    assert checked.holds == [True, True, True]
    assert checked.decided == {}
    assert checked.took == 1.0
