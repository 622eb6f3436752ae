"""How a server is reached and whom to trust on the way, as a value; what each part does is in `dialer`."""

import msgspec


class Route(msgspec.Struct, frozen=True, kw_only=True):
    """One way for all connections of a run.

    `insecure` takes any certificate. `cacert`, `cert` and `key` name PEM files: the authorities to trust in
    place of the system's, and the client's own certificate with its key; without `key` it is in `cert`.
    """

    insecure: bool = False
    cacert: str | None = None
    cert: str | None = None
    key: str | None = None


DIRECT = Route()
"""Nothing special: the system's resolver, and the authorities that the system trusts."""
