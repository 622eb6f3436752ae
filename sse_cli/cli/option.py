"""How a field of a group of options is declared."""

from collections.abc import Callable
from typing import Any

import typer


def option(*names: str, panel: str, text: str, **more: Any) -> Any:
    """Return an option of a panel of the help."""
    return typer.Option(*names, rich_help_panel=panel, help=text, show_default=False, **more)


def complete(names: Callable[[], list[str]]) -> Callable[[str], list[str]]:
    """Return what completes a word to one of the names."""
    return lambda incomplete: [name for name in names() if name.startswith(incomplete)]
