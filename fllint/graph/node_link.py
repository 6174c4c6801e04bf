"""The graph as JSON in networkx's node-link form."""

from __future__ import annotations

import json
from typing import Any, Final

from fllint import __version__
from fllint.documents.tree import Place
from fllint.graph.vocabulary import GraphEdge, GraphNode, JobGraph, NodeKind, edges_of, nodes_of

SCHEMA_VERSION: Final = 1


def render(graph: JobGraph) -> str:
    """The graph as JSON that ``networkx.node_link_graph(json.loads(text), edges="edges")`` reads back; the keys are
    described in docs/graph.md. The order of nodes and edges is that of the job's files."""
    nodes = nodes_of(graph)
    job = next(node for node in nodes if node.kind is NodeKind.JOB)
    content = {
        "schema_version": SCHEMA_VERSION,
        "directed": True,
        "multigraph": True,
        "graph": {"fllint": __version__, "job": job.label, "nvflare": job.detail.removeprefix("NVFlare ")},
        "nodes": [_node(node) for node in nodes],
        "edges": [_edge(edge) for edge in edges_of(graph)],
    }
    return json.dumps(content, indent=2, ensure_ascii=False).encode("utf-8", "backslashreplace").decode() + "\n"


def _node(node: GraphNode) -> dict[str, Any]:
    findings = [
        {
            "code": finding.code,
            "name": finding.name,
            "severity": finding.severity.value,
            "message": finding.problem.message,
        }
        for finding in node.findings
    ]
    return {
        "id": node.id,
        "kind": node.kind.value,
        "label": node.label,
        "detail": node.detail,
        "app": node.app or None,
        "side": node.side or None,
        **_place(node.place),
        "members": list(node.members),
        "marks": [mark.value for mark in node.marks],
        "findings": findings,
    }


def _edge(edge: GraphEdge) -> dict[str, Any]:
    return {
        "source": edge.source,
        "target": edge.target,
        "key": edge.key,
        "kind": edge.kind.value,
        "label": edge.label,
        **_place(edge.place),
    }


def _place(place: Place | None) -> dict[str, Any]:
    """Where it is written, as in the report of ``fllint check``; a whole file has no line."""
    if place is None:
        return {"path": None, "pointer": None, "line": None, "column": None, "end_line": None, "end_column": None}
    whole = not place.source.text
    line, column = place.source.position(place.span.start)
    end_line, end_column = place.source.position(place.span.end)
    return {
        "path": place.source.path,
        "pointer": place.pointer,
        "line": None if whole else line,
        "column": None if whole else column,
        "end_line": None if whole else end_line,
        "end_column": None if whole else end_column,
    }
