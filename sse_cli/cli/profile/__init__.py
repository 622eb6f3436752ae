"""Requests that a user keeps under a name. `file` finds and reads them, `check` says what is wrong in one,
`expand` puts one in place of `@name`."""
