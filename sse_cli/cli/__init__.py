"""Options in, exit code out. One file per command, one row in `main.COMMANDS`; nothing else imports typer."""
