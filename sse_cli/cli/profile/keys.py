"""What a profile may say: the long options of `sse tail`, and a few keys more."""

from functools import cache

from sse_cli.cli.toml.keys import Key, of_groups, with_plurals
from sse_cli.cli.toml.references import fill, is_from_outside
from sse_cli.cli.toml.words import READ, Words
from sse_cli.errors import UsageError

REFUSED = {
    "from-curl": "A profile is itself what such a command asks for: write its parts under their own keys.",
    "as-curl": "It shows a request instead of sending it: give it on the command line.",
    "show-secrets": "What shows secrets is given each time, on the command line.",
}
"""Options that make no sense in a profile, and why."""

_OWN = (
    Key("url", "url", str, metavar="URL"),
    Key("title", "title", str),
    Key("like", "like", str),
)
"""What no option says: the source, a word on the profile, and another profile that this one builds on."""


@cache
def words() -> Words:
    """Return what a profile may say."""
    return Words(
        noun="profile",
        keys=with_plurals([*_OWN, *of_groups()]),
        listed="url, title, like, and the long options of sse tail",
        refused=REFUSED,
        read={**READ, "URL": _refuse_profile},
        is_open=_refers,
        is_from_outside=is_from_outside,
    )


def _refers(text: str) -> bool:
    return fill(text, lambda _: "-") != text


def _refuse_profile(url: str) -> None:
    if url.startswith("@"):
        raise UsageError(f"{url} is a profile, and no URL", f'To build on it, write like = "{url[1:]}".')
