"""Words of the rule language that some dialects needed: constants, spare failures, ends that are not due."""

from sse_cli.core import payload
from sse_cli.core.dialects.rules import Reader, load_dialect
from sse_cli.core.items import Content, Event, Failure, Finish, Part, ToolCall

HEAD = 'name = "d"\ntitle = "D"\nrecognise = ["$.kind exists"]\n'


def reader(rules: str) -> Reader:
    return Reader(load_dialect(HEAD + rules, "d.toml"))


def read(rules: str, *data: str) -> list[Part]:
    known = reader(rules)
    events = (Event("message", text, None, "", None, b"", 0.0, 1) for text in data)
    return [
        part for event in events for part in known.read(event, lambda event=event: payload.decode(event.data))
    ]


def rule(words: str) -> str:
    return f"[[read]]\nparts = [{{ {words} }}]\n"


def test_a_text_of_its_own_stands_in_single_quotes() -> None:
    rules = rule("""part = "finish", when = "$.full == true", reason = "'limit'", cut = ["limit"]""")
    assert read(rules, '{"full": true}', '{"full": false}') == [Finish("limit", 0, True)]


def test_what_is_no_text_is_left_out() -> None:
    rules = rule("""part = "content", text = "data", without = '\\s*\\[END\\]$'""")
    assert read(rules, "a", "b [END]", "[END]") == [Content("a"), Content("b")]


def test_a_spare_failure_waits_for_no_other() -> None:
    rules = rule('part = "failure", each = "$.error", message = "@"')
    rules += rule('part = "failure", each = "$.state", message = "@", spare = true')
    assert read(rules, '{"state": "bad"}') == [Failure("bad")]
    assert read(rules, '{"error": "boom", "state": "bad"}') == [Failure("boom")]


def test_arguments_that_are_an_empty_object_are_a_beginning() -> None:
    rules = rule('part = "tool_call", each = "$.call", name = "@.name", arguments = "@.input"')
    assert read(rules, '{"call": {"name": "f", "input": {}}}') == [ToolCall(0, None, "f", "")]


def test_usage_without_any_of_its_keys_is_none() -> None:
    assert read(rule('part = "usage", each = "$", keys = ["n"], input = "@.n"'), '{"other": 1}') == []


def test_an_end_marker_may_be_missing_where_it_is_not_due() -> None:
    end = '[end]\nmarkers = { end = "$.end == true" }\n'
    content = rule('part = "content", text = "$.a"')
    assert reader(end + content).marker_due
    assert not reader(end + "due = false\n" + content).marker_due
