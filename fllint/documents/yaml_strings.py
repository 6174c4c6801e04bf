"""Where the characters of a YAML string are written: quotes, escapes, folded lines and blocks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from fllint.documents.tree import Span

_PROPERTY: Final = re.compile(r"(?:[&!][^\s,\[\]{}]*)(?:\s|#[^\n]*\n)*")
_BREAK: Final = re.compile(r"\r\n|[\r\n\x85\u2028\u2029]")
_FOLD: Final = re.compile(r"[ \t]*(?:\r\n|[\r\n\x85\u2028\u2029])[ \t\r\n\x85\u2028\u2029]*")
_ESCAPE: Final = re.compile(r"\\(?:x.{2}|u.{4}|U.{8}|(?:\r\n|[\r\n\x85\u2028\u2029])[ \t]*|.)", re.DOTALL)
_ESCAPED: Final = {
    "0": "\0",
    "a": "\x07",
    "b": "\x08",
    "t": "\t",
    "\t": "\t",
    "n": "\n",
    "v": "\x0b",
    "f": "\x0c",
    "r": "\r",
    "e": "\x1b",
    "N": "\x85",
    "_": "\xa0",
    "L": "\u2028",
    "P": "\u2029",
}


def without_properties(text: str, span: Span) -> Span:
    """The span of a value without the tag and anchor before it."""
    start = span.start
    while start < span.end and text[start] in "&!":
        start = _PROPERTY.match(text, start, span.end).end()  # type: ignore[union-attr]  # the character matches
    return Span(start, span.end)


def text_offsets(text: str, span: Span, style: str, value: str) -> tuple[int, ...]:
    """The offset of each character of a string; empty where they simply follow each other (see `Leaf.offsets`).

    ``style`` is the quote or block mark of the string, empty for a plain one, and ``value`` what the parser made of it.
    """
    quote = 1 if style in ('"', "'") else 0
    if style not in ("|", ">") and text[span.start + quote : span.end - quote] == value:
        return ()
    if style == '"':
        written = list(_double_quoted(text, span))
    elif style == "'":
        written = list(_single_quoted(text, span))
    elif style in ("|", ">"):
        written = list(_block(text, span, value))
    else:
        written = list(_folded(text, span.start, span.end))
    return _aligned(value, written, span)


def _aligned(value: str, written: list[tuple[str, int]], span: Span) -> tuple[int, ...]:
    """The offsets of a value's characters among the written ones, where a line break may have become a space."""
    offsets: list[int] = []
    at = 0
    for character in value:
        while at < len(written) and written[at][0] != character and not (character == " " and written[at][0] == "\n"):
            at += 1
        offsets.append(written[at][1] if at < len(written) else span.end)
        at += 1
    return tuple(offsets)


def _folded(text: str, start: int, end: int) -> Iterator[tuple[str, int]]:
    """Characters and their offsets; of the white space around line breaks only the breaks."""
    position = start
    for fold in _FOLD.finditer(text, start, end):
        yield from ((text[i], i) for i in range(position, fold.start()))
        yield from (("\n", lineend.start()) for lineend in _BREAK.finditer(text, fold.start(), fold.end()))
        position = fold.end()
    yield from ((text[i], i) for i in range(position, end))


def _single_quoted(text: str, span: Span) -> Iterator[tuple[str, int]]:
    """Of two quotes that stand for one, only the first."""
    position = span.start + 1
    while True:
        quotes = text.find("''", position, span.end - 1)
        yield from _folded(text, position, quotes if quotes >= 0 else span.end - 1)
        if quotes < 0:
            return
        yield "'", quotes
        position = quotes + 2


def _double_quoted(text: str, span: Span) -> Iterator[tuple[str, int]]:
    position = span.start + 1
    for escape in _ESCAPE.finditer(text, position, span.end - 1):
        if escape.start() < position:
            continue
        yield from _folded(text, position, escape.start())
        character = escape[0][1]
        if not _BREAK.match(character):
            yield _unescaped(escape[0]), escape.start()
        position = escape.end()
    yield from _folded(text, position, span.end - 1)


def _unescaped(escape: str) -> str:
    if escape[1] in "xuU":
        return chr(int(escape[2:], 16))
    return _ESCAPED.get(escape[1], escape[1])


def _block(text: str, span: Span, value: str) -> Iterator[tuple[str, int]]:
    """The characters of a `|` or `>` block, without the indentation of its lines."""
    head = _BREAK.search(text, span.start, span.end)
    if not head:
        return
    indentation = _indent(text, head.end(), span.end) - _indent(value, 0, len(value))
    position = head.end()
    while position < span.end:
        lineend = _BREAK.search(text, position, span.end)
        end = lineend.start() if lineend else span.end
        spaces = 0
        while spaces < indentation and position + spaces < end and text[position + spaces] == " ":
            spaces += 1
        yield from ((text[i], i) for i in range(position + spaces, end))
        if not lineend:
            return
        yield "\n", end
        position = lineend.end()


def _indent(text: str, start: int, end: int) -> int:
    """The indentation of the first line that is not empty."""
    first = re.compile(r"(?:[ \t]*(?:\r\n|[\r\n]))*( *)").match(text, start, end)
    return len(first[1]) if first else 0
