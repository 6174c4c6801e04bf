"""What the calls of a script do, without running the script."""

from __future__ import annotations

import ast
from typing import Final

from fllint.scripts.script_expressions import Expressions, is_called_decorator
from fllint.scripts.script_literals import MUTATORS, builtin_result, copied, method_result, mutated, with_instead
from fllint.scripts.script_types import is_instance
from fllint.scripts.script_values import (
    NOTHING_KNOWN,
    Bases,
    CallSite,
    ClassValue,
    External,
    Function,
    Instance,
    Known,
    Listing,
    Made,
    Table,
    Value,
    table,
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


class Calls(Expressions):
    """Evaluates the calls in the expressions of a walk (`fllint.scripts.script_walk`)."""

    def module(self, name: str) -> Value:
        """A module of the job, or the name of one of another package."""
        raise NotImplementedError

    def evaluate_call(self, node: ast.Call) -> Value:
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
                    certain = self.within is not None and self.conditions == self._entry
                    after = mutated(owner, function.attr, site.arguments) if certain else NOTHING_KNOWN
                    for name, value in self.scope.names.items() if self.within is not None else ():
                        self.scope.names[name] = with_instead(value, owner, after)
                    self.bind(function.value, after)
                return method_result(owner, function.attr, site.arguments)
            if isinstance(owner, Bases) and isinstance(owner.instance, Made):
                above = self.attribute_of(owner, function.attr, function)
                if above is NOTHING_KNOWN:
                    return owner.instance.base_method(function.attr, site)
                return self.call(above, function.attr, site)
            return self.call(self.attribute_of(owner, function.attr, function), function.attr, site)
        name = function.id if isinstance(function, ast.Name) else ""
        return self.call(self.value(function), name, site)

    def _super(self) -> Value:
        owner, instance = self.scope.find("__class__"), self.scope.find("__self__")
        return Bases(owner, instance) if isinstance(owner, ClassValue) else NOTHING_KNOWN

    def _site(self, node: ast.Call) -> CallSite:
        arguments, open_positions = self.items(node.args)
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
            self.within,
            self.origins,
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
            return self.call(self.bound(callee.of.find("__call__"), callee), "__call__", site)
        self.observer.unknown_call(name, site)
        self.hand_over(site, name or "a function")
        return NOTHING_KNOWN

    def _call_external(self, path: str, site: CallSite) -> Value:
        if path in ("builtins.getattr", "builtins.setattr") and len(site.arguments) >= 2:
            return self._by_name(path, site)
        if path in ("importlib.import_module", "builtins.__import__"):
            name = site.argument(0, "name")
            return self.module(name.value) if isinstance(name, Known) and isinstance(name.value, str) else NOTHING_KNOWN
        if self.within is not None and (known := self._known_builtin(path, site)) is not None:
            return known
        result = self.observer.call(path, site)
        if result is not None:
            return result
        if path not in _HARMLESS:
            self.hand_over(site, path.removeprefix("builtins."))
        if path == "builtins.dict" and not (site.arguments or site.open_positions or site.open_keywords):
            return table(tuple((Known(name), value) for name, value in site.keywords.items()))
        if path.startswith("builtins.") and not site.open_positions:
            return builtin_result(path[9:], site.arguments)
        return self.observer.result(path, site)

    def _by_name(self, path: str, site: CallSite) -> Value:
        """``getattr(x, "name")`` and ``setattr(x, "name", value)``."""
        owner, name = site.arguments[:2]
        known = name.value if isinstance(name, Known) else None
        if path == "builtins.setattr" and isinstance(owner, Made):
            owner.assigned(str(known), site.argument(2, "") or NOTHING_KNOWN)
        elif path == "builtins.getattr" and isinstance(known, str):
            if len(site.arguments) == 3 and self.within is not None and _has(owner, known) is False:
                return site.arguments[2]
            return self.attribute_of(owner, known, site.node)
        else:
            self._hand_over(owner, "getattr", 0)
        return NOTHING_KNOWN

    @staticmethod
    def _known_builtin(path: str, site: CallSite) -> Value | None:
        """What NVFlare's own code asks of known values."""
        first = site.arguments[0] if site.arguments else None
        if path == "builtins.isinstance" and len(site.arguments) == 2:
            return is_instance(*site.arguments)
        if path == "builtins.hasattr" and first is not None and len(site.arguments) == 2:
            name = site.arguments[1]
            there = _has(first, name.value) if isinstance(name, Known) else None
            return None if there is None else Known(there)
        if path in ("copy.deepcopy", "copy.copy", "builtins.dict") and isinstance(first, (Known, Listing, Table)):
            return copied(first, deep=path == "copy.deepcopy")
        if path == "builtins.len" and isinstance(first, (Listing, Table)):
            return Known(len(first.items if isinstance(first, Listing) else first.entries))
        return None

    def _instantiate(self, of: ClassValue, site: CallSite) -> Value:
        seen = self.observer.instantiated(of, site)
        if seen is not None:
            return seen
        bases = of.external_bases()
        if self.within is not None and "enum.Enum" in bases and len(site.arguments) == 1:
            return site.arguments[0]
        if self.within is not None and "pydantic.BaseModel" in bases:
            return self._validated(of, site)
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

    def _validated(self, of: ClassValue, site: CallSite) -> Instance:
        """A model of pydantic's: its fields, as its validators leave them."""
        fields = {name: value for name, value in of.names.items() if not isinstance(value, Function)}
        instance = Instance(of, {**fields, **site.keywords})
        for value in of.names.values():
            if isinstance(value, Function) and is_called_decorator(value, "model_validator"):
                self.run_function(self._with_instance(value, instance), site)
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


def _has(value: Value, name: object) -> bool | None:
    """Whether a value has an attribute of this name; None when that is not known."""
    if not isinstance(name, str):
        return None
    if isinstance(value, Made):
        return False if value.missing(name) else value.knows(name)
    if isinstance(value, Known):
        return hasattr(value.value, name)
    if isinstance(value, (Listing, Table)):
        return hasattr([] if isinstance(value, Listing) else {}, name)
    return None
