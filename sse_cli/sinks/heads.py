"""`-v`: the heads of request and response on standard error, in curl's manner, secrets masked."""

from collections.abc import Sequence
from urllib.parse import urlsplit

from sse_cli.core.items import Item, Opened
from sse_cli.core.secrets import mask_headers, mask_url
from sse_cli.sinks.sink import WritingSink


class HeadsSink(WritingSink):
    """Writes both heads once the response's has come."""

    takes_streaks = True

    def show(self, items: Sequence[Item]) -> None:
        """Write the heads of one response."""
        for item in items:
            if type(item) is Opened:
                self._write(item)

    def _write(self, opened: Opened) -> None:
        asked = self.setting.pipeline.attempts.asked
        assert asked is not None
        url = urlsplit(mask_url(asked.url))
        target = url.path + (f"?{url.query}" if url.query else "") or "/"
        lines = [f"> {asked.method} {target} HTTP/1.1", f"> Host: {url.netloc}"]
        lines += [f"> {name}: {value}" for name, value in mask_headers(asked.headers)]
        lines += [">", f"< {opened.http_version} {opened.status}"]
        lines += [f"< {name}: {value}" for name, value in mask_headers(opened.headers)]
        self.setting.err.write_text("\n".join([*lines, "<", ""]))
