"""Makes what the runs of a check need, one after another, out of a source and options."""

import os
from collections.abc import Callable

from sse_cli.checking.check import Opening
from sse_cli.cli import build, plain, resume
from sse_cli.cli.options import Groups
from sse_cli.cli.prepare import Prepared
from sse_cli.errors import UsageError
from sse_cli.sources.source import Source


def opener(where: str, groups: Groups, prepared: Prepared, *, warns: bool = True) -> Callable[[], Opening]:
    """Return what makes a run's opening, as often as it is called. Raises `SseError`; nothing is connected.

    What is sent is read once, be it from standard input. A recording is played at once, unless the options
    give a speed: its times are its own. `warns` of a secret that goes out in the open.
    """
    where = where.removeprefix("file://")
    check_where(where)
    if build.is_file(where):
        sources = _of_file(where, groups, prepared)
    else:
        sources = _of_url(where, groups, prepared)
        first = sources()
        plan = resume.plan_of(first, prepared.plan)
        resume.reconnecting(first, plan, groups.reconnecting)  # what is wrong with that is told now
        if warns and groups.request.unix_socket is None:
            plain.warn(first)

    def open_next() -> Opening:
        source = sources()
        plan = resume.plan_of(source, prepared.plan)
        return Opening(source, plan, prepared.limits, resume.reconnecting(source, plan, groups.reconnecting))

    return open_next


def check_where(where: str) -> None:
    """Raise `UsageError` for what is no URL and no file that there is."""
    from sse_cli.sources.file import file_of

    build.check_source(where)
    path = where.removeprefix("file://")
    if build.is_file(path) and path != "-":
        state = "it is a folder" if os.path.isdir(path) else "there is none"
        if not os.path.exists(file_of(path)) or os.path.isdir(path):
            raise UsageError(f"no file: {path}, {state}", "A source is a URL, a recording, or another file.")


def _of_url(where: str, groups: Groups, prepared: Prepared) -> Callable[[], Source]:
    from sse_cli.sources.http import HttpSource

    first = build.source(where, prepared.request, groups.reading, groups.faults)
    assert isinstance(first, HttpSource)
    return first.anew


def _of_file(where: str, groups: Groups, prepared: Prepared) -> Callable[[], Source]:
    from sse_cli.sources.file import has_times

    reading = groups.reading
    if has_times(where):
        reading = reading._replace(speed=reading.speed or "0")
    return lambda: build.source(where, prepared.request, reading, groups.faults)
