"""The graph in Graphviz's dot language."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from fllint.graph.outline import Group, flow, outline
from fllint.graph.picture import Standing, captions_of, name_of, picture_of, shown, standing
from fllint.graph.vocabulary import EdgeKind, JobGraph, NodeKind

SHAPES: Final = {
    NodeKind.SITE: "ellipse",
    NodeKind.TASK: "hexagon",
    NodeKind.CLASS: "component",
    NodeKind.SCRIPT: "note",
    NodeKind.MODULE: "note",
    NodeKind.FILE: "note",
}
COLOURS: Final = {
    Standing.ERROR: 'color="#c81e1e", fillcolor="#fde8e8"',
    Standing.WARNING: 'color="#b45309", fillcolor="#fdf6b2"',
    Standing.INFO: 'color="#1c64f2", fillcolor="#e1effe"',
    Standing.MUTED: 'color="#9ca3af", fontcolor="#6b7280", style="filled,dashed"',
}
STYLES: Final = {EdgeKind.REFERS_TO: ", style=dashed", EdgeKind.CONTAINS: ", arrowhead=none"}


def render(graph: JobGraph) -> str:
    """The graph as a ``digraph``: apps and configs are clusters around what they contain."""
    picture = picture_of(graph)
    names = {node.id: f"n{number}" for number, node in enumerate(picture.nodes)}
    frames = {node.id for node in picture.of_kind(NodeKind.APP, NodeKind.CONFIG)}
    lines = [
        f"digraph {_quoted(name_of(picture.job))} {{",
        f"  graph [rankdir=LR, compound=true, label={_quoted(name_of(picture.job))}, labelloc=t]",
        '  graph [fontname="sans-serif", fontsize=12]',
        '  node [shape=box, style=filled, fillcolor=white, fontname="sans-serif", fontsize=11]',
        '  edge [fontname="sans-serif", fontsize=9]',
        *_group(outline(picture), names, "  "),
    ]
    for edge in picture.edges:
        ends = flow(edge)
        if ends:
            source, target, text = ends
            # An edge cannot begin at a cluster: it begins at a point inside and is clipped at the cluster's frame.
            clip = f", ltail=cluster_{names[source]}" if source in frames else ""
            label = f"label={_quoted(shown(text))}{STYLES.get(edge.kind, '')}{clip}"
            lines.append(f"  {names[source]} -> {names[target]} [{label}]")
    return "\n".join([*lines, "}"]) + "\n"


def _group(group: Group, names: dict[str, str], indent: str) -> Iterator[str]:
    if group.node is not None:
        label = _quoted("\n".join(captions_of(group.node)))
        colour = COLOURS.get(standing(group.node), "")
        yield f"{indent}graph [label={label}, style=rounded{', ' + colour if colour else ''}]".replace(
            "fillcolor", "bgcolor"
        )
        yield f"{indent}{names[group.node.id]} [shape=point, style=invis]"
    for node in group.nodes:
        shape = f", shape={SHAPES[node.kind]}" if node.kind in SHAPES else ""
        colour = f", {COLOURS[found]}" if (found := standing(node)) in COLOURS else ""
        text = _quoted("\n".join(captions_of(node)))
        yield f"{indent}{names[node.id]} [label={text}{shape}{colour}]"
    for inner in group.groups:
        assert inner.node is not None
        yield f"{indent}subgraph cluster_{names[inner.node.id]} {{"
        yield from _group(inner, names, indent + "  ")
        yield f"{indent}}}"


def _quoted(text: str) -> str:
    r"""A text in quotes; a backslash would begin an escape such as ``\N``."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
