"""How mermaid and dot group the nodes of a picture: boxes inside boxes."""

from __future__ import annotations

from msgspec import Struct

from fllint.graph.picture import Picture
from fllint.graph.vocabulary import EdgeKind, GraphEdge, GraphNode, NodeKind


class Group(Struct, frozen=True):
    """A node that is drawn as a frame around others: an app around its configs and code, a config around its
    components. The outermost group has no node."""

    node: GraphNode | None
    groups: tuple[Group, ...]
    nodes: tuple[GraphNode, ...]


def outline(picture: Picture) -> Group:
    """The frames of a picture. A frame stands in it even when nothing is inside."""
    apps = []
    for app in picture.of_kind(NodeKind.APP):
        members = [node for node in picture.nodes if node.app == app.app and node is not app]
        configs = [node for node in members if node.kind is NodeKind.CONFIG]
        inner = tuple(
            Group(config, (), tuple(node for node in members if node.side == config.side and node is not config))
            for config in configs
        )
        inside = {node.id for group in inner for node in group.nodes} | {config.id for config in configs}
        apps.append(Group(app, inner, tuple(node for node in members if node.id not in inside)))
    return Group(None, tuple(apps), tuple(node for node in picture.nodes if not node.app))


def flow(edge: GraphEdge) -> tuple[str, str, str] | None:
    """An edge as mermaid and dot draw it: from, to, and its text. Tasks flow on to their executors; what a frame shows
    needs no edge."""
    if edge.kind is EdgeKind.HANDLES:
        return edge.target, edge.source, f"handled by {edge.label}".removesuffix(" ")
    if edge.kind is EdgeKind.CONTAINS:
        return (edge.source, edge.target, edge.label) if edge.label else None
    if edge.kind in (EdgeKind.REFERS_TO, EdgeKind.RUNS, EdgeKind.FILTERS):
        return edge.source, edge.target, edge.label or edge.kind.value
    return edge.source, edge.target, edge.kind.value
