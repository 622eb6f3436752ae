"""What the library hears of a server, in this process: a stream is read to its end, and all of it kept."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from sse_cli.core.items import Event
from sse_cli.core.pipeline import Plan
from sse_cli.core.summary import Summary
from sse_cli.errors import SseError
from sse_cli.stream import Chunk, Fault, Item, Limits, Policy, Reading, Request, connect
from tests.peers.scripted import ScriptedServer

AT_ONCE = Policy(delay=0.0)


@dataclass
class Heard:
    """The items of a run and its end."""

    summary: Summary
    error: SseError | None
    items: list[Item] = field(default_factory=list)

    @property
    def events(self) -> list[Event]:
        return [item.event for item in self.items if isinstance(item, Reading)]

    @property
    def data(self) -> list[str]:
        return [event.data for event in self.events]

    @property
    def faults(self) -> list[Fault]:
        return [item for item in self.items if isinstance(item, Fault)]

    @property
    def chunks(self) -> list[Chunk]:
        return [item for item in self.items if isinstance(item, Chunk)]

    @property
    def verdict(self) -> str:
        return self.summary.verdict.name


def hear(
    request: Request | str,
    *,
    reconnect: Policy | None = AT_ONCE,
    limits: Limits | None = None,
    plan: Plan | None = None,
    on_item: Callable[[Item], bool | None] | None = None,
    on_data: Mapping[str, Callable[[], object]] | None = None,
) -> Heard:
    """Read a stream to its end, or until `on_item` says True. `on_data` is called when an event has that."""

    async def listen() -> Heard:
        items: list[Item] = []
        async with connect(request, reconnect=reconnect, limits=limits, plan=plan) as stream:
            async for item in stream:
                items.append(item)
                if isinstance(item, Reading) and on_data and item.event.data in on_data:
                    on_data[item.event.data]()
                if on_item is not None and on_item(item):
                    break
        return Heard(stream.summary, stream.error, items)

    return asyncio.run(listen())


def ids(server: ScriptedServer) -> list[str | None]:
    """Return what each request sent as Last-Event-ID, its bytes read as UTF-8."""
    found = [request.headers.get("last-event-id") for request in server.requests]
    return [None if id_ is None else id_.encode("latin-1").decode() for id_ in found]
