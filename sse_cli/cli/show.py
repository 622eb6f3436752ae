"""What is shown of a run, and where: the sinks of the chosen output, then the summary and the error."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from sse_cli.cli.main import report
from sse_cli.cli.options import ChoosingOptions, OutputOptions, color_names
from sse_cli.core.pipeline import Pipeline
from sse_cli.core.secrets import mask_url
from sse_cli.core.summary import Summary
from sse_cli.errors import ExitCode, SseError, UsageError
from sse_cli.session import READER_GONE, Outcome
from sse_cli.sinks import OUTPUTS, make, make_all
from sse_cli.sinks.outlet import Outlet, ReaderGone, encode
from sse_cli.sinks.sink import Setting, Sink
from sse_cli.sinks.summary_file import SummaryFile
from sse_cli.sinks.writer import Writer
from sse_cli.sources.source import Source

if TYPE_CHECKING:  # only for who asks for it
    from sse_cli.sinks.hooks import Commands

_ONLY_FOR = {
    "--fields": ({"json"}, "It chooses the fields of -o json."),
    "--reasoning": ({"text"}, "It adds reasoning to -o text; -o json and -o table show it anyway."),
    "--choice": (
        {"text", "table"},
        "It chooses the text of -o text, and of the live table; -o json keeps every choice.",
    ),
}
"""Options that only some outputs heed, which, and what is said to others."""


class Writers(NamedTuple):
    """The thread that writes, and the one that runs the user's commands, if there are any."""

    output: Writer
    hooks: Writer | None


class Stream(NamedTuple):
    """What is read and how. `name` is what the user calls it; `label` is short, and for one of several."""

    source: Source
    pipeline: Pipeline
    name: str
    label: str = ""


class Show(msgspec.Struct, frozen=True, kw_only=True):
    """The options of output, settled for where the output goes."""

    out: Outlet
    err: Outlet
    output: str
    template: str | None
    fields: tuple[str, ...]
    show_all: bool
    reasoning: bool
    choice: int | None
    color_out: bool
    color_err: bool
    quiet: bool
    verbose: bool
    hooks: "Commands | None"
    record: str | None

    @classmethod
    def of(cls, output: OutputOptions, choosing: ChoosingOptions, *, has_paths: bool) -> "Show":
        """Settle the options. Raises `UsageError`."""
        out, err = Outlet(1, "standard output"), Outlet(2, "standard error")
        name = "template" if output.template is not None else output.output
        if name is None:
            name = "table" if out.is_terminal else ("lines" if has_paths else "data")
        elif output.template is not None and output.output is not None:
            raise UsageError("both -o and -f say what to print", "Give one of them.")
        elif name != "template" and name not in OUTPUTS:
            raise UsageError(f"no such output: {name}", f"The outputs are {', '.join(OUTPUTS)}.")
        show = cls(
            out=out,
            err=err,
            output=name,
            template=output.template,
            fields=tuple(field.strip() for field in choosing.fields.split(",")) if choosing.fields else (),
            show_all=choosing.show_all,
            reasoning=output.reasoning,
            choice=choosing.choice,
            color_out=has_color(output.color, out),
            color_err=has_color(output.color, err),
            quiet=output.quiet,
            verbose=output.verbose,
            hooks=_hooks(output),
            record=output.record,
        )
        show._check_effects(has_paths=has_paths)
        return show

    @contextmanager
    def writing(self) -> Iterator[Writers]:
        """Leave what the sinks write to a writer, for as long as the stream is read."""
        writer = Writer()
        self.out.writer = self.err.writer = writer
        try:
            yield Writers(writer, _hooks_thread() if self.hooks is not None else None)
        finally:
            self.out.writer = self.err.writer = None

    def sinks(self, streams: Sequence["Stream"], writers: Writers) -> Sequence[list[Sink]]:
        """Build the sinks of each. Raises `UsageError` for a template or a field that does not exist."""
        settings = [self._setting(stream) for stream in streams]
        shown = [make(self.output, settings[0])] if len(streams) == 1 else make_all(self.output, settings)
        sinks = [[sink] for sink in shown]
        if self.verbose:
            from sse_cli.sinks.heads import HeadsSink

            for own, setting in zip(sinks, settings, strict=True):
                own.insert(0, HeadsSink(setting))
        if self.record is not None:
            for own, stream, name in zip(sinks, streams, _numbered(self.record, len(streams)), strict=True):
                own.insert(0, _recording(name, stream, writers.output))
        if self.hooks is not None and writers.hooks is not None:
            from sse_cli.sinks.hooks import HooksSink

            for own, setting in zip(sinks, settings, strict=True):
                own.append(HooksSink(self.hooks, setting, writers.hooks, report))
        return sinks

    def _setting(self, stream: "Stream") -> Setting:
        return Setting(
            out=self.out,
            err=self.err,
            pipeline=stream.pipeline,
            method=stream.source.method,
            url=mask_url(stream.source.name),
            source=mask_url(stream.name),
            label=stream.label,
            show_all=self.show_all,
            fields=self.fields,
            template=self.template,
            color=self.color_out,
            color_err=self.color_err,
            reasoning=self.reasoning,
            choice=self.choice,
        )

    @property
    def is_live(self) -> bool:
        """Whether a table is drawn on a terminal, below which the summary then stands."""
        return self.output == "table" and self.out.is_terminal

    @property
    def tells_waits(self) -> bool:
        """Whether a wait between two connections is worth a line: the live table has a row for it."""
        return self.err.is_open and not (self.quiet or self.is_live)

    def write_summary(self, summary: Summary, label: str = "") -> None:
        """Write the summary for people: below the table on its terminal, else on standard error.

        A `label` stands above it, where there are several.
        """
        from sse_cli.sinks.summary_text import format_summary

        outlet, color = (self.out, self.color_out) if self.is_live else (self.err, self.color_err)
        # The table leaves room for so many lines, and shows the calls itself.
        text = format_summary(
            summary, width_of(outlet), color, whole_calls=not self.is_live, all_attempts=self.verbose
        )
        outlet.write(encode((f"{label}\n" if label else "") + text))

    def _check_effects(self, *, has_paths: bool) -> None:
        """Refuse options that would do nothing here. Raises `UsageError`."""
        given = {
            "--fields": bool(self.fields),
            "--reasoning": self.reasoning,
            "--choice": self.choice is not None,
        }
        for option, (outputs, hint) in _ONLY_FOR.items():
            if not given[option]:
                continue
            if not self.out.is_terminal:
                outputs = outputs - {"table"}  # in a pipe, the table's rows tell every choice apart
            if self.output not in outputs:
                raise UsageError(f"{option} has no effect on {self._output_as_asked}", hint)
            if has_paths and option != "--fields":
                raise UsageError(f"{option} has no effect where -p says what the text is", "Leave one out.")

    @property
    def _output_as_asked(self) -> str:
        return "-f" if self.template is not None else f"-o {self.output}"


def tell(outcome: Outcome, show: Show, summary_file: SummaryFile) -> SseError | None:
    """Write the summary where it is wanted; return what is left to be told as an error, if anything."""
    try:
        left = None if summary_file.to_stderr else tell_people(outcome, show)
        summary_file.write(outcome.summary.as_dict(), show.err)
    except ReaderGone:
        return None
    except SseError as failure:
        return outcome.error or failure
    return left_to_tell(outcome, is_told=False) if summary_file.to_stderr else left


def tell_people(outcome: Outcome, show: Show, label: str = "") -> SseError | None:
    """Write the summary for people, unless nobody wants it; return what is left to be told as an error."""
    is_told = show.err.is_open and not show.quiet and _is_worth_telling(outcome.summary, outcome.error)
    if is_told:
        show.write_summary(outcome.summary, label)
    return left_to_tell(outcome, is_told=is_told)


def _is_worth_telling(summary: Summary, error: SseError | None) -> bool:
    """Tell whether people want the summary: not if nothing came, which the error says; not after `| head`."""
    return summary.verdict.reason != READER_GONE and (error is None or summary.figures.events > 0)


def left_to_tell(outcome: Outcome, *, is_told: bool) -> SseError | None:
    """Return what the summary, if it was told, has not said: nothing is said twice, every verdict once."""
    verdict, error = outcome.summary.verdict, outcome.error
    if is_told:
        if error is None or error.message != verdict.reason:
            return error
        return SseError(error.hint, exit_code=error.exit_code) if error.hint else None
    if error is None:
        if verdict.exit_code in (ExitCode.OK, ExitCode.INTERRUPTED):
            return None
        return SseError(f"{verdict.name}: {verdict.reason}", exit_code=verdict.exit_code)
    if verdict.name in error.message or verdict.name == "not-a-stream":
        return error
    return SseError(f"{verdict.name}: {error.message}", error.hint, error.exit_code)


def _hooks(output: OutputOptions) -> "Commands | None":
    commands = (output.on_message, output.on_error, output.on_close)
    if commands == (None, None, None):
        return None
    from sse_cli.sinks.hooks import Commands

    return Commands(*commands)


def _recording(name: str, stream: Stream, writer: Writer) -> Sink:
    """Return the sink that records a stream to a file. Raises `UsageError`."""
    from sse_cli.sinks.recording import RecordFile, RecordingSink

    if os.path.exists(name) and os.path.exists(stream.name) and os.path.samefile(name, stream.name):
        raise UsageError(f"--record {name} would overwrite what is played", "Give another file.")
    file = RecordFile(name)
    file.writer = writer
    return RecordingSink(file, stream.pipeline, stream.source.asked)


def _numbered(name: str, count: int) -> Sequence[str]:
    """Return the name or, for several sources, one for each: `a.rec.gz` is `a.1.rec.gz` and so on."""
    if count == 1:
        return [name]
    folder, base = os.path.split(name)
    stem, dot, ending = base.partition(".")
    return [os.path.join(folder, f"{stem}.{number}{dot}{ending}") for number in range(1, count + 1)]


def _hooks_thread() -> Writer:
    return Writer(yields=False)  # commands would inherit that they come last


def has_color(when: str, outlet: Outlet) -> bool:
    """Tell whether what goes to an outlet is coloured. Raises `UsageError` for an unknown `when`."""
    if when not in color_names():
        raise UsageError(f"no such colour: {when}", f"There are {', '.join(color_names())}.")
    if when != "auto":
        return when == "always"
    # An empty NO_COLOR counts as unset (no-color.org).
    return outlet.is_terminal and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def width_of(outlet: Outlet) -> int:
    """Return the columns of a terminal; 80 where it is none."""
    try:
        return os.get_terminal_size(outlet.fd).columns or 80
    except OSError:
        return 80
