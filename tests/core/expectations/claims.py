"""Claims at random, that are right: each as its text."""

from hypothesis import strategies as st

_EVENTS = st.sampled_from(
    [
        "event == token",
        "event != end",
        "data contains a",
        "data ~ '^[ab]'",
        "$.n > 1",
        "$.n exists",
        "not event in [token, start]",
        "(event == token and $.n >= 1)",
        "n > 3",
    ]
)
_OF_EVENTS = st.one_of(
    st.builds("{} {}".format, st.sampled_from(["some", "every", "no", "first", "last"]), _EVENTS),
    st.builds(
        "count({}) {} {}".format,
        _EVENTS,
        st.sampled_from(["<", "<=", ">", ">=", "==", "!="]),
        st.integers(0, 4),
    ),
    st.sampled_from(["order: start, token, end", "order: token, start", "order: token", "order: a, a"]),
)
_NUMBERS = {
    "time": (
        "connect headers first_byte first_event first_content first_answer last_content end longest_silence "
        "gap.max gap.min gap.p50 event_gap.max event_gap.min event_gap.mean itl overhead.max",
        ["0ms", "62.5ms", "250ms", "0.5", "1s", "1.5s", "3s"],
    ),
    "count": (
        "events chunks comments anomalies reconnects shown gap.n event_gap.n burst.max tokens.output status "
        "usage.output exit_code",
        ["0", "1", "2", "3", "5", "200"],
    ),
    "size": ("bytes", ["0", "10", "100B", "1KB"]),
    "rate": ("tokens_per_second events_per_second", ["0", "1.5", "40"]),
}
_OF_NUMBERS = st.one_of(
    st.builds(
        "{} {} {}".format,
        st.sampled_from(names.split()),
        st.sampled_from(["<", "<=", ">", ">=", "==", "!="]),
        st.sampled_from(values),
    )
    for names, values in _NUMBERS.values()
)
_OF_LISTS = st.builds(
    "{} {}in [{}]".format,
    st.sampled_from(["events", "gap.n", "status"]),
    st.sampled_from(["", "not "]),
    st.sampled_from(["0", "1, 3", "200, 2"]),
)
_OF_TEXTS = st.sampled_from(
    [
        *("text contains a", "text contains ''", "text exists", "text == null", "text ~ '^a'", "text !~ b"),
        *("reasoning exists", "reasoning != null", "reasoning == Hm", "error exists", "error == null"),
        *("error contains load", "error.code == 529", "error.code != 1", "verdict == complete"),
        *("verdict != failed", "finish == stop", "finish not in [length]", "dialect == openai-chat"),
        *("dialect == null", "header.x-region == eu-1", "header.nothing exists", "header.nothing != x"),
        *("header.nothing == null", "content_type contains event", "url ~ host", "http_version == HTTP/1.1"),
        *("gap exists", "usage exists", "usage.raw.total_tokens > 5", "tool_calls exists", "metrics != vllm"),
        *("gap == null", "gap.max exists", "end exists", "last_content == null", "tokens.estimated == true"),
    ]
)
LEAVES = st.one_of(_OF_EVENTS, _OF_NUMBERS, _OF_LISTS, _OF_TEXTS)
CLAIMS = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.builds("({} and {})".format, inner, inner),
        st.builds("({} or {})".format, inner, inner),
        st.builds("not {}".format, inner.map("({})".format)),
    ),
    max_leaves=4,
)
"""Everything that can be said of a run, in all its courses; values are such as plays come near."""
