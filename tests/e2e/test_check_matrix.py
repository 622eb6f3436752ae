"""Streams that broke, each in another way: the expectation that names it catches it, curl with grep does not.

Each is made from a good tape. It is recorded, and so checked by exact times, and it is served, to `sse check`
and to curl. A row says all that does not hold of it; whatever else is expected of the good one does.
"""

import json
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import pytest

from sse_cli.core.recording import Entry
from sse_cli.deadlines import Limits
from tests.e2e.checked import checked, grepped, harmed, paced, recorded, serving, stalled, tape
from tests.e2e.command import ended, started
from tests.e2e.good_tapes import (
    ALL_JSON,
    ALL_TIME,
    ANSWERS,
    BOUNDED,
    CALL_END,
    CALL_WHOLE,
    CALLED,
    CHAT,
    CLEAN,
    COMPLETE,
    COUNTED,
    DONE_LAST,
    DONE_ONCE,
    END,
    ENOUGH,
    EVENT_GAP,
    FIRST,
    GAP,
    GOOD,
    HEADERS,
    IN_ORDER,
    LAST,
    META,
    NO_JUMP,
    NO_REPEAT,
    NO_ZERO,
    ONE_MODEL,
    ONE_TYPE,
    QUIET,
    ROLE,
    SAYS,
    SMALL,
    SPREAD,
    START,
    STATUS,
    STEADY,
    STOPS,
    STREAMED,
    TEXTS,
    TOKENS,
    UNHARMED,
    WITH_META,
    WORD,
    WORDS,
    call,
    event,
    part,
    texts,
    usage,
)

needs_curl = pytest.mark.skipif(
    not (shutil.which("curl") and shutil.which("grep")), reason="curl or grep is not installed"
)


class Row(NamedTuple):
    """A broken stream, and what does not hold of it: what names the fault, and what falls with that.

    `grep` tells whether curl and grep pass on it all the same.
    """

    entries: Sequence[Entry]
    named: str
    also: tuple[str, ...] = ()
    grep: bool = True
    good: str = "chat"

    @property
    def broken(self) -> set[str]:
        """All that does not hold."""
        return {self.named, *self.also}


def chat(*events: bytes) -> list[Entry]:
    """Return the chat with these events between the role and the end."""
    return tape(ROLE, *events, *END)


def finished(why: str) -> list[Entry]:
    """Return the chat as it is when the provider ends it early."""
    return tape(ROLE, *TEXTS[:6], part(8, {}, why), usage(6, 9), event("[DONE]", 10))


LARGE = part(9, {}, padding="x" * 10_000)
NO_UTF8 = part(9, {}, padding="?").replace(b"?", b"\xff")
ERROR = json.dumps({"error": {"message": "the model is overloaded", "code": 529}})
PAGE = b"<!doctype html><title>Sign in</title><p>Please sign in to go on.</p>"
MESSAGE = {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "".join(WORDS)}}
WHOLE = json.dumps({"object": "chat.completion", "model": "demo", "choices": [MESSAGE]}).encode()

TAIL = (STOPS, COUNTED, DONE_LAST)
REST = (SAYS, *TAIL)
MUTE = (SAYS, FIRST, GAP, STEADY)
NO_ANSWER = (COMPLETE, ENOUGH, ANSWERS, *MUTE, *TAIL, EVENT_GAP)
NO_EVENT = (*NO_ANSWER, ALL_JSON, ONE_TYPE, SPREAD)
REFUSED = (*NO_EVENT, STREAMED, UNHARMED)
CUT_SHORT = (COMPLETE, SAYS)

STALLED = "stalled for ever"

ROWS: dict[str, Row] = {
    # how it ends
    "cut": Row(harmed(CHAT, "drop@7"), COMPLETE, REST),
    "cut inside an event": Row(harmed(CHAT, "drop@8:20"), COMPLETE, (*REST, CLEAN)),
    "cut before the end marker": Row(harmed(CHAT, "drop@11"), COMPLETE, (DONE_LAST,)),
    # Linux still gives its reader all that came before.
    "reset": Row(harmed(CHAT, "reset@7"), COMPLETE, REST),
    STALLED: Row(stalled(CHAT[:8], 35.0), COMPLETE, REST),
    "no end marker": Row(harmed(CHAT, "no-end"), DONE_LAST, (COMPLETE,)),
    "the end marker twice": Row(harmed(CHAT, "dup@12"), DONE_ONCE),
    "something after the end marker": Row(harmed(CHAT, "garbage@12"), DONE_LAST, (CLEAN, ALL_JSON)),
    "cut for length": Row(finished("length"), STOPS, CUT_SHORT),
    "cut by a filter": Row(finished("content_filter"), STOPS, CUT_SHORT),
    # when it comes
    "a slow head": Row(harmed(CHAT, "wait:8s"), HEADERS),
    "a slow first token": Row(harmed(CHAT, "stall@1:30s"), FIRST, (EVENT_GAP,)),
    "silent in the middle": Row(harmed(CHAT, "stall@6:30s"), GAP, (STEADY, EVENT_GAP)),
    "uneven": Row(paced(CHAT, 0.05, 4.0), STEADY),
    "slow throughout": Row(paced(CHAT, 4.5), ALL_TIME),
    "a late last event": Row(harmed(CHAT, "stall@11:30s"), EVENT_GAP),
    "all at once": Row(harmed(CHAT, "merge"), SPREAD),
    # no stream
    "JSON instead of a stream": Row(tape(WHOLE, content_type="application/json"), STREAMED, NO_ANSWER),
    "JSON that says it is a stream": Row(tape(WHOLE), COMPLETE, (*NO_EVENT, CLEAN)),
    "a page with 200": Row(tape(PAGE, content_type="text/html"), STREAMED, NO_EVENT, grep=False),
    "a wrong content type": Row(harmed(CHAT, "type:text/plain"), STREAMED, (CLEAN,)),
    "no content type": Row(harmed(CHAT, "type:"), STREAMED, (CLEAN,)),
    "empty": Row(tape(), COMPLETE, NO_EVENT, grep=False),
    "comments alone": Row(tape(*[b": ping\n\n"] * 5), COMPLETE, NO_EVENT, grep=False),
    "204": Row(tape(status=204), STATUS, NO_EVENT, grep=False),
    "a redirect to nowhere": Row(tape(status=302), STATUS, NO_EVENT, grep=False),
    "401": Row(harmed(CHAT, "status:401"), STATUS, REFUSED, grep=False),
    "429": Row(harmed(CHAT, "status:429"), STATUS, REFUSED, grep=False),
    "503": Row(harmed(CHAT, "status:503"), STATUS, REFUSED, grep=False),
    # what it says
    "an error in 200": Row(
        tape(ROLE, *TEXTS, event(ERROR, 10), event("[DONE]", 11)),
        UNHARMED,
        (COMPLETE, STOPS, COUNTED, ALL_JSON),
    ),
    "an error as an unknown field": Row(
        tape(ROLE, *TEXTS, f"error: {ERROR}\n\n".encode()), UNHARMED, (COMPLETE, CLEAN, *TAIL)
    ),
    "an error as an event": Row(
        tape(START, *TOKENS, META, event(ERROR, 11, "error"), LAST), UNHARMED, (COMPLETE,), good="steps"
    ),
    "no usage": Row(tape(ROLE, *TEXTS, END[0], event("[DONE]", 11)), COUNTED),
    "a usage of zero": Row(tape(ROLE, *TEXTS, END[0], usage(0), END[2]), NO_ZERO),
    "a wrong text": Row(chat(*texts(*WORDS[:6], " broken", ".")), SAYS),
    "nothing but empty pieces": Row(chat(*texts(*[""] * 8)), ANSWERS, MUTE, grep=False),
    "nothing but a role": Row(chat(), ANSWERS, (*MUTE, ENOUGH), grep=False),
    "nothing but reasoning": Row(chat(*texts(*WORDS, key="reasoning_content")), SAYS),
    "another model": Row(chat(*[text.replace(b'"demo"', b'"mini"') for text in TEXTS]), ONE_MODEL),
    "a tool call that is cut": Row(
        tape(ROLE, *CALLED, call(4, '"steady Os'), *CALL_END), CALL_WHOLE, good="call"
    ),
    # its events
    "a wrong order of events": Row(tape(*TOKENS, START, META, LAST), IN_ORDER, good="steps"),
    "no start": Row(tape(*TOKENS, META, LAST), IN_ORDER, good="steps"),
    "no metadata": Row(tape(START, *TOKENS, event("{}", 10, "end")), WITH_META, (IN_ORDER,), good="steps"),
    "an event of another type": Row(chat(*TEXTS, event('{"object":"x"}', 9, "debug")), ONE_TYPE),
    "an event that is no JSON": Row(chat(*TEXTS, event('{"object": "chat.comp', 9)), ALL_JSON),
    "bytes that are no UTF-8": Row(chat(*TEXTS, NO_UTF8), CLEAN),
    "an event twice": Row(harmed(CHAT, "dup@4"), NO_REPEAT, (SAYS,)),
    "an id twice": Row(chat(*TEXTS[:3], part(4, {"content": ","}), *TEXTS[4:]), NO_REPEAT, (NO_JUMP,)),
    "ids with a gap": Row(chat(*TEXTS[:3], part(40, {"content": ","}), *TEXTS[4:]), NO_JUMP),
    "an event lost": Row(harmed(CHAT, "lose@5"), NO_JUMP, (SAYS,)),
    "too many events": Row(chat(*TEXTS, *[part(9, {"content": ""})] * 12), BOUNDED),
    "too few events": Row(tape(START, TOKENS[4], META, LAST), ENOUGH, good="steps"),
    "too large": Row(chat(*TEXTS, LARGE), SMALL),
    "a storm of pings": Row(harmed(CHAT, "comment:10ms"), QUIET),
}

IDLE = Limits(idle=1.0)
"""For the one that ends by nothing else."""

LOOP = tape(status=302, location="/loop")


def path_of(name: str) -> str:
    return f"/{name.replace(' ', '-')}"


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    good = {name: stream.entries for name, stream in GOOD.items()}
    broken = {name: row.entries for name, row in ROWS.items()}
    tapes = good | broken | {"loop": LOOP}
    with serving({path_of(name): entries for name, entries in tapes.items()}) as url:
        yield url


@needs_curl
@pytest.mark.parametrize("name", GOOD)
def test_all_that_is_expected_holds_of_a_good_stream(name: str, server: str, tmp_path: Path) -> None:
    good, url = GOOD[name], server + path_of(name)
    assert checked(recorded(tmp_path / "good.rec", good.entries), good.all) == (0, [])
    assert checked(url, good.always) == (0, [])
    assert grepped(url, WORD)


@needs_curl
@pytest.mark.parametrize("name", ROWS)
def test_a_broken_stream_is_caught_by_what_names_it(name: str, server: str, tmp_path: Path) -> None:
    row, url = ROWS[name], server + path_of(name)
    good, file = GOOD[row.good], recorded(tmp_path / "broken.rec", row.entries)
    broken = [text for text in good.all if text in row.broken]
    assert checked(file, good.all) == (1, broken)
    # Alone it comes out the same, though it ends the run as soon as it is decided.
    assert [text for text in good.all if checked(file, [text], fail_fast=True).code] == broken
    untimed = [text for text in broken if text in good.always]
    limits = IDLE if name == STALLED else None
    assert checked(url, good.always, limits=limits) == (int(bool(untimed)), untimed)
    assert grepped(url, WORD) is row.grep


def test_each_expectation_names_a_fault_or_falls_with_one() -> None:
    """Else it would say nothing that it holds of all the other streams."""
    expected = {text for good in GOOD.values() for text in good.all}
    assert {text for row in ROWS.values() for text in row.broken} == expected


@needs_curl
def test_redirects_in_a_circle_lead_to_nothing_that_could_be_judged(server: str) -> None:
    url = server + path_of("loop")
    assert checked(url, [COMPLETE]) == (3, [COMPLETE])
    assert checked(url, ["verdict == unreachable"]) == (0, [])
    assert not grepped(url, WORD)


AS_COMMANDS = (
    "cut",
    "an error in 200",
    "JSON instead of a stream",
    "the end marker twice",
    "401",
    "no metadata",
)


@pytest.mark.parametrize("name", AS_COMMANDS)
def test_the_command_says_what_does_not_hold(name: str, server: str) -> None:
    named, url = ROWS[name].named, server + path_of(name)
    with started("check", url, "-e", named) as process:
        code, out, err = ended(process)
    assert (code, err) == (1, "")
    assert f"  ✗ {named}" in out.decode()


def test_the_command_passes_a_good_stream(server: str) -> None:
    expect = [word for text in GOOD["chat"].always for word in ("-e", text)]
    with started("check", server + path_of("chat"), *expect) as process:
        code, out, err = ended(process)
    assert (code, err) == (0, "")
    assert out.decode().count("  ✓ ") == len(GOOD["chat"].always)
