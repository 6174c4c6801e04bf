"""The text of a script or of a module that it imports, its syntax tree, and places in it."""

from __future__ import annotations

import ast
import re
import sys
from functools import cached_property, lru_cache
from typing import Final

from msgspec import Struct

from fllint.documents.tree import Source, Span
from fllint.python.files import MAX_PYTHON_BYTES
from fllint.python.modules import TooDeepError, parse
from fllint.python.names import imported_names, undefined_names
from fllint.python.nodes import Nodes

MAXIMUM_CHARACTERS: Final = MAX_PYTHON_BYTES
"""Longer texts are not parsed."""


class CodePlace(Struct, frozen=True, order=True):
    """A part of a line of code; lines and columns start at 1, columns count characters, the end is exclusive.

    ``module`` is the dotted name of the module that the script imports, empty for the script itself.
    """

    module: str
    line: int
    column: int
    end_line: int
    end_column: int

    def span(self, source: Source) -> Span:
        """The same as offsets into the text of the file."""
        start = source.offset(self.line, self.column)
        return Span(start, max(start, source.offset(self.end_line, self.end_column)))


_NEWER_SYNTAX: Final = (
    ((3, 11), re.compile(r"\s*except\s*\*")),
    ((3, 12), re.compile(r"\s*(?:type\s+\w+\s*[\[=]|(?:async\s+)?def\s+\w+\s*\[|class\s+\w+\s*\[)")),
    ((3, 14), re.compile(r"\s*except\s+[\w.]+\s*,|.*\bt[\"']")),
)
"""Lines that only a newer Python accepts, and from which release on."""


class SyntaxTrouble(Struct, frozen=True):
    """Why Python refuses a text, and where (from 1); the whole text when Python does not say.

    ``newer_python`` is the release that may accept it (``3.12``), when that is newer than the one fllint runs on.
    """

    message: str
    line: int = 1
    column: int = 1
    newer_python: str = ""
    given_up: bool = False
    """Python was not asked, or gave up itself: the text is too long or too complex."""

    @property
    def is_refusal(self) -> bool:
        """Whether a site's Python surely refuses the text too."""
        return not self.newer_python and not self.given_up


class CodeText(Struct, frozen=True, eq=False, dict=True):
    """A text that parses."""

    module: str
    text: str
    tree: ast.Module

    @cached_property
    def _lines(self) -> list[str]:
        return self.text.replace("\r\n", "\n").replace("\r", "\n").split("\n")

    def line(self, number: int) -> str:
        """The text of a line (from 1); empty when there is no such line."""
        return self._lines[number - 1] if 0 < number <= len(self._lines) else ""

    @cached_property
    def _is_ascii(self) -> bool:
        return self.text.isascii()

    def column(self, line: int, byte: int) -> int:
        """The column (from 1, in characters) of a byte of a line, which is how `ast` counts."""
        if self._is_ascii:
            return byte + 1
        text = self.line(line)
        return len(text.encode("utf-8", "surrogatepass")[:byte].decode("utf-8", "replace")) + 1

    def place(self, node: ast.expr | ast.stmt | ast.alias | ast.keyword | ast.arg) -> CodePlace:
        """Where a node is written."""
        end_line = node.end_lineno or node.lineno
        return CodePlace(
            self.module,
            node.lineno,
            self.column(node.lineno, node.col_offset),
            end_line,
            self.column(end_line, node.end_col_offset or node.col_offset),
        )

    @cached_property
    def nodes(self) -> Nodes:
        """The nodes of its tree, by kind."""
        return Nodes(self.tree)

    @cached_property
    def imported(self) -> dict[str, str]:
        """What the names that imports bind stand for, by their dotted paths."""
        return imported_names(self.nodes)

    @cached_property
    def undefined(self) -> dict[str, ast.Name]:
        """The names that are read and that nothing defines, and where each is read first."""
        return undefined_names(self.nodes)

    def statement_place(self, node: ast.stmt) -> CodePlace:
        """The first line of a compound statement (``while flare.is_running():``), the whole of a simple one."""
        place = self.place(node)
        body = getattr(node, "body", None)
        if not body or place.end_line == place.line:
            return place
        end = max(len(self.line(place.line).rstrip()), place.column) + 1
        return CodePlace(self.module, place.line, place.column, place.line, end)


@lru_cache(maxsize=64)
def parse_code(text: str, module: str = "") -> CodeText | SyntaxTrouble:
    """The tree of a text as Python reads it, or why Python refuses it; never raises, whatever the text."""
    if len(text) > MAXIMUM_CHARACTERS:
        return SyntaxTrouble(f"longer than {MAXIMUM_CHARACTERS:,} characters", given_up=True)
    try:
        return CodeText(module, text, parse(text.removeprefix("\ufeff")))
    except TooDeepError as error:
        return SyntaxTrouble(error.msg, given_up=True)
    except SyntaxError as error:
        line = error.lineno or 1
        message = error.msg or "invalid syntax"
        return SyntaxTrouble(message, line, max(error.offset or 1, 1), _newer_python(text, line, message))


def _newer_python(text: str, line: int, message: str) -> str:
    """The release of Python whose syntax a refused line looks like; empty for one that this Python knows."""
    written = "".join(text.splitlines(keepends=True)[line - 1 : line])
    for release, pattern in _NEWER_SYNTAX:
        looks_so = pattern.match(written) or (release == (3, 12) and "f-string" in message)
        if sys.version_info < release and looks_so:
            return ".".join(map(str, release))
    return ""
