"""`-v`: the heads of request and response on standard error, in curl's manner, secrets masked."""

from collections.abc import Sequence
from urllib.parse import urlsplit

from sse_cli.core.items import Item, Opened
from sse_cli.core.secrets import mask_headers
from sse_cli.sinks.sink import Setting, WritingSink


class HeadsSink(WritingSink):
    """Writes both heads once the response's has come; `headers` are those that were sent."""

    takes_streaks = True

    def __init__(self, setting: Setting, headers: Sequence[tuple[str, str]]) -> None:
        super().__init__(setting)
        self._headers = headers
        self._is_first = True

    def show(self, items: Sequence[Item]) -> None:
        """Write the heads of one response."""
        for item in items:
            if type(item) is Opened:
                self._write(item)

    def _sent(self) -> Sequence[tuple[str, str]]:
        """Return the headers that were sent; every request but the first has the id then in force."""
        if self._is_first:
            self._is_first = False
            return self._headers
        id_ = self.setting.pipeline.last_event_id
        headers = [header for header in self._headers if header[0].lower() != "last-event-id"]
        return [*headers, ("Last-Event-ID", id_)] if id_ else headers

    def _write(self, opened: Opened) -> None:
        url = urlsplit(self.setting.url)
        target = url.path + (f"?{url.query}" if url.query else "") or "/"
        lines = [f"> {self.setting.method} {target} HTTP/1.1", f"> Host: {url.netloc}"]
        lines += [f"> {name}: {value}" for name, value in mask_headers(self._sent())]
        lines += [">", f"< {opened.http_version} {opened.status}"]
        lines += [f"< {name}: {value}" for name, value in mask_headers(opened.headers)]
        self.setting.err.write_text("\n".join([*lines, "<", ""]))
