"""Where the stream of a check is, and with what options it is read."""

import os
from collections.abc import Callable
from typing import NamedTuple

from sse_cli.cli import build
from sse_cli.cli.options import Groups, ReconnectingOptions, RequestOptions
from sse_cli.cli.profile.expand import layer as layer_of_profile
from sse_cli.cli.spec import captured
from sse_cli.cli.spec.file import SpecFile
from sse_cli.cli.spec.filling import NOT_YET, Filling
from sse_cli.cli.spec.offline import missing, recording_of
from sse_cli.cli.spec.tables import Table, said
from sse_cli.cli.spec.wish import Wish
from sse_cli.cli.toml.check import Setting
from sse_cli.cli.toml.fields import Layer, lay
from sse_cli.cli.toml.places import KeyPath
from sse_cli.cli.toml.references import Lookup


class Stream(NamedTuple):
    """A URL or a file, and the options for it."""

    where: str
    groups: Groups


class Asking(NamedTuple):
    """How the tables of a check, and the command line before them, come to a stream."""

    file: SpecFile
    tables: list[Table]
    wish: Wish

    def filling(self, value_of: Callable[[str], str], lookup: Lookup | None = None) -> Filling:
        """Return what puts captured values in place, and variables of the environment or of `lookup`."""
        return Filling(os.path.dirname(self.file.path), lookup or self.wish.lookup, value_of)

    def trial(self) -> Filling:
        """Return what puts something in place where nothing is captured yet, and variables may not be set."""
        return self.filling(lambda _: NOT_YET, lambda name: self.wish.lookup(name) or "unset")

    def stream(self, filling: Filling) -> Stream:
        """Return the stream. Raises `UsageError`.

        A file is asked for nothing: what only a request can use is left out where it is meant for others too.
        """
        recording = self._recording
        where = recording or self._where(filling)
        groups, layers = self.wish.groups, [_layer(table, filling, self.wish) for table in self.tables]
        if build.is_file(where):
            if recording is None:
                _refuse_request(self.tables[0], where)
            request = RequestOptions(last_event_id=groups.request.last_event_id)
            groups = groups._replace(request=request, reconnecting=ReconnectingOptions())
            layers = [layer._replace(settings=[*filter(_suits_files, layer.settings)]) for layer in layers]
        return Stream(where, lay(layers, groups, self.wish.given)[1])

    def check_offline(self) -> None:
        """Raise `UsageError` where a recording is wanted, and there is none."""
        folder = self.wish.checking.offline
        if folder is not None and not build.is_file(self.stream(self.trial()).where):
            with self.file.at((self.name,)):
                raise missing(folder, self.name)

    @property
    def name(self) -> str:
        """The name of the check."""
        return self.tables[0].name

    @property
    def shown(self) -> str:
        """The URL or file for people: what is captured stands there by its name."""
        filling = self.filling("{{{{{}}}}}".format)
        return self._recording or self._where(filling, encode=lambda value, _: value)

    @property
    def place(self) -> KeyPath:
        """Where in the file of checks it is said where the stream is; the check itself, if elsewhere."""
        table, setting = self._url
        return setting.path if table.file is self.file else (self.name,)

    @property
    def _recording(self) -> str | None:
        folder = self.wish.checking.offline
        return recording_of(folder, self.name) if folder is not None else None

    @property
    def _url(self) -> tuple[Table, Setting]:
        found = said(self.tables, "url")
        assert found is not None, "that there is one is checked"
        return found

    def _where(self, filling: Filling, encode: captured.Put = captured.in_url) -> str:
        table, (key, value, path) = self._url
        if not isinstance(table.file, SpecFile):
            return _layer(table, filling, self.wish).fill(key, value, path)
        with table.file.at(path):
            return filling.source(value, path, encode)


def _layer(table: Table, filling: Filling, wish: Wish) -> Layer:
    if isinstance(table.file, SpecFile):
        options = [setting for setting in table.settings if setting.key.group]
        return Layer(table.file, options, filling.text, filling.inner)
    # Of a profile, what is shown of a stream means nothing here.
    settings = [setting for setting in table.settings if setting.key.group not in ("", "choosing", "output")]
    return layer_of_profile(table.file, settings, wish.lookup)


def _suits_files(setting: Setting) -> bool:
    key = setting.key
    return key.group not in ("request", "reconnecting") or key.name == "last-event-id"


def _refuse_request(own: Table, where: str) -> None:
    """Refuse what a check of a file says of a request itself, unless it may be of a URL another time."""
    url = own.find("url")
    if url is not None and not captured.is_open(url.value):
        for setting in own.settings:
            if not _suits_files(setting):
                seen = f"{setting.path[1]} has no effect: {where} is a file"
                raise own.file.wrong(setting.path, seen, "Leave it out, or give a URL.")
