"""`--snapshot FILE`: how the runs of a check look is held against how earlier ones did, or kept for later."""

import os
from collections.abc import Iterator, Sequence

from sse_cli.core.expectations.judge import Finding, Judgement
from sse_cli.core.items import Item, Reading
from sse_cli.core.results import Outcome, Run
from sse_cli.core.snapshots.differences import Difference, compare, failing
from sse_cli.core.snapshots.observed import Observed, snapshot_of
from sse_cli.core.snapshots.recorder import SnapshotRecorder
from sse_cli.core.snapshots.snapshot import Snapshot
from sse_cli.core.summary import Summary
from sse_cli.sinks.outlet import OutputFailed
from sse_cli.sinks.snapshot_file import SnapshotFile

_UNENDED = ("stopped", "interrupted")
_FILE = "the snapshot"


class SnapshotSink:
    """Watches a run for a snapshot; when that is over, it has what it `observed`."""

    interval: float | None = None
    takes_streaks = False

    def __init__(self) -> None:
        self.observed: Observed | None = None
        self._recorder = SnapshotRecorder()

    def show(self, items: Sequence[Item]) -> None:
        """Take what one chunk completed."""
        for item in items:
            if type(item) is Reading:
                self._recorder.note(item)

    def tick(self, _now: float) -> None:
        """Do nothing."""

    def close(self, summary: Summary) -> None:
        """The run is over."""
        self.observed = self._recorder.observed(ended=summary.verdict.name not in _UNENDED)


class SnapshotTest:
    """Compares runs with a file, which the first good ones make, and with `update` any good ones.

    Raises `UsageError` for a file that is no snapshot, or cannot be one.
    """

    def __init__(self, name: str, *, update: bool = False) -> None:
        self.name = name
        self._file = SnapshotFile(name)
        self._text = f"snapshot {os.path.basename(name)}"
        self._old = self._file.read() if self._file.exists and not update else None

    def judge(self, runs: Sequence[Run]) -> Iterator[Judgement]:
        """Give what is to be told of runs: nothing if all were ended before their time.

        Raises nothing: a file that cannot be written is a judgement too.
        """
        counted = [run for run in runs if not run.retried]
        seen = [run.observed for run in counted if run.observed is not None and run.outcome in _JUDGED]
        if not seen:
            return
        new = snapshot_of(seen)
        if self._old is not None:
            yield self._compared(self._old, new)
        elif all(run.outcome is Outcome.PASSED for run in counted):
            yield self._kept(new)

    def _compared(self, old: Snapshot, new: Snapshot) -> Judgement:
        differences = compare(old, new)
        findings = [_finding(each) for each in differences]
        if not failing(differences):
            said = "; ".join(f"{finding.claim} {finding.seen}" for finding in findings)
            return self._judgement(True, said or "no difference")
        findings.sort(key=lambda finding: bool(finding.holds))
        return Judgement(self._text, _FILE, False, tuple(findings))

    def _kept(self, new: Snapshot) -> Judgement:
        try:
            self._file.write(new)
        except OutputFailed as error:
            return self._judgement(False, error.message)
        kinds = len(new.events)
        return self._judgement(True, f"written: {kinds} kind{'s' if kinds != 1 else ''} of events")

    def _judgement(self, holds: bool, said: str) -> Judgement:
        return Judgement(self._text, _FILE, holds, (Finding(claim=_FILE, holds=holds, seen=said),))


_JUDGED = (Outcome.PASSED, Outcome.FAILED)


def _finding(difference: Difference) -> Finding:
    place = f"{difference.kind} {difference.path}".rstrip()
    words = " → ".join(filter(None, (difference.was, difference.now)))
    seen = f"{difference.change.value}: {words}"
    return Finding(claim=place, holds=not difference.is_breaking, seen=seen)
