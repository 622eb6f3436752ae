"""Writes the scripts in `completions/` as the program prints them: `python -m tests.completions`."""

from pathlib import Path

from sse_cli.cli.completion import SHELLS, script

FOLDER = Path(__file__).parent.parent / "completions"


def main() -> None:
    for shell, name in SHELLS.items():
        (FOLDER / name).write_text(script(shell), encoding="utf-8")


if __name__ == "__main__":
    main()
