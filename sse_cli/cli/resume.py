"""Builds what a run needs that comes back: the policy, the file of the last id, the id to go on from."""

from typing import TYPE_CHECKING

import msgspec

from sse_cli.cli.options import ReconnectingOptions, RequestOptions
from sse_cli.core.dialects.recognise import RESERVED, dialect
from sse_cli.core.pipeline import Pipeline, Plan
from sse_cli.core.quantities import parse_duration
from sse_cli.errors import UsageError
from sse_cli.sinks.outlet import Outlet
from sse_cli.sources.request import read_headers
from sse_cli.sources.source import Source

if TYPE_CHECKING:  # what only some runs need is imported where it is made
    from sse_cli.following import Following
    from sse_cli.sinks.sink import Sink
    from sse_cli.sinks.state_file import StateFile
    from sse_cli.sinks.writer import Writer


def reconnecting(source: Source, plan: Plan, options: ReconnectingOptions) -> "Following | None":
    """Return what asks again, or None where that is not wanted. Raises `UsageError`."""
    if not options.reconnect:
        _refuse_without_reconnect(options)
        if options.state is None:
            return _replaying(source) if source.is_replay else None
    from sse_cli.sources.http import HttpSource

    if not isinstance(source, HttpSource):
        option = "--reconnect" if options.reconnect else "--state"
        raise UsageError(
            f"{option} has no effect: {source.name} is not a URL", "Leave it out: a file cannot be resumed."
        )
    if not options.reconnect:
        return None
    from sse_cli.core.reconnect import Policy
    from sse_cli.reconnecting import SAFE_METHODS, Reconnecting

    if not (source.method in SAFE_METHODS or options.reconnect_post or _may_resume(plan)):
        raise UsageError(
            f"--reconnect would repeat a request whose method is {source.method}, which may cost money",
            "Give --reconnect-post as well if it may be sent again, or leave --reconnect out. "
            f"With --dialect {plan.dialect} there is no other way to resume.",
        )

    policy = Policy(
        delay=parse_duration(options.retry_delay) if options.retry_delay is not None else 1.0,
        retries=options.retries if options.retries is not None else 5,
    )
    return Reconnecting(policy, source.again, method=source.method, repeats=options.reconnect_post)


def _may_resume(plan: Plan) -> bool:
    """Tell whether the dialect has a way to ask for the rest of an answer, or may turn out to have one."""
    if plan.dialect in RESERVED:
        return plan.dialect == "auto"
    mine = next((known for known in plan.dialects if known.name == plan.dialect), None)
    return (mine or dialect(plan.dialect)).resume() is not None


def _replaying(source: Source) -> "Following":
    from sse_cli.replaying import Replaying

    return Replaying(source)


def plan_of(source: Source, plan: Plan) -> Plan:
    """Return a plan that goes on from the id with which a recording was made, unless the user has another."""
    sent = [value for name, value in source.headers if name.lower() == "last-event-id"]
    if not (source.is_replay and sent) or plan.last_event_id:
        return plan
    return msgspec.structs.replace(plan, last_event_id=sent[-1])


def _refuse_without_reconnect(options: ReconnectingOptions) -> None:
    given = {
        "--retries": options.retries is not None,
        "--retry-delay": options.retry_delay is not None,
        "--reconnect-post": options.reconnect_post,
    }
    for option, is_given in given.items():
        if is_given:
            raise UsageError(
                f"{option} has no effect without --reconnect", "Give -r as well, or leave it out."
            )


def state(options: ReconnectingOptions) -> "StateFile | None":
    """Return the file that keeps the last id. Raises `UsageError`."""
    if options.state is None:
        return None
    from sse_cli.sinks.state_file import StateFile

    return StateFile(options.state)


def state_sink(file: "StateFile", pipeline: Pipeline, writer: "Writer") -> "Sink":
    """Return the sink that keeps the file up to date."""
    from sse_cli.sinks.state_file import StateSink

    return StateSink(file, pipeline, writer)


def waits_sink(err: Outlet, label: str) -> "Sink":
    """Return the sink that tells each wait between two connections."""
    from sse_cli.sinks.waits import WaitsSink

    return WaitsSink(err, label)


def resumed(
    request: RequestOptions, options: ReconnectingOptions, file: "StateFile | None"
) -> RequestOptions:
    """Return the options with the id to go on from: the user's own, else what the file holds."""
    if request.last_event_id or not (options.reconnect or file is not None):
        return request
    given = [value for name, value in read_headers(request.headers or []) if name.lower() == "last-event-id"]
    id_ = given[-1] if given else file.read() if file is not None else ""
    return request._replace(last_event_id=id_)
