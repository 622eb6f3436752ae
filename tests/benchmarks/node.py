"""eventsource-parser in Node: fetched once through npm, run as a process that times itself."""

import hashlib
import json
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Self

from tests.benchmarks.row import Unmeasured

PACKAGE, VERSION = "eventsource-parser", "4.1.3"
_HERE = Path(__file__).parent
_CACHE = _HERE / "results" / "node"  # git ignores it
_WARM_UPS = 10  # after so many readings its compiler has nothing left to do


class NodeParser:
    """A running Node with a stream loaded. Raises `Unmeasured` where there is no Node."""

    name = "eventsource-parser"

    def __init__(self, pieces: list[bytes]) -> None:
        module = _installed_module()
        with tempfile.NamedTemporaryFile(delete=False) as file:
            file.write(json.dumps([len(piece) for piece in pieces]).encode() + b"\n")
            file.writelines(pieces)
        self._file = Path(file.name)
        command = ["node", str(_HERE / "eventsource_parser.mjs"), str(module), str(self._file)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()  # the end of its input is the end of its work
        self._file.unlink()

    def digest(self) -> str:
        """Return the number of events and a digest of what they hold."""
        return self._ask("digest")

    @staticmethod
    def digest_of(events: list[tuple[str, str, str, int | None]]) -> str:
        """Return the same for events read in Python."""
        digest = hashlib.sha256()
        for kind, text, id_, retry in events:
            digest.update(f"{kind}\n{id_}\n{retry or ''}\n{text}\n".encode())
        return f"{len(events)} {digest.hexdigest()}"

    def warm_up(self) -> None:
        """Give its compiler the time that a long stream would give it."""
        for _ in range(_WARM_UPS):
            self.time()

    def time(self) -> float:
        """Return the milliseconds that one reading took, by Node's own clock."""
        return float(self._ask("time"))

    def _ask(self, what: str) -> str:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{what}\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline().strip()
        if not answer:
            raise Unmeasured("Node failed, as said above")
        return answer


def _installed_module() -> Path:
    if shutil.which("node") is None or (npm := shutil.which("npm")) is None:
        raise Unmeasured("Node and npm are not installed")
    home = _CACHE / VERSION
    module = home / "node_modules" / PACKAGE / "dist" / "index.js"
    if not module.exists():
        home.mkdir(parents=True, exist_ok=True)
        wanted = f"{PACKAGE}@{VERSION}"
        command = [npm, "install", "--no-audit", "--no-fund", "--prefix", str(home), wanted]
        if subprocess.run(command, stdout=subprocess.DEVNULL).returncode:
            raise Unmeasured(f"npm could not install {wanted}")
    return module
