"""Checks: runs of streams that are held against what is expected of them."""
