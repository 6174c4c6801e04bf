"""A layout in columns: where each box stands, and through which points each link goes.

The columns are given (a job reads from its sites to its files), so two steps of a layered drawing are left: the order
within each column, by barycentres, keeping the one with the fewest crossings; and the heights, by least squares under
the constraint that nothing overlaps. Links that pass a column get a lane of their own between its boxes.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Final, TypeAlias

from msgspec import Struct, field

BOX_GAP: Final = 14.0
LANE_GAP: Final = 7.0
GAP_WIDTH: Final = (60.0, 140.0)
"""Between two columns, at least and at most: the more links, the wider."""
LOOP_WIDTH: Final = (14.0, 50.0)
"""How far a link inside a column bends out, at least and at most: the longer, the further."""
ROUNDS: Final = 8
MAX_SWEPT_LINKS: Final = 4_000
"""With more links than this, boxes stay in the order in which they are given."""

Point: TypeAlias = "tuple[float, float]"


class Box(Struct):
    """A box to place: its column, its size, and how far below its top each port is. ``x`` and ``y`` are the result."""

    column: int
    width: float
    height: float
    ports: dict[str, float]
    x: float = 0.0
    y: float = 0.0


class Link(Struct, frozen=True):
    """A line between two ports, each given by the names of box and port. Links of one ``bundle`` share their lanes."""

    source: tuple[str, str]
    target: tuple[str, str]
    bundle: str = ""


class _Item(Struct, eq=False):
    """What has a place in a column: a box, or a lane for links that pass (of no height)."""

    box: Box
    is_lane: bool = False
    rank: int = 0
    before: list[_Joint] = field(default_factory=list)
    after: list[_Joint] = field(default_factory=list)
    beside: list[_Joint] = field(default_factory=list)
    """Connections from items of the same column; they only count where there are no others."""


class _Joint(Struct, frozen=True):
    """A connection to another item: which, how far below its top, and how far below the own top."""

    item: _Item
    there: float
    here: float


def lay_out(boxes: dict[str, Box], links: Sequence[Link], left: float, top: float) -> list[list[Point]]:
    """Places the boxes, the highest at ``top``, the first column at ``left``, and gives the points of each link from
    its source to its target: the ends, and for each column that it passes where it enters and leaves. A link inside a
    column leaves and enters its boxes on the right; its two inner points are those of its bend."""
    layout = _Columns(boxes)
    lanes = [layout.connect(number, link) for number, link in enumerate(links)]
    if len(links) <= MAX_SWEPT_LINKS:
        layout.order()
    layout.set_heights(top)
    layout.set_columns(links, left)
    return [layout.points(link, passed) for link, passed in zip(links, lanes, strict=True)]


class _Columns:
    def __init__(self, boxes: dict[str, Box]) -> None:
        self.boxes = boxes
        self.items = {name: _Item(box) for name, box in boxes.items()}
        self.lanes: dict[tuple[str, int], _Item] = {}
        self.known: set[tuple[int, int, float, float]] = set()
        by_number: dict[int, list[_Item]] = defaultdict(list)
        for item in self.items.values():
            by_number[item.box.column].append(item)
        self.columns = [by_number[number] for number in sorted(by_number)]
        self.numbers = sorted(by_number)

    # Lanes.

    def connect(self, number: int, link: Link) -> list[_Item]:
        """Connects what a link leads through; returns its lanes from left to right."""
        start, end = sorted((link.source, link.target), key=lambda name: self.boxes[name[0]].column)
        first, last = self.boxes[start[0]], self.boxes[end[0]]
        if first.column == last.column:
            source, target = self.items[link.source[0]], self.items[link.target[0]]
            target.beside.append(_Joint(source, source.box.height, 0.0))
            return []
        passed = [column for column in self.numbers if first.column < column < last.column]
        lanes = [self._lane(link.bundle or str(number), column) for column in passed]
        chain = [(self.items[start[0]], first.ports[start[1]]), *((lane, 0.0) for lane in lanes)]
        chain.append((self.items[end[0]], last.ports[end[1]]))
        for (one, leaving), (other, entering) in pairwise(chain):
            joint = (id(one), id(other), leaving, entering)
            if joint not in self.known:
                self.known.add(joint)
                one.after.append(_Joint(other, entering, leaving))
                other.before.append(_Joint(one, leaving, entering))
        return lanes

    def _lane(self, name: str, column: int) -> _Item:
        if (name, column) not in self.lanes:
            self.lanes[name, column] = _Item(Box(column, 0.0, 0.0, {}), is_lane=True)
            self.columns[self.numbers.index(column)].append(self.lanes[name, column])
        return self.lanes[name, column]

    # The order within each column.

    def order(self) -> None:
        """Moves each item to the mean position of its neighbours, to and fro, and keeps the best order seen."""
        self._rank()
        best, fewest = [list(column) for column in self.columns], self._crossings()
        for round_number in range(ROUNDS):
            forward = round_number % 2 == 0
            for column in self.columns if forward else self.columns[::-1]:
                keys = {id(item): _wanted_rank(item, forward) for item in column}
                column.sort(key=lambda item: keys[id(item)])
                for rank, item in enumerate(column):
                    item.rank = rank
            crossings = self._crossings()
            if crossings < fewest:
                best, fewest = [list(column) for column in self.columns], crossings
        self.columns = best
        self._rank()

    def _rank(self) -> None:
        for column in self.columns:
            for rank, item in enumerate(column):
                item.rank = rank

    def _crossings(self) -> int:
        """How many pairs of connections cross."""
        crossings = 0
        for column in self.columns:
            ends = sorted(
                (item.rank, joint.here, joint.item.rank, joint.there) for item in column for joint in item.after
            )
            seen: list[tuple[float, float]] = []
            for _, _, rank, there in ends:
                crossings += len(seen) - bisect_right(seen, (rank, there))
                insort(seen, (rank, there))
        return crossings

    # Heights.

    def set_heights(self, top: float) -> None:
        """Moves every item towards its neighbours' heights, as near as the order and the gaps allow."""
        for column in self.columns:
            for item, height in zip(column, _stacked(column, [0.0] * len(column), [1.0] * len(column)), strict=True):
                item.box.y = height
        for round_number in range(ROUNDS):
            for column in self.columns if round_number % 2 == 0 else self.columns[::-1]:
                joints = [(*item.before, *item.after) for item in column]
                wanted = [_wanted_height(found, item.box.y) for item, found in zip(column, joints, strict=True)]
                weights = [
                    (3.0 if item.is_lane else 1.0) * len(found) or 0.05
                    for item, found in zip(column, joints, strict=True)
                ]
                for item, height in zip(column, _stacked(column, wanted, weights), strict=True):
                    item.box.y = height
        highest = min((item.box.y for column in self.columns for item in column), default=0.0)
        for column in self.columns:
            for item in column:
                item.box.y = round(item.box.y - highest + top, 1)

    # Columns.

    def set_columns(self, links: Iterable[Link], left: float) -> None:
        """Puts the columns beside each other with room for the links between them."""
        ends = ((self.boxes[link.source[0]].column, self.boxes[link.target[0]].column) for link in links)
        bent = {first for first, last in ends if first == last}
        x = left
        for number, column in zip(self.numbers, self.columns, strict=True):
            width = max(item.box.width for item in column)
            for item in column:
                item.box.x, item.box.width = x, width
            between = sum(len(item.after) for item in column)
            gap = min(max(GAP_WIDTH[0], 36.0 + 3.0 * between), GAP_WIDTH[1])
            x += width + (max(gap, LOOP_WIDTH[1] + 24.0) if number in bent else gap)

    def points(self, link: Link, lanes: list[_Item]) -> list[Point]:
        (source, source_port), (target, target_port) = link.source, link.target
        start, end = self.boxes[source], self.boxes[target]
        from_y, to_y = start.y + start.ports[source_port], end.y + end.ports[target_port]
        if start.column == end.column:
            right = start.x + start.width
            bend = right + min(LOOP_WIDTH[0] + abs(from_y - to_y) / 6.0, LOOP_WIDTH[1])
            return [(right, from_y), (bend, from_y), (bend, to_y), (right, to_y)]
        rightward = start.column < end.column
        inner = [[(lane.box.x, lane.box.y), (lane.box.x + lane.box.width, lane.box.y)] for lane in lanes]
        points = [point for lane in inner for point in lane]
        if not rightward:
            points.reverse()
        first = (start.x + start.width if rightward else start.x, from_y)
        return [first, *points, (end.x if rightward else end.x + end.width, to_y)]


def _wanted_rank(item: _Item, forward: bool) -> float:
    """The mean rank of the neighbours on one side, ports counting as fractions; the own rank without any."""
    joints = (item.before if forward else item.after) or ([] if item.before or item.after else item.beside)
    if not joints:
        return float(item.rank)
    return sum(joint.item.rank + joint.there / (joint.item.box.height + 1.0) for joint in joints) / len(joints)


def _wanted_height(joints: Sequence[_Joint], own: float) -> float:
    """Where the own top would be if the connections were level on average."""
    if not joints:
        return own
    return sum(joint.item.box.y + joint.there - joint.here for joint in joints) / len(joints)


def _stacked(column: list[_Item], wanted: list[float], weights: list[float]) -> list[float]:
    """The heights nearest to the wanted ones (weighted least squares) at which the items of a column keep their order
    and their gaps: an isotonic regression, by pooling adjacent violators."""
    offsets = [0.0]
    for upper, lower in pairwise(column):
        gap = LANE_GAP if upper.is_lane or lower.is_lane else BOX_GAP
        offsets.append(offsets[-1] + upper.box.height + gap)
    pools: list[tuple[float, float, int]] = []
    for height, weight, offset in zip(wanted, weights, offsets, strict=False):
        mean, total, count = height - offset, weight, 1
        while pools and pools[-1][0] >= mean:
            other, other_total, other_count = pools.pop()
            mean = (mean * total + other * other_total) / (total + other_total)
            total, count = total + other_total, count + other_count
        pools.append((mean, total, count))
    levels = [mean for mean, _, count in pools for _ in range(count)]
    return [level + offset for level, offset in zip(levels, offsets, strict=False)]
