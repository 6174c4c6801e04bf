"""Texts of exceptions: ``{expression}`` stands for a value (``{expression!r}`` as repr), ``{?}`` for an unknown one."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Final

from fllint.python.expressions import substitute_text

_BRACE: Final = re.compile(r"\{\{|\}\}|[{}]")
_ESCAPED: Final = {"{{": "{", "}}": "}"}


def fill(message: str, value_of: Callable[[str], str]) -> str:
    """The message with its holes filled."""
    return "".join(_ESCAPED.get(part, part) if not is_hole else value_of(part) for part, is_hole in _parts(message))


def substitute_message(message: str, values: Mapping[str, str | None]) -> str:
    """The message with other expressions in its holes."""

    def substituted(hole: str) -> str:
        expression, mark, _ = hole.partition("!r")
        text = substitute_text(expression, values) if hole != "?" else "?"
        return "{" + text + mark + "}" if text is not None and _is_balanced(text) else "{?}"

    return "".join(substituted(part) if is_hole else part for part, is_hole in _parts(message))


def _parts(message: str) -> Iterator[tuple[str, bool]]:
    """The pieces of a message, and whether each is the inside of a hole; braces in an expression come in pairs."""
    start = 0
    for brace in _BRACE.finditer(message):
        if brace.start() < start:
            continue
        yield message[start : brace.start()], False
        start = brace.end()
        end = _closing(message, brace.start()) if brace[0] == "{" else None
        if end is None:
            yield brace[0], False
        else:
            yield message[start:end], True
            start = end + 1
    yield message[start:], False


def _closing(message: str, start: int) -> int | None:
    depth = 0
    for position in range(start, len(message)):
        depth += (message[position] == "{") - (message[position] == "}")
        if depth == 0:
            return position
    return None


def _is_balanced(text: str) -> bool:
    return not text.startswith("{") and (_closing("{" + text + "}", 0) or 0) == len(text) + 1
