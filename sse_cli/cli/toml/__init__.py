"""Requests that are written in TOML: `file` reads such a file, `check` says what is wrong in it, and `fields`
lays what it says below the options that a user gives. What its tables may say is told by `words`."""
