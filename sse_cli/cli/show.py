"""What is shown of a run, and where: the sinks of the chosen output, then the summary and the error."""

import os

import msgspec

from sse_cli.cli.options import ChoosingOptions, OutputOptions, color_names
from sse_cli.core.pipeline import Pipeline
from sse_cli.core.secrets import mask_url
from sse_cli.core.summary import Summary
from sse_cli.errors import SseError, UsageError
from sse_cli.session import Outcome
from sse_cli.sinks import OUTPUTS, make
from sse_cli.sinks.outlet import Outlet, ReaderGone, encode
from sse_cli.sinks.sink import Setting, Sink
from sse_cli.sinks.summary_file import SummaryFile
from sse_cli.sources.source import Source


class Show(msgspec.Struct, frozen=True, kw_only=True):
    """The options of output, settled for where the output goes."""

    out: Outlet
    err: Outlet
    output: str
    template: str | None
    fields: tuple[str, ...]
    show_all: bool
    color_out: bool
    color_err: bool
    quiet: bool
    verbose: bool

    @classmethod
    def of(cls, output: OutputOptions, choosing: ChoosingOptions, *, has_paths: bool) -> "Show":
        """Settle the options. Raises `UsageError`."""
        out, err = Outlet(1, "standard output"), Outlet(2, "standard error")
        if output.color not in color_names():
            raise UsageError(f"no such colour: {output.color}", f"There are {', '.join(color_names())}.")
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
            color_out=_has_color(output.color, out),
            color_err=_has_color(output.color, err),
            quiet=output.quiet,
            verbose=output.verbose,
        )
        show._check_fields()
        return show

    def sinks(self, pipeline: Pipeline, source: Source) -> list[Sink]:
        """Build the sinks. Raises `UsageError` for a template or a field that does not exist."""
        setting = Setting(
            out=self.out,
            err=self.err,
            pipeline=pipeline,
            method=source.method,
            url=mask_url(source.name),
            show_all=self.show_all,
            fields=self.fields,
            template=self.template,
            color=self.color_out,
        )
        sinks = [make(self.output, setting)]
        if self.verbose:
            from sse_cli.sinks.heads import HeadsSink

            sinks.insert(0, HeadsSink(setting, source.headers))
        return sinks

    def write_summary(self, summary: Summary) -> None:
        """Write the summary for people: below the table on its terminal, else on standard error."""
        from sse_cli.sinks.summary_text import format_summary

        below_table = self.output == "table" and self.out.is_terminal
        outlet, color = (self.out, self.color_out) if below_table else (self.err, self.color_err)
        outlet.write(encode(format_summary(summary, _width(outlet), color)))

    def _check_fields(self) -> None:
        if self.fields and self.output != "json":
            raise UsageError(
                f"--fields has no effect on -o {self.output}", "It chooses the fields of -o json."
            )


def tell(outcome: Outcome, show: Show, summary_file: SummaryFile) -> SseError | None:
    """Write the summary where it is wanted; return the error that is left to be told, if any."""
    summary, error = outcome.summary, outcome.error
    try:
        if not show.err.is_open:  # nobody is there to be told
            summary_file.write(summary)
        elif summary_file.to_stderr:
            show.err.write(summary_file.text(summary))
        else:
            # Where nothing came at all, the error says all there is to say.
            if not show.quiet and (error is None or summary.figures.events):
                show.write_summary(summary)
            summary_file.write(summary)
    except ReaderGone:
        return None
    except SseError as failure:
        return error or failure
    return error


def _has_color(when: str, outlet: Outlet) -> bool:
    if when != "auto":
        return when == "always"
    # An empty NO_COLOR counts as unset (no-color.org).
    return outlet.is_terminal and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def _width(outlet: Outlet) -> int:
    try:
        return os.get_terminal_size(outlet.fd).columns or 80
    except OSError:
        return 80
