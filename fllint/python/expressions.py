"""Expressions as text and as syntax trees: putting values in for names, negation, conjunction."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Final

NO_FILE: Final = ""
"""What code is called when it is parsed: Python opens the file of that name to show the line of an error."""
MAX_FIELDS: Final = 20_000
_F_STRING: Final = re.compile(r"""\b(?:[fF][rR]?|[rR][fF])["']""")


def is_costly(text: str) -> bool:
    """Whether Python may take long to parse a text: before 3.12 its time for an f-string grows with the square of
    the replacement fields."""
    return sys.version_info < (3, 12) and text.count("{") > MAX_FIELDS and _F_STRING.search(text) is not None


MAXIMUM_NODES = 250
"""An expression larger than this is given up."""

_NAMES = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*")


@lru_cache(maxsize=4096)
def parsed(text: str) -> ast.expr | None:
    """The tree of an expression; None when the text is none. The tree is shared: never change it."""
    try:
        return ast.parse(text, NO_FILE, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def text_of(node: ast.expr) -> str:
    """An expression as source text."""
    return ast.unparse(node)


def literal(value: object) -> ast.expr | None:
    """The expression of a plain value (None, bool, number, string, and lists, tuples, dicts, sets of those)."""
    match value:
        case None | bool() | int() | float() | str():
            return ast.Constant(value)
        case list() | tuple() | set() | frozenset():
            ordered = list(value) if isinstance(value, (list, tuple)) else sorted(value, key=repr)
            items = [literal(item) for item in ordered]
            known = [item for item in items if item is not None]
            if len(known) != len(items):
                return None
            return ast.List(known, ast.Load()) if isinstance(value, list) else ast.Tuple(known, ast.Load())
        case dict():
            keys = [literal(key) for key in value]
            values = [literal(item) for item in value.values()]
            if any(item is None for item in keys + values):
                return None
            return ast.Dict(list(keys), [item for item in values if item is not None])
        case _:
            return None


def literal_value(node: ast.expr) -> tuple[bool, object]:
    """Whether an expression is a literal, and its value."""
    try:
        return True, ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return False, None


def size(node: ast.AST) -> int:
    """Number of nodes, counted up to a little more than `MAXIMUM_NODES`."""
    count = 0
    stack = [node]
    while stack and count <= MAXIMUM_NODES:
        current = stack.pop()
        count += 1
        stack.extend(ast.iter_child_nodes(current))
    return count


def negation(node: ast.expr) -> ast.expr:
    """``not node``, without doubling negations."""
    opposite: dict[type[ast.cmpop], type[ast.cmpop]] = {
        ast.Is: ast.IsNot,
        ast.IsNot: ast.Is,
        ast.In: ast.NotIn,
        ast.NotIn: ast.In,
        ast.Eq: ast.NotEq,
        ast.NotEq: ast.Eq,
    }
    match node:
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return operand
        case ast.Compare(left=left, ops=[operator], comparators=[right]) if type(operator) in opposite:
            return ast.Compare(left, [opposite[type(operator)]()], [right])
        case ast.Constant(value=bool() as value):
            return ast.Constant(not value)
        case _:
            return ast.UnaryOp(ast.Not(), node)


def conjunction(conditions: Iterable[ast.expr]) -> ast.expr:
    """All conditions together, each once; ``True`` for none."""
    different = {text_of(condition): condition for condition in conditions}
    different.pop("True", None)
    if not different:
        return ast.Constant(True)
    if len(different) == 1:
        return next(iter(different.values()))
    return ast.BoolOp(ast.And(), list(different.values()))


def names_in(text: str) -> set[str]:
    """First parts, and ``self.attribute`` pairs, of the dotted names in an expression's text (strings included)."""
    names: set[str] = set()
    for dotted in _NAMES.findall(text):
        first, _, rest = dotted.partition(".")
        names.add(first)
        if first == "self" and rest:
            names.add("self." + rest.partition(".")[0])
    return names


def substitute(node: ast.expr, values: Mapping[str, ast.expr | None]) -> ast.expr | None:
    """Puts expressions in for names (``name`` or ``self.attribute``). None when a name used has the value None
    (unknown), or when the result grows too large."""
    if not any(name in values for name in names_in(text_of(node))):
        return node
    try:
        result = _Substitution(values).visit(node)
    except _UnknownError:
        return None
    assert isinstance(result, ast.expr)
    return result if size(result) <= MAXIMUM_NODES else None


def substitute_text(text: str, values: Mapping[str, str | None]) -> str | None:
    """`substitute` on texts."""
    used = names_in(text)
    relevant = {name: value for name, value in values.items() if name in used and value != name}
    if not relevant:
        return text
    node = parsed(text)
    if node is None:
        return None
    trees = {name: parsed(value) if value is not None else None for name, value in relevant.items()}
    result = substitute(node, trees)
    return text_of(simplified(result)) if result is not None else None


class _UnknownError(Exception):
    pass


class _Substitution(ast.NodeTransformer):
    """Makes new nodes where something changes, so that shared trees stay as they are."""

    def __init__(self, values: Mapping[str, ast.expr | None]) -> None:
        self._values = values

    def _replacement(self, name: str) -> ast.expr:
        value = self._values[name]
        if value is None:
            raise _UnknownError
        return value

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return self._replacement(node.id) if node.id in self._values else node

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        if isinstance(node.value, ast.Name) and node.value.id == "self":
            key = f"self.{node.attr}"
            return self._replacement(key) if key in self._values else node
        return ast.Attribute(self.visit(node.value), node.attr, node.ctx)

    def visit_keyword(self, node: ast.keyword) -> ast.keyword:
        return ast.keyword(node.arg, self.visit(node.value))

    def generic_visit(self, node: ast.AST) -> ast.AST:
        fields = {}
        for name, value in ast.iter_fields(node):
            if isinstance(value, ast.AST):
                value = self.visit(value)
            elif isinstance(value, list):
                value = [self.visit(item) if isinstance(item, ast.AST) else item for item in value]
            fields[name] = value
        return type(node)(**fields)


def simplified(node: ast.expr) -> ast.expr:
    """The same expression with choices between constants decided: ``a if True else b``, ``None is None``, ``not True``,
    ``x and True``."""
    match node:
        case ast.IfExp(test=test, body=body, orelse=orelse):
            test = simplified(test)
            if isinstance(test, ast.Constant):
                return simplified(body if test.value else orelse)
            body, orelse = simplified(body), simplified(orelse)
            return body if ast.dump(body) == ast.dump(orelse) else ast.IfExp(test, body, orelse)
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            operand = simplified(operand)
            return ast.Constant(not operand.value) if isinstance(operand, ast.Constant) else negation(operand)
        case ast.Compare(left=left, ops=[operator], comparators=[right]):
            left, right = simplified(left), simplified(right)
            decided = _decide(left, operator, right)
            return ast.Compare(left, [operator], [right]) if decided is None else ast.Constant(decided)
        case ast.BoolOp(op=operator, values=values):
            return _simplified_chain(operator, [simplified(value) for value in values])
        case ast.BinOp(
            left=ast.Constant(value=str() as left), op=ast.Add(), right=ast.Constant(value=str() as right)
        ) if len(left) + len(right) < 1000:
            return ast.Constant(left + right)
        case ast.JoinedStr(values=values):
            return _simplified_text(values)
        case ast.Call(func=ast.Name(id="isinstance"), args=[ast.Constant(value=value), ast.Name(id=kind)]):
            builtin = {"str": str, "int": int, "float": float, "bool": bool, "list": list, "dict": dict}.get(kind)
            return ast.Constant(isinstance(value, builtin)) if builtin else node
        case _:
            return node


def _simplified_text(parts: list[ast.expr]) -> ast.expr:
    """An f-string whose constant parts are joined."""
    joined: list[ast.expr] = []
    for part in parts:
        match part:
            case ast.FormattedValue(value=ast.Constant(value=str() as value), conversion=-1, format_spec=None):
                part = ast.Constant(value)
            case _:
                pass
        before = joined[-1] if joined else None
        if isinstance(part, ast.Constant) and isinstance(before, ast.Constant):
            joined[-1] = ast.Constant(f"{before.value!s}{part.value!s}")
        else:
            joined.append(part)
    if all(isinstance(part, ast.Constant) for part in joined):
        return joined[0] if joined else ast.Constant("")
    return ast.JoinedStr(joined)


def _decide(left: ast.expr, operator: ast.cmpop, right: ast.expr) -> bool | None:
    known_left, left_value = literal_value(left)
    known_right, right_value = literal_value(right)
    if not (known_left and known_right):
        return None
    try:
        match operator:
            case ast.Is() | ast.IsNot():
                if left_value is not None and right_value is not None:
                    return None
                return (left_value is right_value) == isinstance(operator, ast.Is)
            case ast.Eq():
                return left_value == right_value
            case ast.NotEq():
                return left_value != right_value
            case ast.In():
                return left_value in right_value  # type: ignore[operator]  # a TypeError is caught below
            case ast.NotIn():
                return left_value not in right_value  # type: ignore[operator]  # likewise
            case ast.Lt():
                return left_value < right_value  # type: ignore[no-any-return, operator]  # likewise
            case ast.LtE():
                return left_value <= right_value  # type: ignore[no-any-return, operator]  # likewise
            case ast.Gt():
                return left_value > right_value  # type: ignore[no-any-return, operator]  # likewise
            case ast.GtE():
                return left_value >= right_value  # type: ignore[no-any-return, operator]  # likewise
            case _:
                return None
    except TypeError:
        return None


def _simplified_chain(operator: ast.boolop, values: list[ast.expr]) -> ast.expr:
    ends = isinstance(operator, ast.Or)
    kept: list[ast.expr] = []
    for position, value in enumerate(values):
        if isinstance(value, ast.Constant):
            if bool(value.value) == ends:
                kept.append(value)
                break
            if position < len(values) - 1:
                continue
            if kept and isinstance(value.value, bool):
                continue
        kept.append(value)
    if not kept:
        return ast.Constant(not ends)
    return kept[0] if len(kept) == 1 else ast.BoolOp(operator, kept)
