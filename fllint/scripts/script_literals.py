"""Operations on known values: what Python's operators, builtins and methods make of them."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Final

from fllint.scripts.script_values import (
    NOTHING_KNOWN,
    ClassValue,
    Function,
    Known,
    Listing,
    Made,
    Table,
    Value,
    listing,
    literal_of,
    table,
)

MAXIMUM_ITEMS: Final = 500
"""Longer lists are not followed item by item."""
MAXIMUM_LENGTH: Final = 10_000
"""Longer strings are not made."""

MUTATORS: Final = frozenset(
    (
        "append",
        "extend",
        "insert",
        "remove",
        "pop",
        "clear",
        "sort",
        "reverse",
        "update",
        "setdefault",
        "add",
        "discard",
    )
)
"""Methods that change a list, dict or set in place."""


def joined(left: Value, right: Value) -> Value:
    """``left + right`` of strings, numbers and lists."""
    if isinstance(left, Listing) and isinstance(right, Listing):
        return listing(left.items + right.items)
    if isinstance(left, Known) and isinstance(right, Known):
        a, b = left.value, right.value
        if isinstance(a, str) and isinstance(b, str) and len(a) + len(b) <= MAXIMUM_LENGTH:
            return Known(a + b)
        if isinstance(a, (int, float)) and isinstance(b, (int, float)):
            return _number(lambda: a + b)
    return NOTHING_KNOWN


def calculated(operator: ast.operator, left: Value, right: Value) -> Value:
    """The other arithmetic, of plain numbers of a reasonable size."""
    if isinstance(operator, ast.Add):
        return joined(left, right)
    if not (isinstance(left, Known) and isinstance(right, Known)):
        return NOTHING_KNOWN
    a, b = left.value, right.value
    if not isinstance(a, (int, float)) or not isinstance(b, (int, float)):
        return NOTHING_KNOWN
    if isinstance(operator, ast.Sub):
        return _number(lambda: a - b)
    if isinstance(operator, ast.Mult):
        return _number(lambda: a * b)
    if isinstance(operator, ast.Div):
        return _number(lambda: a / b)
    if isinstance(operator, ast.FloorDiv):
        return _number(lambda: a // b)
    if isinstance(operator, ast.Pow) and abs(a) < 1000 and abs(b) < 64:
        return _number(lambda: a**b)
    return NOTHING_KNOWN


def _number(calculate: Callable[[], object]) -> Value:
    try:
        result = calculate()
    except (ArithmeticError, ValueError):
        return NOTHING_KNOWN
    if isinstance(result, float) or (isinstance(result, int) and abs(result) < 1 << 200):
        return Known(result)
    return NOTHING_KNOWN


def negated(operator: ast.unaryop, operand: Value) -> Value:
    """``-x``, ``+x`` and ``~x`` of numbers (``not`` is a question of truth)."""
    number = operand.value if isinstance(operand, Known) else None
    if isinstance(number, bool) or not isinstance(number, (int, float)):
        return NOTHING_KNOWN
    if isinstance(operator, ast.USub):
        return Known(-number)
    if isinstance(operator, ast.UAdd):
        return operand
    return NOTHING_KNOWN


def compared(left: Value, operator: ast.cmpop, right: Value) -> Value:
    """``==``, ``!=``, ``is``, ``in`` and their opposites, where both sides are known."""
    if isinstance(operator, (ast.Is, ast.IsNot)) and (there := _is_something(left, right)) is not None:
        return Known(there is isinstance(operator, ast.IsNot))
    known, a = literal_of(left)
    known_too, b = literal_of(right)
    if isinstance(right, Table) and isinstance(operator, (ast.In, ast.NotIn)):
        known_too, b = literal_of(Listing(tuple(key for key, _ in right.entries)))
    if not (known and known_too):
        return NOTHING_KNOWN
    try:
        if isinstance(operator, (ast.Eq, ast.Is)):
            return Known(a == b)
        if isinstance(operator, (ast.NotEq, ast.IsNot)):
            return Known(a != b)
        if isinstance(operator, ast.In):
            return Known(a in b)  # type: ignore[operator]  # not a container: TypeError, caught below
        if isinstance(operator, ast.NotIn):
            return Known(a not in b)  # type: ignore[operator]
    except TypeError:
        pass
    return NOTHING_KNOWN


def _is_something(left: Value, right: Value) -> bool | None:
    """Whether one of the two is None and the other surely not; None for anything else."""
    for value, other in ((left, right), (right, left)):
        if other == Known(None) and isinstance(value, (Listing, Table, Function, ClassValue, Made)):
            return True
    return None


def mutated(owner: Listing | Table, name: str, arguments: tuple[Value, ...]) -> Value:
    """What a method of a list or dict makes of it, where that is known."""
    first = arguments[0] if arguments else NOTHING_KNOWN
    if isinstance(owner, Listing) and name == "append" and len(arguments) == 1:
        return listing((*owner.items, first))
    if isinstance(owner, Listing) and name == "extend" and (items := sequence_of(first)) is not None:
        return listing((*owner.items, *items))
    if isinstance(owner, Table) and name == "update" and isinstance(first, Table):
        after: Value = owner
        for key, item in first.entries:
            after = with_item(after, key, item)
        return after
    if isinstance(owner, Table) and name == "setdefault" and arguments and isinstance(first, Known):
        there = owner.get(first.value)
        return owner if there is not None else with_item(owner, first, (*arguments, Known(None))[1])
    return NOTHING_KNOWN


def copied(value: Value, *, deep: bool) -> Value:
    """A list or dict of its own with the same items; the items are copied too when ``deep``."""
    if isinstance(value, Listing):
        return Listing(tuple(copied(item, deep=True) if deep else item for item in value.items), value.weight)
    if isinstance(value, Table):
        entries = tuple((key, copied(item, deep=True) if deep else item) for key, item in value.entries)
        return Table(entries, value.weight)
    return value


def with_instead(value: Value, old: Value, new: Value) -> Value:
    """A value in which one list or dict, the very object, is another now."""
    if value is old:
        return new
    if isinstance(value, Listing) and (items := [with_instead(item, old, new) for item in value.items]):
        same = all(one is other for one, other in zip(items, value.items, strict=True))
        return value if same else listing(tuple(items))
    if isinstance(value, Table):
        entries = tuple((key, with_instead(item, old, new)) for key, item in value.entries)
        same = all(one[1] is other[1] for one, other in zip(entries, value.entries, strict=True))
        return value if same else table(entries)
    return value


def item_of(owner: Value, index: Value) -> Value:
    """``owner[index]``."""
    key = index.value if isinstance(index, Known) else None
    if isinstance(owner, Table) and isinstance(index, Known):
        return owner.get(key) or NOTHING_KNOWN
    if isinstance(owner, Listing) and isinstance(key, int) and -len(owner.items) <= key < len(owner.items):
        return owner.items[key]
    return NOTHING_KNOWN


def with_item(owner: Value, index: Value, item: Value) -> Value:
    """What ``owner[index] = item`` makes of ``owner``."""
    if isinstance(owner, Table) and isinstance(index, Known):
        kept = tuple(entry for entry in owner.entries if entry[0] != index)
        return table((*kept, (index, item)))
    return NOTHING_KNOWN


def sequence_of(value: Value) -> tuple[Value, ...] | None:
    """The items that iterating over a value gives, when they are known."""
    if isinstance(value, Listing):
        return value.items if len(value.items) <= MAXIMUM_ITEMS else None
    if isinstance(value, Table):
        return tuple(key for key, _ in value.entries) if len(value.entries) <= MAXIMUM_ITEMS else None
    if isinstance(value, Known) and isinstance(value.value, str) and len(value.value) <= MAXIMUM_ITEMS:
        return tuple(Known(character) for character in value.value)
    return None


def builtin_result(name: str, arguments: tuple[Value, ...]) -> Value:
    """The result of a builtin that keeps known values known; `NOTHING_KNOWN` for the others."""
    if name == "range":
        return _range(arguments)
    if len(arguments) > 1:
        return NOTHING_KNOWN
    if name in ("list", "tuple", "set", "frozenset", "sorted", "reversed"):
        return _as_list(name, arguments)
    known, value = literal_of(arguments[0]) if arguments else (False, None)
    if known and isinstance(value, (str, int, float)):
        try:
            if name == "str":
                return Known(str(value))
            if name in ("int", "float"):
                return _number(lambda: int(value) if name == "int" else float(value))
            if name == "bool":
                return Known(bool(value))
        except ValueError:
            pass
    return NOTHING_KNOWN


def _as_list(name: str, arguments: tuple[Value, ...]) -> Value:
    items = sequence_of(arguments[0]) if arguments else ()
    if items is None:
        return NOTHING_KNOWN
    if name == "reversed":
        return listing(items[::-1])
    if name != "sorted":
        return listing(items)
    values = [item.value for item in items if isinstance(item, Known)]
    if len(values) != len(items):
        return NOTHING_KNOWN
    try:
        return listing(tuple(Known(value) for value in sorted(values)))  # type: ignore[type-var]  # TypeError caught
    except TypeError:
        return NOTHING_KNOWN


def _range(arguments: tuple[Value, ...]) -> Value:
    bounds = [argument.value for argument in arguments if isinstance(argument, Known)]
    integers = [bound for bound in bounds if isinstance(bound, int)]
    if not 1 <= len(integers) <= 3 or len(integers) != len(arguments) or integers[2:] == [0]:
        return NOTHING_KNOWN
    numbers = range(*integers)
    try:
        short = len(numbers) <= MAXIMUM_ITEMS
    except OverflowError:
        return NOTHING_KNOWN
    return listing(tuple(Known(number) for number in numbers)) if short else NOTHING_KNOWN


def method_result(owner: Value, name: str, arguments: tuple[Value, ...]) -> Value:
    """The result of a method of a known string, list or dict."""
    if isinstance(owner, Table):
        if name == "keys":
            return listing(tuple(key for key, _ in owner.entries))
        if name == "values":
            return listing(tuple(value for _, value in owner.entries))
        if name == "items":
            return listing(tuple(Listing(entry) for entry in owner.entries))
        if name == "get" and arguments:
            keys_known = all(isinstance(key, Known) for key in (arguments[0], *(key for key, _ in owner.entries)))
            there = owner.get(arguments[0].value) if isinstance(arguments[0], Known) else NOTHING_KNOWN
            return there or ((*arguments, Known(None))[1] if keys_known else NOTHING_KNOWN)
    if name == "copy" and isinstance(owner, (Table, Listing)):
        return owner
    if not isinstance(owner, Known) or not isinstance(owner.value, str):
        return NOTHING_KNOWN
    texts = [
        argument.value for argument in arguments if isinstance(argument, Known) and isinstance(argument.value, str)
    ]
    if len(texts) != len(arguments):
        return NOTHING_KNOWN
    text = owner.value
    if name in ("lower", "upper", "strip", "title") and not texts:
        return Known(getattr(text, name)())
    if name == "replace" and len(texts) == 2 and len(text) * (len(texts[1]) + 1) <= MAXIMUM_LENGTH:
        return Known(text.replace(texts[0], texts[1]))
    if name == "split" and len(texts) <= 1 and texts != [""]:
        return listing(tuple(Known(part) for part in text.split(texts[0] if texts else None)))
    return NOTHING_KNOWN
