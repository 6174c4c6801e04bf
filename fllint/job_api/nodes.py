"""Document nodes for what a script makes: each value stands where the script writes it."""

from __future__ import annotations

import ast
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
            written = _elements(argument.expression, len(value.items))
            items = zip(value.items, written, strict=True)
            return self.sequence(
                where,
                pointer,
                (
                    self.argument(self._inside(item, expression, where), child_pointer(pointer, number), depth + 1)
                    for number, (item, expression) in enumerate(items)
                ),
            )
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
        written = argument.expression
        same = isinstance(written, ast.Dict) and len(written.values) == len(names) and None not in written.keys
        expressions = list(written.values) if same and isinstance(written, ast.Dict) else [None] * len(names)
        entries = {}
        for name, (_, item), expression in zip(names, value.entries, expressions, strict=True):
            inside = self._inside(item, expression, argument.place)
            node = self.argument(inside, child_pointer(pointer, str(name)), depth + 1)
            entries[str(name)] = (str(name), node, inside.place)
        return self.mapping(argument.place, pointer, entries.values())

    @staticmethod
    def _inside(value: Value, expression: ast.expr | None, where: CodePlace) -> Argument:
        if expression is None or expression.lineno == expression.end_lineno == 0:
            return Argument(value, where)
        inner = where._replace(
            line=expression.lineno,
            column=expression.col_offset + 1,
            end_line=expression.end_lineno or expression.lineno,
            end_column=(expression.end_col_offset or expression.col_offset) + 1,
        )
        return Argument(value, inner, expression)

    def _scalar(self, value: Value, argument: Argument, pointer: str) -> Leaf:
        plain = self._constants.plain(value)
        known = plain if isinstance(plain, str | int | float | bool) or plain is None else UNKNOWN
        place = self.place(argument.place, pointer)
        text = place.source.text[place.span.start : place.span.end]
        if isinstance(value, Known) and isinstance(known, str) and text[1:-1] == known and text[:1] in ("'", '"'):
            return Leaf(source=place.source, span=place.span, pointer=pointer, scalar=known)
        return Whole(source=place.source, span=place.span, pointer=pointer, scalar=known, bare=True)


def _elements(expression: ast.expr | None, count: int) -> list[ast.expr | None]:
    """The expressions of a list's items, where the list is written out."""
    written = expression.elts if isinstance(expression, ast.List | ast.Tuple | ast.Set) else []
    starred = any(isinstance(element, ast.Starred) for element in written)
    return list(written) if len(written) == count and not starred else [None] * count
