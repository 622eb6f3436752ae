"""Profiles: what `@name` sends and shows, what is told of a file that is wrong, and `sse profiles`."""

import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from sse_cli.cli.profiles import EXAMPLE
from tests.cli.test_completion import complete
from tests.e2e.command import Result, sse
from tests.peers.scripted import Request, ScriptedServer, response

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
CHAT = b'data: {"object":"chat.completion.chunk","choices":[{"index":0,"delta":{"content":"Hello"}}]}\n\n'
DONE = b"data: [DONE]\n\n"
OK = response(body=CHAT + DONE)


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file of profiles, which is not there yet."""
    monkeypatch.setenv("SSE_CONFIG_DIR", str(tmp_path))
    return tmp_path / "profiles.toml"


def run(*args: str, config: Path, **env: str) -> Result:
    return sse(*args, env={"SSE_CONFIG_DIR": str(config.parent), **env})


def asked(text: str, *args: str, config: Path, **env: str) -> tuple[Request, Result]:
    """Run @p of a file in which URL stands for the server's; return what was asked, and the result."""
    with ScriptedServer([OK]) as server:
        config.write_text(text.replace("URL", server.url), encoding="utf-8")
        result = run("@p", *args, config=config, **env)
        assert result.code == 0, result.err
        (request,) = server.requests
    return request, result


def profiles(*args: str, **env: str) -> subprocess.CompletedProcess[str]:
    """Run `sse profiles`."""
    code = "from sse_cli.cli.main import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", code, "profiles", *args],
        capture_output=True,
        encoding="utf-8",
        check=False,
        env={**os.environ, **env},
    )
    assert "Traceback" not in done.stderr
    return done


def test_the_readme_shows_the_example_and_it_works(config: Path) -> None:
    shown = re.search(r"<!-- profiles -->\n```toml\n(.*?)```", README, re.DOTALL)
    assert shown is not None
    assert shown[1] == EXAMPLE
    with ScriptedServer([OK], [OK]) as server:
        config.write_text(EXAMPLE.replace("https://api.openai.com", server.url), encoding="utf-8")
        for name, out in (("@openai", CHAT), ("@text", b"Hello")):
            result = run(name, config=config, OPENAI_API_KEY="hush")
            assert result.verdict == ("complete", 0), result.err
            assert out.strip(b"\n").removeprefix(b"data: ") in result.out
        for request in server.requests:
            assert (request.method, request.path) == ("POST", "/v1/chat/completions")
            assert request.headers["authorization"] == "Bearer hush"
            assert request.headers["content-type"] == "application/json"
            assert request.headers["x-team"] == "infra"
            assert json.loads(request.body)["messages"] == [{"role": "user", "content": "Hi!"}]


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ('request = "DELETE"', ("DELETE", "/", b"")),
        ('data = "a=${A}"', ("POST", "/", b"a=1")),
        ('data = ["a=1", "b"]', ("POST", "/", b"a=1&b")),
        ('data = ["a"]\nget = true', ("GET", "/?a", b"")),
        ('data-raw = "@a"\ndata = "b"\ndata-urlencode = ["c=d e", "f"]', ("POST", "/", b"@a&b&c=d+e&f")),
        (
            'data = { a = ["${A}", 2, true, 1.5], "b c" = {} }',
            ("POST", "/", b'{"a":["1",2,true,1.5],"b c":{}}'),
        ),
        ('json = [{ quoted = "${Q}" }]', ("POST", "/", b'[{"quoted":"\\"\\\\"}]')),
        ("json = '{\"a\": ${A}}'", ("POST", "/", b'{"a": 1}')),
        ('json = "@${FILE}"', ("POST", "/", b"{}")),
        ('path.x = "$.choices"\nwhere = "$.choices exists"\nmax-time = 9', ("GET", "/", b"")),
    ],
)
def test_what_it_says_is_sent(config: Path, keys: str, expected: tuple[str, str, bytes]) -> None:
    (config.parent / "body.json").write_bytes(b"{}")
    env = {"A": "1", "Q": '"\\', "FILE": str(config.parent / "body.json")}
    request, _ = asked(f'[p]\nurl = "URL/"\n{keys}\n', config=config, **env)
    assert (request.method, request.path, request.body) == expected


@pytest.mark.parametrize(
    ("keys", "name", "value"),
    [
        ('header = "X-A: ${A}"', "x-a", "1"),
        ('headers = ["X-A: 1", "X-B: 2"]', "x-b", "2"),
        ('headers = { X-A = "a: b" }', "x-a", "a: b"),
        ('headers.Authorization = "Bearer ${A}"', "authorization", "Bearer 1"),
        ('headers.Accept = ""', "accept", None),
        ('bearer = "env:A"', "authorization", "Bearer 1"),
        ('user = "me:${A}"', "authorization", "Basic bWU6MQ=="),
        ('cookie = { a = "${A}", b = "${A}" }', "cookie", "a=1; b=1"),
        ('user-agent = "Me"', "user-agent", "Me"),
        ('last-event-id = "7"', "last-event-id", "7"),
        ("data = { a = 1 }", "content-type", "application/json"),
    ],
)
def test_headers_are_sent(config: Path, keys: str, name: str, value: str | None) -> None:
    request, _ = asked(f'[p]\nurl = "URL"\n{keys}\n', config=config, A="1")
    assert request.headers.get(name) == value


BASE = """
[p]
url = "URL/a"
headers = { X-A = "1", X-B = "2" }
bearer = "${NOT_SET}"
json = { a = 1 }
output = "json"
dialect = "none"
reconnect = false
"""


def test_the_users_own_options_win(config: Path) -> None:
    own = (
        "-H",
        "x-a: 3",
        "-H",
        "X-C: 4",
        "-u",
        "me:pw",
        "-d",
        "b",
        "-f",
        "{n}",
        "--dialect",
        "auto",
        "-X",
        "PUT",
    )
    request, result = asked(BASE, *own, config=config)
    assert (request.method, request.body) == ("PUT", b"b")
    assert [request.headers[name] for name in ("x-a", "x-b", "x-c")] == ["3", "2", "4"]
    assert request.headers["authorization"].startswith("Basic ")
    assert result.text == "1\n2\n"
    assert result.summary["dialect"] == "openai-chat"


def test_one_builds_on_another(config: Path) -> None:
    text = BASE.replace("[p]", "[base]").replace("false", "true")
    text += '[between]\nlike = "base"\nbearer = "${B}"\nheaders.X-B = "5"\nreconnect = false\n'
    request, result = asked(
        f'{text}[p]\nlike = "@between"\ndata = "b"\ndialect = "auto"\n', config=config, B="b"
    )
    assert (request.path, request.body) == ("/a", b"b")
    assert request.headers["authorization"] == "Bearer b"
    assert (request.headers["x-a"], request.headers["x-b"]) == ("1", "5")
    assert result.summary["dialect"] == "openai-chat"
    assert result.records[0]["kind"] == "event"


def test_a_profile_may_be_of_a_file(config: Path) -> None:
    capture = config.parent / "a.sse"
    capture.write_bytes(CHAT + DONE)
    config.write_text(f"[p]\nurl = '{capture}'\noutput = 'text'\n", encoding="utf-8")
    assert run("@p", config=config).text == "Hello"
    assert run("tail", "@p", "-o", "none", config=config).text == ""


def test_a_curl_command_of_it(config: Path) -> None:
    config.write_text(EXAMPLE, encoding="utf-8")
    result = run("@openai", "--as-curl", config=config, OPENAI_API_KEY="hush")
    assert result.code == 0
    assert "Bearer ***" in result.text
    assert "https://api.openai.com/v1/chat/completions" in result.text


def test_a_curl_command_without_a_url_goes_before_it(config: Path) -> None:
    request, _ = asked(BASE, "--from-curl", "curl -u a:b -d c -H 'X-A: 9'", config=config)
    assert (request.path, request.body, request.headers["x-a"]) == ("/a", b"c", "9")


def test_a_file_of_such_a_name_is_given_with_its_folder(config: Path) -> None:
    config.write_text("[p]\n", encoding="utf-8")
    result = run("./@p", config=config)
    assert result.code == 3
    assert "./@p" in result.err
    assert "profile" not in result.err


P = '[p]\nurl = "http://h/"\n'
WRONG = {
    "unknown": (
        f"{P}beerer = 'hush'\n",
        ("line 3", "no key 'beerer'", "     beerer …\n", "       ^\n", "mean bearer?"),
    ),
    "unknown, plain": (
        f'{P}  frist-timeout = "1s"\n',
        ('frist-timeout = "1s"\n         ^\n', "mean first-timeout?"),
    ),
    "unknown, nothing near": (f"{P}zzz = 1\n", ("no key 'zzz'", "The keys are url, title, like,")),
    "unknown, behind a long string": (f'{P}title = """\nzzz = 1\n"""\nzzz = 2\n', ("line 6",)),
    "unknown, inline": ('p = { url = "http://me@h/?a=hush", x = 1 }', ("line 1",)),
    "dotted name": ('[p]\nurl = "http://h/"\n[p.dev]\nurl = "http://i/"\n', ("line 3", '["p.dev"]')),
    "twice": (f"{P}header = 'A: b'\nheaders = ['C: d']\n", ("line 4", "headers says what header says")),
    "no flag": (f'{P}insecure = "yes"\n', ("insecure is a string", "true or false")),
    "no string": (f"{P}until = 5\n", ("until is a number", "a string")),
    "no whole number": (f"{P}max-events = 1.5\n", ("max-events is a number", "a whole number")),
    "true for a number": (f"{P}retries = true\n", ("retries is true",)),
    "too small": (f"{P}max-events = 0\n", ("max-events is 0", "1 or more")),
    "no list of strings": (
        f'{P}headers = ["A: hush",\n 5]\n',
        ("line 4", "headers holds a number", "a string"),
    ),
    "no pair": (f"{P}headers = {{ A = 1 }}\n", ("headers holds a number", "headers = { A …")),
    "table": (f"{P}where = {{ a = '1' }}\n", ("where is a table", "a list of strings")),
    "date": (f"{P}json = {{ a = [1, 1979-05-27] }}\n", ("holds 1979-05-27", "quotes")),
    "not a number": (f"{P}json = {{ a = nan }}\n", ("holds nan", "quotes")),
    "time": (f'{P}max-time = "soon"\n', ("not a duration: 'soon'", 'max-time = "soon"', "250ms")),
    "size": (f'{P}max-bytes = "lots"\n', ("not a size", 'max-bytes = "lots"')),
    "expression": (f'{P}where = ["$.a == 1", "$.a ~~ 1"]\n', ("`~~` is no operator",)),
    "path": (f'{P}paths.x = "$.a["\n', ("profile p: paths.x: bad path", "  $.a[\n")),
    "output": (f'{P}output = "jsn"\n', ("no such output: jsn", "mean json?", 'output = "jsn"')),
    "dialect": (f'{P}dialect = "opnai-chat"\n', ("no such dialect", "mean openai-chat?")),
    "refused": (f'{P}from-curl = "curl h"\n', ("from-curl has no place", "under their own keys")),
    "secret": (
        f'{P}bearer = "hush"\n',
        ("line 3", "the token is written out", "bearer …", "${NAME}", "export"),
    ),
    "secret in a list": (f'{P}headers = [\n "A: b",\n "X-Key: hush"]\n', ("line 5", "the header X-Key")),
    "secret in the body": (
        f'{P}json = {{ api_key = "hush" }}\n',
        ("'api_key' in the body", 'json = "@FILE"'),
    ),
    "secret as a default": (f'{P}user = "me:${{PW:-hush}}"\n', ("the password is written out",)),
    "variable": (
        f'{P}bearer = "${{NO_SUCH}}"\n',
        ("profile p", "bearer", "no NO_SUCH", "line 3", "export NO_SUCH"),
    ),
    "variable in a list": (f'{P}headers = [\n"X-A: ${{NO_SUCH}}"]\n', ("line 4", "headers", "NO_SUCH")),
    "variable in a table": (f'{P}json.a.b = ["${{NO_SUCH}}"]\n', ("line 3", "json", "NO_SUCH")),
    "reference": (f'{P}json = {{ a = "${{a b}}" }}\n', ("line 3", "$${")),
    "like nobody": ('[p]\nlike = "bse"\n[base]\n', ("line 2", "no profile 'bse'", "mean @base?")),
    "like itself": ('[p]\nlike = "q"\n[q]\nlike = "p"\n', ("line 4", "p → q → p")),
    "like one that is wrong": ('[p]\nlike = "q"\n[q]\nzzz = 1\n', ("line 4, profile q",)),
    "no url": ("[p]\ntitle = 'x'\n", ("line 1", "no url", 'like = "p"')),
    "url of a profile": ('[p]\nurl = "@q"\n', ("@q is a profile", 'like = "q"')),
    "loose key": ('url = "http://me:hush@h/"\n[p]\n', ("line 1", "outside of any profile", "[prod]")),
    "list of profiles": (f"[{P}", ("line 1",)),
    "rows": ('[[p]]\nurl = "http://h/"\n', ("line 1", "it is a list", "one bracket")),
    "no quotes": (f"{P}bearer = hush\n", ("line 3 is not TOML", "bearer = …\n", "quotes")),
    "half a string": (f'{P}bearer = "hush\n', ("line 3 is not TOML", 'bearer = "…')),
    "no end": (f'{P}json = """', ("is not TOML",)),
    "too deep": (f"{P}json = {'[' * 5000}", ("too deeply",)),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_told_with_its_place(config: Path, name: str) -> None:
    text, told = WRONG[name]
    config.write_text(text, encoding="utf-8")
    result = run("@p", config=config)
    assert (result.code, result.out, result.summary) == (2, b"", {})
    assert str(config) in result.err
    assert "hush" not in result.err
    for piece in told:
        assert piece in result.err


def test_a_caret_stands_below_the_key(config: Path) -> None:
    config.write_text(f'{P}headers = {{ A = "hush", "B" = 1 }}\n', encoding="utf-8")
    lines = run("@p", config=config).err.splitlines()
    line, caret = lines[1:3]
    assert line.endswith('headers = { A = "…", "B" …')
    assert line[caret.index("^") :].startswith('"B"')


def test_what_only_another_profile_has_wrong_is_no_matter(config: Path) -> None:
    asked('[p]\nurl = "URL"\n[q]\nbearer = "hush"\nzzz = 1\n', config=config)


def test_a_name_that_there_is_not_is_told(config: Path) -> None:
    config.write_text("[prod]\n[dev]\n", encoding="utf-8")
    result = run("@prd", config=config)
    assert result.code == 2
    assert "no such profile: @prd\n" in result.err
    assert "Did you mean @prod? There are @prod, @dev, in" in result.err
    config.unlink()
    result = run("@prd", config=config)
    assert result.code == 2
    assert f"There are no profiles in {config}" in result.err


def test_a_file_that_cannot_be_read_is_told(config: Path) -> None:
    config.write_bytes(b'[p]\nurl = "\xff"')
    assert "is not UTF-8: byte 11" in run("@p", config=config).err
    config.unlink()
    config.mkdir()
    assert f"cannot read {config}: " in run("@p", config=config).err


def test_a_file_of_windows_is_read(config: Path) -> None:
    config.write_bytes(b'\xef\xbb\xbf[p]\r\nurl = "http://h"\r\nzzz = 1\r\n')
    assert "line 3" in run("@p", config=config).err


def test_they_are_listed(config: Path) -> None:
    config.write_text(
        f"{EXAMPLE}[wide]\nurl = 'https://${{HOST}}/流?key=${{KEY}}'\ntitle = 'a\\nb\\u001b'\n"
        '[capture]\nurl = "a.sse"\n[base]\nrequest = "PUT"\n',
        encoding="utf-8",
    )
    done = profiles()
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == (
        "openai   POST  https://api.openai.com/v1/chat/completions  auto\n"
        "text     POST  https://api.openai.com/v1/chat/completions  auto  The same, and its text alone\n"
        "wide     GET   https://${HOST}/流?key=${KEY}               auto  a\\nb\\u001b\n"
        "capture  -     a.sse                                       auto\n"
        "base     -     -                                           auto\n"
    )


def test_one_that_is_wrong_is_told_and_the_others_are_listed(config: Path) -> None:
    config.write_text(f"[bad]\nbearer = 'hush'\n{P}", encoding="utf-8")
    done = profiles()
    assert done.returncode == 0
    assert done.stdout.split() == ["p", "GET", "http://h/", "auto"]
    assert "warning: " in done.stderr
    assert "the token is written out" in done.stderr
    assert "hush" not in done.stderr


def test_one_is_shown_as_toml_that_says_the_same(config: Path) -> None:
    config.write_text(
        '[text]\nlike="base"\noutput = "text"\n[base]\nurl = "http://h/?key=${KEY:-}"\n'
        "\"bearer\" = '${TOKEN}'\n"
        'json = {"a b"="x\\ny\\u007f",c=[1,{d=1.5}],e=true}\nheaders=["A: b","X-Team: ${TEAM}"]\n[other]\n',
        encoding="utf-8",
    )
    tables = tomllib.loads(config.read_text(encoding="utf-8"))
    done = profiles("text", TEAM="infra")
    assert (done.returncode, done.stderr) == (0, "")
    assert tomllib.loads(done.stdout) == {name: tables[name] for name in ("text", "base")}
    assert 'bearer = "${TOKEN}"  # $TOKEN is not set\n' in done.stdout
    assert "infra" not in done.stdout
    assert profiles("@text", TEAM="infra").stdout == done.stdout


def test_none_is_shown_that_is_not_there_or_wrong(config: Path) -> None:
    config.write_text(f"{P}bearer = 'hush'\n", encoding="utf-8")
    for name, told in (("p", "the token is written out"), ("q", "no such profile: @q")):
        done = profiles(name)
        assert (done.returncode, done.stdout) == (2, "")
        assert told in done.stderr
        assert "hush" not in done.stderr


@pytest.mark.parametrize("text", [None, "", "# nothing yet\n"])
def test_who_has_none_is_shown_how_to_begin(config: Path, text: str | None) -> None:
    if text is not None:
        config.write_text(text, encoding="utf-8")
    done = profiles()
    assert (done.returncode, done.stdout) == (0, "")
    assert f"no profiles yet in {config}\n" in done.stderr
    assert EXAMPLE in done.stderr


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("sse @pr", ["@prod"]),
        ("sse @", ["@prod", "@dev"]),
        ("sse tail @d", ["@dev"]),
        ("sse -o text @pr", ["@prod"]),
        ("sse @ pr", ["@prod"]),
        ("sse tail @ pr", ["@prod"]),
        ("sse profiles pr", ["prod"]),
        ("sse profiles @pr", ["@prod"]),
        ("sse tail pr", []),
        ("sse @zzz", []),
    ],
)
def test_names_are_completed(config: Path, line: str, found: list[str]) -> None:
    config.write_text("[prod]\n[dev]\n", encoding="utf-8")
    assert complete(line) == found


@pytest.mark.parametrize("text", [None, "[prod", "prod = 1"])
def test_a_broken_file_completes_nothing_and_says_nothing(config: Path, text: str | None) -> None:
    if text is not None:
        config.write_text(text, encoding="utf-8")
    assert complete("sse @pr") == complete("sse profiles pr") == []
