"""Files of checks: streams, and what is expected of each. `reading` finds all that is wrong in one, and
`loading` makes checks of it, which can be run."""
