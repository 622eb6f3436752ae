"""The JSON Schema of files of checks: it is that of the tables of keys, and says what the program says."""

import tomllib
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator

from sse_cli.cli.spec import schema
from sse_cli.cli.spec.keys import ALIASES, ALONE, DEFAULTS, FIXED, own_options, words
from sse_cli.cli.spec.reading import EXAMPLE
from tests.cli.spec.test_broken import WRONG
from tests.cli.spec.test_good import REQUESTS
from tests.cli.spec.test_run import CHAIN, CHAT
from tests.schema import FILE, text

VALIDATOR = Draft7Validator(schema.schema())


def mistakes(written: str) -> list[str]:
    """Return what the schema has against a file."""
    return [error.message for error in VALIDATOR.iter_errors(tomllib.loads(written))]


def test_the_file_is_that_of_the_tables() -> None:
    assert FILE.read_text(encoding="utf-8") == text(), "run python -m tests.schema"


def test_it_is_a_schema() -> None:
    Draft7Validator.check_schema(schema.schema())


def test_it_is_printed(capfd: pytest.CaptureFixture[str]) -> None:
    assert schema.show() == 0
    assert capfd.readouterr().out == FILE.read_text(encoding="utf-8")


GOOD = {"example": EXAMPLE, "chain": CHAIN, "chat": CHAT} | {name: row[0] for name, row in REQUESTS.items()}


@pytest.mark.parametrize("name", GOOD)
def test_what_is_right_is_so_in_the_schema(name: str) -> None:
    assert mistakes(GOOD[name]) == []


IN_THE_SCHEMA = (
    "loose key",
    "rows",
    "dotted name",
    "unknown",
    "unknown in defaults",
    "output",
    "parallel",
    "where",
    "events",
    "paths",
    "state",
    "title",
    "repeat of 0",
    "retries as text",
    "tags of numbers",
    "capture of a text",
    "defaults like a check",
    "defaults that capture",
    "a snapshot for all",
    "name of a value",
)
"""Mistakes that an editor can tell of."""


@pytest.mark.parametrize("name", IN_THE_SCHEMA)
def test_what_is_wrong_is_wrong_in_the_schema(name: str) -> None:
    assert mistakes(WRONG[name][0])


@pytest.mark.parametrize("name", sorted(WRONG.keys() - {*IN_THE_SCHEMA, "no TOML"}))
def test_the_schema_leaves_the_rest_to_the_program(name: str) -> None:
    assert mistakes(WRONG[name][0]) == []


def test_every_key_has_its_words() -> None:
    for name, value in schema.schema()["definitions"].items():
        assert value["description"], name
        assert "Repeatable" not in value["description"], name


def test_the_tables_speak_of_keys_that_there_are() -> None:
    keys = words().keys
    assert {*ALONE, *FIXED, *ALIASES.values()} <= set(keys)
    assert not set(words().refused) & set(keys)
    assert DEFAULTS not in keys
    assert {key.name for key in own_options()} == {
        "expect",
        "repeat",
        "retries",
        "tag",
        "no-fail-fast",
        "snapshot",
    }


def test_every_option_has_its_place_or_a_reason_why_not() -> None:
    from sse_cli.cli.check_options import CheckOptions
    from sse_cli.cli.toml.keys import of_group, of_groups

    known: dict[str, Any] = {**words().keys, **words().refused}
    for key in (*of_groups(), *of_group(CheckOptions)):
        assert key.name in known


def test_a_file_may_say_where_its_schema_is(tmp_path: Path) -> None:
    from tests.cli.spec.files import checks

    (check,) = checks(tmp_path, f"#:schema ./checks.schema.json\n{EXAMPLE}", environment={"API_KEY": "x"})
    assert check.line == 2
