"""A report that has everything, as it was looked at and found good."""

import pytest

from sse_cli.reports import REPORTS, write
from tests.reports.golden import FOLDER, GOLDEN
from tests.reports.sample import REPORT


@pytest.mark.parametrize("name", GOLDEN)
def test_it_is_as_it_was(name: str) -> None:
    assert GOLDEN[name](REPORT).encode() == (FOLDER / name).read_bytes()


def test_every_file_is_one_that_is_compared() -> None:
    assert {file.name for file in FOLDER.iterdir()} == set(GOLDEN)


@pytest.mark.parametrize("name", REPORTS)
def test_a_report_of_nothing_is_one_too(name: str) -> None:
    from sse_cli.core.results import Report

    nothing = Report(checks=(), started="2026-03-01T09:30:00+00:00", seconds=0.0)
    assert write(name, nothing).endswith("\n") or name == "github"
