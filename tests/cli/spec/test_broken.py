"""What is told of files of checks that are wrong: file, line, key, a caret, and what to do."""

from pathlib import Path

import pytest

from sse_cli.cli.check_options import CheckOptions
from sse_cli.errors import UsageError
from tests.cli.spec.files import checks

A = '[a]\nurl = "http://h/"\n'
GIVER = '[a]\nurl = "http://h/"\ncapture.id = "$.id"\n'
EXPECT = "check a: expect: bad expectation: "

WRONG: dict[str, tuple[str, tuple[str, ...]]] = {
    # TOML
    "no TOML": (f"{A}x = \n", ("line 3 is not TOML", "x = \n")),
    "loose key": ('url = "http://h/"\n', ("line 1: url stands outside of any check", "[prod]")),
    "rows": ('[[a]]\nurl = "http://h/"\n', ("line 1, check a: it is a list", "one bracket")),
    "no checks": ("# nothing yet\n", ("there are no checks in", "To begin, put there:", "[chat]")),
    "defaults alone": ("[defaults]\n", ("there are no checks in",)),
    "dotted name": (f"{A}[a.b]\nurl = 'http://h/'\n", ("line 3", "no key 'b'", "Is it a check?", '["a.b"]')),
    # Keys
    "unknown": (
        f"{A}expct = ['events > 1']\n",
        ("line 3, check a: there is no key 'expct'", "expct = ['events > 1']\n  ^", "mean expect?"),
    ),
    "unknown in defaults": ("[defaults]\nfrist-timeout = 1\n", ("line 2, defaults: ", "mean first-timeout?")),
    "two names of one": (f"{A}timeout = 1\nmax-time = 2\n", ("line 4", "max-time says what timeout says")),
    "url twice": (f"{A}source = 'a.rec'\n", ("line 3", "source says what url says")),
    "output": (f'{A}output = "json"\n', ("output has no place in a check", "on the command line")),
    "parallel": (f"{A}parallel = 3\n", ("parallel has no place", "for all checks of a run")),
    "where": (f'{A}where = "event == x"\n', ("where has no place", "`some event == end`")),
    "events": (f'{A}events = ["x"]\n', ("events has no place", "`some event == end`")),
    "paths": (f'{A}paths = ["$.x"]\n', ("paths has no place", "shows nothing of its stream")),
    "state": (f'{A}state = "x"\n', ("state has no place", "begins anew")),
    "title": (f'{A}title = "x"\n', ("title has no place", "called by its name")),
    "no url": ("[a]\nrepeat = 2\n", ("line 1, check a: it has no url", "[a]\n   ^", 'url = "https://')),
    # Values
    "repeat of 0": (f"{A}repeat = 0\n", ("line 3", "repeat is 0", "1 or more")),
    "retries as text": (f'{A}retries = "3"\n', ("retries is a string", "a whole number")),
    "tags of numbers": (
        f"{A}tags = ['a', 3]\n",
        ("line 3", "tags holds a number", "tags = ['a', 3]\n               ^"),
    ),
    "capture of a text": (f'{A}capture = "$.id"\n', ("capture is a string", "a table of strings")),
    "timeout": (f'{A}timeout = "soon"\n', ("not a duration: 'soon'", 'timeout = "soon"', "250ms")),
    "until": (
        f'{A}until = "$.a ~~ 1"\n',
        ("check a: until: bad expression", "`~~` is no operator", "$.a ~~ 1"),
    ),
    "dialect": (f'{A}dialect = "opnai-chat"\n', ("no such dialect: opnai-chat", "mean openai-chat?")),
    "url of a profile": ('[a]\nurl = "@p"\n', ("@p is a profile, and no URL", 'like = "@p"')),
    "no URL": ('[a]\nurl = "ftp://h/"\n', ("line 2, check a: url: not a URL", "https://host/path")),
    "no such file": (
        '[a]\nurl = "gone.rec"\n',
        ("line 2, check a: url: no file: ", "gone.rec, "),
    ),
    "a folder": ('[a]\nurl = "."\n', ("line 2, check a: url: no file: ", "it is a folder")),
    "empty URL": ('[a]\nurl = " "\n', ("line 2, check a: it is empty",)),
    "NUL": (f'{A}json = "@a\\u0000b"\n', ("line 3, check a: it has a NUL character",)),
    "two bodies": (f'{A}json = {{}}\nform = "a=b"\n', ("line 1, check a: both --json and -F",)),
    "no header": (f'{A}header = "x"\n', ("line 1, check a: not a header",)),
    "no body": (f'{A}json = "@gone.json"\n', ("line 1, check a: ", "gone.json")),
    "request of a file": (
        '[a]\nurl = "./smoke.toml"\nbearer = "${KEY}"\n',
        ("line 3, check a: bearer has no effect: ", "smoke.toml is a file", "give a URL"),
    ),
    "stdin": ('[a]\nurl = "-"\n', ("line 2, check a: url: standard input",)),
    "stdin as a body": (f'{A}data = "@-"\n', ("line 3, check a: data: standard input",)),
    # Expectations
    "figure": (
        f'{A}expect = ["verdict == complete", "first_contnt < 500ms"]\n',
        (
            f"line 3, {EXPECT}there is no `first_contnt`",
            "  first_contnt < 500ms\n  ^\n",
            "mean first_content?",
        ),
    ),
    "operator": (
        f'{A}expect = [\n  "verdict == complete",\n  "gap.p99 ~ 1s",\n]\n',
        (f"line 5, {EXPECT}", "  gap.p99 ~ 1s\n          ^\n"),
    ),
    "unit": (f'{A}expect = "events < 5s"\n', (f"line 3, {EXPECT}", "  events < 5s\n           ^\n")),
    "expectation of the defaults": (
        f'[defaults]\nexpect = "evnts > 1"\n{A}',
        ("line 2, defaults: expect: ",),
    ),
    "expectation with a variable": (
        f'{A}expect = "first_content < ${{KEY}}"\n',
        (f"line 3, {EXPECT}first_content is a time", "  first_content < sesame\n                  ^\n"),
    ),
    # Variables and secrets
    "variable": (
        f'{A}bearer = "${{NO_SUCH}}"\n',
        ("line 3, check a: bearer: the environment has no NO_SUCH", '"${NO_SUCH}"\n  ^\n', "export NO_SUCH"),
    ),
    "empty variable": (f'{A}json.a = ["${{EMPTY}}"]\n', ("json: ", "has nothing in EMPTY")),
    "reference": (
        f'{A}json.a = "${{{{ secrets.KEY }}}}"\n',
        ("line 3", "${ is not followed by a name", "$${"),
    ),
    "tag with a variable": (
        f"{A}tags = ['${{A}}']\n",
        (
            "line 3",
            "tags is the same in every run",
        ),
    ),
    "secret": (f'{A}bearer = "hush"\n', ("line 3", "the token is written out", "bearer …", "${NAME}")),
    "secret of a source": ('[a]\nsource = "http://me:hush@h/"\n', ("the password in the URL", "source …")),
    "secret in a list": (f"{A}headers = ['X-Key: hush']\n", ("the header X-Key", "headers = […")),
    # What builds on what
    "like nobody": (f'{A}[b]\nlike = "aa"\n', ("line 4, check b: no such check: aa", "mean a?", "@NAME")),
    "like itself": (
        '[a]\nlike = "b"\n[b]\nlike = "a"\n',
        ("line 4, check b: it builds on itself: a → b → a",),
    ),
    "like no profile": ('[a]\nlike = "@p"\n', ("line 2, check a: no such profile: @p",)),
    "defaults like a check": (f'[defaults]\nlike = "a"\n{A}', ("line 2, defaults: ", 'like = "@NAME"')),
    "defaults that capture": (
        f'[defaults]\ncapture.id = "$.id"\n{A}',
        ("line 2, defaults: capture is of one",),
    ),
    "a snapshot for all": (f'[defaults]\nsnapshot = "a"\n{A}', ("line 2, defaults: snapshot is of one",)),
    # What is captured
    "captured by nobody": (
        f'{GIVER}[b]\nurl = "http://h/{{{{idd}}}}"\n',
        ("line 5, check b: no check before b captures idd", "mean {{id}}?", 'capture.idd = "$.…"'),
    ),
    "captured below": (
        f'[b]\nurl = "http://h/"\nheaders = {{ A = "{{{{id}}}}" }}\n{GIVER}',
        (
            "line 3, check b: no check before b captures id",
            "headers = { A …\n              ^",
            "captured by a",
        ),
    ),
    "captured by itself": (f'{GIVER}referer = "{{{{id}}}}"\n', ("line 4", "before a captures id")),
    "captured in defaults": (
        f'[defaults]\nreferer = "http://h/{{{{id}}}}"\n{GIVER}',
        ("line 2, defaults: no check before a captures id",),
    ),
    "captured for an expectation": (
        f"{A}expect = \"last data == '{{{{id}}}}'\"\n",
        ("line 3, check a: no check before a captures id", "== '{{id}}'\"\n  ^"),
    ),
    "captured twice": (
        f'{GIVER}[b]\nlike = "a"\ncapture = {{ x = "$.x", id = "$.y" }}\n',
        ("line 6, check b: id is captured by a already", "id …", "another name"),
    ),
    "name of a value": (f'{A}capture = {{ "a b" = "$.id" }}\n', ("'a b' is no name", "{{id}}")),
    "path of a value": (f'{A}capture.id = "$.a["\n', ("check a: capture.id: bad path", "  $.a[\n")),
    "braces": (f'{A}json.a = ["{{{{ x.y }}}}"]\n', ("line 3", "{{ is not followed by a name and }}", "{{{{")),
    "captured time": (
        f'{GIVER}[b]\nurl = "h"\ntimeout = "{{{{id}}}}"\n',
        ("line 6", "cannot hang on what is"),
    ),
    "captured path of a file": (
        f'{GIVER}[b]\nurl = "h"\ndata = "@{{{{id}}}}"\n',
        ("line 6, check b: data: what is captured would name a file",),
    ),
    "captured for all runs": (
        f'{GIVER}[b]\nurl = "h"\nexpect = "p95(events) > {{{{id}}}}"\n',
        ("line 6, check b: expect: it is of all runs together",),
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_told_with_its_place(tmp_path: Path, name: str) -> None:
    text, told = WRONG[name]
    with pytest.raises(UsageError) as error:
        checks(tmp_path, text)
    said = f"{error.value.message}\n{error.value.hint}"
    assert str(tmp_path / "smoke.toml") in said
    assert "hush" not in said
    for piece in told:
        assert piece in said


def test_all_mistakes_of_a_file_are_told_at_once_in_their_order(tmp_path: Path) -> None:
    text = f"""{A}expect = ["evnts > 1", "verdict == complete", "gap.p98 < 1s"]
[b]
zzz = 1
like = "c"
[d]
url = "http://h/{{{{id}}}}"
repeat = 0
"""
    with pytest.raises(UsageError) as error:
        checks(tmp_path, text)
    first, *lines = error.value.message.splitlines()
    assert first == f"{tmp_path / 'smoke.toml'} has 6 mistakes"
    told = [line.partition(", ")[2] for line in lines if line.startswith(str(tmp_path))]
    assert told == [
        "line 3, check a: expect: bad expectation: there is no `evnts`",
        "line 3, check a: expect: bad expectation: there is no `gap.p98`",
        "line 5, check b: there is no key 'zzz'",
        "line 6, check b: no such check: c",
        "line 8, check d: no check before d captures id",
        "line 9, check d: repeat is 0",
    ]


def test_all_variables_that_are_missing_are_told_at_once_but_of_what_is_run(tmp_path: Path) -> None:
    text = "".join(f'[{name}]\nurl = "http://${{NO_{name}}}/"\n' for name in "abc")
    with pytest.raises(UsageError) as error:
        checks(tmp_path, text, "a", "c")
    assert "has 2 mistakes" in error.value.message
    assert "NO_a" in error.value.message
    assert "NO_c" in error.value.message
    assert "NO_b" not in error.value.message


def test_a_mistake_of_a_profile_is_told_with_both_places(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSE_CONFIG_DIR", str(tmp_path))
    profiles = tmp_path / "profiles.toml"
    profiles.write_text("[p]\nzzz = 1\n", encoding="utf-8")
    with pytest.raises(UsageError) as error:
        checks(tmp_path, '[a]\nlike = "@p"\n')
    assert f"line 2, check a: {profiles}, line 2, profile p: there is no key 'zzz'" in error.value.message


NAMES: dict[str, tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]] = {
    "name": (("caht",), (), ("no such check: caht", "Did you mean chat? There are chat, other, in ")),
    "tag": ((), ("smok",), ("no such tag: smok", "Did you mean smoke? There are smoke, in ")),
    "neither": (("other",), ("smoke",), ("none of these checks has such a tag: other (no tag)",)),
    "defaults": (("defaults",), (), ("no such check: defaults",)),
}


@pytest.mark.parametrize("case", NAMES)
def test_what_is_chosen_must_be_there(tmp_path: Path, case: str) -> None:
    names, tags, told = NAMES[case]
    text = '[defaults]\n[chat]\nurl = "http://h/"\ntags = "smoke"\n[other]\nurl = "http://h/"\n'
    with pytest.raises(UsageError) as error:
        checks(tmp_path, text, *names, checking=CheckOptions(tags=list(tags)))
    for piece in told:
        assert piece in f"{error.value.message}\n{error.value.hint}"


def test_options_that_make_no_sense_with_a_file_of_checks_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="--snapshot is of one stream"):
        checks(tmp_path, A, checking=CheckOptions(snapshot="x"), given={"snapshot"})
    with pytest.raises(UsageError, match="there is no folder"):
        checks(tmp_path, A, checking=CheckOptions(offline=str(tmp_path / "none")))
    with pytest.raises(UsageError, match="line 1, check a: there is no recording of it: "):
        checks(tmp_path, f'{A}bearer = "${{NO_SUCH}}"\n', checking=CheckOptions(offline=str(tmp_path)))


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    from sse_cli.cli.spec.file import load, names

    gone = str(tmp_path / "gone.toml")
    with pytest.raises(UsageError, match="cannot read"):
        load(gone)
    assert names(gone) == []
    (tmp_path / "bytes.toml").write_bytes(b"\xff")
    with pytest.raises(UsageError, match="is not UTF-8: byte 0"):
        load(str(tmp_path / "bytes.toml"))
