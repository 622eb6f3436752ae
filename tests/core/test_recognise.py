"""Which dialect a stream is in, when it stops to be, and what a wrong file is told."""

import json

import pytest

from sse_cli.core import payload
from sse_cli.core.dialects.check import check_dialect, outline
from sse_cli.core.dialects.recognise import Recogniser, names, text_of
from sse_cli.core.dialects.rules import Dialect, load_dialect
from sse_cli.core.items import ANOMALIES, Anomaly, Chunk, Content, Event, Item, Opened, Reading
from sse_cli.core.meter import Meter
from sse_cli.core.pipeline import Pipeline, Plan
from sse_cli.errors import UsageError

READ = '[[read]]\nparts = [{ part = "content", text = "$.text" }]\n'


def own(name: str = "mine", recognise: str = "$.kind == 'mine'") -> Dialect:
    return check_dialect(f'name = "{name}"\ntitle = "T"\nrecognise = ["{recognise}"]\n{READ}', "own.toml")


def sse(*payloads: object) -> bytes:
    texts = (data if isinstance(data, str) else json.dumps(data) for data in payloads)
    return "".join(f"data: {text}\n\n" for text in texts).encode()


def run(body: bytes, plan: Plan) -> tuple[Pipeline, list[Item]]:
    pipeline = Pipeline(plan, Meter(0.0))
    pipeline.open(Opened(200, (("content-type", "text/event-stream"),), "HTTP/1.1", "u", 0.0))
    return pipeline, [*pipeline.feed(Chunk(body, 1.0)), *pipeline.end(2.0)]


def unlike(items: list[Item]) -> list[tuple[int, str]]:
    """Return every complaint, and after how many events it came."""
    events, found = 0, []
    for item in items:
        events += isinstance(item, Reading)
        if isinstance(item, Anomaly) and item.kind == "unlike-dialect":
            found.append((events, item.detail))
    return found


def test_the_users_own_come_first_and_replace_those_of_the_same_name() -> None:
    event = Event("message", '{"kind": "mine", "object": "text_completion"}', None, "", None, b"", 0.0, 1)

    def recognised(*dialects: Dialect) -> Dialect | None:
        return Recogniser(dialects).look(event, lambda: payload.decode(event.data))

    mine, replacing = own(), own("openai-completions", "$.kind == 'other'")
    assert recognised(mine) is mine
    assert recognised(replacing) is None
    bundled = recognised()
    assert bundled is not None
    assert bundled.name == "openai-completions"


@pytest.mark.parametrize("name", ["auto", "mine"])
def test_a_plan_hands_the_users_own_in(name: str) -> None:
    pipeline, items = run(sse({"kind": "mine", "text": "a"}), Plan(dialect=name, dialects=(own(),)))
    assert pipeline.dialect == "mine"
    assert [item.parts for item in items if isinstance(item, Reading)] == [(Content("a"),)]


FORCED = Plan(dialect="mine", dialects=(own(),))
FOUND = Plan(dialects=(own(),))
LIKE, STRANGE = {"kind": "mine"}, [{"price": number} for number in range(40)]


@pytest.mark.parametrize(
    ("plan", "body", "complaints"),
    [
        (FORCED, sse(*STRANGE), [(16, "none of the first 16 events is like mine")]),
        (FORCED, sse(*(["tick"] * 40)), [(16, "none of the first 16 events is like mine")]),
        (FORCED, sse(*STRANGE[:3]), [(3, "no event of the stream is like mine")]),
        (FORCED, b"", []),
        (FORCED, sse(*STRANGE[:15], LIKE), []),
        (FORCED, sse(*STRANGE[:15], {"text": "a"}), []),
        (FORCED, sse(LIKE, *STRANGE), [(17, "16 events up to event 17 are not like mine")]),
        (FOUND, sse(LIKE, *STRANGE), [(17, "16 events up to event 17 are not like mine")]),
        (FOUND, sse(LIKE, *STRANGE[:15], LIKE, *STRANGE[:15]), []),
        (FOUND, sse(LIKE, *([{"type": "ping"}] * 40)), []),
        (FOUND, sse(LIKE, *(f"tick {number}" for number in range(40))), []),
        (FOUND, sse(*STRANGE), []),
        (Plan(dialect="none"), sse(*STRANGE), []),
    ],
    ids=[
        "forced, and of another kind",
        "forced, and no JSON",
        "forced, and short",
        "forced, and empty",
        "forced, and the sixteenth fits",
        "forced, and the sixteenth gives a part",
        "forced, and left later",
        "recognised, and left later",
        "recognised, and strangers among its own",
        "recognised, and pings",
        "recognised, and words",
        "not recognised",
        "no dialect",
    ],
)
def test_a_stream_unlike_its_dialect_is_told_once(
    plan: Plan, body: bytes, complaints: list[tuple[int, str]]
) -> None:
    pipeline, items = run(body, plan)
    assert unlike(items) == complaints
    assert pipeline.meter.anomalies == len(complaints)
    assert "unlike-dialect" in ANOMALIES


def test_reading_goes_on_after_that() -> None:
    _, items = run(sse(*STRANGE, {"text": "a"}), FORCED)
    assert [part for item in items if isinstance(item, Reading) for part in item.parts] == [Content("a")]


@pytest.mark.parametrize("name", names())
def test_the_bundled_files_pass_the_check(name: str) -> None:
    text = text_of(name)
    assert check_dialect(text, name).name == name
    about = outline(text, name)
    assert (about.name, about.title) == (name, load_dialect(text, name).title)
    assert {"content", "progress"} & {*about.covers}


HEAD = 'name = "d"\ntitle = "D"\nrecognise = ["$.kind exists"]\n'
RULE = '[[read]]\nparts = [{{ part = "content", text = "$.a" }},\n{}]\n'


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("name = \n", ("is not TOML", "line 1")),
        ('name = "d"', ("the top level", "'title'", "a string")),
        (HEAD + "more = 1\nread = []", ("line 4, more", "no key 'more'", "recognise")),
        (HEAD.replace('"D"', "3") + READ, ("title", "a int", "a string")),
        (HEAD.replace("[", "").replace("]", "") + READ, ("recognise", "list of conditions")),
        (HEAD.replace("exists", "exsts") + READ, ("line 3, recognise[0]", "bad expression", "exsts", "^")),
        (HEAD.replace('"d"', '"auto"') + READ, ("line 1, name", "auto means something else")),
        (HEAD.replace('"d"', '"a b"') + READ, ("line 1, name", "is no name")),
        (HEAD + "[end]\nfinish = 1\n" + READ, ("end.finish", "true or false")),
        (HEAD + "[end]\nmarkers = { x = \"evnt == 'x'\" }\n" + READ, ("line 5, end.markers.x", "evnt")),
        (HEAD + 'read = ["x"]', ("read", "list of tables")),
        (HEAD + "[[read]]\nwhen = \"evnt == 'x'\"\nparts = []", ("line 5, read[0].when", "`evnt`")),
        (HEAD + "[[read]]\n", ("read[0]", "'parts'", "list of tables")),
        (HEAD + RULE.format('{ part = "poem" }'), ("line 6, read[0].parts[1].part", "poem", "tool_call")),
        (HEAD + RULE.format("{ text = '$.b' }"), ("read[0].parts[1].part", "names no part")),
        (HEAD + RULE.format('{ part = "content" }'), ("read[0].parts[1]", "'text'", "a path")),
        (
            HEAD + RULE.format('{ part = "content", texts = "$" }'),
            ("parts[1].texts", "'texts'", "cumulative"),
        ),
        (HEAD + RULE.format('{ part = "content", text = "$.[" }'), ("line 6, read[0].parts[1].text", "^")),
        (HEAD + RULE.format('{ part = "content", text = "a.b" }'), ("line 6", "neither $ nor @")),
        (HEAD + RULE.format('{ part = "content", text = "$.b[?(@.c" }'), ("line 6", "too early")),
        (HEAD + RULE.format('{ part = "finish", reason = "$.b", cut = "x" }'), ("cut", "list of strings")),
    ],
)
def test_a_wrong_file_is_told_with_key_and_place(text: str, told: tuple[str, ...]) -> None:
    with pytest.raises(UsageError) as caught:
        check_dialect(text, "d.toml")
    said = f"{caught.value.message}\n{caught.value.hint}"
    assert said.startswith("dialect file d.toml is ")
    for piece in told:
        assert piece in said
