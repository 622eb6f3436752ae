"""Writes the JSON Schema of files of checks anew: `python -m tests.schema`."""

import json
from pathlib import Path

from sse_cli.cli.spec import schema

FILE = Path(schema.__file__).parent / schema.FILE


def text() -> str:
    """Return the schema as the file is to hold it."""
    return json.dumps(schema.schema(), indent=2, ensure_ascii=False) + "\n"


def main() -> None:
    FILE.write_text(text(), encoding="utf-8")


if __name__ == "__main__":
    main()
