"""One answer, played: its head, its chunks as HTTP has them, and its end."""

from asyncio import Transport
from collections.abc import Callable

from sse_cli.core.faults.endings import CLOSE
from sse_cli.core.recording import End, Head
from sse_cli.server import cors
from sse_cli.server.answer import frame, has_body, head, headers_again
from sse_cli.server.ending import PROPER, ending_of
from sse_cli.server.house import House, Script
from sse_cli.server.log import Came, Went
from sse_cli.server.play import Play
from sse_cli.server.request import Request

OnEnd = Callable[[str], None]


class Performance:
    """Plays a script to one client. `on_end` is told how it is to end, once all before that is sent.

    `closes` tells whether the end of the body is that of the connection.
    """

    def __init__(
        self, script: Script, request: Request, transport: Transport, house: House, client: str, on_end: OnEnd
    ) -> None:
        self._script = script
        self._request = request
        self._transport = transport
        self._house = house
        self._client = client
        self._on_end = on_end
        self._number = house.number()
        self._is_chunked = False
        self.closes = not request.keeps_alive
        self.play = Play(script.entries, self, house.timer)

    def begin(self, head_of: Head) -> None:
        """Send the head, where the recording has one: else the server was gone before it answered."""
        response, method = head_of.response, self._request.method
        if response is None:
            self._tell(0)
            self._finish(CLOSE)
            return
        headers = headers_again(response.headers)
        headers += cors.allowing(self._request, [name for name, _ in headers])
        if has_body(response.status, "GET"):
            self._is_chunked = self._request.knows_chunked
            self.closes = self.closes or not self._is_chunked
        if self._is_chunked:
            headers.append(("Transfer-Encoding", "chunked"))
        if self.closes:
            headers.append(("Connection", "close"))
        self._tell(response.status)
        self._send(head(response.status, headers))
        if not has_body(response.status, method):
            self._is_chunked = False
            self._finish(PROPER)

    def give(self, data: bytes) -> None:
        """Send a chunk; one of no bytes would be the end."""
        if data:
            self._send(frame(data) if self._is_chunked else data)

    def finish(self, end: End) -> None:
        """Send the end, or have the connection broken."""
        self._finish(ending_of(end))

    def _finish(self, how: str) -> None:
        self.play.stop()
        if how == PROPER and self._is_chunked:
            self._send(frame(b""))
        self._on_end(how)

    def _send(self, data: bytes) -> None:
        if not self._transport.is_closing():  # the client may have gone, and asyncio not have said so yet
            self._transport.write(data)

    def over(self, how: str) -> None:
        """Stop, and tell how it ended."""
        play = self.play
        play.stop()
        self._house.log(Went(self._number, how, play.chunks, play.bytes, round(play.seconds, 6)))
        if self._request.method != "HEAD":
            self._house.note_end()

    def _tell(self, status: int) -> None:
        script = self._script
        came = Came.of(self._request, self._number, self._client, status, script.tape, script.faults)
        self._house.log(came)
