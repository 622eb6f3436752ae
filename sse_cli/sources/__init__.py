"""Where chunks come from. A source is one connection or one file, and knows nothing of reconnecting."""
