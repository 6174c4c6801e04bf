"""Document nodes for what a script makes: each value stands where the script writes it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from fllint.documents.tree import (
    UNKNOWN,
    UNKNOWN_TEXT,
    Entry,
    Leaf,
    Mapping,
    Node,
    Place,
    ScalarValue,
    Sequence,
    Source,
    child_pointer,
)
from fllint.job_api.things import Argument, Constants, Thing, function_place
from fllint.scripts.script_text import CodePlace
from fllint.scripts.script_values import Known, Listing, Table, Value

MAX_NESTING = 32
_VARIABLE = re.compile(r"\{[A-Za-z_]+\}")


class Whole(Leaf, frozen=True):
    """A string that stands somewhere else than its characters: a variable, an f-string, a call."""

    def part(self, start: int, end: int) -> Place:
        return self.place


class NodeMaker:
    """Makes nodes. ``source_of`` gives the text of a module that the script imports (empty name: the script)."""

    def __init__(self, source_of: Callable[[str], Source], constants: Constants) -> None:
        self._source_of = source_of
        self._constants = constants

    def place(self, where: CodePlace, pointer: str = "") -> Place:
        source = self._source_of(where.module)
        return Place(source, where.span(source), pointer)

    def leaf(self, value: ScalarValue, where: CodePlace, pointer: str) -> Leaf:
        """A value that stands at a place without being written there as such."""
        place = self.place(where, pointer)
        return Whole(source=place.source, span=place.span, pointer=pointer, scalar=value, bare=True)

    def mapping(self, where: CodePlace, pointer: str, entries: Iterable[tuple[str, Node, CodePlace]]) -> Mapping:
        """An object of these entries, each with the place of its key."""
        place = self.place(where, pointer)
        made = tuple(Entry(key, self.place(at, child_pointer(pointer, key)), node) for key, node, at in entries)
        return Mapping(source=place.source, span=place.span, pointer=pointer, entries=made)

    def sequence(self, where: CodePlace, pointer: str, items: Iterable[Node]) -> Sequence:
        place = self.place(where, pointer)
        return Sequence(source=place.source, span=place.span, pointer=pointer, items=tuple(items))

    def argument(self, argument: Argument, pointer: str, depth: int = 0) -> Node:
        """The node of an argument."""
        value, where = argument.value, argument.place
        if depth > MAX_NESTING:
            return self.leaf(UNKNOWN, where, pointer)
        if isinstance(value, Thing):
            return self.component(value, pointer, depth + 1)
        if isinstance(value, Listing):
            items = enumerate(argument.items())
            nodes = (self.argument(item, child_pointer(pointer, number), depth + 1) for number, item in items)
            return self.sequence(where, pointer, nodes)
        if isinstance(value, Table):
            return self._table(value, argument, pointer, depth)
        return self._scalar(value, argument, pointer)

    def component(self, thing: Thing, pointer: str, depth: int = 0) -> Mapping:
        """The object that an exported job would have for something that the script makes."""
        at = function_place(thing.site)
        path = thing.path if thing.path and not thing.of_model else UNKNOWN_TEXT
        arguments = self.arguments(thing, child_pointer(pointer, "args"), depth)
        return self.mapping(
            thing.site.place,
            pointer,
            [("path", self.leaf(path, at, child_pointer(pointer, "path")), at), ("args", arguments, at)],
        )

    def arguments(self, thing: Thing, pointer: str, depth: int = 0) -> Node:
        """What the constructor gets; unknown where ``*x`` or ``**x`` hides it."""
        if thing.open:
            return self.leaf(UNKNOWN, thing.site.place, pointer)
        entries = [
            (name, self.argument(given, child_pointer(pointer, name), depth + 1), given.key or given.place)
            for name, given in thing.arguments.items()
        ]
        return self.mapping(thing.site.place, pointer, entries)

    def _table(self, value: Table, argument: Argument, pointer: str, depth: int) -> Node:
        names = [self._constants.text(key) for key, _ in value.entries]
        if any(name is None for name in names):
            return self.leaf(UNKNOWN, argument.place, pointer)
        entries = {}
        for name, inside in zip(names, argument.entries(), strict=True):
            node = self.argument(inside, child_pointer(pointer, str(name)), depth + 1)
            entries[str(name)] = (str(name), node, inside.place)
        return self.mapping(argument.place, pointer, entries.values())

    def _scalar(self, value: Value, argument: Argument, pointer: str) -> Leaf:
        plain = self._constants.plain(value)
        known = plain if isinstance(plain, str | int | float | bool) or plain is None else UNKNOWN
        if isinstance(known, str) and _VARIABLE.fullmatch(known):
            known = UNKNOWN  # each site puts its own value there
        place = self.place(argument.place, pointer)
        text = place.source.text[place.span.start : place.span.end]
        if isinstance(value, Known) and isinstance(known, str) and text[1:-1] == known and text[:1] in ("'", '"'):
            return Leaf(source=place.source, span=place.span, pointer=pointer, scalar=known)
        return Whole(source=place.source, span=place.span, pointer=pointer, scalar=known, bare=True)
