"""The graph as a mermaid flowchart."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from fllint.graph.outline import Group, flow, outline
from fllint.graph.picture import Standing, captions_of, name_of, picture_of, remarks_of, shown, standing
from fllint.graph.vocabulary import EdgeKind, GraphNode, JobGraph, NodeKind

SHAPES: Final = {
    NodeKind.SITE: ('(["', '"])'),
    NodeKind.TASK: ('{{"', '"}}'),
    NodeKind.CLASS: ('[["', '"]]'),
    NodeKind.SCRIPT: ('[/"', '"/]'),
    NodeKind.MODULE: ('[/"', '"/]'),
    NodeKind.FILE: ('[/"', '"/]'),
}
"""How a kind is drawn; the others are boxes."""
ARROWS: Final = {EdgeKind.REFERS_TO: "-.->", EdgeKind.CONTAINS: "---"}
STYLES: Final = {
    Standing.ERROR: "fill:#fde8e8,stroke:#c81e1e,color:#771d1d",
    Standing.WARNING: "fill:#fdf6b2,stroke:#b45309,color:#633112",
    Standing.INFO: "fill:#e1effe,stroke:#1c64f2,color:#1e3a6e",
    Standing.MUTED: "fill:#f3f4f6,stroke:#9ca3af,color:#6b7280,stroke-dasharray:4 3",
}
PLAIN_CHARACTERS: Final = frozenset(" _-.,:/()…→")


def render(graph: JobGraph) -> str:
    """The graph as a mermaid flowchart. Mermaid itself draws at most 500 edges unless it is told to draw more."""
    picture = picture_of(graph)
    names = {node.id: f"n{index}" for index, node in enumerate(picture.nodes)}
    lines = ["flowchart LR", *_group(outline(picture), names, "  ")]
    for edge in picture.edges:
        ends = flow(edge)
        if ends:
            source, target, text = ends
            arrow = ARROWS.get(edge.kind, "-->")
            lines.append(f'  {names[source]} {arrow}|"{_escaped(shown(text))}"| {names[target]}')
    lines += _styles([(names[node.id], standing(node)) for node in picture.nodes])
    title = f'---\ntitle: "{_yaml(name_of(picture.job))}"\n---'
    return "\n".join([title, *lines]) + "\n"


def _group(group: Group, names: dict[str, str], indent: str) -> Iterator[str]:
    for node in group.nodes:
        opening, closing = SHAPES.get(node.kind, ('["', '"]'))
        yield f"{indent}{names[node.id]}{opening}{_text(node)}{closing}"
    for inner in group.groups:
        assert inner.node is not None
        yield f'{indent}subgraph {names[inner.node.id]}["{_title(inner.node)}"]'
        yield from _group(inner, names, indent + "  ")
        yield f"{indent}end"


def _text(node: GraphNode) -> str:
    return "<br/>".join(_escaped(line) for line in captions_of(node))


def _title(node: GraphNode) -> str:
    """The one line that a frame has room for."""
    return _escaped(" ".join([name_of(node), *(f"({remark})" for remark, _ in remarks_of(node))]))


def _escaped(text: str) -> str:
    """A text inside a quoted label: what mermaid or HTML may take for markup is written as a character code. Mermaid
    breaks long labels also at a backslash and an n: a joiner of no width keeps these apart."""
    text = text.replace("\\n", "\\\u2060n")
    return "".join(
        character
        if (character.isascii() and character.isalnum()) or character in PLAIN_CHARACTERS
        else f"#{ord(character)};"
        for character in text
    )


def _yaml(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')


def _styles(standings: list[tuple[str, Standing]]) -> Iterator[str]:
    for kind, style in STYLES.items():
        members = [name for name, found in standings if found is kind]
        if members:
            yield f"  classDef {kind.value} {style}"
            yield f"  class {','.join(members)} {kind.value}"
