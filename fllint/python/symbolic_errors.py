"""Exceptions in a symbolic walk: under which conditions they are raised, and what they say."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from contextlib import AbstractContextManager

from fllint.python.classes import Check
from fllint.python.expressions import MAXIMUM_NODES, conjunction, simplified, size, text_of
from fllint.python.modules import dotted_text
from fllint.python.symbolic_expressions import ExpressionWalk
from fllint.python.symbolic_state import Callee, Given, State


class ErrorWalk(ExpressionWalk):
    """The part of a walk that collects `Check` records."""

    def __init__(self) -> None:
        super().__init__()
        self.checks: list[Check] = []

    def raised(self, exception: ast.expr | None, state: State) -> None:
        """A ``raise`` statement is reached."""
        if exception is None or state.lost or self.uncertain:
            return
        raises, message = self.described(exception, state)
        self.add_check(state.conditions, raises, message, exact=state.exact)

    def described(self, exception: ast.expr, state: State) -> tuple[str, str]:
        """The name and the message of an exception that an expression makes."""
        if not isinstance(exception, ast.Call):
            return dotted_text(exception) or "Exception", ""
        made_by = self.maker(exception, state)
        if made_by is not None:
            return made_by
        message = self.message_text(exception.args[0], state) if exception.args else ""
        return dotted_text(exception.func) or "Exception", message

    def maker(self, call: ast.Call, state: State) -> tuple[str, str] | None:
        """The exception that a helper such as ``self._wrong_mode(...)`` makes, when its last statement shows that."""
        callee = self.callee_of(call, state)
        last = callee.node.body[-1] if callee is not None else None
        if callee is None or not isinstance(last, ast.Return) or not isinstance(last.value, ast.Call):
            return None
        with self.inside(callee, self.given(call, state), state) as inner:
            message = self.message_text(last.value.args[0], inner) if last.value.args else ""
        return dotted_text(last.value.func) or "Exception", message

    def add_check(self, conditions: Sequence[ast.expr], raises: str, message: str, *, exact: bool = True) -> None:
        """Notes that an exception is raised when all conditions hold."""
        when = simplified(conjunction(conditions))
        if isinstance(when, ast.Constant) and not when.value:
            return
        if size(when) <= MAXIMUM_NODES:
            self.checks.append(Check(text_of(when), raises.rpartition(".")[2], message, self.frames[0].owner, exact))

    def message_text(self, node: ast.expr, state: State) -> str:
        """The text of a message: ``{expression}`` for what depends on parameters, ``{?}`` for the unknown."""
        match node:
            case ast.Constant(value=value):
                return escaped(str(value))
            case ast.JoinedStr(values=values):
                return "".join(self.message_text(value, state) for value in values)
            case ast.FormattedValue(value=value, conversion=conversion):
                return self.hole(value, state, "!r" if conversion == ord("r") else "")
            case ast.BinOp(left=left, op=ast.Add(), right=right):
                return self.message_text(left, state) + self.message_text(right, state)
            case ast.Call(
                func=ast.Attribute(value=ast.Constant(value=str() as template), attr="format"), args=args, keywords=[]
            ):
                return self.formatted(template, args, state)
            case _:
                return self.hole(node, state)

    def hole(self, node: ast.expr, state: State, conversion: str = "") -> str:
        """The part of a message that an expression gives."""
        value = self.expression(node, state)
        match value:
            case None:
                return "{?}"
            case ast.Constant(value=known):
                return escaped(repr(known) if conversion else str(known))
            case ast.JoinedStr(values=values):
                return "".join(_translated(part) for part in values)
            case _:
                return "{" + text_of(value) + conversion + "}"

    def formatted(self, template: str, arguments: Sequence[ast.expr], state: State) -> str:
        """The part of a message that ``"...{}...".format(...)`` gives."""
        pieces = template.split("{}")
        if len(pieces) != len(arguments) + 1 or any("{" in piece or "}" in piece for piece in pieces):
            return escaped(template)
        filled = [pieces[0]]
        for argument, piece in zip(arguments, pieces[1:], strict=True):
            filled += [self.hole(argument, state), piece]
        return "".join(filled)

    def callee_of(self, call: ast.Call, state: State) -> Callee | None:
        raise NotImplementedError

    def given(self, node: ast.Call, state: State) -> Given:
        raise NotImplementedError

    def inside(self, callee: Callee, given: Given, state: State) -> AbstractContextManager[State]:
        raise NotImplementedError


def escaped(text: str) -> str:
    """A text in which braces stand for themselves."""
    return text.replace("{", "{{").replace("}", "}}")


def _translated(part: ast.expr) -> str:
    match part:
        case ast.Constant(value=value):
            return escaped(str(value))
        case ast.FormattedValue(value=value):
            return "{" + text_of(value) + "}"
        case _:
            return "{?}"
