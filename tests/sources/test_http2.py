"""One exchange over HTTP/2, fed by hand: with what h2's own server writes, and with what no server should."""

import struct
from collections.abc import Callable, Iterable, Sequence

import pytest
from h2.errors import ErrorCodes
from h2.events import ConnectionTerminated, DataReceived, PingAckReceived, StreamReset
from h2.settings import SettingCodes
from hypothesis import given
from hypothesis import strategies as st

from sse_cli.sources.http2 import WINDOW, Http2
from sse_cli.sources.http2_frames import LARGEST
from sse_cli.sources.message import Headers, Message, address_of
from tests.peers.http2 import (
    STREAM,
    Asked,
    Say,
    Settings,
    data,
    early_hints,
    end,
    frame,
    goaway,
    head,
    new_server,
    reset,
    trailers,
)

BODY = b"data: one\n\ndata: two\n\n"
HOST = (b"Host", b"h:8443")


def message(method: str = "GET", headers: Headers = (HOST,), body: bytes = b"") -> Message:
    return Message(address_of("https://h:8443/a?b"), method, headers, body)


class Talk:
    """An exchange and a server of h2's, in memory."""

    def __init__(self, asked: Message | None = None, settings: Settings | None = None) -> None:
        self.exchange = Http2(asked or message())
        self.server = new_server(settings)
        self.asked = Asked(self.server)
        self.body = b""
        self.came = 0  # bytes of the body, without keeping them
        self._sent: list[bytes] = []
        self.exchange.start(self._sent.append)
        self.pump()

    def pump(self, *, take: bool = True) -> None:
        """Carry bytes both ways until nobody has more to say."""
        while True:
            while self._sent:
                self.asked.hear(self._sent.pop(0))
            said = self.server.data_to_send()
            if not said:
                return
            body = self.exchange.feed(memoryview(said))
            self.body += body
            if take:
                self.exchange.taken(len(body))

    def say(self, *said: Say) -> None:
        for one in said:
            one(self.server)
            self.pump()

    def send_until_full(self, most: int, *, take: bool) -> int:
        """Send a body of so many bytes, as far as is allowed; return how far that was."""
        sent = 0
        while sent < most and (
            room := min(self.server.local_flow_control_window(STREAM), LARGEST, most - sent)
        ):
            self.server.send_data(STREAM, bytes(room))
            sent += room
            self.pump(take=take)
            self.body = b""
        return sent


def answer(*said: Say | bytes, asked: Message | None = None) -> bytes:
    """Return the bytes with which a server of h2's says all that; bytes are put between as they are."""
    server, sent, written = new_server(), list[bytes](), b""
    Http2(asked or message()).start(sent.append)
    Asked(server).hear(sent[0])
    for one in said:
        if isinstance(one, bytes):
            written += server.data_to_send() + one
        else:
            one(server)
    return written + server.data_to_send()


class Reading:
    """What an exchange makes of some reads, and of the end of the connection after them."""

    def __init__(self, reads: Iterable[bytes], asked: Message | None = None) -> None:
        self.exchange = Http2(asked or message())
        self.exchange.start(lambda _data: None)
        self.body = b""
        for read in reads:
            if self.exchange.error is None:
                self.body += self.exchange.feed(memoryview(read))
        self.error = self.exchange.error
        if self.error is None and not self.exchange.complete:
            self.error = self.exchange.ended(None)


def single_bytes(data: bytes) -> list[bytes]:
    return [data[i : i + 1] for i in range(len(data))]


def ping(server: object) -> None:
    server.ping(b"12345678")  # type: ignore[attr-defined]


ANSWERS: dict[str, Sequence[Say | bytes]] = {
    "plain": [head(), data(BODY), end],
    "several frames": [head(), data(BODY[:5]), data(b""), data(BODY[5:]), end],
    "padded": [head(), data(BODY[:9], padding=0), data(BODY[9:], padding=255), data(b"", padding=3), end],
    "padding at the end": [head(), frame(0, b"\x05" + BODY + bytes(5), flags=9)],
    "sized": [head(headers={"content-length": str(len(BODY))}), data(BODY), end],
    "after early hints": [early_hints, head(), data(BODY), end],
    "with trailers": [head(), data(BODY), trailers],
    "with a head in several frames": [head(headers={"x-large": "x" * 40_000}), data(BODY), end],
    "with pings": [ping, head(), ping, data(BODY), ping, end],
    "with unknown frames": [head(), frame(0xBA, b"grease", stream=0), frame(0xBB), data(BODY), end],
    "before it goes": [head(), goaway(), data(BODY), trailers],
    "reset when it is whole": [head(), data(BODY), end, frame(3, bytes(4))],
}


@pytest.mark.parametrize("cut", [lambda data: [data], single_bytes], ids=["whole", "byte by byte"])
@pytest.mark.parametrize("name", ANSWERS)
def test_every_answer_gives_its_body_however_it_is_cut(
    name: str, cut: Callable[[bytes], list[bytes]]
) -> None:
    reading = Reading(cut(answer(*ANSWERS[name])))
    assert (reading.body, reading.error, reading.exchange.complete) == (BODY, None, True)
    assert reading.exchange.status == 200
    assert reading.exchange.headers[0] == (b"content-type", b"text/event-stream")


@given(st.sampled_from(sorted(ANSWERS)), st.lists(st.integers(1, 60), max_size=40))
def test_it_does_not_matter_where_reads_end(name: str, sizes: list[int]) -> None:
    rest, reads = answer(*ANSWERS[name]), []
    for size in sizes:
        reads.append(rest[:size])
        rest = rest[size:]
    reading = Reading([*reads, rest])
    assert (reading.body, reading.error, reading.exchange.complete) == (BODY, None, True)


def test_what_has_come_of_a_frame_is_given_at_once() -> None:
    came = answer(head(), data(BODY))
    exchange = Http2(message())
    exchange.start(lambda _data: None)
    assert exchange.feed(memoryview(came[:-3])) == BODY[:-3]
    assert exchange.feed(memoryview(came[-3:])) == BODY[-3:]


def test_the_request_is_written_as_http2_has_it() -> None:
    of_http1 = [
        (b"Connection", b"keep-alive"),
        (b"Keep-Alive", b"1"),
        (b"Proxy-Connection", b"x"),
        (b"Transfer-Encoding", b"chunked"),
        (b"Upgrade", b"h2c"),
        (b"HTTP2-Settings", b"x"),
        (b"TE", b"gzip"),
    ]
    rest = [(b"TE", b"trailers"), (b"X-Odd", b"\xff"), (b"Content-Length", b"2"), (b"Authorization", b"B x")]
    talk = Talk(message("POST", [HOST, *of_http1, *rest], b"{}"))
    lower = [(name.lower(), value) for name, value in rest]
    assert talk.asked.fields == [
        (b":method", b"POST"),
        (b":scheme", b"https"),
        (b":path", b"/a?b"),
        (b":authority", b"h:8443"),
        *lower,
    ]
    assert talk.exchange.sent == [(b":authority", b"h:8443"), *lower]
    assert (talk.asked.body, talk.asked.is_whole) == (b"{}", True)


def test_a_host_that_is_given_is_the_authority() -> None:
    assert dict(Talk(message(headers=[(b"host", b"other")])).asked.fields)[b":authority"] == b"other"


@pytest.mark.parametrize("window", [65535, 1_000_000])
def test_a_large_body_is_sent_as_the_server_allows(window: int) -> None:
    body = bytes(range(256)) * 1000
    talk = Talk(message("POST", body=body), {SettingCodes.INITIAL_WINDOW_SIZE: window})
    assert (talk.asked.body, talk.asked.is_whole) == (body, True)
    assert max(len(event.data) for event in talk.asked.of(DataReceived)) <= LARGEST


def test_a_window_may_shrink_below_nothing() -> None:
    body = bytes(70_000)
    talk = Talk(message("POST", body=body), {SettingCodes.INITIAL_WINDOW_SIZE: 0})
    for allowed in (1, 65533):
        assert len(talk.asked.body) == 65535, "all that any server takes before its settings are known"
        talk.server.increment_flow_control_window(allowed, STREAM)
        talk.pump()
    talk.server.increment_flow_control_window(70_000, STREAM)
    talk.pump()
    assert (talk.asked.body, talk.asked.is_whole) == (body, True)


def test_no_more_is_sent_than_is_allowed() -> None:
    exchange, sent = Http2(message("POST", body=bytes(100_000))), list[bytes]()
    exchange.start(sent.append)
    assert 65535 < sum(map(len, sent)) < 65535 + 1000
    exchange.feed(memoryview(answer(head(), data(BODY), end)))
    assert exchange.complete, "a server may answer without having read it all"


def test_a_window_never_closes_on_who_takes() -> None:
    talk = Talk()
    talk.say(head())
    assert talk.send_until_full(WINDOW * 3, take=True) == WINDOW * 3


def test_what_is_not_taken_holds_the_server_up() -> None:
    talk = Talk()
    talk.say(head())
    assert talk.send_until_full(WINDOW * 3, take=False) == WINDOW
    talk.exchange.taken(WINDOW // 4 - 1)
    talk.pump()
    assert talk.send_until_full(WINDOW, take=False) == 0
    talk.exchange.taken(1)
    talk.pump()
    assert talk.send_until_full(WINDOW, take=False) == WINDOW // 4


def test_padding_is_no_burden() -> None:
    talk = Talk()
    talk.say(head())
    for _ in range(WINDOW // 200):
        talk.say(data(b"", padding=255))
    assert talk.server.local_flow_control_window(STREAM) > WINDOW * 3 // 4 - 1000


def test_pings_are_answered_and_nothing_is_pushed() -> None:
    talk = Talk()
    talk.say(ping)
    assert [event.ping_data for event in talk.asked.of(PingAckReceived)] == [b"12345678"]
    assert talk.server.remote_settings.enable_push == 0


def test_who_leaves_says_so_once() -> None:
    talk = Talk()
    talk.say(head(), data(BODY))
    talk.exchange.leave()
    talk.exchange.leave()
    talk.pump()
    assert [event.error_code for event in talk.asked.of(StreamReset)] == [ErrorCodes.CANCEL]
    assert [event.error_code for event in talk.asked.of(ConnectionTerminated)] == [ErrorCodes.NO_ERROR]


def test_a_stream_that_is_whole_is_not_cancelled() -> None:
    talk = Talk()
    talk.say(head(), data(BODY), end)
    talk.exchange.leave()
    talk.pump()
    assert talk.asked.of(StreamReset) == []
    assert len(talk.asked.of(ConnectionTerminated)) == 1


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (message("HEAD"), [head(headers={"content-length": "9"}), end]),
        (message("HEAD"), [head(headers={"content-length": "9"})]),
        (message(), [head(304, {"content-length": "9"}), end]),
        (message(), [head(204), end]),
        (message(), [head(204), trailers]),
    ],
)
def test_answers_without_a_body(asked: Message, said: list[Say]) -> None:
    reading = Reading([answer(*said, asked=asked)], asked)
    assert (reading.body, reading.error, reading.exchange.complete) == (b"", None, True)


def hpack(*fields: tuple[bytes, bytes]) -> bytes:
    """Write a head as no encoder would (RFC 7541, section 6.2.2)."""
    return b"".join(b"\0%c%b%c%b" % (len(name), name, len(value), value) for name, value in fields)


def raw_head(*fields: tuple[bytes, bytes], flags: int = 4) -> bytes:
    return frame(1, hpack(*fields), flags)


def test_spaces_around_a_value_are_left_out_as_in_http1() -> None:
    came = answer(raw_head((b":status", b"200"), (b"x-Odd", b" a \t")), data(BODY))
    assert Reading([came[: came.index(BODY)]]).exchange.headers == [(b"x-Odd", b"a")]


STREAM_OF_EVENTS = [head(), data(BODY)]
SIZED = head(headers={"content-length": "9"})
PUSHED = frame(5, struct.pack(">I", 2) + hpack((b":method", b"GET")), flags=4)
BREAKS = "the server broke the rules of HTTP/2: "
GONE = "the server closed the connection before the body was whole: "
CUTS: dict[str, tuple[Sequence[Say | bytes], bytes, str]] = {
    "lost": (STREAM_OF_EVENTS, BODY, "the connection was closed before the body was whole"),
    "lost in a frame": ([head(), frame(0, BODY)[:-2]], BODY[:-2], "closed before the body was whole"),
    "reset": ([*STREAM_OF_EVENTS, reset(2)], BODY, "the server reset the stream: INTERNAL_ERROR"),
    "reset without error": ([*STREAM_OF_EVENTS, reset(0)], BODY, "the server reset the stream: NO_ERROR"),
    "reset, unknown": ([*STREAM_OF_EVENTS, reset(99)], BODY, "the server reset the stream: error 99"),
    "gone": ([*STREAM_OF_EVENTS, goaway(11, 1, b"too\nmany")], BODY, GONE + "ENHANCE_YOUR_CALM (too many)"),
    "gone in order": ([*STREAM_OF_EVENTS, goaway(), data(b"more")], BODY + b"more", GONE + "NO_ERROR"),
    "short": ([SIZED, data(b"data"), end], b"data", "the body ended after 4 of 9 bytes"),
    "short, no body": ([SIZED, end], b"", "the body ended after 0 of 9 bytes"),
    "short, with trailers": ([SIZED, data(b"data"), trailers], b"data", "the body ended after 4 of 9 bytes"),
    "long": ([SIZED, frame(0, BODY)], BODY[:9], "the body is longer than the 9 bytes its head says"),
    "long, and ends": ([SIZED, frame(0, BODY, 1)], BODY[:9], "the body is longer than the 9 bytes"),
    "pushed": ([*STREAM_OF_EVENTS, PUSHED], BODY, BREAKS + "Received pushed stream (PROTOCOL_ERROR)"),
    "another stream": ([*STREAM_OF_EVENTS, frame(0, b"x", stream=3)], BODY, BREAKS),
    "too large a frame": ([*STREAM_OF_EVENTS, frame(0, bytes(16385))], BODY, BREAKS + "a frame of 16,385"),
    "too large a ping": ([*STREAM_OF_EVENTS, frame(6, bytes(9), stream=0)], BODY, BREAKS),
    "too much padding": ([*STREAM_OF_EVENTS, frame(0, b"\2x", 8)], BODY, BREAKS + "a frame of 2 bytes"),
    "too much": ([head(), frame(0, bytes(16384)) * 257], b"", BREAKS + "it sent more than it may"),
    "a window too far": ([*STREAM_OF_EVENTS, frame(8, b"\x7f\xff\xff\xff")], BODY, BREAKS),
    "a wrong goaway": ([*STREAM_OF_EVENTS, frame(7, bytes(7), stream=0)], BODY, BREAKS),
    "a head within a head": ([*STREAM_OF_EVENTS, raw_head(flags=0), raw_head()], BODY, BREAKS),
    "trailers without an end": ([*STREAM_OF_EVENTS, raw_head((b"a", b"b"))], BODY, BREAKS),
}  # fmt: skip


@pytest.mark.parametrize("cut", [lambda data: [data], single_bytes], ids=["whole", "byte by byte"])
@pytest.mark.parametrize("name", CUTS)
def test_a_body_that_is_cut_is_given_as_far_as_it_came(
    name: str, cut: Callable[[bytes], list[bytes]]
) -> None:
    said, came, told = CUTS[name]
    written = answer(*said)
    if len(written) > 100_000 and cut is single_bytes:
        return
    reading = Reading(cut(written))
    assert reading.error is not None
    assert told in reading.error.message
    assert reading.exchange.has_head
    if name != "too much":
        assert reading.body == came
    assert not reading.exchange.complete


REFUSALS: dict[str, tuple[Sequence[Say | bytes], str, str]] = {
    "reset": ([reset(7)], "the server reset the stream: REFUSED_STREAM", "-r"),
    "HTTP/1.1 alone": ([reset(13)], "HTTP_1_1_REQUIRED", "Without --http2"),
    "gone": ([goaway(0, 0)], "closed the connection and does not deal with the request: NO_ERROR", "log"),
    "no status": ([raw_head((b"a", b"b"))], BREAKS + "a head that cannot be read", "log"),
    "odd status": ([raw_head((b":status", b"2x0"))], BREAKS + "a head that cannot be read", "log"),
    "line ends": ([raw_head((b":status", b"200"), (b"a", b"b\r\nc: d"))], BREAKS, "log"),
    "odd length": ([raw_head((b":status", b"200"), (b"content-length", b"x"))], BREAKS, "log"),
    "two lengths": ([head(headers={"content-length": "1", "Content-Length": "2"})], BREAKS, "log"),
    "odd compression": ([frame(1, b"\xff\xff\xff", 4)], BREAKS, "log"),
    "a head without end": ([raw_head((b":status", b"200"), *[(b"a" * 99, b"b" * 99)] * 399)], BREAKS, "log"),
    "a body before its head": ([frame(0, BODY)], BREAKS + "a body before its head", "log"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSALS)
def test_where_no_head_comes_it_says_why(name: str) -> None:
    said, told, hint = REFUSALS[name]
    reading = Reading([answer(*said)])
    assert reading.error is not None
    assert told in reading.error.message
    assert hint in reading.error.hint
    assert (reading.body, reading.exchange.has_head) == (b"", False)


@pytest.mark.parametrize("cut", [lambda data: [data], single_bytes], ids=["whole", "byte by byte"])
@pytest.mark.parametrize(
    ("first", "told", "hint"),
    [
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "its answer begins with 'H", "Without --http2"),
        (b"\x15\x03\x01\0\x02\x02\x46", "the server speaks TLS on this port", "https://"),
        (b"SSH-2.0-x\r\n", "begins with 'S", "Does it speak HTTP/2"),
        (b"\0\0\0\1\0\0\0\0\1", "does not speak HTTP/2 here", "Does it speak HTTP/2"),
        (b"\0\0\0\4\1\0\0\0\0", "does not speak HTTP/2 here", "Does it speak HTTP/2"),
        (b"no", "begins with 'n", "Does it speak HTTP/2"),
    ],
)
def test_an_answer_of_another_kind_is_known_by_its_beginning(
    first: bytes, told: str, hint: str, cut: Callable[[bytes], list[bytes]]
) -> None:
    reading = Reading(cut(first))
    assert reading.error is not None
    assert told in reading.error.message
    assert hint in reading.error.hint


def test_nothing_at_all_is_for_the_connection_to_tell() -> None:
    assert Reading([]).error is None
    assert Reading([answer()]).error is None


def test_a_request_that_cannot_be_written_says_so() -> None:
    exchange = Http2(message("CONNECT"))
    assert exchange.error is not None
    assert "cannot be sent in HTTP/2" in exchange.error.message


KINDS = st.integers(0, 10)
FRAMES = st.builds(frame, KINDS, st.binary(max_size=20), st.integers(0, 255), st.integers(0, 3))


@given(
    st.lists(FRAMES | st.binary(max_size=30) | st.sampled_from([answer(*said) for said in ANSWERS.values()]))
)
def test_whatever_comes_is_an_answer_or_an_error(came: list[bytes]) -> None:
    for before in (b"", answer(), answer(head(), data(BODY))):
        reading = Reading([before, *came])
        assert reading.exchange.complete is (reading.error is None and reading.exchange.complete)
