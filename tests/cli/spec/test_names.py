"""Names of checks are completed, and those of profiles where a source may stand."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from sse_cli.cli.check import complete_sources


def complete(sources: list[str] | None, incomplete: str) -> list[str]:
    context: Any = SimpleNamespace(params={"sources": sources})
    return complete_sources(context, incomplete)


def test_names_of_checks_are_completed_behind_their_file(tmp_path: Path) -> None:
    file = tmp_path / "smoke.toml"
    file.write_text('[defaults]\n[chat]\n[cheap]\nzzz = 1\n["a b"]\n', encoding="utf-8")
    assert complete([str(file)], "ch") == ["chat", "cheap"]
    assert complete([str(file), "chat"], "") == ["chat", "cheap", "a b"]
    file.write_text("[chat", encoding="utf-8")
    assert complete([str(file)], "") == []


def test_elsewhere_profiles_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "profiles.toml").write_text("[prod]\n", encoding="utf-8")
    monkeypatch.setenv("SSE_CONFIG_DIR", str(tmp_path))
    assert complete(None, "@p") == ["@prod"]
    assert complete(["https://h/"], "ch") == []
