"""The values of HOCON literals and of their concatenations, as pyhocon makes them, with the place of each character."""

from __future__ import annotations

import re
from collections.abc import Sequence as Several
from typing import Final

from msgspec import Struct

from fllint.documents.hocon_syntax import Literal
from fllint.documents.limits import MAX_DIGITS
from fllint.documents.tree import UNKNOWN, UNKNOWN_TEXT, ScalarValue, Span, Unknown

_ESCAPE: Final = re.compile(r"\\.")
_REPLACED: Final = {
    "\\\\": "\\",
    "\\n": "\n",
    "\\r": "\r",
    "\\t": "\t",
    "\\=": "=",
    "\\#": "#",
    "\\!": "!",
    '\\"': '"',
}
"""What pyhocon takes for an escape (`ConfigParser.REPLACEMENTS`). Of all others the backslash stays."""


class Text(Struct, frozen=True):
    """A piece of a text: its characters, and where each of them and the end is written."""

    characters: str
    offsets: tuple[int, ...]
    end: int


def literal_value(text: str, literal: Literal) -> ScalarValue:
    """The value of a literal that stands alone. Durations, which no configuration holds, are `UNKNOWN`.

    Raises `OverflowError` for an integer longer than Python reads.
    """
    written = text[literal.span.start : literal.span.end]
    if literal.kind == "number":
        return _number(written)
    if literal.kind == "word":
        return {"true": True, "false": False, "null": None}[written.lower()]
    if literal.kind == "duration":
        return UNKNOWN
    return literal_text(text, literal, is_last=True).characters


def _number(written: str) -> int | float:
    if len(written) > MAX_DIGITS:
        raise OverflowError
    try:
        return int(written, 10)
    except ValueError:
        return float(written)


def literal_text(text: str, literal: Literal, *, is_last: bool) -> Text:
    """What a literal contributes to a text. White space behind it belongs to it, unless it is the last part."""
    start, end = literal.span.start, literal.span.end
    if literal.kind == "long":
        return Text(text[start + 3 : end - 3], tuple(range(start + 3, end - 3)), end - 3)
    if literal.kind in ("number", "word", "duration"):
        shown = _as_text(literal_value(text, literal))
        return Text(shown, tuple(min(start + i, end - 1) for i in range(len(shown))), end)
    space = "" if is_last else literal.space
    if literal.kind == "quoted":
        inner = _unescaped(text, start + 1, end - 1)
        spaces = tuple(range(end, end + len(space)))
        return Text(inner.characters + space, inner.offsets + spaces, end if space else end - 1)
    return _unescaped(text, start, end + len(space))


def _as_text(value: ScalarValue) -> str:
    return UNKNOWN_TEXT if value is None or isinstance(value, Unknown) else str(value)


def _unescaped(text: str, start: int, end: int) -> Text:
    if "\\" not in text[start:end]:
        return Text(text[start:end], tuple(range(start, end)), end)
    characters: list[str] = []
    offsets: list[int] = []
    position = start
    for escape in _ESCAPE.finditer(text, start, end):
        characters.append(text[position : escape.start()])
        offsets.extend(range(position, escape.start()))
        replaced = _REPLACED.get(escape[0], escape[0])
        characters.append(replaced)
        offsets.extend([escape.start()] if len(replaced) == 1 else range(escape.start(), escape.end()))
        position = escape.end()
    characters.append(text[position:end])
    offsets.extend(range(position, end))
    return Text("".join(characters), tuple(offsets), end)


def joined(pieces: Several[Text]) -> Text:
    """One text of several pieces."""
    characters = "".join(piece.characters for piece in pieces)
    offsets = tuple(offset for piece in pieces for offset in piece.offsets)
    return Text(characters, offsets, pieces[-1].end if pieces else 0)


def unknown_text(span: Span) -> Text:
    """The piece of a text that stands for a reference to something unknown."""
    return Text(UNKNOWN_TEXT, (span.start,), span.end)
