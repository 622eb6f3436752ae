"""How a stream ended: evidence in, one verdict out."""

from collections.abc import Sequence

import msgspec

from sse_cli.errors import ExitCode


class Rank(msgspec.Struct, frozen=True):
    """A verdict's exit code, and when it is given."""

    exit_code: ExitCode
    when: str


VERDICTS: dict[str, Rank] = {
    "unreachable": Rank(ExitCode.UNREACHABLE, "no connection: name, TCP, TLS or proxy"),
    "refused": Rank(ExitCode.REFUSED, "the server answered with a status that is not 2xx"),
    "not-a-stream": Rank(
        ExitCode.REFUSED, "the answer is 2xx, but no stream; a JSON body is shown as one event"
    ),
    "interrupted": Rank(ExitCode.INTERRUPTED, "Ctrl-C"),
    "unwritten": Rank(ExitCode.OUTPUT, "the output could not be written, as on a full disk"),
    "failed": Rank(ExitCode.FAILED, "the stream itself carried an error"),
    "truncated": Rank(ExitCode.TRUNCATED, "the connection broke, or the end marker never came"),
    "timeout": Rank(ExitCode.TIMEOUT, "one of the time limits passed: connect, first event, idle or total"),
    "stopped": Rank(ExitCode.OK, "your own limit, --until, or the reader of the pipe ended it"),
    "empty": Rank(ExitCode.EMPTY, "it ended without a single event"),
    "incomplete": Rank(ExitCode.OK, "ended in good order, but the provider says that the answer is cut"),
    "complete": Rank(ExitCode.OK, "the end marker came or, where there is none, the server ended properly"),
}
"""Every verdict of a single run, the worst first: where several apply, the first one stands."""


class Verdict(msgspec.Struct, frozen=True):
    """The judgement of a run: its name, one of `VERDICTS`, and the reason in one sentence."""

    name: str
    reason: str

    @property
    def exit_code(self) -> ExitCode:
        """Return the exit code that goes with the verdict."""
        return VERDICTS[self.name].exit_code


class Evidence(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a run when it has ended.

    `ending` is one of `items.ENDINGS` or a verdict's own name for what kept the stream from beginning
    (`unreachable`, `refused`, `not-a-stream`); `detail` says more. `inside_event` is whether the last event
    was cut by the end. `marker_due` is whether the dialect ends every whole stream with a marker, and
    `finish_due` whether it gives a finish reason in each. `finish` is the last one, and `cut` whether it
    means a cut answer.
    """

    ending: str
    detail: str = ""
    events: int = 0
    inside_event: bool = False
    dialect: str | None = None
    marker_due: bool = False
    done: bool = False
    finish: str | None = None
    cut: bool = False
    finish_due: bool = False
    error: str | None = None


def judge(evidence: Evidence) -> Verdict:
    """Return the worst verdict that the evidence bears out."""
    found = _findings(evidence)
    return next(Verdict(name, found[name]) for name in VERDICTS if name in found)


def worst(verdicts: Sequence[Verdict]) -> Verdict:
    """Return the verdict that stands for several runs: Ctrl-C, which ended them all, else the worst."""
    order = list(VERDICTS)
    return min(
        verdicts,
        key=lambda it: (it.name != "interrupted", it.exit_code is ExitCode.OK, order.index(it.name)),
    )


def _findings(evidence: Evidence) -> dict[str, str]:
    """Return every verdict that applies, with its reason."""
    ending, detail = evidence.ending, evidence.detail
    found: dict[str, str] = {}
    if evidence.error is not None:
        found["failed"] = f"the stream carried an error: {evidence.error}"
    if ending == "cut" and not evidence.done:
        found["truncated"] = detail or "the connection broke"
    elif ending in VERDICTS:
        found[ending] = detail or VERDICTS[ending].when
    elif evidence.inside_event and not evidence.done and not (evidence.finish_due and evidence.finish):
        found["truncated"] = "the stream ended inside an event"
    elif not evidence.events and not evidence.done and evidence.finish is None:
        found["empty"] = "the stream ended without a single event"
    elif evidence.marker_due and not evidence.done:
        found["truncated"] = f"the stream ended without the end marker of {evidence.dialect}"
    elif evidence.finish_due and evidence.finish is None:
        found["truncated"] = f"the stream ended without the finish reason that {evidence.dialect} gives"
    elif evidence.cut:
        found["incomplete"] = f"the provider ended the answer early: {evidence.finish}"
    else:
        found["complete"] = _complete_reason(evidence)
    return found


def _complete_reason(evidence: Evidence) -> str:
    if evidence.done:
        return "the end marker came"
    end = evidence.detail or "the server ended the response"
    if evidence.finish is not None:
        return f"the answer finished ({evidence.finish}), and {end}"
    return end
