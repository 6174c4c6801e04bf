"""The syntax tree of a HOCON text: what is written, with its place, before it means anything."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from fllint.documents.tree import Span


@dataclass(frozen=True, slots=True)
class Literal:
    """A scalar, or a part of a text. ``kind``: quoted, long (triple quotes), unquoted, number, word or duration.

    ``span`` covers the quotes, ``space`` is the white space behind that belongs to a text which goes on.
    """

    kind: str
    span: Span
    space: str = ""


@dataclass(frozen=True, slots=True)
class Reference:
    """`${path}` or `${?path}`."""

    span: Span
    path: str
    optional: bool
    space: str


@dataclass(frozen=True, slots=True)
class Include:
    """`include "target"`; ``kind`` is url, file, package or empty."""

    span: Span
    kind: str
    target: Span
    required: bool


@dataclass(frozen=True, slots=True)
class ObjectLiteral:
    span: Span
    members: tuple[Field | Include, ...]


@dataclass(frozen=True, slots=True)
class ListLiteral:
    span: Span
    entries: tuple[Value, ...]


Part: TypeAlias = "Literal | Reference | Include | ObjectLiteral | ListLiteral"


@dataclass(frozen=True, slots=True)
class Value:
    """What stands behind a key or in a list: parts that are concatenated. Empty without parts."""

    span: Span
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Field:
    """A key, the path it stands for (`a.b` is two steps) with the span of each step, and its value."""

    key: Span
    path: tuple[tuple[str, Span], ...]
    operator: str
    value: Value


@dataclass(slots=True)
class Syntax:
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
