"""Which dialect is it, and does it go on to be? Told by the events themselves; none of them is held back."""

from collections.abc import Iterator, Sequence, Set
from contextlib import suppress
from functools import cache
from pathlib import Path

from sse_cli.core.dialects.rules import Dialect, Payload, load_dialect
from sse_cli.core.items import Event, Part
from sse_cli.errors import UsageError

GIVE_UP_AFTER = 16
"""A stream that looks like no dialect for so many events is read without one; one that looks like another
than its own for so many is said to be unlike it."""

RESERVED = ("auto", "none")
"""What may stand for a dialect's name, and is none: the one that is recognised, and no dialect at all."""

_USUAL = ("openai-chat", "anthropic-messages", "openai-responses")

_FOLDER = Path(__file__).parent


def names() -> list[str]:
    """Return the names of the dialects that come with the program."""
    return sorted(file.stem for file in _FOLDER.glob("*.toml"))


def text_of(name: str) -> str:
    """Return the file of a dialect that comes with the program. Raises `UsageError`."""
    if name.isidentifier() or name.replace("-", "").isalnum():  # and no path to somewhere else
        with suppress(FileNotFoundError):
            return (_FOLDER / f"{name}.toml").read_text(encoding="utf-8")
    raise UsageError(f"no such dialect: {name}", f"The dialects are {', '.join(names())}.")


@cache
def dialect(name: str) -> Dialect:
    """Return a dialect that comes with the program, compiled. Raises `UsageError`."""
    return load_dialect(text_of(name), f"{name}.toml", lazily=True)


class Recogniser:
    """Show it events until it answers with a dialect or is `tired`.

    The user's `own` dialects are asked first, and stand in for those of the same name.
    """

    def __init__(self, own: Sequence[Dialect] = ()) -> None:
        self._own = own
        self._looks = GIVE_UP_AFTER
        self._names: Sequence[str] = ()

    @property
    def tired(self) -> bool:
        """Whether enough events were seen to know that none of the dialects fits."""
        return self._looks <= 0

    def look(self, event: Event, payload: Payload) -> Dialect | None:
        """Return the dialect that this event tells, if it tells one."""
        self._looks -= 1
        if self._looks == GIVE_UP_AFTER - 1 and not self._own and _is_bare(event, payload):
            return None  # bare text tells next to nothing, and the first event is not kept waiting for it
        return next((known for known in self._candidates() if known.fits(event, payload)), None)

    def look_at_headers(self, names: Set[str]) -> Dialect | None:
        """Return the dialect that the names of headers tell, in lower case, if they tell one."""
        return next((known for known in self._candidates() if known.headers & names), None)

    def _candidates(self) -> Iterator[Dialect]:
        """Give the dialects, each loaded when its turn comes: the usual ones first."""
        yield from self._own
        if not self._names:
            replaced = {mine.name for mine in self._own}
            self._names = [name for name in dict.fromkeys((*_USUAL, *names())) if name not in replaced]
        yield from (dialect(name) for name in self._names)


def _is_bare(event: Event, payload: Payload) -> bool:
    """Tell whether an event is of the usual type, without an id, its data neither JSON nor a `[MARKER]`."""
    if event.type != "message" or event.id is not None or "[" in event.data:
        return False
    try:
        payload()
    except ValueError:
        return True
    return False


class Likeness:
    """Tells, once, that a stream is unlike its dialect: `GIVE_UP_AFTER` strangers in a row.

    A stranger is an event that gives no part and meets no condition of `recognise`. Until the first that
    does, as with a dialect that was asked for by name, it may be any event. From then on it must be JSON, and
    not the same data as the stranger before it: pings and words such as `[DONE]` are no other language.
    """

    def __init__(self, dialect: Dialect, *, known: bool) -> None:
        self._dialect = dialect
        self._known = known
        self._strangers = 0
        self._last = ""
        self.settled = False

    def note(self, event: Event, payload: Payload, parts: Sequence[Part]) -> str | None:
        """Return a sentence once the stream is known to be unlike its dialect."""
        if self.settled:
            return None
        if parts or self._dialect.fits(event, payload):
            self._known, self._strangers = True, 0
        elif not self._known or self._is_news(event, payload):
            self._strangers += 1
        return self._tell(event) if self._strangers >= GIVE_UP_AFTER else None

    def note_streak(self) -> None:
        """Note events that were like others before."""
        self._known, self._strangers = True, 0

    def end(self) -> str | None:
        """Return a sentence where the stream ended before any of its events was like the dialect."""
        return None if self._known or self.settled or not self._strangers else self._tell(None)

    def _is_news(self, event: Event, payload: Payload) -> bool:
        if event.data == self._last:
            return False
        try:
            payload()
        except ValueError:
            return False
        self._last = event.data
        return True

    def _tell(self, event: Event | None) -> str:
        self.settled = True
        name = self._dialect.name
        if not self._known:
            which = f"none of the first {self._strangers} events" if event else "no event of the stream"
            return f"{which} is like {name}"
        assert event is not None
        return f"{self._strangers} events up to event {event.number} are not like {name}"
