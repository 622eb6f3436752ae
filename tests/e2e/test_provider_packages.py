"""The recorded bodies, read by the official Python packages and by the pipeline: both must say the same."""

import json
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from sse_cli.core.items import Chunk, Content, Opened, Reading
from sse_cli.core.meter import Meter
from sse_cli.core.pipeline import Pipeline, Plan

CAPTURES = Path(__file__).parents[3] / "shared" / "captures"

NOT_READ = {
    "openai-chat__mistral__mistral-small-latest__02": "the package hands on a list for the content",
    "openai-chat__groq__groq-compound__01": "the package does not look for token counts in x_groq",
    "anthropic-messages__anthropic__claude-3-7-sonnet-20250219__03": "the package mends cut arguments",
    "openai-chat__gpustack__qwen3__02": "the package passes over the field in which the error is",
}
"""Bodies that the official package cannot read whole, each with the reason."""


class Call(NamedTuple):
    """A tool call, its pieces joined."""

    id: str | None
    name: str | None
    arguments: str


class Counts(NamedTuple):
    """Token counts; None is what was not told."""

    input: int | None
    output: int | None


class Seen(NamedTuple):
    """What a reader made of a body. After an error only the error counts: packages drop what came before."""

    text: str
    counts: Counts | None
    calls: list[Call]
    error: bool = False


FAILED = Seen("", None, [], error=True)


def by_pipeline(body: bytes) -> Seen:
    pipeline = Pipeline(Plan(), Meter(0.0))
    pipeline.open(Opened(200, (("content-type", "text/event-stream"),), "HTTP/1.1", "u", 0.0))
    items = [*pipeline.feed(Chunk(body, 1.0)), *pipeline.end(2.0)]
    answer = pipeline.answer
    if answer.failure:
        return FAILED
    parts = [part for item in items if isinstance(item, Reading) for part in item.parts]
    text = "".join(part.text for part in parts if isinstance(part, Content) and part.choice == 0)
    counts = Counts(answer.usage.input, answer.usage.output) if answer.usage else None
    return Seen(text, counts, [Call(call.id, call.name, call.arguments) for call in answer.tool_calls])


def options(body: bytes) -> dict[str, Any]:
    """What a client needs to read `body` instead of asking a server."""
    httpx2 = import_module("httpx2")

    def answer(request: Any) -> Any:
        return httpx2.Response(200, headers={"content-type": "text/event-stream"}, content=body)

    client = httpx2.Client(transport=httpx2.MockTransport(answer))
    return {"api_key": "none", "base_url": "http://peer", "http_client": client, "max_retries": 0}


def by_openai_chat(body: bytes) -> Seen:
    text, counts, calls = "", None, dict[int, Call]()
    with import_module("openai").OpenAI(**options(body)) as client:
        for chunk in client.chat.completions.create(model="m", messages=[], stream=True):
            if chunk.usage:
                counts = Counts(chunk.usage.prompt_tokens, chunk.usage.completion_tokens)
            for choice in chunk.choices or []:
                if choice.index == 0:
                    text += choice.delta.content or ""
                for piece in choice.delta.tool_calls or []:
                    join(calls, piece)
    return Seen(text, counts, list(calls.values()))


def join(calls: dict[int, Call], piece: Any) -> None:
    known = calls.get(piece.index, Call(None, None, ""))
    function = piece.function
    calls[piece.index] = Call(
        piece.id or known.id,
        (function and function.name) or known.name,
        known.arguments + ((function and function.arguments) or ""),
    )


def by_openai_completions(body: bytes) -> Seen:
    text, counts = "", None
    with import_module("openai").OpenAI(**options(body)) as client:
        for chunk in client.completions.create(model="m", prompt="", stream=True):
            if chunk.usage:
                counts = Counts(chunk.usage.prompt_tokens, chunk.usage.completion_tokens)
            text += "".join(choice.text for choice in chunk.choices if choice.index == 0)
    return Seen(text, counts, [])


def by_openai_responses(body: bytes) -> Seen:
    text, counts, calls = "", None, []
    with import_module("openai").OpenAI(**options(body)) as client:
        for event in client.responses.create(model="m", input="", stream=True):
            if event.type == "response.output_text.delta":
                text += event.delta
            elif event.type == "response.output_item.done" and event.item.type == "function_call":
                calls.append(Call(event.item.call_id, event.item.name, event.item.arguments))
            elif event.type in {"response.completed", "response.incomplete"} and event.response.usage:
                counts = Counts(event.response.usage.input_tokens, event.response.usage.output_tokens)
    return Seen(text, counts, calls)


def by_anthropic(body: bytes) -> Seen:
    with (
        import_module("anthropic").Anthropic(**options(body)) as client,
        client.messages.stream(model="m", max_tokens=1, messages=[]) as stream,
    ):
        message = stream.get_final_message()
    text = "".join(block.text for block in message.content if block.type == "text")
    blocks = [block for block in message.content if block.type in {"tool_use", "server_tool_use"}]
    calls = [Call(block.id, block.name, json.dumps(block.input)) for block in blocks]
    return Seen(text, Counts(message.usage.input_tokens, message.usage.output_tokens), calls)


READERS: dict[str, tuple[str, Callable[[bytes], Seen]]] = {
    "openai-chat": ("openai", by_openai_chat),
    "openai-completions": ("openai", by_openai_completions),
    "openai-responses": ("openai", by_openai_responses),
    "anthropic-messages": ("anthropic", by_anthropic),
}
"""By the wire format: the official package, and how its client reads a body."""

BODIES = sorted(path for name in READERS for path in CAPTURES.glob(f"{name}__*.sse"))


def by_package(path: Path) -> Seen:
    package, read = READERS[path.name.partition("__")[0]]
    error = pytest.importorskip(package).APIError
    pytest.importorskip("httpx2")
    try:
        return read(path.read_bytes())
    except error:
        return FAILED


def meant(seen: Seen) -> Seen:
    """Tool arguments by what they mean: one package gives them decoded."""
    calls = [call._replace(arguments=decoded(call.arguments)) for call in seen.calls]
    return seen._replace(calls=calls)


def decoded(arguments: str) -> Any:
    try:
        return json.loads(arguments or "{}")
    except ValueError:
        return arguments


@pytest.mark.skipif(not BODIES, reason="the recorded bodies are not here")
@pytest.mark.parametrize("path", BODIES, ids=lambda path: path.stem)
def test_the_official_package_and_the_pipeline_say_the_same(path: Path) -> None:
    if path.stem in NOT_READ:
        pytest.skip(NOT_READ[path.stem])
    assert meant(by_pipeline(path.read_bytes())) == meant(by_package(path))


@pytest.mark.skipif(not BODIES, reason="the recorded bodies are not here")
@pytest.mark.parametrize("name", NOT_READ)
def test_what_the_package_cannot_read_it_still_cannot(name: str) -> None:
    path = CAPTURES / f"{name}.sse"
    try:
        seen = by_package(path)
    except TypeError:
        return
    assert meant(seen) != meant(by_pipeline(path.read_bytes()))
