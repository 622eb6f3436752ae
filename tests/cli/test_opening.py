"""What the runs of a check are made of: made anew for each, of what was read once."""

from pathlib import Path

import pytest

from sse_cli.checking.check import Opening
from sse_cli.cli.opening import opener
from sse_cli.cli.options import Groups, ReadingOptions, ReconnectingOptions, RequestOptions
from sse_cli.cli.prepare import prepare
from sse_cli.errors import UsageError
from sse_cli.sources.recording import RecordingSource

RECORDING = (
    '{"version":"sse-recording/1","start":"2026-01-02T03:04:05Z","request":{"method":"GET","url":"http://h/",'
    '"headers":[["Last-Event-ID","7"]]},"response":null}\n{"end":{"at":0.0,"reason":"eof","detail":""}}\n'
)


def openings(where: str, groups: Groups, **options: bool) -> tuple[Opening, Opening]:
    open_next = opener(where, groups, prepare(groups), **options)
    return open_next(), open_next()


def test_what_is_sent_is_read_once(tmp_path: Path) -> None:
    body = tmp_path / "body"
    body.write_bytes(b"1")
    groups = Groups(RequestOptions(json=f"@{body}"))
    open_next = opener("http://h/", groups, prepare(groups))
    body.unlink()
    first, second = open_next(), open_next()
    assert first.source is not second.source
    assert first.source.asked.body == second.source.asked.body == "1"


def test_a_recording_is_played_at_once_unless_a_speed_is_given(tmp_path: Path) -> None:
    file = tmp_path / "a.rec"
    file.write_text(RECORDING)
    for speed, expected in ((None, 0.0), ("10", 10.0)):
        groups = Groups(reading=ReadingOptions(speed=speed))
        first, second = openings(str(file), groups)
        assert isinstance(first.source, RecordingSource)
        assert isinstance(second.source, RecordingSource)
        assert first.source is not second.source
        assert first.source.playback._speed == expected
        assert first.plan.last_event_id == "7"
        assert first.following is not None


def test_a_plain_file_has_no_speed(tmp_path: Path) -> None:
    file = tmp_path / "a.sse"
    file.write_bytes(b"data: a\n\n")
    first, _ = openings(f"file://{file}", Groups())
    assert first.source.name == str(file)


def test_it_may_ask_again() -> None:
    first, _ = openings("http://h/", Groups(reconnecting=ReconnectingOptions(reconnect=True)))
    assert first.following is not None


def test_a_secret_in_the_open_is_warned_of_once(capsys: pytest.CaptureFixture[str]) -> None:
    groups = Groups(RequestOptions(headers=["X-Api-Key: sesame"]))
    openings("http://host/", groups)
    assert capsys.readouterr().err.count("warning: ") == 1
    openings("http://host/", groups, warns=False)
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("where", "groups", "told"),
    [
        ("ftp://h/", Groups(), "not a URL"),
        ("gone.rec", Groups(), "no file: gone.rec, there is none"),
        (".", Groups(), "no file: ., it is a folder"),
        ("http://h/", Groups(reading=ReadingOptions(speed="2")), "--speed has no effect"),
        ("http://h/", Groups(reconnecting=ReconnectingOptions(retries=2)), "no effect without --reconnect"),
        (
            "http://h/",
            Groups(
                RequestOptions(json="{}"),
                ReadingOptions(dialect="none"),
                reconnecting=ReconnectingOptions(reconnect=True),
            ),
            "whose method is POST",
        ),
        ("http://h/", Groups(RequestOptions(cacert="gone.pem")), "gone.pem"),
    ],
)
def test_what_is_wrong_is_told_before_anything_is_opened(where: str, groups: Groups, told: str) -> None:
    with pytest.raises(UsageError, match=told):
        opener(where, groups, prepare(groups))
