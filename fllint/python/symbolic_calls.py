"""Calls in a symbolic walk: pure functions are kept, functions in sight are walked through."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from fllint.python.classes import Method
from fllint.python.expressions import MAXIMUM_NODES, conjunction, parsed, simplified, size, substitute_text, text_of
from fllint.python.flare_words import GIVEN
from fllint.python.messages import substitute_message
from fllint.python.modules import dotted_text
from fllint.python.pure_calls import DOTTED_FUNCTIONS, FUNCTIONS, JUDGING_FUNCTIONS, METHOD_NAMES
from fllint.python.symbolic_errors import ErrorWalk
from fllint.python.symbolic_expressions import UNNAMED
from fllint.python.symbolic_state import FALLS, MAXIMUM_CALLS, Callee, Frame, Given, Heard, Return, State


class CallWalk(ErrorWalk):
    """The part of a walk that deals with calls."""

    def block(self, statements: Sequence[ast.stmt], state: State) -> str:
        raise NotImplementedError

    def call(self, node: ast.Call, state: State) -> ast.expr | None:
        given = self.given(node, state)
        called = dotted_text(node.func)
        heard = self.heard(node, called, given, state)
        if heard is not None:
            return heard.value
        if called == "isinstance" and len(node.args) == 2:
            return self.type_test(given.positional[0], node.args[1], state)
        if (called in FUNCTIONS or called in JUDGING_FUNCTIONS) and called not in state.values:
            return self.pure(ast.Name(called, ast.Load()), given)
        if called in DOTTED_FUNCTIONS:
            return self.pure(node.func, given)
        callee = self.callee_of(node, state)
        if callee is not None:
            return None if given.stars else self.follow(callee, given, state)
        if called is not None and called.partition(".")[0] not in (*state.values, self.frame.receiver):
            values = self.frame.scope.enum_values(called)
            return self.enum_member(called, values, given, state) if values is not None else None
        return self.call_on_value(node, given, state)

    def given(self, node: ast.Call, state: State) -> Given:
        """The arguments of a call; every one is visited."""
        positional = tuple(self.expression(argument, state) for argument in node.args)
        named = [(word.arg, self.expression(word.value, state)) for word in node.keywords]
        stars = any(isinstance(argument, ast.Starred) for argument in node.args) or any(not name for name, _ in named)
        return Given(positional, {name: value for name, value in named if name}, stars)

    def heard(self, node: ast.Call, called: str | None, given: Given, state: State) -> Heard | None:
        """Called for every call; its value, or None when the call is to be followed."""
        return None

    def pure(self, function: ast.expr, given: Given) -> ast.expr | None:
        known = [argument for argument in given.positional if argument is not None]
        if given.keywords or given.stars or len(known) != len(given.positional):
            return None
        made = ast.Call(function, known, [])
        return made if size(made) <= MAXIMUM_NODES else None

    def enum_member(self, called: str, values: ast.expr, given: Given, state: State) -> ast.expr | None:
        """``SomeEnum(value)`` raises for a value that no member has, and else stands for the value."""
        value = given.positional[0] if given.positional else None
        if value is None:
            return None
        if not state.lost and not self.uncertain:
            refused = simplified(ast.Compare(value, [ast.NotIn()], [values]))
            name = called.rpartition(".")[2]
            self.add_check((*state.conditions, refused), "ValueError", f"{{{text_of(value)}!r}} is not a valid {name}")
        return value

    def call_on_value(self, node: ast.Call, given: Given, state: State) -> ast.expr | None:
        """A method call on something that is not a module: of a base class, or a pure one of a plain value."""
        if not isinstance(node.func, ast.Attribute):
            return None
        method, target = node.func.attr, node.func.value
        if _is_super(target):
            return self.inherited_method(method, given, state, of_super=True)
        if isinstance(target, ast.Name) and target.id == self.frame.receiver:
            return self.inherited_method(method, given, state, of_super=False)
        held = self.expression(target, state)
        if held is None or method not in METHOD_NAMES:
            return None
        return self.pure(ast.Attribute(held, method, ast.Load()), given)

    def inherited_method(self, name: str, given: Given, state: State, *, of_super: bool) -> ast.expr | None:
        """A call of a method whose source is not walked, but of which a summary exists."""
        summary = self.frame.scope.inherited(name, of_super=of_super)
        if summary is None or given.stars:
            return None
        values = summary_values(summary, given, state)
        self.summarised(summary, values, state)
        for check in summary.checks:
            when = substitute_text(check.when, values)
            tree = parsed(when) if when is not None else None
            if tree is not None and not state.lost and not self.uncertain:
                message = substitute_message(check.message, values)
                exact = check.exact and state.exact
                self.add_check((*state.conditions, tree), check.raises, message, exact=exact)
        result = substitute_text(summary.returns, values) if summary.returns is not None else None
        return parsed(result) if result is not None else None

    def summarised(self, summary: Method, values: Mapping[str, str | None], state: State) -> None:
        """A place for subclasses that want to know of calls of methods whose source is not walked."""

    # -- functions in sight

    def callee_of(self, call: ast.Call, state: State) -> Callee | None:
        """The function in sight that a call leads to."""
        called = dotted_text(call.func)
        if called is None:
            return None
        first, _, rest = called.partition(".")
        if first == self.frame.receiver:
            return self.frame.scope.method(rest) if rest and "." not in rest else None
        return None if first in state.values else self.frame.scope.function(called)

    def follow(self, callee: Callee, given: Given, state: State) -> ast.expr | None:
        """Walks through a function that is called, and gives what it returns."""
        if len(self.frames) > MAXIMUM_CALLS or any(frame.owner == callee.path for frame in self.frames):
            return None
        with self.inside(callee, given, state) as inner:
            end = self.block(callee.node.body, inner)
            returns = self.frame.returns
        if callee.receiver:
            state.values.update({name: value for name, value in inner.values.items() if name.startswith("self.")})
        if any(given_back.lost for given_back in returns):
            return None
        return returned(returns, falls=end == FALLS)

    @contextmanager
    def inside(self, callee: Callee, given: Given, state: State) -> Iterator[State]:
        """Enters a function; gives the state at its first statement."""
        parameters = callee.node.args
        names = [argument.arg for argument in [*parameters.posonlyargs, *parameters.args]]
        receiver = names.pop(0) if callee.receiver and names else None
        values: dict[str, ast.expr | None] = dict.fromkeys([*names, *(word.arg for word in parameters.kwonlyargs)])
        for star in (parameters.vararg, parameters.kwarg):
            if star is not None:
                values[star.arg] = None
        self.frames.append(Frame(callee.scope, callee.path, conditions_before=len(state.conditions), receiver=receiver))
        try:
            for name, default in default_expressions(parameters):
                values[name] = self.expression(default, State({}))
            values.update(zip(names, given.positional, strict=False))
            values.update({name: value for name, value in given.keywords.items() if name in values})
            if receiver:
                values.update({name: value for name, value in state.values.items() if name.startswith("self.")})
            yield State(values, state.conditions, state.lost)
        finally:
            self.frames.pop()


def summary_values(summary: Method, given: Given, state: State) -> dict[str, str | None]:
    """What the names in a method's summary are at a call: its parameters, and the caller's attributes."""
    values: dict[str, str | None] = {
        name: _text(value) for name, value in state.values.items() if name.startswith("self.")
    }
    positional = [parameter.name for parameter in summary.parameters if not parameter.keyword_only]
    values.update({GIVEN + parameter.name: parameter.default_text for parameter in summary.parameters})
    values.update({GIVEN + name: _text(value) for name, value in zip(positional, given.positional, strict=False)})
    values.update({GIVEN + name: _text(value) for name, value in given.keywords.items()})
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


def _text(value: ast.expr | None) -> str | None:
    return text_of(value) if value is not None else None


def returned(returns: Sequence[Return], *, falls: bool) -> ast.expr | None:
    """One expression for all the ``return`` statements of a function: the first whose conditions hold gives the value.

    What the path to the last one requires is what the earlier ones leave over, so that it need not be said again.
    """
    if falls:
        returns = [*returns, Return((), ast.Constant(None))]
    if not returns:
        return None
    last = returns[-1]
    left_over = {text_of(condition) for condition in last.conditions}
    result = last.value
    for position in range(len(returns) - 2, -1, -1):
        current = returns[position]
        needed = [part for part in current.conditions if not position or text_of(part) not in left_over]
        result = choice(conjunction(needed), current.value, result)
    return result if result is not None and size(result) <= MAXIMUM_NODES else None


def choice(test: ast.expr | None, one: ast.expr | None, other: ast.expr | None) -> ast.expr | None:
    """``one if test else other``; an unknown side stands there as such, as long as the other one is known."""
    if test is None or (one is None and other is None):
        return None
    unnamed = ast.Name(UNNAMED, ast.Load())
    result = simplified(ast.IfExp(test, one or unnamed, other or unnamed))
    return result if size(result) <= MAXIMUM_NODES else None


def _is_super(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "super"
