"""Compares the recorded bodies with what their sidecars say: `python -m tests.captures` prints a table."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

from sse_cli.core.items import Content, Reasoning, Refusal
from tests.core.dialects.tape import Run

FOLDER = Path(__file__).parents[2] / "shared" / "captures"
SIDECARS = sorted(FOLDER.glob("*.json"))

DIALECTS = {
    "ai-sdk-ui-sse": "ai-sdk-ui",
    "cohere-v1-ndjson": "cohere-v1",
    "gemini-json-array": "gemini",
    "gemini-sse": "gemini",
    "json-error": None,
    "langgraph-sse": "langgraph",
    "mcp-sse": "mcp",
    "ollama-ndjson": "ollama",
    "progress-ndjson": "ollama",
    "replicate-sse": "replicate",
    "watsonx-sse": "watsonx",
    "writer-completions-sse": "writer-completions",
}
"""The dialect of a wire format, where its name is another."""

_CUTS = {
    "length",
    "max_tokens",
    "MAX_TOKENS",
    "content_filter",
    "refusal",
    "SAFETY",
    "RECITATION",
    "incomplete",
}
_ENDLESS = {"langgraph-sse", "writer-completions-sse"}
"""Formats of which a whole stream has neither an end marker nor a finish reason."""


def expected_verdict(sidecar: dict[str, Any]) -> str:
    """What the sidecar says of the end: the status, an error, no word of an end where one was due, a cut."""
    finish = sidecar["finish"]
    if sidecar["http_status"] >= 400:
        return "refused"
    if sidecar["errors"]:
        return "failed"
    if sidecar["terminator"] == "eof" and finish is None and sidecar["wire_format"] not in _ENDLESS:
        return "truncated"
    return "incomplete" if finish in _CUTS or str(finish).startswith("blocked:") else "complete"


def sidecar_of(path: Path) -> dict[str, Any]:
    """Return what a sidecar says."""
    sidecar: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return sidecar


def read(path: Path) -> Run:
    """Read the body beside a sidecar."""
    sidecar = sidecar_of(path)
    body = path.with_suffix("").read_bytes()
    return Run(body, content_type=sidecar["content_type"], status=sidecar["http_status"])


def compare(path: Path) -> dict[str, tuple[object, object]]:
    """Return what was found and what was expected, by name, where they differ."""
    found, expected = _found(read(path)), _expected(sidecar_of(path))
    return {name: (found[name], expected[name]) for name in expected if found[name] != expected[name]}


def _found(run: Run) -> dict[str, object]:
    answer = run.pipeline.answer
    return {
        "dialect": run.pipeline.dialect,
        "text": run.text(Content),
        "reasoning": run.text(Reasoning),
        "refusal": run.text(Refusal),
        "tool calls": [(call.id, call.name, _value(call.arguments)) for call in answer.tool_calls],
        "usage": answer.usage.raw if answer.usage else None,
        "finish": answer.finish.reason if answer.finish else None,
        "failed": answer.failure is not None,
        "terminator": answer.done.marker if answer.done else "eof",
        "verdict": run.verdict().name,
    }


def _expected(sidecar: dict[str, Any]) -> dict[str, object]:
    wire_format, finish, terminator = sidecar["wire_format"], sidecar["finish"], sidecar["terminator"]
    calls = sidecar["tool_calls"] or []
    return {
        "dialect": DIALECTS.get(wire_format, wire_format),
        "text": sidecar["your_text"],
        "reasoning": sidecar["reasoning_text"] or "",
        "refusal": sidecar.get("refusal") or "",
        "tool calls": [(call["id"], call["name"], _value(call["arguments"])) for call in calls],
        "usage": sidecar["usage"],
        "finish": None if finish is None else str(finish),  # a number, in some arrays
        "failed": bool(sidecar["errors"]),
        "terminator": "eof" if terminator == "error" else terminator,
        "verdict": expected_verdict(sidecar),
    }


def _value(arguments: str) -> object:
    """Arguments that are JSON are compared as JSON: where they come as an object, spaces have no meaning."""
    try:
        return json.loads(arguments)
    except (TypeError, ValueError):
        return arguments


def main() -> None:
    count: Counter[str] = Counter()
    right: Counter[str] = Counter()
    for path in SIDECARS:
        wire_format = path.name.partition("__")[0]
        faults = compare(path)
        count[wire_format] += 1
        right[wire_format] += not faults
        for name, (found, expected) in faults.items():
            print(f"{path.stem}: {name} is {str(found)[:80]!r}, not {str(expected)[:80]!r}")
    for wire_format, number in [*sorted(count.items()), ("all", count.total())]:
        hits = right.total() if wire_format == "all" else right[wire_format]
        print(f"{wire_format:24} {number:4} {hits:4}")


if __name__ == "__main__":
    main()
