"""A whole run in one value: its verdict, what is known of the stream, and its figures."""

from collections.abc import Callable, Mapping
from operator import attrgetter
from typing import Any

import msgspec

from sse_cli.core import payload
from sse_cli.core.answer import Answer, MergedToolCall
from sse_cli.core.attempts import Attempt
from sse_cli.core.items import Failure, Opened, Usage
from sse_cli.core.meter import Figures, plain
from sse_cli.core.secrets import NO_SECRETS, Secrets, mask_url
from sse_cli.core.units import COUNT, GROUP, JSON, NUMBER, TEXT, WORD, Course, Told
from sse_cli.core.verdict import VERDICTS, Verdict


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """What is told at the end of a run. Secrets in the `url` are masked.

    `status`, `content_type` and `http_version` are None for a file. `shown` is how many events were chosen.
    `attempts` are the connections, the last thousand of them.
    """

    verdict: Verdict
    url: str
    status: int | None
    content_type: str | None
    http_version: str | None
    dialect: str | None
    finish: str | None
    error: Failure | None
    usage: Usage | None
    tool_calls: tuple[MergedToolCall, ...]
    attempts: tuple[Attempt, ...]
    shown: int | None = None
    figures: Figures

    def as_dict(self) -> dict[str, Any]:
        """Return the summary as plain values for JSON, flat: its `WORDS`, then the figures."""
        words = {name: word.of(self) for name, word in WORDS.items()}
        figures: dict[str, Any] = plain(self.figures)
        return words | figures


def summarize(
    verdict: Verdict,
    url: str,
    opened: Opened | None,
    dialect: str | None,
    answer: Answer,
    figures: Figures,
    shown: int | None = None,
    attempts: tuple[Attempt, ...] = (),
    secrets: Secrets = NO_SECRETS,
) -> Summary:
    """Put a summary together from what a run left behind; no secret that was sent is repeated in it."""
    failure = answer.failure
    return Summary(
        verdict=Verdict(verdict.name, secrets.hide(verdict.reason)),
        url=mask_url(opened.url if opened else url),
        status=opened.status if opened else None,
        content_type=opened.header("content-type") if opened else None,
        http_version=opened.http_version if opened else None,
        dialect=dialect,
        finish=answer.finish.reason if answer.finish else None,
        error=failure and Failure(secrets.hide(failure.message), failure.code),
        usage=answer.usage,
        tool_calls=tuple(answer.tool_calls),
        attempts=tuple(_masked(attempt, secrets) for attempt in attempts),
        shown=shown,
        figures=figures,
    )


def _masked(attempt: Attempt, secrets: Secrets) -> Attempt:
    error = secrets.hide(attempt.error) if attempt.error is not None else None
    return msgspec.structs.replace(attempt, why=secrets.hide(attempt.why), error=error)


def _is_json(text: str) -> bool:
    """Tell whether a tool call's arguments came whole."""
    try:
        payload.decode(text)
    except ValueError:
        return False
    return True


def _tool_calls(summary: Summary) -> list[dict[str, Any]]:
    return [
        {
            "id": call.id,
            "name": call.name,
            "arguments": call.arguments,
            "complete": _is_json(call.arguments),
        }
        for call in summary.tool_calls
    ]


class Word(msgspec.Struct, frozen=True):
    """What a summary says under one name: how to get it, what is told of it and of its members, if any."""

    get: Callable[[Summary], Any]
    told: Told
    members: Mapping[str, Told] = {}

    def of(self, summary: Summary) -> Any:
        """Return what a summary says, as a plain value for JSON."""
        value = self.get(summary)
        if value is None or not self.members:
            return value
        return {name: getattr(value, name) for name in self.members}


WORDS: Mapping[str, Word] = {
    "verdict": Word(lambda it: it.verdict.name, Told(WORD, "how it ended", choices=tuple(VERDICTS))),
    "exit_code": Word(lambda it: int(it.verdict.exit_code), Told(NUMBER, "what goes with the verdict")),
    "reason": Word(lambda it: it.verdict.reason, Told(TEXT, "why it is the verdict, in a sentence")),
    "url": Word(attrgetter("url"), Told(TEXT, "where redirects led, secrets masked", Course.OPENED)),
    "status": Word(attrgetter("status"), Told(NUMBER, "HTTP status, none of a file", Course.OPENED)),
    "content_type": Word(attrgetter("content_type"), Told(TEXT, "content type", Course.OPENED)),
    "http_version": Word(attrgetter("http_version"), Told(TEXT, "version of HTTP", Course.OPENED)),
    "dialect": Word(attrgetter("dialect"), Told(TEXT, "dialect it is read in", Course.ONCE)),
    "finish": Word(attrgetter("finish"), Told(TEXT, "why the answer ended, in the provider's words")),
    "error": Word(
        attrgetter("error"),
        Told(TEXT, "error that the stream carried", Course.TIED),
        {
            "message": Told(TEXT, "its message", Course.TIED),
            "code": Told(TEXT, "its code", Course.TIED),
        },
    ),
    "usage": Word(
        attrgetter("usage"),
        Told(GROUP, "tokens as the provider counts them"),
        {
            "input": Told(COUNT, "of the prompt"),
            "output": Told(COUNT, "of the answer"),
            "reasoning": Told(COUNT, "of reasoning"),
            "cached": Told(COUNT, "of the prompt that were cached"),
            "total": Told(COUNT, "all together"),
            "raw": Told(JSON, "the provider's own object"),
        },
    ),
    "tool_calls": Word(_tool_calls, Told(JSON, "tool calls, each with id, name, arguments, complete")),
    "attempts": Word(lambda it: [plain(each) for each in it.attempts], Told(JSON, "connections")),
    "shown": Word(attrgetter("shown"), Told(COUNT, "events that were chosen", Course.GROWS)),
}
"""All that a summary says beside the figures, in its order."""
