"""Summaries of a class's own methods: what they do, check and return, made when they are first asked for."""

from __future__ import annotations

import ast

from msgspec.structs import replace

from fllint.python.classes import Check, Method
from fllint.python.constructors import with_default_constants
from fllint.python.expressions import text_of
from fllint.python.flare_words import GIVEN, TASK_NAME
from fllint.python.method_walk import EffectWalk
from fllint.python.scopes import CodeScope, methods_of
from fllint.python.symbolic_calls import returned
from fllint.python.symbolic_state import FALLS, Frame, State

MAXIMUM_STATEMENTS = 20_000
MAXIMUM_EXPRESSIONS = 150_000
"""Statements walked, and expressions translated, for the methods of one class."""


class MethodSummaries:
    """The summaries of the methods of one class.

    Arguments:
        node: the class statement.
        signatures: its methods without summaries.
        scope: the names around it.
    """

    def __init__(self, node: ast.ClassDef, signatures: tuple[Method, ...], scope: CodeScope, class_path: str) -> None:
        self._nodes = methods_of(node)
        self._signatures = {method.name: method for method in signatures}
        self._scope = scope.for_methods(self)
        self._class_path = class_path
        self._made: dict[str, Method] = {}
        self._in_progress: set[str] = set()
        self._statements_left = MAXIMUM_STATEMENTS
        self._expressions_left = MAXIMUM_EXPRESSIONS

    def all(self) -> tuple[Method, ...]:
        """The summaries of all methods but the constructor."""
        return tuple(
            self.summary(name) or method if name != "__init__" else method for name, method in self._signatures.items()
        )

    def summary(self, name: str) -> Method | None:
        """The summary of a method; None for methods that the class does not have, or that are being looked at."""
        if name not in self._nodes or name in self._in_progress:
            return None
        if name not in self._made:
            self._in_progress.add(name)
            try:
                self._made[name] = self._read(name)
            finally:
                self._in_progress.remove(name)
        return self._made[name]

    def _read(self, name: str) -> Method:
        node, method = self._nodes[name], self._signatures[name]
        first = method.parameters[0].name if name == "execute" and method.parameters else TASK_NAME
        walk = EffectWalk(f"{self._class_path}.{name}", first)
        walk.statements_left = min(walk.statements_left, self._statements_left)
        walk.expressions_left = min(walk.expressions_left, self._expressions_left)
        before = walk.statements_left, walk.expressions_left
        names = [argument.arg for argument in [*node.args.posonlyargs, *node.args.args]]
        receiver = names[0] if names and method.kind != "static" else None
        frame = Frame(self._scope, walk.where, receiver=receiver)
        walk.frames.append(frame)
        values: dict[str, ast.expr | None] = {p.name: ast.Name(GIVEN + p.name, ast.Load()) for p in method.parameters}
        for star in (node.args.vararg, node.args.kwarg):
            if star is not None:
                values[star.arg] = None
        end = walk.block(node.body, State(values))
        self._statements_left -= before[0] - walk.statements_left
        self._expressions_left -= before[1] - walk.expressions_left
        value = None
        if not any(given_back.lost for given_back in frame.returns):
            value = returned(frame.returns, falls=end == FALLS)
        return replace(
            method,
            parameters=with_default_constants(node, method.parameters, self._scope),
            calls=tuple(walk.calls),
            effects=walk.found_effects(),
            checks=tuple(dict.fromkeys(walk.checks)),
            returns=text_of(value) if value is not None and not _is_none(value) else None,
        )


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def is_worth_keeping(check: Check) -> bool:
    """Whether a check says something about what a caller gives."""
    return GIVEN in check.when
