"""The errors a person sees, and the exit codes a script sees. Nothing in the package lies below it."""

from enum import IntEnum


class ExitCode(IntEnum):
    """What the process tells its caller. One number, one meaning; `core.verdict` maps verdicts onto them."""

    OK = 0
    CHECK_FAILED = 1
    USAGE = 2
    UNREACHABLE = 3
    REFUSED = 4
    TIMEOUT = 5
    TRUNCATED = 6
    FAILED = 7
    EMPTY = 8
    OUTPUT = 9
    BUG = 70  # EX_SOFTWARE of sysexits.h
    INTERRUPTED = 130  # 128 + SIGINT, as shells count


class SseError(Exception):
    """Something went wrong that is not a bug of ours.

    `message` says what failed and what was seen, `hint` what to try (may be empty), `exit_code` what
    the process should answer with.
    """

    def __init__(self, message: str, hint: str = "", exit_code: ExitCode = ExitCode.USAGE) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.exit_code = exit_code


class UsageError(SseError):
    """The command line, a path or an expression cannot be used as it stands; nothing was connected."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message, hint, ExitCode.USAGE)


class Cut(SseError):
    """What is read ends too soon, or broke: a connection, a body, a packed file."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message, hint, ExitCode.TRUNCATED)


def point_at(text: str, position: int) -> str:
    """Return `text` with a caret below column `position` (counted from 0), indented for an error message."""
    line = text.replace("\n", " ").replace("\t", " ")
    return f"  {line}\n  {' ' * min(position, len(line))}^"
