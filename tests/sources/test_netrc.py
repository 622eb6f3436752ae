"""Files of users and passwords, by curl's rules; where curl is here, what it takes out of the same file."""

import base64
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from sse_cli.errors import UsageError
from sse_cli.sources.netrc import find, netrc_path, read_netrc
from tests.peers.scripted import ScriptedServer, response

# The file, and what it holds for the host h.
FILES = {
    "on one line": ("machine h login a password b", "a:b"),
    "on lines": ("machine h\n\tlogin a\n\tpassword b\n", "a:b"),
    "lines of Windows": ("machine h\r\nlogin a\r\npassword b\r\n", "a:b"),
    "great letters": ("MACHINE H LOGIN a PASSWORD b", "a:b"),
    "the first counts": ("machine h login a password b\nmachine h login c password d", "a:b"),
    "the default": ("machine g login a password b\ndefault login c password d", "c:d"),
    "a default before it": ("default login c password d\nmachine h login a password b", "c:d"),
    "of another host": ("machine g login a password b", None),
    "nothing": ("", None),
    "in quotes": ('machine h login "a b" password "c\\"d\\\\e\\tf#"', 'a b:c"d\\e\tf#'),
    "quotes inside": ('machine h login a"b password c"d"', 'a"b:c"d"'),
    "comments": ("# machine h login x password y\nmachine h # login q\nlogin a password b", "a:b"),
    "a hash inside": ("machine h login a password b#c", "a:b#c"),
    "a hash in front": ("machine h login a password #c", "a:"),
    "a macro": ('macdef init\nmachine h login x\n"\n\nmachine h login a password b', "a:b"),
    "a macro of a host's": ("machine g login q\nmacdef m\nmachine h\n\nmachine h login a password b", "a:b"),
    "a macro to the end": ("machine h login a password b\nmacdef init\nlogin c", "a:b"),
    "an account": ("machine h login a account z password b", "a:b"),
    "an account like a word": ("machine g account machine login x\nmachine h login a password b", "a:b"),
    "the password first": ("machine h password b login a", "a:b"),
    "no password": ("machine h login a", "a:"),
    "no user": ("machine h password b", ":b"),
    "words of no meaning": ("what is this machine h login a password b", "a:b"),
    "empty": ('machine h login "" password ""', ":"),
    "values like words": ("machine login login x\nmachine h login login password machine", "login:machine"),
    "odd bytes": ("machine h login caf\udce9 password b", "caf\udce9:b"),
}
HALF = {"no password", "no user", "empty", "a hash in front"}
"""Entries that are not whole, in which versions of curl differ."""

needs_curl = pytest.mark.skipif(shutil.which("curl") is None, reason="no curl here")


def written(folder: Path, text: str) -> str:
    file = folder / "netrc"
    file.write_bytes(text.encode("utf-8", "surrogateescape"))
    return str(file)


def held(file: str, host: str = "h", user: str | None = None) -> str | None:
    entry = find(read_netrc(file), host, user)
    return None if entry is None else f"{entry.user}:{entry.password}"


@pytest.mark.parametrize("name", FILES)
def test_what_is_held_for_a_host(name: str, tmp_path: Path) -> None:
    text, expected = FILES[name]
    assert held(written(tmp_path, text), "H") == expected


@needs_curl
@pytest.mark.parametrize("name", sorted(FILES.keys() - HALF))
def test_curl_takes_the_same(name: str, tmp_path: Path) -> None:
    text, expected = FILES[name]
    with ScriptedServer([response(body=b"")]) as server:
        here = f"h:{server.url.rpartition(':')[2]}"
        command = ["curl", "-sS", "--noproxy", "*", "--netrc-file", written(tmp_path, text)]
        subprocess.run(
            [*command, "--resolve", f"{here}:127.0.0.1", f"http://{here}/"], check=True, timeout=60
        )
        sent = server.requests[0].headers.get("authorization")
    decoded = base64.b64decode(sent.removeprefix("Basic ")) if sent is not None else None
    assert decoded == (expected.encode("utf-8", "surrogateescape") if expected is not None else None)


def test_a_user_that_is_given_has_an_entry_of_his_own_or_none(tmp_path: Path) -> None:
    file = written(
        tmp_path, "machine h login a password b\nmachine h login c password d\nmachine h password e"
    )
    assert held(file, user="c") == "c:d"
    assert held(file, user="f") is None


def test_a_quote_without_end_is_told_and_the_word_is_not(tmp_path: Path) -> None:
    file = written(tmp_path, '\nmachine h login "hush password b\n')
    with pytest.raises(UsageError, match="line 2 has a quote without its end") as caught:
        held(file)
    assert "hush" not in caught.value.message


def test_which_file_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("USERPROFILE" if os.name == "nt" else "HOME", str(tmp_path))
    assert netrc_path({"NETRC": "named"}) == "named"
    assert netrc_path({"NETRC": ""}, is_windows=False) == str(tmp_path / ".netrc")
    assert netrc_path({}, is_windows=True) == str(tmp_path / "_netrc")
    (tmp_path / ".netrc").touch()
    assert netrc_path({}, is_windows=True) == str(tmp_path / ".netrc")
