"""All that options say of a stream but where it comes from. Mistakes are found before it is connected."""

from typing import TYPE_CHECKING, NamedTuple

from sse_cli.cli import build, resume
from sse_cli.cli.options import Groups, RequestOptions
from sse_cli.core.pipeline import Plan
from sse_cli.deadlines import Limits

if TYPE_CHECKING:  # only for who asks for it
    from sse_cli.sinks.state_file import StateFile


class Prepared(NamedTuple):
    """How a stream is asked for and read, how long is waited for it, and where its last id is kept, if so."""

    request: RequestOptions
    plan: Plan
    limits: Limits
    state: "StateFile | None"


def prepare(groups: Groups) -> Prepared:
    """Return what the options of a stream say. Raises `UsageError`."""
    state = resume.state(groups.reconnecting)
    request = resume.resumed(groups.request, groups.reconnecting, state)
    plan = build.plan(request, groups.reading, groups.stopping, groups.choosing)
    return Prepared(request, plan, build.limits(groups.stopping), state)
