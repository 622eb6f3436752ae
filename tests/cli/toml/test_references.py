"""`${NAME}` in a profile, and all the dollars that are none."""

import pytest

from sse_cli.cli.toml.references import fill, is_from_outside, missing
from sse_cli.errors import UsageError

ENVIRONMENT = {"A": "1", "B_2": "two words", "EMPTY": "", "DOLLAR": "${A}"}.get


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("", ""),
        ("${A}", "1"),
        ("x${A}y${B_2}z", "x1ytwo wordsz"),
        ("${A:-9}", "1"),
        ("${NO:-9}", "9"),
        ("${EMPTY:-9}", "9"),
        ("${NO:-}", ""),
        ("$${A}", "${A}"),
        ("$$${A}", "$${A}"),
        ("$.a[?(@.b == '$')].c$", "$.a[?(@.b == '$')].c$"),
        ("$$ $A $", "$$ $A $"),
        ("${DOLLAR}", "${A}"),
    ],
)
def test_variables_are_put_in_place(text: str, filled: str) -> None:
    assert fill(text, ENVIRONMENT) == filled


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("${NO}", "has no NO"),
        ("${EMPTY}", "has nothing in EMPTY"),
        ("${A", "not followed by a name"),
        ("${}", "not followed by a name"),
        ("${1A}", "not followed by a name"),
        ("${A:+x}", "not followed by a name"),
    ],
)
def test_what_cannot_be_put_in_place_is_told(text: str, told: str) -> None:
    with pytest.raises(UsageError, match=told):
        fill(text, ENVIRONMENT)


def test_what_is_missing_is_known() -> None:
    assert missing("${A} ${NO} ${NO:-x} $${NEIN} ${EMPTY}", ENVIRONMENT) == ["NO", "EMPTY"]


@pytest.mark.parametrize(
    ("text", "is_"),
    [("Bearer ${A}", True), ("${A:-}", True), ("${A:-hush}", False), ("$${A}", False), ("hush", False)],
)
def test_a_default_beside_a_name_is_not_from_outside(text: str, is_: bool) -> None:
    assert is_from_outside(text) is is_
