"""Rows of outputs: whole processes that read a long stream of a loopback server and write it on.

The peers are what people type without `sse`: curl, sed and jq in a pipeline, and OpenAI's official client.
CPU is what the system counts for all processes of a side. The wall time of a pipeline is that of its slowest
process, where there is a core for each.
"""

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from time import perf_counter

from tests.benchmarks.loopback import Loopback
from tests.benchmarks.process import quiet_environment
from tests.benchmarks.row import (
    OURS,
    Differs,
    Figures,
    Goal,
    Row,
    Setup,
    Unmeasured,
    interleave,
    times_as_fast,
)

# The scripts of a shell; `$SSE` and `$URL` are in its environment.
_SSE_TEXT = 'exec "$SSE" -q -o text "$URL"'
_SSE_PATH = """exec "$SSE" -q -p "\\$['choices'][0]['delta']['content']" -o text "$URL" """
_SSE_POST = """exec "$SSE" -q -o text -d '{"stream": true}' "$URL/chat/completions" """
_SSE_RAW = 'exec "$SSE" -q -o raw "$URL"'
_SSE_DATA = 'exec "$SSE" -q -o data "$URL"'

# `[DONE]` is not JSON: whoever does not take it out gets an error of jq's in the end.
_SED = r"""'/^data: \[DONE\]/d; s/^data: //p'"""
_JQ = "'.choices[0].delta.content // empty'"
_PIPELINE = f'curl -sN "$URL" | sed -n {_SED} | jq -j {_JQ}'
_LIVE = f'curl -sN "$URL" | sed -un {_SED} | jq --unbuffered -j {_JQ}'
_CURL = 'exec curl -sN "$URL"'
_CURL_DATA = """curl -sN "$URL" | sed -n 's/^data: //p'"""
_OPENAI = """exec "$PYTHON" -c '
import sys
from openai import OpenAI
client = OpenAI(base_url=sys.argv[1], api_key="none", max_retries=0)
asked = [{"role": "user", "content": "?"}]
for chunk in client.chat.completions.create(model="m", messages=asked, stream=True):
    print(chunk.choices[0].delta.content or "", end="")
' "$URL" """

Cost = tuple[float, float]
"""Milliseconds of wall time, and of CPU."""
_WALL, _CPU = 0, 1


@dataclass(frozen=True)
class _Match:
    """Two scripts that are given the same stream; `checks` are others whose output must be the same.

    A peer that writes more than we do is checked with that taken out.
    """

    ours: str
    peer: str
    name: str
    way: str
    events: int
    unit: int
    repeats: int
    checks: tuple[str, str] | None = None


def _measure(match: _Match, setup: Setup) -> Figures:
    _require(match.peer)
    events = setup.pick(match.events, match.events // 10)
    with Loopback() as server, tempfile.TemporaryDirectory() as folder:
        url = server.url(match.way, events)
        env = {**quiet_environment(folder), "SSE": setup.sse, "URL": url, "PYTHON": sys.executable}
        _check(match, env)
        sides = {
            OURS: lambda: _cost(match.ours, env)[match.unit],
            match.name: lambda: _cost(match.peer, env)[match.unit],
        }
        return interleave(sides, setup.pick(match.repeats, 2))


def _require(script: str) -> None:
    if os.name == "nt":
        raise Unmeasured("there is no sh on Windows, and nothing that counts the CPU of a pipeline")
    for program in ("curl", "sed", "jq"):
        if f"{program} " in script and shutil.which(program) is None:
            raise Unmeasured(f"{program} is not installed")
    if "openai" in script and importlib.util.find_spec("openai") is None:
        raise Unmeasured("the package openai is not installed")


def _check(match: _Match, env: dict[str, str]) -> None:
    """Run both sides once, which warms them, too, and compare all that they write."""
    one, other = match.checks or (match.ours, match.peer)
    ours, peer = _digest(one, env), _digest(other, env)
    if ours != peer:
        raise Differs(f"we wrote {ours}, and {match.name} {peer}")


def _digest(script: str, env: dict[str, str]) -> str:
    digest, size = hashlib.sha256(), 0
    with _started(script, env, subprocess.PIPE) as process:
        assert process.stdout is not None
        while read := os.read(process.stdout.fileno(), 1 << 20):
            digest.update(read)
            size += len(read)
    if process.returncode or not size:
        raise Differs(f"{size} bytes and the exit code {process.returncode} from {script}")
    return f"{size:,} bytes of digest {digest.hexdigest()[:8]}"


def _cost(script: str, env: dict[str, str]) -> Cost:
    """Run a script to its end and return what it took, with all that it started."""
    start = perf_counter()
    process = _started(script, env, subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    wall = perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise Differs(f"the exit code {process.returncode} from {script}")
    return wall * 1000, (usage.ru_utime + usage.ru_stime) * 1000


def _started(script: str, env: dict[str, str], stdout: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen(["sh", "-c", script], stdin=subprocess.DEVNULL, stdout=stdout, env=env)


def _row(name: str, work: str, goal: Goal, match: _Match) -> Row:
    measure: Callable[[Setup], Figures] = partial(_measure, match)
    return Row(f"output.{name}", work, goal, measure)


def _texts(name: str, ours: str, what: str) -> list[Row]:
    buffered = _Match(ours, _PIPELINE, "curl|sed|jq", "many", 300_000, _CPU, 7)
    live = _Match(ours, _LIVE, "curl|sed -u|jq", "single", 400_000, _CPU, 3)
    work = f"model events to text by {what}, CPU"
    return [
        _row(name, f"300,000 {work}", times_as_fast(4), buffered),
        _row(f"{name}.live", f"200,000 {work}; an event a write, unbuffered", times_as_fast(50), live),
    ]


def _walls() -> list[Row]:
    def match(events: int, repeats: int) -> _Match:
        return _Match(_SSE_TEXT, _PIPELINE, "curl|sed|jq", "many", events, _WALL, repeats)

    return [
        _row("wall", "1,000,000 model events to text, with start-up", times_as_fast(2), match(1_000_000, 5)),
        _row("wall.100k", "100,000 model events to text", times_as_fast(1.2), match(100_000, 11)),
    ]


def _copies(name: str, ours: str, least: float, checks: tuple[str, str]) -> list[Row]:
    def match(sink: str) -> _Match:
        one, other = (script.removeprefix("exec ") + sink if sink else script for script in (ours, _CURL))
        return _Match(one, other, "curl", "many", 1_000_000, _WALL, 5, checks)

    what = f"1,000,000 model events, -o {name}, wall; curl writes all of the body"
    return [
        _row(name, f"{what}; to /dev/null", times_as_fast(least), match("")),
        _row(f"{name}.cat", f"{what}; to a pipe", times_as_fast(least), match(" | cat >/dev/null")),
    ]


_CLIENT = _Match(_SSE_POST, _OPENAI, "openai", "many", 100_000, _WALL, 3)

ROWS = [
    *_texts("text", _SSE_TEXT, "its dialect"),
    *_texts("path", _SSE_PATH, "a path"),
    *_walls(),
    _row("openai", "100,000 model events to text, wall; the official client", times_as_fast(20), _CLIENT),
    *_copies("raw", _SSE_RAW, 0.5, (_SSE_RAW, _CURL)),
    *_copies("data", _SSE_DATA, 0.3, (_SSE_DATA, _CURL_DATA)),
]
