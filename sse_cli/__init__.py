"""sse: watch, extract, time and judge Server-Sent Events and streamed HTTP responses.

The layers; imports point one way, from left to right:

    cli -> checking -> session -> sources, sinks -> text -> core -> errors
    cli -> reports -> text
    cli, testing -> server -> core
    testing -> session

core      what a stream means: bytes and times in, items out; no I/O, no clock, no async
text      text for people: made harmless, fitted to a terminal, painted
sources   where chunks come from: HTTP, files, standard input
sinks     what becomes of items: one file per output
reports   what checks came to, in words and in other programs' formats: one file per report
session   the one loop in which a source, the pipeline and the sinks meet; `stream` makes an iterator of it
checking  streams that are run, once or often, and held against what is expected of them
server    the mock server, which plays recordings
testing   the fixtures of `pytest_plugin`: a server and a recorder for tests of clients
cli       options in, exit code out
"""

__version__ = "0.1.0"
