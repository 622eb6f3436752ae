"""`--from-curl`: a whole curl command, as browsers and API documents give it, as options of `sse`."""

import os
import re
from collections.abc import Collection, Iterator
from typing import Any, NamedTuple

from sse_cli.cli.main import report
from sse_cli.cli.merging import merge
from sse_cli.cli.options import RequestOptions, StoppingOptions
from sse_cli.cli.shell import split
from sse_cli.errors import SseError, UsageError
from sse_cli.sources.data import Binary, Raw, UrlEncoded
from sse_cli.sources.request import read_file

_ONE = {
    "--request": "method",
    "--json": "json",
    "--user": "user",
    "--netrc-file": "netrc_file",
    "--user-agent": "user_agent",
    "--referer": "referer",
    "--max-redirs": "max_redirs",
    "--connect-timeout": "connect_timeout",
    "--max-time": "max_time",
    "--cacert": "cacert",
    "--cert": "cert",
    "--key": "key",
    "--unix-socket": "unix_socket",
    "--interface": "interface",
    "--proxy": "proxy",
    "--proxy-user": "proxy_user",
    "--proxy-cacert": "proxy_cacert",
    "--noproxy": "noproxy",
}
"""Options that give a field its value; the last one counts."""

_MANY = {
    "--header": ("headers", str),
    "--cookie": ("cookies", str),
    "--form": ("form", str),
    "--resolve": ("resolve", str),
    "--data": ("data", str),
    "--data-ascii": ("data", str),
    "--data-raw": ("data", Raw),
    "--data-binary": ("data", Binary),
    "--data-urlencode": ("data", UrlEncoded),
}
"""Options that add to a field, and the class that says how their value is read."""

_JOINED = frozenset(field for field, _ in _MANY.values())

_FLAGS = {
    "--get": "get",
    "--insecure": "insecure",
    "--compressed": "compressed",
    "--netrc": "netrc",
    "--netrc-optional": "netrc_optional",
    "--proxy-insecure": "proxy_insecure",
    "--ipv4": "ipv4",
    "--ipv6": "ipv6",
    "--http2": "http2",
    "--http2-prior-knowledge": "http2_prior_knowledge",
}

_SOCKS = {"--socks4": "socks4", "--socks4a": "socks4a", "--socks5": "socks5", "--socks5-hostname": "socks5h"}
"""Options that name a proxy, and its scheme."""


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


_SILENT = _names(
    "--silent --show-error --no-buffer --location --include --progress-bar --basic --fail "
    "--fail-with-body --fail-early --globoff --http1.1 --no-progress-meter --no-keepalive --disable "
    "--tcp-nodelay"
)
"""Flags that ask for what `sse` does anyway, or that only say how curl talks; nobody misses them."""

_SAID = _names(
    "--verbose --anyauth --http1.0 --http3 --http3-only --tlsv1 "
    "--tlsv1.0 --tlsv1.1 --tlsv1.2 --tlsv1.3 --no-alpn --path-as-is --remote-name "
    "--remote-name-all --remote-header-name --create-dirs --no-sessionid --ssl-no-revoke --ca-native "
    "--tcp-fastopen --retry-all-errors --retry-connrefused --parallel --styled-output --trace-time"
)
_SAID_WITH_VALUE = _names(
    "--output --output-dir --write-out --dump-header --cookie-jar --retry --retry-delay --retry-max-time "
    "--limit-rate --speed-limit --speed-time --keepalive-time --stderr --trace --trace-ascii --ciphers "
    "--tls-max --tls13-ciphers --curves --max-filesize --expect100-timeout "
    "--happy-eyeballs-timeout-ms"
)
"""Options that change nothing of what the server is asked, but that somebody may miss."""

_SHORT = {
    "X": "--request", "u": "--user", "A": "--user-agent", "e": "--referer", "m": "--max-time",
    "H": "--header", "b": "--cookie", "d": "--data", "G": "--get", "k": "--insecure", "s": "--silent",
    "S": "--show-error", "N": "--no-buffer", "L": "--location", "i": "--include", "#": "--progress-bar",
    "f": "--fail", "g": "--globoff", "q": "--disable", "v": "--verbose", "0": "--http1.0",
    "1": "--tlsv1", "4": "--ipv4", "6": "--ipv6", "O": "--remote-name", "J": "--remote-header-name",
    "Z": "--parallel", "o": "--output", "w": "--write-out", "D": "--dump-header", "c": "--cookie-jar",
    "F": "--form", "x": "--proxy", "E": "--cert", "Y": "--speed-limit", "y": "--speed-time",
    "n": "--netrc", "U": "--proxy-user",
}  # fmt: skip
_TAKES_VALUE = {*_ONE, *_MANY, *_SOCKS, *_SAID_WITH_VALUE, "--url", "--oauth2-bearer"}
_TAKES_NONE = {*_FLAGS, *_SILENT, *_SAID}

_CURL = re.compile(r"(?:.*[/\\])?curl(?:\.exe)?", re.IGNORECASE)


class _Given(NamedTuple):
    """An option of curl's: `name` in full, `written` as it stood there."""

    name: str
    written: str
    value: str = ""


def apply(
    sources: list[str], request: RequestOptions, stopping: StoppingOptions, given: Collection[str] = ()
) -> tuple[list[str], RequestOptions, StoppingOptions]:
    """Return sources and options with what the curl command asks for; the user's own options win.

    As with curl, the options of one command are for each of its URLs.

    `given` names those that are the user's own even where they hold their default.
    Says on standard error what is ignored of it. Raises `UsageError` for what would ask for something else.
    """
    text = request.from_curl or ""
    if text.startswith("@"):
        text = read_file(text[1:]).decode("utf-8", "surrogateescape")
    urls, fields, ignored = _read(_options(_arguments(text)))
    if fields.get("http2") and any(url.startswith("http:") for url in urls):
        del fields["http2"]  # it would ask for an upgrade, and take the same answer without one
        ignored.append("--http2")
    if ignored:
        report(SseError(f"ignored of the curl command: {', '.join(dict.fromkeys(ignored))}"))
    request = merge(request._replace(from_curl=None), fields, given, _JOINED)
    return [*urls, *sources], request, merge(stopping, fields, given, _JOINED)


def _arguments(text: str) -> list[str]:
    words = split(text, os.environ)
    if words[:1] == ["$"]:  # a prompt, as documents show one
        del words[0]
    if not words or not _CURL.fullmatch(words[0]):
        raise UsageError(
            "not a curl command: it does not begin with curl",
            "Give it whole, in quotes: --from-curl 'curl …', or --from-curl @FILE.",
        )
    return words[1:]


def _options(words: list[str]) -> Iterator[_Given]:
    rest = iter(words)
    for word in rest:
        if word == "--":
            yield from (_Given("--url", "--url", url) for url in rest)
        elif word.startswith("--"):
            yield _long(word, word, rest)
        elif word.startswith("-") and word != "-":
            yield from _cluster(word[1:], rest)
        else:
            yield _Given("--url", "--url", word)


def _cluster(letters: str, rest: Iterator[str]) -> Iterator[_Given]:
    """Take short options apart: `-sSXPOST` is three."""
    while letters:
        written, letters = f"-{letters[0]}", letters[1:]
        name = _SHORT.get(written[1], written)
        if name in _TAKES_VALUE and letters:
            yield _Given(name, written, letters)
            return
        yield _long(name, written, rest)


def _long(name: str, written: str, rest: Iterator[str]) -> _Given:
    if name in _TAKES_NONE:
        return _Given(name, written)
    if name not in _TAKES_VALUE:
        raise UsageError(
            f"sse has nothing for this option of the curl command: {written.partition('=')[0]}",
            "Without it the request may be another one; take it out if it does not matter.",
        )
    value = next(rest, None)
    if value is None:
        raise UsageError(f"the curl command ends where {written} needs a value", "Was it copied whole?")
    return _Given(name, written, value)


def _read(options: Iterator[_Given]) -> tuple[list[str], dict[str, Any], list[str]]:
    """Return URLs, fields of the groups of options, and what is ignored."""
    urls: list[str] = []
    fields: dict[str, Any] = {}
    ignored: list[str] = []
    for name, written, value in options:
        if name == "--url":
            urls.append(value if "://" in value else f"http://{value}")  # as curl has it
        elif name == "--oauth2-bearer":
            fields.setdefault("headers", []).append(f"Authorization: Bearer {value}")
        elif name == "--header" and _asks_for_odd_coding(value):
            ignored.append("the header Accept-Encoding")
        elif name in _MANY:
            field, kind = _MANY[name]
            fields.setdefault(field, []).append(kind(value))
        elif name in _ONE:
            fields[_ONE[name]] = _number(value) if name == "--max-redirs" else value
        elif name in _SOCKS:
            fields["proxy"] = f"{_SOCKS[name]}://{value}"
        elif name in _FLAGS:
            fields[_FLAGS[name]] = True
        elif name not in _SILENT:
            ignored.append(written)
    return urls, fields, ignored


def _asks_for_odd_coding(header: str) -> bool:
    """Tell whether a header asks for what cannot be undone here; some browsers ask for dcb and dcz."""
    name, _, value = header.partition(":")
    if name.strip().lower() != "accept-encoding":
        return False
    from sse_cli.core.coding import CODINGS

    codings = {coding.partition(";")[0].strip().lower() for coding in value.split(",")}
    return not codings <= {*CODINGS, "identity", "*", ""}


def _number(text: str) -> int:
    if not re.fullmatch(r"-1|[0-9]{1,9}", text):
        raise UsageError(f"not a number of redirects: {text!r}", "--max-redirs takes a number, or -1.")
    return int(text)
