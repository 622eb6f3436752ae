"""The embedded server: it plays tapes, which are responses with the time of each piece, over HTTP."""
