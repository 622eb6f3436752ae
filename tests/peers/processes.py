"""Runs a program as a server for a test, and gives what it needs: a free port, and when it listens."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import pytest

HOST = "127.0.0.1"
HERE = Path(__file__).parent
_ROOT = HERE.parent.parent
_POLL = 0.02


def installed(name: str) -> str:
    """Return the path of a program; where it is missing, the test is skipped."""
    # Debian keeps nginx where only root's PATH leads; a virtual environment keeps its own beside Python.
    folders = [str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath), "/usr/sbin"]
    path = shutil.which(name, path=os.pathsep.join(folders))
    if path is None:
        pytest.skip(f"{name} is not installed")
    return path


def npm_package(name: str) -> Path:
    """Return the folder of an npm package where NODE_PATH leads; where it is missing, the test is skipped."""
    for folder in os.environ.get("NODE_PATH", "").split(os.pathsep):
        if folder and Path(folder, name, "package.json").is_file():
            return Path(folder, name)
    pytest.skip(f"the npm package {name} is not installed where NODE_PATH leads")


@contextmanager
def python_server(module: str, *needs: str) -> Iterator[str]:
    """Run a module of this folder that announces itself, where the packages are that it needs."""
    for name in needs:
        if find_spec(name) is None:
            pytest.skip(f"{name} is not installed")
    with announced([sys.executable, "-m", f"tests.peers.{module}"]) as url:
        yield url


@contextmanager
def announced(command: list[str]) -> Iterator[str]:
    """Run a server that prints its port when it listens; give its URL."""
    with running(command) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        if not line:
            raise _died(process)
        yield f"http://{HOST}:{int(line)}"


@contextmanager
def running(command: list[str], **variables: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run a program until the end of the block; should it die before, show what it had to say."""
    with tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(
            command,
            cwd=_ROOT,
            env={**os.environ, **variables},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
        )
        with process:
            try:
                yield process
            except _Died as died:
                errors.seek(0)
                raise AssertionError(f"{died}:\n{errors.read().decode()}") from None
            finally:
                process.kill()


class _Died(Exception):
    """A server ended before it listened."""


def _died(process: subprocess.Popen[bytes]) -> _Died:
    return _Died(f"{process.args!r} ended with status {process.wait()}")


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def wait_until_it_listens(process: subprocess.Popen[bytes], where: int | str) -> None:
    """Return when a connection is taken, on a port or on a socket in the file system."""
    while process.poll() is None:
        try:
            _connect(where)
        except (ConnectionRefusedError, FileNotFoundError):
            time.sleep(_POLL)
        else:
            return
    raise _died(process)


def _connect(where: int | str) -> None:
    if isinstance(where, int):
        socket.create_connection((HOST, where)).close()
        return
    with socket.socket(socket.AF_UNIX) as probe:
        probe.connect(where)
