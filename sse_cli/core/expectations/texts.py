"""What is claimed of the answer's text, or its reasoning, which are gathered out of the events."""

from collections.abc import Sequence

import msgspec

from sse_cli.core.expectations.claims import Assertion
from sse_cli.core.expectations.facts import Facts
from sse_cli.core.expectations.figures import FigureTrial, ValueTrial
from sse_cli.core.expectations.vocabulary import TEXTS, Figure
from sse_cli.core.items import Content, Part, Reasoning, Refusal
from sse_cli.core.logic import TRUE

MOST_TEXT = 1_000_000
"""Characters that are kept of a text. Of a longer one, only `contains` and `exists` can tell."""

UNTOLD = "not measured, as in no dialect"
TOO_LONG = f"longer than {MOST_TEXT:,} characters, which are not kept"

_KINDS = dict(zip(TEXTS, (Content | Refusal, Reasoning), strict=True))


class ContainsTrial(ValueTrial):
    """`text contains VALUE`, which needs no more of the text than comes at once."""

    def __init__(self, leaf: Assertion, figure: Figure, reconnects: bool) -> None:
        super().__init__(leaf, figure, reconnects)
        self._wanted = leaf.literal.text
        self._tail = ""

    def hear(self, piece: str) -> None:
        """Look for what is wanted, which may have begun in the piece before."""
        heard = self._tail + piece
        if self._wanted in heard:
            self.outcomes = TRUE
        self._tail = heard[max(len(heard) - len(self._wanted) + 1, 0) :]


class Transcript:
    """One of the texts, for those on trial who ask for it. Memory is bounded."""

    def __init__(self, name: str, trials: Sequence[FigureTrial]) -> None:
        self.name = name
        self._kinds = _KINDS[name]
        self._trials = trials
        self._pieces: list[str] = []
        self._length = 0

    def note(self, parts: Sequence[Part]) -> None:
        """Take what an event says, in the first of its choices."""
        for part in parts:
            if isinstance(part, self._kinds) and part.choice == 0 and part.text:
                self._hear(part.text)

    def end(self, facts: Facts) -> None:
        """No more will come: the trials end as if the text stood in the summary.

        Where there is no dialect, nobody knows what is text.
        """
        is_long, is_known = self._length > MOST_TEXT, facts.said.get("dialect") is not None
        text = "".join(self._pieces) if is_known and not is_long else None
        whole = msgspec.structs.replace(facts, said={**facts.said, self.name: text})
        for trial in self._trials:
            trial.end(whole)
            if text is None:
                trial.seen = TOO_LONG if is_long else UNTOLD

    def _hear(self, piece: str) -> None:
        for trial in self._trials:
            if not trial.is_final:
                trial.hear(piece)
        self._length += len(piece)
        if self._length <= MOST_TEXT:
            self._pieces.append(piece)
        else:
            self._pieces.clear()
