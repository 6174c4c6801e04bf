"""Evaluating an expression with values that may be unknown, one operation after the other."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final

from fllint.documents.tree import UNKNOWN, UNKNOWN_TEXT, Unknown
from fllint.python.partial_values import (
    MAXIMUM_LENGTH,
    TYPES,
    Instance,
    OfKnownTruth,
    compare,
    has_unknown,
    is_instance,
    is_partly_unknown,
    length,
    truth,
)
from fllint.python.pure_calls import DOTTED_FUNCTIONS, FUNCTIONS, METHODS

MAXIMUM_STEPS: Final = 20_000
"""Operations done for one expression."""
MAXIMUM_NUMBER: Final = 10**30
_RAISED: Final = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)
_CONVERSIONS: Final[dict[int, Callable[[object], str]]] = {-1: str, ord("s"): str, ord("r"): repr, ord("a"): ascii}


class StopError(Exception):
    """The evaluation does not get further."""


class Evaluation:
    def __init__(self, arguments: Mapping[str, object]) -> None:
        self.names = dict(arguments)
        self.steps = MAXIMUM_STEPS

    def value(self, node: ast.expr) -> object:
        self.steps -= 1
        if self.steps < 0:
            raise StopError
        match node:
            case ast.Constant(value=value):
                return value
            case ast.Name(id=name):
                return self.names[name] if name in self.names else TYPES.get(name, UNKNOWN)
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
            case ast.List(elts=elements) | ast.Tuple(elts=elements) if _any_starred(elements):
                raise StopError
            case ast.List(elts=elements):
                return self.elements(elements)
            case ast.Tuple(elts=elements):
                return tuple(self.elements(elements))
            case ast.Set(elts=elements):
                found = self.elements(elements)
                return UNKNOWN if has_unknown(found) else set(found)
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
                return UNKNOWN if isinstance(node, ast.SetComp) and has_unknown(found) else found
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
            verdict = truth(last)
            if verdict is None:
                unknown = True
            elif verdict == is_or:
                return OfKnownTruth(is_true=verdict) if unknown else last
        return UNKNOWN if unknown else last

    def value_or_unknown(self, node: ast.expr, after_unknown: bool) -> object:
        """After an unknown part, a part that fails may well not be reached."""
        if not after_unknown:
            return self.value(node)
        try:
            return self.value(node)
        except _RAISED:
            return UNKNOWN

    def choice(self, test: ast.expr, body: ast.expr, orelse: ast.expr) -> object:
        verdict = truth(self.value(test))
        if verdict is not None:
            return self.value(body if verdict else orelse)
        one, other = self.value_or_unknown(body, True), self.value_or_unknown(orelse, True)
        same = type(one) is type(other) and not has_unknown(one) and not has_unknown(other) and one == other
        return one if same else UNKNOWN

    def unary(self, operator: ast.unaryop, value: object) -> object:
        if isinstance(operator, ast.Not):
            verdict = truth(value)
            return UNKNOWN if verdict is None else not verdict
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
            raise StopError
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
            result = compare(value, operator, other)
            if result is False:
                return False
            unknown |= result is None
            value = other
        return UNKNOWN if unknown else True

    def item(self, container: object, index: ast.expr) -> object:
        if isinstance(index, ast.Slice):
            if not isinstance(container, str | list | tuple) or is_partly_unknown(container):
                return UNKNOWN
            parts = (index.lower, index.upper, index.step)
            bounds = [self.value(part) if part is not None else None for part in parts]
            whole = [bound for bound in bounds if bound is None or isinstance(bound, int)]
            return container[slice(*whole)] if len(whole) == 3 else UNKNOWN
        key = self.value(index)
        if isinstance(key, Unknown) or is_partly_unknown(key) or is_partly_unknown(container):
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
                case ast.FormattedValue(value=value, conversion=conversion, format_spec=form):
                    found = self.value(value)
                    known = form is None and (isinstance(found, str) or not has_unknown(found))
                    text += _CONVERSIONS[conversion](found) if known else UNKNOWN_TEXT
                case _:
                    text += UNKNOWN_TEXT
        return text if len(text) <= MAXIMUM_LENGTH else UNKNOWN

    def comprehension(self, node: ast.GeneratorExp | ast.ListComp | ast.SetComp) -> Iterator[object]:
        if len(node.generators) > 1:
            raise StopError
        generator = node.generators[0]
        items = self.value(generator.iter)
        if isinstance(items, dict):
            items = list(items)
        if not isinstance(items, list | tuple | set | frozenset | str) or is_partly_unknown(items):
            raise StopError
        before = dict(self.names)
        for item in items if not isinstance(items, set | frozenset) else sorted(items, key=repr):
            self.bind(generator.target, item)
            tests = [truth(self.value(test)) for test in generator.ifs]
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
                raise StopError

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
            case ast.Name(id=name) if name in FUNCTIONS and name not in self.names:
                return self.function(FUNCTIONS[name], self.elements(node.args))
            case ast.Attribute() if (dotted := ast.unparse(node.func)) in DOTTED_FUNCTIONS:
                return self.function(DOTTED_FUNCTIONS[dotted], self.elements(node.args))
            case ast.Attribute(value=target, attr=name):
                return self.method(self.value(target), name, self.elements(node.args))
            case _:
                return UNKNOWN

    def any_or_all(self, is_any: bool, node: ast.expr) -> object:
        """``any`` and ``all``: as with `chain`, one item can decide, and those behind it are not looked at."""
        names = dict(self.names)
        found = self.comprehension(node) if isinstance(node, ast.GeneratorExp) else self.value(node)
        if not isinstance(found, list | tuple | set | frozenset | Iterator):
            return UNKNOWN
        unknown = False
        try:
            for item in found:
                verdict = truth(item)
                if verdict is is_any:
                    return is_any
                unknown |= verdict is None
        except _RAISED:
            if not unknown:
                raise
        finally:
            self.names = names
        return UNKNOWN if unknown else not is_any

    def function(self, function: Callable[..., object], arguments: list[object]) -> object:
        if any(isinstance(argument, Unknown) for argument in arguments):
            return UNKNOWN
        if function is type:
            return UNKNOWN if isinstance(arguments[0], Instance) else type(arguments[0])
        if function is len and not isinstance(arguments[0], str):
            pass
        elif any(is_partly_unknown(argument) for argument in arguments):
            return UNKNOWN
        if any(isinstance(argument, Instance) for argument in arguments):
            return UNKNOWN
        if function is int and arguments and isinstance(arguments[0], str) and len(arguments[0]) > 100:
            return UNKNOWN
        return function(*arguments)

    def method(self, target: object, name: str, arguments: list[object]) -> object:
        if isinstance(target, Unknown | Instance):
            return UNKNOWN
        if not any(isinstance(target, kind) and name in names for kind, names in METHODS.items()):
            if hasattr(target, name):
                raise StopError
            raise AttributeError(f"'{type(target).__name__}' object has no attribute '{name}'")
        keys_only = isinstance(target, dict)
        if (not keys_only and is_partly_unknown(target)) or any(is_partly_unknown(part) for part in arguments):
            return UNKNOWN
        if isinstance(target, str) and len(target) > MAXIMUM_LENGTH:
            return UNKNOWN
        if name in ("replace", "join") and length(target) * sum(map(length, arguments)) > MAXIMUM_LENGTH:
            return UNKNOWN
        result = getattr(target, name)(*arguments)
        return list(result) if isinstance(target, dict) and name in ("items", "keys", "values") else result

    def type_test(self, tested: ast.expr, types: ast.expr) -> object:
        value = self.value(tested)
        if isinstance(value, Unknown):
            return UNKNOWN
        unknown = False
        for part in types.elts if isinstance(types, ast.Tuple | ast.List) else [types]:
            result = is_instance(value, ast.unparse(part))
            if result:
                return True
            unknown |= result is None
        return UNKNOWN if unknown else False


def _any_starred(elements: list[ast.expr]) -> bool:
    return any(isinstance(element, ast.Starred) for element in elements)
