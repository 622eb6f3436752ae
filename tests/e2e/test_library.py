"""The library as the README shows it: its examples run, and what it says of defaults is so."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from sse_cli.stream import Limits, Policy
from tests.e2e.command import HANGS
from tests.peers.scripted import ScriptedServer, response

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
SECTION = README.partition("## The library\n")[2]
EXAMPLES = re.findall(r"```python\n(.*?)```", SECTION, re.DOTALL)
PRINTED = """\
price 42 7
the server ended the response; again in 0 s
complete
"""


def run(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, timeout=HANGS, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    return done.stdout.decode()


def test_connect_gives_what_comes_and_asks_again() -> None:
    script = [response() + b"retry: 0\nevent: price\nid: 7\ndata: 42\n\n"]
    with ScriptedServer(script, [response(204)]) as server:
        assert run(EXAMPLES[0].replace("https://host/events", server.url)) == PRINTED
        assert server.requests[1].headers["last-event-id"] == "7"


def test_the_decoder_gives_what_the_readme_says() -> None:
    comment, event = run(EXAMPLES[1]).splitlines()
    told = SECTION.rpartition("```")[2].replace("…", "")
    assert comment.startswith("Comment(text='hello', ")
    assert event.startswith("Event(type='price', data='42', ")
    assert "`Comment(text='hello', )` and `Event(type='price', data='42', )`" in told


@pytest.mark.parametrize("kind", [Policy, Limits])
def test_the_defaults_are_those_that_it_names(kind: type) -> None:
    named = re.search(rf"`({kind.__name__}\([^`]*=[^`]*\))`", SECTION)
    assert named is not None
    assert eval(named[1], {kind.__name__: kind}) == kind()
