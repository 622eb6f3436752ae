"""Files of checks as tests write them, and what is made of them."""

from collections.abc import Collection, Mapping
from pathlib import Path

from sse_cli.checking.check import Check
from sse_cli.cli.check_options import CheckOptions
from sse_cli.cli.options import Groups
from sse_cli.cli.spec.loading import load

ENVIRONMENT = {"A": "1", "KEY": "sesame", "BRACES": "{{id}}", "EMPTY": "", "QUOTES": "'\"\\"}


def checks(
    folder: Path,
    text: str,
    *names: str,
    groups: Groups | None = None,
    checking: CheckOptions | None = None,
    given: Collection[str] = (),
    environment: Mapping[str, str] = ENVIRONMENT,
) -> tuple[Check, ...]:
    """Write `smoke.toml` into a folder and return its checks, those of these names. Raises `UsageError`."""
    file = folder / "smoke.toml"
    file.write_text(text, encoding="utf-8")
    return load(str(file), names, groups or Groups(), checking or CheckOptions(), given, environment)


def by_name(*args: object, **options: object) -> dict[str, Check]:
    """Return the same by their names."""
    return {check.name: check for check in checks(*args, **options)}  # type: ignore[arg-type]
