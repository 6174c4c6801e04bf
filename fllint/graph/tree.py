"""The graph as a tree of lines, for the terminal."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import Final, TypeAlias

import click
from msgspec import Struct, field

from fllint.documents.tree import UNKNOWN_TEXT
from fllint.findings import Severity
from fllint.graph.vocabulary import EdgeKind, GraphEdge, GraphNode, JobGraph, NodeKind, edges_of, nodes_of
from fllint.output.characters import printable
from fllint.output.text_report import COLOURS

Style: TypeAlias = Callable[..., str]

MAX_NAMES: Final = 12
"""Names in one line; the others are counted."""
WIRING: Final = (NodeKind.WORKFLOW, NodeKind.EXECUTOR, NodeKind.FILTER, NodeKind.COMPONENT)
CODE: Final = (NodeKind.SCRIPT, NodeKind.MODULE, NodeKind.FILE)


class Line(Struct, frozen=True):
    """A line and those below it."""

    text: str
    children: list[Line] = field(default_factory=list)


def render(graph: JobGraph, *, colour: bool = False, unicode: bool = True) -> str:
    """The graph as indented lines: apps with their sites, configs and components, then tasks.

    Args:
        graph: a graph of `fllint.graph.build.build_graph`.
        colour: with terminal colours.
        unicode: with box-drawing characters and arrows; else with ASCII only around the job's own texts.
    """
    text = "\n".join(_TreeWriter(graph, click.style if colour else _plain).lines(unicode)) + "\n"
    return text if unicode else text.replace("→", "->").replace("…", "...")


def _plain(text: str, **_: object) -> str:
    return text


class _TreeWriter:
    def __init__(self, graph: JobGraph, style: Style) -> None:
        self.style = style
        self.nodes = {node.id: node for node in nodes_of(graph)}
        self.outgoing: dict[tuple[str, EdgeKind], list[GraphEdge]] = defaultdict(list)
        self.incoming: dict[tuple[str, EdgeKind], list[GraphEdge]] = defaultdict(list)
        for edge in edges_of(graph):
            self.outgoing[edge.source, edge.kind].append(edge)
            self.incoming[edge.target, edge.kind].append(edge)

    def lines(self, unicode: bool) -> Iterator[str]:
        job = next(node for node in self.nodes.values() if node.kind is NodeKind.JOB)
        children = [
            *self.findings(job),
            *(self.app(node) for node in self.targets(job.id, EdgeKind.CONTAINS, NodeKind.APP)),
        ]
        children += [self.named(node) for node in self.targets(job.id, EdgeKind.CONTAINS, NodeKind.FILE)]
        tasks = [node for node in self.nodes.values() if node.kind is NodeKind.TASK]
        if tasks:
            children.append(Line("tasks", [self.task(node) for node in tasks]))
        yield from drawn(Line(f"{self.label(job)}{self.faint(job.detail)}", children), unicode)

    # The lines of each kind of node.

    def app(self, node: GraphNode) -> Line:
        sites = self.targets(node.id, EdgeKind.DEPLOYS_TO)
        where = f" → {self.names(sites)}" if sites else ""
        line = Line(f"app {self.label(node)}{where}{self.marks(node)}", self.findings(node))
        for site in sites:
            line.children.extend(self.findings(site))
        line.children.extend(
            self.config(config) for config in self.targets(node.id, EdgeKind.CONTAINS, NodeKind.CONFIG)
        )
        code = [found for found in self.nodes.values() if found.app == node.app and found.kind in CODE]
        if code:
            line.children.append(Line("files", [self.code(found, node) for found in code]))
        return line

    def config(self, node: GraphNode) -> Line:
        below = [self.component(found) for found in self.targets(node.id, EdgeKind.CONTAINS)]
        return Line(f"{node.side} {self.label(node)}{self.marks(node)}", [*self.findings(node), *below])

    def component(self, node: GraphNode, argument: str = "") -> Line:
        detail = "" if node.kind is NodeKind.EXECUTOR else node.detail
        detail = f" ({self.text(detail)})" if detail and detail != node.label else ""
        kind = argument or node.kind.value
        line = Line(f"{self.text(kind)} {self.label(node)}{self.faint(detail)}{self.marks(node)}", self.findings(node))
        line.children.extend(self.class_of(node))
        for edge in self.outgoing[node.id, EdgeKind.CONTAINS]:
            line.children.append(self.component(self.nodes[edge.target], edge.label))
        for kind_of_edge in (EdgeKind.ISSUES, EdgeKind.HANDLES, EdgeKind.FILTERS):
            targets = self.targets(node.id, kind_of_edge)
            if targets:
                line.children.append(Line(f"{kind_of_edge.value} {self.names(targets)}"))
        for edge in (*self.outgoing[node.id, EdgeKind.REFERS_TO], *self.outgoing[node.id, EdgeKind.RUNS]):
            target = self.nodes[edge.target]
            line.children.append(Line(f"{self.text(edge.label)} → {self.label(target)}{self.marks(target)}"))
        return line

    def class_of(self, node: GraphNode) -> list[Line]:
        """The class, where it is no class of NVFlare that is there."""
        lines = []
        for found in self.targets(node.id, EdgeKind.INSTANCE_OF):
            files = self.targets(found.id, EdgeKind.DEFINED_IN)
            if files or found.marks:
                where = f" in {self.names(files)}" if files else ""
                lines.append(Line(f"class {self.text(found.detail)}{where}{self.marks(found)}", self.findings(found)))
        return lines

    def task(self, node: GraphNode) -> Line:
        issuers = self.names(self.sources(node.id, EdgeKind.ISSUES)) or "?"
        handlers = self.names(self.sources(node.id, EdgeKind.HANDLES)) or "?"
        filters = self.sources(node.id, EdgeKind.FILTERS)
        filtered = f", filtered by {self.names(filters)}" if filters else ""
        return Line(f"{self.label(node)}: {issuers} → {handlers}{filtered}{self.marks(node)}", self.findings(node))

    def code(self, node: GraphNode, app: GraphNode) -> Line:
        imported = self.targets(node.id, EdgeKind.IMPORTS)
        imports = f", imports {self.names(imported)}" if imported else ""
        return Line(f"{node.kind.value} {self.label(node)}{imports}{self.marks(node)}", self.findings(node))

    def named(self, node: GraphNode) -> Line:
        return Line(f"{node.kind.value} {self.label(node)}{self.marks(node)}", self.findings(node))

    # Their parts.

    def targets(self, source: str, kind: EdgeKind, only: NodeKind | None = None) -> list[GraphNode]:
        found = dict.fromkeys(edge.target for edge in self.outgoing[source, kind])
        return [self.nodes[target] for target in found if only is None or self.nodes[target].kind is only]

    def sources(self, target: str, kind: EdgeKind) -> list[GraphNode]:
        return [self.nodes[source] for source in dict.fromkeys(edge.source for edge in self.incoming[target, kind])]

    def names(self, nodes: list[GraphNode]) -> str:
        shown = [self.label(node) + self.counted(node) for node in nodes[:MAX_NAMES]]
        more = [f"{len(nodes) - MAX_NAMES} more"] if len(nodes) > MAX_NAMES else []
        return ", ".join([*shown, *more])

    def counted(self, node: GraphNode) -> str:
        return f" ({self.text(node.detail)})" if node.members else ""

    def label(self, node: GraphNode) -> str:
        return self.style(self.text(node.label), bold=True)

    def faint(self, text: str) -> str:
        return self.style(text if text.startswith(" ") else f"  {text}", dim=True) if text else ""

    def text(self, text: str) -> str:
        return printable(text.replace(UNKNOWN_TEXT, "…"))

    def marks(self, node: GraphNode) -> str:
        colours = ["cyan" if mark.is_gentle else "yellow" for mark in node.marks]
        words = [self.style(mark.words, fg=colour) for mark, colour in zip(node.marks, colours, strict=True)]
        return f"  [{', '.join(words)}]" if words else ""

    def findings(self, node: GraphNode) -> list[Line]:
        lines = []
        for finding in node.findings:
            severity: Severity = finding.severity
            head = self.style(f"{severity.value}[{finding.code}]", fg=COLOURS[severity], bold=True)
            lines.append(Line(f"{head} {self.text(finding.problem.message)}"))
        return lines


def drawn(root: Line, unicode: bool) -> Iterator[str]:
    """The lines of a tree with its branches."""
    branch, last, pass_by = ("├─ ", "└─ ", "│  ") if unicode else ("|- ", "`- ", "|  ")
    yield root.text
    waiting = [("", root.children, 0)]
    while waiting:
        indent, lines, position = waiting.pop()
        if position == len(lines):
            continue
        line = lines[position]
        waiting.append((indent, lines, position + 1))
        is_last = position + 1 == len(lines)
        yield f"{indent}{last if is_last else branch}{line.text}"
        waiting.append((indent + ("   " if is_last else pass_by), line.children, 0))
