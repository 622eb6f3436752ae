"""What a stream means. Nothing here does I/O, reads a clock or knows of async."""
