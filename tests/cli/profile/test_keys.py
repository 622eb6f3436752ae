"""The keys of a profile are the options of a stream, whatever those are."""

import pytest

from sse_cli.cli.main import app
from sse_cli.cli.profile.keys import REFUSED, words
from sse_cli.cli.toml.keys import JSON, PAIRS


def options_of_tail() -> dict[str, str]:
    """Return the long names of all options of `sse tail`, and the field of each."""
    import typer

    root = typer.main.get_command(app)
    params = root.get_command(None, "tail").params
    named = [param for param in params if param.param_type_name == "option" and param.name != "help"]
    return {
        name.removeprefix("--"): param.name for param in named for name in param.opts if name.startswith("--")
    }


def test_every_option_is_a_key() -> None:
    own = {"url", "title", "like"}
    singular = {name: key.field for name, key in words().keys.items() if name == key.name and name not in own}
    assert singular == options_of_tail()
    assert not own & set(singular)


def test_every_key_has_a_type_that_is_known() -> None:
    assert {key.kind for key in words().keys.values()} <= {bool, int, str, list}


def test_a_plural_is_no_other_option() -> None:
    assert all(name in {key.name, f"{key.name}s"} for name, key in words().keys.items())


def test_the_tables_speak_of_keys_that_there_are() -> None:
    assert {*REFUSED, *JSON, *PAIRS} <= set(words().keys)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("beerer", "bearer"),
        ("frist-timeout", "first-timeout"),
        ("max_time", "max-time"),
        ("--Output", "output"),
        ("method", "request"),
        ("user_agent", "user-agent"),
        ("hedaers", "headers"),
        ("colour", "color"),
        ("zzz", None),
    ],
)
def test_the_nearest_key_is_found(written: str, meant: str | None) -> None:
    assert words().nearest(written) == meant
