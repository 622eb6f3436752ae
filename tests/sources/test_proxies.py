"""Which proxy a request goes through: curl's rules, as data."""

import pytest

from sse_cli.errors import UsageError
from sse_cli.sources.proxies import Proxy, parse_proxy, read_proxies

P, Q = "http://p:1", "http://q:2"

# Option, variables, URL scheme; the host of the proxy that is gone through.
CHOICES = [
    (None, {"http_proxy": P}, "http", "p"),
    (None, {"http_proxy": P}, "https", None),
    (None, {"HTTP_PROXY": P}, "http", None),  # a CGI program has it from whoever asks
    (None, {"HTTPS_PROXY": P}, "https", "p"),
    (None, {"https_proxy": P, "HTTPS_PROXY": Q}, "https", "p"),
    (None, {"https_proxy": "", "HTTPS_PROXY": Q}, "https", "q"),
    (None, {"all_proxy": P}, "http", "p"),
    (None, {"ALL_PROXY": P}, "https", "p"),
    (None, {"all_proxy": P, "http_proxy": Q}, "http", "q"),
    (P, {"http_proxy": Q}, "http", "p"),
    (P, {}, "https", "p"),
    ("", {"http_proxy": Q}, "http", None),
    (P, {"no_proxy": "host.test"}, "http", None),
    (P, {"NO_PROXY": "*"}, "http", None),
    (None, {"HTTP_PROXY": P, "all_proxy": Q}, "http", "q"),
]


@pytest.mark.parametrize(("given", "environment", "scheme", "host"), CHOICES)
def test_an_option_goes_before_variables_and_small_letters_before_great(
    given: str | None, environment: dict[str, str], scheme: str, host: str | None
) -> None:
    proxies = read_proxies(given, None, environment)
    proxy = proxies.choose(scheme, "host.test") if proxies is not None else None
    assert (proxy.host if proxy is not None else None) == host


SPARED = [
    ("host.test", "host.test", True),
    ("host.test", "HOST.test.", True),
    (".host.test", "host.test", True),
    ("host.test", "a.b.host.test", True),
    ("host.test", "ghost.test", False),
    ("other.test, host.test", "host.test", True),
    ("other.test host.test", "host.test", True),
    ("host.test:80", "host.test", False),
    ("", "host.test", False),
    ("*", "host.test", True),
    ("*.test", "host.test", False),
    ("127.0.0.1", "127.0.0.1", True),
    ("127.0.0.0/8", "127.1.2.3", True),
    ("10.0.0.1/8", "127.0.0.1", False),
    ("0.1", "127.0.0.1", False),
    ("[::1]", "::1", True),
    ("fe80::/10", "fe80::1", True),
    ("::1", "::2", False),
]


@pytest.mark.parametrize(("noproxy", "host", "spared"), SPARED)
def test_hosts_that_are_asked_without_a_proxy(noproxy: str, host: str, spared: bool) -> None:
    proxies = read_proxies(P, noproxy, {"no_proxy": "*"})
    assert (proxies is None or proxies.choose("http", host) is None) == spared


PROXIES = {
    "p": Proxy("http", "p", 1080),
    "p:3128": Proxy("http", "p", 3128),
    "http://p:3128/": Proxy("http", "p", 3128),
    "http://u:a%20b%3A@p:1": Proxy("http", "p", 1, "u", "a b:"),
    "u@p:1": Proxy("http", "p", 1, "u"),
    "https://p": Proxy("https", "p", 443),
    "https://p:3128": Proxy("https", "p", 3128),
    "socks5h://[::1]:9050": Proxy("socks5h", "::1", 9050),
    "socks4://u@p": Proxy("socks4", "p", 1080, "u"),
}


@pytest.mark.parametrize("text", PROXIES)
def test_the_url_of_a_proxy(text: str) -> None:
    assert parse_proxy(text, "-x") == PROXIES[text]


@pytest.mark.parametrize(
    "text",
    ["ftp://u:hush@p", "http://u:hush@", "http://u:hush@p:x", "http://u:hush@[::1", "http://:hush@p:99999"],
)
def test_what_is_no_proxy_is_told_and_its_password_is_not(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_proxy(text, "all_proxy")
    assert caught.value.message.startswith("all_proxy: not the URL of a proxy")
    assert "hush" not in caught.value.message


@pytest.mark.parametrize(
    ("text", "given", "user", "password"),
    [
        ("p", "a:b:c", "a", "b:c"),
        ("p", "a", "a", ""),
        ("p", "a%3A:b%20c", "a:", "b c"),
        ("c:d@p", "a:b", "c", "d"),
        ("c@p", "a:b", "c", ""),
        ("socks5://p", "a:b", "a", "b"),
    ],
)
def test_a_user_beside_the_url_counts_where_the_url_has_none(
    text: str, given: str, user: str, password: str
) -> None:
    proxy = parse_proxy(text, "-x", given)
    assert (proxy.user, proxy.password) == (user, password)


@pytest.mark.parametrize("text", ["socks4://u:hush@p", "socks4a://u%00hush@p"])
def test_socks4_has_room_for_a_user_alone(text: str) -> None:
    with pytest.raises(UsageError, match="SOCKS4 knows no password") as caught:
        parse_proxy(text, "-x")
    assert "hush" not in caught.value.message


def test_what_socks_has_no_room_for() -> None:
    assert parse_proxy(f"http://u:{'x' * 256}@p", "-x").password == "x" * 256
    with pytest.raises(UsageError, match="too long"):
        parse_proxy(f"socks5://u:{'x' * 256}@p", "-x")
