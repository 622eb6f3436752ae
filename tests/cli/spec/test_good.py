"""What checks in a file come to: what is asked, read and expected, and which of them are chosen."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from sse_cli.checking.check import Opening
from sse_cli.cli.check_options import CheckOptions
from sse_cli.cli.options import Groups, RequestOptions, StoppingOptions
from sse_cli.errors import UsageError
from sse_cli.sources.http import HttpSource
from tests.cli.spec.files import by_name, checks

A = '[a]\nurl = "http://h/"\n'
GIVER = '[giver]\nurl = "http://h/"\ncapture = { id = "$.id", path = "$.p" }\n'
CAPTURED = {"id": "a/b", "path": "/v1/x y?z"}


def opened(folder: Path, text: str, name: str = "a", **options: Any) -> Opening:
    """Return what the first run of a check is made of."""
    return by_name(folder, text, name, **options)[name].open(CAPTURED)


def asked(opening: Opening) -> tuple[str, str, Mapping[str, str], str | None]:
    source = opening.source
    assert isinstance(source, HttpSource)
    headers = {name.lower(): value for name, value in source.headers}
    return source.method, source.name, headers, source.asked.body


REQUESTS: dict[str, tuple[str, tuple[str, str], Mapping[str, str | None], str | None]] = {
    "a URL": (A, ("GET", "http://h/"), {"accept": "text/event-stream"}, None),
    "its other name": ('[a]\nsource = "http://h/x"\n', ("GET", "http://h/x"), {}, None),
    "variables": (
        '[a]\nurl = "http://h/${A}"\nbearer = "${KEY}"\njson = { a = ["${A}", 2] }\n',
        ("POST", "http://h/1"),
        {"authorization": "Bearer sesame", "content-type": "application/json"},
        '{"a":["1",2]}',
    ),
    "a variable with braces": (f'{A}json.a = "${{BRACES}}"\n', ("POST", "http://h/"), {}, '{"a":"{{id}}"}'),
    "braces": (f'{A}json.a = "{{{{{{{{id}}}}"\n', ("POST", "http://h/"), {}, '{"a":"{{id}}"}'),
    "defaults": (
        '[defaults]\nurl = "http://h/"\nheaders = { A = "1", B = "2" }\nrequest = "PUT"\n'
        '[a]\nheader = "B: 3"\n',
        ("PUT", "http://h/"),
        {"a": "1", "b": "3"},
        None,
    ),
    "defaults below": (
        f'{A}[defaults]\nuser-agent = "me"\n',
        ("GET", "http://h/"),
        {"user-agent": "me"},
        None,
    ),
    "what it builds on": (
        f'[defaults]\nheader = "C: 1"\n{GIVER}header = "A: 1"\njson.x = 1\nbearer = "${{NO_SUCH}}"\n'
        '[b]\nlike = "giver"\nheader = "B: 1"\n[a]\nlike = "b"\ndata = "x"\nbearer = "env:KEY"\n',
        ("POST", "http://h/"),
        {"a": "1", "b": "1", "c": "1"},
        "x",
    ),
    "captured in a URL": (
        f'{GIVER}[a]\nurl = "http://h/v1/{{{{id}}}}/x?y={{{{ id }}}}"\n',
        ("GET", "http://h/v1/a/b/x?y=a%2Fb"),
        {},
        None,
    ),
    "captured behind a host": (
        f'{GIVER}[a]\nurl = "http://h{{{{path}}}}"\n',
        ("GET", "http://h/v1/x%20y%3Fz"),
        {},
        None,
    ),
    "captured all over": (
        f'{GIVER}[a]\nurl = "http://h/"\nheaders.A = "<{{{{id}}}}>"\n'
        'json = { a = [{ b = "{{id}}" }] }\nbearer = "{{id}}"\nlast-event-id = "{{id}}"\n',
        ("POST", "http://h/"),
        {"a": "<a/b>", "authorization": "Bearer a/b", "last-event-id": "a/b"},
        '{"a":[{"b":"a/b"}]}',
    ),
    "a secret out of what is captured": (
        f'{GIVER}[a]\nurl = "http://h/"\nuser = "me:{{{{id}}}}"\n',
        ("GET", "http://h/"),
        {"authorization": "Basic bWU6YS9i"},
        None,
    ),
}


@pytest.mark.parametrize("name", REQUESTS)
def test_what_is_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv("KEY", "sesame")
    text, (method, url), headers, body = REQUESTS[name]
    seen = asked(opened(tmp_path, text))
    assert seen[:2] == (method, url)
    assert {name: seen[2].get(name) for name in headers} == headers
    assert seen[3] == body


def test_how_it_is_read_and_how_long_is_waited(tmp_path: Path) -> None:
    opening = opened(
        tmp_path,
        '[defaults]\nfirst-timeout = "5s"\nidle-timeout = 3\n'
        f'{A}timeout = "1m30s"\nfirst-timeout = "${{A}}s"\ndialect = "none"\nuntil = "event == end"\n'
        "reconnect = true\nretries = 4\n",
    )
    limits, plan = opening.limits, opening.plan
    assert (limits.total, limits.first, limits.idle, limits.connect) == (90, 1, 3, 30)
    assert plan.dialect == "none"
    assert plan.until is not None
    assert opening.following is not None


def test_what_a_check_says_of_itself(tmp_path: Path) -> None:
    text = f"""\
[defaults]
tags = ["smoke"]
repeat = 2
expect = "events > 0"
{A}
repeat = 3
retries = 1
tags = ["nightly", "slow"]
expect = ["first_content < ${{LIMIT:-500ms}}", "p95(first_content) < 1s"]
capture = {{ id = "$.id", "name-1" = "$.a[0].name" }}
snapshot = "snapshots/a.json"
no-fail-fast = true

[b]
like = "a"
[c]
url = "c.sse"
"""
    (tmp_path / "c.sse").write_bytes(b"data: x\n\n")
    (tmp_path / "snapshots").mkdir()
    a, b, c = checks(tmp_path, text)
    assert (a.name, a.source, a.line, a.file) == ("a", "http://h/", 5, str(tmp_path / "smoke.toml"))
    assert (a.repeat, a.retries, a.fail_fast, a.tags) == (3, 1, False, ("nightly", "slow"))
    assert [expectation.text for expectation in a.of_runs] == ["first_content < 500ms"]
    assert [expectation.text for expectation in a.over_runs] == ["p95(first_content) < 1s"]
    assert [(it.name, it.path.first({"id": 7, "a": [{"name": "x"}]})) for it in a.captures] == [
        ("id", 7),
        ("name-1", "x"),
    ]
    assert a.snapshot is not None
    assert a.snapshot.name == str(tmp_path / "snapshots" / "a.json")
    assert (b.repeat, b.retries, b.tags, b.expectations) == (3, 1, a.tags, a.expectations)
    assert (b.captures, b.snapshot) == ((), None), "these are of one check alone"
    assert (c.repeat, c.retries, c.fail_fast, c.tags) == (2, 0, True, ("smoke",))
    assert c.source == str(tmp_path / "c.sse")


def test_without_expectations_the_verdict_is_to_be_complete(tmp_path: Path) -> None:
    (check,) = checks(tmp_path, A)
    assert [expectation.text for expectation in check.expectations] == ["verdict == complete"]


def test_the_users_own_options_win(tmp_path: Path) -> None:
    text = f'{A}headers = ["A: 1", "B: 2"]\ntimeout = 9\nrepeat = 3\nretries = 2\nexpect = "events > 5"\n'
    (check,) = checks(
        tmp_path,
        text,
        groups=Groups(RequestOptions(headers=["a: 3"]), stopping=StoppingOptions(max_time="1s")),
        checking=CheckOptions(expect=["status == 200"], repeat=1, retries=0, no_fail_fast=True),
        given={"headers", "max_time", "expect", "repeat", "retries", "no_fail_fast"},
    )
    assert (check.repeat, check.retries, check.fail_fast) == (1, 0, False)
    assert [expectation.text for expectation in check.expectations] == ["status == 200"]
    opening = check.open({})
    assert opening.limits.total == 1
    assert opening.following is None
    assert [asked(opening)[2][name] for name in ("a", "b")] == ["3", "2"]


def test_a_profile_may_be_built_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSE_CONFIG_DIR", str(tmp_path))
    (tmp_path / "profiles.toml").write_text(
        '[p]\nurl = "http://p/"\nbearer = "${KEY}"\njson.a = "{{id}}"\noutput = "json"\nwhere = "n > 1"\n'
        'max-time = 7\nretries = 9\nreconnect = true\nreconnect-post = true\ntitle = "x"\n'
        'first-timeout = 7\n[q]\nuser-agent = "q"\nuser = "q:${A}"\n'
    )
    text = (
        '[defaults]\nlike = "@q"\nmax-time = 8\nfirst-timeout = 8\n'
        '[a]\nlike = "@p"\nfirst-timeout = 9\n[b]\nlike = "a"\nrequest = "PUT"\n[c]\nurl = "http://h/"\n'
    )
    for name, method in (("a", "POST"), ("b", "PUT")):
        check = by_name(tmp_path, text)[name]
        opening = check.open({})
        assert asked(opening)[:2] == (method, "http://p/")
        assert asked(opening)[2]["authorization"] == "Bearer sesame"
        assert asked(opening)[3] == '{"a":"{{id}}"}', "nothing is captured for a profile"
        assert (opening.limits.first, opening.limits.total) == (9, 7)
        assert (check.retries, opening.plan.where) == (0, ())
    headers = asked(opened(tmp_path, text, "c"))[2]
    assert headers["user-agent"] == "q", "the defaults' own is for those without another"
    assert headers["authorization"] == "Basic cTox"


BESIDE: dict[str, tuple[str, str]] = {
    "json": ('json = "@body.json"', "{}"),
    "data": ('data = ["@body.json"]', "{}"),
    "data-binary": ('data-binary = "@body.json"', "{}"),
    "data-urlencode": ('data-urlencode = "a@body.json"', "a=%7B%7D"),
    "no file": ('data-raw = "@body.json"', "@body.json"),
    "no file in JSON": ('json.a = "@body.json"', '{"a":"@body.json"}'),
}


@pytest.mark.parametrize("name", BESIDE)
def test_files_lie_beside_the_file_of_checks(tmp_path: Path, name: str) -> None:
    keys, body = BESIDE[name]
    (tmp_path / "body.json").write_bytes(b"{}")
    assert asked(opened(tmp_path, f"{A}{keys}\n"))[3] == body


def test_headers_cookies_tokens_and_dialects_too(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "headers").write_text("A: 1\n")
    (tmp_path / "in" / "token").write_text("sesame\n")
    (tmp_path / "in" / "cookies").write_text("h\tFALSE\t/\tFALSE\t0\tsid\t7\n")
    (tmp_path / "in" / "mine.toml").write_text(
        'name = "mine"\ntitle = "M"\nrecognise = [["event == x"]]\n'
        '[[read]]\nparts = [{ part = "content", text = "$.t" }]\n'
    )
    opening = opened(
        tmp_path,
        f'{A}header = "@in/headers"\nbearer = "@in/token"\ncookie = "in/cookies"\ndialect = "in/mine.toml"\n',
    )
    headers = asked(opening)[2]
    assert (headers["a"], headers["authorization"], headers["cookie"]) == ("1", "Bearer sesame", "sid=7")
    assert opening.plan.dialect == "mine"


@pytest.mark.parametrize(
    ("keys", "values"),
    [
        ('data = "{{id}}"', {"id": "@/etc/hostname"}),
        ('header = "{{id}}"', {"id": "@/etc/hostname"}),
        ('bearer = "{{id}}"', {"id": "@/etc/hostname"}),
        ('bearer = "{{id}}"', {"id": "env:HOME"}),
        ('cookie = "{{id}}"', {"id": "/etc/hostname"}),
        ('form = "a={{id}}"', {"id": "@/etc/hostname"}),
        ('form = "a={{id}}"', {"id": "</etc/hostname"}),
        ('data-urlencode = "{{id}}"', {"id": "a@/etc/hostname"}),
        ('source = "{{id}}"', {"id": "/etc/hostname"}),
        ('source = "{{id}}"', {"id": "file:///etc/hostname"}),
        ('source = "{{id}}"', {"id": "-"}),
    ],
)
def test_a_server_cannot_have_files_of_ours_sent(tmp_path: Path, keys: str, values: dict[str, str]) -> None:
    url = "" if keys.startswith("source") else 'url = "http://h/"\n'
    check = by_name(tmp_path, f"{GIVER}[a]\n{url}{keys}\n")["a"]
    with pytest.raises(UsageError, match=r"line [56], check a: "):
        check.open({"path": "", **values})


CHOSEN: dict[str, tuple[tuple[str, ...], tuple[str, ...], list[str]]] = {
    "all": ((), (), ["a", "b", "c", "d", "e"]),
    "one": (("b",), (), ["b"]),
    "in their order": (("e", "a"), (), ["a", "e"]),
    "what it needs": (("c",), (), ["a", "c"]),
    "what that needs": (("d",), (), ["a", "c", "d"]),
    "by a tag": ((), ("fast",), ["b", "e"]),
    "by one of two": ((), ("fast", "slow"), ["a", "b", "c", "e"]),
    "by a tag, with what it needs": ((), ("slow",), ["a", "c"]),
    "by both": (("e", "c"), ("fast",), ["e"]),
}


@pytest.mark.parametrize("name", CHOSEN)
def test_who_captures_what_is_needed_is_run_too(tmp_path: Path, name: str) -> None:
    text = """\
[defaults]
url = "http://h/"
[a]
capture.id = "$.id"
bearer = "${KEY}"
[b]
tags = "fast"
[c]
referer = "{{id}}"
capture.name = "$.name"
tags = ["slow"]
[d]
url = "http://h/{{name}}"
[e]
tags = ["fast", "x"]
"""
    names, tags, chosen = CHOSEN[name]
    found = by_name(tmp_path, text, *names, checking=CheckOptions(tags=list(tags)))
    assert list(found) == chosen
    needs = {"a": set(), "b": set(), "c": {"id"}, "d": {"name"}, "e": set()}
    assert {name: set(check.needs) for name, check in found.items()} == {name: needs[name] for name in chosen}


def test_what_is_replaced_needs_nothing(tmp_path: Path) -> None:
    text = f'{GIVER}[b]\nlike = "giver"\njson.a = "{{{{id}}}}"\n[a]\nlike = "b"\ndata = "x"\n'
    found = by_name(tmp_path, text)
    assert (found["b"].needs, found["a"].needs) == ({"id"}, frozenset())


def test_only_what_is_run_needs_its_variables(tmp_path: Path) -> None:
    text = f'{A}[b]\nurl = "http://${{NO_SUCH}}/"\nbearer = "${{NO_SUCH_KEY}}"\n'
    assert [check.name for check in checks(tmp_path, text, "a")] == ["a"]


@pytest.mark.parametrize("name", ["a", "a b", "it's", "ü", 'quoted "x"', "$(x)"])
def test_the_command_that_runs_it_alone(tmp_path: Path, name: str) -> None:
    import shlex

    from sse_cli.cli.toml import values

    (check,) = checks(tmp_path, f'[{values.name(name)}]\nurl = "http://h/?token=${{KEY}}"\n')
    assert shlex.split(check.command) == ["sse", "check", str(tmp_path / "smoke.toml"), name]
    assert check.source == "http://h/?token=***"


def test_the_source_of_what_is_captured_is_shown_by_its_name(tmp_path: Path) -> None:
    check = by_name(tmp_path, f'{GIVER}[a]\nurl = "http://h/{{{{ id }}}}"\n')["a"]
    assert check.source == "http://h/{{id}}"


def test_expectations_may_hang_on_what_is_captured(tmp_path: Path) -> None:
    text = f"""{GIVER}
[a]
url = "http://h/"
expect = ["events > 1", "some $.id == {{{{id}}}}", 'no data ~ "x{{{{id}}}}"']
"""
    check = by_name(tmp_path, text)["a"]
    assert [expectation.text for expectation in check.expectations] == ["events > 1"]
    assert [expectation.text for expectation in check.open({"id": 'a"b'}).expectations] == [
        'some $.id == "a\\"b"',
        'no data ~ "xa\\"b"',
    ]
    assert check.open({"id": "7"}).expectations[0].text == "some $.id == 7"
