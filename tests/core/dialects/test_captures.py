"""The recorded bodies: each is recognised, and gives what its sidecar says."""

from pathlib import Path

import pytest

from tests.captures import SIDECARS, compare


@pytest.mark.skipif(not SIDECARS, reason="the recorded bodies are not here")
@pytest.mark.parametrize("path", SIDECARS, ids=lambda path: path.stem)
def test_a_recorded_body(path: Path) -> None:
    assert compare(path) == {}
