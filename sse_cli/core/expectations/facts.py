"""What is known of a run, so that expectations can be held against it: at its end, or while it goes on."""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from sse_cli.core.expectations.vocabulary import HEADER
from sse_cli.core.items import Json, Opened
from sse_cli.core.meter import plain
from sse_cli.core.pipeline import Pipeline
from sse_cli.core.secrets import NO_SECRETS, Secrets, mask_url


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """What is known at the time `at`.

    `said` is what `Summary.as_dict` says, and under `header` the response's head: its fields by their names
    in small letters. While the stream goes on, what is not known yet is not there, or None; so is all that
    comes at the end alone. Times are of the monotonic clock: `start` is what a summary counts from,
    `quiet_since` when the last byte came.
    """

    said: Mapping[str, Json]
    at: float = 0.0
    start: float | None = None
    quiet_since: float | None = None


def facts_of(said: Mapping[str, Json], head: Opened | None, start: float | None = None) -> Facts:
    """Return the facts of a run that is over: `said` by `Summary.as_dict`, or by the end of a recording."""
    return Facts(said={**said, HEADER: fields_of(head.headers if head else ())}, start=start)


def facts_so_far(
    pipeline: Pipeline,
    head: Opened | None,
    now: float,
    start: float | None = None,
    secrets: Secrets = NO_SECRETS,
) -> Facts:
    """Return the facts of a run that goes on, of which all that came up to `now` has been read.

    `start` is when the request was sent, for as long as the meter does not know it.
    """
    meter, failure = pipeline.meter, pipeline.answer.failure
    said: dict[str, Any] = {
        **meter.so_far(now),
        "dialect": pipeline.dialect,
        "error": failure and {"message": secrets.hide(failure.message), "code": failure.code},
        "shown": pipeline.shown,
    }
    if meter.start is None and start is not None:
        said["end"] = plain(now - start)
    if head is not None:
        said |= {
            "url": mask_url(head.url),
            "status": head.status,
            "content_type": head.header("content-type"),
            "http_version": head.http_version,
            HEADER: fields_of(head.headers),
        }
    known = meter.start if meter.start is not None else start
    return Facts(said=said, at=now, start=known, quiet_since=meter.last_byte_at)


def fields_of(headers: Iterable[tuple[str, str]]) -> Mapping[str, str]:
    """Return the fields of a head by their names in small letters, those of one name joined by commas."""
    fields: dict[str, str] = {}
    for name, value in headers:
        key = name.lower()
        fields[key] = f"{fields[key]}, {value}" if key in fields else value
    return fields
