"""What is masked, and what is not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sse_cli.core.secrets import Secrets, is_secret, mask_headers, mask_url, secrets_in


@pytest.mark.parametrize(
    "name",
    ["Authorization", "Cookie", "Set-Cookie", "X-Api-Key", "api-key", "access_token", "client_secret", "key"],
)
def test_secret_names(name: str) -> None:
    assert is_secret(name)


@pytest.mark.parametrize("name", ["Accept", "Content-Type", "X-Request-Id", "max_tokens", "topic", "model"])
def test_open_names(name: str) -> None:
    assert not is_secret(name)


def test_the_scheme_of_an_authorization_stays() -> None:
    headers = mask_headers([("authorization", "Bearer sk-123"), ("x-api-key", "abc"), ("Accept", "a/b")])
    assert headers == [("authorization", "Bearer ***"), ("x-api-key", "***"), ("Accept", "a/b")]


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://h/p?key=abc&topic=x", "https://h/p?key=***&topic=x"),
        ("https://u:pw@h:8/p", "https://u:***@h:8/p"),
        ("https://token@h/", "https://***@h/"),
        ("https://h/p?a=1#f", "https://h/p?a=1#f"),
        ("https://h/p#access_token=abc", "https://h/p#access_token=***"),
        ("me:pw@h:8/p", "me:***@h:8/p"),
        ("a@b.sse", "a@b.sse"),
        ("@name", "@name"),
        ("http://me:p@ss@[bad", "http://me:***@[bad"),
    ],
)
def test_urls(url: str, shown: str) -> None:
    assert mask_url(url) == shown


def test_a_header_that_holds_a_url() -> None:
    assert mask_headers([("Location", "/a?token=x"), ("Referer", "http://h/?a=b")]) == [
        ("Location", "/a?token=***"),
        ("Referer", "http://h/?a=b"),
    ]


def test_what_was_sent_is_hidden_in_every_form() -> None:
    headers = [
        ("Authorization", "Basic bWU6c2VzYW1lLW9wZW4="),
        ("Cookie", "theme=dark-mode; sid=s3cret-cookie"),
        ("X-Api-Key", "key-123456"),
    ]
    url, body = "http://h/?token=a%2Fb%2Fc%2Fd", '{"api_key": "json-key-1", "model": "big-model"}'
    hide = Secrets(secrets_in(headers, url, body)).hide
    for secret in (
        "sesame-open",
        "me:sesame-open",
        "s3cret-cookie",
        "key-123456",
        "a/b/c/d",
        "a%2Fb%2Fc%2Fd",
    ):
        assert hide(f"<{secret}>") == "<***>"
    assert hide("json-key-1 big-model") == "*** big-model"


def test_a_word_is_no_secret() -> None:
    assert Secrets(secrets_in([("X-Token", "abc")], "http://h", "")).hide("abc") == "abc"


@given(st.text())
def test_masking_never_fails(text: str) -> None:
    mask_url(text)
    Secrets(secrets_in([("Authorization", text), ("Cookie", text)], text, text)).hide(text)
