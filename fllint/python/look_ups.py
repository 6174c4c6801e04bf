"""Look-ups of components: what is done with the result, read from the conditions of the code that follows."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from msgspec import Struct, field
from msgspec.structs import replace

from fllint.python.classes import Effect, Outcome
from fllint.python.expressions import text_of
from fllint.python.flare_words import COMPONENT

_WORST_FIRST: tuple[Outcome, ...] = ("panic", "raises", "warning", "silent", "crash")


class LookUp(Struct, eq=False):
    """A look-up of a component, and what is done with the result.

    ``demanded`` are the classes without which something bad is done, ``hoped`` those that an annotation or a test
    names.
    """

    effect: Effect
    if_missing: set[Outcome] = field(default_factory=set)
    if_wrong: set[Outcome] = field(default_factory=set)
    demanded: dict[str, None] = field(default_factory=dict)
    hoped: dict[str, None] = field(default_factory=dict)
    tested: bool = False

    def failed(self, outcome: Outcome, missing: Missing, *, guarded: bool) -> None:
        """Something bad is done because the component is missing or wrong; ``guarded``: it is surely there."""
        self.demanded.update(dict.fromkeys(missing.types))
        if missing.types:
            self.if_wrong.add(outcome)
        if not guarded:
            self.if_missing.add(outcome)

    def finished(self) -> Effect:
        """The effect, with the worst that happens when the component is missing, or of a wrong class."""
        otherwise: Outcome = "silent" if self.tested and self.effect.outcome == "crash" else self.effect.outcome
        return replace(
            self.effect,
            outcome=_worst(self.if_missing) or otherwise,
            outcome_if_wrong=_worst(self.if_wrong) or self.effect.outcome_if_wrong,
            expected=self.effect.expected or tuple(self.demanded or self.hoped),
        )


class Missing(Struct, frozen=True):
    """A component that a condition says is missing, or (with ``types``) not of these classes."""

    identifier: str
    types: tuple[str, ...] = ()


def missing_components(condition: ast.expr) -> Iterator[Missing]:
    """The components that a condition says are missing, or of a wrong class."""
    match condition:
        case ast.BoolOp(values=values):
            for value in values:
                yield from missing_components(value)
        case ast.UnaryOp(op=ast.Not(), operand=ast.Call(func=ast.Name(id="isinstance"), args=[tested, types])):
            for identifier in components_in(tested):
                yield Missing(identifier, type_texts(types))
        case ast.UnaryOp(op=ast.Not(), operand=tested):
            for identifier in components_in(tested):
                yield Missing(identifier)
        case ast.Compare(left=tested, ops=[ast.Is() | ast.Eq()], comparators=[ast.Constant(value=None)]):
            for identifier in components_in(tested):
                yield Missing(identifier)
        case _:
            return


def present_components(condition: ast.expr) -> Iterator[str]:
    """The ids of the components that a condition says are there."""
    match condition:
        case ast.BoolOp(op=ast.And(), values=values):
            for value in values:
                yield from present_components(value)
        case ast.Compare(left=tested, ops=[ast.IsNot() | ast.NotEq()], comparators=[ast.Constant(value=None)]):
            yield from components_in(tested)
        case ast.Call() if is_component(condition):
            yield text_of(condition.args[0])
        case _:
            return


def tested_components(test: ast.expr) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The ids of the components that a test looks at, and the classes that it asks for."""
    for part in ast.walk(test):
        match part:
            case ast.Call(func=ast.Name(id="isinstance"), args=[tested, types]):
                for identifier in components_in(tested):
                    yield identifier, type_texts(types)
            case ast.Call() if is_component(part):
                yield text_of(part.args[0]), ()
            case _:
                pass


def components_in(node: ast.expr) -> Iterator[str]:
    """The ids of the components that an expression is made of."""
    for part in ast.walk(node):
        if isinstance(part, ast.Call) and is_component(part):
            yield text_of(part.args[0])


def type_texts(types: ast.expr) -> tuple[str, ...]:
    parts = types.elts if isinstance(types, ast.Tuple) else [types]
    return tuple(text_of(part) for part in parts)


def is_component(call: ast.Call) -> bool:
    return isinstance(call.func, ast.Name) and call.func.id == COMPONENT and len(call.args) == 1


def guards_of(text: str) -> tuple[str, ...]:
    """Conditions that say that an id is given at all."""
    return (text, f"{text} is not None", f"{text} != ''", f"{text} != None", f"bool({text})", f"len({text}) > 0")


def _worst(outcomes: set[Outcome]) -> Outcome | None:
    return next((known for known in _WORST_FIRST if known in outcomes), None)
