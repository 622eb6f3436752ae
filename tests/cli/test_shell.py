"""Commands cut into words as bash and Windows cut them."""

import shutil
import subprocess

import pytest

from sse_cli.cli.shell import quote, split
from sse_cli.errors import UsageError

ENVIRONMENT = {"KEY": "k 'y", "EMPTY": ""}

BASH = {
    "a  b\tc\nd": ["a", "b", "c", "d"],
    r"a\ b \"c\" \\": ["a b", '"c"', "\\"],
    "a \\\n  b\\\r\nc": ["a", "bc"],
    "'a \"b\" \\n $KEY' ''": ['a "b" \\n $KEY', ""],
    "'it'\\''s'": ["it's"],
    r'"a \"b\" \n \\ \$KEY"': [r'a "b" \n ' + "\\ $KEY"],
    '"a\\\nb"': ["ab"],
    '"$KEY" $KEY-x "${KEY}" x"$EMPTY"': ["k 'y", "k 'y-x", "k 'y", "x"],
    "a$ $1 \"$\" '$('": ["a$", "$1", "$", "$("],
    r"$'it\'s \x41\101\u00e9\U0001f600 \t\n\\\q'": ["it's AA\u00e9\U0001f600 \t\n\\\\q"],
    r"$'\xc3\xa9 \ud83d\ude00 !\u0021'": ["\u00e9 \U0001f600 !!"],
    "http://h/{a}[1]?b=c#d": ["http://h/{a}[1]?b=c#d"],
    "\u00e9 '\u6d41'": ["\u00e9", "\u6d41"],
}


@pytest.mark.parametrize("command", BASH)
def test_bash(command: str) -> None:
    assert split(command, ENVIRONMENT) == BASH[command]


@pytest.mark.skipif(shutil.which("bash") is None, reason="no bash here")
@pytest.mark.parametrize("command", [text for text in BASH if "$1" not in text and "\\u" not in text])
def test_bash_itself_agrees(command: str) -> None:
    script = f"f() {{ printf '%s\\0' \"$@\"; }}; IFS=; f {command}".replace("\r", "").replace("\nd", " d")
    done = subprocess.run(["bash", "-c", script], env=ENVIRONMENT, capture_output=True, timeout=60)
    assert done.stdout.decode().split("\0")[:-1] == BASH[command]


@pytest.mark.parametrize(
    ("command", "told"),
    [
        ("a 'b", '"\'" at character 3'),
        ('a "b', "'\"' at character 3"),
        ("a | b", "'|' at character 3"),
        ("a >b", "'>' at character 3"),
        ("a; b", "';' at character 2"),
        ("http://h/?a&b", "'&' at character 12"),
        ("a `b`", "'`' at character 3"),
        ("a $(b)", "'$' at character 3"),
        ('a "$(b)"', "runs another one inside"),
        ("a \\", "'\\\\' at character 3"),
        ('"$NO_SUCH"', "no NO_SUCH"),
        ('a ^"b', "'\"' at character 3"),
    ],
)
def test_what_is_not_one_command_is_told(command: str, told: str) -> None:
    with pytest.raises(UsageError) as error:
        split(command, ENVIRONMENT)
    assert told in error.value.message


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ('curl ^"http://h/?a=1^&b=2^" ^\n  -H ^"x: y^"', ["curl", "http://h/?a=1&b=2", "-H", "x: y"]),
        ('curl "http://h/?a=1&b=2" ^\r\n  -H "x: y"', ["curl", "http://h/?a=1&b=2", "-H", "x: y"]),
        (r'd ^"^{^\^"a^\^":^\^"b \\\^"^\^"^}^"', ["d", r'{"a":"b \""}']),
        ('d ^\n "{""a"":1}" ""', ["d", '{"a":1}', ""]),
        ('d ^"one^\n\ntwo^"', ["d", "one\ntwo"]),
        ('d ^"100^%^41 a^^b^" c:\\d', ["d", "100%41 a^b", "c:\\d"]),
        ('d ^"a^" "b ^ c"', ["d", "a", "b ^ c"]),
    ],
)
def test_windows(command: str, words: list[str]) -> None:
    assert split(command, {}) == words


@pytest.mark.parametrize(
    "word", ["", "a b", "it's", "a\nb", "\t\x1b[2J'\\x41", "\u202e\u00e9", "$KEY`a`", "caf\udce9"]
)
def test_what_is_quoted_is_read_again(word: str) -> None:
    assert split(quote(word), {}) == [word]
