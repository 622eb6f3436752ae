"""What the parts of a stream amount to: tool calls merged, the last usage and finish, the first error."""

import msgspec

from sse_cli.core.items import Done, Failure, Finish, Part, Rate, ToolCall, Usage


class MergedToolCall(msgspec.Struct):
    """A tool call put together from its pieces."""

    id: str | None
    name: str | None
    arguments: str
    choice: int
    index: int


class Answer:
    """Take the parts as they come. Memory grows with the tool calls alone.

    It `is_over` once the end marker came or, where a `finish_is_last`, that or an error.
    """

    def __init__(self) -> None:
        self.finish_is_last = False
        self.begin_anew()

    def begin_anew(self) -> None:
        """Forget what is known: another answer begins."""
        self.is_over = False
        self.usage: Usage | None = None
        self.rate: Rate | None = None
        self.finish: Finish | None = None
        self.failure: Failure | None = None
        self.done: Done | None = None
        self.tool_calls: list[MergedToolCall] = []

    def go_on(self) -> None:
        """Another connection goes on with it: what went wrong is told of the one before."""
        self.failure, self.is_over = None, False

    def take(self, part: Part) -> None:
        """Add one part; text, which is passed on and not kept, is ignored."""
        match part:
            case ToolCall():
                self._merge(part)
            case Usage():
                self.usage = part  # the last word counts: providers repeat it, cumulative
            case Rate():
                self.rate = part
            case Finish():
                self.finish = part
                self.is_over = self.is_over or self.finish_is_last
            case Failure():
                self.failure = self.failure or part
                self.is_over = self.is_over or self.finish_is_last
            case Done():
                self.done = part
                self.is_over = True

    def _merge(self, piece: ToolCall) -> None:
        call = self._find(piece)
        if call is None:
            self.tool_calls.append(
                MergedToolCall(piece.id or None, piece.name, piece.arguments, piece.choice, piece.index)
            )
            return
        call.id = call.id or piece.id or None
        call.name = call.name or piece.name
        call.arguments += piece.arguments

    def _find(self, piece: ToolCall) -> MergedToolCall | None:
        """Return the call that a piece goes on with. A new id at an old index begins a new call."""
        for call in reversed(self.tool_calls):
            if call.choice == piece.choice and call.index == piece.index:
                return None if piece.id and call.id and piece.id != call.id else call
        return None
