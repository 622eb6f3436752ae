"""The language of --fault: what it reads, and how it answers what it cannot."""

import pytest

from sse_cli.core.faults.table import FAULTS, read_faults
from sse_cli.errors import UsageError


@pytest.mark.parametrize(
    ("text", "number", "value"),
    [
        ("drop@10", 10, 0),
        ("drop", None, 0),
        ("drop@0:1KB", 0, 1000),
        ("stall@5:3s", 5, 3.0),
        ("stall:1m30s", None, 90.0),
        ("slow:2KB/s", None, 2000),
        ("slow:500", None, 500),
        ("status@1:503", 1, 503),
        ("type:text/html; charset=utf-8", None, "text/html; charset=utf-8"),
        ("type", None, ""),
        ("split", None, 0.002),
        ("comment:15s", None, 15.0),
        ("no-end", None, None),
        ("garbage@7", 7, 32),
    ],
)
def test_it_is_read(text: str, number: int | None, value: object) -> None:
    (spec,) = read_faults([text])
    assert (spec.number, spec.value, spec.text) == (number, value, text)
    assert spec.kind is FAULTS[text.partition("@")[0].partition(":")[0]]


@pytest.mark.parametrize(
    ("text", "column", "told", "hint"),
    [
        ("drpo@10", 0, "no fault 'drpo'", "did you mean drop?"),
        ("", 0, "no fault ''", "half-close"),
        ("@3", 0, "no fault ''", "sse serve --faults"),
        ("drop@x", 5, "not 'x'", "drop[@N][:SIZE]"),
        ("drop@-1", 5, "not '-1'", "drop[@N][:SIZE]"),
        ("drop@٣", 5, "not '٣'", "drop[@N][:SIZE]"),
        ("drop@", 5, "not ''", "drop[@N][:SIZE]"),
        ("dup", 3, "@N is missing", "dup@N"),
        ("dup@2:4", 5, "takes no value", "dup@N"),
        ("merge@1", 5, "takes no @N", "merge:"),
        ("wait", 4, ":TIME is missing", "wait:TIME"),
        ("stall@5:never", 8, "not a duration: 'never'", "250ms"),
        ("comment:0s", 8, "without end", "250ms"),
        ("slow:0", 5, "nothing ever comes", "2KB/s"),
        ("slow:fast", 5, "not a size: 'fast'", "64KB"),
        ("status@1:99", 9, "not a status: '99'", "503"),
        ("status:600", 7, "not a status: '600'", "503"),
    ],
)
def test_what_is_wrong_is_pointed_at(text: str, column: int, told: str, hint: str) -> None:
    with pytest.raises(UsageError) as caught:
        read_faults(["merge", text])
    first, line, caret = caught.value.message.split("\n")
    assert first.startswith("bad fault: ")
    assert told in first
    assert line == f"  {text}"
    assert caret == f"  {' ' * column}^"
    assert hint in caught.value.hint
