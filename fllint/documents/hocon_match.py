"""The values that pyhocon found, at the places that fllint found."""

from __future__ import annotations

from typing import cast

from fllint.documents.tree import (
    UNKNOWN_TEXT,
    Entry,
    Leaf,
    Mapping,
    Node,
    Place,
    ScalarValue,
    Sequence,
    Unknown,
    child_pointer,
)


def matched(value: object, node: Node | None, around: Place) -> Node:
    """A tree with pyhocon's values (dicts, lists and scalars).

    Where ``node``, fllint's own reading, has the same shape, places are its; else they are ``around``, the place of the
    nearest value around that has one.
    """
    place = Place(node.source, node.span, around.pointer) if node else around
    if isinstance(value, dict):
        return _mapping(value, node, place)
    if isinstance(value, list):
        own = node.items if isinstance(node, Sequence) and len(node.items) == len(value) else (None,) * len(value)
        items = (
            matched(item, child, Place(place.source, place.span, f"{place.pointer}/{index}"))
            for index, (item, child) in enumerate(zip(value, own, strict=True))
        )
        return Sequence(
            source=place.source,
            span=place.span,
            pointer=place.pointer,
            substituted_at=node.substituted_at if node else None,
            items=tuple(items),
        )
    scalar = cast("ScalarValue", value)
    if isinstance(node, Leaf) and (_is_unknown(node.scalar) or _same(node.scalar, scalar)):
        return node
    return Leaf(
        source=place.source,
        span=place.span,
        pointer=place.pointer,
        substituted_at=node.substituted_at if node else None,
        scalar=scalar,
        bare=True,
        offsets=_spread(scalar, place),
    )


def _mapping(value: dict[str, object], node: Node | None, place: Place) -> Mapping:
    entries = []
    for key, item in value.items():
        pointer = child_pointer(place.pointer, key)
        own = node.entry(key) if node else None
        around = Place(place.source, place.span, pointer)
        if own:
            around = Place(own.key_place.source, own.key_place.span, pointer)
        child = matched(item, own.node if own else None, around)
        entries.append(Entry(key, around, child))
    return Mapping(
        source=place.source,
        span=place.span,
        pointer=place.pointer,
        substituted_at=node.substituted_at if node else None,
        entries=tuple(entries),
        overridden=node.overridden if isinstance(node, Mapping) else (),
    )


def _is_unknown(scalar: ScalarValue) -> bool:
    return isinstance(scalar, Unknown) or (isinstance(scalar, str) and UNKNOWN_TEXT in scalar)


def _same(mine: ScalarValue, theirs: ScalarValue) -> bool:
    return type(mine) is type(theirs) and mine == theirs


def _spread(scalar: ScalarValue, place: Place) -> tuple[int, ...]:
    """The offsets of a string's characters: where the text of the place holds them in this order, else its start."""
    if not isinstance(scalar, str):
        return ()
    span = place.span
    found = place.source.text.find(scalar, span.start, span.end)
    if found >= 0:
        return tuple(range(found, found + len(scalar) + 1))
    return (*(span.start for _ in scalar), span.end)
