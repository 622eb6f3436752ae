"""`-v`: the heads of request and response on standard error, in curl's manner, secrets masked."""

from collections.abc import Iterator, Sequence

from sse_cli.core.items import Item, Opened, Sent
from sse_cli.core.secrets import mask_headers, mask_url
from sse_cli.sinks.sink import WritingSink


class HeadsSink(WritingSink):
    """Writes both heads once the response's has come."""

    takes_streaks = True

    def show(self, items: Sequence[Item]) -> None:
        """Write the heads of one response."""
        for item in items:
            if type(item) is Opened:
                request = _request(item.sent) if item.sent is not None else ()
                self.setting.err.write_text("\n".join([*request, *_response(item), ""]))


def _request(sent: Sent) -> Iterator[str]:
    yield f"> {sent.method} {mask_url(sent.target)} {sent.http_version}"
    for name, value in mask_headers(sent.headers):
        yield f"> {name}: {value}"
    yield ">"


def _response(opened: Opened) -> Iterator[str]:
    yield f"< {opened.http_version} {opened.status}"
    for name, value in mask_headers(opened.headers):
        yield f"< {name}: {value}"
    yield "<"
