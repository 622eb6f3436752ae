"""From the tables that build on each other to options: what one says goes below what the user gives."""

from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any, NamedTuple

from sse_cli.cli.merging import is_replaced, merge, outlasting, own_fields
from sse_cli.cli.options import Groups
from sse_cli.cli.ordered import KINDS, kind_of
from sse_cli.cli.toml.check import Setting
from sse_cli.cli.toml.file import TomlFile
from sse_cli.cli.toml.keys import Key
from sse_cli.cli.toml.places import KeyPath
from sse_cli.cli.toml.texts import is_json, json_text, texts

JOINED = ("headers",)


class Layer(NamedTuple):
    """What one table says. `text` puts in place what a text of a key refers to, `inner` what a string inside
    of JSON does; both are told where it stands, and raise `UsageError`.
    """

    file: TomlFile
    settings: Sequence[Setting]
    text: Callable[[Key, str, KeyPath], str]
    inner: Callable[[Key, str, KeyPath], str]

    def fill(self, key: Key, text: str, path: KeyPath) -> str:
        """Return a text of a key as it is to be used. Raises `UsageError`, with its place."""
        with self.file.at(path):
            return self.text(key, text, path)

    def json(self, setting: Setting) -> str:
        """Return the JSON text of a setting. Raises `UsageError`, with its place."""

        def fill(text: str, path: KeyPath) -> str:
            with self.file.at(path):
                return self.inner(setting.key, text, path)

        return json_text(setting.value, fill, setting.path)


def lay(layers: Iterable[Layer], groups: Groups, given: Collection[str]) -> tuple[str | None, Groups]:
    """Return the URL, if there is one, and the options; what comes first goes before the rest.

    `given` names options that are the user's own, be it with what they would hold anyway.
    Raises `UsageError`.
    """
    own = frozenset(given)
    url = None
    for layer in layers:
        own |= {field for group in groups for field in own_fields(group, own)}
        fields = _Fields(layer, own, groups.request.headers or []).all()
        groups = Groups(*(merge(group, fields, own, JOINED) for group in groups))
        own |= fields.keys()
        url = fields.get("url", url)
    return url, groups


class _Fields:
    """Makes fields of the groups of options out of settings, where `own` ones leave room for them.

    What only something that is replaced would need, as a variable, does not have to be there.
    """

    def __init__(self, layer: Layer, own: frozenset[str], own_headers: list[str]) -> None:
        self._layer = layer
        self._own = own
        self._own_headers = own_headers

    def all(self) -> dict[str, Any]:
        """Return the fields. Raises `UsageError`."""
        fields: dict[str, Any] = {}
        for setting in self._layer.settings:
            field = "data" if setting.key.field in KINDS else setting.key.field
            if field in JOINED or not is_replaced(field, self._own):
                value = self._value(setting)
                fields[field] = [*fields[field], *value] if field in fields else value
        return fields

    def _value(self, setting: Setting) -> Any:
        key, value, path = setting
        if key.kind in (bool, int):
            return value
        if is_json(key, value):
            made = [self._layer.json(setting)]
        else:
            pieces = [((*path, *inner), text) for inner, text in texts(key, value)]
            made = [
                self._layer.fill(key, text, inner)
                for inner, text in pieces
                if self._is_wanted(key.field, text)
            ]
        return made[0] if key.kind is str else list(map(kind_of(key.field), made))

    def _is_wanted(self, field: str, text: str) -> bool:
        return field != "headers" or bool(outlasting([text], self._own_headers, self._own))
