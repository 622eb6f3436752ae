"""The table `resume` of a dialect: what it makes of what a stream told, and what a wrong one is told."""

import pytest

from sse_cli.core.dialects.check import check_dialect
from sse_cli.core.dialects.recognise import Recogniser, dialect
from sse_cli.core.dialects.resume import Bookmark
from sse_cli.core.items import Json, Opened
from sse_cli.core.resume import Resume
from sse_cli.errors import UsageError

HEAD = 'name = "d"\ntitle = "D"\nrecognise = ["$.kind exists"]\n'
READ = '[[read]]\nparts = [{ part = "content", text = "$.a" }]\n'


def bookmark(table: str) -> Bookmark:
    rule = check_dialect(f"{HEAD}[resume]\n{table}\n{READ}", "d.toml").resume()
    assert rule is not None
    return Bookmark(rule)


def opened(**headers: str) -> Opened:
    named = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return Opened(200, named, "HTTP/1.1", "http://h/", 0.0)


def after(mark: Bookmark, *payloads: Json, id_: str = "") -> Resume | None:
    for payload in payloads:
        mark.read(lambda payload=payload: payload)
    return mark.resume(id_)


def test_what_a_stream_told_last_stands_in_its_places() -> None:
    mark = bookmark(
        'path = "/{run}/{n}"\nquery = { from = "{number}", all = "true" }\n'
        'number = "$.n"\nvalues = { run = "$.run.id", n = "$.part[0]" }'
    )
    resume = after(mark, {"run": {"id": "a/b ?"}, "n": 1}, {"n": 2, "part": [7]}, {"other": 1})
    assert resume == Resume(path="/a%2Fb%20%3F/7", query=(("from", "2"), ("all", "true")), dialect="d")


def test_while_something_is_not_known_there_is_no_way() -> None:
    mark = bookmark('path = "/{run}"\nquery = { since = "{id}" }\nvalues = { run = "$.run" }')
    assert after(mark) is None
    assert after(mark, {"run": "x"}) is None
    assert after(mark, id_="7") == Resume(last_event_id="7", path="/x", query=(("since", "7"),), dialect="d")


@pytest.mark.parametrize("value", [None, "", True, 1.5, ["x"], {"x": 1}, "a\nb", "a\0"])
def test_what_is_no_word_is_not_taken(value: Json) -> None:
    assert after(bookmark('path = "/{run}"\nvalues = { run = "$.run" }'), {"run": value}) is None


def test_a_number_never_goes_back() -> None:
    mark = bookmark('query = { from = "{number}" }\nnumber = "$.n"')
    numbers = [mark.read(lambda payload=payload: payload) for payload in ({"n": 5}, {"n": 3}, {"n": "9"}, 1)]
    assert numbers == [5, 3, None, None]
    assert after(mark) == Resume(query=(("from", "5"),), dialect="d")


def test_data_that_is_not_json_tells_nothing() -> None:
    def no_json() -> Json:
        raise ValueError

    mark = bookmark('query = { from = "{number}" }\nnumber = "$.n"')
    assert mark.read(no_json) is None


def test_headers_of_the_response_are_values_or_sent_back() -> None:
    mark = bookmark('url = "{at}"\nvalues = { at = "header Location" }\nkeep = ["X-Session", "X-Other"]')
    assert not mark.reads_data
    mark.open(opened(content_type="text/event-stream"))
    assert after(mark) is None
    mark.open(opened(location="/runs/1", x_session="s"))
    mark.open(opened(x_session="t"))
    assert after(mark) == Resume(url="/runs/1", headers=(("X-Session", "t"),), dialect="d")


def test_the_bundled_rules() -> None:
    rule = dialect("openai-responses").resume()
    assert rule is not None
    found = after(
        Bookmark(rule), {"type": "response.created", "sequence_number": 0, "response": {"id": "resp_1"}}
    )
    assert found is not None
    assert (found.method, found.path, found.query) == (
        "GET", "/resp_1", (("stream", "true"), ("starting_after", "0")),
    )  # fmt: skip
    rule = dialect("mcp").resume()
    assert rule is not None
    mark = Bookmark(rule)
    mark.open(opened(mcp_session_id="s"))
    assert after(mark) is None, "without an id, a GET would ask for another stream"
    found = after(mark, id_="7")
    assert found is not None
    assert (found.method, found.last_event_id) == ("GET", "7")
    assert dict(found.headers) == {"Accept": "text/event-stream", "Last-Event-ID": "7", "Mcp-Session-Id": "s"}
    assert dialect("openai-chat").resume() is None


def test_a_dialect_may_be_known_by_headers() -> None:
    assert Recogniser().look_at_headers({"accept", "mcp-protocol-version"}) is dialect("mcp")
    assert Recogniser().look_at_headers({"accept", "content-type"}) is None
    own = check_dialect(HEAD + 'headers = ["X-Mine"]\n' + READ, "d.toml")
    assert Recogniser([own]).look_at_headers({"x-mine"}) is own


@pytest.mark.parametrize(
    ("table", "told"),
    [
        ("methods = 'GET'", "there is no key 'methods' here"),
        ("query = { a = 1 }", "a table of strings"),
        ("query = 'a=1'", "a table of strings"),
        ("keep = 'X'", "a list of strings"),
        ("path = '/{run}'", "nothing tells what {run} is"),
        ("headers = { X = '{number}' }", "resume.headers.X: nothing tells what {number} is"),
        ("path = '/{a}'\nvalues = { a = 'event' }", "resume.values.a"),
        ("path = '/{a}'\nvalues = { a = '$.[' }", "resume.values.a"),
        ("number = 'n'", "does not begin with $"),
    ],
)
def test_a_wrong_table_is_told(table: str, told: str) -> None:
    with pytest.raises(UsageError) as raised:
        bookmark(table)
    assert told in f"{raised.value.message} {raised.value.hint}"
