"""The fixtures as tests of other projects use them, in runs of pytest of their own."""

import os
from pathlib import Path

import pytest

pytest_plugins = "pytester"

TAPE = b"id: 1\ndata: a\n\nid: 2\ndata: b\n\nid: 3\ndata: c\n\n"
MODULE = "import asyncio\nfrom urllib.request import Request, urlopen\n\nimport pytest\n\n"


ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have those runs load this checkout's plugin, and of others only what they name."""
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]))
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    monkeypatch.delenv("PYTEST_ADDOPTS", raising=False)


def run(pytester: pytest.Pytester, body: str, *arguments: str) -> pytest.RunResult:
    """Run a test module in a pytest of its own, from another folder than the module's."""
    folder = pytester.path / "theirs"
    folder.mkdir(exist_ok=True)
    (folder / "plain.sse").write_bytes(TAPE)
    (folder / "test_it.py").write_text(MODULE + body, encoding="utf-8")
    plugin = ("-p", "sse_cli.pytest_plugin", "-p", "no:cacheprovider", "-W", "error")
    return pytester.runpytest_subprocess(*plugin, *arguments, "theirs/test_it.py")


def test_a_tape_beside_the_test_is_served_and_what_was_asked_is_kept(pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        f"""
def test_it(sse_server):
    server = sse_server("plain.sse", interval=0)
    asked = Request(f"{{server}}/v1/chat?a=b", b"hello", {{"Authorization": "Bearer key"}})
    assert urlopen(asked).read() == {TAPE!r}
    (request,) = server.requests
    assert (request.method, request.path, request.query) == ("POST", "/v1/chat", "a=b")
    assert request.body == b"hello"
    assert request.header("authorization") == "Bearer key"
    assert ("Authorization", "Bearer key") in request.headers
""",
    )
    result.assert_outcomes(passed=1)


def test_several_servers_stand_until_the_test_ends(pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        """
urls = []

def test_one(sse_server, sse_record):
    one, other = sse_server("plain.sse", speed=0), sse_server("openai-chat", speed=0)
    assert [event.data for event in sse_record(one.url).events] == ["a", "b", "c"]
    chat = sse_record(f"{other.url}/v1/chat/completions", json={})
    assert (chat.verdict, chat.summary.dialect) == ("complete", "openai-chat")
    assert chat.text
    one.close()
    urls.extend([one.url, other.url])

def test_two(sse_record):
    assert [sse_record(url).verdict for url in urls] == ["unreachable", "unreachable"]
""",
    )
    result.assert_outcomes(passed=2)


def test_a_server_that_is_still_playing_ends_with_its_test(pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        """
def test_it(sse_server):
    answer = urlopen(sse_server("plain.sse", interval="1h").url)
    assert answer.readline() == b"id: 1\\n"
""",
    )
    result.assert_outcomes(passed=1)


def test_faults_go_by_the_name_of_the_test(pytester: pytest.Pytester) -> None:
    body = """
def test_it(sse_server, sse_record):
    options = dict(fault=["garbage@1", "drop@3"], speed=0)
    one, other = (sse_record(sse_server("plain.sse", **options).url) for _ in range(2))
    assert one.verdict == "truncated"
    assert one.events[1].data == other.events[1].data
    with open("garbage", "a") as file:
        file.write(repr(one.events[1].data) + "\\n")

def test_another(sse_server, sse_record):
    test_it(sse_server, sse_record)
"""
    for _ in range(2):
        run(pytester, body).assert_outcomes(passed=2)
    one, another, one_again, another_again = (pytester.path / "garbage").read_text().splitlines()
    assert (one, another) == (one_again, another_again)
    assert one != another


def test_what_is_recorded_can_be_served(pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        """
def test_it(sse_server, sse_record, request, tmp_path):
    first = sse_record(sse_server("plain.sse", interval=0).url)
    kept = sse_record(sse_server(first.path).url, "kept.rec.gz")
    assert (first.path.parent, kept.path) == (tmp_path, request.path.parent / "kept.rec.gz")
    again = sse_record(sse_server("kept.rec.gz").url, last_event_id="1", headers={"X-A": "b"})
    assert [event.data for event in again.events] == ["b", "c"]
    assert again.path != first.path
""",
    )
    result.assert_outcomes(passed=1)


def test_a_stream_that_breaks_can_be_asked_for_again(pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        """
from sse_cli.stream import Limits, Policy

def test_it(sse_server, sse_record):
    server = sse_server("plain.sse", fault="drop@2", speed=0)
    stream = sse_record(server.url, reconnect=Policy(delay=0), limits=Limits(total=60))
    assert [event.data for event in stream.events] == ["a", "b", "c"]
    assert [request.last_event_id for request in server.requests][:2] == ["", "2"]
""",
    )
    result.assert_outcomes(passed=1)


@pytest.mark.parametrize(
    ("call", "told"),
    [
        ('sse_server("none.sse")', "cannot read none.sse: No such file*"),
        ("sse_server()", "there is no file to serve"),
        ('sse_server("plain.sse", fault="drup@1")', "*no fault 'drup'*"),
        ('sse_server("plain.sse", speed=-1)', "not a speed: '-1'"),
        ('sse_server("plain.sse", match="nothing")', "not a way to match: 'nothing'"),
        ('sse_record("gopher://h")', "*gopher*"),
        ('sse_record("http://127.0.0.1:9", "none/a.rec")', "cannot record to */none/a.rec: No such file*"),
    ],
)
def test_what_cannot_be_used_is_told_where_it_is_asked_for(
    pytester: pytest.Pytester, call: str, told: str
) -> None:
    result = run(pytester, f"def test_it(sse_server, sse_record):\n    {call}\n")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines([f">   *{call}", f"E *UsageError: {told}", "E  *[a-z]*"])
    result.stdout.no_fnmatch_line("*pytest_plugin.py:*")


def test_it_works_beside_xdist(pytester: pytest.Pytester) -> None:
    pytest.importorskip("xdist")
    body = """
@pytest.mark.parametrize("number", range(6))
def test_it(sse_server, sse_record, number):
    assert len(sse_record(sse_server("plain.sse", interval=0).url).events) == 3
"""
    run(pytester, body, "-p", "xdist", "-n", "2").assert_outcomes(passed=6)


def test_it_works_beside_asyncio(pytester: pytest.Pytester) -> None:
    pytest.importorskip("pytest_asyncio")
    body = """
@pytest.mark.asyncio
async def test_it(sse_server, sse_record):
    url = sse_server("plain.sse", interval=0).url
    reader, writer = await asyncio.open_connection("127.0.0.1", int(url.rpartition(":")[2]))
    writer.write(b"GET / HTTP/1.0\\r\\n\\r\\n")
    assert (await reader.read()).endswith(b"data: c\\n\\n")
    writer.close()
    streams = [sse_record(url), await asyncio.to_thread(sse_record, url)]
    assert [len(stream.events) for stream in streams] == [3, 3]
    assert asyncio.get_running_loop().is_running()
"""
    asyncio = ("-p", "pytest_asyncio.plugin", "-o", "asyncio_default_fixture_loop_scope=function")
    run(pytester, body, *asyncio).assert_outcomes(passed=1)


THEIR_OWN = """
from types import SimpleNamespace
from http.client import IncompleteRead

class my_client:
    @staticmethod
    def ask(url, key):
        try:
            urlopen(Request(url, headers={"Authorization": f"Bearer {key}"})).read()
        except IncompleteRead:
            return SimpleNamespace(was_cut=True)

@pytest.fixture
def my_server(sse_server):
    return sse_server("answer.sse", speed=0)
"""

ANSWER = b"".join(
    b'data: {"object":"chat.completion.chunk","choices":[{"index":0,"delta":{"content":"%b"}}]}\n\n' % text
    for text in (b"Hel", b"lo.")
)


def test_the_example_of_the_readme_runs(pytester: pytest.Pytester) -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    example = readme.partition("<!-- the fixtures -->\n```python\n")[2].partition("```")[0]
    folder = pytester.mkdir("theirs")
    (folder / "answer.rec").write_bytes(TAPE)
    (folder / "answer.sse").write_bytes(ANSWER + b"data: [DONE]\n\n")
    run(pytester, THEIR_OWN + example).assert_outcomes(passed=2)
