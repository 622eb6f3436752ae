"""Our time stamps against the server's own clock, on one machine."""

import os
import time
from pathlib import Path

import pytest

from tests.benchmarks.loopback import Loopback
from tests.benchmarks.truth import lateness

CLOCKS = {time.get_clock_info(name).implementation for name in ("perf_counter", "monotonic")}


@pytest.mark.skipif(os.name == "nt" or len(CLOCKS) > 1, reason="here, our clock is not the server's")
@pytest.mark.parametrize("output", ["data", "table"])
def test_no_event_is_stamped_before_it_was_sent(output: str, tmp_path: Path) -> None:
    with Loopback() as server:
        late = lateness(output, server.url("paced", 1000, 200), str(tmp_path), 0.2)
    assert len(late) == 200
    assert all(milliseconds > 0 for milliseconds in late)
