"""`sse completion SHELL`: prints the completion script of a shell."""

import sys
from typing import Annotated

import typer

from sse_cli.errors import UsageError

SHELLS = {"bash": "sse.bash", "zsh": "_sse", "fish": "sse.fish", "powershell": "sse.ps1"}
"""Every shell that is known, and the file in `completions/` that holds its script."""


def init() -> None:
    """Make the shells known to the program that completes."""
    from typer._click.shell_completion import add_completion_class
    from typer._completion_classes import BashComplete, completion_init

    class Bash(BashComplete):
        """Bash takes `@name` apart into two words, unless COMP_WORDBREAKS has no @."""

        def get_completion_args(self) -> tuple[list[str], str]:
            """Return the words before the unfinished one, and that."""
            words, unfinished = super().get_completion_args()
            if words[-1:] == ["@"]:
                return words[:-1], f"@{unfinished}"
            return words, unfinished

    completion_init()
    add_completion_class(Bash, "bash")


def script(shell: str) -> str:
    """Return the completion script of a shell. Raises `UsageError`."""
    from typer._completion_shared import get_completion_script

    if shell not in SHELLS:
        raise UsageError(f"no completion for {shell}", f"The shells are {', '.join(SHELLS)}.")
    return get_completion_script(prog_name="sse", complete_var="_SSE_COMPLETE", shell=shell) + "\n"


def command(
    shell: Annotated[
        str,
        typer.Argument(
            metavar="SHELL",
            help="bash, zsh, fish or powershell.",
            autocompletion=lambda incomplete: [name for name in SHELLS if name.startswith(incomplete)],
        ),
    ],
) -> int:
    """Print the completion script for a shell, to be sourced."""
    sys.stdout.write(script(shell))
    return 0
