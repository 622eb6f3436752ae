"""Servers that die and networks that are cut, for real; and come back. No event is lost, none comes twice."""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import pytest

from sse_cli.stream import Fault, Item, Policy, Reading
from tests.e2e.command import ended, started
from tests.e2e.heard import hear

ROOT = Path(__file__).parents[2]


@contextmanager
def ticking(
    address: str, port: int = 0, before: tuple[str, ...] = ()
) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """Run the ticking server; give its process and its port."""
    command = [*before, sys.executable, "-m", "tests.peers.ticking_server", address, str(port)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as process:
        try:
            assert process.stdout is not None
            yield process, port or int(process.stdout.readline())
        finally:
            process.kill()


def test_a_server_that_dies_and_comes_back() -> None:
    """It is killed in the middle of its events, and started anew once the client has been refused."""
    with ExitStack() as servers:
        server, port = servers.enter_context(ticking("127.0.0.1"))
        came_back_after: list[str] = []

        def on_item(item: Item) -> bool:
            if isinstance(item, Fault) and "refused" in item.error and not came_back_after:
                came_back_after.append(item.error)
                servers.enter_context(ticking("127.0.0.1", port))
            return isinstance(item, Reading) and item.event.number == 9

        heard = hear(
            f"http://127.0.0.1:{port}/",
            reconnect=Policy(delay=0.02, retries=50, jitter=0.0),
            on_data={"4": server.kill},
            on_item=on_item,
        )
    assert heard.data == [str(number) for number in range(1, 10)]
    first, *between, last = heard.summary.attempts
    assert (first.status, first.last_event_id, last.status) == (200, "", 200)
    assert between, "it was not there for a while"
    killed_at = str(first.events)
    assert {(each.status, each.last_event_id, each.events) for each in between} == {(None, killed_at, 0)}
    assert (last.last_event_id, first.events + last.events) == (killed_at, 9)
    assert came_back_after == [f"connection refused by 127.0.0.1:{port}"]


@dataclass(frozen=True)
class Network:
    """Two hosts and a cable between them, in namespaces of their own."""

    client: str
    server: str

    address = "192.0.2.2"  # of the server, out of what RFC 5737 keeps for documents

    def ip(self, *args: str) -> None:
        subprocess.run(["ip", *args], check=True, capture_output=True)

    def inside(self, namespace: str) -> tuple[str, ...]:
        return ("ip", "netns", "exec", namespace)


@pytest.fixture
def network() -> Iterator[Network]:
    if not hasattr(os, "geteuid") or os.geteuid() != 0 or shutil.which("ip") is None:
        pytest.skip("namespaces need root, and ip of iproute2")
    both = Network(f"sse-client-{os.getpid()}", f"sse-server-{os.getpid()}")
    with ExitStack() as namespaces:
        for namespace in (both.client, both.server):
            try:
                both.ip("netns", "add", namespace)
            except subprocess.CalledProcessError as error:
                pytest.skip(f"no namespaces here: {error.stderr.decode()}")
            namespaces.callback(both.ip, "netns", "del", namespace)
        both.ip(
            *("link", "add", "name", "cable", "netns", both.client),
            *("type", "veth", "peer", "name", "cable", "netns", both.server),
        )
        for namespace, address in ((both.client, "192.0.2.1"), (both.server, both.address)):
            both.ip("-n", namespace, "address", "add", f"{address}/24", "dev", "cable")
            both.ip("-n", namespace, "link", "set", "cable", "up")
        yield both


CUTS: dict[str, tuple[str, list[str], list[str]]] = {
    "at the client": ("client", ["link", "set", "cable", "down"], ["link", "set", "cable", "up"]),
    "at the server": ("server", ["link", "set", "cable", "down"], ["link", "set", "cable", "up"]),
    "on the way": (
        "server",
        ["route", "add", "blackhole", "192.0.2.1/32"],
        ["route", "del", "blackhole", "192.0.2.1/32"],
    ),
}
"""Where the network is cut: in which namespace, how, and what ends it."""


@pytest.mark.parametrize("where", CUTS)
def test_a_network_that_is_cut_and_comes_back(network: Network, where: str, tmp_path: Path) -> None:
    """Nothing tells the client but that no event comes; then that no connection can be made."""
    side, cut, mend = CUTS[where]
    namespace = {"client": network.client, "server": network.server}[side]
    file = tmp_path / "summary.json"
    limits = ("--connect-timeout", "200ms", "--idle-timeout", "300ms")
    with (
        ticking(network.address, before=network.inside(network.server)) as (_, port),
        started(
            f"http://{network.address}:{port}/",
            *("-r", "--retries", "99", "--retry-delay", "20ms", *limits),
            *("-o", "json", "--all", "--summary", str(file)),
            before=network.inside(network.client),
        ) as process,
    ):
        assert process.stdout is not None
        records = map(msgspec.json.decode, process.stdout)
        seen = [*until(records, "event", 5)]
        network.ip("-n", namespace, *cut)
        seen += [*until(records, "fault", 2)]
        network.ip("-n", namespace, *mend)
        seen += [*until(records, "event", 5)]
        process.send_signal(signal.SIGINT)
        code, rest, _ = ended(process)
    assert code == 130
    seen += map(msgspec.json.decode, rest.splitlines())
    told = [record["error"] for record in seen if record["kind"] == "fault"]
    assert told[0] == "idle timeout: no event for 0.3 s"
    numbers = [record["data"] for record in seen if record["kind"] == "event"]
    assert numbers == [str(number) for number in range(1, len(numbers) + 1)]
    came = 0
    for attempt in (attempts := json.loads(file.read_text())["attempts"]):
        assert attempt["last_event_id"] == (str(came) if came else "")
        assert attempt["duplicates"] == attempt["jumps"] == 0
        came += attempt["events"]
    assert came == len(numbers)
    assert {None, 200} == {attempt["status"] for attempt in attempts}


def until(records: Iterator[Mapping[str, Any]], kind: str, times: int) -> Iterator[Mapping[str, Any]]:
    """Give records until so many of a kind have come."""
    for record in records:
        yield record
        times -= record["kind"] == kind
        if not times:
            return
    raise AssertionError(f"it ended before the last {kind}")
