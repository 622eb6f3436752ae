"""What a browser's EventSource does (WHATWG HTML, section 9.2), case by case, on real sockets.

The cases are heard by the library; those of the command are in `test_reconnecting`.
"""

import pytest

from sse_cli.core.pipeline import Plan
from sse_cli.stream import Fault, Item, Policy, Request
from tests.e2e.heard import hear, ids
from tests.peers.scripted import LAST_CHUNK, Script, ScriptedServer, chunk, close, reset, response

HEAD = response()
ONE, TWO = b"id: 1\ndata: one\n\n", b"id: 2\ndata: two\n\n"
STOP = [response(204)]
BOM = b"\xef\xbb\xbf"


def long(body: bytes) -> bytes:
    return response(headers={"Content-Length": "9999"}) + body


FINAL = (201, 202, 203, 205, 206, 299, 300, 304, 400, 401, 403, 404, 405, 410, 418, 500, 502, 504, 999)


@pytest.mark.parametrize("status", FINAL)
@pytest.mark.parametrize("later", [False, True], ids=["at first", "later"])
def test_a_status_that_ends_it_for_good(status: int, later: bool) -> None:
    before = [[HEAD + ONE]] if later else []
    with ScriptedServer(*before, [status_line(status) + b"\r\n"]) as server:
        heard = hear(server.url)
    assert (heard.verdict, len(server.requests)) == ("refused", 1 + later)
    assert heard.summary.status == status
    assert heard.data == ["one"] * later


def status_line(status: int) -> bytes:
    return b"HTTP/1.1 %d x\r\nContent-Type: text/event-stream\r\nContent-Length: 0\r\n" % status


@pytest.mark.parametrize("later", [False, True], ids=["at first", "later"])
@pytest.mark.parametrize("moved", [False, True], ids=["here", "there"])
def test_204_ends_it_in_good_order(later: bool, moved: bool) -> None:
    before = [[HEAD + ONE]] if later else []
    there = [[response(307, {"Location": "/b"}, b"")]] if moved else []
    with ScriptedServer(*before, *there, STOP) as server:
        heard = hear(server.url)
    assert (heard.verdict, heard.error) == ("complete" if later else "empty", None)
    assert len(server.requests) == 1 + later + moved


def test_interim_answers_are_none() -> None:
    interim = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
    with ScriptedServer([interim + HEAD + ONE], [interim + response(204)]) as server:
        heard = hear(server.url)
    assert (heard.data, heard.verdict) == (["one"], "complete")


STREAMS = (
    "text/event-stream", "TEXT/Event-Stream", "text/event-stream;", "text/event-stream ;charset=utf-8",
    "text/event-stream; charset=windows-1252",
    'text/event-stream; a=b; charset="utf-8"', " text/event-stream\t",
)  # fmt: skip
OTHERS = (
    None, "", "text/event-streams", "text/event-stream+json", "text/plain", "text/html; text/event-stream",
    "application/json", "application/event-stream", "event-stream",
)  # fmt: skip


@pytest.mark.parametrize("type_", STREAMS)
def test_a_type_of_streams_is_asked_again_and_is_utf8(type_: str) -> None:
    scripts = [[response(headers={"Content-Type": type_}) + "id: 1\ndata: é\n\n".encode()], STOP]
    with ScriptedServer(*scripts) as server:
        heard = hear(server.url)
    assert (heard.data, heard.verdict, ids(server)) == (["é"], "complete", [None, "1"])


@pytest.mark.parametrize("type_", OTHERS)
def test_another_type_is_not_asked_again(type_: str | None) -> None:
    with ScriptedServer([response(headers={"Content-Type": type_}, body=ONE)]) as server:
        heard = hear(server.url)
    assert (len(server.requests), heard.faults) == (1, [])


def test_another_type_is_asked_again_where_it_is_read_as_a_stream() -> None:
    with ScriptedServer([response(headers={"Content-Type": "text/html"}) + ONE], STOP) as server:
        heard = hear(server.url, plan=Plan(decode="sse"))
    assert (heard.data, ids(server)) == (["one"], [None, "1"])


NO_NUMBERS = ("", "-1", "+5", "1.5", "1e3", "1_0", "5 ", " 5", "0x5", "5s", "٣", "²")
WAITS: dict[bytes, float] = {
    b"": 1,
    b"retry: 50\n\n": 0.05,
    b"retry:50\n\n": 0.05,
    b"retry: 0\n\n": 0,
    b"retry: 007\n\n": 0.007,
    b"retry: 0050\n\n": 0.05,
    b"retry: 1\nretry: 50\n\n": 0.05,
    b"retry: 1\n\nretry: 50\n\n": 0.05,
    b"retry: 50\n\nretry: x\n\n": 0.05,
    b"retry: 50\nretry: x\n\n": 0.05,
    b"retry: 50\ndata: unfinished\n": 0.05,
    b"retry: 50\r": 0.05,
    b"retry: 50": 1,
    b"retry: 86400000\n\n": 86_400,
    b"retry: " + b"9" * 5000 + b"\n\n": 604_800,
    **{f"retry: {no}\n\n".encode(): 1 for no in NO_NUMBERS},
    b"retry\n\n": 1,
    b"Retry: 50\n\n": 1,
}  # fmt: skip


@pytest.mark.parametrize(
    "sent", WAITS, ids=lambda sent: sent.decode()[:24].replace("\n", "|").replace("\r", "/")
)
@pytest.mark.parametrize("how", ["an end", "a cut"])
def test_the_reconnection_time_is_the_server_s(sent: bytes, how: str) -> None:
    script: Script = [HEAD + ONE + sent] if how == "an end" else [long(ONE + sent), close]
    with ScriptedServer(script) as server:
        heard = hear(server.url, reconnect=Policy(jitter=0.0), on_item=is_fault)
    assert [fault.retry_in for fault in heard.faults] == [WAITS[sent]]


def is_fault(item: Item) -> bool:
    return isinstance(item, Fault)


def test_the_reconnection_time_outlives_the_connection() -> None:
    with ScriptedServer(
        [HEAD + b"retry: 1\n\n" + ONE], [HEAD + TWO], [HEAD + b"retry: 2\n\n" + ONE], STOP
    ) as server:
        heard = hear(server.url, reconnect=Policy(delay=99.0, jitter=0.0))
    assert [fault.retry_in for fault in heard.faults] == [0.001, 0.001, 0.002]


IDS: dict[str, tuple[bytes, str | None]] = {
    "none": (b"data: x\n\n", None),
    "one": (b"id: 7\ndata: x\n\n", "7"),
    "the last": (b"id: 7\ndata: x\n\nid: 8\ndata: y\n\n", "8"),
    "the last of a block": (b"id: 7\nid: 8\ndata: x\n\n", "8"),
    "kept by what has none": (b"id: 7\ndata: x\n\ndata: y\n\n", "7"),
    "without data": (b"id: 7\ndata: x\n\nid: 8\n\n", "8"),
    "emptied": (b"id: 7\ndata: x\n\nid:\ndata: y\n\n", None),
    "emptied without a colon": (b"id: 7\ndata: x\n\nid\n\n", None),
    "with a NUL": (b"id: 7\ndata: x\n\nid: 8\0\ndata: y\n\n", "7"),
    "a NUL alone": (b"id: \0\ndata: x\n\n", None),
    "a NUL before a good one": (b"id: \0\nid: 8\ndata: x\n\n", "8"),
    "of a block that is cut": (b"id: 7\ndata: x\n\nid: 8\ndata: y\n", "7"),
    "of a line that is cut": (b"id: 7\ndata: x\n\nid: 8", "7"),
    "of Unicode": ("id: ключ é 😀 \u2028\ndata: x\n\n".encode(), "ключ é 😀 \u2028"),
    "of bytes that are not UTF-8": (b"id: a\xff\ndata: x\n\n", "a\ufffd"),
    "with a colon and spaces": (b"id: a: b  c\ndata: x\n\n", "a: b  c"),
    "of JSON": (b'id: [{"topic":"a","offset":-1}]\ndata: x\n\n', '[{"topic":"a","offset":-1}]'),
    "of eight kilobytes": (b"id: " + b"x" * 8192 + b"\ndata: x\n\n", "x" * 8192),
    "a name in capitals": (b"ID: 8\ndata: x\n\n", None),
    "after CR alone": (b"id: 7\rdata: x\r\r", "7"),
    "after CRLF": (b"id: 7\r\ndata: x\r\n\r\n", "7"),
}
ENDS: dict[str, Script] = {
    "an end": [],
    "a cut": [close],
    "the last chunk": [LAST_CHUNK],
    "a cut chunk": [b"99\r\nda", close],
}


@pytest.mark.parametrize("name", IDS)
@pytest.mark.parametrize("how", ENDS)
def test_the_id_that_is_sent(name: str, how: str) -> None:
    body, id_ = IDS[name]
    head = {"an end": HEAD + body, "a cut": long(body)}.get(how, response(chunked=True) + chunk(body))
    with ScriptedServer([head, *ENDS[how]], STOP) as server:
        heard = hear(server.url)
    assert (ids(server), heard.verdict) == ([None, id_], "complete")
    one, two = (request.head.replace(b"\r\n\r\n", b"\r\n") for request in server.requests)
    sent = f"Last-Event-ID: {id_}\r\n".encode() if id_ is not None else b""
    assert two == one + sent, "all else is asked for as before"


def test_the_id_that_is_given_is_in_force_until_there_is_another() -> None:
    scripts = [[HEAD + b"data: a\n\n"], [HEAD + b"id: 2\ndata: b\n\n"], [HEAD + b"id\ndata: c\n\n"], STOP]
    with ScriptedServer(*scripts) as server:
        heard = hear(Request.of(server.url, last_event_id="é"))
    assert ids(server) == ["é", "é", "2", None]
    assert [event.last_event_id for event in heard.events] == ["é", "2", ""]


REDIRECTS = (301, 302, 303, 307, 308)


@pytest.mark.parametrize("status", REDIRECTS)
def test_each_connection_begins_at_the_first_address(status: int) -> None:
    def to(location: str) -> Script:
        return [response(status, {"Location": location}, b"")]

    with ScriptedServer([HEAD + TWO]) as other:
        scripts = [to("b?c"), to("/d#e"), [HEAD + ONE], to(f"{other.url}/f"), STOP]
        with ScriptedServer(*scripts) as server:
            heard = hear(f"{server.url}/a/")
    assert [request.path for request in server.requests] == ["/a/", "/a/b?c", "/d", "/a/", "/a/"]
    assert (ids(server), ids(other)) == ([None, None, None, "1", "2"], ["1"])
    assert (heard.data, heard.verdict) == (["one", "two"], "complete")
    assert [attempt.last_event_id for attempt in heard.summary.attempts] == ["", "1", "2"]


@pytest.mark.parametrize("status", REDIRECTS)
def test_each_connection_begins_with_the_first_method_and_body(status: int) -> None:
    to = [response(status, {"Location": "/b"}, b"")]
    with ScriptedServer(to, [HEAD + ONE], to, STOP) as server:
        hear(Request.of(server.url, method="POST", body=b"{}"))
    there = ("POST", b"{}") if status in (307, 308) else ("GET", b"")
    asked = [(request.method, request.body) for request in server.requests]
    assert asked == [("POST", b"{}"), there] * 2


@pytest.mark.parametrize("status", [429, 503])
def test_a_server_that_is_busy_behind_a_redirect_is_asked_from_the_first_address(status: int) -> None:
    to, busy = [response(307, {"Location": "/b"}, b"")], [response(status, {"Retry-After": "0"}, b"")]
    with ScriptedServer(to, busy, [HEAD + ONE], STOP) as server:
        heard = hear(f"{server.url}/a")
    assert [request.path for request in server.requests] == ["/a", "/b", "/a", "/a"]
    assert heard.data == ["one"]


SEAMS: dict[str, tuple[list[bytes], list[str]]] = {
    "a BOM at each": ([BOM + ONE, BOM + TWO], ["one", "two"]),
    "a BOM and no more": ([BOM, BOM + TWO], ["two"]),
    "two BOMs": ([BOM + ONE, BOM + BOM + b"data: x\n\n" + TWO], ["one", "two"]),
    "a BOM cut in two": ([BOM[:2], BOM[2:] + b"data: x\n\n" + TWO], ["two"]),
    "a CRLF cut in two": ([b"data: one\r\n\r", b"\ndata: two\r\n\r\n"], ["one", "two"]),
    "a line end cut in two": ([b"data: one\r", b"\n\ndata: two\r\n\r\n"], ["two"]),
    "an event cut in two": ([b"data: one\n", b"\ndata: two\n\n"], ["two"]),
    "a type cut off": ([b"event: a\n", b"data: two\n\n"], ["two"]),
    "a character cut in two": ([ONE + b"data: \xc3", b"\xa9: x\n\ndata: two\n\n"], ["one", "two"]),
}


@pytest.mark.parametrize("name", SEAMS)
@pytest.mark.parametrize("how", ["an end", "a cut"])
def test_nothing_but_id_and_time_goes_over_to_the_next_connection(name: str, how: str) -> None:
    bodies, data = SEAMS[name]
    scripts = [[HEAD + body] if how == "an end" else [long(body), close] for body in bodies]
    with ScriptedServer(*scripts, STOP) as server:
        heard = hear(server.url)
    assert (heard.data, heard.verdict) == (data, "complete")
    assert [event.type for event in heard.events] == ["message"] * len(data)
    assert [event.number for event in heard.events] == list(range(1, len(data) + 1))


def test_a_server_that_only_closes_is_given_up_after_the_retries() -> None:
    with ScriptedServer(*[[HEAD]] * 4) as server:
        heard = hear(server.url, reconnect=Policy(delay=0.0, retries=3))
    assert (heard.verdict, len(server.requests)) == ("empty", 4)


def test_events_forgive_what_failed_before_them() -> None:
    failing: list[Script] = [[HEAD], [response(503, body=b"")], [long(b""), close], [reset]]
    with ScriptedServer(*failing, [HEAD + ONE], *failing, STOP) as server:
        heard = hear(server.url, reconnect=Policy(delay=0.0, retries=4))
    assert (heard.data, heard.verdict, len(server.requests)) == (["one"], "complete", 10)
