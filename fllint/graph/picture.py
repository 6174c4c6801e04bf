"""What the drawn formats show of a graph, and how each node looks there.

A drawing leaves out what would only crowd it: the classes of NVFlare itself (a component's box names its class),
third-party packages, and files that nothing leads to and nothing is wrong with.
"""

from __future__ import annotations

from enum import Enum
from typing import Final

from msgspec import Struct

from fllint.documents.tree import UNKNOWN_TEXT
from fllint.findings import Severity
from fllint.graph.vocabulary import EdgeKind, GraphEdge, GraphNode, JobGraph, NodeKind, edges_of, nodes_of
from fllint.output.characters import printable

MAX_FINDINGS: Final = 3
"""Codes of findings named in one node; the others are counted."""


class Standing(str, Enum):
    """How a node stands: the worst of its findings and marks."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"
    MUTED = "muted"
    PLAIN = "plain"


class Picture(Struct, frozen=True):
    """The nodes and edges that are drawn. ``job`` is the title."""

    job: GraphNode
    nodes: tuple[GraphNode, ...]
    edges: tuple[GraphEdge, ...]

    def of_kind(self, *kinds: NodeKind) -> tuple[GraphNode, ...]:
        return tuple(node for node in self.nodes if node.kind in kinds)


def picture_of(graph: JobGraph) -> Picture:
    """The picture of a graph of `fllint.graph.build.build_graph`."""
    everything = nodes_of(graph)
    edges = edges_of(graph)
    used = {edge.target for edge in edges if edge.kind in (EdgeKind.DEFINED_IN, EdgeKind.RUNS, EdgeKind.IMPORTS)}
    own_classes = {edge.source for edge in edges if edge.kind is EdgeKind.DEFINED_IN}
    nodes = tuple(node for node in everything if _is_shown(node, used, own_classes))
    names = {node.id for node in nodes}
    drawn = tuple(edge for edge in edges if edge.source in names and edge.target in names)
    return Picture(next(node for node in everything if node.kind is NodeKind.JOB), nodes, drawn)


def _is_shown(node: GraphNode, used: set[str], own_classes: set[str]) -> bool:
    if node.kind in (NodeKind.JOB, NodeKind.PACKAGE):
        return False
    if node.kind is NodeKind.CLASS:
        return node.id in own_classes or bool(node.marks or node.findings)
    if node.kind is NodeKind.FILE:
        return bool(node.marks or node.findings)
    return node.kind is not NodeKind.MODULE or node.id in used


def standing(node: GraphNode) -> Standing:
    """How a node stands."""
    if node.severity is Severity.ERROR:
        return Standing.ERROR
    if node.severity is Severity.WARNING or not all(mark.is_gentle for mark in node.marks):
        return Standing.WARNING
    if node.severity is Severity.INFO:
        return Standing.INFO
    return Standing.MUTED if node.marks else Standing.PLAIN


def name_of(node: GraphNode) -> str:
    """A node's name, fit for output."""
    return shown(node.label)


def detail_of(node: GraphNode) -> str:
    """What else identifies a node: a component's class, how many sites; empty when the name says it."""
    if node.kind is NodeKind.CLASS:
        return shown(node.detail.rpartition(".")[0])
    return "" if node.detail == node.label else shown(node.detail)


def remarks_of(node: GraphNode) -> tuple[tuple[str, Standing], ...]:
    """The marks and findings of a node in a few words each (``unused``, ``FL203 unknown-class``), and how bad each is;
    the worst findings first."""
    marks = [(mark.words, Standing.MUTED if mark.is_gentle else Standing.WARNING) for mark in node.marks]
    worst = sorted(node.findings, key=lambda finding: finding.severity.rank)
    codes = dict.fromkeys((f"{found.code} {found.name}", Standing(found.severity.value)) for found in worst)
    more = len(codes) - MAX_FINDINGS
    rest = [(f"and {more} more", Standing.INFO)] if more > 0 else []
    return (*marks, *[(shown(code), bad) for code, bad in codes][:MAX_FINDINGS], *rest)


def captions_of(node: GraphNode) -> list[str]:
    """The lines that say all about a node: its name, what it is, its remarks in brackets."""
    lines = [name_of(node), detail_of(node), *(f"({remark})" for remark, _ in remarks_of(node))]
    return [line for line in lines if line]


def shown(text: str) -> str:
    """A text of the job, fit for output: no control characters, ``…`` for what is not known."""
    return printable(text.replace(UNKNOWN_TEXT, "…"))
