"""Texts of exceptions: ``{expression}`` stands for a value (``{expression!r}`` as repr), ``{?}`` for an unknown one."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from fllint.python.expressions import substitute_text

_HOLE = re.compile(r"\{\{|\}\}|\{([^{}]*)\}")


def fill(message: str, value_of: Callable[[str], str]) -> str:
    """The message with its holes filled."""

    def part(match: re.Match[str]) -> str:
        return {"{{": "{", "}}": "}"}.get(match[0]) or value_of(match[1])

    return _HOLE.sub(part, message)


def substitute_message(message: str, values: Mapping[str, str | None]) -> str:
    """The message with other expressions in its holes."""

    def part(match: re.Match[str]) -> str:
        if match[0] in ("{{", "}}") or match[1] == "?":
            return match[0]
        expression, mark, _ = match[1].partition("!r")
        text = substitute_text(expression, values)
        return "{" + text + mark + "}" if text is not None and "{" not in text and "}" not in text else "{?}"

    return _HOLE.sub(part, message)
