"""No profiles or dialects of the user's have a say in files of checks."""

from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSE_CONFIG_DIR", str(tmp_path / "no-such-folder"))
