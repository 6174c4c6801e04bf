"""Values of expressions over a job's arguments, where some of them may be unknown.

>>> evaluate("not isinstance(min_clients, int)", {"min_clients": "2"})
True
>>> evaluate("min_clients <= 0", {"min_clients": UNKNOWN}) is None
True

Only operations without effects are done, each bounded; whatever is unknown, unusual or would raise gives None.
"""

from __future__ import annotations

import ast
import collections.abc
import math
import posixpath
from collections.abc import Callable, Iterable, Iterator, Mapping
from importlib import import_module
from typing import Final, NamedTuple

from fllint.documents.tree import UNKNOWN, UNKNOWN_TEXT, Unknown
from fllint.python.classes import Check, ClassInfo
from fllint.python.expressions import parsed
from fllint.python.foreign import is_stdlib
from fllint.python.messages import fill

MAXIMUM_STEPS: Final = 20_000
"""Operations done for one expression."""
MAXIMUM_LENGTH: Final = 100_000
"""Texts and collections longer than this are unknown."""
MAXIMUM_NUMBER: Final = 10**30


class Instance(NamedTuple):
    """An argument that is an object: a component that the config builds inline. ``info`` is its class, when known."""

    info: ClassInfo | None = None


def evaluate(expression: str, arguments: Mapping[str, object]) -> bool | None:
    """Whether an expression is true for these arguments; None when that is not known. Never raises."""
    value = value_of(expression, arguments)
    return None if isinstance(value, Unknown) else _truth_or_none(value)


def value_of(expression: str, arguments: Mapping[str, object]) -> object:
    """The value of an expression; `UNKNOWN` when it is not known. Never raises."""
    tree = parsed(expression)
    if tree is None:
        return UNKNOWN
    try:
        return _Evaluation(arguments).value(tree)
    except (_Stop, ArithmeticError, AttributeError, LookupError, TypeError, ValueError, RecursionError, MemoryError):
        return UNKNOWN


def render(message: str, arguments: Mapping[str, object]) -> str:
    """The text of an exception for these arguments, ``…`` for what is not known (`fllint.python.classes.Check`)."""

    def shown(hole: str) -> str:
        expression, mark, _ = hole.partition("!r")
        return _shown(value_of(expression, arguments) if hole != "?" else UNKNOWN, str if not mark else repr)

    return fill(message, shown)


def with_defaults(info: ClassInfo, given: Mapping[str, object]) -> dict[str, object]:
    """The values of all constructor parameters when these are given; `UNKNOWN` where a default is no literal."""
    defaults = {
        parameter.name: parameter.default if parameter.has_default_value else UNKNOWN for parameter in info.parameters
    }
    return {**defaults, **given}


def failed_checks(info: ClassInfo, given: Mapping[str, object]) -> tuple[Check, ...]:
    """The checks of a class's constructor that surely fail for these arguments, in the order in which they are made.

    A check that cannot even be made, as with ``"3" < 1``, fails as well: with Python's own exception.
    """
    arguments = with_defaults(info, given)
    found = (_failed(check, arguments) for check in info.checks)
    return tuple(check for check in found if check is not None)


def _failed(check: Check, arguments: Mapping[str, object]) -> Check | None:
    tree = parsed(check.when)
    if tree is None:
        return None
    try:
        return check if _truth(_Evaluation(arguments).value(tree)) else None
    except (AttributeError, TypeError) as error:
        if not check.exact:
            return None
        message = str(error).replace("{", "{{").replace("}", "}}")
        return check._replace(raises=type(error).__name__, message=message)
    except (_Stop, ArithmeticError, LookupError, ValueError, RecursionError, MemoryError):
        return None


class _Stop(Exception):
    """The evaluation does not get further."""


_TYPES: Final[dict[str, type]] = {
    known.__name__: known
    for known in (str, int, float, bool, list, tuple, dict, set, frozenset, bytes, complex, object, type)
}
_FUNCTIONS: Final[dict[str, Callable[..., object]]] = {
    known.__name__: known
    for known in (len, int, float, str, bool, abs, min, max, set, list, tuple, sorted, dict, round, sum, type)
}
_DOTTED_FUNCTIONS: Final[dict[str, Callable[..., object]]] = {
    "os.path.isabs": posixpath.isabs,
    "os.path.basename": posixpath.basename,
    "os.path.normpath": posixpath.normpath,
    "math.isnan": math.isnan,
    "math.isfinite": math.isfinite,
    "math.isinf": math.isinf,
}
_METHODS: Final[dict[type, frozenset[str]]] = {
    str: frozenset(
        ["startswith", "endswith", "split", "rsplit", "strip", "lstrip", "rstrip", "lower", "upper", "casefold"]
        + ["isdigit", "isidentifier", "isalnum", "isalpha", "count", "find", "partition", "rpartition", "index"]
        + ["replace", "join"]
    ),
    dict: frozenset(["items", "keys", "values", "get", "copy"]),
    list: frozenset(["count", "index", "copy"]),
    tuple: frozenset(["count", "index"]),
}


class _Evaluation:
    def __init__(self, arguments: Mapping[str, object]) -> None:
        self.names = dict(arguments)
        self.steps = MAXIMUM_STEPS

    def value(self, node: ast.expr) -> object:
        self.steps -= 1
        if self.steps < 0:
            raise _Stop
        match node:
            case ast.Constant(value=value):
                return value
            case ast.Name(id=name):
                return self.names[name] if name in self.names else _TYPES.get(name, UNKNOWN)
            case ast.BoolOp(op=operator, values=values):
                return self.chain(isinstance(operator, ast.Or), values)
            case ast.UnaryOp(op=operator, operand=operand):
                return self.unary(operator, self.value(operand))
            case ast.BinOp(left=left, op=operator, right=right):
                return self.binary(self.value(left), operator, self.value(right))
            case ast.Compare(left=left, ops=operators, comparators=comparators):
                return self.comparison(left, operators, comparators)
            case ast.IfExp(test=test, body=body, orelse=orelse):
                return self.choice(test, body, orelse)
            case ast.Call():
                return self.call(node)
            case ast.List(elts=elements):
                return self.elements(elements)
            case ast.Tuple(elts=elements):
                return tuple(self.elements(elements))
            case ast.Set(elts=elements):
                found = self.elements(elements)
                return UNKNOWN if _has_unknown(found) else set(found)
            case ast.Dict(keys=keys, values=values):
                known = [key for key in keys if key is not None]
                if len(known) != len(keys):
                    return UNKNOWN
                return dict(zip(self.elements(known), self.elements(values), strict=True))
            case ast.Subscript(value=container, slice=index):
                return self.item(self.value(container), index)
            case ast.JoinedStr(values=values):
                return self.joined(values)
            case ast.GeneratorExp() | ast.ListComp() | ast.SetComp():
                found = list(self.comprehension(node))
                return UNKNOWN if isinstance(node, ast.SetComp) and _has_unknown(found) else found
            case _:
                return UNKNOWN

    def elements(self, nodes: Iterable[ast.expr]) -> list[object]:
        return [self.value(node) for node in nodes]

    def chain(self, is_or: bool, values: list[ast.expr]) -> object:
        """``and`` and ``or``: one known value can decide, whatever the unknown ones are."""
        unknown = False
        last: object = UNKNOWN
        for node in values:
            last = self.value_or_unknown(node, unknown)
            truth = _truth(last)
            if truth is None:
                unknown = True
            elif truth == is_or:
                return truth if unknown else last
        return UNKNOWN if unknown else last

    def value_or_unknown(self, node: ast.expr, after_unknown: bool) -> object:
        """After an unknown part, a part that fails may well not be reached."""
        if not after_unknown:
            return self.value(node)
        try:
            return self.value(node)
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError):
            return UNKNOWN

    def choice(self, test: ast.expr, body: ast.expr, orelse: ast.expr) -> object:
        truth = _truth(self.value(test))
        if truth is not None:
            return self.value(body if truth else orelse)
        one, other = self.value_or_unknown(body, True), self.value_or_unknown(orelse, True)
        same = type(one) is type(other) and not _has_unknown(one) and not _has_unknown(other) and one == other
        return one if same else UNKNOWN

    def unary(self, operator: ast.unaryop, value: object) -> object:
        if isinstance(operator, ast.Not):
            truth = _truth(value)
            return UNKNOWN if truth is None else not truth
        if isinstance(value, int | float) and isinstance(operator, ast.USub):
            return -value
        return value if isinstance(value, int | float) and isinstance(operator, ast.UAdd) else UNKNOWN

    def binary(self, left: object, operator: ast.operator, right: object) -> object:
        if isinstance(left, str) and isinstance(right, str) and isinstance(operator, ast.Add):
            return left + right if len(left) + len(right) <= MAXIMUM_LENGTH else UNKNOWN
        if isinstance(left, list) and isinstance(right, list) and isinstance(operator, ast.Add):
            return left + right if len(left) + len(right) <= MAXIMUM_LENGTH else UNKNOWN
        if not (isinstance(left, int | float) and isinstance(right, int | float)):
            if isinstance(left, Unknown) or isinstance(right, Unknown):
                return UNKNOWN
            raise _Stop
        if max(abs(left), abs(right)) > MAXIMUM_NUMBER:
            return UNKNOWN
        match operator:
            case ast.Add():
                return left + right
            case ast.Sub():
                return left - right
            case ast.Mult():
                return left * right
            case ast.Div():
                return left / right
            case ast.FloorDiv():
                return left // right
            case ast.Mod():
                return left % right
            case _:
                return UNKNOWN

    def comparison(self, left: ast.expr, operators: list[ast.cmpop], comparators: list[ast.expr]) -> object:
        unknown = False
        value = self.value(left)
        for operator, comparator in zip(operators, comparators, strict=True):
            other = self.value(comparator)
            result = _compare(value, operator, other)
            if result is False:
                return False
            unknown |= result is None
            value = other
        return UNKNOWN if unknown else True

    def item(self, container: object, index: ast.expr) -> object:
        if isinstance(index, ast.Slice):
            if not isinstance(container, str | list | tuple) or _is_partly_unknown(container):
                return UNKNOWN
            parts = (index.lower, index.upper, index.step)
            bounds = [self.value(part) if part is not None else None for part in parts]
            whole = [bound for bound in bounds if bound is None or isinstance(bound, int)]
            return container[slice(*whole)] if len(whole) == 3 else UNKNOWN
        key = self.value(index)
        if isinstance(key, Unknown) or _is_partly_unknown(key) or _is_partly_unknown(container):
            return UNKNOWN
        if isinstance(container, dict):
            return container[key]
        return container[key] if isinstance(container, str | list | tuple) and isinstance(key, int) else UNKNOWN

    def joined(self, parts: list[ast.expr]) -> object:
        text = ""
        for part in parts:
            match part:
                case ast.Constant(value=value):
                    text += str(value)
                case ast.FormattedValue(value=value, format_spec=None):
                    found = self.value(value)
                    text += UNKNOWN_TEXT if isinstance(found, Unknown | Instance) else str(found)
                case _:
                    text += UNKNOWN_TEXT
        return text if len(text) <= MAXIMUM_LENGTH else UNKNOWN

    def comprehension(self, node: ast.GeneratorExp | ast.ListComp | ast.SetComp) -> Iterator[object]:
        generator = node.generators[0]
        items = self.value(generator.iter)
        if isinstance(items, dict):
            items = list(items)
        if not isinstance(items, list | tuple | set | frozenset | str) or _is_partly_unknown(items):
            raise _Stop
        before = dict(self.names)
        for item in items if not isinstance(items, set | frozenset) else sorted(items, key=repr):
            self.bind(generator.target, item)
            tests = [_truth(self.value(test)) for test in generator.ifs]
            if False in tests:
                continue
            yield UNKNOWN if None in tests else self.value(node.elt)
        self.names = before

    def bind(self, target: ast.expr, item: object) -> None:
        match target:
            case ast.Name(id=name):
                self.names[name] = item
            case ast.Tuple(elts=targets) if isinstance(item, list | tuple) and len(item) == len(targets):
                for part, value in zip(targets, item, strict=True):
                    self.bind(part, value)
            case _:
                raise _Stop

    # -- calls

    def call(self, node: ast.Call) -> object:
        if node.keywords:
            return UNKNOWN
        match node.func:
            case ast.Name(id="isinstance"):
                return self.type_test(node.args[0], node.args[1])
            case ast.Name(id="any" | "all" as name):
                return self.any_or_all(name == "any", node.args[0])
            case ast.Name(id="callable"):
                value = self.value(node.args[0])
                return UNKNOWN if isinstance(value, Unknown | Instance) else callable(value)
            case ast.Name(id=name) if name in _FUNCTIONS and name not in self.names:
                return self.function(_FUNCTIONS[name], self.elements(node.args))
            case ast.Attribute() if (dotted := ast.unparse(node.func)) in _DOTTED_FUNCTIONS:
                return self.function(_DOTTED_FUNCTIONS[dotted], self.elements(node.args))
            case ast.Attribute(value=target, attr=name):
                return self.method(self.value(target), name, self.elements(node.args))
            case _:
                return UNKNOWN

    def any_or_all(self, is_any: bool, node: ast.expr) -> object:
        found = self.value(node)
        if not isinstance(found, list | tuple | set | frozenset):
            return UNKNOWN
        truths = [_truth(item) for item in found]
        if is_any in truths:
            return is_any
        return UNKNOWN if None in truths else not is_any

    def function(self, function: Callable[..., object], arguments: list[object]) -> object:
        if any(isinstance(argument, Unknown) for argument in arguments):
            return UNKNOWN
        if function is type:
            return UNKNOWN if isinstance(arguments[0], Instance) else type(arguments[0])
        if function is len and not isinstance(arguments[0], str):
            pass
        elif any(_is_partly_unknown(argument) for argument in arguments):
            return UNKNOWN
        if any(isinstance(argument, Instance) for argument in arguments):
            return UNKNOWN
        if function is int and arguments and isinstance(arguments[0], str) and len(arguments[0]) > 100:
            return UNKNOWN
        return function(*arguments)

    def method(self, target: object, name: str, arguments: list[object]) -> object:
        if isinstance(target, Unknown | Instance):
            return UNKNOWN
        if not any(isinstance(target, kind) and name in names for kind, names in _METHODS.items()):
            if hasattr(target, name):
                return UNKNOWN
            raise AttributeError(f"'{type(target).__name__}' object has no attribute '{name}'")
        keys_only = isinstance(target, dict)
        if (not keys_only and _is_partly_unknown(target)) or any(_is_partly_unknown(part) for part in arguments):
            return UNKNOWN
        if isinstance(target, str) and len(target) > MAXIMUM_LENGTH:
            return UNKNOWN
        if name in ("replace", "join") and _length(target) * sum(map(_length, arguments)) > MAXIMUM_LENGTH:
            return UNKNOWN
        result = getattr(target, name)(*arguments)
        return list(result) if isinstance(target, dict) and name in ("items", "keys", "values") else result

    def type_test(self, tested: ast.expr, types: ast.expr) -> object:
        value = self.value(tested)
        if isinstance(value, Unknown):
            return UNKNOWN
        unknown = False
        for part in types.elts if isinstance(types, ast.Tuple | ast.List) else [types]:
            result = _is_instance(value, ast.unparse(part))
            if result:
                return True
            unknown |= result is None
        return UNKNOWN if unknown else False


def _is_instance(value: object, type_name: str) -> bool | None:
    """Whether a value is of a type that is given by name: a built-in one, or a class path."""
    if type_name == "type(None)":
        return value is None
    if isinstance(value, Instance):
        if value.info is None:
            return None
        if type_name in _TYPES:
            return type_name == "object" or (None if value.info.unresolved_bases else _derives(value.info, type_name))
        return value.info.is_a(type_name)
    known = _TYPES.get(type_name.removeprefix("builtins.")) or _library_type(type_name)
    if known is not None:
        return isinstance(value, known)
    return None if is_stdlib(type_name) or "." not in type_name else False


def _library_type(type_name: str) -> type | None:
    """A type of the standard library that plain values may be instances of."""
    module_name, _, name = type_name.rpartition(".")
    if module_name in ("collections.abc", "typing"):
        found = getattr(collections.abc, name, None) or _TYPES.get(name.lower())
    elif module_name in ("numbers", "datetime"):
        found = getattr(import_module(module_name), name, None)
    else:
        found = None
    return found if isinstance(found, type) else None


def _derives(info: ClassInfo, builtin: str) -> bool:
    return f"builtins.{builtin}" in info.ancestors


def _truth_or_none(value: object) -> bool | None:
    return _truth(value)


def _truth(value: object) -> bool | None:
    match value:
        case Unknown():
            return None
        case Instance(info=info):
            plain = info is not None and info.complete and not (info.method("__len__") or info.method("__bool__"))
            return True if plain else None
        case str() if value and not value.replace(UNKNOWN_TEXT, ""):
            return None
        case _:
            return bool(value)


def _compare(left: object, operator: ast.cmpop, right: object) -> bool | None:
    """One comparison; None when unknown. Raises TypeError as Python does."""
    if isinstance(operator, ast.Is | ast.IsNot):
        if isinstance(left, Unknown) or isinstance(right, Unknown):
            return None
        singletons = any(value is None or isinstance(value, bool | type) for value in (left, right))
        same = left is right if singletons else None
        return None if same is None else same == isinstance(operator, ast.Is)
    if isinstance(left, Unknown | Instance) or isinstance(right, Unknown | Instance):
        return None
    if isinstance(operator, ast.In | ast.NotIn):
        return _contains(left, right, wanted=isinstance(operator, ast.In))
    if _is_partly_unknown(left) or _is_partly_unknown(right):
        different = type(left) is not type(right) and not isinstance(left, int | float)
        if different and isinstance(operator, ast.Eq | ast.NotEq):
            return isinstance(operator, ast.NotEq)
        return None
    match operator:
        case ast.Eq():
            return bool(left == right)
        case ast.NotEq():
            return bool(left != right)
        case ast.Lt():
            return bool(left < right)  # type: ignore[operator]  # a TypeError is what Python would raise
        case ast.LtE():
            return bool(left <= right)  # type: ignore[operator]
        case ast.Gt():
            return bool(left > right)  # type: ignore[operator]
        case ast.GtE():
            return bool(left >= right)  # type: ignore[operator]
        case _:
            return None


def _contains(item: object, container: object, *, wanted: bool) -> bool | None:
    if isinstance(container, dict):
        container = list(container)
    if not isinstance(container, str | list | tuple | set | frozenset):
        raise TypeError(f"argument of type '{type(container).__name__}' is not iterable")
    if _is_partly_unknown(item):
        return None
    if isinstance(container, str):
        return None if UNKNOWN_TEXT in container else (item in container) == wanted  # type: ignore[operator]
    if any(
        (type(known) is type(item) and known == item) or (not _has_unknown(known) and known == item)
        for known in container
    ):
        return wanted
    return None if _has_unknown(container) else not wanted


def _length(value: object) -> int:
    if isinstance(value, list | tuple):
        return sum(map(_length, value)) + len(value)
    return len(value) if isinstance(value, str) else 1


def _has_unknown(value: object) -> bool:
    """Whether something unknown is in a value, at any depth that arguments have."""
    stack, seen = [value], 0
    while stack:
        current = stack.pop()
        seen += 1
        if seen > MAXIMUM_LENGTH:
            return True
        match current:
            case Unknown() | Instance():
                return True
            case str():
                if UNKNOWN_TEXT in current:
                    return True
            case list() | tuple() | set() | frozenset():
                stack.extend(current)
            case dict():
                stack.extend(current)
                stack.extend(current.values())
            case _:
                pass
    return False


def _is_partly_unknown(value: object) -> bool:
    if isinstance(value, str):
        return UNKNOWN_TEXT in value
    return isinstance(value, Unknown | Instance | list | tuple | dict | set) and _has_unknown(value)


def _shown(value: object, form: Callable[[object], str]) -> str:
    if isinstance(value, Unknown | Instance):
        return "…"
    text = form(value).replace(UNKNOWN_TEXT, "…")
    return text if len(text) <= 80 else text[:79] + "…"
