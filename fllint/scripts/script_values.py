"""What an expression of a script can be known to be without running the script."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Mapping
from typing import Final, TypeAlias

from msgspec import Struct, field

from fllint.scripts.script_text import CodePlace, CodeText

Conditions: TypeAlias = tuple[tuple[int, int], ...]
"""What must happen for a statement to be reached: a branch (numbered) and which of its arms, outermost first."""


FALLS, LOOPS, RETURNS, RAISES = 1, 2, 4, 8
"""How a block may end: it goes on, leaves the iteration, leaves the function, or ends the run (bits)."""


class Value:
    """What is known of a value. This class itself: nothing."""


NOTHING_KNOWN = Value()


class Known(Value, Struct, frozen=True):
    """A number, a string, a truth value or None."""

    value: object


class Listing(Value, Struct, frozen=True):
    """A list, tuple or set of so many items, each known or not (made by `listing`)."""

    items: tuple[Value, ...]
    weight: int = 1


class Table(Value, Struct, frozen=True):
    """A dict (made by `table`)."""

    entries: tuple[tuple[Value, Value], ...]
    weight: int = 1

    def get(self, key: object) -> Value | None:
        for known, value in reversed(self.entries):
            if known == Known(key):
                return value
        return None


MAXIMUM_WEIGHT: Final = 2_000
"""Lists and dicts with more items in all, counting those inside their items, are not followed."""


def listing(items: tuple[Value, ...]) -> Value:
    """A list of these items; nothing known when it is too large."""
    weight = 1 + sum(getattr(item, "weight", 1) for item in items)
    return Listing(items, weight) if weight <= MAXIMUM_WEIGHT else NOTHING_KNOWN


def table(entries: tuple[tuple[Value, Value], ...]) -> Value:
    """A dict of these entries; nothing known when it is too large."""
    weight = 1 + sum(1 + getattr(item, "weight", 1) for _, item in entries)
    return Table(entries, weight) if weight <= MAXIMUM_WEIGHT else NOTHING_KNOWN


class External(Value, Struct, frozen=True):
    """A thing in a package that the job does not bring along (or a builtin), by its dotted name."""

    path: str


LIBRARY: Final = "nvflare"
"""The package whose own code is followed where it makes jobs."""


class Scope(Struct, eq=False):
    """The names of a module or of a running function."""

    code: CodeText
    module: str
    names: dict[str, Value] = field(default_factory=dict)
    outer: Scope | None = None
    of_class: bool = False
    elsewhere: dict[str, Scope] = field(default_factory=dict)
    """Names that a ``global`` or ``nonlocal`` statement binds in another scope."""
    stars: list[str] = field(default_factory=list)
    """Packages that are imported from by ``*``."""

    @property
    def in_library(self) -> bool:
        """Whether it belongs to NVFlare's own code, not to the user's."""
        return self.code.module.partition(".")[0] == LIBRARY

    @property
    def globals(self) -> Scope:
        """The scope of the module."""
        scope = self
        while scope.outer is not None:
            scope = scope.outer
        return scope

    def find(self, name: str) -> Value:
        """What a name stands for; a builtin when nothing binds it."""
        scope: Scope | None = self.elsewhere.get(name, self)
        while scope is not None:
            if name in scope.names and (scope is self or not scope.of_class):
                return scope.names[name]
            scope = scope.outer
        if hasattr(builtins, name):
            return External(f"builtins.{name}")
        stars = self.globals.stars
        return External(f"{stars[-1]}.{name}") if stars else NOTHING_KNOWN

    def bind(self, name: str, value: Value) -> None:
        self.elsewhere.get(name, self).names[name] = value


class ModuleValue(Value, Struct, eq=False):
    """A module of the job."""

    scope: Scope


class Function(Value, Struct, eq=False):
    """A function that the job defines; ``instance`` for a bound method."""

    node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
    scope: Scope
    defaults: tuple[tuple[str, Value], ...] = ()
    instance: Value | None = None
    owner: ClassValue | None = None


class ClassValue(Value, Struct, eq=False):
    """A class that the job defines, in a module of it (empty: in the script)."""

    name: str
    bases: tuple[Value, ...]
    names: dict[str, Value]
    module: str = ""

    def find(self, name: str, depth: int = 0) -> Value | None:
        """An attribute of the class or of the bases that the job defines."""
        if name in self.names:
            return self.names[name]
        return self.inherited(name, depth)

    def inherited(self, name: str, depth: int = 0) -> Value | None:
        for base in self.bases if depth < 8 else ():
            if isinstance(base, ClassValue) and (found := base.find(name, depth + 1)) is not None:
                return found
        return None

    def external_bases(self, depth: int = 0) -> tuple[str, ...]:
        """The classes of other packages that it derives from, directly or not."""
        found: list[str] = []
        for base in self.bases if depth < 8 else ():
            if isinstance(base, External):
                found.append(base.path)
            elif isinstance(base, ClassValue):
                found.extend(base.external_bases(depth + 1))
        return tuple(found)


class Instance(Value, Struct, eq=False):
    """An object of a class that the job defines."""

    of: ClassValue
    attributes: dict[str, Value] = field(default_factory=dict)


class Bases(Value, Struct, eq=False):
    """``super()`` in a method of ``owner``."""

    owner: ClassValue
    instance: Value


class Loop(Struct, eq=False):
    """A loop whose iterations are not known one by one. ``test`` is the condition of a ``while``."""

    place: CodePlace
    test: ast.expr | None = None
    endless: bool = False


class CallSite(Struct, eq=False):
    """A call: its arguments as far as they are known, and what leads to it.

    ``open_positions`` and ``open_keywords`` say that ``*x`` or ``**x`` stands there and x is not known.
    ``reached`` is False in a function that nobody is seen to call. ``order`` numbers the calls as they are made.
    ``within`` is the call by which the user's code got into NVFlare's, for a call that NVFlare's own code makes, and
    ``origins`` are the arguments that the user wrote, by the identity of their values.
    """

    node: ast.expr
    place: CodePlace
    scope: Scope
    arguments: tuple[Value, ...] = ()
    keywords: dict[str, Value] = field(default_factory=dict)
    open_positions: bool = False
    open_keywords: bool = False
    conditions: Conditions = ()
    loops: tuple[Loop, ...] = ()
    reached: bool = True
    order: int = 0
    within: CallSite | None = None
    origins: Mapping[int, object] = field(default_factory=dict)

    def argument(self, position: int, name: str) -> Value | None:
        """An argument by position or keyword; None when it is not given (or may hide behind ``*x``)."""
        if 0 <= position < len(self.arguments):
            return self.arguments[position]
        return self.keywords.get(name)


class Made(Value):
    """An object that an observer of the walk made (a parser, say) and that answers for itself."""

    @property
    def truth(self) -> bool | None:
        """Whether it counts as true; None when that is not known."""
        return None

    def is_instance(self, of: Value) -> bool | None:
        """Whether it is an instance of a class; None when that is not known."""
        return None

    def missing(self, name: str) -> bool:
        """Whether it surely has no attribute of this name."""
        return False

    def knows(self, name: str) -> bool | None:
        """True when it surely has an attribute of this name."""
        return None

    def base_method(self, name: str, site: CallSite) -> Value:
        """The result of ``super().name(...)`` where the class above is not followed."""
        return NOTHING_KNOWN

    def method(self, name: str, site: CallSite) -> Value:
        """The result of calling one of its methods."""
        return NOTHING_KNOWN

    def attribute(self, name: str, place: CodePlace) -> Value | None:
        """An attribute that is read and not called; None for a method that is not called at once."""
        return None

    def assigned(self, name: str, value: Value) -> None:
        """An attribute is assigned to, or (``[]``) an item."""

    def called(self, site: CallSite) -> Value:
        return NOTHING_KNOWN

    def handed_over(self, to: str) -> None:
        """It is given to code that is not followed."""


def literal_of(value: Value | None) -> tuple[bool, object]:
    """Whether a value is wholly known, and the Python value (lists become tuples)."""
    if isinstance(value, Known):
        return True, value.value
    if isinstance(value, Listing):
        items = [literal_of(item) for item in value.items]
        return all(known for known, _ in items), tuple(item for _, item in items)
    return False, None


def truth_of(value: Value) -> bool | None:
    """Whether a value counts as true; None when that is not known."""
    if isinstance(value, Known):
        return bool(value.value)
    if isinstance(value, Listing):
        return bool(value.items)
    if isinstance(value, Table):
        return bool(value.entries)
    if isinstance(value, (Function, ClassValue, ModuleValue)):
        return True
    if isinstance(value, Made):
        return value.truth
    return None
