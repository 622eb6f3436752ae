"""What the next request has otherwise than the first, so that a stream goes on where it broke off."""

import msgspec


class Resume(msgspec.Struct, frozen=True, kw_only=True):
    """How to ask for the rest. What is None or empty stays as it was in the first request.

    `url` may be relative to the first one's; `path` is put at its end, unless it ends so already; `query` and
    `headers` replace those of the same names. `dialect` names the one by whose rule this is, and `hint` what
    to try where the server refuses it; without them it is the same request, after an id. Unless the answer
    `goes_on`, it begins anew.
    """

    last_event_id: str = ""
    method: str | None = None
    url: str | None = None
    path: str = ""
    query: tuple[tuple[str, str], ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
    dialect: str = ""
    hint: str = ""
    goes_on: bool = True
