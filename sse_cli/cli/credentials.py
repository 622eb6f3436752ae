"""Who asks: the header Authorization, out of what the options, the URL and a netrc file give."""

import os
from base64 import b64encode
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from sse_cli.cli.options import RequestOptions
from sse_cli.errors import UsageError
from sse_cli.sources.request import read_secret

if TYPE_CHECKING:
    from sse_cli.sources.netrc import Entry


def authorization(options: RequestOptions, url: str, in_url: str | None) -> str | None:
    """Return the header's value, None for none; `in_url` are the credentials that the URL held.

    Raises `UsageError`.
    """
    if options.bearer is not None:
        return f"Bearer {read_secret(options.bearer)}"
    user = _user(options, url, in_url)
    return None if user is None else f"Basic {b64encode(user.encode('utf-8', 'surrogateescape')).decode()}"


def _user(options: RequestOptions, url: str, in_url: str | None) -> str | None:
    """Return `user:password`: as given or, where there is a part that is not, out of a netrc file."""
    given = options.user if options.user is not None else in_url
    if given is not None and ":" in given:
        return given
    wants_netrc = options.netrc or options.netrc_optional or options.netrc_file is not None
    if wants_netrc and (found := _netrc_entry(options, url, given)):
        return f"{found.user}:{found.password}"
    return None if given is None else f"{given}:"


def _netrc_entry(options: RequestOptions, url: str, user: str | None) -> "Entry | None":
    """Return what the netrc file holds for a URL's host. Raises `UsageError`."""
    from sse_cli.sources.netrc import find, netrc_path, read_netrc

    file = options.netrc_file or netrc_path(os.environ)
    try:
        return find(read_netrc(file), urlsplit(url).hostname or "", user)
    except OSError as error:
        if options.netrc_optional and isinstance(error, FileNotFoundError):
            return None
        raise UsageError(
            f"cannot read the netrc file {file}: {error.strerror}",
            "--netrc-file FILE names another; with --netrc-optional there may be none.",
        ) from error
