"""A command that knows the order in which different options were given, where that order means something."""

from collections.abc import Callable
from typing import Any

from typer.core import TyperCommand

KINDS = {"data_raw": "Raw", "data_binary": "Binary", "data_urlencode": "UrlEncoded"}
"""Options that give data beside -d, and the class of `sources.data` that says how each is read."""


class DataInOrder(TyperCommand):
    """Puts -d and its relatives into `data` in the order they were given in."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse as ever, and once more for the order, which the parser alone knows."""
        given = list(args)
        rest = super().parse_args(ctx, args)
        if any(ctx.params.get(name) for name in KINDS):
            _, _, order = self.make_parser(ctx).parse_args(args=given)
            ctx.params["data"] = _in_order(ctx.params, [param.name for param in order])
            ctx.params.update(dict.fromkeys(KINDS))
        return rest


def kind_of(name: str) -> Callable[[str], str]:
    """Return the class that says how what an option gives is read."""
    from sse_cli.sources import data

    kind: type[str] = getattr(data, KINDS[name]) if name in KINDS else str
    return kind


def _in_order(params: dict[str, Any], order: list[str | None]) -> list[str]:
    kinds = {name: kind_of(name) for name in ("data", *KINDS)}
    values = {name: iter(params[name] or ()) for name in kinds}
    return [kinds[name](next(values[name])) for name in order if name in kinds]
