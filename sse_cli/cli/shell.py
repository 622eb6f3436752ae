"""Commands as shells write them: a word quoted for bash; a command of bash or of Windows cut into words."""

import re
from collections.abc import Mapping

from sse_cli.errors import UsageError

_ESCAPES = {"\n": "\\n", "\r": "\\r", "\t": "\\t", "\\": "\\\\", "'": "\\'"}

_VARIABLE = r"\$(?:[A-Za-z_]\w*|\{[A-Za-z_]\w*\})"
_PIECE = re.compile(
    rf"""(?P<space>[ \t\r\n]+)
    | (?P<continued>\\\r?\n)
    | '(?P<single>[^']*)'
    | \$'(?P<ansi>(?:[^'\\]|\\.)*)'
    | "(?P<double>(?:[^"\\]|\\.)*)"
    | (?P<variable>{_VARIABLE})
    | \\(?P<escaped>.)
    | (?P<plain>[^\s'"\\`|<>;&$]+|\$(?![('"{{]))""",
    re.VERBOSE | re.DOTALL,
)
_IN_DOUBLE = re.compile(
    rf'\\(?P<escaped>[\\"$`])|(?P<continued>\\\r?\n)|(?P<variable>{_VARIABLE})|(?P<command>`|\$\()'
)
_ANSI = re.compile(
    r"\\(?:u(?P<high>[dD][89abAB]\w\w)\\u(?P<low>[dD][c-fC-F]\w\w)|u(?P<u>[0-9A-Fa-f]{1,4})"
    r"|U(?P<U>[0-9A-Fa-f]{1,8})|x(?P<x>[0-9A-Fa-f]{1,2})|(?P<octal>[0-7]{1,3})|(?P<letter>.))",
    re.DOTALL,
)
_LETTERS = {"a": 7, "b": 8, "e": 27, "E": 27, "f": 12, "n": 10, "r": 13, "t": 9, "v": 11}
_LETTERS |= {char: ord(char) for char in "\\'\"?"}

_OF_WINDOWS = re.compile(r'[ \t]\^"|\^[ \t]*\r?\n')
_CARET = re.compile(r'(?P<quoted>"[^"]*"?)|\^(?:\r?\n)?(?P<kept>\r?\n|.|$)', re.DOTALL)
_ARGUMENT = re.compile(r'(?P<slashes>\\*)(?P<quotes>"{1,2})|(?P<space>[ \t\r\n]+)|\\+|[^\\" \t\r\n]+')


def split(command: str, environment: Mapping[str, str]) -> list[str]:
    """Cut a command into words, as bash does or, where `^` quotes, as Windows does. Raises `UsageError`.

    Variables are taken from the environment. Errors show no more of the command than one character.
    """
    if _OF_WINDOWS.search(command):
        return _arguments(_CARET.sub(lambda it: it["quoted"] or it["kept"] or "", command))
    return _words(command, environment)


def _words(command: str, environment: Mapping[str, str]) -> list[str]:
    words: list[str] = []
    word: str | None = None
    at = 0
    while at < len(command):
        piece = _PIECE.match(command, at)
        if piece is None or piece.lastgroup is None:
            raise _unreadable(command[at], at)
        at = piece.end()
        if piece.lastgroup == "continued":
            continue
        if piece.lastgroup != "space":
            word = (word or "") + _read(piece.lastgroup, piece[piece.lastgroup], environment)
        elif word is not None:
            words.append(word)
            word = None
    return words if word is None else [*words, word]


def _read(kind: str, text: str, environment: Mapping[str, str]) -> str:
    """Return what a piece of a word, or of what stands in double quotes, means."""
    if kind == "continued":
        return ""
    if kind == "ansi":
        return _ansi(text)
    if kind == "double":
        return _IN_DOUBLE.sub(lambda it: _read(it.lastgroup or "", it[it.lastgroup or 0], environment), text)
    if kind == "variable":
        return _value(text.strip("${}"), environment)
    if kind == "command":
        raise UsageError("the curl command runs another one inside", "Put its result there instead.")
    return text


def _value(name: str, environment: Mapping[str, str]) -> str:
    if name not in environment:
        raise UsageError(
            f"the environment has no {name}, which the curl command names", f"Set it: export {name}=…"
        )
    return environment[name]


def _ansi(text: str) -> str:
    """Read what stands between `$'` and `'`. Escapes may give the bytes of one character one by one."""
    data, at = b"", 0
    for escape in _ANSI.finditer(text):
        data += _encode(text[at : escape.start()]) + _escaped(escape)
        at = escape.end()
    return (data + _encode(text[at:])).decode("utf-8", "surrogateescape")


def _escaped(escape: re.Match[str]) -> bytes:
    if escape["high"]:  # browsers write what lies beyond 16 bits as two, as UTF-16 does
        return bytes.fromhex(escape["high"] + escape["low"]).decode("utf-16-be").encode()
    if digits := escape["u"] or escape["U"]:
        return chr(min(int(digits, 16), 0x10FFFF)).encode("utf-8", "surrogatepass")
    if escape["x"]:
        return bytes([int(escape["x"], 16)])
    if escape["octal"]:
        return bytes([int(escape["octal"], 8) & 0xFF])
    letter = escape["letter"]
    return bytes([_LETTERS[letter]]) if letter in _LETTERS else _encode(f"\\{letter}")


def _encode(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def _arguments(line: str) -> list[str]:
    """Cut a line as Windows' C runtime does: backslashes mean something before a quote alone."""
    words: list[str] = []
    word: str | None = None
    quoted = False
    for piece in _ARGUMENT.finditer(line):
        if piece["quotes"]:
            text, quoted = _quotes(len(piece["slashes"]), len(piece["quotes"]), quoted)
            word = (word or "") + text
        elif quoted or not piece["space"]:
            word = (word or "") + piece[0]
        elif word is not None:
            words.append(word)
            word = None
    if quoted:
        raise _unreadable('"', line.rindex('"'))
    return words if word is None else [*words, word]


def _quotes(slashes: int, quotes: int, quoted: bool) -> tuple[str, bool]:
    """Return what backslashes and one or two quotes give, and whether what follows is quoted."""
    text = "\\" * (slashes // 2)
    if slashes % 2:
        return text + '"', quoted ^ (quotes == 2)
    if quotes == 1:
        return text, not quoted
    return (text + '"' if quoted else text), quoted


def _unreadable(char: str, at: int) -> UsageError:
    return UsageError(
        f"not one curl command: {char!r} at character {at + 1} is not quoted, or its quotes do not end",
        "Give the command whole, without pipes and redirections; or put it into a file: --from-curl @FILE.",
    )


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
