"""Who captures which value, and who needs it. Checks run in their order: who needs one stands below."""

from collections.abc import Iterable, Iterator, Sequence
from difflib import get_close_matches

from sse_cli.cli.spec.draft import Draft
from sse_cli.cli.spec.file import SpecFile
from sse_cli.errors import UsageError


class Captures:
    """What the checks of a file capture. A value is called by its name, whichever check captures it."""

    def __init__(self, file: SpecFile, drafts: Sequence[Draft]) -> None:
        self._file = file
        self._drafts = drafts
        self._givers = {name: draft for draft in reversed(drafts) for name in draft.captures}

    def mistakes(self) -> Iterator[UsageError]:
        """Give values that are needed before they are there, and those that are captured twice."""
        there: set[str] = set()
        for draft in self._drafts:
            try:
                needs = draft.needs()
            except UsageError as error:
                yield error
                needs = {}
            for name, path in needs.items():
                if name not in there:
                    seen = f"no check before {draft.name} captures {name}"
                    yield self._file.wrong(path, seen, self._instead_of(name, there))
            yield from (self._twice(draft, name) for name in draft.captures if name in there)
            there |= draft.captures.keys()

    def with_givers(self, chosen: Iterable[Draft]) -> list[Draft]:
        """Return the checks that are chosen and those that capture what they need, in their order."""
        wanted: set[str] = set()
        left = list(chosen)
        while left:
            draft = left.pop()
            if draft.name not in wanted:
                wanted.add(draft.name)
                left += (self._givers[name] for name in draft.needs())
        return [draft for draft in self._drafts if draft.name in wanted]

    def _instead_of(self, name: str, there: Iterable[str]) -> str:
        giver = self._givers.get(name)
        if giver is not None:
            return f"It is captured by {giver.name}: what comes of it can be used further below."
        close = get_close_matches(name, there, n=1)
        guess = f"Did you mean {{{{{close[0]}}}}}? " if close else ""
        return f'{guess}A check above needs capture.{name} = "$.…".'

    def _twice(self, draft: Draft, name: str) -> UsageError:
        seen = f"{name} is captured by {self._givers[name].name} already"
        return self._file.wrong((draft.name, "capture", name), seen, "Give it another name.")
