"""What the expressions of a script are, and what their calls do, without running the script."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from typing import Final

from fllint.documents.tree import UNKNOWN_TEXT
from fllint.scripts.script_literals import (
    MAXIMUM_LENGTH,
    calculated,
    compared,
    item_of,
    negated,
    sequence_of,
)
from fllint.scripts.script_observer import Observer
from fllint.scripts.script_text import CodePlace
from fllint.scripts.script_values import (
    NOTHING_KNOWN,
    Bases,
    CallSite,
    ClassValue,
    Conditions,
    External,
    Function,
    Instance,
    Known,
    Loop,
    Made,
    ModuleValue,
    Scope,
    Table,
    Value,
    listing,
    table,
    truth_of,
)

MAXIMUM_DEPTH: Final = 25
"""Calls nested deeper than this are not followed."""


class Expressions:
    """Evaluates expressions in the current scope of a walk (`fllint.scripts.script_walk`)."""

    def __init__(self, observer: Observer) -> None:
        self.observer = observer
        self.scope: Scope
        self.conditions: Conditions = ()
        self.loops: tuple[Loop, ...] = ()
        self.reached = True
        self.within: CallSite | None = None
        """The call by which the user's code got into NVFlare's own, while that is followed."""
        self.origins: dict[int, object] = {}
        self._entry: Conditions = ()
        """What must happen for that call to be made."""
        self._guards = 0
        """How many ``try`` with a handler surround what is done."""
        self._conditions_made = 0
        self._calls_made = 0
        self._running: list[ast.AST] = []
        self._evaluate: Final[dict[type[ast.AST], Callable[..., Value]]] = {
            ast.Constant: self._constant,
            ast.Name: self._name,
            ast.Attribute: self._attribute,
            ast.Call: self.evaluate_call,
            ast.List: self._listing,
            ast.Tuple: self._listing,
            ast.Set: self._listing,
            ast.Dict: self._dict,
            ast.JoinedStr: self._f_string,
            ast.BinOp: self._arithmetic,
            ast.UnaryOp: self._unary,
            ast.BoolOp: self._bool_op,
            ast.Compare: self._compare,
            ast.IfExp: self._if_expression,
            ast.Subscript: self._subscript,
            ast.Lambda: lambda node: Function(node, self.scope),
            ast.NamedExpr: self._named,
            ast.Await: lambda node: self.value(node.value),
            ast.ListComp: self._comprehension,
            ast.SetComp: self._comprehension,
            ast.GeneratorExp: self._comprehension,
            ast.DictComp: self._comprehension,
        }

    # What the classes that derive from this one add.

    def step(self, cost: int = 1) -> None:
        """Counts the work, and gives up when there is too much of it."""
        raise NotImplementedError

    def run_function(self, function: Function, site: CallSite | None) -> Value:
        """Follows a call of a function of the job; with unknown arguments when there is no call."""
        raise NotImplementedError

    def bind(self, target: ast.expr, value: Value) -> None:
        """Assigns to a target."""
        raise NotImplementedError

    def evaluate_call(self, node: ast.Call) -> Value:
        """The result of a call."""
        raise NotImplementedError

    # Conditions.

    def new_condition(self) -> int:
        self._conditions_made += 1
        return self._conditions_made

    def maybe(self, action: Callable[[], object], number: int | None = None, arm: int = 0) -> object:
        """Does something under a condition that is not known."""
        saved = self.conditions
        self.conditions = (*saved, (self.new_condition() if number is None else number, arm))
        try:
            return action()
        finally:
            self.conditions = saved

    # Expressions.

    def value(self, node: ast.expr) -> Value:
        """What an expression is known to be; its calls are made on the way."""
        self.step()
        evaluate = self._evaluate.get(type(node))
        if evaluate is not None:
            return evaluate(node)
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.expr):
                self.value(child)
            elif isinstance(child, ast.comprehension):
                self.value(child.iter)
        return NOTHING_KNOWN

    def place(self, node: ast.expr | ast.stmt) -> CodePlace:
        return self.scope.code.place(node) if self.within is None else self.within.place

    def _read(self, path: str, node: ast.expr) -> None:
        if self.within is None:
            self.observer.read(path, self.place(node))

    def _constant(self, node: ast.Constant) -> Value:
        return Known(node.value)

    def _name(self, node: ast.Name) -> Value:
        found = self.scope.find(node.id)
        if isinstance(found, External):
            self._read(found.path, node)
        return found

    def _attribute(self, node: ast.Attribute) -> Value:
        owner = self.value(node.value)
        return self.attribute_of(owner, node.attr, node)

    def attribute_of(self, owner: Value, name: str, node: ast.expr) -> Value:
        """``owner.name`` where it is not called."""
        if isinstance(owner, External):
            path = f"{owner.path}.{name}"
            self._read(path, node)
            known = self.observer.constant(path) if self.within is not None else None
            return known or External(path)
        if isinstance(owner, Known) and name == "value" and self.within is not None:
            return owner  # of a member of an Enum of strings
        if isinstance(owner, ModuleValue):
            kept_in_part = External(f"{owner.scope.module}.{name}") if owner.scope.in_library else NOTHING_KNOWN
            return owner.scope.names.get(name, kept_in_part)
        if isinstance(owner, Made):
            return owner.attribute(name, self.place(node)) or NOTHING_KNOWN
        if isinstance(owner, Instance):
            if name in owner.attributes:
                return owner.attributes[name]
            found = self.bound(owner.of.find(name), owner)
            if isinstance(found, Function) and is_decorated(found, "property"):
                return self.run_function(found, None)
            return found
        if isinstance(owner, ClassValue):
            found = self.member(owner, name) or NOTHING_KNOWN
            return self.bound(found, owner) if is_decorated(found, "classmethod") else found
        if isinstance(owner, Bases):
            above = owner.owner.inherited(name) or self._library_member(owner.owner, name)
            return self.bound(above, owner.instance)
        return NOTHING_KNOWN

    def member(self, of: ClassValue, name: str) -> Value | None:
        """An attribute of a class, also where one of NVFlare's that is followed defines it."""
        return of.find(name) or self._library_member(of, name)

    def _library_member(self, of: ClassValue, name: str) -> Value | None:
        for path in of.external_bases():
            base = self.observer.library_class(path)
            if base is not None and base is not of and (found := self.member(base, name)) is not None:
                return found
        return None

    @staticmethod
    def bound(found: Value | None, instance: Value) -> Value:
        """What an attribute of a class is when it is taken from an instance: a method is bound to it."""
        if not isinstance(found, Function) or is_decorated(found, "staticmethod"):
            return found or NOTHING_KNOWN
        if is_decorated(found, "classmethod") and isinstance(instance, Instance):
            instance = instance.of
        return Function(found.node, found.scope, found.defaults, instance, found.owner)

    def _listing(self, node: ast.List | ast.Tuple | ast.Set) -> Value:
        values, open_positions = self.items(node.elts)
        return NOTHING_KNOWN if open_positions else listing(values)

    def items(self, nodes: Iterable[ast.expr]) -> tuple[tuple[Value, ...], bool]:
        """The values of ``a, *b, c``, and whether a ``*b`` is not known."""
        values: list[Value] = []
        for node in nodes:
            if not isinstance(node, ast.Starred):
                values.append(self.value(node))
                continue
            items = sequence_of(self.value(node.value))
            if items is None:
                for rest in nodes:
                    self.value(rest.value if isinstance(rest, ast.Starred) else rest)
                return tuple(values), True
            values.extend(items)
        return tuple(values), False

    def _dict(self, node: ast.Dict) -> Value:
        entries: list[tuple[Value, Value]] = []
        known = True
        for key, item in zip(node.keys, node.values, strict=True):
            value = self.value(item)
            if key is not None:
                entries.append((self.value(key), value))
            elif isinstance(value, Table):
                entries.extend(value.entries)
            else:
                known = False
        return table(_last_of_each(entries)) if known else NOTHING_KNOWN

    def _f_string(self, node: ast.JoinedStr) -> Value:
        text = ""
        for part in node.values:
            value = self.value(part.value if isinstance(part, ast.FormattedValue) else part)
            plain = isinstance(part, ast.Constant) or (
                isinstance(part, ast.FormattedValue) and part.format_spec is None and part.conversion == -1
            )
            known = plain and isinstance(value, Known) and isinstance(value.value, (str, int, float))
            text += str(value.value) if known and isinstance(value, Known) else UNKNOWN_TEXT
        return Known(text) if len(text) <= MAXIMUM_LENGTH else NOTHING_KNOWN

    def _arithmetic(self, node: ast.BinOp) -> Value:
        return calculated(node.op, self.value(node.left), self.value(node.right))

    def _unary(self, node: ast.UnaryOp) -> Value:
        operand = self.value(node.operand)
        if isinstance(node.op, ast.Not):
            truth = truth_of(operand)
            return NOTHING_KNOWN if truth is None else Known(not truth)
        return negated(node.op, operand)

    def _bool_op(self, node: ast.BoolOp) -> Value:
        decisive = isinstance(node.op, ast.Or)
        last: Value = NOTHING_KNOWN
        for position, operand in enumerate(node.values):
            last = self.value(operand)
            truth = truth_of(last)
            if truth is decisive:
                return last
            if truth is None:
                rest = node.values[position + 1 :]
                self.maybe(lambda rest=rest: [self.value(other) for other in rest])  # type: ignore[misc]  # bound now
                return NOTHING_KNOWN
        return last

    def _compare(self, node: ast.Compare) -> Value:
        left = self.value(node.left)
        result: Value = NOTHING_KNOWN
        for operator, right_node in zip(node.ops, node.comparators, strict=True):
            right = self.value(right_node)
            if self.within is None:
                self.observer.compared(left, right, self.place(node))
            result = compared(left, operator, right) if len(node.ops) == 1 else NOTHING_KNOWN
            left = right
        return result

    def _if_expression(self, node: ast.IfExp) -> Value:
        truth = truth_of(self.value(node.test))
        if truth is not None:
            return self.value(node.body if truth else node.orelse)
        number = self.new_condition()
        body = self.maybe(lambda: self.value(node.body), number, 0)
        other = self.maybe(lambda: self.value(node.orelse), number, 1)
        return body if isinstance(body, Value) and body == other else NOTHING_KNOWN

    def _subscript(self, node: ast.Subscript) -> Value:
        owner = self.value(node.value)
        if isinstance(node.slice, ast.Slice):
            if isinstance(owner, External):
                return External(f"{owner.path}[{ast.unparse(node.slice)}]")
            return NOTHING_KNOWN
        index = self.value(node.slice)
        if isinstance(owner, (External, Made)):
            return NOTHING_KNOWN
        return item_of(owner, index)

    def _named(self, node: ast.NamedExpr) -> Value:
        value = self.value(node.value)
        self.bind(node.target, value)
        return value

    def _comprehension(self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp) -> Value:
        first = node.generators[0]
        parts = (node.key, node.value) if isinstance(node, ast.DictComp) else (node.elt,)
        items = sequence_of(self.value(first.iter))
        outer = self.scope
        self.scope = Scope(outer.code, outer.module, outer=outer)
        try:
            if items is not None and len(node.generators) == 1:
                values = self._turns(first, items, parts)
                if values is not None and isinstance(node, ast.DictComp):
                    return table(tuple((key, value) for key, value in values))
                if values is not None:
                    return listing(tuple(value for (value,) in values))
            for generator in node.generators:
                self.bind(generator.target, NOTHING_KNOWN)
                for test in generator.ifs:
                    self.value(test)
            self.maybe(lambda: [self.value(part) for part in parts])
            return NOTHING_KNOWN
        finally:
            self.scope = outer

    def _turns(
        self, generator: ast.comprehension, items: tuple[Value, ...], parts: tuple[ast.expr, ...]
    ) -> list[tuple[Value, ...]] | None:
        """What the parts of a comprehension are, turn by turn; None when a condition is not known."""
        turns = []
        for item in items:
            self.bind(generator.target, item)
            truths = [truth_of(self.value(test)) for test in generator.ifs]
            if None in truths:
                return None
            if all(truths):
                turns.append(tuple(self.value(part) for part in parts))
        return turns


def _last_of_each(entries: list[tuple[Value, Value]]) -> tuple[tuple[Value, Value], ...]:
    """The entries of a dict, of those with the same key the last, in the place of the first."""
    found: dict[object, tuple[Value, Value]] = {}
    for number, (key, value) in enumerate(entries):
        plain = key.value if isinstance(key, Known) else None
        found[(type(plain), plain) if isinstance(plain, (str, int, float)) else number] = (key, value)
    return tuple(found.values())


def is_called_decorator(function: Function, name: str) -> bool:
    """Whether a function is decorated by ``@name(...)``."""
    decorators = getattr(function.node, "decorator_list", ())
    return any(isinstance(each, ast.Call) and getattr(each.func, "id", "") == name for each in decorators)


def is_decorated(function: Value, name: str) -> bool:
    return isinstance(function, Function) and any(
        isinstance(decorator, ast.Name) and decorator.id == name
        for decorator in getattr(function.node, "decorator_list", ())
    )
