"""`{{name}}` and `${NAME}` in the texts of checks, and all the braces that are none."""

import re
from contextlib import suppress
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sse_cli.cli.spec.captured import fill, in_url, is_from_outside, is_open, names
from sse_cli.cli.spec.expecting import as_value
from sse_cli.core.expressions import compile_expression
from sse_cli.core.items import Event
from sse_cli.errors import UsageError
from tests.cli.spec.files import ENVIRONMENT

EVENT = Event("message", "", None, "", None, b"", 0.0, 1)
VALUES = {"id": "7", "a-b_1": "x y", "odd": "{{id}} ${A} {{{{"}


def filled(text: str) -> str:
    return fill(text, ENVIRONMENT.get, lambda name, _: VALUES[name])


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("", ""),
        ("{{id}}", "7"),
        ("{{ id }}", "7"),
        ("x{{id}}y{{a-b_1}}z", "x7yx yz"),
        ("${A}{{id}}${A}", "171"),
        ("{{odd}}", "{{id}} ${A} {{{{"),  # what is put in place is not looked at again
        ("${BRACES}", "{{id}}"),
        ("{{{{id}}", "{{id}}"),
        ("{{{{{{id}}", "{{7"),
        ('{"a":{{id}}}', '{"a":7}'),
        ("{{{id}}}", "{7}"),
        ('{"a":{"b":{}}}', '{"a":{"b":{}}}'),
        ("}} { } $", "}} { } $"),
        ("$${A}", "${A}"),
    ],
)
def test_values_are_put_in_place(text: str, result: str) -> None:
    assert filled(text) == result


@pytest.mark.parametrize("text", ["{{", "{{}}", "{{ a b }}", "{{1}}", "{{x.y}}", "a {{id}} {{ b", "{{{"])
def test_what_is_no_name_is_told(text: str) -> None:
    with pytest.raises(UsageError, match="is not followed by a name"):
        filled(text)
    with pytest.raises(UsageError):
        names(text)


@pytest.mark.parametrize("text", ["${{id}}", "${{ id }}", "a ${{ secrets.X }}"])
def test_the_braces_of_github_are_told(text: str) -> None:
    with pytest.raises(UsageError, match=r"\$\{ is not followed by a name"):
        filled(text)


@given(st.text("{} $aid:-"))
def test_any_text_is_filled_or_a_usage_error(text: str) -> None:
    with suppress(UsageError):
        assert isinstance(fill(text, ENVIRONMENT.get, lambda name, _: name), str)


@given(st.text("{}$a "))
def test_any_text_can_be_written(text: str) -> None:
    written = re.sub(r"\$\{|\{\{", lambda found: {"${": "$${", "{{": "{{{{"}[found[0]], text)
    assert filled(written) == text


def test_what_it_refers_to_is_known() -> None:
    assert names("{{a}} {{{{b}} {{ c }}{{a}}") == ["a", "c", "a"]
    opened = {"a": False, "{{a}}": True, "${A}": True, "{{{{a": True, "$.a": False}
    assert {text: is_open(text) for text in opened} == opened
    outside = {"{{a}}": True, "Bearer {{ a }}": True, "${A}": True, "${A:-hush}": False, "{{{{a": False}
    assert {text: is_from_outside(text) for text in outside} == outside


@pytest.mark.parametrize(
    ("before", "value", "result"),
    [
        ("", "https://h/p?q=a b", "https://h/p?q=a b"),
        ("https://h/", "a b/c?d#e%", "a%20b/c%3Fd%23e%25"),
        ("https://h/", "ü", "%C3%BC"),
        ("https://h/?a=", "b&c=/d", "b%26c%3D%2Fd"),
        ("https://", "me:hush@evil", "me%3Ahush%40evil"),
    ],
)
def test_in_a_url_a_value_stays_one_piece(before: str, value: str, result: str) -> None:
    assert in_url(value, before) == result


@given(st.text())
def test_no_value_ends_a_parameter(value: str) -> None:
    put = in_url(value, "https://h/?a=")
    assert not set("&=#/? ") & set(put)
    assert unquote(put) == value


@pytest.mark.parametrize("quote", ["'", '"'])
@given(value=st.text())
def test_in_an_expectation_no_value_ends_its_text(quote: str, value: str) -> None:
    before = f'$.b == "it\'s" and $.a == {quote}<'
    expression = compile_expression(f"{before}{as_value(value, before)}>{quote}")
    for text, holds in ((f"<{value}>", True), (f"<{value}>x", False)):
        payload = {"a": text, "b": "it's"}
        assert expression.test(EVENT, lambda payload=payload: payload) is holds  # type: ignore[misc]


@given(value=st.text() | st.integers().map(str))
def test_outside_of_quotes_a_value_is_whole(value: str) -> None:
    expression = compile_expression(f"$.a == {as_value(value, '$.a == ')}")
    is_number = bool(re.fullmatch("-?[0-9]+", value, re.ASCII)) and str(int(value)) == value
    assert expression.test(EVENT, lambda: {"a": int(value) if is_number else value})


def test_outside_of_quotes_a_number_is_one() -> None:
    assert [as_value(value, "$.a == ") for value in ("7", "-1.5", "7a", "1e5", "", "true")] == [
        "7",
        "-1.5",
        '"7a"',
        '"1e5"',
        '""',
        '"true"',
    ]
    assert as_value("7", "$.a == '") == "7"
