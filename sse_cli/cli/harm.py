"""--fault and --seed, settled."""

from random import Random, SystemRandom
from typing import NamedTuple

from sse_cli.cli.options import FaultOptions
from sse_cli.core.faults.spec import Spec
from sse_cli.core.faults.table import read_faults
from sse_cli.errors import UsageError

_SEEDS = 1_000_000


class Harm(NamedTuple):
    """The faults that were asked for, and the seed of their chance."""

    faults: tuple[Spec, ...]
    seed: int

    @property
    def told(self) -> str:
        """What is told of the seed: nothing where none of the faults goes by chance."""
        return f"seed {self.seed}" if any(fault.kind.by_chance for fault in self.faults) else ""

    def chance(self) -> Random:
        """Return the chance of one run, the same for the same seed."""
        return Random(self.seed)


def read_harm(options: FaultOptions) -> Harm:
    """Read the options; a seed that is not given is made up. Raises `UsageError`."""
    faults = read_faults(options.faults or ())
    if options.seed is not None and not faults:
        raise UsageError("--seed is that of faults, and there are none", "Add --fault SPEC, or leave it out.")
    return Harm(faults, SystemRandom().randrange(_SEEDS) if options.seed is None else options.seed)
