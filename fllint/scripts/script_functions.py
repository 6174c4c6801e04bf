"""Follows the functions and classes of a script where they are called."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import Final

from fllint.scripts.script_expressions import MAXIMUM_DEPTH
from fllint.scripts.script_modules import Modules, ModuleText
from fllint.scripts.script_observer import Observer
from fllint.scripts.script_values import (
    FALLS,
    NOTHING_KNOWN,
    RETURNS,
    CallSite,
    ClassValue,
    External,
    Function,
    Instance,
    Known,
    Listing,
    Made,
    Scope,
    Table,
    Value,
    listing,
    table,
)

MAXIMUM_CALLS: Final = 100
"""Calls of one function that are followed."""
MAXIMUM_LIBRARY_CALLS: Final = 5_000
"""Those of one function of NVFlare's, whose code is known to end."""


class Functions(Modules):
    """Follows the calls of functions of a walk (`fllint.scripts.script_walk`).

    ``defined`` are the functions whose ``def`` was met, ``followed`` how often each was followed.
    """

    def __init__(self, observer: Observer, module_text: ModuleText, library_text: ModuleText | None = None) -> None:
        super().__init__(observer, module_text, library_text)
        self.defined: dict[ast.AST, Function] = {}
        self.followed: dict[ast.AST, int] = {}
        self._returned: list[list[Value]] = []

    def run_function(self, function: Function, site: CallSite | None) -> Value:
        node = function.node
        followed = self.followed.get(node, 0)
        self.followed[node] = followed + 1
        in_library = function.scope.in_library
        most = MAXIMUM_LIBRARY_CALLS if in_library else MAXIMUM_CALLS
        enough = followed >= (most if self.reached else 1)
        if enough or node in self._running or len(self._running) >= MAXIMUM_DEPTH:
            if self.within is not None and self.reached:
                self.observer.not_followed()
            return NOTHING_KNOWN
        outer, entry = self.within, self._entry
        if in_library and self.within is None:
            if site is None:
                return NOTHING_KNOWN
            self.within, self._entry = site, self.conditions
            site = self.observer.enters_library(function, site)
        elif not in_library:
            self.within = None
        names = self._parameters(function, site)
        if function.owner is not None:
            names |= {"__class__": function.owner, "__self__": function.instance or NOTHING_KNOWN}
        given = names.copy()
        caller, self.scope = self.scope, Scope(function.scope.code, function.scope.module, names, function.scope)
        conditions = self.conditions
        self._running.append(node)
        self._returned.append([])
        try:
            if isinstance(node, ast.Lambda):
                return self.value(node.body)
            ends = self.block(node.body)
            returned = self._returned[-1]
            if ends & FALLS and returned:
                return NOTHING_KNOWN
            return common(returned) if returned else Known(None)
        finally:
            self._returned.pop()
            self._running.pop()
            self.conditions = conditions
            self.scope = caller
            self.within, self._entry = outer, entry
            if outer is None:
                self._forget_changed(given, names)

    def _forget_changed(self, given: dict[str, Value], names: dict[str, Value]) -> None:
        """The caller's lists and dicts that a function has, or may have, put something into are not known any more."""
        changed = [
            value
            for name, value in given.items()
            if isinstance(value, (Listing, Table)) and names.get(name) is not value
        ]
        for scope in {id(scope): scope for scope in (self.scope, self.scope.globals)}.values() if changed else ():
            for name, value in scope.names.items():
                if any(value is each for each in changed):
                    scope.names[name] = NOTHING_KNOWN

    def _parameters(self, function: Function, site: CallSite | None) -> dict[str, Value]:
        specification = function.node.args
        positional = [argument.arg for argument in (*specification.posonlyargs, *specification.args)]
        keyword_only = [argument.arg for argument in specification.kwonlyargs]
        names: dict[str, Value] = dict.fromkeys((*positional, *keyword_only), NOTHING_KNOWN)
        if site is None:
            if function.instance is not None and positional:
                names[positional[0]] = function.instance
            elif function.owner is not None and positional and positional[0] == "self":
                names["self"] = Instance(function.owner)
            return names
        if not site.open_keywords and not site.open_positions:
            names.update(function.defaults)
        given = site.arguments if function.instance is None else (function.instance, *site.arguments)
        names.update(zip(positional, given, strict=False))
        names.update((name, value) for name, value in site.keywords.items() if name in names)
        if specification.vararg:
            known = not site.open_positions
            names[specification.vararg.arg] = listing(given[len(positional) :]) if known else NOTHING_KNOWN
        if specification.kwarg:
            rest = tuple((Known(name), value) for name, value in site.keywords.items() if name not in names)
            names[specification.kwarg.arg] = NOTHING_KNOWN if site.open_keywords else table(rest)
        return names

    def do_function(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
        """``def f(...)``, with its decorators."""
        arguments = node.args
        positional = [argument.arg for argument in (*arguments.posonlyargs, *arguments.args)]
        named = list(zip(positional[len(positional) - len(arguments.defaults) :], arguments.defaults, strict=False))
        named += [
            (argument.arg, default)
            for argument, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
            if default is not None
        ]
        defaults = tuple((name, self.value(default)) for name, default in named)
        scope = self.scope.outer if self.scope.of_class and self.scope.outer else self.scope
        function = Function(node, scope, defaults)
        if not self.scope.in_library:
            self.defined.setdefault(node, function)
        bound: Value = function
        decorators = [(decorator, self.value(decorator)) for decorator in node.decorator_list]
        for decorator, meaning in reversed(decorators):
            site = self.site(decorator, (bound,))
            made: Value | None = None
            if isinstance(meaning, Made):
                made = meaning.called(site)
            elif isinstance(meaning, External):
                made = self.observer.call(meaning.path, site)
            elif isinstance(meaning, Function):
                made = self.run_function(meaning, site)
            if isinstance(made, Made):
                bound = made
            elif isinstance(bound, Made):
                bound.handed_over("a decorator")
        self.scope.bind(node.name, bound)
        return FALLS

    def do_class(self, node: ast.ClassDef) -> int:
        """``class A(...)``"""
        for decorator in node.decorator_list:
            self.value(decorator)
        bases = tuple(self.value(base) for base in node.bases)
        of = ClassValue(node.name, bases, {}, self.scope.globals.module)
        outer, self.scope = self.scope, Scope(self.scope.code, self.scope.module, of.names, self.scope, of_class=True)
        try:
            self.block(node.body)
        finally:
            self.scope = outer
        for name, value in of.names.items():
            if isinstance(value, Function) and value.owner is None:
                of.names[name] = Function(value.node, value.scope, value.defaults, None, of)
                if value.node in self.defined:
                    self.defined[value.node] = Function(value.node, value.scope, value.defaults, None, of)
        self.scope.bind(node.name, of)
        return FALLS

    def do_return(self, node: ast.Return) -> int:
        """``return value``"""
        value = self.value(node.value) if node.value is not None else Known(None)
        if self._returned:
            self._returned[-1].append(value)
        return RETURNS


def common(values: Sequence[Value]) -> Value:
    """The value that all of these are; nothing known when they differ."""
    return values[0] if all(value == values[0] for value in values[1:]) else NOTHING_KNOWN
