"""Making problems: what rules yield."""

from __future__ import annotations

from fllint.documents.tree import UNKNOWN_TEXT, Leaf, Node, Place, Unknown
from fllint.findings import Fix, Problem, Related, Severity


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


def is_known(node: Node | None) -> bool:
    """Whether a value is wholly known: no environment variable or site setting has a part in it."""
    if isinstance(node, Leaf):
        return not isinstance(node.scalar, Unknown) and not (
            isinstance(node.scalar, str) and UNKNOWN_TEXT in node.scalar
        )
    return node is None or all(is_known(child) for child in node.children)
