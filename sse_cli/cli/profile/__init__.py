"""Requests that a user keeps under a name. `file` finds them, and `expand` puts one in place of `@name`."""
