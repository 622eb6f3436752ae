"""`python -m sse_cli` is `sse`, for where the script is not on the path."""

from sse_cli.cli.main import main

main()
