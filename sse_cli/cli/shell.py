"""Words as shells write them: quoted here for bash and its kin."""

_ESCAPES = {"\n": "\\n", "\r": "\\r", "\t": "\\t", "\\": "\\\\", "'": "\\'"}


def quote(text: str) -> str:
    r"""Quote a word. What a terminal would act upon stands as `\x1b` in bash's `$'…'`."""
    import shlex

    if all(char.isprintable() or char == "\n" for char in text):
        return shlex.quote(text)
    return f"$'{''.join(_ESCAPES.get(char) or _escape(char) for char in text)}'"


def _escape(char: str) -> str:
    if char.isprintable():
        return char
    return "".join(f"\\x{byte:02x}" for byte in char.encode("utf-8", "surrogateescape"))
