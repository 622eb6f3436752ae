"""The outputs that only write: what each puts on standard output, and in how many writes."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sse_cli.core.items import Chunk, Event, Fault, Opened
from sse_cli.core.meter import Meter
from sse_cli.core.pipeline import Pipeline, Plan
from sse_cli.core.summary import summarize
from sse_cli.core.verdict import Verdict
from sse_cli.core.wire.sse import SseDecoder
from sse_cli.errors import UsageError
from sse_cli.sinks import OUTPUTS, make
from sse_cli.sinks.sink import Setting
from sse_cli.sinks.sse import format_event
from sse_cli.text.escape import escape
from tests.sinks.captured import Captured, show

TWO = b'event: a\nid: 1\ndata: {"v": "x"}\n\ndata: no json\n\n'


def delta(choice: int = 0, **fields: object) -> bytes:
    chunk = {"object": "chat.completion.chunk", "choices": [{"index": choice, "delta": fields}]}
    return f"data: {json.dumps(chunk)}\n\n".encode()


@pytest.mark.parametrize("output", [name for name in OUTPUTS if name not in {"none", "raw", "table"}])
def test_a_chunk_is_one_write(output: str) -> None:
    assert len(show(output, TWO, paths=("$.v",)).writes) == 1


def test_none_writes_nothing() -> None:
    assert show("none", TWO).writes == []


def test_data() -> None:
    assert show("data", TWO).text == '{"v": "x"}\nno json\n'


def test_raw_is_the_bytes_whatever_they_are() -> None:
    assert show("raw", b"\xff\xfe: x\r", b"\ndata").writes == [b"\xff\xfe: x\r", b"\ndata"]


def test_lines_are_values_with_a_path_and_data_without() -> None:
    body = b'data: {"v": ["a", {"b": 1}, null, "two\\nlines"]}\n\n'
    assert show("lines", body, paths=("$.v[*]",)).text == 'a\n{"b":1}\nnull\ntwo\nlines\n'
    assert show("lines", TWO).text == '{"v": "x"}\nno json\n'


def test_text_is_the_content_joined_with_nothing() -> None:
    assert show("text", delta(content="a"), delta(content=" b") + delta(content="c")).text == "a bc"


@pytest.mark.parametrize(
    ("terminal", "anew", "text"),
    [(False, False, "HelHello"), (False, True, "Hel\nHello"), (True, False, "Hel\nHello\n")],
)
def test_text_has_a_line_end_where_an_answer_begins_anew_or_a_wait_is_told(
    terminal: bool, anew: bool, text: str
) -> None:
    out = Captured(terminal)
    pipeline = Pipeline(Plan(dialect="openai-chat"), Meter(0.0))
    setting = Setting(out=out, err=Captured(terminal), pipeline=pipeline, method="GET", url="http://h/")
    sink = make("text", setting)
    for said in ("Hel", "Hello"):
        pipeline.open(Opened(200, (("content-type", "text/event-stream"),), "HTTP/1.1", "http://h/", 0.0))
        sink.show(pipeline.feed(Chunk(delta(content=said), 1.0)))
        if said == "Hel":
            sink.show([Fault("the connection broke", 1.0, 2.0, anew=anew)])
            pipeline.reopen(anew=anew)
    figures = pipeline.meter.figures(3.0)
    sink.close(summarize(Verdict("complete", ""), "http://h/", None, None, pipeline.answer, figures))
    assert out.text == text


def test_text_of_an_event_without_any_is_nothing() -> None:
    assert show("text", b"id: 7\ndata:\n\n", b"data: a\n\n").text == "a\n"


def test_text_is_the_extracted_values_where_there_are_paths() -> None:
    assert show("text", TWO + b'data: {"v": 2}\n\n', paths=("$.v",)).text == "x2"


def test_text_of_a_stream_that_nothing_is_known_of_is_its_data() -> None:
    assert show("text", b"data: a\n\ndata: b\n\n").text == "a\nb\n"


def test_reasoning_goes_to_a_terminal_and_not_to_a_file() -> None:
    terminal, file = Captured(is_terminal=True), Captured()
    body = delta(reasoning_content="hm") + delta(content="a")
    assert show("text", body, err=terminal, color_err=True).text == "a"
    assert terminal.text == "\x1b[2mhm\x1b[0m\n\n"
    assert show("text", body, err=file).text == "a"
    assert file.text == ""


THOUGHT = delta(reasoning_content="h") + delta(reasoning_content="m")


def test_reasoning_that_is_asked_for_stands_before_the_answer() -> None:
    err = Captured(is_terminal=True)
    out = show("text", THOUGHT, delta(content="a") + delta(content="b"), err=err, reasoning=True)
    assert out.writes == [b"hm", b"\n\nab"]
    assert err.writes == []
    again = show("text", THOUGHT + delta(content="a") + THOUGHT, reasoning=True)
    assert again.writes == [b"hm\n\na\n\nhm"]


def test_on_a_terminal_it_is_dimmed_and_harmless() -> None:
    body = delta(reasoning_content="\x1b[2Jhm") + delta(content="a")
    out = show("text", body, terminal=True, reasoning=True, color=True)
    assert out.text == "\x1b[2m\\x1b[2Jhm\x1b[0m\n\na\n"
    assert show("text", body, terminal=True, reasoning=True).text == "\\x1b[2Jhm\n\na\n"


def test_thoughts_between_the_text_keep_their_place_on_a_terminal() -> None:
    written: list[tuple[str, bytes]] = []

    class Place(Captured):
        def write(self, data: bytes) -> None:
            written.append((self.name, data))

    err = Place(is_terminal=True)
    err.name = "err"
    out = show("text", delta(content="a") + THOUGHT + delta(content="b"), err=err)
    assert out.text == "ab"
    assert written == [("err", b"hm\n\n")]


TWO_CHOICES = (
    delta(1, content="x") + delta(0, content="a") + delta(1, content="y"),
    delta(0, content="b") + delta(1, content="z"),
)


@pytest.mark.parametrize(("choice", "text"), [(None, "ab"), (0, "ab"), (1, "xyz"), (2, "")])
def test_of_several_choices_one_is_the_text(choice: int | None, text: str) -> None:
    assert show("text", *TWO_CHOICES, choice=choice).text == text


def test_a_choice_that_speaks_alone_is_heard_at_the_end() -> None:
    assert show("text", delta(1, content="x"), delta(2, content="o"), delta(1, content="y")).text == "xy"


def test_json_keeps_every_choice() -> None:
    records = [json.loads(line) for line in show("json", *TWO_CHOICES).text.splitlines()]
    assert [record["parts"][0]["choice"] for record in records] == [1, 0, 1, 0, 1]


def test_json_of_progress_and_source() -> None:
    data = {"content": "Hi", "metadata": {"chunk_index": 3, "total_chunks": 10, "source": "crm"}}
    record = json.loads(show("json", f"data: {json.dumps(data)}\n\n".encode(), dialect="xano").text)
    assert record["parts"] == [
        {"part": "source", "name": "crm"},
        {"part": "content", "text": "Hi", "choice": 0},
        {"part": "progress", "done": 3, "total": 10},
    ]


@pytest.mark.parametrize(
    ("metadata", "progress"),
    [
        ('"progress_percentage": 12.5, "chunk_index": 1, "total_chunks": 8', (12.5, 100)),
        ('"progress_percentage": 0', (0, 100)),
        ('"total_processed": 240', (240, None)),
        ('"chunk_index": 1, "total_chunks": 8, "total_processed": 240', (1, 8)),
        ('"chunk_index": 1', None),
        ('"progress_percentage": "12"', None),
        ('"progress_percentage": true', None),
        ('"total_processed": 1' + "0" * 400, None),
    ],
)
def test_how_far_a_server_has_come(metadata: str, progress: tuple[float, float | None] | None) -> None:
    body = f'data: {{"content": "", "metadata": {{"batch_number": 1, {metadata}}}}}\n\n'
    record = json.loads(show("json", body.encode(), dialect="xano").text)
    told = [(part["done"], part["total"]) for part in record.get("parts", ())]
    assert told == ([] if progress is None else [progress])


def test_a_json_record() -> None:
    first, second = (json.loads(line) for line in show("json", TWO).text.splitlines())
    assert first == {
        "kind": "event",
        "n": 1,
        "t": 1.0,
        "event": "a",
        "data": '{"v": "x"}',
        "id": "1",
        "last_event_id": "1",
        "retry": None,
        "json": {"v": "x"},
    }
    assert second["id"] is None
    assert second["last_event_id"] == "1"
    assert "json" not in second


def test_json_fields_are_chosen_and_ordered() -> None:
    text = show("json", TWO, fields=("raw", "n", "json")).text.splitlines()
    assert json.loads(text[1]) == {"raw": "data: no json\n\n", "n": 2, "json": None}
    assert list(json.loads(text[0])) == ["raw", "n", "json"]
    with pytest.raises(UsageError, match="nope"):
        show("json", TWO, fields=("nope",))


def test_json_parts_and_values() -> None:
    record = json.loads(show("json", delta(content="a"), paths=("c=$.choices[0].delta.content",)).text)
    assert record["parts"] == [{"part": "content", "text": "a", "choice": 0}]
    assert record["extracted"] == [{"name": "c", "value": "a"}]


def test_json_of_every_item() -> None:
    text = show("json", b": hi\nfoo: 1\ndata: x\n\nevent: e\n\n", show_all=True).text
    records = [json.loads(line) for line in text.splitlines()]
    assert [record["kind"] for record in records] == ["opened", "comment", "anomaly", "event", "anomaly"]
    assert records[2]["anomaly"] == "unknown-field"


def test_json_masks_the_secrets_of_the_head() -> None:
    from sse_cli.core.items import Opened
    from sse_cli.sinks.json import aside_record

    opened = Opened(200, (("Set-Cookie", "a=b"), ("X", "y")), "HTTP/1.1", "http://h/?key=s3cret", 1.0)
    record = aside_record(opened, 0.0)
    assert record is not None
    assert "s3cret" not in json.dumps(record)
    assert [list(header) for header in record["headers"]] == [["Set-Cookie", "***"], ["X", "y"]]


def test_a_template() -> None:
    text = show("table", TWO, paths=("v=$.v",), template="{n:>3} {t:.1f} {event} {v} {$.v}\\t{{}}").text
    assert text == "  1 1.0 a x x\t{}\n  2 1.0 message  \t{}\n"


def test_a_template_with_the_gap() -> None:
    assert show("table", b"data: 1\n\n", b"data: 2\n\n", template="{gap:.2f}").text == "0.00\n1.00\n"


@pytest.mark.parametrize("template", ["{nope}", "{", "{$.a[}", "{n.real}", "{data.__class__}"])
def test_what_is_no_template(template: str) -> None:
    with pytest.raises(UsageError):
        show("table", TWO, template=template)


EVENTS = st.builds(
    Event,
    type=st.text(st.characters(exclude_characters="\r\n", exclude_categories=["Cs"]), min_size=1),
    data=st.text(st.characters(exclude_characters="\r", exclude_categories=["Cs"])),
    id=st.none() | st.text(st.characters(exclude_characters="\r\n\0", exclude_categories=["Cs"])),
    last_event_id=st.just(""),
    retry=st.none() | st.integers(0, 10**6),
    raw=st.just(b""),
    at=st.just(0.0),
    number=st.just(1),
)


@given(EVENTS)
def test_what_is_written_as_sse_reads_back_the_same(event: Event) -> None:
    (item,) = SseDecoder().feed(format_event(event).encode())
    assert isinstance(item, Event)
    assert (item.type, item.data, item.id, item.retry) == (event.type, event.data, event.id, event.retry)


def test_sse_keeps_comments_when_all_is_shown() -> None:
    assert show("sse", b": hi\r\ndata:x\r\n\r\n", show_all=True).text == ": hi\n\ndata: x\n\n"
    assert show("sse", b": hi\r\ndata:x\r\n\r\n").text == "data: x\n\n"


@given(st.text())
def test_nothing_that_drives_a_terminal_is_left(text: str) -> None:
    escaped = escape(text)
    for character in escaped.replace("\r\n", "\n"):
        assert character in "\n\t" or character >= " "
        assert not "\x7f" <= character <= "\x9f"
        assert character not in "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"


def test_wire_text_is_escaped_on_a_terminal_alone() -> None:
    bomb = b"data: \x1b]0;title\x07\x1b[2J\n\n"
    assert show("data", bomb, terminal=True).text == "\\x1b]0;title\\x07\\x1b[2J\n"
    assert show("data", bomb).text == "\x1b]0;title\x07\x1b[2J\n"
    assert "\x1b" not in show("raw", bomb, terminal=True).text
