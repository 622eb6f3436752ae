"""Faults on demand: what may go wrong with a stream, as functions from a recording to a recording."""
