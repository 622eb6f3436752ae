"""What the command line says beside a file of checks."""

import os
from collections.abc import Collection
from typing import NamedTuple

from sse_cli.cli.check_options import CheckOptions
from sse_cli.cli.options import Groups
from sse_cli.cli.toml.references import Lookup


class Wish(NamedTuple):
    """Options, which go before what the file says; `given` names those that stand on the command line.

    `lookup` gives variables of the environment.
    """

    groups: Groups = Groups()
    checking: CheckOptions = CheckOptions()
    given: Collection[str] = frozenset()
    lookup: Lookup = os.environ.get
