"""What a user gives goes before what a curl command or a profile says, however it is said."""

from typing import Any

import pytest

from sse_cli.cli.merging import merge
from sse_cli.cli.options import OutputOptions, ReadingOptions, RequestOptions

JOINED = ("headers",)


@pytest.mark.parametrize(
    ("own", "below", "merged"),
    [
        ({}, {"method": "PUT"}, {"method": "PUT"}),
        ({"method": "PATCH"}, {"method": "PUT"}, {"method": "PATCH"}),
        ({"json": "{}"}, {"data": ["a"]}, {"json": "{}"}),
        ({"data": ["a"]}, {"data": ["b"], "get": True}, {"data": ["a"], "get": True}),
        ({"user": "a:b"}, {"bearer": "c"}, {"user": "a:b"}),
        ({"ipv4": True}, {"ipv6": True}, {"ipv4": True}),
        ({}, {"headers": ["A: 1"]}, {"headers": ["A: 1"]}),
        ({"headers": ["a: 2"]}, {"headers": ["A: 1", "B: 1"]}, {"headers": ["B: 1", "a: 2"]}),
        ({"headers": ["A;"]}, {"headers": ["A: 1"]}, {"headers": ["A;"]}),
        ({"bearer": "a"}, {"headers": ["Authorization: b"]}, {"bearer": "a", "headers": []}),
        ({"user_agent": "a"}, {"headers": ["user-agent: b"]}, {"user_agent": "a", "headers": []}),
        ({"cookies": ["a=1"]}, {"cookies": ["b=2"]}, {"cookies": ["a=1"]}),
    ],
)
def test_requests(own: dict[str, Any], below: dict[str, Any], merged: dict[str, Any]) -> None:
    assert merge(RequestOptions(**own), below, (), JOINED) == RequestOptions(**merged)


def test_a_template_goes_before_an_output() -> None:
    assert merge(OutputOptions(template="{n}"), {"output": "json"}, (), ()) == OutputOptions(template="{n}")


def test_what_is_given_as_the_default_is_given() -> None:
    below = {"dialect": "openai-chat", "decode": "sse"}
    merged = merge(ReadingOptions(), below, {"dialect"}, ())
    assert (merged.dialect, merged.decode) == ("auto", "sse")


def test_fields_of_other_groups_are_left_to_them() -> None:
    assert merge(OutputOptions(), {"method": "PUT"}, (), ()) == OutputOptions()
