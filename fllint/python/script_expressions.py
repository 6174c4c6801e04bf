"""What the expressions of a script are, and what their calls do, without running the script."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from typing import Final

from fllint.documents.tree import UNKNOWN_TEXT
from fllint.python.script_literals import (
    MAXIMUM_LENGTH,
    MUTATORS,
    builtin_result,
    calculated,
    compared,
    item_of,
    method_result,
    negated,
    sequence_of,
)
from fllint.python.script_text import CodePlace
from fllint.python.script_values import (
    NOTHING_KNOWN,
    Bases,
    CallSite,
    ClassValue,
    Conditions,
    External,
    Function,
    Instance,
    Known,
    Listing,
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

_HARMLESS: Final = frozenset(
    [
        f"builtins.{name}"
        for name in ("print", "isinstance", "issubclass", "vars", "len", "str", "repr", "hasattr", "id")
    ]
    + [f"builtins.{name}" for name in ("type", "bool", "dict", "list", "tuple", "set", "sorted", "enumerate", "zip")]
    + ["pprint.pprint", "copy.deepcopy", "copy.copy"]
)
"""Functions that do nothing to the objects they are given."""

MAXIMUM_DEPTH: Final = 25
"""Calls nested deeper than this are not followed."""


class Observer:
    """Is told what a script does with the things that the job does not bring along."""

    def call(self, path: str, site: CallSite) -> Value | None:
        """``path`` is called. The value that it returns, or None when it is nothing to the observer."""
        return None

    def unknown_call(self, name: str, site: CallSite) -> None:
        """Something unknown is called; ``name`` is the attribute or the variable that stands for it."""

    def read(self, path: str, place: CodePlace) -> None:
        """``path`` (``sys.argv``) is read, or imported by name."""

    def handed_over(self, path: str, to: str) -> None:
        """``path`` is given to code that is not followed."""

    def assigned(self, path: str, place: CodePlace) -> None:
        """``path`` or an item of it is assigned."""

    def compared(self, left: Value, right: Value, place: CodePlace) -> None:
        """Two values are compared."""


class Expressions:
    """Evaluates expressions in the current scope of a walk (`fllint.python.script_walk`)."""

    def __init__(self, observer: Observer) -> None:
        self.observer = observer
        self.scope: Scope
        self.conditions: Conditions = ()
        self.loops: tuple[Loop, ...] = ()
        self.reached = True
        self._conditions_made = 0
        self._calls_made = 0
        self._running: list[ast.AST] = []
        self._evaluate: Final[dict[type[ast.AST], Callable[..., Value]]] = {
            ast.Constant: self._constant,
            ast.Name: self._name,
            ast.Attribute: self._attribute,
            ast.Call: self._call,
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
        }

    # What the walk adds.

    def step(self, cost: int = 1) -> None:
        """Counts the work, and gives up when there is too much of it."""
        raise NotImplementedError

    def run_function(self, function: Function, site: CallSite | None) -> Value:
        """Follows a call of a function of the job; with unknown arguments when there is no call."""
        raise NotImplementedError

    def bind(self, target: ast.expr, value: Value) -> None:
        """Assigns to a target."""
        raise NotImplementedError

    def module(self, name: str) -> Value:
        """A module of the job, or the name of one of another package."""
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
        return self.scope.code.place(node)

    def _constant(self, node: ast.Constant) -> Value:
        return Known(node.value)

    def _name(self, node: ast.Name) -> Value:
        found = self.scope.find(node.id)
        if isinstance(found, External):
            self.observer.read(found.path, self.place(node))
        return found

    def _attribute(self, node: ast.Attribute) -> Value:
        owner = self.value(node.value)
        return self.attribute_of(owner, node.attr, node)

    def attribute_of(self, owner: Value, name: str, node: ast.expr) -> Value:
        """``owner.name`` where it is not called."""
        if isinstance(owner, External):
            path = f"{owner.path}.{name}"
            self.observer.read(path, self.place(node))
            return External(path)
        if isinstance(owner, ModuleValue):
            return owner.scope.names.get(name, NOTHING_KNOWN)
        if isinstance(owner, Made):
            return owner.attribute(name, self.place(node)) or NOTHING_KNOWN
        if isinstance(owner, Instance):
            if name in owner.attributes:
                return owner.attributes[name]
            found = self._bound(owner.of.find(name), owner)
            if isinstance(found, Function) and _is_decorated(found, "property"):
                return self.run_function(found, None)
            return found
        if isinstance(owner, ClassValue):
            found = owner.find(name) or NOTHING_KNOWN
            return self._bound(found, owner) if _is_decorated(found, "classmethod") else found
        if isinstance(owner, Bases):
            return self._bound(owner.owner.inherited(name), owner.instance)
        return NOTHING_KNOWN

    @staticmethod
    def _bound(found: Value | None, instance: Value) -> Value:
        if not isinstance(found, Function) or _is_decorated(found, "staticmethod"):
            return found or NOTHING_KNOWN
        if _is_decorated(found, "classmethod") and isinstance(instance, Instance):
            instance = instance.of
        return Function(found.node, found.scope, found.defaults, instance, found.owner)

    def _listing(self, node: ast.List | ast.Tuple | ast.Set) -> Value:
        values, open_positions = self._items(node.elts)
        return NOTHING_KNOWN if open_positions else listing(values)

    def _items(self, nodes: Iterable[ast.expr]) -> tuple[tuple[Value, ...], bool]:
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
        return table(tuple(entries)) if known else NOTHING_KNOWN

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

    def _comprehension(self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp) -> Value:
        first = node.generators[0]
        items = sequence_of(self.value(first.iter))
        outer = self.scope
        self.scope = Scope(outer.code, outer.module, outer=outer)
        try:
            if items is not None and len(node.generators) == 1 and not first.ifs:
                values = []
                for item in items:
                    self.bind(first.target, item)
                    values.append(self.value(node.elt))
                return listing(tuple(values))
            for generator in node.generators:
                self.bind(generator.target, NOTHING_KNOWN)
                for test in generator.ifs:
                    self.value(test)
            self.maybe(lambda: self.value(node.elt))
            return NOTHING_KNOWN
        finally:
            self.scope = outer

    # Calls.

    def _call(self, node: ast.Call) -> Value:
        function = node.func
        if isinstance(function, ast.Name) and function.id == "super" and not node.args:
            return self._super()
        owner = self.value(function.value) if isinstance(function, ast.Attribute) else None
        site = self._site(node)
        if isinstance(function, ast.Attribute) and owner is not None:
            if isinstance(owner, Made):
                return owner.method(function.attr, site)
            if isinstance(owner, (Known, Listing, Table)):
                if function.attr in MUTATORS and not isinstance(owner, Known):
                    self.bind(function.value, NOTHING_KNOWN)
                return method_result(owner, function.attr, site.arguments)
            return self.call(self.attribute_of(owner, function.attr, function), function.attr, site)
        name = function.id if isinstance(function, ast.Name) else ""
        return self.call(self.value(function), name, site)

    def _super(self) -> Value:
        owner, instance = self.scope.find("__class__"), self.scope.find("__self__")
        return Bases(owner, instance) if isinstance(owner, ClassValue) else NOTHING_KNOWN

    def _site(self, node: ast.Call) -> CallSite:
        arguments, open_positions = self._items(node.args)
        keywords: dict[str, Value] = {}
        open_keywords = False
        for keyword in node.keywords:
            value = self.value(keyword.value)
            if keyword.arg is not None:
                keywords[keyword.arg] = value
            elif isinstance(value, Table) and all(
                isinstance(key, Known) and isinstance(key.value, str) for key, _ in value.entries
            ):
                keywords.update((str(key.value), item) for key, item in value.entries if isinstance(key, Known))
            else:
                open_keywords = True
        return self.site(node, arguments, keywords, open_positions, open_keywords)

    def site(
        self,
        node: ast.expr,
        arguments: tuple[Value, ...],
        keywords: dict[str, Value] | None = None,
        open_positions: bool = False,
        open_keywords: bool = False,
    ) -> CallSite:
        """A call at this point of the walk."""
        self._calls_made += 1
        return CallSite(
            node,
            self.place(node),
            self.scope,
            arguments,
            keywords or {},
            open_positions,
            open_keywords,
            self.conditions,
            self.loops,
            self.reached,
            self._calls_made,
        )

    def call(self, callee: Value, name: str, site: CallSite) -> Value:
        """The result of a call."""
        if isinstance(callee, External):
            return self._call_external(callee.path, site)
        if isinstance(callee, Function):
            return self.run_function(callee, site)
        if isinstance(callee, ClassValue):
            return self._instantiate(callee, site)
        if isinstance(callee, Made):
            return callee.called(site)
        if isinstance(callee, Instance):
            return self.call(self._bound(callee.of.find("__call__"), callee), "__call__", site)
        self.observer.unknown_call(name, site)
        self.hand_over(site, name or "a function")
        return NOTHING_KNOWN

    def _call_external(self, path: str, site: CallSite) -> Value:
        if path in ("builtins.getattr", "builtins.setattr") and len(site.arguments) >= 2:
            return self._by_name(path, site)
        if path in ("importlib.import_module", "builtins.__import__"):
            name = site.argument(0, "name")
            return self.module(name.value) if isinstance(name, Known) and isinstance(name.value, str) else NOTHING_KNOWN
        result = self.observer.call(path, site)
        if result is not None:
            return result
        if path not in _HARMLESS:
            self.hand_over(site, path.removeprefix("builtins."))
        if path == "builtins.dict" and not (site.arguments or site.open_positions or site.open_keywords):
            return table(tuple((Known(name), value) for name, value in site.keywords.items()))
        if path.startswith("builtins.") and not site.open_positions:
            return builtin_result(path[9:], site.arguments)
        return NOTHING_KNOWN

    def _by_name(self, path: str, site: CallSite) -> Value:
        """``getattr(x, "name")`` and ``setattr(x, "name", value)``."""
        owner, name = site.arguments[:2]
        known = name.value if isinstance(name, Known) else None
        if path == "builtins.setattr" and isinstance(owner, Made):
            owner.assigned(str(known), site.argument(2, "") or NOTHING_KNOWN)
        elif path == "builtins.getattr" and isinstance(known, str):
            return self.attribute_of(owner, known, site.node)
        else:
            self._hand_over(owner, "getattr", 0)
        return NOTHING_KNOWN

    def _instantiate(self, of: ClassValue, site: CallSite) -> Value:
        bases = of.external_bases()
        made = self.observer.call(bases[-1], site) if bases and of.find("__init__") is None else None
        if isinstance(made, Made):
            for name, value in of.names.items():
                made.assigned(name, value)
            return made
        instance = Instance(of)
        constructor = of.find("__init__")
        if isinstance(constructor, Function):
            self.run_function(self._with_instance(constructor, instance), site)
        else:
            self.hand_over(site, of.name)
        return instance

    @staticmethod
    def _with_instance(function: Function, instance: Value) -> Function:
        return Function(function.node, function.scope, function.defaults, instance, function.owner)

    def hand_over(self, site: CallSite, to: str) -> None:
        """The arguments of a call that is not followed: functions among them may be called, parsers filled."""
        for value in (*site.arguments, *site.keywords.values()):
            self._hand_over(value, to, 0)

    def _hand_over(self, value: Value, to: str, depth: int) -> None:
        if isinstance(value, Made):
            value.handed_over(to)
        elif isinstance(value, External):
            self.observer.handed_over(value.path, to)
        elif isinstance(value, Function):
            self.maybe(lambda: self.run_function(value, None))
        elif isinstance(value, (Listing, Table)) and depth < 3:
            for item in value.items if isinstance(value, Listing) else [item for _, item in value.entries]:
                self._hand_over(item, to, depth + 1)


def _is_decorated(function: Value, name: str) -> bool:
    return isinstance(function, Function) and any(
        isinstance(decorator, ast.Name) and decorator.id == name
        for decorator in getattr(function.node, "decorator_list", ())
    )
