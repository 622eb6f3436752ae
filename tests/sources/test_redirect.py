"""The next request after a redirect, as values."""

import pytest

from sse_cli.sources.redirect import follow
from sse_cli.sources.request import Request
from sse_cli.sources.source import Unreachable

HEADERS = (("Accept", "a/b"), ("Host", "own"), ("Cookie", "c"), ("X-Key", "k"), ("Content-Type", "t/t"))


def asked(method: str = "GET", url: str = "https://h/a/b?c") -> Request:
    return Request(method=method, url=url, headers=HEADERS, body=b"body")


@pytest.mark.parametrize(
    ("location", "url"),
    [
        ("d", "https://h/a/d"),
        ("/d?e", "https://h/d?e"),
        ("?e", "https://h/a/b?e"),
        ("//other/d", "https://other/d"),
        ("http://other:81/d", "http://other:81/d"),
        ("", "https://h/a/b?c"),
        ("é", "https://h/a/é"),
    ],
)
def test_the_address_is_resolved(location: str, url: str) -> None:
    assert follow(asked(), 302, location).url == url


@pytest.mark.parametrize(
    "location", ["ftp://h/", "mailto:a@b", "http://", "http://[x", "http://h:99999/", "data:,"]
)
def test_what_leads_nowhere_is_unreachable(location: str) -> None:
    with pytest.raises(Unreachable, match="no http address"):
        follow(asked(), 302, location)


METHODS = {
    301: {"GET": "GET", "POST": "GET", "PUT": "PUT", "HEAD": "HEAD"},
    302: {"GET": "GET", "POST": "GET", "PUT": "PUT", "HEAD": "HEAD"},
    303: {"GET": "GET", "POST": "GET", "PUT": "GET", "HEAD": "HEAD"},
    307: {"GET": "GET", "POST": "POST", "PUT": "PUT", "HEAD": "HEAD"},
    308: {"GET": "GET", "POST": "POST", "PUT": "PUT", "HEAD": "HEAD"},
}


@pytest.mark.parametrize(("status", "methods"), METHODS.items())
def test_the_method_changes_as_in_browsers(status: int, methods: dict[str, str]) -> None:
    for method, expected in methods.items():
        following = follow(asked(method), status, "/d")
        changed = method != expected
        assert following.method == expected
        assert following.body == (b"" if changed else b"body")
        assert (("Content-Type", "t/t") in following.headers) is not changed


@pytest.mark.parametrize(
    ("url", "location", "same"),
    [
        ("https://h/", "https://h:443/x", True),
        ("https://h/", "https://H/x", True),
        ("https://h/", "https://h:444/x", False),
        ("http://h/", "https://h/x", False),
        ("https://h/", "https://h.evil/x", False),
        ("https://h/", "//evil/x", False),
    ],
)
def test_no_secret_goes_to_another_origin(url: str, location: str, same: bool) -> None:
    following = follow(asked(url=url), 307, location)
    expected = HEADERS if same else (("Accept", "a/b"), ("Content-Type", "t/t"))
    assert following.headers == expected


def test_what_was_taken_out_does_not_come_back() -> None:
    there = follow(asked(), 307, "https://other/")
    assert "Cookie" not in dict(follow(there, 307, "https://h/").headers)
