"""The layout in columns: nothing overlaps, whatever the boxes and links."""

from __future__ import annotations

from itertools import combinations

from hypothesis import given, settings
from hypothesis import strategies as st

from fllint.graph.columns import BOX_GAP, Box, Link, lay_out

LEFT, TOP = 20.0, 100.0


@st.composite
def drawings(draw: st.DrawFn) -> tuple[dict[str, Box], list[Link]]:
    """Boxes in up to seven columns, and links between any of their ports."""
    count = draw(st.integers(1, 14))
    boxes = {}
    for number in range(count):
        ports = {f"p{row}": 9.0 + 16.0 * row for row in range(draw(st.integers(1, 4)))}
        height = 18.0 + 16.0 * len(ports)
        boxes[f"b{number}"] = Box(draw(st.integers(0, 6)), draw(st.floats(20, 240)), height, ports)
    ends = st.sampled_from([(name, port) for name, box in boxes.items() for port in box.ports])
    links = draw(st.lists(st.builds(Link, ends, ends, st.sampled_from(["", "", "shared"])), max_size=24))
    return boxes, [link for link in links if link.source[0] != link.target[0]]


@settings(max_examples=150, deadline=None)
@given(drawings())
def test_boxes_do_not_overlap(drawing: tuple[dict[str, Box], list[Link]]) -> None:
    boxes, links = drawing
    lay_out(boxes, links, LEFT, TOP)
    for one, other in combinations(boxes.values(), 2):
        beside = one.x + one.width < other.x or other.x + other.width < one.x
        above = one.y + one.height + BOX_GAP <= other.y + 0.2 or other.y + other.height + BOX_GAP <= one.y + 0.2
        assert beside or above


@settings(max_examples=150, deadline=None)
@given(drawings())
def test_no_link_passes_through_a_box(drawing: tuple[dict[str, Box], list[Link]]) -> None:
    boxes, links = drawing
    for route in lay_out(boxes, links, LEFT, TOP):
        for x, y in route[1:-1]:
            inside = [
                box for box in boxes.values() if box.x <= x <= box.x + box.width and box.y <= y <= box.y + box.height
            ]
            assert not inside


@settings(max_examples=150, deadline=None)
@given(drawings())
def test_links_begin_and_end_at_their_ports(drawing: tuple[dict[str, Box], list[Link]]) -> None:
    boxes, links = drawing
    for link, route in zip(links, lay_out(boxes, links, LEFT, TOP), strict=True):
        for (name, port), (x, y) in ((link.source, route[0]), (link.target, route[-1])):
            box = boxes[name]
            assert y == box.y + box.ports[port]
            assert x in (box.x, box.x + box.width)


@given(drawings())
def test_everything_lies_right_of_the_left_edge_and_below_the_top(drawing: tuple[dict[str, Box], list[Link]]) -> None:
    boxes, links = drawing
    routes = lay_out(boxes, links, LEFT, TOP)
    assert min(box.x for box in boxes.values()) == LEFT
    assert min([box.y for box in boxes.values()] + [y for route in routes for _, y in route]) >= TOP - 0.1


def test_a_crossing_that_can_be_avoided_is_avoided() -> None:
    boxes = {name: Box(column, 50.0, 20.0, {"p": 10.0}) for name, column in (("a", 0), ("b", 0), ("c", 1), ("d", 1))}
    lay_out(boxes, [Link(("a", "p"), ("d", "p")), Link(("b", "p"), ("c", "p"))], LEFT, TOP)
    assert (boxes["a"].y < boxes["b"].y) == (boxes["d"].y < boxes["c"].y)


def test_a_chain_of_boxes_is_level() -> None:
    boxes = {f"b{column}": Box(column, 50.0, 20.0, {"p": 10.0}) for column in range(4)}
    boxes["other"] = Box(0, 50.0, 20.0, {"p": 10.0})
    lay_out(boxes, [Link((f"b{n}", "p"), (f"b{n + 1}", "p")) for n in range(3)], LEFT, TOP)
    assert len({boxes[f"b{column}"].y for column in range(4)}) == 1
