"""Making problems: what rules yield."""

from __future__ import annotations

from typing import Final

from msgspec.structs import replace

from fllint.documents.tree import UNKNOWN_TEXT, Leaf, Node, Place, Unknown
from fllint.findings import Fix, Problem, Related, Severity

MAX_SAID: Final = 1_000
"""Characters; GitHub's code scanning shows 1,024."""


def at(
    where: Node | Place,
    message: str,
    *,
    help: str = "",
    related: tuple[Related, ...] = (),
    severity: Severity | None = None,
    fix: Fix | None = None,
) -> Problem:
    """A problem at a node or place. For a value that a variable brought in, the reference is named as a related
    place."""
    if isinstance(where, Place):
        return Problem(where, message, help, related, severity, fix)
    if where.substituted_at:
        related = (*related, Related(where.substituted_at, "used here"))
    return Problem(where.place, message, help, related, severity, fix)


def brief(problem: Problem) -> Problem:
    """A problem in words that can be read: a name of a job may be as long as its file, and is cut in the middle."""
    related = tuple(Related(other.place, brief_text(other.message)) for other in problem.related)
    return replace(problem, message=brief_text(problem.message), help=brief_text(problem.help), related=related)


def brief_text(text: str) -> str:
    """A text of at most `MAX_SAID` characters, its beginning and its end."""
    if len(text) <= MAX_SAID:
        return text
    end = MAX_SAID // 3
    return f"{text[: MAX_SAID - end - 1]}…{text[-end:]}"


def is_known(node: Node | None) -> bool:
    """Whether a value is wholly known: no environment variable or site setting has a part in it."""
    if isinstance(node, Leaf):
        return not isinstance(node.scalar, Unknown) and not (
            isinstance(node.scalar, str) and UNKNOWN_TEXT in node.scalar
        )
    return node is None or all(is_known(child) for child in node.children)
