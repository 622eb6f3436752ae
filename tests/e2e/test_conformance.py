"""The library as a conformance harness drives it: over HTTP, by a service around it, each capability a case.

The harness here is a small one of our own. It speaks the protocol that `peers/conformance_service` names.
"""

import json
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPResponse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import SimpleQueue
from types import MappingProxyType
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import pytest

from tests.e2e.command import HANGS
from tests.peers.real import conformance_service
from tests.peers.scripted import Request, Script, ScriptedServer, close, reset, response, until_gone

HEAD = response()
ONE, TWO = b"id: 1\ndata: one\n\n", b"data: two\n\n"
CUT = [response(headers={"Content-Length": "999"}) + ONE, close]
LATER = [HEAD + TWO, until_gone]
AT_ONCE = {"initialDelayMs": 0}
ERROR = "error"
TOLD_ONE = ("message", "one", "1")
TOLD_TWO = ("message", "two", "")
TOLD_TWO_AFTER = ("message", "two", "1")

Told = str | tuple[str, str, str]
"""What the service told: `error`, a comment's text after a colon, or an event's type, data and id."""


@pytest.fixture(scope="module")
def service() -> Iterator[str]:
    with conformance_service() as url:
        yield url


class Case(NamedTuple):
    """What the server does, what is to be told, and what is asked for. `ids` are those that are sent."""

    scripts: Sequence[Script]
    told: Sequence[Told]
    params: Mapping[str, Any] = MappingProxyType({})
    ids: Sequence[str | None] = (None,)


BODY = {"method": "POST", "body": '{"a": "é"}', "headers": {"content-type": "application/json"}, **AT_ONCE}

CASES: dict[str, Case] = {
    "events": Case(
        [[HEAD + b"event: a\nid: 1\ndata: x\ndata\n\ndata: y\n\n", until_gone]],
        [("a", "x\n", "1"), ("message", "y", "1")],
    ),
    "comments": Case([[HEAD + b":Hello\n: two\n" + TWO, until_gone]], [":Hello", ":two", TOLD_TWO]),
    "bom": Case(
        [[HEAD + b"\xef\xbb", b"\xbfdata: \xef\xbb\xbfx\n\n", until_gone]], [("message", "\ufeffx", "")]
    ),
    "headers": Case([LATER], [TOLD_TWO], {"headers": {"header-name-1": "value-1", "accept": "a/b"}}),
    "post": Case([CUT, LATER], [TOLD_ONE, ERROR, TOLD_TWO_AFTER], BODY, [None, "1"]),
    "report": Case([LATER], [TOLD_TWO], {**BODY, "method": "REPORT"}),
    "last-event-id": Case(
        [[response(body=TWO)], LATER],
        [("message", "two", "7é"), ERROR, ("message", "two", "7é")],
        {"lastEventId": "7é", **AT_ONCE},
        ["7é", "7é"],
    ),
    "read-timeout": Case(
        [[HEAD + ONE, until_gone], [response(204)]],
        [TOLD_ONE, ERROR],
        {"readTimeoutMs": 60, **AT_ONCE},
        [None, "1"],
    ),
    "retry": Case(
        [[HEAD + b"retry: 0\n" + ONE, reset], LATER],
        [TOLD_ONE, ERROR, TOLD_TWO_AFTER],
        {"initialDelayMs": 3_600_000},
        [None, "1"],
    ),
    "an end": Case([[HEAD + ONE], LATER], [TOLD_ONE, ERROR, TOLD_TWO_AFTER], AT_ONCE, [None, "1"]),
    "an emptied id": Case(
        [[HEAD + ONE + b"id\n" + TWO], LATER],
        [TOLD_ONE, TOLD_TWO, ERROR, TOLD_TWO],
        AT_ONCE,
        [None, None],
    ),
    "part of an event": Case(
        [[HEAD + ONE + b"id: 2\ndata: tw"], LATER], [TOLD_ONE, ERROR, TOLD_TWO_AFTER], AT_ONCE, [None, "1"]
    ),
    **{
        str(status): Case([[response(status, body=b"no")], LATER], [ERROR, TOLD_TWO], AT_ONCE, [None, None])
        for status in (500, 503)
    },
    **{str(status): Case([[response(status, body=b"no")]], [ERROR], AT_ONCE) for status in (401, 404, 405)},
    "301": Case([[response(301, {"Location": "/b"}, b"")], LATER], [TOLD_TWO], AT_ONCE, [None, None]),
    "301 to nowhere": Case([[response(301, body=b"")]], [ERROR], AT_ONCE),
    "server-directed-shutdown-request": Case([[response(204)]], [], AT_ONCE),
}  # fmt: skip


class Driven:
    """One client of the service, and what it tells."""

    def __init__(self, service: str, callbacks: "Callbacks", params: Mapping[str, Any]) -> None:
        self._service, self._callbacks = service, callbacks
        all_params = {"callbackUrl": callbacks.url, "tag": "a test", **params}
        created = ask(service, "POST", "/", all_params)
        assert created.status == 201
        self._path = created.headers["Location"]

    def told(self) -> Told:
        """Wait for what is told next."""
        message = self._callbacks.told.get(timeout=HANGS)
        if message["kind"] == "event":
            event = message["event"]
            return event["type"], event["data"], event["id"]
        return f":{message['comment']}" if message["kind"] == "comment" else message["kind"]

    def command(self, name: str) -> int:
        return ask(self._service, "POST", self._path, {"command": name}).status

    def close(self) -> None:
        assert ask(self._service, "DELETE", self._path).status == 204
        assert self._callbacks.told.empty()


class Callbacks:
    """Where the service tells what comes; `told` gets it in the order of its numbers."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}/told"
        self.told: SimpleQueue[dict[str, Any]] = SimpleQueue()
        self._numbers = 0

    def take(self, path: str, body: bytes) -> None:
        self._numbers += 1
        assert path == f"/told/{self._numbers}"
        self.told.put(json.loads(body))


@contextmanager
def listening() -> Iterator[Callbacks]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            callbacks.take(self.path, self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(202)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        callbacks = Callbacks(server.server_address[1])
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield callbacks
        finally:
            server.shutdown()
            thread.join()


def ask(service: str, method: str, path: str, params: dict[str, Any] | None = None) -> HTTPResponse:
    connection = HTTPConnection(urlsplit(service).netloc, timeout=HANGS)
    body = None if params is None else json.dumps(params).encode()
    connection.request(method, path, body, {"Content-Type": "application/json"})
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer


def drive(service: str, case: Case) -> tuple[list[Told], list[Request]]:
    with ScriptedServer(*case.scripts) as server, listening() as callbacks:
        client = Driven(service, callbacks, {"streamUrl": server.url, **case.params})
        told = [client.told() for _ in case.told]
        # What asks again when it should not is told of by the time that another client has its answer.
        with ScriptedServer(LATER) as other, listening() as others:
            another = Driven(service, others, {"streamUrl": other.url})
            assert another.told() == TOLD_TWO
            another.close()
        client.close()
    return told, server.requests


@pytest.mark.parametrize("name", CASES)
def test_a_client_tells_what_comes_and_asks_again(service: str, name: str) -> None:
    case = CASES[name]
    told, requests = drive(service, case)
    assert told == list(case.told)
    ids = [request.headers.get("last-event-id") for request in requests]
    assert [id_ and id_.encode("latin-1").decode() for id_ in ids] == list(case.ids)
    wanted = {"accept": "text/event-stream", "cache-control": "no-cache", **case.params.get("headers", {})}
    for request in requests:
        assert request.method == case.params.get("method", "GET")
        assert request.body == case.params.get("body", "").encode()
        assert {name: request.headers[name] for name in wanted} == wanted


def test_a_client_is_restarted_on_demand(service: str) -> None:
    scripts = [[HEAD + ONE, until_gone], [HEAD + TWO, until_gone], CUT, LATER]
    with ScriptedServer(*scripts) as server, listening() as callbacks:
        client = Driven(service, callbacks, {"streamUrl": server.url, "initialDelayMs": 3_600_000})
        assert client.told() == TOLD_ONE
        assert client.command("restart") == 204
        assert client.told() == TOLD_TWO_AFTER
        assert client.command("restart") == 204
        assert [client.told(), client.told()] == [TOLD_ONE, ERROR]
        assert client.command("restart") == 204, "while it waits for an hour"
        assert client.told() == TOLD_TWO_AFTER
        assert client.command("no such") == 400
        client.close()
    assert [request.headers.get("last-event-id") for request in server.requests] == [None, "1", "1", "1"]


def test_what_cannot_be_asked_is_refused(service: str) -> None:
    answer = ask(service, "POST", "/", {"streamUrl": "ftp://h/", "callbackUrl": "http://127.0.0.1:1"})
    assert answer.status == 400


def test_all_that_the_service_can_do_has_a_case(service: str) -> None:
    connection = HTTPConnection(urlsplit(service).netloc, timeout=HANGS)
    connection.request("GET", "/")
    capabilities = json.loads(connection.getresponse().read())["capabilities"]
    connection.close()
    assert set(capabilities) - set(CASES) == {"restart"}
