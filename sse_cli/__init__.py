"""sse: watch, extract, time and judge Server-Sent Events and streamed HTTP responses.

The layers; imports point one way, from left to right:

    cli, testing -> server, session -> sources, sinks -> core -> errors

core      what a stream means: bytes and times in, items out; no I/O, no clock, no async
sources   where chunks come from: HTTP, files, standard input
sinks     what becomes of items: one file per output
session   the one loop in which a source, the pipeline and the sinks meet; `stream` makes an iterator of it
server    the mock server, which plays recordings
testing   the fixtures of `pytest_plugin`: a server and a recorder for tests of clients
cli       options in, exit code out
"""

__version__ = "0.1.0"
