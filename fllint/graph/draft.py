"""A graph in the making: what the readers of sites, components, tasks and code add to."""

from __future__ import annotations

from msgspec.structs import replace

from fllint.documents.tree import Place
from fllint.graph.vocabulary import EdgeKind, GraphEdge, GraphNode, JobGraph, Mark, NodeKind


class Draft:
    """Nodes and edges in the order in which they are found.

    ``territories`` says which part of which file a node stands for, by the file's path in the job and a JSON pointer
    (empty: the whole file): a finding that points there belongs to that node.
    """

    def __init__(self) -> None:
        self.nodes: dict[str, GraphNode] = {}
        self.edges: dict[tuple[str, str, str], GraphEdge] = {}
        self.territories: dict[tuple[str, str], str] = {}

    def free_id(self, wanted: str) -> str:
        """An id that no node has yet: the wanted one, or that with a number."""
        identifier, number = wanted, 1
        while identifier in self.nodes:
            number += 1
            identifier = f"{wanted}#{number}"
        return identifier

    def add(
        self,
        identifier: str,
        kind: NodeKind,
        label: str,
        *,
        detail: str = "",
        app: str = "",
        side: str = "",
        place: Place | None = None,
        marks: tuple[Mark, ...] = (),
        members: tuple[str, ...] = (),
    ) -> str:
        """Adds a node unless there is one with this id; returns the id."""
        if identifier not in self.nodes:
            self.nodes[identifier] = GraphNode(identifier, kind, label, detail, app, side, place, marks, members)
        return identifier

    def connect(self, source: str, target: str, kind: EdgeKind, label: str = "", place: Place | None = None) -> None:
        """Adds an edge; the same one again changes nothing."""
        edge = GraphEdge(source, target, kind, label, place)
        self.edges.setdefault((source, target, edge.key), edge)

    def own(self, file: str, pointer: str, identifier: str) -> None:
        """Says that a node stands for a part of a file; the first to say so owns it."""
        self.territories.setdefault((file, pointer), identifier)

    def mark(self, identifier: str, mark: Mark) -> None:
        """Marks a node; the same mark again changes nothing."""
        node = self.nodes[identifier]
        if mark not in node.marks:
            self.nodes[identifier] = replace(node, marks=(*node.marks, mark))

    def edges_to(self, kind: EdgeKind) -> frozenset[str]:
        """The nodes that an edge of this kind leads to."""
        return frozenset(edge.target for edge in self.edges.values() if edge.kind is kind)

    def graph(self) -> JobGraph:
        """The finished graph."""
        import networkx

        graph = networkx.MultiDiGraph()
        for node in self.nodes.values():
            graph.add_node(node.id, node=node)
        for edge in self.edges.values():
            graph.add_edge(edge.source, edge.target, key=edge.key, edge=edge)
        return graph
