"""The options that commands share, in groups. A command takes whole groups; `spread` lays them out for typer.

Options keep curl's letters where curl has them, since that is what people's fingers know. Names that are
looked up in a table (outputs, formats, dialects) are checked where the table is, so that `--help` and
completion read the tables and starting a command does not. Groups are named tuples, which are made in a third
of the time of dataclasses.
"""

import inspect
from collections.abc import Callable, Collection
from copy import copy
from functools import wraps
from typing import Annotated, Any, NamedTuple, get_args, get_type_hints

import typer

from sse_cli.cli.option import complete as _complete
from sse_cli.cli.option import option as _option

REQUEST, READING, STOPPING, CHOOSING, OUTPUT = "Request", "Reading", "Stopping", "Choosing", "Output"
RECONNECTING, FAULTS = "Reconnecting", "Faults"


def output_names() -> list[str]:
    """Return the names that -o takes."""
    from sse_cli.sinks import OUTPUTS

    return list(OUTPUTS)


def format_names() -> list[str]:
    """Return the names that --decode takes."""
    from sse_cli.core.wire.choose import DECODERS

    return ["auto", *DECODERS]


def dialect_names() -> list[str]:
    """Return the names that --dialect takes."""
    from sse_cli.cli.own_dialects import all_names
    from sse_cli.core.dialects.recognise import RESERVED

    return [*RESERVED, *all_names()]


def metrics_names() -> list[str]:
    """Return the names that --metrics takes."""
    from sse_cli.core.metrics import METRICS

    return list(METRICS)


def fault_names() -> list[str]:
    """Return how each fault that --fault takes begins."""
    from sse_cli.core.faults.table import FAULTS

    return list(FAULTS)


def color_names() -> list[str]:
    """Return the names that --color takes."""
    return ["auto", "always", "never"]


class RequestOptions(NamedTuple):
    """What is sent."""

    method: Annotated[
        str | None,
        _option("-X", "--request", panel=REQUEST, metavar="METHOD", text="Method (GET, or POST with data)."),
    ] = None
    headers: Annotated[
        list[str] | None,
        _option(
            "-H", "--header", panel=REQUEST, metavar="HEADER", text="'Name: value', or @file. Repeatable."
        ),
    ] = None
    data: Annotated[
        list[str] | None,
        _option(
            "-d",
            "--data",
            panel=REQUEST,
            metavar="DATA",
            text="Body: text, @file or @- for stdin. Several are joined with &.",
        ),
    ] = None
    data_raw: Annotated[
        list[str] | None,
        _option("--data-raw", panel=REQUEST, metavar="DATA", text="As -d, but @ means nothing."),
    ] = None
    data_binary: Annotated[
        list[str] | None,
        _option("--data-binary", panel=REQUEST, metavar="DATA", text="As -d, and @file byte for byte."),
    ] = None
    data_urlencode: Annotated[
        list[str] | None,
        _option(
            "--data-urlencode",
            panel=REQUEST,
            metavar="DATA",
            text="As -d, encoded: text, =text, NAME=text, @file, NAME@file.",
        ),
    ] = None
    get: Annotated[
        bool, _option("-G", "--get", panel=REQUEST, text="Send data in the URL's query, with GET.")
    ] = False
    form: Annotated[
        list[str] | None,
        _option(
            "-F",
            "--form",
            panel=REQUEST,
            metavar="NAME=CONTENT",
            text="Form in parts: NAME=text, NAME=@file (a file) or NAME=<file. Repeatable.",
        ),
    ] = None
    json: Annotated[
        str | None,
        _option("--json", panel=REQUEST, metavar="DATA", text="Body sent as JSON: text, @file or @-."),
    ] = None
    user: Annotated[
        str | None,
        _option("-u", "--user", panel=REQUEST, metavar="USER:PASSWORD", text="Basic authorization."),
    ] = None
    bearer: Annotated[
        str | None,
        _option("--bearer", panel=REQUEST, metavar="TOKEN", text="Bearer token: itself, env:NAME or @file."),
    ] = None
    netrc: Annotated[
        bool, _option("--netrc", panel=REQUEST, text="User and password out of ~/.netrc, or $NETRC.")
    ] = False
    netrc_file: Annotated[
        str | None, _option("--netrc-file", panel=REQUEST, metavar="FILE", text="The same, out of FILE.")
    ] = None
    netrc_optional: Annotated[
        bool, _option("--netrc-optional", panel=REQUEST, text="The same, if there is such a file.")
    ] = False
    cookies: Annotated[
        list[str] | None,
        _option(
            "-b", "--cookie", panel=REQUEST, metavar="DATA|FILE", text="'NAME=VALUE; …', or a Netscape file."
        ),
    ] = None
    user_agent: Annotated[
        str | None,
        _option("-A", "--user-agent", panel=REQUEST, metavar="NAME", text="User-Agent; empty for none."),
    ] = None
    referer: Annotated[
        str | None, _option("-e", "--referer", panel=REQUEST, metavar="URL", text="Referer.")
    ] = None
    compressed: Annotated[
        bool, _option("--compressed", panel=REQUEST, text="Ask for a compressed answer.")
    ] = False
    last_event_id: Annotated[
        str, _option("--last-event-id", panel=REQUEST, metavar="ID", text="Resume after this event.")
    ] = ""
    insecure: Annotated[
        bool, _option("-k", "--insecure", panel=REQUEST, text="Accept any TLS certificate.")
    ] = False
    cacert: Annotated[
        str | None,
        _option("--cacert", panel=REQUEST, metavar="FILE", text="Trust these authorities (PEM) instead."),
    ] = None
    cert: Annotated[
        str | None,
        _option("--cert", panel=REQUEST, metavar="FILE", text="Client certificate (PEM), or it and its key."),
    ] = None
    key: Annotated[
        str | None, _option("--key", panel=REQUEST, metavar="FILE", text="Key of the certificate (PEM).")
    ] = None
    unix_socket: Annotated[
        str | None,
        _option(
            "--unix-socket", panel=REQUEST, metavar="PATH", text="Connect to this socket, not to the host."
        ),
    ] = None
    resolve: Annotated[
        list[str] | None,
        _option(
            "--resolve",
            panel=REQUEST,
            metavar="HOST:PORT:ADDRESS",
            text="Take this address for a host (* for all). Repeatable.",
        ),
    ] = None
    ipv4: Annotated[bool, _option("-4", "--ipv4", panel=REQUEST, text="IPv4 addresses alone.")] = False
    ipv6: Annotated[bool, _option("-6", "--ipv6", panel=REQUEST, text="IPv6 addresses alone.")] = False
    interface: Annotated[
        str | None,
        _option(
            "--interface", panel=REQUEST, metavar="NAME|ADDRESS", text="Device or address to go out from."
        ),
    ] = None
    proxy: Annotated[
        str | None,
        _option(
            "-x",
            "--proxy",
            panel=REQUEST,
            metavar="URL",
            text="http://, https://, socks5h:// or another ('' for none).",
        ),
    ] = None
    proxy_user: Annotated[
        str | None,
        _option("-U", "--proxy-user", panel=REQUEST, metavar="USER:PASSWORD", text="Who asks the proxy."),
    ] = None
    proxy_insecure: Annotated[
        bool, _option("--proxy-insecure", panel=REQUEST, text="Accept any TLS certificate of the proxy.")
    ] = False
    proxy_cacert: Annotated[
        str | None,
        _option(
            "--proxy-cacert",
            panel=REQUEST,
            metavar="FILE",
            text="Trust these for the proxy (PEM).",
        ),
    ] = None
    noproxy: Annotated[
        str | None,
        _option(
            "--noproxy", panel=REQUEST, metavar="HOST,…", text="Hosts to ask without a proxy (* for all)."
        ),
    ] = None
    http2: Annotated[
        bool, _option("--http2", panel=REQUEST, text="HTTP/2 for https, if the server takes it.")
    ] = False
    http2_prior_knowledge: Annotated[
        bool,
        _option("--http2-prior-knowledge", panel=REQUEST, text="HTTP/2, also for http, without asking."),
    ] = False
    no_location: Annotated[bool, _option("--no-location", panel=REQUEST, text="Do not follow redirects.")] = (
        False
    )
    max_redirs: Annotated[
        int | None,
        _option(
            "--max-redirs",
            panel=REQUEST,
            metavar="N",
            min=-1,
            text="Follow so many redirects (20); -1 for no limit.",
        ),
    ] = None

    from_curl: Annotated[
        str | None,
        _option(
            "--from-curl",
            panel=REQUEST,
            metavar="COMMAND",
            text="Ask what 'curl …' asks: a whole command, @file or @-.",
        ),
    ] = None
    as_curl: Annotated[
        bool, _option("--as-curl", panel=REQUEST, text="Print the curl command that asks the same, and exit.")
    ] = False
    show_secrets: Annotated[
        bool, _option("--show-secrets", panel=REQUEST, text="Do not mask secrets in --as-curl.")
    ] = False


class ReadingOptions(NamedTuple):
    """How the answer is read."""

    decode: Annotated[
        str,
        _option(
            "--decode",
            panel=READING,
            metavar="FORMAT",
            autocompletion=_complete(format_names),
            text="auto (default), sse, ndjson, json-array, text (chunks) or lines.",
        ),
    ] = "auto"
    dialect: Annotated[
        str,
        _option(
            "--dialect",
            panel=READING,
            metavar="NAME|FILE",
            autocompletion=_complete(dialect_names),
            text="auto (default), none, a name of sse dialects, or FILE.toml.",
        ),
    ] = "auto"
    metrics: Annotated[
        str,
        _option(
            "--metrics",
            panel=READING,
            metavar="NAME",
            autocompletion=_complete(metrics_names),
            text="Whose rules first_content, itl, tpot, gap keep: aiperf (default), vllm, guidellm.",
        ),
    ] = "aiperf"
    speed: Annotated[
        str | None,
        _option(
            "--speed", panel=READING, metavar="N", text="Play a recording N times as fast; 0 is at once (1)."
        ),
    ] = None
    max_event_bytes: Annotated[
        str,
        _option("--max-event-bytes", panel=READING, metavar="SIZE", text="Bound on one event (64MiB)."),
    ] = "64MiB"


class StoppingOptions(NamedTuple):
    """When to stop."""

    max_events: Annotated[
        int | None,
        _option("-n", "--max-events", panel=STOPPING, metavar="N", min=1, text="Stop after N chosen events."),
    ] = None
    max_bytes: Annotated[
        str | None, _option("--max-bytes", panel=STOPPING, metavar="SIZE", text="Stop after so many bytes.")
    ] = None
    until: Annotated[
        str | None,
        _option(
            "--until", panel=STOPPING, metavar="EXPR", text="Stop after an event like \"event == 'end'\"."
        ),
    ] = None
    connect_timeout: Annotated[
        str, _option("--connect-timeout", panel=STOPPING, metavar="TIME", text="Wait to connect (30s).")
    ] = "30s"
    first_timeout: Annotated[
        str | None,
        _option("--first-timeout", panel=STOPPING, metavar="TIME", text="Wait for the first event."),
    ] = None
    idle_timeout: Annotated[
        str | None,
        _option(
            "--idle-timeout", panel=STOPPING, metavar="TIME", text="Wait for the next; pings do not count."
        ),
    ] = None
    idle_bytes: Annotated[
        bool, _option("--idle-bytes", panel=STOPPING, text="Let any byte count for --idle-timeout.")
    ] = False
    max_time: Annotated[
        str | None, _option("--max-time", panel=STOPPING, metavar="TIME", text="Wait for the end of it all.")
    ] = None


class ReconnectingOptions(NamedTuple):
    """Whether to ask again, and from where."""

    reconnect: Annotated[
        bool,
        _option("-r", "--reconnect", panel=RECONNECTING, text="Ask again at the end, as EventSource does."),
    ] = False
    retries: Annotated[
        int | None,
        _option(
            "--retries", panel=RECONNECTING, metavar="N", min=0, text="Failures in a row to forgive (5)."
        ),
    ] = None
    retry_delay: Annotated[
        str | None,
        _option("--retry-delay", panel=RECONNECTING, metavar="TIME", text="Wait, unless told retry: (1s)."),
    ] = None
    reconnect_post: Annotated[
        bool,
        _option("--reconnect-post", panel=RECONNECTING, text="Repeat a POST too, which may cost money."),
    ] = False
    state: Annotated[
        str | None,
        _option("--state", panel=RECONNECTING, metavar="FILE", text="Keep the last id over runs."),
    ] = None


class ChoosingOptions(NamedTuple):
    """What of it is wanted."""

    paths: Annotated[
        list[str] | None,
        _option(
            "-p",
            "--path",
            panel=CHOOSING,
            metavar="[NAME=]JSONPATH",
            text="Extract from the data. Repeatable.",
        ),
    ] = None
    where: Annotated[
        list[str] | None,
        _option("--where", panel=CHOOSING, metavar="EXPR", text='Only events like "$.usage exists".'),
    ] = None
    events: Annotated[
        list[str] | None,
        _option("--event", panel=CHOOSING, metavar="NAME", text="Only events of this type. Repeatable."),
    ] = None
    fields: Annotated[
        str | None,
        _option("--fields", panel=CHOOSING, metavar="A,B,…", text="Fields of -o json, in this order."),
    ] = None
    choice: Annotated[
        int | None,
        _option(
            "--choice",
            panel=CHOOSING,
            metavar="N",
            min=0,
            text="Of several choices, the one whose text is shown (0).",
        ),
    ] = None
    show_all: Annotated[
        bool, _option("-a", "--all", panel=CHOOSING, text="Comments, anomalies, opens and closes too.")
    ] = False


class OutputOptions(NamedTuple):
    """What is shown, and where."""

    output: Annotated[
        str | None,
        _option(
            "-o",
            "--output",
            panel=OUTPUT,
            metavar="NAME",
            autocompletion=_complete(output_names),
            text="table, text, lines, data, json, raw, sse or none (default: table; in a pipe data).",
        ),
    ] = None
    template: Annotated[
        str | None,
        _option(
            "-f", "--format", panel=OUTPUT, metavar="TEMPLATE", text="A line per event: '{n} {event} {data}'."
        ),
    ] = None
    reasoning: Annotated[
        bool, _option("--reasoning", panel=OUTPUT, text="With -o text, reasoning goes to stdout as well.")
    ] = False
    summary: Annotated[
        str | None,
        _option("--summary", panel=OUTPUT, metavar="FILE", text="Write the summary as JSON; - for stderr."),
    ] = None
    record: Annotated[
        str | None,
        _option(
            "--record",
            panel=OUTPUT,
            metavar="FILE",
            text="Keep the stream with its times, to be played again (.gz, .zst).",
        ),
    ] = None
    on_message: Annotated[
        str | None,
        _option(
            "--on-message",
            panel=OUTPUT,
            metavar="CMD",
            text="Run for each event: data on stdin, $SSE_EVENT, $SSE_ID.",
        ),
    ] = None
    on_error: Annotated[
        str | None,
        _option("--on-error", panel=OUTPUT, metavar="CMD", text="Run for each error: $SSE_ERROR."),
    ] = None
    on_close: Annotated[
        str | None,
        _option(
            "--on-close",
            panel=OUTPUT,
            metavar="CMD",
            text="Run at the end: summary on stdin, $SSE_VERDICT.",
        ),
    ] = None
    color: Annotated[
        str,
        _option(
            "--color",
            panel=OUTPUT,
            metavar="WHEN",
            autocompletion=_complete(color_names),
            text="auto (default), always or never.",
        ),
    ] = "auto"
    quiet: Annotated[bool, _option("-q", "--quiet", panel=OUTPUT, text="No summary; errors only.")] = False
    verbose: Annotated[
        bool, _option("-v", "--verbose", panel=OUTPUT, text="Show both heads on stderr, secrets masked.")
    ] = False


class FaultOptions(NamedTuple):
    """What is to go wrong on purpose."""

    faults: Annotated[
        list[str] | None,
        _option(
            "--fault",
            panel=FAULTS,
            metavar="NAME[@N][:VALUE]",
            autocompletion=_complete(fault_names),
            text="Do harm, as drop@10; sse serve --faults lists them. Repeatable, in order.",
        ),
    ] = None
    seed: Annotated[
        int | None,
        _option("--seed", panel=FAULTS, metavar="N", text="Of the chance in faults, to repeat a run."),
    ] = None


class Groups(NamedTuple):
    """All options of a stream."""

    request: RequestOptions = RequestOptions()
    reading: ReadingOptions = ReadingOptions()
    stopping: StoppingOptions = StoppingOptions()
    reconnecting: ReconnectingOptions = ReconnectingOptions()
    choosing: ChoosingOptions = ChoosingOptions()
    output: OutputOptions = OutputOptions()
    faults: FaultOptions = FaultOptions()


def given(context: typer.Context) -> frozenset[str]:
    """Return the options that stand on the command line, be it with what they would hold anyway."""
    sources = {name: context.get_parameter_source(name) for name in context.params}
    return frozenset(name for name, source in sources.items() if source and source.name == "COMMANDLINE")


def spread_without(*names: str) -> Callable[[Callable[..., int]], Callable[..., int]]:
    """Return a `spread` that leaves out fields of the groups, and short names of options, such as `-e`."""
    return lambda command: spread(command, frozenset(names))


def spread(command: Callable[..., int], without: Collection[str] = ()) -> Callable[..., int]:
    """Give typer a flat signature for a command whose parameters are groups of options.

    The names in `without` are fields that keep their defaults, and short names that options are not to have.
    A group of the command's own comes first, and keeps its names.
    """
    hints = get_type_hints(command, include_extras=True)
    groups: dict[str, Any] = {name: hint for name, hint in hints.items() if hasattr(hint, "_field_defaults")}
    parameters = []
    for name, parameter in inspect.signature(command).parameters.items():
        if name not in groups:
            kind = inspect.Parameter.KEYWORD_ONLY  # typer calls by name; only so may any of them be left out
            parameters.append(parameter.replace(annotation=hints[name], kind=kind))
            continue
        kinds = get_type_hints(groups[name], include_extras=True)
        parameters += [
            inspect.Parameter(
                field,
                inspect.Parameter.KEYWORD_ONLY,
                default=default,
                annotation=_shortened(kinds[field], without if groups[name] in _SHARED else ()),
            )
            for field, default in groups[name]._field_defaults.items()
            if field not in without or groups[name] not in _SHARED
        ]

    @wraps(command)
    def flat(**values: Any) -> int:
        for name, group in groups.items():
            values[name] = group(**{field: values.pop(field) for field in group._fields if field in values})
        return command(**values)

    ordered = sorted(parameters, key=lambda parameter: parameter.default is not inspect.Parameter.empty)
    flat.__signature__ = inspect.Signature(ordered)  # type: ignore[attr-defined]
    flat.__annotations__ = {parameter.name: parameter.annotation for parameter in ordered}
    return flat


_SHARED = frozenset(get_type_hints(Groups).values())


def _shortened(annotation: Any, names: Collection[str]) -> Any:
    """Return an option's annotation without some of its names."""
    kind, option = get_args(annotation)
    own = (option.default, *option.param_decls)  # in an annotation, typer has the first name for a default
    first, *more = (name for name in own if name not in names)
    if (first, *more) == own:
        return annotation
    option = copy(option)
    option.default, option.param_decls = first, tuple(more)
    return Annotated[kind, option]
