"""How an answer ends on the wire: what a client sees of each fault, and of each end of a recording."""

import asyncio

import pytest

from sse_cli.core.items import Chunk, Fault
from sse_cli.core.recording import Asked, End, Head
from sse_cli.server.log import Came, Went
from tests.server.house import (
    CLOSING,
    GET,
    HEAD,
    TAPE,
    A,
    B,
    House,
    JumpingTimer,
    connected,
    head,
    run,
    tape,
    unframed,
)

FIRST = HEAD + b"9\r\n" + A + b"\r\n"


def played_to(reason: str, detail: str = "") -> House:
    return House(tape(head(), Chunk(A, 0.0), End(at=1.0, reason=reason, detail=detail)))


def how(house: House) -> list[str]:
    return [line.how for line in house.lines if isinstance(line, Went)]


@pytest.mark.parametrize("reason", ["eof", "stopped", "interrupted", "refused"])
def test_what_did_not_break_ends_in_good_order(reason: str) -> None:
    house = played_to(reason)
    (answer,) = house.answers(CLOSING)
    assert answer.endswith(A + b"\r\n0\r\n\r\n")
    assert how(house) == ["end"]


def test_a_recording_without_an_end_ends_in_good_order() -> None:
    house = House(tape(head(), Chunk(A, 0.0)))
    (answer,) = house.answers(CLOSING)
    assert answer.endswith(b"\r\n0\r\n\r\n")


@pytest.mark.parametrize("detail", ["close", "the connection broke: Connection reset by peer"])
def test_a_cut_closes_before_the_end(detail: str) -> None:
    house = played_to("cut", detail)
    assert house.answers(GET) == [FIRST]
    assert how(house) == ["close"]


def test_a_reset_is_one() -> None:
    async def test() -> None:
        house = played_to("cut", "reset")
        async with house.open() as server, connected(server.url) as (reader, writer):
            writer.write(GET)
            assert await reader.readexactly(len(FIRST)) == FIRST
            with pytest.raises(ConnectionResetError):
                await reader.read()
        assert how(house) == ["reset"]

    run(test)


def test_a_half_closed_connection_is_still_read() -> None:
    async def test() -> None:
        house = played_to("cut", "half-close")
        async with house.open() as server:
            async with connected(server.url) as (reader, writer):
                writer.write(GET)
                assert await reader.read() == FIRST
                for _ in range(10):  # it would be reset at the second write
                    writer.write(GET)
                    await writer.drain()
                    await asyncio.sleep(0)
                assert how(house) == []
            while not how(house):
                await asyncio.sleep(0)
        assert how(house) == ["half-close"]

    run(test)


def test_a_stream_that_ran_into_a_time_limit_stays_silent() -> None:
    async def test() -> None:
        house = played_to("timeout")
        async with house.open() as server, connected(server.url) as (reader, writer):
            writer.write(GET + GET)
            assert await reader.readexactly(len(FIRST)) == FIRST
            while house.timer.now < 101.0:
                await asyncio.sleep(0)
            writer.write_eof()
            assert await reader.read() == b""
        assert how(house) == ["silence"]

    run(test)


def test_who_was_not_answered_when_it_was_recorded_is_not_answered() -> None:
    house = House(tape(Head(request=Asked(method="GET", url="/")), End(at=1.0, reason="cut")))
    assert house.answers(GET) == [b""]
    assert [line.status for line in house.lines if isinstance(line, Came)] == [0]
    assert how(house) == ["close"]


def test_connections_end_as_they_did() -> None:
    entries = (
        head(),
        Chunk(A, 1.0),
        Fault("the server ended the response", 3.0, 2.0),
        head(status=503),
        Fault("it broke", 1.0, 6.0),
        head(),
        Chunk(B, 8.0),
        End(at=9.0, reason="eof"),
    )
    timer = JumpingTimer()
    house = House(tape(*entries), timer=timer)
    first, refused, last = house.answers(CLOSING, CLOSING, CLOSING)
    assert unframed(first) == A
    assert refused.startswith(b"HTTP/1.1 503 ")
    assert not refused.endswith(b"0\r\n\r\n")
    assert unframed(last) == B
    assert how(house) == ["end", "close", "end"]
    assert timer.waits == [1.0, 1.0, 1.0, 1.0, 1.0]


def test_faults_are_applied_and_told() -> None:
    house = House(TAPE, faults=["dup@1", "drop@2:3B"])
    (answer,) = house.answers(GET)
    assert unframed(answer) == A + A + B[:3]
    came, went = house.lines
    assert isinstance(came, Came)
    assert came.faults == ("dup@1", "drop@2:3B")
    assert isinstance(went, Went)
    assert (went.how, went.chunks, went.bytes, went.seconds) == ("close", 3, 21, 2.0)


def test_the_first_request_alone_fails_where_that_is_asked_for() -> None:
    answers = House(TAPE, faults=["status@1:503"]).answers(CLOSING, CLOSING)
    assert [answer.split(b" ")[1] for answer in answers] == [b"503", b"200"]


def test_chance_is_the_same_for_the_same_seed_and_another_for_another_request() -> None:
    first, second = House(TAPE, faults=["garbage@1"]).answers(CLOSING, CLOSING)
    assert House(TAPE, faults=["garbage@1"]).answers(CLOSING, CLOSING) == [first, second]
    assert first != second
