"""One client's connection: requests in, answers out, one after the other."""

from asyncio import BaseTransport, Protocol, TimerHandle, Transport
from collections import deque
from http import HTTPStatus
from typing import cast

from sse_cli.server.answer import Whole, error
from sse_cli.server.ending import GONE, HELD, PERFORM, PROPER, STOPPED
from sse_cli.server.house import House
from sse_cli.server.log import Came
from sse_cli.server.performance import Performance
from sse_cli.server.request import BadRequest, Request, RequestReader

PATIENCE = 30.0
"""Seconds that a request may take from its first byte to its last."""

LINGER = 5.0
"""Seconds for a client to go that was sent all: closed any earlier, TCP could drop the answer's end."""

MOST_WAITING = 16
"""Requests that may wait for the answer to the one before; with more, nothing is read."""

_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
_UNREADABLE = Request(method="", target="", path="", keeps_alive=False)


class Connection(Protocol):
    """Reads requests and has them answered. A client that goes ends its answer."""

    _transport: Transport
    _client = ""

    def __init__(self, house: House) -> None:
        self._house = house
        self._timer = house.timer
        self._reader = RequestReader()
        self._waiting: deque[Request | BadRequest] = deque()
        self._deadline: TimerHandle | None = None
        self._playing: Performance | None = None
        self._is_last = False  # no request is answered any more
        self._is_full = False  # the client does not take what was sent
        self._ending = GONE  # what is told of an answer that is playing when the connection is lost

    # asyncio's side

    def connection_made(self, transport: BaseTransport) -> None:
        """Begin. Nothing is kept back here, so that a break comes after all that was sent before it."""
        self._transport = cast(Transport, transport)
        self._transport.set_write_buffer_limits(high=1, low=0)  # at a high of 0, asyncio's TLS stays paused
        peer = transport.get_extra_info("peername")
        self._client = f"{peer[0]}:{peer[1]}" if isinstance(peer, tuple) else ""
        self._house.enter(self)

    def data_received(self, data: bytes) -> None:
        """Take bytes of requests."""
        self._waiting += self._reader.feed(data)
        if len(self._waiting) > MOST_WAITING:
            self._transport.pause_reading()
        self._answer_next()

    def pause_writing(self) -> None:
        """Wait for a client that does not read."""
        self._is_full = True
        if self._playing is not None:
            self._playing.play.hold()

    def resume_writing(self) -> None:
        """Go on."""
        self._is_full = False
        if self._playing is not None:
            self._playing.play.release()
        elif self._is_last:
            self._set_deadline(LINGER)
        else:
            self._answer_next()

    def eof_received(self) -> None:
        """End the answer of a client that says no more: who asks a server for a stream stays to hear it."""
        self._is_last = True
        self._end_play(self._ending)

    def connection_lost(self, _error: Exception | None) -> None:
        """End the answer of a client that has gone."""
        self.eof_received()
        self._set_deadline(None)
        self._house.leave(self)

    # the server's side

    def stop(self) -> None:
        """End what is being played; send what is left of anything else."""
        self._is_last = True
        if self._playing is not None:
            self._end_play(STOPPED)
            self._transport.abort()
        else:
            self._transport.close()

    def _answer_next(self) -> None:
        while self._waiting and not (self._playing or self._is_full or self._is_last):
            self._answer(self._waiting.popleft())
        if self._is_last:
            return
        if len(self._waiting) <= MOST_WAITING and not self._transport.is_reading():
            self._transport.resume_reading()
        if self._reader.wants_continue and self._playing is None:
            self._reader.wants_continue = False
            self._transport.write(_CONTINUE)
        if not self._reader.is_midway:
            self._set_deadline(None)
        elif self._deadline is None:
            self._set_deadline(PATIENCE)

    def _answer(self, found: Request | BadRequest) -> None:
        if isinstance(found, BadRequest):
            self._send(error(found.status, found.reason), _UNREADABLE)
            return
        answer = self._house.answer(found)
        if isinstance(answer, Whole):
            self._send(answer, found)
            return
        self._playing = Performance(answer, found, self._transport, self._house, self._client, self._end)
        self._playing.play.go_on()

    def _send(self, answer: Whole, request: Request) -> None:
        more = [] if request.keeps_alive else [("Connection", "close")]
        self._house.log(Came.of(request, self._house.number(), self._client, answer.status))
        self._transport.write(answer.encode(request.method, more))
        if not request.keeps_alive:
            self._leave()

    def _end(self, how: str) -> None:
        """End an answer that was played as it is to be ended."""
        assert self._playing is not None
        if how in HELD:
            self._is_last, self._ending = True, how
            self._set_deadline(None)
            PERFORM[how](self._transport)
            return
        closes = self._playing.closes
        self._end_play(how)
        if how != PROPER:
            self._is_last = True
            PERFORM[how](self._transport)
        elif closes:
            self._leave()
        else:  # not from here, since there may be many
            self._timer.call_at(self._timer.time(), self._answer_next)

    def _end_play(self, how: str) -> None:
        playing, self._playing = self._playing, None
        if playing is not None:
            playing.over(how)

    def _leave(self) -> None:
        """Say that no more comes, and give the client time to go."""
        self._is_last = True
        self._transport.resume_reading()
        if not self._transport.can_write_eof():
            self._transport.close()
            return
        self._transport.write_eof()
        if not self._is_full:
            self._set_deadline(LINGER)

    def _set_deadline(self, seconds: float | None) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
        self._deadline = None
        if seconds is not None:
            self._deadline = self._timer.call_at(self._timer.time() + seconds, self._at_deadline)

    def _at_deadline(self) -> None:
        """Refuse a request that does not end, or go before a client that does not go."""
        self._deadline = None
        if self._is_last:
            self._transport.abort()
            return
        self._reader.give_up()
        reason = f"the end of the request did not come within {PATIENCE:.0f} s"
        self._waiting.append(BadRequest(HTTPStatus.REQUEST_TIMEOUT, reason))
        self._answer_next()
