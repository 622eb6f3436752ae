"""The file of a snapshot: written whole, read again, and told of where it cannot be."""

import os
from pathlib import Path

import pytest

from sse_cli.core.snapshots.snapshot import Snapshot
from sse_cli.core.snapshots.text import encode
from sse_cli.errors import ExitCode, UsageError
from sse_cli.sinks.outlet import OutputFailed
from sse_cli.sinks.snapshot_file import SnapshotFile
from tests.core.snapshots.streams import snapshot

SEEN: Snapshot = snapshot([("start", {"id": "é"}), "end"])


def test_what_is_written_is_read(tmp_path: Path) -> None:
    file = SnapshotFile(str(tmp_path / "good.json"))
    assert not file.exists
    file.write(SEEN)
    assert file.exists
    assert file.read() == SEEN
    assert (tmp_path / "good.json").read_bytes() == encode(SEEN).encode()
    file.write(snapshot("ab"))
    assert file.read() == snapshot("ab")
    assert [path.name for path in tmp_path.iterdir()] == ["good.json"]


def test_a_place_that_can_be_none_is_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="its folder does not exist"):
        SnapshotFile(str(tmp_path / "no" / "good.json"))


def test_a_file_that_is_not_there_yet_says_how_it_is_made(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there is no snapshot") as caught:
        SnapshotFile(str(tmp_path / "good.json")).read()
    assert "--update" in caught.value.hint


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (
            encode(SEEN).replace("string", "words").encode(),
            r"bad.json, line 13: what is said of \$.id is no shape",
        ),
        (b"", "bad.json, line 1: it is no JSON"),
        (b'{"version": "1"}', "bad.json, line 1: it is no snapshot"),
        (b"\xff\xfe", "bad.json is no snapshot: it is not UTF-8"),
        (b" " * (16 * 1024 * 1024 + 1), "bad.json is no snapshot: it is too large"),
    ],
    ids=range(5),
)
def test_what_is_no_snapshot_is_told_with_its_line(tmp_path: Path, data: bytes, message: str) -> None:
    path = tmp_path / "bad.json"
    path.write_bytes(data)
    with pytest.raises(UsageError, match=message) as caught:
        SnapshotFile(str(path)).read()
    assert caught.value.hint


def test_a_folder_is_no_snapshot(tmp_path: Path) -> None:
    file = SnapshotFile(str(tmp_path))
    with pytest.raises(UsageError, match="cannot read the snapshot"):
        file.read()
    with pytest.raises(OutputFailed) as caught:
        file.write(SEEN)
    assert caught.value.exit_code is ExitCode.OUTPUT


@pytest.mark.skipif(not Path("/dev/full").exists() or os.name == "nt", reason="there is no such device here")
def test_a_device_without_end_is_not_read_to_its_end() -> None:
    with pytest.raises(UsageError, match="too large"):
        SnapshotFile("/dev/zero").read()
