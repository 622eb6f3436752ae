"""What in a profile is taken for a secret that is written out, and what is not."""

from typing import Any

import pytest

from sse_cli.cli.profile.keys import words
from sse_cli.cli.toml.references import is_from_outside
from sse_cli.cli.toml.secrets import HOLDERS, written_out


@pytest.mark.parametrize(
    ("key", "value", "path", "what"),
    [
        ("url", "https://me:hush@h/", (), "the password in the URL"),
        ("url", "https://hush@h/", (), "the password in the URL"),
        ("url", "me:hush@h/", (), "the password in the URL"),
        ("url", "https://h/p?a=1&api_key=hush#f", (), "'api_key' in the URL"),
        ("proxy", "socks5://me:hush@h", (), "the password in the URL"),
        ("referer", "https://h/?token=hush", (), "'token' in the URL"),
        ("bearer", "hush", (), "the token"),
        ("bearer", "${TOKEN:-hush}", (), "the token"),
        ("user", "me:hush", (), "the password"),
        ("header", "X-Api-Key: hush", (), "the header X-Api-Key"),
        ("header", ["A: b", "authorization: Bearer hush"], (1,), "the header authorization"),
        ("header", {"X-Auth": "hush"}, ("X-Auth",), "the header X-Auth"),
        ("header", "Referer: https://me:hush@h/", (), "the password in the URL"),
        ("header", "Cookie: a=${A}; sid=hush", (), "the cookie sid"),
        ("cookie", "sid=hush", (), "the cookie sid"),
        ("cookie", {"sid": "hush"}, ("sid",), "the cookie sid"),
        ("form", "password=hush", (), "'password' in the form"),
        ("data", "a=1&client_secret=hush", (), "'client_secret' in the body"),
        ("data-urlencode", ["a", "key=hush"], (1,), "'key' in the body"),
        ("data", '{"n": ${N}, "api_key": "hush"}', (), "'api_key' in the body"),
        ("data", {"a": {"token": "hush"}}, ("a", "token"), "'token' in the body"),
        ("json", [{"keys": ["${A}", "hush"]}], (0, "keys", 1), "'keys' in the body"),
    ],
)
def test_a_secret_that_is_written_out(key: str, value: Any, path: tuple[Any, ...], what: str) -> None:
    assert list(written_out(words().keys[key], value, is_from_outside)) == [(path, what)]


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("url", "https://${NAME}:${PASSWORD}@h/?key=${KEY}&author=me&keyword=news"),
        ("url", "me@host.sse"),
        ("url", "http://[::1"),
        ("bearer", "env:TOKEN"),
        ("bearer", "@token"),
        ("bearer", "${TOKEN}"),
        ("user", "me"),
        ("user", "me:${PASSWORD}"),
        ("header", "Authorization: Bearer ${TOKEN}"),
        ("header", "@secret-headers"),
        ("header", "X-Api-Key:"),
        ("header", {"Accept": "a/b", "X-Team": "infra"}),
        ("cookie", "cookies.txt"),
        ("cookie", "sid=${SID}"),
        ("form", "key=@key.pem"),
        ("json", "@secret.json"),
        ("json", {"max_completion_tokens": 5, "author": "me", "api_key": "${KEY}", "tokens": []}),
        ("key", "key.pem"),
        ("where", "$.token == 'end'"),
    ],
)
def test_what_is_none_or_comes_from_elsewhere(key: str, value: Any) -> None:
    assert list(written_out(words().keys[key], value, is_from_outside)) == []


def test_only_what_there_is_may_hold_one() -> None:
    assert set(HOLDERS) <= set(words().keys)
