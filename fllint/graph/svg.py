"""The graph as a self-contained svg."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from typing import Final
from xml.sax.saxutils import quoteattr

from fllint.findings import Severity
from fllint.graph.boxes import CELL, CODE, HEADINGS, PADDING, STRIPE, Boxes, TextBox, cells, shortened
from fllint.graph.columns import Link, Point, lay_out
from fllint.graph.picture import Picture, detail_of, name_of, picture_of, shown
from fllint.graph.svg_style import STYLE
from fllint.graph.vocabulary import EdgeKind, GraphEdge, JobGraph, Mark, nodes_of

LEFT: Final = 24.0
TOP: Final = 112.0
"""Where the boxes begin: title and headings stand above."""
MIN_WIDTH: Final = 760.0
MAX_LISTED: Final = 12
"""Findings written out below the drawing."""
SMALL: Final = 11.0
LINE: Final = 18.0
HEAD: Final = 7.0
LEGEND: Final = (
    ("deploys-to", "goes to a site"),
    ("contains", "contains"),
    ("issues", "issues a task"),
    ("handles", "task goes to"),
    ("refers-to", "names an id"),
    ("filters", "filters"),
    ("runs", "code: run, imported, defined"),
)
DRAWN_LIKE: Final = {
    EdgeKind.IMPORTS: "runs",
    EdgeKind.DEFINED_IN: "runs",
    EdgeKind.INSTANCE_OF: "runs",
}
"""Kinds of edges that have no colour of their own."""


def render(graph: JobGraph) -> str:
    """The graph as an svg document without outside references: columns from sites to code, what is wrong in colour, the
    findings written out below. It is light or dark as its reader prefers."""
    picture = picture_of(graph)
    found_anywhere = (finding for node in nodes_of(graph) for finding in node.findings)
    findings = sorted(found_anywhere, key=lambda finding: (finding.severity.rank, finding.sort_key))
    drawing = _Drawing(picture)
    listed = [(found.severity, f"{found.code} {found.problem.message}") for found in findings[:MAX_LISTED]]
    if len(findings) > MAX_LISTED:
        listed.append((Severity.INFO, f"and {len(findings) - MAX_LISTED} more: fllint check lists them"))
    counts = Counter(finding.severity for finding in findings)
    words = [f"{counts[severity]} {severity.value}{'s' if counts[severity] != 1 else ''}" for severity in counts]
    subtitle = " · ".join([shown(picture.job.detail), ", ".join(words) or "no findings"])
    return "\n".join(drawing.document(subtitle, listed)) + "\n"


class _Drawing:
    def __init__(self, picture: Picture) -> None:
        self.picture = picture
        self.nodes = {node.id: node for node in picture.nodes}
        self.boxes = Boxes(picture)
        referred = {edge.target for edge in picture.edges if edge.kind is EdgeKind.REFERS_TO}
        self.edges = [edge for edge in picture.edges if self._is_drawn(edge, referred)]
        places = {name: found.box for name, found in self.boxes.boxes.items()}
        self.routes = lay_out(places, [self._link(edge) for edge in self.edges], LEFT, TOP)
        right = max((box.x + box.width for box in places.values()), default=0.0)
        bends = [x for route in self.routes for x, _ in route]
        self.width = max([right, *bends, MIN_WIDTH - LEFT]) + LEFT
        heights = [y for route in self.routes for _, y in route]
        self.bottom = max([TOP, *(box.y + box.height for box in places.values()), *heights])

    def _is_drawn(self, edge: GraphEdge, referred: set[str]) -> bool:
        """Whether an edge is a line: what stands in one box needs none, nor does a component to which others refer, nor
        a file, which names its app."""
        if self.boxes.owner[edge.source] == self.boxes.owner[edge.target]:
            return False
        named = edge.target in referred or self.nodes[edge.target].kind in CODE
        return edge.kind is not EdgeKind.CONTAINS or not named

    def _link(self, edge: GraphEdge) -> Link:
        source, target = self.boxes.port_of(edge, edge.source), self.boxes.port_of(edge, edge.target)
        if edge.kind is EdgeKind.HANDLES:
            return Link(target, source)
        return Link(source, target, f"{edge.kind.value} {source}" if edge.kind is EdgeKind.CONTAINS else "")

    def document(self, subtitle: str, listed: list[tuple[Severity, str]]) -> Iterator[str]:
        legend_top = self.bottom + 44.0
        height = legend_top + 28.0 + (LINE * len(listed) + 12.0 if listed else 0.0)
        size = f'width="{_n(self.width)}" height="{_n(height)}"'
        name = name_of(self.picture.job)
        yield (
            f'<svg xmlns="http://www.w3.org/2000/svg" class="fllint-graph" {size} '
            f'viewBox="0 0 {_n(self.width)} {_n(height)}" role="img" aria-label={quoteattr(_xml(name))}>'
        )
        yield f"<style>{STYLE}</style>"
        yield f'<rect class="paper" {size}/>'
        yield _text(LEFT, 36.0, shortened(name, 60), "job", 18.0)
        yield _text(LEFT, 57.0, subtitle, "detail", SMALL)
        yield from self._headings()
        for edge, route in zip(self.edges, self.routes, strict=True):
            yield from self._line(edge, route)
        for box in self.boxes.boxes.values():
            yield from _box(box)
        yield from self._legend(legend_top)
        room = int((self.width - 2 * LEFT) / (CELL * SMALL))
        for number, (severity, text) in enumerate(listed):
            y = legend_top + 34.0 + LINE * number
            yield _text(LEFT, y, shortened(shown(text), room), f"finding {severity.value}", SMALL)
        yield "</svg>"

    def _rule(self, y: float) -> str:
        return f'<path class="rule" d="M{_n(LEFT)} {_n(y)}H{_n(self.width - LEFT)}"/>'

    def _headings(self) -> Iterator[str]:
        lefts = {box.box.column: box.box.x for box in self.boxes.boxes.values()}
        yield self._rule(92.0)
        for column in sorted(lefts):
            yield _text(lefts[column], 84.0, HEADINGS[column], "heading", SMALL)

    def _line(self, edge: GraphEdge, route: list[Point]) -> Iterator[str]:
        source, target = self.nodes[edge.source], self.nodes[edge.target]
        broken = " broken" if Mark.MISSING in target.marks and edge.kind is not EdgeKind.CONTAINS else ""
        what = edge.label if edge.label and edge.kind is not EdgeKind.FILTERS else edge.kind.value
        yield f'<g class="link {DRAWN_LIKE.get(edge.kind, edge.kind.value)}{broken}">'
        yield f"<title>{_escaped(f'{name_of(source)}  {shown(what)} → {name_of(target)}')}</title>"
        has_head = edge.kind is not EdgeKind.CONTAINS
        yield f'<path d="{_path(route, HEAD if has_head else 0.0)}"/>'
        if has_head:
            yield f'<polygon points="{_head(route)}"/>'
        yield "</g>"

    def _legend(self, top: float) -> Iterator[str]:
        yield self._rule(top - 18.0)
        x = LEFT
        drawn = {DRAWN_LIKE.get(edge.kind, edge.kind.value) for edge in self.edges}
        for name, words in LEGEND:
            if name in drawn:
                route = [(x, top - 4.0), (x + 26.0, top - 4.0)]
                head = "" if name == "contains" else f'<polygon points="{_head(route)}"/>'
                yield f'<g class="link {name}"><path d="{_path(route, HEAD)}"/>{head}</g>'
                yield _text(x + 32.0, top, words, "legend", SMALL)
                x += 32.0 + cells(words) * CELL * SMALL + 22.0


def _box(found: TextBox) -> Iterator[str]:
    box, first = found.box, found.nodes[0]
    missing = " missing" if Mark.MISSING in first.marks else ""
    yield f'<g class="box {first.kind.value} {found.standing.value}{missing}">'
    yield f"<title>{_escaped(_tooltip(found))}</title>"
    corner = f'x="{_n(box.x)}" y="{_n(box.y)}"'
    yield f'<rect class="frame" {corner} width="{_n(box.width)}" height="{_n(box.height)}" rx="4"/>'
    yield f'<rect class="stripe" {corner} width="{_n(STRIPE)}" height="{_n(box.height)}" rx="2"/>'
    y = box.y + PADDING - 2.0
    for line in found.lines:
        y += line.style.height
        style = f"{line.style.name} {line.standing.value}" if line.style.name == "remark" else line.style.name
        yield _text(box.x + STRIPE + PADDING, y - 4.5, line.text, style, line.style.size)
    yield "</g>"


def _tooltip(found: TextBox) -> str:
    lines: list[str] = []
    for node in found.nodes:
        lines.append(" ".join([node.kind.value, name_of(node), _in_brackets(detail_of(node))]).strip())
        if node.place and node.place.source.text:
            line, column = node.place.source.position(node.place.span.start)
            lines.append(f"  {shown(node.place.source.path)}:{line}:{column}")
        lines += [f"  {mark.words}" for mark in node.marks]
        lines += [f"  {shown(f'{found.code} {found.problem.message}')}" for found in node.findings]
    return "\n".join(lines)


def _in_brackets(text: str) -> str:
    return f"({text})" if text else ""


def _path(route: list[Point], shorten: float) -> str:
    """A curve from column to column, straight where it passes one; its end leaves room for the arrow's head."""
    (before, _), (x, y) = route[-2:]
    route = [*route[:-1], (x - shorten if x >= before else x + shorten, y)]
    start_x, start_y = route[0]
    if len(route) == 4 and route[1][0] == route[2][0]:
        bend = route[1][0] + (route[1][0] - start_x) / 3
        end_x, end_y = route[3]
        return f"M{_n(start_x)} {_n(start_y)}C{_n(bend)} {_n(start_y)} {_n(bend)} {_n(end_y)} {_n(end_x)} {_n(end_y)}"
    parts = [f"M{_n(start_x)} {_n(start_y)}"]
    for number, ((from_x, from_y), (to_x, to_y)) in enumerate(pairwise(route)):
        middle = (from_x + to_x) / 2
        curve = f"C{_n(middle)} {_n(from_y)} {_n(middle)} {_n(to_y)} {_n(to_x)} {_n(to_y)}"
        parts.append(curve if number % 2 == 0 else f"L{_n(to_x)} {_n(to_y)}")
    return "".join(parts)


def _head(route: list[Point]) -> str:
    """The arrow's head at the end of a route: all lines end level."""
    (before, _), (x, y) = route[-2:]
    back = x - HEAD if x >= before else x + HEAD
    if len(route) == 4 and route[1][0] == route[2][0]:
        back = x + HEAD
    return f"{_n(x)},{_n(y)} {_n(back)},{_n(y - 3.5)} {_n(back)},{_n(y + 3.5)}"


def _text(x: float, y: float, text: str, style: str, size: float) -> str:
    """A line of text. One that other fonts may have to help out with is fitted into the width that is kept for it."""
    fitted = "" if text.isascii() else f' textLength="{_n(cells(text) * CELL * size)}" lengthAdjust="spacingAndGlyphs"'
    return f'<text class="{style}" x="{_n(x)}" y="{_n(y)}" font-size="{_n(size)}"{fitted}>{_escaped(text)}</text>'


def _n(number: float) -> str:
    return f"{number:.1f}".removesuffix(".0")


def _escaped(text: str) -> str:
    return _xml(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _xml(text: str) -> str:
    """A text without the characters that XML cannot hold."""
    return "".join(
        c if c in "\n\t" or " " <= c <= "\ud7ff" or "\ue000" <= c <= "\ufffd" or c > "\uffff" else "\ufffd"
        for c in text
    )
