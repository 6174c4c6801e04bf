"""Value trees whose every key and value knows where it was written.

A tree is what the loaders of this package return and what every rule looks at. It is immutable. Positions are character
offsets into the text of the file; only output turns them into lines and columns.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from functools import cached_property
from typing import Final, NamedTuple, TypeAlias

from msgspec import Struct

UNKNOWN_TEXT: Final = "\ufffc"
"""Stands inside a string for a part that cannot be known before the run (an environment variable, say)."""


class Unknown:
    """The value of something that cannot be known before the run: an environment variable, a site's own setting."""

    _only: Unknown | None = None

    def __new__(cls) -> Unknown:
        if cls._only is None:
            cls._only = super().__new__(cls)
        return cls._only

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN: Final = Unknown()

ScalarValue: TypeAlias = "str | int | float | bool | Unknown | None"


class Span(NamedTuple):
    """A half-open range of character offsets in a text."""

    start: int
    end: int

    def part(self, start: int, end: int) -> Span:
        """The span of ``[start, end)`` counted from this span's own start."""
        return Span(self.start + start, self.start + end)


class Source(Struct, frozen=True, eq=False, dict=True):
    """A text file of a job.

    ``path`` is how the file is called in output: relative to the working directory, ``/`` separated.
    ``name`` is its path inside the job (``app/config/config_fed_server.json``).
    """

    path: str
    name: str
    text: str

    @cached_property
    def _line_starts(self) -> tuple[int, ...]:
        starts = [0]
        newline = self.text.find("\n")
        while newline >= 0:
            starts.append(newline + 1)
            newline = self.text.find("\n", newline + 1)
        return tuple(starts)

    def position(self, offset: int) -> tuple[int, int]:
        """Line and column (both from 1, columns count characters) of an offset; offsets past the end mean the end."""
        offset = max(0, min(offset, len(self.text)))
        line = bisect_right(self._line_starts, offset)
        return line, offset - self._line_starts[line - 1] + 1

    def offset(self, line: int, column: int) -> int:
        """The offset of a line and column (both from 1), clamped to the text."""
        line = max(1, min(line, len(self._line_starts)))
        return max(0, min(self._line_starts[line - 1] + max(column, 1) - 1, len(self.text)))

    def line(self, number: int) -> str:
        """The text of a line (from 1), without its line end; empty when there is no such line."""
        if not 1 <= number <= len(self._line_starts):
            return ""
        end = self._line_starts[number] if number < len(self._line_starts) else len(self.text)
        return self.text[self._line_starts[number - 1] : end].rstrip("\r\n")


class Place(Struct, frozen=True):
    """Where a finding points: a span of a file; ``pointer`` is the value's JSON pointer, empty outside documents."""

    source: Source
    span: Span
    pointer: str = ""


class Node(Struct, frozen=True, eq=False, kw_only=True):
    """A value of a document. Never made itself: it is a `Leaf`, a `Mapping` or a `Sequence`.

    ``substituted_at`` is the variable reference that this value took the place of (`fllint.job.variables`), if any:
    the value is written at ``span``, and used where the reference stands.
    """

    source: Source
    span: Span
    pointer: str = ""
    substituted_at: Place | None = None

    @property
    def place(self) -> Place:
        return Place(self.source, self.span, self.pointer)

    @property
    def value(self) -> object:
        """The plain Python value that NVFlare gets (`UNKNOWN` where it cannot be known)."""
        raise NotImplementedError

    def get(self, key: str) -> Node | None:
        """The value under a key of a mapping; None for other nodes and for absent keys."""
        return None

    def entry(self, key: str) -> Entry | None:
        """The entry under a key of a mapping; None for other nodes and for absent keys."""
        return None

    @property
    def children(self) -> tuple[Node, ...]:
        return ()

    def walk(self) -> Iterator[Node]:
        """This node and all below it, in the order of the file."""
        stack: list[Node] = [self]
        while stack:
            node = stack.pop()
            yield node
            stack.extend(reversed(node.children))

    @property
    def type_name(self) -> str:
        """The value's type in JSON's words: an object, an array, a string, a number, a boolean, null."""
        raise NotImplementedError


class Leaf(Node, frozen=True, eq=False, kw_only=True):
    """A string, number, boolean or null.

    ``offsets`` maps the characters of a string to the text: character ``i`` was written at ``offsets[i]``. It is empty
    where they simply follow each other from ``span.start + 1`` (a quoted string without escapes) or, with ``bare``,
    from ``span.start``.
    """

    scalar: ScalarValue
    bare: bool = False
    offsets: tuple[int, ...] = ()

    @property
    def value(self) -> ScalarValue:
        return self.scalar

    def part(self, start: int, end: int) -> Place:
        """The place of ``value[start:end]`` inside a string."""
        if self.offsets:
            first = self.offsets[start] if start < len(self.offsets) else self.span.end
            last = self.offsets[end] if end < len(self.offsets) else self.span.end - (0 if self.bare else 1)
            return Place(self.source, Span(first, max(first, last)), self.pointer)
        quote = 0 if self.bare else 1
        return Place(self.source, self.span.part(start + quote, end + quote), self.pointer)

    @property
    def type_name(self) -> str:
        scalar = self.scalar
        if scalar is None:
            return "null"
        if isinstance(scalar, bool):
            return "a boolean"
        if isinstance(scalar, str):
            return "a string"
        return "an unknown value" if isinstance(scalar, Unknown) else "a number"


class Entry(Struct, frozen=True, eq=False):
    """A key and its value in a mapping."""

    key: str
    key_place: Place
    node: Node


class Mapping(Node, frozen=True, eq=False, kw_only=True):
    """An object. ``entries`` are the ones that count, in the order Python's dict has them; ``overridden`` are the
    entries of duplicate keys that a later one replaced."""

    entries: tuple[Entry, ...]
    overridden: tuple[Entry, ...] = ()

    @property
    def value(self) -> dict[str, object]:
        return {entry.key: entry.node.value for entry in self.entries}

    @property
    def children(self) -> tuple[Node, ...]:
        return tuple(entry.node for entry in self.entries)

    def get(self, key: str) -> Node | None:
        found = self.entry(key)
        return found.node if found else None

    def entry(self, key: str) -> Entry | None:
        for entry in self.entries:
            if entry.key == key:
                return entry
        return None

    @property
    def type_name(self) -> str:
        return "an object"


class Sequence(Node, frozen=True, eq=False, kw_only=True):
    """An array."""

    items: tuple[Node, ...]

    @property
    def value(self) -> list[object]:
        return [item.value for item in self.items]

    @property
    def children(self) -> tuple[Node, ...]:
        return self.items

    @property
    def type_name(self) -> str:
        return "an array"


def child_pointer(parent: str, key: str | int) -> str:
    """The JSON pointer (RFC 6901) of a child."""
    return f"{parent}/{str(key).replace('~', '~0').replace('/', '~1')}"
