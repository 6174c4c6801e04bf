"""pyhocon reads a text with its tabs expanded to spaces. This finds the way back to the text that was written."""

from __future__ import annotations

from msgspec.structs import replace

from fllint.documents.document import DocumentProblem
from fllint.documents.limits import MAX_BYTES, RefusedError, limit_problem
from fllint.documents.tree import Entry, Leaf, Mapping, Node, Place, Sequence, Source, Span


class Untabbed:
    """Sources with their tabs expanded (``shadow`` is the first), and trees and problems moved back from them."""

    def __init__(self, source: Source) -> None:
        self._written: dict[int, tuple[Source, Source, list[int]]] = {}
        self.shadow = self.expanded(source)

    def expanded(self, source: Source) -> Source:
        """A source as pyhocon's parser sees it; the same one when it has no tabs."""
        if "\t" not in source.text:
            return source
        expanded = source.text.expandtabs()
        if len(expanded) > MAX_BYTES:
            message = f"With its tabs expanded, the text is longer than the {MAX_BYTES} characters that fllint reads."
            raise RefusedError(limit_problem(source, Span(0, 0), message))
        shadow = replace(source, text=expanded)
        self._written[id(shadow)] = (shadow, source, _offsets(source.text))
        return shadow

    def node(self, node: Node) -> Node:
        """A tree at the places where it was written."""
        if not self._written:
            return node
        source, span = self._place(node.place).source, self._place(node.place).span
        at = self._place(node.substituted_at) if node.substituted_at else None
        if isinstance(node, Leaf):
            characters = self._characters(node)
            return replace(node, source=source, span=span, substituted_at=at, offsets=characters)
        if isinstance(node, Mapping):
            return replace(
                node,
                source=source,
                span=span,
                substituted_at=at,
                entries=tuple(self._entry(entry) for entry in node.entries),
                overridden=tuple(self._entry(entry) for entry in node.overridden),
            )
        assert isinstance(node, Sequence)
        return replace(
            node, source=source, span=span, substituted_at=at, items=tuple(self.node(item) for item in node.items)
        )

    def problem(self, problem: DocumentProblem) -> DocumentProblem:
        """A problem at the place that was written."""
        if not self._written:
            return problem
        related = tuple(self._place(place) for place in problem.related)
        return replace(problem, place=self._place(problem.place), related=related)

    def _entry(self, entry: Entry) -> Entry:
        return replace(entry, key_place=self._place(entry.key_place), node=self.node(entry.node))

    def _place(self, place: Place) -> Place:
        if id(place.source) not in self._written:
            return place
        _, source, offsets = self._written[id(place.source)]
        return Place(source, Span(offsets[place.span.start], offsets[place.span.end]), place.pointer)

    def _characters(self, leaf: Leaf) -> tuple[int, ...]:
        """The offsets of a string's characters in the written text; several are the same where a tab was."""
        if id(leaf.source) not in self._written or not isinstance(leaf.scalar, str):
            return leaf.offsets
        _, _, offsets = self._written[id(leaf.source)]
        first = leaf.span.start + (0 if leaf.bare else 1)
        own = leaf.offsets or range(first, first + len(leaf.scalar) + 1)
        moved = tuple(offsets[offset] for offset in own)
        return moved if moved != tuple(range(moved[0], moved[0] + len(moved))) or leaf.offsets else ()


def _offsets(text: str) -> list[int]:
    """For each character of the expanded text, and its end, where it was written."""
    offsets: list[int] = []
    column = 0
    for position, character in enumerate(text):
        width = 8 - column % 8 if character == "\t" else 1
        offsets.extend([position] * width)
        column = 0 if character in "\n\r" else column + width
    offsets.append(len(text))
    return offsets
