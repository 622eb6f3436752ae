"""Settings of the property tests."""

from hypothesis import settings

# An example may take any time: the machine may be busy with something else.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")
