"""Reports made at random, in which any text may come from the wire."""

from typing import Any

from hypothesis import strategies as st

from sse_cli.core.expectations.judge import Finding, Judgement
from sse_cli.core.results import CheckResult, Outcome, Report, Run
from tests.reports.sample import HOSTILE, STARTED, summary

_MARKS = ("::error::x", "##[error]x", "  ...", "not ok 1", "# SKIP", "|", "`" * 5, "~~~", "</failure>", "]]>")
_SIGNS = ("\n", "\r", "\r\n", "\x85", "\u2028", "\ufeff", "\ufffe", "\ud800", "\t", "日本", "")
_PIECES = st.sampled_from([*HOSTILE.split(" "), *_MARKS, *_SIGNS])
WIRE = st.text(max_size=60) | st.lists(_PIECES, max_size=12).map("".join) | st.lists(_PIECES).map("\n".join)
"""Text as a server may send it, or as a file may be named."""

_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | WIRE,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WIRE, inner, max_size=3),
    max_leaves=5,
)
_TEXTS = ("first_content < 500ms", 'last data == "#[DONE]"', "status == 200 and events > 3", "p95(end) < 1s")

_NUMBERS = st.none() | st.integers(1, 10**12)
_TIMES = st.floats(0, 1e9)


def _structs(kind: type, **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.fixed_dictionaries(fields).map(lambda known: kind(**known))


FINDINGS = _structs(
    Finding,
    claim=st.sampled_from(_TEXTS),
    holds=st.none() | st.booleans(),
    seen=WIRE,
    value=_VALUES,
    unit=st.sampled_from(["", "seconds", "text"]),
    margin=st.sampled_from(["", "at the limit", "312 ms above the limit, 62 %"]),
    event=_NUMBERS,
    at=st.none() | _TIMES,
)
JUDGEMENTS = _structs(
    Judgement,
    text=st.sampled_from(_TEXTS),
    claim=st.sampled_from(_TEXTS),
    holds=st.none() | st.booleans(),
    findings=st.lists(FINDINGS, max_size=3).map(tuple),
)
RUNS = _structs(
    Run,
    number=st.integers(1, 10**6),
    started=st.just(STARTED),
    seconds=_TIMES,
    outcome=st.sampled_from([Outcome.PASSED, Outcome.FAILED, Outcome.ERRORED]),
    exit_code=st.integers(0, 8),
    judgements=st.lists(JUDGEMENTS, max_size=3).map(tuple),
    summary=st.none() | st.just(summary(events=3)),
    error=WIRE,
    hint=WIRE,
    recording=WIRE,
    last_events=st.lists(WIRE, max_size=3).map(tuple),
    retried=st.booleans(),
)
CHECKS = _structs(
    CheckResult,
    name=WIRE,
    source=WIRE,
    runs=st.lists(RUNS, max_size=4).map(tuple),
    over_runs=st.lists(JUDGEMENTS, max_size=2).map(tuple),
    command=WIRE,
    file=WIRE,
    line=st.integers(0, 10**6),
    tags=st.lists(WIRE, max_size=2).map(tuple),
    reason=WIRE,
)
REPORTS = _structs(
    Report, checks=st.lists(CHECKS, max_size=3).map(tuple), started=st.just(STARTED), seconds=_TIMES
)
