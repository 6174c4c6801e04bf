"""Walking through a function's statements with expressions instead of values.

The walk knows, at every statement, what each local name and each ``self.attribute`` is as an expression over the function's
parameters, and under which conditions the statement is reached. What cannot be expressed is unknown, and nothing is
guessed from it. Functions and methods that are called are walked through at the place of the call.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from fllint.python.classes import BaseCall, Check
from fllint.python.expressions import (
    MAXIMUM_NODES,
    conjunction,
    negation,
    parsed,
    simplified,
    size,
    substitute_text,
    text_of,
)
from fllint.python.modules import dotted_text

MAXIMUM_CALLS = 6
"""How deep calls are followed."""
MAXIMUM_STATEMENTS = 4000
"""How many statements one walk takes, calls included."""
UNROLLED = 12
"""Loops over this many literal items are walked item by item."""

PURE_FUNCTIONS = frozenset(
    "isinstance len type any all int float str bool abs min max set list tuple sorted dict callable round sum".split()
)
PURE_METHODS = frozenset(
    "startswith endswith split rsplit strip lstrip rstrip lower upper casefold isdigit isidentifier isalnum isalpha "
    "items keys values get count replace join find partition rpartition copy index".split()
)
PURE_DOTTED = frozenset(
    {"os.path.isabs", "os.path.basename", "os.path.normpath", "math.isnan", "math.isfinite", "math.isinf"}
)
BUILTIN_TYPES = frozenset("str int float bool list tuple dict set frozenset bytes complex object type".split())


@dataclass(frozen=True, slots=True)
class Callee:
    """A function or method that the walk may go through. ``receiver`` says that its first parameter is ``self``."""

    node: ast.FunctionDef | ast.AsyncFunctionDef
    scope: Scope
    path: str
    receiver: bool = False


class Scope(Protocol):
    """What names mean around the code that is walked."""

    def constant(self, dotted: str) -> ast.expr | None:
        """The literal that a name of the module, or an attribute of a class, is bound to."""

    def class_path(self, dotted: str) -> str | None:
        """The canonical path of the class that a dotted name means (the dotted path it would have when it is not in sight)."""

    def function(self, dotted: str) -> Callee | None:
        """The function that a dotted name means."""

    def method(self, name: str) -> Callee | None:
        """The method of the class whose code is walked, when its source is in sight."""

    def inherited(self, name: str, *, of_super: bool) -> MethodSummary | None:
        """What is known of a method of the class whose code is walked when its source is not walked."""


class MethodSummary(Protocol):
    """The part of `fllint.python.classes.Method` that a call needs."""

    @property
    def checks(self) -> tuple[Check, ...]: ...

    @property
    def returns(self) -> str | None: ...


@dataclass(slots=True)
class State:
    """What is known at one statement: values of names (None: unknown) and the conditions of the path to it. ``lost`` says
    that the path has a condition that cannot be expressed."""

    values: dict[str, ast.expr | None]
    conditions: tuple[ast.expr, ...] = ()
    lost: bool = False

    def fork(self, condition: ast.expr | None) -> State:
        conditions = self.conditions if condition is None else (*self.conditions, condition)
        return State(dict(self.values), conditions, self.lost or condition is None)


@dataclass(slots=True)
class Frame:
    """One function on the way: its scope, and what it has returned so far."""

    scope: Scope
    owner: str
    returns: list[tuple[ast.expr, ast.expr | None]] = field(default_factory=list)
    conditions_before: int = 0
    receiver: str | None = "self"
    own_class: bool = True


@dataclass(frozen=True, slots=True)
class Heard:
    """The value of a call that a walk deals with itself; None when unknown."""

    value: ast.expr | None = None


FALLS, RAISES, RETURNS = "falls", "raises", "returns"


class Walk:
    """One walk through a function. Subclasses listen to calls through `heard`."""

    def __init__(self) -> None:
        self.checks: list[Check] = []
        self.base_calls: list[BaseCall] = []
        self.statements_left = MAXIMUM_STATEMENTS
        self.frames: list[Frame] = []
        self.caught = 0
        self.loops = 0

    @property
    def frame(self) -> Frame:
        return self.frames[-1]

    # -- statements

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
                result = self.value(value, state)
                for target in targets:
                    self.assign(target, value, result, state)
            case ast.AnnAssign(target=target, value=ast.expr() as value):
                self.assign(target, value, self.value(value, state), state)
            case ast.AugAssign(target=target, op=operator, value=value):
                old = self.expression(target, state)
                added = self.value(value, state)
                known = None if old is None or added is None else ast.BinOp(old, operator, added)
                self.assign(target, None, known, state)
            case ast.Expr(value=value):
                self.value(value, state)
            case ast.Assert(test=test, msg=message):
                failing = self.weakened(test, state, holds=False)
                if failing is not None and not state.lost and not self.caught:
                    text = self.message_text(message, state) if message is not None else ""
                    self.add_check((*state.conditions, failing), "AssertionError", text)
            case ast.For() | ast.AsyncFor():
                return self.loop(statement, state)
            case ast.While(body=body, orelse=orelse):
                self.value(statement.test, state)
                self.forget(body + orelse, state)
                self.block(body, State(dict(state.values), state.conditions, lost=True))
                self.block(orelse, State(dict(state.values), state.conditions, lost=True))
                self.forget(body + orelse, state)
            case ast.Try():
                return self.attempt(statement, state)
            case ast.With(items=items, body=body) | ast.AsyncWith(items=items, body=body):
                for item in items:
                    self.value(item.context_expr, state)
                    if item.optional_vars is not None:
                        self.assign(item.optional_vars, None, None, state)
                return self.block(body, state)
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                state.values[name] = None
            case ast.Match(subject=subject, cases=cases):
                self.value(subject, state)
                for case in cases:
                    self.block(case.body, State(dict(state.values), state.conditions, lost=True))
                self.forget([part for case in cases for part in case.body], state)
            case _:
                pass
        return FALLS

    def branch(self, statement: ast.If, state: State) -> str:
        exact = self.value(statement.test, state)
        if isinstance(exact, ast.Constant):
            return self.block(statement.body if exact.value else statement.orelse, state)
        holds, fails = (
            self.weakened(statement.test, state, holds=True),
            self.weakened(statement.test, state, holds=False),
        )
        before = state.conditions
        then, otherwise = state.fork(holds), state.fork(fails)
        self.narrowed(statement.test, then, holds=True)
        then_end = self.block(statement.body, then)
        otherwise_end = self.block(statement.orelse, otherwise)
        if then_end != FALLS and otherwise_end != FALLS:
            return RAISES if then_end == otherwise_end == RAISES else RETURNS
        if then_end != FALLS or otherwise_end != FALLS:
            left, end = (otherwise, then_end) if then_end != FALLS else (then, otherwise_end)
            state.values = left.values
            if end == RAISES and len(left.conditions) <= len(before) + 1:
                return FALLS
            state.conditions, state.lost = left.conditions, left.lost
            return FALLS
        straight = len(then.conditions) <= len(before) + 1 and len(otherwise.conditions) <= len(before) + 1
        state.lost = state.lost or not straight
        state.values = self.merged(exact, then.values, otherwise.values)
        return FALLS

    def narrowed(self, test: ast.expr, then: State, *, holds: bool) -> None:
        """A place for subclasses that want to know what a branch is guarded by."""

    def merged(
        self, test: ast.expr | None, then: Mapping[str, ast.expr | None], otherwise: Mapping[str, ast.expr | None]
    ) -> dict[str, ast.expr | None]:
        values: dict[str, ast.expr | None] = {}
        for name in dict.fromkeys([*then, *otherwise]):
            one, other = then.get(name), otherwise.get(name)
            if one is other:
                values[name] = one
            elif one is None or other is None or test is None:
                values[name] = self.one_side(name, then, otherwise)
            else:
                choice = simplified(ast.IfExp(test, one, other))
                values[name] = choice if size(choice) <= MAXIMUM_NODES else None
        return values

    def one_side(
        self, name: str, then: Mapping[str, ast.expr | None], otherwise: Mapping[str, ast.expr | None]
    ) -> ast.expr | None:
        return None

    def raised(self, exception: ast.expr | None, state: State) -> None:
        if exception is None or state.lost or self.caught:
            return
        name = exception.func if isinstance(exception, ast.Call) else exception
        raised = dotted_text(name) or "Exception"
        message = ""
        if isinstance(exception, ast.Call) and exception.args:
            message = self.message_text(exception.args[0], state)
        self.add_check(state.conditions, raised, message)

    def add_check(self, conditions: Sequence[ast.expr], raises: str, message: str) -> None:
        when = simplified(conjunction(conditions))
        if isinstance(when, ast.Constant) and not when.value:
            return
        if size(when) <= MAXIMUM_NODES:
            self.checks.append(Check(text_of(when), raises.rpartition(".")[2], message, self.frame.owner))

    def returned(self, value: ast.expr | None, state: State) -> None:
        result = self.value(value, state) if value is not None else ast.Constant(None)
        new = state.conditions[self.frame.conditions_before :]
        self.frame.returns.append((conjunction(new), None if state.lost else result))

    def loop(self, statement: ast.For | ast.AsyncFor, state: State) -> str:
        items = self.value(statement.iter, state)
        if isinstance(items, ast.List | ast.Tuple) and len(items.elts) <= UNROLLED:
            for item in items.elts:
                self.assign(statement.target, item, item, state)
                if self.block(statement.body, state) == RAISES:
                    return RAISES
            return self.block(statement.orelse, state)
        self.forget(statement.body, state)
        inner = State(dict(state.values), (), state.lost or items is None)
        self.loops += 1
        names = self.bind_each(statement.target, inner)
        outer_checks, self.checks = self.checks, []
        returns_before = len(self.frame.returns)
        self.each_item(items, names, statement, inner)
        found, self.checks = self.checks, outer_checks
        self.loops -= 1
        if items is not None and names:
            for check in found:
                self.add_check((*state.conditions, any_of(check.when, names, items)), check.raises, check.message)
        if len(self.frame.returns) > returns_before:
            self.frame.returns[returns_before:] = [(ast.Constant(True), None)]
            state.lost = True
        self.forget(statement.body, state)
        self.assign(statement.target, None, None, state)
        return FALLS

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
        converts = bool(statement.handlers)
        self.caught += swallows or converts
        before = dict(state.values)
        end = self.block(statement.body, state)
        self.caught -= swallows or converts
        if end == FALLS:
            end = self.block(statement.orelse, state)
        for handler in statement.handlers:
            caught = State(dict(before), state.conditions, lost=True)
            self.forget(statement.body, caught)
            self.block(handler.body, caught)
        if swallows:
            state.lost = state.lost or end != FALLS
            handled = [part for handler in statement.handlers for part in handler.body]
            if end == FALLS:
                self.forget(handled, state)
            else:
                state.values = before
                self.forget(statement.body + handled, state)
            end = FALLS
        final = self.block(statement.finalbody, state)
        return end if final == FALLS else final

    def forget(self, statements: Sequence[ast.stmt], state: State) -> None:
        """Makes unknown what these statements assign."""
        for name in assigned_names(statements):
            if name in state.values or name.startswith("self."):
                state.values[name] = None

    def assign(self, target: ast.expr, value: ast.expr | None, result: ast.expr | None, state: State) -> None:
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

    # -- expressions

    def value(self, node: ast.expr, state: State) -> ast.expr | None:
        """The value of an expression that is evaluated here, listening to the calls in it."""
        return self.expression(node, state)

    def expression(self, node: ast.expr, state: State) -> ast.expr | None:
        """An expression over the parameters, or None."""
        match node:
            case ast.Constant():
                return node
            case ast.Name(id=name):
                if name in state.values:
                    return state.values[name]
                return ast.Name(name, ast.Load()) if name in BUILTIN_TYPES else self.frame.scope.constant(name)
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

    def composed(self, node: ast.expr, state: State) -> ast.expr | None:
        """An expression whose parts are translated; None when one of them is unknown. All parts are visited."""
        unknown = False
        fields: dict[str, object] = {}
        for name, part in ast.iter_fields(node):
            if isinstance(part, ast.expr):
                fields[name] = self.expression(part, state)
                unknown |= fields[name] is None
            elif isinstance(part, list):
                items = [self.expression(item, state) if isinstance(item, ast.expr) else item for item in part]
                unknown |= any(item is None for item in items)
                fields[name] = items
            else:
                fields[name] = part
        if unknown:
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
            constant = self.frame.scope.constant(key)
            return constant or ast.Attribute(ast.Name("self", ast.Load()), node.attr, ast.Load())
        dotted = dotted_text(node)
        if dotted is None:
            self.expression(node.value, state)
            return None
        return None if dotted.partition(".")[0] in state.values else self.frame.scope.constant(dotted)

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
        element = self.expression(node.elt, inner)
        tests = [self.expression(test, inner) for test in generator.ifs]
        known = [test for test in tests if test is not None]
        if items is None or element is None or len(known) != len(tests):
            return None
        made = type(node)(element, [ast.comprehension(generator.target, items, known, 0)])
        return made if size(made) <= MAXIMUM_NODES else None

    def weakened(self, test: ast.expr, state: State, *, holds: bool) -> ast.expr | None:
        """A condition that is surely true only if ``test`` holds (or, with ``holds=False``, fails): of ``a or b`` with an
        unknown ``b`` it is ``a``. None when nothing is known."""
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

    # -- calls

    def call(self, node: ast.Call, state: State) -> ast.expr | None:
        arguments = [self.expression(argument, state) for argument in node.args]
        keywords = {word.arg: self.expression(word.value, state) for word in node.keywords if word.arg}
        for word in node.keywords:
            if word.arg is None:
                self.expression(word.value, state)
        called = dotted_text(node.func)
        heard = self.heard(node, called, arguments, keywords, state)
        if heard is not None:
            return heard.value
        if called is None:
            return self.call_on_value(node, arguments, keywords, state)
        first = called.partition(".")[0]
        if called == "isinstance" and len(node.args) == 2:
            return self.type_test(arguments[0], node.args[1], state)
        if called in PURE_FUNCTIONS and called not in state.values:
            return self.pure(ast.Name(called, ast.Load()), arguments, keywords)
        if called in PURE_DOTTED:
            return self.pure(node.func, arguments, keywords)
        if first == self.frame.receiver and called.count(".") == 1:
            return self.own_method(called.partition(".")[2], node, arguments, keywords, state)
        if first in state.values or first == self.frame.receiver:
            return self.call_on_value(node, arguments, keywords, state)
        callee = self.frame.scope.function(called)
        if callee is not None and not _has_stars(node):
            return self.follow(callee, arguments, keywords, state)
        return None

    def heard(
        self,
        node: ast.Call,
        called: str | None,
        arguments: Sequence[ast.expr | None],
        keywords: Mapping[str, ast.expr | None],
        state: State,
    ) -> Heard | None:
        """Called for every call; its value, or None when the call is to be followed."""
        return None

    def call_on_value(
        self,
        node: ast.Call,
        arguments: Sequence[ast.expr | None],
        keywords: Mapping[str, ast.expr | None],
        state: State,
    ) -> ast.expr | None:
        if not isinstance(node.func, ast.Attribute):
            return None
        method, target = node.func.attr, node.func.value
        if _is_super(target):
            return self.inherited_method(method, node, arguments, keywords, state, of_super=True)
        held = self.expression(target, state)
        if held is None or method not in PURE_METHODS:
            return None
        return self.pure(ast.Attribute(held, method, ast.Load()), arguments, keywords)

    def pure(
        self, function: ast.expr, arguments: Sequence[ast.expr | None], keywords: Mapping[str, ast.expr | None]
    ) -> ast.expr | None:
        known = [argument for argument in arguments if argument is not None]
        if keywords or len(known) != len(arguments):
            return None
        made = ast.Call(function, known, [])
        return made if size(made) <= MAXIMUM_NODES else None

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
        if dotted in BUILTIN_TYPES:
            return ast.Name(dotted, ast.Load())
        path = self.frame.scope.class_path(dotted)
        return parsed(path) if path is not None else None

    def own_method(
        self,
        name: str,
        node: ast.Call,
        arguments: Sequence[ast.expr | None],
        keywords: Mapping[str, ast.expr | None],
        state: State,
    ) -> ast.expr | None:
        callee = self.frame.scope.method(name)
        if callee is None:
            return self.inherited_method(name, node, arguments, keywords, state, of_super=False)
        return None if _has_stars(node) else self.follow(callee, arguments, keywords, state)

    def inherited_method(
        self,
        name: str,
        node: ast.Call,
        arguments: Sequence[ast.expr | None],
        keywords: Mapping[str, ast.expr | None],
        state: State,
        *,
        of_super: bool,
    ) -> ast.expr | None:
        summary = self.frame.scope.inherited(name, of_super=of_super)
        if summary is None or _has_stars(node):
            return None
        values = summary_values(summary, arguments, keywords, state)
        for check in summary.checks:
            when = substitute_text(check.when, values)
            tree = parsed(when) if when is not None else None
            if tree is not None and not state.lost and not self.caught:
                self.add_check((*state.conditions, tree), check.raises, check.message)
        result = substitute_text(summary.returns, values) if summary.returns is not None else None
        return parsed(result) if result is not None else None

    def follow(
        self,
        callee: Callee,
        arguments: Sequence[ast.expr | None],
        keywords: Mapping[str, ast.expr | None],
        state: State,
    ) -> ast.expr | None:
        """Walks through a function that is called, and gives what it returns."""
        if len(self.frames) > MAXIMUM_CALLS or any(frame.owner == callee.path for frame in self.frames):
            return None
        parameters = callee.node.args
        names = [argument.arg for argument in [*parameters.posonlyargs, *parameters.args]]
        receiver = names[0] if callee.receiver and names else None
        values: dict[str, ast.expr | None] = dict.fromkeys([*names, *(word.arg for word in parameters.kwonlyargs)])
        for star in (parameters.vararg, parameters.kwarg):
            if star is not None:
                values[star.arg] = None
        positional = names[1:] if receiver else names
        frame = Frame(callee.scope, callee.path, conditions_before=len(state.conditions), receiver=receiver)
        self.frames.append(frame)
        for name, default in default_expressions(parameters):
            values[name] = self.expression(default, State({}))
        values.update(zip(positional, arguments, strict=False))
        values.update({name: value for name, value in keywords.items() if name in values})
        if receiver:
            values.pop(receiver)
            values.update({name: value for name, value in state.values.items() if name.startswith("self.")})
        inner = State(values, state.conditions, state.lost)
        owner = self.frames[0].owner
        frame.owner = callee.path
        checks_before = len(self.checks)
        end = self.block(callee.node.body, inner)
        self.frames.pop()
        self.checks[checks_before:] = [
            Check(check.when, check.raises, check.message, owner) for check in self.checks[checks_before:]
        ]
        if receiver:
            state.values.update({name: value for name, value in inner.values.items() if name.startswith("self.")})
        if frame.returns and any(value is None for _, value in frame.returns):
            return None
        return _returned(frame.returns, falls=end == FALLS)

    def message_text(self, node: ast.expr, state: State) -> str:
        """The text of an exception's message, ``{expression}`` for what depends on parameters, ``{?}`` for the unknown."""
        match node:
            case ast.Constant(value=value):
                return str(value).replace("{", "{{").replace("}", "}}")
            case ast.JoinedStr(values=values):
                return "".join(self.message_text(value, state) for value in values)
            case ast.FormattedValue(value=value):
                return self.hole(value, state)
            case ast.BinOp(left=left, op=ast.Add(), right=right):
                return self.message_text(left, state) + self.message_text(right, state)
            case ast.Call(
                func=ast.Attribute(value=ast.Constant(value=str() as template), attr="format"), args=args, keywords=[]
            ):
                return self.formatted(template, args, state)
            case _:
                return self.hole(node, state)

    def hole(self, node: ast.expr, state: State) -> str:
        value = self.expression(node, state)
        if value is None:
            return "{?}"
        if isinstance(value, ast.Constant):
            return str(value.value).replace("{", "{{").replace("}", "}}")
        if isinstance(value, ast.JoinedStr):
            return self.message_text(value, State({}))
        return "{" + text_of(value) + "}"

    def formatted(self, template: str, arguments: Sequence[ast.expr], state: State) -> str:
        pieces = template.split("{}")
        if len(pieces) != len(arguments) + 1 or any("{" in piece or "}" in piece for piece in pieces):
            return template.replace("{", "{{").replace("}", "}}")
        filled = [pieces[0]]
        for argument, piece in zip(arguments, pieces[1:], strict=True):
            filled += [self.hole(argument, state), piece]
        return "".join(filled)


def summary_values(
    summary: MethodSummary,
    arguments: Sequence[ast.expr | None],
    keywords: Mapping[str, ast.expr | None],
    state: State,
) -> dict[str, str | None]:
    """What the names in a method's summary are at a call: its parameters, and the caller's attributes."""
    values: dict[str, str | None] = {
        name: text_of(value) if value is not None else None
        for name, value in state.values.items()
        if name.startswith("self.")
    }
    given: dict[str, ast.expr | None] = {}
    parameters = getattr(summary, "parameters", ())
    for parameter in parameters:
        values[parameter.name] = parameter.default_text
    positional = [parameter.name for parameter in parameters if not parameter.keyword_only]
    given.update(zip(positional, arguments, strict=False))
    given.update(keywords)
    values.update({name: text_of(value) if value is not None else None for name, value in given.items()})
    return values


def default_expressions(arguments: ast.arguments) -> Iterator[tuple[str, ast.expr]]:
    """Parameters that have defaults, and the defaults."""
    positional = [*arguments.posonlyargs, *arguments.args]
    with_default = positional[len(positional) - len(arguments.defaults) :] if arguments.defaults else []
    for argument, default in zip(with_default, arguments.defaults, strict=True):
        yield argument.arg, default
    for argument, keyword_default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
        if keyword_default is not None:
            yield argument.arg, keyword_default


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
        stack.extend(ast.iter_child_nodes(node))
    return names


def any_of(when: str, names: Sequence[str], items: ast.expr) -> ast.expr:
    """``any(<when> for <names> in <items>)``."""
    element = parsed(when)
    assert element is not None
    targets: list[ast.expr] = [ast.Name(name, ast.Store()) for name in names]
    target = targets[0] if len(targets) == 1 else ast.Tuple(targets, ast.Store())
    generator = ast.comprehension(target, items, [], 0)
    return ast.Call(ast.Name("any", ast.Load()), [ast.GeneratorExp(element, [generator])], [])


def _returned(returns: Sequence[tuple[ast.expr, ast.expr | None]], *, falls: bool) -> ast.expr | None:
    """One expression for all the ``return`` statements of a function."""
    if falls:
        returns = [*returns, (ast.Constant(True), ast.Constant(None))]
    if not returns:
        return None
    result = returns[-1][1]
    for condition, value in reversed(returns[:-1]):
        if result is None or value is None:
            return None
        result = simplified(ast.IfExp(condition, value, result))
    return result if result is not None and size(result) <= MAXIMUM_NODES else None


def _has_stars(node: ast.Call) -> bool:
    return any(isinstance(argument, ast.Starred) for argument in node.args) or any(
        word.arg is None for word in node.keywords
    )


def _is_super(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "super"


def _always_raises(body: Sequence[ast.stmt]) -> bool:
    return bool(body) and isinstance(body[-1], ast.Raise)
