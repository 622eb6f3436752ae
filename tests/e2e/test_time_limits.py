"""Time limits: the message names the one that passed and its option, and what had come is shown."""

import pytest

from tests.e2e.command import sse
from tests.peers.scripted import ScriptedServer, Wait, response

ONE = response() + b"data: one\n\n"
LIMITS = {
    "no head": (("--first-timeout", "60ms"), b"", "first event timeout: no event after 0.06 s"),
    "no body": (("--first-timeout", "60ms"), response(), "first event timeout: no event after 0.06 s"),
    "only pings": (
        ("--first-timeout", "60ms"), response() + b": ping\n\n", "first event timeout: no event after 0.06 s",
    ),
    "head and silence": (("--idle-timeout", "60ms"), response(), "idle timeout: no event for 0.06 s"),
    "silence": (("--idle-timeout", "60ms"), ONE, "idle timeout: no event for 0.06 s"),
    "total, no head": (("--max-time", "60ms"), b"", "total timeout: the stream was not over after 0.06 s"),
    "total": (("--max-time", "1s"), ONE, "total timeout: the stream was not over after 1 s"),
}  # fmt: skip


@pytest.mark.parametrize("name", LIMITS)
def test_the_limit_that_passed_is_named(name: str) -> None:
    args, sent, told = LIMITS[name]
    with ScriptedServer([sent, Wait()]) as server:
        result = sse(server.url, *args)
    assert result.verdict == ("timeout", 5)
    assert result.text == ("one\n" if sent is ONE else "")
    assert result.summary["reason"] == told
    assert result.err.count(told) == 1
    assert f"The limit is {args[0]}" in result.err


def test_an_event_that_had_begun_is_shown_as_what_it_is() -> None:
    with ScriptedServer([ONE + b"data: tw", Wait()]) as server:
        result = sse(server.url, "--idle-timeout", "60ms", "-o", "json", "--all")
    assert result.verdict == ("timeout", 5)
    assert [record.get("detail") for record in result.records if record["kind"] == "anomaly"] == ["data: tw"]
    assert result.records[-1]["reason"] == "timeout"
