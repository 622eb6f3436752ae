"""The program's door: `sse`, and `python -m sse_cli`."""

import gc


def main() -> None:
    """Run the command line and exit."""
    # Importing makes nothing but things to keep: looking for garbage among them takes a twentieth of the time
    # to the first event. It is looked for again once the run begins (`cli.run`).
    gc.disable()
    from sse_cli.cli.main import main as run

    run()


if __name__ == "__main__":
    main()
