"""Users and passwords out of a netrc file: sent where nothing else gives any, and to no other host."""

from base64 import b64encode
from pathlib import Path

import pytest

from tests.e2e.command import sse
from tests.peers.scripted import ScriptedServer, response

OK = response(body=b"data: a\n\n")
HELD = "machine 127.0.0.1 login ada password hush\nmachine 127.0.0.1 login bob password quiet\n"


def basic(text: str) -> str:
    return f"Basic {b64encode(text.encode()).decode()}"


@pytest.fixture
def file(tmp_path: Path) -> str:
    file = tmp_path / ".netrc"
    file.write_text(HELD)
    return str(file)


def sent(*args: str, user: str = "", env: dict[str, str] | None = None) -> str | None:
    with ScriptedServer([OK]) as server:
        result = sse(server.url.replace("://", f"://{user}"), *args, "-v", env=env)
        assert result.verdict == ("complete", 0), result.err
        assert "hush" not in result.err
        return server.requests[0].headers.get("authorization")


def test_it_is_the_home_folders_or_the_one_that_is_named(file: str) -> None:
    home = {"HOME": str(Path(file).parent), "USERPROFILE": str(Path(file).parent)}
    assert sent("--netrc", env=home) == basic("ada:hush")
    assert sent("--netrc-optional", env=home) == basic("ada:hush")
    assert sent("--netrc-file", file) == basic("ada:hush")
    assert sent("--netrc", env={"NETRC": file}) == basic("ada:hush")
    assert sent(env=home) is None, "nobody asked for it"


@pytest.mark.parametrize(
    ("args", "user", "expected"),
    [
        (("-u", "me:mine"), "", basic("me:mine")),
        ((), "me:mine@", basic("me:mine")),
        (("--bearer", "token"), "", "Bearer token"),
        (("-H", "Authorization: mine"), "", "mine"),
        (("-H", "Authorization:"), "", None),
        ((), "bob@", basic("bob:quiet")),
        (("-u", "bob"), "", basic("bob:quiet")),
        (("-u", "bob:"), "", basic("bob:")),
        ((), "eve@", basic("eve:")),
    ],
)
def test_what_is_given_goes_before_it(file: str, args: tuple[str, ...], user: str, expected: str) -> None:
    assert sent("--netrc-file", file, *args, user=user) == expected


def test_a_user_alone_has_an_empty_password() -> None:
    assert sent(user="eve@") == basic("eve:")
    assert sent("-u", "eve") == basic("eve:")


def test_it_goes_to_no_other_host(file: str) -> None:
    Path(file).write_text(HELD + "default login eve password hush\n")
    with ScriptedServer([OK]) as other:
        there = other.url.replace("127.0.0.1", "localhost")
        with ScriptedServer([response(302, {"Location": there})]) as server:
            assert sse(server.url, "--netrc-file", file).text == "a\n"
            assert server.requests[0].headers["authorization"] == basic("ada:hush")
        assert "authorization" not in other.requests[0].headers


def test_curls_letter_and_the_way_back(file: str) -> None:
    with ScriptedServer([OK]) as server:
        assert sse("--from-curl", f"curl -sn {server.url}", env={"NETRC": file}).text == "a\n"
        assert server.requests[0].headers["authorization"] == basic("ada:hush")
    shown = sse("http://127.0.0.1/", "--netrc-file", file, "--as-curl", "--show-secrets").text
    assert f"-H 'Authorization: {basic('ada:hush')}'" in shown


def test_a_file_that_cannot_be_used(tmp_path: Path) -> None:
    for args in (["--netrc-file", "no-such-file"], ["--netrc"]):
        result = sse("http://h/", *args, env={"NETRC": "no-such-file"})
        assert (result.code, result.out, result.summary) == (2, b"", {})
        assert "cannot read the netrc file no-such-file: No such file" in result.err
        assert "--netrc-file FILE names another" in result.err
    result = sse("http://h/", "--netrc-optional", "--netrc-file", str(tmp_path))
    assert "Is a directory" in result.err
    assert sent("--netrc-optional", env={"NETRC": "no-such-file"}) is None
