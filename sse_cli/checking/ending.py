"""What a run came to that is over: whether it passed, failed or could not be judged, and what is told."""

from collections.abc import Sequence

from sse_cli.checking.sinks import Capture
from sse_cli.core.expectations.claims import figures_in
from sse_cli.core.expectations.judge import Expectation, Judgement
from sse_cli.core.results import Outcome
from sse_cli.errors import SseError
from sse_cli.session import Outcome as SessionOutcome

UNREACHABLE, INTERRUPTED = "unreachable", frozenset(("interrupted", "unwritten"))
"""Verdicts of runs that tell nothing of the stream: the first unless just that was expected."""

WELL_ENDED = frozenset(("complete", "stopped"))
"""Verdicts that need no reason to be told."""

_OF_THE_END = ("verdict", "exit_code", "reason", "status", "content_type", "error", "success_rate")
"""Figures that tell whether it is well with a stream; who names one of them has thought of it."""


class Ending:
    """How a session ended that was held against expectations, and what was to be captured but was not."""

    def __init__(
        self,
        ended: SessionOutcome,
        judgements: Sequence[Judgement],
        missing: Sequence[Capture],
        expectations: Sequence[Expectation],
    ) -> None:
        self._ended = ended
        self._verdict = ended.summary.verdict
        self._judgements = judgements
        self._missing = missing
        self._is_looked_at = any(map(_is_of_the_end, expectations))

    @property
    def outcome(self) -> Outcome:
        """Whether it passed; where nobody was reached, what did not come was not missed either."""
        verdict = self._verdict.name
        if verdict in INTERRUPTED or (verdict == UNREACHABLE and not self._is_looked_at):
            return Outcome.ERRORED
        if all(judgement.holds for judgement in self._judgements) and not self._missing:
            return Outcome.PASSED
        return Outcome.ERRORED if verdict == UNREACHABLE else Outcome.FAILED

    @property
    def error(self) -> SseError | None:
        """What is to be told beside the judgements, if anything, also of a bad end that nobody minds."""
        outcome = self.outcome
        if outcome is Outcome.PASSED and self._is_looked_at:
            return None
        if self._missing:
            wanted = ", ".join(f"{capture.name} ({capture.text})" for capture in self._missing)
            return SseError(f"nothing was captured for {wanted}", "Is it the right path?")
        if outcome is not Outcome.ERRORED and self._verdict.name in WELL_ENDED:
            return None
        return self._ended.error or SseError(f"{self._verdict.name}: {self._verdict.reason}", self._hint)

    @property
    def _hint(self) -> str:
        figures = self._ended.summary.figures
        if self._verdict.name == "empty" and figures.bytes:
            return f"Of {figures.bytes:,} bytes, none is an event: -o raw shows them. Is it another --decode?"
        return ""


def _is_of_the_end(expectation: Expectation) -> bool:
    names = (name.partition(".")[0] for name in figures_in(expectation.claim))
    return any(name in _OF_THE_END for name in names)
