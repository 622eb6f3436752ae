"""What opens the stream of a check for its runs, with all in it that was captured by then."""

from collections.abc import Callable, Mapping

import msgspec

from sse_cli.checking.check import Opening
from sse_cli.cli import resume
from sse_cli.cli.opening import check_where, opener
from sse_cli.cli.prepare import Prepared, prepare
from sse_cli.cli.spec.filling import NOT_YET
from sse_cli.cli.spec.stream import Asking, Stream
from sse_cli.cli.spec.wanted import Wanted

Open = Callable[[Mapping[str, str]], Opening]


def open_now(asking: Asking) -> Open:
    """Return what opens a stream that needs nothing captured. Raises `UsageError` for what is wrong in it."""
    where, groups = asking.stream(asking.filling(lambda _: NOT_YET))
    with asking.file.at(asking.place):
        check_where(where)
    with asking.file.at((asking.name,)):
        open_next = opener(where, groups, prepare(groups), warns=not asking.wish.checking.quiet)
    return lambda _: open_next()


def open_later(asking: Asking, expected: list[Wanted]) -> Open:
    """Return what opens a stream that needs something captured, as do those expectations of its.

    Raises `UsageError` for what is wrong in it, whatever that will be.
    """
    groups = asking.stream(asking.filling(lambda _: NOT_YET)).groups
    with asking.file.at((asking.name,)):
        before = prepare(groups)
    warnings = iter([not asking.wish.checking.quiet])  # one, whatever the number of runs

    def open_with(values: Mapping[str, str]) -> Opening:
        filling = asking.filling(values.__getitem__)
        stream = asking.stream(filling)
        prepared = _with_request(before, stream)
        opening = opener(stream.where, stream.groups, prepared, warns=next(warnings, False))()
        return opening._replace(expectations=tuple(wanted.compiled(filling) for wanted in expected))

    return open_with


def _with_request(prepared: Prepared, stream: Stream) -> Prepared:
    """Put the request in place. Nothing else of what is prepared can have captured values in it."""
    request = resume.resumed(stream.groups.request, stream.groups.reconnecting, prepared.state)
    plan = msgspec.structs.replace(prepared.plan, last_event_id=request.last_event_id)
    return prepared._replace(request=request, plan=plan)
