"""Short names for sources that are shown together: as much of each as tells it from the others."""

from collections import Counter
from collections.abc import Sequence
from urllib.parse import urlsplit

from sse_cli.core.secrets import mask_url


def names(sources: Sequence[str]) -> list[str]:
    """Return the sources as the user named them, secrets masked; those that come again are numbered."""
    masked = [mask_url(source) for source in sources]
    often, seen = Counter(masked), Counter[str]()
    numbered = []
    for name in masked:
        seen[name] += 1
        numbered.append(f"{name} #{seen[name]}" if often[name] > 1 else name)
    return numbered


def labels(sources: Sequence[str]) -> list[str]:
    """Return the shortest form that tells all apart: host, path of the one host, both, or the whole name."""
    have_one_host = len({_host(source) for source in sources}) == 1
    for form in (_path if have_one_host else _host, _place):
        short = [form(source) for source in sources]
        if len(set(short)) == len(short):
            return short
    return names(sources)


def _host(source: str) -> str:
    if source.startswith((".", "/", "~")):  # a file's name is one piece
        return source
    return urlsplit(source).netloc.rpartition("@")[2] or _place(source).partition("/")[0]


def _path(source: str) -> str:
    return _place(source).removeprefix(_host(source)) or "/"


def _place(source: str) -> str:
    """Return host and path of a URL, with or without its scheme; any other source as it is."""
    parts = urlsplit(source)
    return parts.netloc.rpartition("@")[2] + parts.path if parts.netloc else source.partition("?")[0]
