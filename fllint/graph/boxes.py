"""The boxes of the svg: which nodes share one, what is written in each, and how large it is."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from typing import Final

from msgspec import Struct

from fllint.graph.columns import Box
from fllint.graph.picture import Picture, Standing, detail_of, name_of, remarks_of, shown, standing
from fllint.graph.vocabulary import EdgeKind, GraphEdge, GraphNode, NodeKind

COLUMNS: Final[dict[NodeKind, int]] = {
    NodeKind.SITE: 0,
    NodeKind.APP: 1,
    NodeKind.WORKFLOW: 2,
    NodeKind.EXECUTOR: 2,
    NodeKind.TASK: 3,
    NodeKind.COMPONENT: 4,
    NodeKind.FILTER: 4,
    NodeKind.CLASS: 5,
    NodeKind.SCRIPT: 6,
    NodeKind.MODULE: 6,
    NodeKind.FILE: 6,
}
HEADINGS: Final = ("sites", "apps", "workflows, executors", "tasks", "components, filters", "own classes", "code")
OWNERS: Final = (NodeKind.APP, NodeKind.WORKFLOW, NodeKind.EXECUTOR, NodeKind.COMPONENT, NodeKind.FILTER)
CODE: Final = (NodeKind.SCRIPT, NodeKind.MODULE, NodeKind.FILE)
MAX_CELLS: Final = 30
CELL: Final = 0.605
"""The width of a character of a monospace font, as a part of the font's size."""
PADDING: Final = 8.0
STRIPE: Final = 4.0


class Style(Struct, frozen=True):
    """How a line of text is written."""

    name: str
    size: float
    height: float


TITLE: Final = Style("title", 12.5, 18.0)
DETAIL: Final = Style("detail", 10.5, 15.0)
ROW: Final = Style("row", 10.5, 16.0)
REMARK: Final = Style("remark", 10.5, 15.0)


class TextLine(Struct, frozen=True):
    """A line of text in a box; ``port`` is what links that begin or end at it call it."""

    text: str
    style: Style
    port: str = ""
    standing: Standing = Standing.PLAIN

    @property
    def width(self) -> float:
        return cells(self.text) * CELL * self.style.size


class TextBox(Struct, frozen=True):
    """A box with its lines. ``nodes`` are those that it stands for: the first is its title, the others are rows."""

    nodes: tuple[GraphNode, ...]
    lines: tuple[TextLine, ...]
    box: Box

    @property
    def standing(self) -> Standing:
        """The worst of its nodes."""
        order = list(Standing)
        return min((standing(node) for node in self.nodes), key=order.index)


def cells(text: str) -> int:
    """The width of a text in characters of a monospace font."""
    return sum(
        0 if unicodedata.combining(character) else 2 if unicodedata.east_asian_width(character) in "WF" else 1
        for character in text
    )


def shortened(text: str, limit: int, *, keep_end: bool = False) -> str:
    """A text of at most ``limit`` cells, cut at its end or, for paths, at its beginning."""
    if cells(text) <= limit:
        return text
    kept, width = [], 1
    for character in reversed(text) if keep_end else text:
        width += cells(character)
        if width > limit:
            break
        kept.append(character)
    return "…" + "".join(reversed(kept)) if keep_end else "".join(kept) + "…"


class Boxes:
    """The boxes of a picture, and which box and port each node and each argument has."""

    def __init__(self, picture: Picture) -> None:
        self.owner = _owners(picture)
        self.picture = picture
        self.ports: dict[str, tuple[str, str]] = {}
        self.boxes: dict[str, TextBox] = {}
        self._rows: dict[str, list[GraphEdge]] = {}
        for edge in picture.edges:
            if edge.label and edge.kind in (EdgeKind.REFERS_TO, EdgeKind.RUNS, EdgeKind.HANDLES):
                self._rows.setdefault(edge.source, []).append(edge)
        inside: dict[str, list[GraphNode]] = {}
        for node in picture.nodes:
            inside.setdefault(self.owner[node.id], []).append(node)
        for name, nodes in inside.items():
            self._add(name, tuple(nodes))

    def port_of(self, edge: GraphEdge, end: str) -> tuple[str, str]:
        """The box and the port where an edge is attached to one of its ends."""
        row = row_name(edge)
        return self.ports.get(row, self.ports[end]) if end == edge.source else self.ports[end]

    def _add(self, name: str, nodes: tuple[GraphNode, ...]) -> None:
        lines = [line for node in nodes for line in self._lines(node, is_title=node.id == name)]
        heights: dict[str, float] = {}
        y = PADDING - 2.0
        for line in lines:
            heights.setdefault(line.port, y + line.style.height / 2)
            y += line.style.height
        heights.pop("", None)
        width = max(line.width for line in lines) + STRIPE + 2 * PADDING
        box = Box(COLUMNS[nodes[0].kind], round(width, 1), y + PADDING - 2.0, heights)
        self.boxes[name] = TextBox(nodes, tuple(lines), box)
        for port in heights:
            self.ports[port] = (name, port)

    def _lines(self, node: GraphNode, *, is_title: bool) -> Iterator[TextLine]:
        name, detail = _captions(node)
        if is_title:
            keep_end = node.kind in CODE
            yield TextLine(shortened(name, MAX_CELLS + 2, keep_end=keep_end), TITLE, node.id)
            if detail:
                yield TextLine(shortened(detail, MAX_CELLS, keep_end=node.kind is NodeKind.CLASS), DETAIL)
        else:
            text = f"{name}: {detail}" if node.kind is NodeKind.COMPONENT and detail else name
            yield TextLine(shortened(text, MAX_CELLS), ROW, node.id)
        labels = {row_name(edge): edge.label for edge in self._rows.get(node.id, ())}
        for port, label in labels.items():
            yield TextLine(shortened(shown(label), MAX_CELLS), ROW, port)
        for remark, bad in remarks_of(node):
            yield TextLine(shortened(remark, MAX_CELLS), REMARK, "", bad)


def _captions(node: GraphNode) -> tuple[str, str]:
    """A node's name and detail in its box. An executor's tasks are its lines; a file is named inside its app."""
    name, detail = name_of(node), detail_of(node)
    inside = f"{shown(node.app)}/"
    if node.kind in CODE and name.startswith(inside):
        return name.removeprefix(inside), shown(node.app)
    return name, "" if node.kind is NodeKind.EXECUTOR else detail


def row_name(edge: GraphEdge) -> str:
    """The port of the argument, or of the pattern, that an edge comes from."""
    return f"{edge.source} {edge.key}"


def _owners(picture: Picture) -> dict[str, str]:
    """The node in whose box each node stands: a config in its app's, an inline component in that of the component that
    is built with it; the others in their own."""
    owner = {node.id: node.id for node in picture.nodes}
    kinds = {node.id: node.kind for node in picture.nodes}
    for edge in picture.edges:
        if edge.kind is EdgeKind.CONTAINS and kinds[edge.source] in OWNERS and kinds[edge.target] is not NodeKind.FILE:
            owner[edge.target] = owner[edge.source]
    return owner
