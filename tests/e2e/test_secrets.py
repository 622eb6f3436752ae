"""A secret is not shown by anything but the stream itself, however it was given and however the run ends."""

import base64
from collections.abc import Callable

import pytest

from tests.e2e.command import Result, sse
from tests.peers.scripted import Script, ScriptedServer, reset, response

HUSH = "HUSH-c0ffee"
BASIC = base64.b64encode(f"me:{HUSH}".encode()).decode()


def says(what: str) -> Script:
    return [response(401, body=f'{{"error": {{"message": "no such key: {what}"}}}}'.encode())]


GIVEN: dict[str, Callable[[str], list[str]]] = {
    "in the URL": lambda url: [url.replace("http://", f"http://me:{HUSH}@")],
    "in the URL, alone": lambda url: [url.replace("http://", f"http://{HUSH}@")],
    "in the query": lambda url: [f"{url}/?api_key={HUSH}&a=1"],
    "last in the query, and behind it": lambda url: [f"{url}/?a=1&access_token={HUSH}#key={HUSH}"],
    "as a header": lambda url: [url, "-H", f"Authorization: Bearer {HUSH}"],
    "as a header of another name": lambda url: [url, "-H", f"X-Api-Key: {HUSH}"],
    "as a cookie": lambda url: [url, "-b", f"a=1; sid={HUSH}"],
    "as a token": lambda url: [url, "--bearer", HUSH],
    "as a password": lambda url: [url, "-u", f"me:{HUSH}"],
    "in the body": lambda url: [url, "--json", f'{{"api_key": "{HUSH}"}}'],
    "in a form": lambda url: [url, "-d", f"a=1&password={HUSH}"],
    "in the referer": lambda url: [url, "-e", f"http://h/?token={HUSH}"],
}

TO_IT = {"Location": f"/b?token={HUSH}"}
ENDS: dict[str, list[Script]] = {
    "well": [[response(headers={"Set-Cookie": f"sid={HUSH}"}, body=b"data: a\n\n")]],
    "after a redirect": [[response(302, TO_IT, b"")], [response(body=b"data: a\n\n")]],
    "in a loop": [[response(302, TO_IT, b"")]] * 21,
    "nowhere": [[response(302, {"Location": f"ftp://h/?token={HUSH}"}, b"")]],
    "with JSON": [[response(headers={"Content-Type": "application/json"}, body=b'{"a": 1}')]],
    "with a page that repeats it": [[response(headers={"Content-Type": "text/html"}, body=HUSH.encode())]],
    "cut": [[response(headers={"Content-Length": "99"}) + b"data: a\n\n"]],
    "reset": [[reset]],
    "with what is no HTTP": [[b"SSH-2.0\r\n\r\n"]],
}


def check(result: Result) -> None:
    for secret in (HUSH, BASIC):
        assert secret not in result.text
        assert secret not in result.err
        assert secret not in str(result.summary)


@pytest.mark.parametrize("name", GIVEN)
def test_however_it_was_given(name: str) -> None:
    with ScriptedServer(says(HUSH)) as server:
        result = sse(*GIVEN[name](server.url), "-o", "json", "--all", "-v")
    assert result.verdict == ("refused", 4)
    assert "no such key: ***" in result.err
    check(result)


def test_a_password_as_it_goes_over_the_wire() -> None:
    with ScriptedServer(says(BASIC)) as server:
        result = sse(server.url, "-u", f"me:{HUSH}")
    assert "no such key: ***" in result.err
    check(result)


@pytest.mark.parametrize("name", ENDS)
def test_however_it_ends(name: str) -> None:
    with ScriptedServer(*ENDS[name]) as server:
        check(sse(server.url, "--bearer", HUSH, "-o", "json", "--all", "-v"))


def test_a_redirect_that_is_not_followed() -> None:
    with ScriptedServer([response(302, TO_IT, b"")]) as server:
        result = sse(server.url, "--no-location", "-v", "-o", "json", "--all")
    assert "302 Found to /b?token=***" in result.err
    check(result)


def test_an_error_in_the_stream_is_data_there_and_masked_in_what_is_said_of_it() -> None:
    body = f'event: error\ndata: {{"message": "bad key {HUSH}"}}\n\n'.encode()
    with ScriptedServer([response(body=body)]) as server:
        result = sse(server.url, "--bearer", HUSH)
    assert HUSH in result.text
    assert "the stream carried an error: bad key ***" in result.err
    assert HUSH not in result.err + str(result.summary)


WRONG: list[list[str]] = [
    [f"http://me:{HUSH}@[bad/"],
    [f"http://me:{HUSH}@h:99999/"],
    [f"ftp://me:{HUSH}@h/"],
    [f"http://h/?key={HUSH}", "-d", "@no-such-file"],
    [f"http://h/\x01?key={HUSH}"],
    ["http://h", "-H", f"X Api Key: {HUSH}"],
    ["http://h", "-H", f"Authorization {HUSH}"],
    ["http://h", "-H", f"X-Api-Key: {HUSH}\n"],
    ["http://h", "-x", f"ftp://me:{HUSH}@h"],
    ["--from-curl", f"curl http://h -H 'A: {HUSH}"],
]


@pytest.mark.parametrize("options", WRONG, ids=lambda options: " ".join(options).replace("\x01", "?"))
def test_wrong_usage(options: list[str]) -> None:
    result = sse(*options)
    assert result.code == 2
    check(result)


@pytest.mark.parametrize(
    ("host", "options", "warned"),
    [
        ("plain.test", ["--bearer", HUSH], True),
        ("plain.test", ["-u", f"me:{HUSH}"], True),
        ("plain.test", ["--bearer", HUSH, "-q"], False),
        ("plain.test", [], False),
        ("127.0.0.1", ["--bearer", HUSH], False),
        ("a.localhost", ["--bearer", HUSH], False),
    ],
)
def test_a_secret_over_plain_http_to_another_host_is_warned_of(
    host: str, options: list[str], warned: bool
) -> None:
    with ScriptedServer([response(body=b"data: a\n\n")]) as server:
        port = server.url.rpartition(":")[2]
        result = sse(f"http://{host}:{port}/", "--resolve", f"{host}:{port}:127.0.0.1", *options)
    assert result.verdict == ("complete", 0)
    assert (f"a key or password goes to {host} over http" in result.err) is warned
    check(result)
