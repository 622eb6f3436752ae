"""The files of checks that the README shows are right, in the program and in the schema."""

import re
from pathlib import Path

import pytest

from tests.cli.spec.files import checks
from tests.cli.spec.test_schema import mistakes

README = (Path(__file__).parents[3] / "README.md").read_text(encoding="utf-8")
SHOWN = re.findall(r"<!-- checks -->\n```toml\n(.*?)```", README, re.DOTALL)


@pytest.mark.parametrize("text", SHOWN)
def test_what_is_shown_is_right(tmp_path: Path, text: str) -> None:
    environment = dict.fromkeys(re.findall(r"\$\{([A-Z_]+)\}", text), "x")
    for name in re.findall(r'"@?([\w./-]+\.(?:json|rec|sse))"', text):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("{}", encoding="utf-8")
    assert checks(tmp_path, text, environment=environment)
    assert mistakes(text) == []
