"""`sse dialects` and --dialect: what is listed, printed and tried, and where a user's own files take part."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from sse_cli.cli.own_dialects import all_names, folder, is_path
from sse_cli.core.dialects.recognise import names, text_of
from tests.cli.test_completion import complete
from tests.e2e.command import Result, sse

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
EXAMPLE = re.search(r"<!-- a dialect -->\n```toml\n(.*?)```", README, re.DOTALL)
CAPTURE = """\
event: token
data: {"text": "Hel"}

event: token
data: {"text": "lo\\u001b[2J"}

event: ping
data: {}

event: stop
data: {"why": "limit"}

event: end
data: {}

"""


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    """The dialect that the README shows, as a file."""
    assert EXAMPLE is not None
    file = tmp_path / "mine.toml"
    file.write_text(EXAMPLE[1], encoding="utf-8")
    return file


@pytest.fixture
def capture(tmp_path: Path) -> Path:
    file = tmp_path / "capture.sse"
    file.write_text(CAPTURE, encoding="utf-8")
    return file


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the user's dialects, empty."""
    place = tmp_path / "config" / "dialects"
    place.mkdir(parents=True)
    monkeypatch.setenv("SSE_CONFIG_DIR", str(place.parent))
    return place


def run(*args: str, config: Path | None = None, stdin: bytes = b"") -> Result:
    """Run `sse` with this folder of dialects, or none."""
    place = str(config.parent) if config else os.devnull
    return sse(*args, stdin=stdin, env={"SSE_CONFIG_DIR": place})


def dialects(
    *args: str, config: Path | None = None, stdin: bytes = b""
) -> subprocess.CompletedProcess[bytes]:
    """Run `sse dialects`, which has no summary."""
    command = [sys.executable, "-c", "from sse_cli.cli.main import main; main()", "dialects", *args]
    environment = {**os.environ, "SSE_CONFIG_DIR": str(config.parent) if config else os.devnull}
    done = subprocess.run(command, input=stdin, capture_output=True, env=environment, check=False, timeout=60)
    assert b"Traceback" not in done.stderr
    return done


def test_all_are_listed_with_what_they_cover() -> None:
    done = dialects()
    lines = done.stdout.decode().splitlines()
    assert (done.returncode, done.stderr) == (0, b"")
    assert [line.split()[0] for line in lines[::2]] == names()
    place = lines[0].index("The AI SDK")
    assert all(line[place - 1] == " " and line[place] != " " for line in lines)
    covers = lines[lines.index(next(line for line in lines if line.startswith("openai-chat "))) + 1]
    assert covers.split()[:4] == ["content", "reasoning", "refusal", "tool_call"]
    assert "done" in covers.split()


def test_one_is_printed_as_it_lies_in_the_package() -> None:
    assert dialects("openai-chat").stdout == text_of("openai-chat").encode()


def test_what_is_no_dialect_is_told() -> None:
    done = dialects("nobody")
    assert done.returncode == 2
    assert b"no such dialect: nobody" in done.stderr
    assert b"openai-chat" in done.stderr


def test_the_dialect_of_the_readme_reads_what_it_is_written_for(mine: Path, capture: Path) -> None:
    assert EXAMPLE is not None
    assert len(EXAMPLE[1].splitlines()) == 10
    done = dialects("--test", str(mine), str(capture))
    assert (done.returncode, done.stderr) == (0, b"")
    shown, _, below = done.stdout.decode().partition("verdict     ")
    assert shown == (
        "     1  token             content    Hel\n"
        "     2  token             content    lo\\x1b[2J\n"
        "     3  ping              -          {}\n"
        "     4  stop              finish     limit (cut)\n"
        "     5  end               done       end\n"
        "\n"
        "events      5, 1 of them without parts\n"
        "text        9 characters\n"
        "reasoning   0 characters\n"
        "finish      limit (cut)\n"
        "usage       none\n"
        "tool call   none\n"
        "error       none\n"
        "end marker  end\n"
    )
    assert below.startswith("incomplete: ")
    assert below.endswith("\nrecognised  yes, by event 1\n")


def test_a_body_on_standard_input(mine: Path) -> None:
    done = dialects("--test", str(mine), "-", stdin=CAPTURE.encode())
    assert b"recognised  yes, by event 1" in done.stdout


def test_errors_and_tool_calls_have_a_line_each(mine: Path) -> None:
    body = 'event: token\ndata: {"error": {"message": "no", "code": 5}}\n\n' * 2
    out = dialects("--test", str(mine), "-", stdin=body.encode()).stdout.decode()
    assert out.splitlines().count("error       no (5)") == 2
    call = '{"index": 0, "id": "1", "function": {"name": "f", "arguments": "{}"}}'
    body = f'data: {{"choices": [{{"delta": {{"tool_calls": [{call}]}}}}]}}\n\n'
    out = dialects("--test", "openai-chat", "-", stdin=body.encode()).stdout.decode()
    assert "\ntool call   f {}\n" in out


def test_a_stream_that_it_reads_nothing_of(mine: Path) -> None:
    body = b'data: {"choices": [{"delta": {}}]}\n\n'
    done = dialects("--test", str(mine), "-", stdin=body)
    assert done.returncode == 1
    assert b"recognised  no: event 1 is taken for openai-chat" in done.stdout
    assert b"unlike-dialect 1" in done.stdout
    done = dialects("--test", str(mine), "-", stdin=b"data: 1\n\n")
    assert b"recognised  no: none of the first events" in done.stdout


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (("[[read]]", "[read]"), ("mine.toml is wrong at read", "a list of tables")),
        (('"$.text"', '"$.te[xt"'), ("mine.toml is wrong at line 7, read[0].parts[0].text", "^")),
        (("finish", "finnish"), ("mine.toml is wrong at line 8, read[0].parts[1].part", "The parts are")),
        (("recognise = [", "recognise = "), ("mine.toml is not TOML", "line 3")),
    ],
)
def test_a_wrong_file_is_told(
    mine: Path, capture: Path, change: tuple[str, str], told: tuple[str, ...]
) -> None:
    mine.write_text(mine.read_text(encoding="utf-8").replace(*change), encoding="utf-8")
    for done in (dialects("--test", str(mine), str(capture)), run("--dialect", str(mine), str(capture))):
        code = done.returncode if isinstance(done, subprocess.CompletedProcess) else done.code
        said = done.stderr.decode() if isinstance(done, subprocess.CompletedProcess) else done.err
        assert code == 2
        for piece in told:
            assert piece in said


def test_files_that_cannot_be_read_are_told(mine: Path, tmp_path: Path) -> None:
    missing = str(tmp_path / "missing.toml")
    assert b"cannot read the dialect file" in dialects("--test", missing, "-").stderr
    assert b"cannot read the recorded body" in dialects("--test", str(mine), missing).stderr
    assert b"needs a recorded body" in dialects("--test", str(mine)).stderr
    mine.write_bytes(b'name = "\xff"')
    assert b"is not UTF-8: byte 8" in dialects("--test", str(mine), "-").stderr


def test_a_file_is_forced(mine: Path, capture: Path) -> None:
    result = run("--dialect", str(mine), "-o", "text", str(capture))
    assert result.verdict == ("incomplete", 0)
    assert (result.summary["dialect"], result.summary["finish"]) == ("mine", "limit")
    assert result.text.rstrip("\n") == "Hello\x1b[2J"


@pytest.mark.parametrize("dialect", ["auto", "mine"])
def test_a_file_in_the_config_folder_takes_part(
    config: Path, mine: Path, capture: Path, dialect: str
) -> None:
    mine.rename(config / "mine.toml")
    result = run("--dialect", dialect, "-o", "none", str(capture), config=config)
    assert result.summary["dialect"] == "mine"
    assert run("-o", "none", str(capture)).summary["dialect"] is None


def test_a_file_of_the_same_name_replaces_ours(config: Path, mine: Path, capture: Path) -> None:
    text = mine.read_text(encoding="utf-8").replace('"mine"', '"openai-chat"')
    (config / "openai-chat.toml").write_text(text, encoding="utf-8")
    result = run("--dialect", "openai-chat", "-o", "none", str(capture), config=config)
    assert result.summary["finish"] == "limit"
    assert dialects("openai-chat", config=config).stdout == text.encode()
    listed = dialects(config=config).stdout.decode()
    assert listed.count("\nopenai-chat ") == 1
    assert "My service: named events with text in them (yours)" in listed


def test_a_broken_file_is_passed_over_unless_it_is_asked_for(config: Path, mine: Path, capture: Path) -> None:
    mine.rename(config / "mine.toml")
    (config / "openai-chat.toml").write_text('name = "openai-chat"\n', encoding="utf-8")
    result = run("-o", "none", str(capture), config=config)
    assert (result.code, result.summary["dialect"]) == (0, "mine")
    assert "sse: warning: dialect file" in result.err
    assert "'title' is missing" in result.err
    assert run("-o", "none", "--dialect", "none", str(capture), config=config).err.count("warning") == 0
    result = run("--dialect", "openai-chat", str(capture), config=config)
    assert result.code == 2
    assert "'title' is missing" in result.err
    done = dialects(config=config)
    assert done.returncode == 0
    assert b"OpenAI chat completions" in done.stdout
    assert b"warning" in done.stderr


def test_a_file_has_the_name_of_its_dialect(config: Path, mine: Path, capture: Path) -> None:
    mine.rename(config / "other.toml")
    result = run("--dialect", "other", str(capture), config=config)
    assert result.code == 2
    assert "mine.toml or other" in result.err


def test_names_of_the_users_own_are_completed(config: Path) -> None:
    (config / "my-own.toml").touch()
    assert complete("sse tail --dialect my") == ["my-own"]
    assert complete("sse dialects my") == ["my-own"]
    assert "my-own" in all_names()


def test_where_the_folder_is(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SSE_CONFIG_DIR", "/x")
    assert folder() == Path("/x/dialects")
    monkeypatch.delenv("SSE_CONFIG_DIR")
    for name in ("XDG_CONFIG_HOME", "LOCALAPPDATA", "HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(tmp_path))
    assert folder() is None
    (tmp_path / "sse").mkdir()
    found = folder()
    assert found is not None
    assert found.name == "dialects"


def test_who_has_no_folder_does_not_pay_for_it(tmp_path: Path) -> None:
    code = (
        "import sys; from sse_cli.cli.own_dialects import choose; assert choose('auto') == ('auto', ());"
        "print(*sys.modules)"
    )
    homes = dict.fromkeys(("XDG_CONFIG_HOME", "LOCALAPPDATA", "HOME", "USERPROFILE"), str(tmp_path))
    environment = {name: value for name, value in os.environ.items() if name != "SSE_CONFIG_DIR"}
    command = [sys.executable, "-c", code]
    modules = subprocess.check_output(command, env=environment | homes, text=True).split()
    assert not {"platformdirs", "sse_cli.core.dialects.check"} & {*modules}


@pytest.mark.parametrize(
    ("text", "path"), [("mine", False), ("mine.toml", True), ("a/b", True), ("openai-chat", False)]
)
def test_a_path_has_a_slash_or_ends_in_toml(text: str, path: bool) -> None:
    assert is_path(text) is path


def test_a_dialect_that_does_not_fit_is_shown_and_counted(mine: Path, tmp_path: Path) -> None:
    file = tmp_path / "other.sse"
    file.write_bytes(b'data: {"price": 1}\n\n' * 20)
    result = run("--dialect", str(mine), "--all", "-o", "json", str(file))
    told = [record for record in result.records if record.get("anomaly") == "unlike-dialect"]
    assert len(told) == 1, result.records[-3:]
    assert result.summary["anomalies"] == sum(record["kind"] == "anomaly" for record in result.records)


def test_the_readme_names_every_dialect() -> None:
    section = README.partition("## Dialects")[2].partition("\n## ")[0].partition("`sse dialects`")[0]
    assert sorted(set(re.findall(r"`([a-z0-9-]+)`", section)) - {"sse"}) == names()
