"""The command `sse`: finds the command, runs it, and turns what it raises into a message and an exit code."""

import os
import sys
from importlib import import_module
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from sse_cli import __version__
from sse_cli.errors import ExitCode, SseError

COMMANDS = {
    "tail": "sse_cli.cli.tail",
    "check": "sse_cli.cli.check",
    "serve": "sse_cli.cli.serve",
    "demo": "sse_cli.cli.demo",
    "dialects": "sse_cli.cli.dialects",
    "profiles": "sse_cli.cli.profiles",
    "completion": "sse_cli.cli.completion",
}
"""Every command and its module, which is imported when the command is run. `sse URL` is `sse tail URL`."""

_HELP = """\
Watch, extract, time and judge Server-Sent Events and streamed HTTP responses.

[bold]sse URL[/] tails a stream; it is short for [bold]sse tail URL[/].

[dim]$[/] sse demo                                        [dim]# see it work[/]
[dim]$[/] sse https://host/v1/chat/completions -d @body.json
[dim]$[/] sse URL -o text | tee answer.txt                [dim]# the text alone[/]
[dim]$[/] sse URL -p "$.choices[0].delta.content" -o text [dim]# JSONPath[/]

All options of a stream: [bold]sse tail --help[/]
"""


class CommandGroup(TyperGroup):
    """Imports a command when it is asked for, and takes what is no command for a source to tail."""

    def list_commands(self, _ctx: Any) -> list[str]:
        """Return the names of the commands."""
        return list(COMMANDS)

    def get_command(self, _ctx: Any, cmd_name: str) -> Any:
        """Import and return a command."""
        if cmd_name not in COMMANDS:
            return None
        module = import_module(COMMANDS[cmd_name])
        app = typer.Typer(**_PLAIN)
        epilog = getattr(module, "EPILOG", None)
        kind = getattr(module, "CLASS", None)
        app.command(cmd_name, cls=kind, context_settings=_CONTEXT, epilog=epilog)(module.command)
        return typer.main.get_command(app)

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Put `tail` before a source or an option of its."""
        if args and args[0] not in {*COMMANDS, "--help", "-h", "--version", "-V"}:
            args = ["tail", *args]
        return super().parse_args(ctx, args)

    def shell_complete(self, ctx: Any, incomplete: str) -> list[Any]:
        """Complete commands and, since a source may come first, profiles and the options of `tail`."""
        found = super().shell_complete(ctx, incomplete)
        tail = self.get_command(ctx, "tail")
        if incomplete.startswith("-"):
            found += tail.shell_complete(ctx, incomplete)
        elif incomplete.startswith("@"):
            source = next(param for param in tail.params if param.param_type_name == "argument")
            found += source.shell_complete(ctx, incomplete)
        return found


_PLAIN: dict[str, Any] = {
    "add_completion": False,
    "pretty_exceptions_enable": False,
    "rich_markup_mode": "rich",
}
_CONTEXT = {"help_option_names": ["-h", "--help"]}

app = typer.Typer(cls=CommandGroup, no_args_is_help=True, context_settings=_CONTEXT, **_PLAIN)


def _print_version(wanted: bool) -> None:
    if wanted:
        sys.stdout.write(f"sse {__version__}\n")
        raise typer.Exit


@app.callback(help=_HELP)
def _root(
    _version: Annotated[
        bool,
        typer.Option("--version", "-V", callback=_print_version, is_eager=True, help="Print the version."),
    ] = False,
) -> None:
    pass


def main() -> None:
    """Run the command line and exit. Nothing that a user, a server or a network does ends in a traceback."""
    try:
        code = _run()
    except SseError as error:
        report(error)
        code = int(error.exit_code)
    except typer.TyperException as error:
        context = getattr(error, "ctx", None)
        command = context.command_path if context is not None else "sse tail"
        report(SseError(error.format_message(), f"All options are shown by {command} --help."))
        code = error.exit_code
    except KeyboardInterrupt:
        code = int(ExitCode.INTERRUPTED)
    except BrokenPipeError:
        code = int(ExitCode.OK)
    except Exception:  # a bug; said so, with what is needed to mend it
        import traceback

        traceback.print_exc()
        report(
            SseError("this is a bug in sse, not in what you did", "Please report it with the lines above.")
        )
        code = int(ExitCode.BUG)
    _leave(code)


def _run() -> int:
    if "_SSE_COMPLETE" in os.environ:
        from sse_cli.cli.completion import init

        init()
    arguments = sys.argv[1:] or ["--help"]
    result = typer.main.get_command(app).main(arguments, prog_name="sse", standalone_mode=False)
    if not sys.argv[1:]:
        return int(ExitCode.USAGE)  # nothing was asked for, and the help was shown
    return result if isinstance(result, int) else int(ExitCode.OK)


def report(error: SseError) -> None:
    """Say on standard error what failed, what was seen, and what to try."""
    from sse_cli.text.escape import escape

    lines = escape(error.message).splitlines()
    if error.hint:
        is_command = error.hint.startswith(("sse ", "pip "))
        hint = error.hint if is_command else error.hint[0].upper() + error.hint[1:]
        lines.append(escape(hint))
    try:
        sys.stderr.write("sse: " + "\n     ".join(lines) + "\n")
        sys.stderr.flush()
    except (OSError, ValueError, AttributeError):
        pass  # nobody is there to be told


def _leave(code: int) -> None:
    """Exit without a last complaint of Python's about a pipe that was closed."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError, AttributeError):
            continue
    os._exit(code)
