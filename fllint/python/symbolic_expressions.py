"""Translating expressions of a function into expressions over its parameters."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from fllint.python.expressions import MAXIMUM_NODES, negation, parsed, simplified, size
from fllint.python.modules import dotted_text
from fllint.python.symbolic_state import MAXIMUM_EXPRESSIONS, Frame, State

BUILTIN_TYPES = frozenset(
    ["str", "int", "float", "bool", "list", "tuple", "dict", "set", "frozenset", "bytes", "complex", "object", "type"]
)
UNNAMED = "unknown_value"
"""Stands for a value in a dict whose keys are known."""


class ExpressionWalk:
    """The part of a walk that deals with expressions. `fllint.python.symbolic_calls` adds calls."""

    def __init__(self) -> None:
        self.frames: list[Frame] = []
        self.expressions_left = MAXIMUM_EXPRESSIONS
        self.uncertain = 0
        """How many ``try`` statements that swallow exceptions, and parts of expressions that are not always evaluated,
        are around: an exception in them is none for the caller."""

    @property
    def frame(self) -> Frame:
        return self.frames[-1]

    def call(self, node: ast.Call, state: State) -> ast.expr | None:
        raise NotImplementedError

    def assign(self, target: ast.expr, value: ast.expr | None, result: ast.expr | None, state: State) -> None:
        raise NotImplementedError

    def expression(self, node: ast.expr, state: State) -> ast.expr | None:
        """An expression over the parameters, or None."""
        self.expressions_left -= 1
        if self.expressions_left < 0:
            return None
        match node:
            case ast.Constant():
                return node
            case ast.Name(id=name):
                if name in state.values:
                    return state.values[name]
                return ast.Name(name, ast.Load()) if name in BUILTIN_TYPES else self.named(name)
            case ast.Attribute():
                return self.attribute(node, state)
            case ast.Call():
                return self.call(node, state)
            case ast.Await(value=value):
                return self.expression(value, state)
            case ast.JoinedStr() | ast.BoolOp() | ast.BinOp() | ast.UnaryOp() | ast.Compare() | ast.IfExp():
                return self.composed(node, state)
            case (
                ast.List() | ast.Tuple() | ast.Set() | ast.Dict() | ast.Subscript() | ast.Slice() | ast.FormattedValue()
            ):
                return self.composed(node, state)
            case ast.GeneratorExp() | ast.ListComp() | ast.SetComp():
                return self.comprehension(node, state)
            case ast.NamedExpr(target=target, value=value):
                result = self.expression(value, state)
                self.assign(target, value, result, state)
                return result
            case _:
                for child in ast.iter_child_nodes(node):
                    if isinstance(child, ast.expr) and not isinstance(node, ast.Lambda):
                        self.expression(child, state)
                return None

    @contextmanager
    def perhaps(self) -> Iterator[None]:
        """Around what is not always evaluated."""
        self.uncertain += 1
        try:
            yield
        finally:
            self.uncertain -= 1

    def part(self, name: str, node: ast.expr, state: State) -> ast.expr | None:
        """A part of an expression; the sides of a choice are not always evaluated."""
        if name not in ("body", "orelse"):
            return self.expression(node, state)
        with self.perhaps():
            return self.expression(node, state)

    def parts(self, node: ast.expr, nodes: list[Any], state: State) -> list[Any]:
        """Parts of an expression; those of ``and`` and ``or`` after the first are not always evaluated."""
        first = [self.expression(item, state) if isinstance(item, ast.expr) else item for item in nodes[:1]]
        if not isinstance(node, ast.BoolOp):
            rest = [self.expression(item, state) if isinstance(item, ast.expr) else item for item in nodes[1:]]
            return first + rest
        with self.perhaps():
            return first + [self.expression(item, state) for item in nodes[1:]]

    def composed(self, node: ast.expr, state: State) -> ast.expr | None:
        """An expression whose parts are translated; None when one of them is unknown. All parts are visited."""
        unknown = False
        fields: dict[str, Any] = {}
        for name, part in ast.iter_fields(node):
            if isinstance(part, ast.expr):
                fields[name] = self.part(name, part, state)
                unknown |= fields[name] is None
            elif isinstance(part, list):
                items = self.parts(node, part, state)
                unknown |= any(item is None for item in items)
                fields[name] = items
            else:
                fields[name] = part
        if isinstance(node, ast.Dict) and None not in fields["keys"]:
            unnamed = ast.Name(UNNAMED, ast.Load())
            fields["values"] = [unnamed if value is None else value for value in fields["values"]]
        elif unknown:
            return self.known_choice(node, fields)
        made = type(node)(**fields)
        assert isinstance(made, ast.expr)
        return simplified(made) if size(made) <= MAXIMUM_NODES else None

    def known_choice(self, node: ast.expr, fields: Mapping[str, object]) -> ast.expr | None:
        """``a if True else unknown`` is ``a``."""
        test = fields.get("test")
        if isinstance(node, ast.IfExp) and isinstance(test, ast.Constant):
            chosen = fields["body" if test.value else "orelse"]
            return chosen if isinstance(chosen, ast.expr) else None
        return None

    def attribute(self, node: ast.Attribute, state: State) -> ast.expr | None:
        if isinstance(node.value, ast.Name) and node.value.id == self.frame.receiver:
            key = f"self.{node.attr}"
            if key in state.values:
                return state.values[key]
            if self.frame.scope.has_method(node.attr):
                return None
            return ast.Attribute(ast.Name("self", ast.Load()), node.attr, ast.Load())
        dotted = dotted_text(node)
        if dotted is None:
            self.expression(node.value, state)
            return None
        return None if dotted.partition(".")[0] in state.values else self.named(dotted)

    def named(self, dotted: str) -> ast.expr | None:
        """What a name of the module stands for: a constant, or a class."""
        constant = self.frame.scope.constant(dotted)
        if constant is not None:
            return constant
        path = self.frame.scope.known_class(dotted)
        return parsed(path) if path is not None else None

    def comprehension(self, node: ast.GeneratorExp | ast.ListComp | ast.SetComp, state: State) -> ast.expr | None:
        if len(node.generators) != 1 or node.generators[0].is_async:
            return None
        generator = node.generators[0]
        items = self.expression(generator.iter, state)
        inner = State(dict(state.values), state.conditions, state.lost)
        targets = generator.target.elts if isinstance(generator.target, ast.Tuple) else [generator.target]
        for target in targets:
            if not isinstance(target, ast.Name):
                return None
            inner.values[target.id] = ast.Name(target.id, ast.Load())
        with self.perhaps():
            element = self.expression(node.elt, inner)
            tests = [self.expression(test, inner) for test in generator.ifs]
        known = [test for test in tests if test is not None]
        if items is None or element is None or len(known) != len(tests):
            return None
        made = type(node)(element, [ast.comprehension(generator.target, items, known, 0)])
        return made if size(made) <= MAXIMUM_NODES else None

    def weakened(self, test: ast.expr, state: State, *, holds: bool) -> ast.expr | None:
        """A condition that is surely true only if ``test`` holds (or, with ``holds=False``, fails): of ``a or b``
        with an unknown ``b`` it is ``a``. None when nothing is known."""
        match test:
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return self.weakened(operand, state, holds=not holds)
            case ast.BoolOp(op=operator, values=values):
                parts = [self.weakened(value, state, holds=holds) for value in values]
                known = [part for part in parts if part is not None]
                any_will_do = isinstance(operator, ast.Or) == holds
                if not known or (not any_will_do and len(known) < len(parts)):
                    return None
                if len(known) == 1:
                    return known[0]
                return simplified(ast.BoolOp(ast.Or() if any_will_do else ast.And(), known))
            case _:
                exact = self.expression(test, state)
                if exact is None:
                    return None
                return exact if holds else simplified(negation(exact))

    def type_test(self, tested: ast.expr | None, types: ast.expr, state: State) -> ast.expr | None:
        if tested is None:
            return None
        parts = types.elts if isinstance(types, ast.Tuple) else [types]
        paths: list[ast.expr] = []
        for part in parts:
            path = self.type_name(part, state)
            if path is None:
                return None
            paths.append(path)
        made = ast.Call(
            ast.Name("isinstance", ast.Load()),
            [tested, paths[0] if len(paths) == 1 else ast.Tuple(paths, ast.Load())],
            [],
        )
        return simplified(made)

    def type_name(self, node: ast.expr, state: State) -> ast.expr | None:
        dotted = dotted_text(node)
        if dotted is None:
            match node:
                case ast.Call(func=ast.Name(id="type"), args=[ast.Constant(value=None)]):
                    return parsed("type(None)")
                case _:
                    return None
        if dotted in state.values:
            return state.values[dotted]
        if dotted.partition(".")[0] == self.frame.receiver:
            return self.attribute(node, state) if isinstance(node, ast.Attribute) else None
        if dotted in BUILTIN_TYPES:
            return ast.Name(dotted, ast.Load())
        path = self.frame.scope.class_path(dotted)
        return parsed(path) if path is not None else None
