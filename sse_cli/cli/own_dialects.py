"""The user's own dialects: files named by a path, or kept in the config folder."""

import os
from pathlib import Path

from sse_cli.cli import config_folder
from sse_cli.core.dialects.recognise import RESERVED, names, text_of
from sse_cli.core.dialects.rules import Dialect, load_dialect
from sse_cli.errors import SseError, UsageError


def folder() -> Path | None:
    """Return the folder of the user's dialects, or None if there is no config folder."""
    place = config_folder.find()
    return None if place is None else place / "dialects"


def files() -> dict[str, Path]:
    """Return the files of the config folder by the names of their dialects."""
    place = folder()
    try:
        found = sorted(place.glob("*.toml")) if place is not None else []
    except OSError:
        found = []
    return {file.stem: file for file in found}


def all_names() -> list[str]:
    """Return the names of all dialects, bundled and the user's own."""
    return sorted({*names(), *files()})


def read_file(path: Path) -> str:
    """Return the text of a dialect file. Raises `UsageError`."""
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise UsageError(
            f"cannot read the dialect file {path}: {error.strerror}",
            "sse dialects lists the dialects that there are; a path has a slash or ends in .toml.",
        ) from error
    except UnicodeDecodeError as error:
        raise UsageError(
            f"dialect file {path} is not UTF-8: byte {error.start} is no part of it", "Save it as UTF-8."
        ) from error


def is_path(name: str) -> bool:
    """Tell a file from a name, as --dialect does."""
    return name.endswith(".toml") or "/" in name or os.sep in name


def text_named(name: str) -> str:
    """Return the text of a dialect by its name, the user's own first, or of a file. Raises `UsageError`."""
    if is_path(name):
        return read_file(Path(name))
    own = files().get(name)
    if own is not None:
        return read_file(own)
    if name not in names():
        raise UsageError(f"no such dialect: {name}", f"There are {', '.join(all_names())}.")
    return text_of(name)


def named(name: str) -> Dialect:
    """Return a dialect by its name, the user's own first, or a file's. Raises `UsageError`."""
    if is_path(name):
        return _check(Path(name))
    own = files().get(name)
    return _load_own(own) if own is not None else load_dialect(text_named(name), f"{name}.toml")


def usable() -> tuple[tuple[Dialect, ...], tuple[SseError, ...]]:
    """Return the dialects of the config folder, and what is wrong with those that cannot be used."""
    found, errors = [], []
    for file in files().values():
        try:
            found.append(_load_own(file))
        except UsageError as error:
            errors.append(error)
    return tuple(found), tuple(errors)


def choose(name: str) -> tuple[str, tuple[Dialect, ...]]:
    """Return what a plan needs for --dialect: a name, and the user's dialects. Raises `UsageError`.

    With `auto` a file that is wrong is passed over, with a warning: it must not keep every stream from
    being read.
    """
    if name == "none":
        return name, ()
    if name == "auto":
        found, errors = usable()
        for error in errors:
            warn(error)
        return name, found
    if not is_path(name) and name not in all_names():
        known = ", ".join([*RESERVED, *all_names()])
        raise UsageError(f"no such dialect: {name}", f"There are {known}, and files (FILE.toml).")
    dialect = named(name)
    return dialect.name, (dialect,)


def warn(error: SseError) -> None:
    """Say on standard error that a dialect file is passed over, and why."""
    from sse_cli.cli.main import report

    report(SseError(f"warning: {error.message}", f"{error.hint} The file is passed over.".lstrip()))


def _check(file: Path) -> Dialect:
    from sse_cli.core.dialects.check import check_dialect

    return check_dialect(read_file(file), str(file))


def _load_own(file: Path) -> Dialect:
    dialect = _check(file)
    if dialect.name != file.stem:
        raise UsageError(
            f"dialect file {file} is wrong at name: it says {dialect.name}",
            f"In the config folder a file has its dialect's name: {dialect.name}.toml or {file.stem}.",
        )
    return dialect
