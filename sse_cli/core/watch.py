"""What a run that reconnects keeps of its stream: ids, numbers, and where to go on by its dialect's rule."""

from collections.abc import Iterable, Set

from sse_cli.core.attempts import Ids
from sse_cli.core.dialects.resume import Bookmark
from sse_cli.core.dialects.rules import Dialect
from sse_cli.core.items import Event, Opened, WireItem
from sse_cli.core.payload import LazyPayload
from sse_cli.core.resume import Resume


class Watch:
    """Show it each response's head and what came on the wire; it counts in `ids`.

    The `dialect` is given each time, since it may be known only later, or never.
    """

    def __init__(self, ids: Ids) -> None:
        self._ids = ids
        self._opened: Opened | None = None
        self._bookmark: Bookmark | None = None

    @property
    def reads_data(self) -> bool:
        """Whether the data of every event is looked into, so that none may be passed over."""
        return self._bookmark is not None and self._bookmark.reads_data

    @property
    def header_names(self) -> Set[str]:
        """The names of the response's headers, in lower case."""
        return {name.lower() for name, _ in self._opened.headers} if self._opened is not None else set()

    def open(self, opened: Opened) -> None:
        """A response's head came."""
        self._opened = opened
        if self._bookmark is not None:
            self._bookmark.open(opened)

    def note(self, items: Iterable[WireItem], dialect: Dialect | None) -> None:
        """Take what one chunk completed."""
        bookmark = self._bookmark_of(dialect)
        for item in items:
            if isinstance(item, Event):
                number = bookmark.read(LazyPayload(item.data)) if bookmark is not None else None
                if number is not None:
                    self._ids.note_number(number)
                elif item.id:
                    self._ids.note_id(item.id)

    def resume(self, last_event_id: str, dialect: Dialect | None) -> Resume | None:
        """Return how the dialect has the rest asked for; None if it has no way, or does not know it yet."""
        bookmark = self._bookmark_of(dialect)
        return bookmark.resume(last_event_id) if bookmark is not None else None

    def reopen(self, *, anew: bool) -> None:
        """Another connection begins, with the rest or, if `anew`, with another answer."""
        self._ids.reopen()
        if anew:
            self._ids.forget()
            self._bookmark = self._opened = None

    def _bookmark_of(self, dialect: Dialect | None) -> Bookmark | None:
        if self._bookmark is None and dialect is not None and (rule := dialect.resume()) is not None:
            self._bookmark = Bookmark(rule)
            if self._opened is not None:
                self._bookmark.open(self._opened)
        return self._bookmark
