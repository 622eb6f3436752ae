"""`-o json`: one JSON object per event; with --all, per item."""

from collections.abc import Callable, Sequence
from typing import Any

from sse_cli.core import payload
from sse_cli.core.items import Anomaly, Closed, Comment, Fault, Item, Opened, Reading, Rejected
from sse_cli.core.secrets import mask_headers, mask_url
from sse_cli.errors import UsageError
from sse_cli.sinks.sink import Setting, WritingSink

Record = dict[str, Any]


def _json(reading: Reading) -> Any:
    """Return the data decoded, or None where it is not JSON."""
    try:
        return payload.decode(reading.event.data)
    except ValueError:
        return None


def start_of(setting: Setting) -> float:
    """Return the moment that times are counted from; 0 where no request was sent."""
    return setting.pipeline.meter.start or 0.0


FIELDS: dict[str, Callable[[Reading, Setting], Any]] = {
    "kind": lambda _reading, _setting: "event",
    "source": lambda _reading, setting: setting.source,
    "n": lambda reading, _setting: reading.event.number,
    "t": lambda reading, setting: round(reading.event.at - start_of(setting), 6),
    "event": lambda reading, _setting: reading.event.type,
    "data": lambda reading, _setting: reading.event.data,
    "id": lambda reading, _setting: reading.event.id,
    "last_event_id": lambda reading, _setting: reading.event.last_event_id,
    "retry": lambda reading, _setting: reading.event.retry,
    "parts": lambda reading, _setting: reading.parts,
    "json": lambda reading, _setting: _json(reading),
    "extracted": lambda reading, _setting: reading.extracted,
    "raw": lambda reading, _setting: reading.event.raw.decode("utf-8", "replace"),
}
"""Every field of an event's record, and where it comes from."""

ALWAYS = ("kind", "n", "t", "event", "data", "id", "last_event_id", "retry")
WHERE_THEY_APPLY = ("parts", "json", "extracted")


class JsonSink(WritingSink):
    """Writes records, a line each."""

    def show(self, items: Sequence[Item]) -> None:
        """Write the records of one batch."""
        lines = []
        for item in items:
            if type(item) is Reading:
                lines.append(payload.encode(self._event(item)))
            elif self.setting.show_all:
                record = aside_record(item, start_of(self.setting))
                if record is not None:
                    lines.append(payload.encode(self._named(record)))
        if lines:
            lines.append("")
            self.out.write_text("\n".join(lines))

    def _event(self, reading: Reading) -> Record:
        setting = self.setting
        if setting.fields:
            return {name: FIELDS[name](reading, setting) for name in setting.fields}
        record = {name: FIELDS[name](reading, setting) for name in ALWAYS}
        for name in WHERE_THEY_APPLY:
            value = FIELDS[name](reading, setting)
            if value not in ((), None):
                record[name] = value
        return self._named(record)

    def _named(self, record: Record) -> Record:
        """Return a record that tells its source, where there are several."""
        if not self.setting.label:
            return record
        return {"kind": record["kind"], "source": self.setting.source, **record}


def aside_record(item: Item, start: float) -> Record | None:
    """Return the record of an item that is no event."""
    match item:
        case Comment(text, at):
            return {"kind": "comment", "t": round(at - start, 6), "text": text}
        case Anomaly(kind, detail, at):
            return {"kind": "anomaly", "t": round(at - start, 6), "anomaly": kind, "detail": detail}
        case Opened():
            return {
                "kind": "opened",
                "t": round(item.at - start, 6),
                "status": item.status,
                "http_version": item.http_version,
                "url": mask_url(item.url),
                "headers": mask_headers(item.headers),
            }
        case Rejected(data, at):
            return {"kind": "rejected", "t": round(at - start, 6), "text": data.decode("utf-8", "replace")}
        case Fault():
            return {
                "kind": "fault",
                "t": round(item.at - start, 6),
                "error": item.error,
                "retry_in": round(item.retry_in, 6),
                "failures": item.failures,
                "retries": item.retries,
                "anew": item.anew,
            }
        case Closed(reason, detail, at):
            return {"kind": "closed", "t": round(at - start, 6), "reason": reason, "detail": detail}
    return None


def make(setting: Setting) -> JsonSink:
    """Build the sink. Raises `UsageError` for a field that does not exist."""
    for name in setting.fields:
        if name not in FIELDS:
            raise UsageError(f"no such field: {name}", f"The fields are {', '.join(FIELDS)}.")
    return JsonSink(setting)
