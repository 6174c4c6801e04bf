"""What a symbolic walk knows at a statement, and what it asks about the names around the code."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Protocol

from msgspec import Struct, field

from fllint.python.classes import ClassInfo, Method

MAXIMUM_CALLS = 6
"""How deep calls are followed."""
MAXIMUM_STATEMENTS = 4000
"""How many statements one walk takes, calls included."""
MAXIMUM_EXPRESSIONS = 40_000
"""How many expressions one walk translates."""
MAXIMUM_CONDITIONS = 40
"""Conditions of a path; with more, the path counts as lost."""
UNROLLED = 12
"""Loops over this many literal items are walked item by item."""


class Callee(Struct, frozen=True):
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
        """The canonical path of the class that a dotted name means (the dotted path it would have when it is not in
        sight)."""

    def known_class(self, dotted: str) -> str | None:
        """The canonical path of the class in sight that a dotted name means."""

    def class_info(self, path: str) -> ClassInfo | None:
        """The class with this canonical path."""

    def function(self, dotted: str) -> Callee | None:
        """The function that a dotted name means."""

    def enum_values(self, dotted: str) -> ast.expr | None:
        """The values of the members of the Enum class that a dotted name means, as a list; None for other names."""

    def method(self, name: str) -> Callee | None:
        """The method of the class whose code is walked, when its source is in sight."""

    def has_method(self, name: str) -> bool:
        """Whether the class whose code is walked has, or inherits, a method of this name."""

    def inherited(self, name: str, *, of_super: bool) -> Method | None:
        """What is known of a method of the class whose code is walked when its source is not walked."""


class State(Struct, eq=False):
    """What is known at one statement: values of names (None: unknown) and the conditions of the path to it. ``lost``
    says that the path has a condition that cannot be expressed."""

    values: dict[str, ast.expr | None]
    conditions: tuple[ast.expr, ...] = ()
    lost: bool = False
    exact: bool = True
    """Python evaluates the conditions just as they stand here; no unknown part was left out."""

    def fork(self, condition: ast.expr | None, *, exact: bool = True) -> State:
        """The state in a branch that is entered under a further condition (None: under one that is not known)."""
        if condition is None or len(self.conditions) >= MAXIMUM_CONDITIONS:
            return State(dict(self.values), self.conditions, lost=True)
        return State(dict(self.values), (*self.conditions, condition), self.lost, self.exact and exact)


class Return(Struct, frozen=True):
    """A ``return`` statement that is reached: under which conditions, since its function was entered, and its value.
    ``lost``: not all of the conditions could be expressed."""

    conditions: tuple[ast.expr, ...]
    value: ast.expr | None
    lost: bool = False


class Frame(Struct, eq=False):
    """One function on the way: its scope, and what it has returned so far."""

    scope: Scope
    owner: str
    returns: list[Return] = field(default_factory=list)
    conditions_before: int = 0
    receiver: str | None = "self"


class Given(Struct, frozen=True):
    """The arguments of a call, as expressions. ``stars``: there are ``*`` or ``**`` arguments as well."""

    positional: tuple[ast.expr | None, ...]
    keywords: Mapping[str, ast.expr | None]
    stars: bool


class Heard(Struct, frozen=True):
    """The value of a call that a walk deals with itself; None when unknown."""

    value: ast.expr | None = None


FALLS, RAISES, RETURNS = "falls", "raises", "returns"
"""How a block of statements ends: it goes on, it raises on every path, or it leaves the function or loop."""
