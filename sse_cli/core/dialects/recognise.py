"""Which dialect is it? Told by the first events that carry JSON, without holding any of them back."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path

from sse_cli.core.dialects.rules import Dialect, Payload, load_dialect
from sse_cli.core.items import Event
from sse_cli.errors import UsageError

GIVE_UP_AFTER = 16
"""A stream that looks like no dialect for so many events is read without one."""

_FOLDER = Path(__file__).parent


def names() -> list[str]:
    """Return the names of the dialects that come with the program."""
    return sorted(file.stem for file in _FOLDER.glob("*.toml"))


@cache
def dialect(name: str) -> Dialect:
    """Return a dialect by its name, compiled. Raises `UsageError`."""
    if name not in names():
        raise UsageError(f"no such dialect: {name}", f"The dialects are {', '.join(names())}.")
    file = _FOLDER / f"{name}.toml"
    return load_dialect(file.read_text(encoding="utf-8"), file.name)


class Recogniser:
    """Show it events until it answers with a dialect or is `tired`."""

    def __init__(self, candidates: Sequence[Dialect] | None = None) -> None:
        self._candidates = candidates
        self._looks = GIVE_UP_AFTER

    @property
    def tired(self) -> bool:
        """Whether enough events were seen to know that none of the dialects fits."""
        return self._looks <= 0

    def look(self, event: Event, payload: Payload) -> Dialect | None:
        """Return the dialect that this event tells, if it tells one."""
        self._looks -= 1
        if self._candidates is None:
            self._candidates = [dialect(name) for name in names()]
        return next((candidate for candidate in self._candidates if candidate.fits(event, payload)), None)
