"""Whatever a summary shows can be asserted, under its own name, and nothing else."""

from collections.abc import Iterator
from typing import Any

import pytest

from sse_cli.core.attempts import Attempt
from sse_cli.core.conditions import FIELDS, OPERATORS
from sse_cli.core.expectations.facts import facts_of, facts_so_far
from sse_cli.core.expectations.vocabulary import (
    FUNCTIONS,
    HEADER,
    RATES,
    TEXTS,
    Figure,
    figures,
    find_figure,
    vocabulary,
)
from sse_cli.core.items import Opened
from sse_cli.core.literals import Misread
from sse_cli.core.meter import Figures
from sse_cli.core.metrics import VLLM
from sse_cli.core.pipeline import Plan
from sse_cli.core.summary import Summary
from sse_cli.core.units import FLAG, GROUP, JSON, TEXT, WORD, Course, Unit
from tests.core.expectations.play import ANSWER, END, HEAD, START, Play, event

FULL = Play(ANSWER)
FAILED = Play([(0.25, event({"error": {"message": "overloaded", "code": 529}}, "error"))])
RATED = Play(
    [
        (0.25, event({"text": "Hi"}, "content")),
        (0.5, event({"text": "!"}, "content") + event({"tps": 40.5}, "tps")),
    ],
    plan=Plan(dialect="chat-service", metrics=VLLM),
)
RUNS = (FULL, FAILED, RATED)
"""Runs that have among them all that can be measured."""


def names(said: dict[str, Any], before: str = "") -> Iterator[str]:
    """Give the dotted names of all that is said, but for what stands in JSON of others' making."""
    for name, value in said.items():
        dotted = before + name
        yield dotted
        if isinstance(value, dict) and figures()[dotted].unit is not JSON:
            yield from names(value, f"{dotted}.")


def test_every_name_of_a_summary_is_a_word_and_every_word_is_a_name_of_a_summary() -> None:
    said = {name for run in RUNS for name in names(run.summary.as_dict())}
    assert said == set(figures()) - set(TEXTS)


@pytest.mark.parametrize("figure", figures().values(), ids=lambda figure: figure.name)
def test_every_figure_has_a_unit_that_fits_what_is_said_of_it(figure: Figure) -> None:
    values = [value for run in RUNS for value in figure.values(run.facts.said)]
    assert values or figure.name in TEXTS
    kinds: dict[Unit, type | tuple[type, ...]] = {
        FLAG: bool,
        TEXT: str,
        WORD: str,
        GROUP: dict,
        JSON: (dict, list),
    }
    for value in values:
        assert isinstance(value, kinds.get(figure.unit, int | float)), figure.unit.name
        assert figure.unit.show(value)
    assert figure.told.doc
    assert set(figure.unit.operators) <= set(OPERATORS)


def test_the_words_of_few_are_told_with_all_of_them() -> None:
    for figure in figures().values():
        assert bool(figure.told.choices) == (figure.unit is WORD), figure.name
    assert "complete" in figures()["verdict"].told.choices
    assert "vllm" in figures()["metrics"].told.choices


def test_what_is_known_while_a_run_goes_on_is_what_does_not_come_late() -> None:
    known = {name for run in RUNS for name in names(known_of(run))}
    early = {name for name, it in figures().items() if it.told.course is not Course.LATE}
    assert known == early - set(TEXTS)


@pytest.mark.parametrize("run", RUNS)
def test_what_is_known_at_the_end_is_what_the_summary_says(run: Play) -> None:
    known, said = known_of(run), run.facts.said
    for figure in figures().values():
        if figure.told.course is not Course.LATE and figure.unit is not GROUP:
            assert figure.values(known) == figure.values(said), figure.name


def known_of(run: Play) -> dict[str, Any]:
    """Return what is known of a run right before it is over."""
    said = dict(facts_so_far(run.pipeline, HEAD, START + END).said)
    assert said.pop(HEADER)
    return said


def test_headers_are_found_by_their_names_in_any_case() -> None:
    figure = find_figure("header.X-Twice")
    assert figure is not None
    head = Opened(200, (("X-Twice", "a"), ("x-twice", "b")), "HTTP/1.1", "u", 0.0)
    assert figure.values(facts_of({}, head).said) == ["a, b"]
    assert figure.values(facts_of({}, None).said) == []
    assert find_figure("header.") is None


def test_a_path_goes_on_into_json() -> None:
    said = {"tool_calls": [{"name": "a", "id": None}, {"name": "b", "id": "x"}], "usage": {"raw": {"n": 1}}}
    for name, values in {
        "tool_calls[0].name": ["a"],
        "tool_calls[*].name": ["a", "b"],
        "tool_calls[*].id": ["x"],  # a null is not there
        "tool_calls[?(@.name == 'b')].id": ["x"],
        "tool_calls.`len`": [2],
        "usage.raw.n": [1],
        "usage.raw['n']": [1],
        "usage.raw.m": [],
    }.items():
        figure = find_figure(name)
        assert figure is not None, name
        assert figure.values(said) == values, name
        assert figure.values({}) == []
    assert find_figure("usage.input.x") is None
    assert find_figure("tool_callsx") is None
    with pytest.raises(Misread) as caught:
        find_figure("tool_calls[")
    assert caught.value.position == len("tool_calls[")


def test_the_vocabulary_lists_all_words_with_units() -> None:
    listed = vocabulary()
    assert {entry.name for entry in listed["a run"]} == {*figures(), "header.NAME"}
    assert {entry.name for entry in listed["an event"]} == {*FIELDS, "$.PATH"}
    of_runs = {*(f"{name}(FIGURE)" for name in FUNCTIONS), *RATES}
    assert {entry.name for entry in listed["several runs"]} == of_runs
    for entry in (entry for entries in listed.values() for entry in entries):
        assert entry.unit, entry.name
        assert entry.doc, entry.name
    by_name = {entry.name: entry for entry in listed["a run"]}
    assert by_name["gap.p99"].unit == "seconds"
    assert by_name["gap.n"].unit == "count"
    assert by_name["bytes"].unit == "bytes"
    assert by_name["gap.p99"].doc == "times between pieces of text: 99th percentile"


def test_the_figures_of_a_summary_are_in_its_order() -> None:
    assert list(Figures.__struct_fields__) == list(FULL.summary.as_dict())[-len(Figures.__struct_fields__) :]
    assert isinstance(FULL.summary, Summary)
    assert isinstance(FULL.summary.attempts[0], Attempt)
