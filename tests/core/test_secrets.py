"""What is masked, and what is not."""

import pytest

from sse_cli.core.secrets import is_secret, mask_headers, mask_url


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
    ],
)
def test_urls(url: str, shown: str) -> None:
    assert mask_url(url) == shown
