"""What the fixtures of `pytest_plugin` do: serve a tape in a thread of its own, and record a stream."""
