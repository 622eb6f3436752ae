"""A whole run in one value: its verdict, what is known of the stream, and its figures."""

from typing import Any

import msgspec

from sse_cli.core import payload
from sse_cli.core.answer import Answer, MergedToolCall
from sse_cli.core.attempts import Attempt
from sse_cli.core.items import Failure, Opened, Usage
from sse_cli.core.meter import Figures
from sse_cli.core.secrets import NO_SECRETS, Secrets, mask_url
from sse_cli.core.verdict import Verdict


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
        """Return the summary as plain values for JSON, flat, the figures under their own names."""
        usage = self.usage
        return {
            "verdict": self.verdict.name,
            "exit_code": int(self.verdict.exit_code),
            "reason": self.verdict.reason,
            "url": self.url,
            "status": self.status,
            "content_type": self.content_type,
            "http_version": self.http_version,
            "dialect": self.dialect,
            "finish": self.finish,
            "error": self.error and {"message": self.error.message, "code": self.error.code},
            "usage": usage and msgspec.structs.asdict(usage),
            "tool_calls": [
                {
                    "id": call.id,
                    "name": call.name,
                    "arguments": call.arguments,
                    "complete": _is_json(call.arguments),
                }
                for call in self.tool_calls
            ],
            "attempts": [_plain(attempt) for attempt in self.attempts],
            "shown": self.shown,
            **{name: _plain(value) for name, value in msgspec.structs.asdict(self.figures).items()},
        }


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
        attempts=attempts,
        shown=shown,
        figures=figures,
    )


def _plain(value: Any) -> Any:
    """Return a figure for JSON, times to the microsecond: more digits would be noise."""
    if isinstance(value, msgspec.Struct):
        return {name: _plain(inner) for name, inner in msgspec.structs.asdict(value).items()}
    return round(value, 6) if isinstance(value, float) else value


def _is_json(text: str) -> bool:
    """Tell whether a tool call's arguments came whole."""
    try:
        payload.decode(text)
    except ValueError:
        return False
    return True
