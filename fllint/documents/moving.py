"""Trees that are used at another place than where they are written: references and aliases."""

from __future__ import annotations

from msgspec.structs import replace

from fllint.documents.limits import MAX_NODES, RefusedError, limit_problem, too_many_nodes
from fllint.documents.tree import Mapping, Node, Sequence, Source, Span, child_pointer

_MAX_CHARACTERS = 1_000_000


class Budget:
    """What following references may cost. Raises `RefusedError` when it is spent: references multiply."""

    def __init__(self) -> None:
        self._nodes = 0
        self._characters = 0

    def node(self, source: Source, span: Span) -> None:
        """One more value; the problem will point at it."""
        self._nodes += 1
        if self._nodes > MAX_NODES:
            raise RefusedError(too_many_nodes(source, span.start))

    def text(self, characters: int, source: Source, span: Span) -> None:
        """So many characters more in texts that are joined of several."""
        self._characters += characters
        if self._characters > _MAX_CHARACTERS:
            message = "References make the text longer than fllint reads."
            raise RefusedError(limit_problem(source, span, message))


def moved(node: Node, pointer: str, budget: Budget) -> Node:
    """The same tree at another JSON pointer."""
    budget.node(node.source, node.span)
    if isinstance(node, Mapping):
        entries = []
        for entry in node.entries:
            child = child_pointer(pointer, entry.key)
            place = replace(entry.key_place, pointer=child)
            entries.append(replace(entry, key_place=place, node=moved(entry.node, child, budget)))
        return replace(node, pointer=pointer, entries=tuple(entries))
    if isinstance(node, Sequence):
        items = tuple(moved(item, f"{pointer}/{index}", budget) for index, item in enumerate(node.items))
        return replace(node, pointer=pointer, items=items)
    return replace(node, pointer=pointer)
