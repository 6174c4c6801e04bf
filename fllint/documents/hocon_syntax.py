"""The syntax tree of a HOCON text: what is written, with its place, before it means anything."""

from __future__ import annotations

from typing import TypeAlias

from msgspec import Struct

from fllint.documents.tree import Span


class Literal(Struct, frozen=True):
    """A scalar, or a part of a text. ``kind``: quoted, long (triple quotes), unquoted, number, word or duration.

    ``span`` covers the quotes, ``space`` is the white space behind that belongs to a text which goes on.
    """

    kind: str
    span: Span
    space: str = ""


class Reference(Struct, frozen=True):
    """`${path}` or `${?path}`."""

    span: Span
    path: str
    optional: bool
    space: str


class Include(Struct, frozen=True):
    """`include "target"`; ``kind`` is url, file, package or empty."""

    span: Span
    kind: str
    target: Span
    required: bool


class ObjectLiteral(Struct, frozen=True):
    span: Span
    members: tuple[Field | Include, ...]


class ListLiteral(Struct, frozen=True):
    span: Span
    entries: tuple[Value, ...]


Part: TypeAlias = "Literal | Reference | Include | ObjectLiteral | ListLiteral"


class Value(Struct, frozen=True):
    """What stands behind a key or in a list: parts that are concatenated. Empty without parts."""

    span: Span
    parts: tuple[Part, ...]


class Field(Struct, frozen=True):
    """A key, the path it stands for (`a.b` is two steps) with the span of each step, and its value."""

    key: Span
    path: tuple[tuple[str, Span], ...]
    operator: str
    value: Value


class Syntax(Struct):
    """What was scanned: an object or list, and whether the text ended there.

    ``error`` is where the text stops following the grammar and what was expected; ``root`` then holds what came before.
    ``opened`` are the brackets open at that point. ``too_deep`` and ``too_many`` say that a limit was passed there.
    """

    root: ObjectLiteral | ListLiteral
    error: int | None = None
    expected: str = ""
    opened: tuple[int, ...] = ()
    too_deep: bool = False
    too_many: bool = False
