"""Redirects are followed as browsers do, and take no secret to another origin."""

import pytest

from tests.e2e.command import sse
from tests.peers.scripted import ScriptedServer, response

OK = response(body=b"data: there\n\n")
SECRETS = ("-H", "Cookie: a=1", "-H", "X-Api-Key: k", "--bearer", "t", "-H", "X-Custom: c")


def to(location: str, status: int = 302) -> bytes:
    return response(status, {"Location": location}, b"elsewhere")


def test_a_get_is_followed_and_the_summary_names_where_it_led() -> None:
    with ScriptedServer([to("/b?c#d")], [to("e")], [OK]) as server:
        result = sse(f"{server.url}/a")
        assert [request.path for request in server.requests] == ["/a", "/b?c", "/e"]
    assert result.verdict == ("complete", 0)
    assert result.text == "there\n"
    assert result.summary["url"].startswith(f"{server.url}/e")


@pytest.mark.parametrize("status", [307, 308])
def test_a_post_keeps_its_body(status: int) -> None:
    with ScriptedServer([to("/b", status)], [OK]) as server:
        assert sse(server.url, "-d", '{"a":1}').text == "there\n"
        one, two = server.requests
    assert (two.method, two.path, two.body) == ("POST", "/b", one.body)
    assert two.headers["content-type"] == "application/json"


@pytest.mark.parametrize("status", [301, 302, 303])
def test_a_post_becomes_a_get_without_what_describes_a_body(status: int) -> None:
    with ScriptedServer([to("/b", status)], [OK]) as server:
        assert sse(server.url, "-d", '{"a":1}').text == "there\n"
        two = server.requests[1]
    assert (two.method, two.body) == ("GET", b"")
    assert {"content-type", "content-length"}.isdisjoint(two.headers)


def test_the_same_origin_gets_every_header_again() -> None:
    with ScriptedServer([to("/b")], [OK]) as server:
        sse(server.url, *SECRETS)
        one, two = server.requests
    assert two.headers == one.headers


def test_another_origin_gets_no_secret() -> None:
    with ScriptedServer([OK]) as other, ScriptedServer([to(f"{other.url}/b", 307)]) as server:
        result = sse(server.url, *SECRETS, "-H", "Accept: a/b", "--last-event-id", "7", "-d", "{}")
        (request,) = other.requests
    assert result.text == "there\n"
    assert {"authorization", "cookie", "x-api-key", "x-custom"}.isdisjoint(request.headers)
    assert request.headers["accept"] == "a/b"
    assert request.headers["last-event-id"] == "7"
    assert request.headers["host"] == other.url.removeprefix("http://")
    assert request.body == b"{}"


def test_a_cookie_of_the_first_answer_is_not_kept() -> None:
    answer = response(302, {"Location": "/b", "Set-Cookie": "own=1"}, b"")
    with ScriptedServer([answer], [OK]) as server:
        sse(server.url, "-H", "Cookie: a=1")
        assert server.requests[1].headers["cookie"] == "a=1"


def test_too_many_are_given_up() -> None:
    with ScriptedServer(*[[to("/again")]] * 21) as server:
        result = sse(server.url)
        assert len(server.requests) == 21
    assert result.verdict == ("unreachable", 3)
    assert "more than 20 redirects" in result.err
    assert "/again" in result.err
    assert "--no-location" in result.err


@pytest.mark.parametrize(("most", "asked", "code"), [("0", 1, 3), ("1", 2, 3), ("22", 23, 0), ("-1", 23, 0)])
def test_how_many_are_followed_is_the_users(most: str, asked: int, code: int) -> None:
    with ScriptedServer(*[[to("/again")]] * 22, [OK]) as server:
        result = sse(server.url, "--max-redirs", most)
        assert (len(server.requests), result.code) == (asked, code)


def test_one_that_is_not_wanted_is_refused() -> None:
    with ScriptedServer([to("/b")]) as server:
        result = sse(server.url, "--no-location")
        assert len(server.requests) == 1
    assert result.verdict == ("refused", 4)
    assert "302 Found to /b\n" in result.err
    assert "elsewhere" in result.err
    assert "not followed" in result.err


@pytest.mark.parametrize("location", ["ftp://h/x", "http://[bad", "http://h:99999/", "mailto:a@b"])
def test_one_to_nowhere_is_told(location: str) -> None:
    with ScriptedServer([to(location)]) as server:
        result = sse(server.url)
    assert result.verdict == ("unreachable", 3)
    assert "redirects to what is no http address" in result.err
