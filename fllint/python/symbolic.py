"""Walking through a function's statements with expressions instead of values.

The walk knows, at every statement, what each local name and each ``self.attribute`` is as an expression over the
function's parameters, and under which conditions the statement is reached. What cannot be expressed is unknown, and
nothing is guessed from it. Functions and methods that are called are walked through at the place of the call.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from fllint.python.classes import OPERATION, BaseCall, Check
from fllint.python.expressions import MAXIMUM_NODES, conjunction, parsed, simplified, size
from fllint.python.modules import dotted_text
from fllint.python.symbolic_calls import CallWalk, choice
from fllint.python.symbolic_state import (
    FALLS,
    MAXIMUM_CONDITIONS,
    MAXIMUM_STATEMENTS,
    RAISES,
    RETURNS,
    UNROLLED,
    Return,
    State,
)


class Walk(CallWalk):
    """One walk through a function. Subclasses listen to calls through `heard`."""

    def __init__(self) -> None:
        super().__init__()
        self.base_calls: list[BaseCall] = []
        self.statements_left = MAXIMUM_STATEMENTS

    def block(self, statements: Sequence[ast.stmt], state: State) -> str:
        for statement in statements:
            self.statements_left -= 1
            if self.statements_left < 0:
                state.lost = True
                return FALLS
            end = self.statement(statement, state)
            if end != FALLS:
                return end
        return FALLS

    def statement(self, statement: ast.stmt, state: State) -> str:
        match statement:
            case ast.If():
                return self.branch(statement, state)
            case ast.Raise(exc=exception):
                self.raised(exception, state)
                return RAISES
            case ast.Return(value=value):
                self.returned(value, state)
                return RETURNS
            case ast.Continue() | ast.Break():
                return RETURNS
            case ast.Assign(targets=targets, value=value):
                result = self.expression(value, state)
                self.evaluated(result, state)
                for target in targets:
                    self.assign(target, value, result, state)
            case ast.AnnAssign(target=target, value=ast.expr() as value):
                result = self.expression(value, state)
                self.evaluated(result, state)
                self.assign(target, value, result, state)
            case ast.AugAssign(target=target, op=operator, value=value):
                old = self.expression(target, state)
                added = self.expression(value, state)
                known = None if old is None or added is None else ast.BinOp(old, operator, added)
                self.assign(target, None, known, state)
            case ast.Expr(value=value):
                self.evaluated(self.expression(value, state), state)
            case ast.Assert(test=test, msg=message):
                self.expression(test, state)
                with self.perhaps():
                    failing = self.weakened(test, state, holds=False)
                if failing is not None and not state.lost and not self.uncertain:
                    text = self.message_text(message, state) if message is not None else ""
                    self.add_check((*state.conditions, failing), "AssertionError", text)
            case ast.For() | ast.AsyncFor():
                return self.loop(statement, state)
            case ast.While(body=body, orelse=orelse):
                self.expression(statement.test, state)
                self.forget(body + orelse, state)
                self.block(body, State(dict(state.values), state.conditions, lost=True))
                self.block(orelse, State(dict(state.values), state.conditions, lost=True))
                self.forget(body + orelse, state)
            case ast.Try():
                return self.attempt(statement, state)
            case ast.With(items=items, body=body) | ast.AsyncWith(items=items, body=body):
                for item in items:
                    self.expression(item.context_expr, state)
                    if item.optional_vars is not None:
                        self.assign(item.optional_vars, None, None, state)
                return self.block(body, state)
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                state.values[name] = None
            case ast.Match(subject=subject, cases=cases):
                self.expression(subject, state)
                for case in cases:
                    self.block(case.body, State(dict(state.values), state.conditions, lost=True))
                self.forget([part for case in cases for part in case.body], state)
            case _:
                pass
        return FALLS

    def branch(self, statement: ast.If, state: State) -> str:
        exact = self.expression(statement.test, state)
        if isinstance(exact, ast.Constant):
            return self.block(statement.body if exact.value else statement.orelse, state)
        self.evaluated(exact, state)
        with self.perhaps():
            holds = self.weakened(statement.test, state, holds=True)
            fails = self.weakened(statement.test, state, holds=False)
        before = state.conditions
        then = state.fork(holds, exact=exact is not None)
        otherwise = state.fork(fails, exact=exact is not None)
        then_end = self.block(statement.body, then)
        otherwise_end = self.block(statement.orelse, otherwise)
        if then_end != FALLS and otherwise_end != FALLS:
            return RAISES if then_end == otherwise_end == RAISES else RETURNS
        if then_end != FALLS or otherwise_end != FALLS:
            left, end = (otherwise, then_end) if then_end != FALLS else (then, otherwise_end)
            state.values = left.values
            if end == RAISES and len(left.conditions) <= len(before) + 1:
                return FALLS
            state.conditions, state.lost, state.exact = left.conditions, left.lost, left.exact
            return FALLS
        self.rejoin(then, otherwise, state)
        state.values = self.merged(exact, then.values, otherwise.values)
        return FALLS

    def evaluated(self, result: ast.expr | None, state: State) -> None:
        """A place for subclasses that want to know what statements evaluate."""

    def rejoin(self, then: State, otherwise: State, state: State) -> None:
        """The path after an ``if`` whose branches both go on; part of them may have been left by a ``return``."""
        before = len(state.conditions)
        extra = [branch.conditions[before:] for branch in (then, otherwise)]
        if all(len(conditions) <= 1 for conditions in extra):
            return
        if then.lost or otherwise.lost:
            state.lost = True
            return
        either = simplified(ast.BoolOp(ast.Or(), [conjunction(conditions) for conditions in extra]))
        if size(either) > MAXIMUM_NODES or before >= MAXIMUM_CONDITIONS:
            state.lost = True
        else:
            state.conditions = (*state.conditions, either)

    def merged(
        self, test: ast.expr | None, then: Mapping[str, ast.expr | None], otherwise: Mapping[str, ast.expr | None]
    ) -> dict[str, ast.expr | None]:
        values: dict[str, ast.expr | None] = {}
        for name in dict.fromkeys([*then, *otherwise]):
            one, other = then.get(name), otherwise.get(name)
            values[name] = one if one is other else choice(test, one, other)
        return values

    def returned(self, value: ast.expr | None, state: State) -> None:
        result = self.expression(value, state) if value is not None else ast.Constant(None)
        self.evaluated(result, state)
        new = state.conditions[self.frame.conditions_before :]
        self.frame.returns.append(Return(new, result, state.lost))

    def loop(self, statement: ast.For | ast.AsyncFor, state: State) -> str:
        items = self.items(self.expression(statement.iter, state))
        if isinstance(items, ast.List | ast.Tuple) and len(items.elts) <= UNROLLED:
            for item in items.elts:
                self.assign(statement.target, item, item, state)
                if self.block(statement.body, state) == RAISES:
                    return RAISES
            return self.block(statement.orelse, state)
        self.forget(statement.body, state)
        inner = State(dict(state.values), (), state.lost or items is None)
        names = self.bind_each(statement.target, inner)
        outer_checks, self.checks = self.checks, []
        returns_before = len(self.frame.returns)
        self.each_item(items, names, statement, inner)
        found, self.checks = self.checks, outer_checks
        if items is not None and names:
            for check in found:
                conditions = (*state.conditions, any_of(check.when, names, items))
                self.add_check(conditions, check.raises, check.message, exact=False)
        if len(self.frame.returns) > returns_before:
            self.frame.returns[returns_before:] = [Return((), None, lost=True)]
            state.lost = True
        self.forget(statement.body, state)
        self.assign(statement.target, None, None, state)
        return FALLS

    def items(self, iterated: ast.expr | None) -> ast.expr | None:
        """What a loop goes over; a class constant counts as what the class itself says, since derived ones rarely
        differ."""
        if isinstance(iterated, ast.Attribute) and isinstance(iterated.value, ast.Name) and iterated.value.id == "self":
            return self.frame.scope.constant(f"self.{iterated.attr}") or iterated
        return iterated

    def each_item(
        self, items: ast.expr | None, names: list[str], statement: ast.For | ast.AsyncFor, inner: State
    ) -> None:
        """Walks a loop's body once, for any item."""
        self.block(statement.body, inner)

    def bind_each(self, target: ast.expr, state: State) -> list[str]:
        """Gives the targets of a loop names of their own; the names, none when the target is not simple."""
        targets = target.elts if isinstance(target, ast.Tuple) else [target]
        names = []
        for position, part in enumerate(targets):
            if not isinstance(part, ast.Name):
                self.assign(target, None, None, state)
                return []
            names.append(f"each_{part.id}" if len(self.frames) == 1 else f"each{len(self.frames)}{position}_{part.id}")
            state.values[part.id] = ast.Name(names[-1], ast.Load())
        return names

    def attempt(self, statement: ast.Try, state: State) -> str:
        swallows = any(not _always_raises(handler.body) for handler in statement.handlers)
        before = dict(state.values)
        checks_before = len(self.checks)
        self.uncertain += swallows
        end = self.block(statement.body, state)
        self.uncertain -= swallows
        if statement.handlers and not swallows:
            self.checks[checks_before:] = self.converted(self.checks[checks_before:], statement.handlers, state)
        if end == FALLS:
            end = self.block(statement.orelse, state)
        for handler in statement.handlers:
            caught = State(dict(before), state.conditions, lost=True)
            self.forget(statement.body, caught)
            self.block(handler.body, caught)
        if swallows:
            handled = [part for handler in statement.handlers for part in handler.body]
            if end == FALLS:
                self.forget(handled, state)
            else:
                state.lost = True
                state.values = before
                self.forget(statement.body + handled, state)
            end = FALLS
        final = self.block(statement.finalbody, state)
        return end if final == FALLS else final

    def converted(self, checks: list[Check], handlers: list[ast.ExceptHandler], state: State) -> list[Check]:
        """Checks made inside a ``try`` whose handlers raise another exception instead."""
        result = []
        for check in checks:
            for handler in handlers:
                last = handler.body[-1]
                if _catches(handler, check.raises) and isinstance(last, ast.Raise) and last.exc is not None:
                    raises, message = self.described(last.exc, state)
                    check = replace(check, raises=raises.rpartition(".")[2], message=message)
                    break
            result.append(check)
        return result

    def forget(self, statements: Sequence[ast.stmt], state: State) -> None:
        """Makes unknown what these statements assign."""
        for name in assigned_names(statements):
            if name in state.values or name.startswith("self."):
                state.values[name] = None

    def assign(self, target: ast.expr, value: ast.expr | None, result: ast.expr | None, state: State) -> None:
        if result is not None and is_empty_container(result):
            result = None
        match target:
            case ast.Name(id=name):
                state.values[name] = result
            case ast.Attribute(value=ast.Name(id=name), attr=attribute) if name == self.frame.receiver:
                state.values[f"self.{attribute}"] = result
            case ast.Tuple(elts=targets) | ast.List(elts=targets):
                items: Sequence[ast.expr | None] = [None] * len(targets)
                if isinstance(result, ast.Tuple | ast.List) and len(result.elts) == len(targets):
                    items = result.elts
                for part, item in zip(targets, items, strict=True):
                    self.assign(part, item, item, state)
            case ast.Subscript(value=container):
                self.assign_item(target, result, state)
                held = dotted_text(container)
                if held in state.values:
                    state.values[held] = None
            case ast.Starred(value=inner):
                self.assign(inner, None, None, state)
            case _:
                pass

    def assign_item(self, target: ast.Subscript, result: ast.expr | None, state: State) -> None:
        """A place for subclasses that want to know of ``container[key] = result``."""


def is_empty_container(node: ast.expr) -> bool:
    """Whether an expression is an empty list, dict or set: something that is there to be filled."""
    match node:
        case ast.List(elts=[]) | ast.Dict(keys=[]):
            return True
        case ast.Call(func=ast.Name(id="list" | "dict" | "set"), args=[], keywords=[]):
            return True
        case _:
            return False


def assigned_names(statements: Sequence[ast.stmt]) -> set[str]:
    """Names, and ``self.attribute`` texts, that statements assign anywhere in them."""
    names: set[str] = set()
    stack: list[ast.AST] = list(statements)
    while stack:
        node = stack.pop()
        match node:
            case ast.Name(id=name, ctx=ast.Store() | ast.Del()):
                names.add(name)
            case ast.Attribute(value=ast.Name(id="self"), attr=attribute, ctx=ast.Store()):
                names.add(f"self.{attribute}")
            case _:
                pass
        for field in node._fields:  # ast.iter_child_nodes does the same at twice the cost
            child = getattr(node, field, None)
            if isinstance(child, list):
                stack += [item for item in child if isinstance(item, ast.AST)]
            elif isinstance(child, ast.AST):
                stack.append(child)
    return names


def any_of(when: str, names: Sequence[str], items: ast.expr) -> ast.expr:
    """``any(<when> for <names> in <items>)``."""
    element = parsed(when)
    assert element is not None
    targets: list[ast.expr] = [ast.Name(name, ast.Store()) for name in names]
    target = targets[0] if len(targets) == 1 else ast.Tuple(targets, ast.Store())
    generator = ast.comprehension(target, items, [], 0)
    return ast.Call(ast.Name("any", ast.Load()), [ast.GeneratorExp(element, [generator])], [])


def _always_raises(body: Sequence[ast.stmt]) -> bool:
    return bool(body) and isinstance(body[-1], ast.Raise)


def _catches(handler: ast.ExceptHandler, exception: str) -> bool:
    if handler.type is None:
        return True
    if exception == OPERATION:
        return True
    types = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(dotted_text(part) in (exception, "Exception", "BaseException") for part in types)
