"""The source line of a place, cut to a width, and which of its cells are meant."""

from __future__ import annotations

from typing import Final

from msgspec import Struct

from fllint.documents.tree import Place
from fllint.output.characters import printable_line, width

CUT: Final = "…"


class Excerpt(Struct, frozen=True):
    """A line of source as a terminal shows it: its number, its text, and the cells that are meant. ``more_lines`` is
    how many lines below are meant too."""

    number: int
    text: str
    start: int
    length: int
    more_lines: int = 0


def excerpt(place: Place, max_width: int) -> Excerpt | None:
    """The line of a place; None when its file has no text to show (a folder, a missing file)."""
    source = place.source
    line, column = source.position(place.span.start)
    end_line, end_column = source.position(max(place.span.end, place.span.start))
    text = source.line(line)
    if not source.text or not text.strip():
        return None
    start = min(column - 1, len(text))
    end = min(end_column - 1, len(text)) if end_line == line else len(text)
    first, last = _window(len(text), start, max(end, start + 1), max_width)
    before, marked = printable_line(text[first:start]), printable_line(text[start : min(end, last)])
    shown = before + marked + printable_line(text[min(end, last) : last])
    left, right = CUT if first else "", CUT if last < len(text) else ""
    return Excerpt(line, left + shown + right, len(left) + width(before), max(1, width(marked)), end_line - line)


def _window(length: int, start: int, end: int, room: int) -> tuple[int, int]:
    """Which characters of a long line to show: the meant ones with what is around them, as many as there is room."""
    if length <= room:
        return 0, length
    around = max(room - (end - start), room // 4)
    first = max(0, min(start - around // 2, length - room))
    return first, min(length, first + room)
