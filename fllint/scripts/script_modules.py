"""What the imports of a script bind; modules of the job are walked when they are first imported."""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Sequence
from typing import TypeAlias

from fllint.scripts.script_calls import Calls
from fllint.scripts.script_expressions import MAXIMUM_DEPTH
from fllint.scripts.script_observer import Observer
from fllint.scripts.script_text import CodePlace, CodeText, SyntaxTrouble, parse_code
from fllint.scripts.script_values import (
    FALLS,
    LIBRARY,
    NOTHING_KNOWN,
    CallSite,
    External,
    Known,
    ModuleValue,
    Scope,
    Value,
)

ModuleText: TypeAlias = Callable[[str], str | None]
"""The text of a module of the job by its dotted name; None when the job does not bring it along."""


class Modules(Calls):
    """Follows the imports of a walk (`fllint.scripts.script_walk`). ``modules`` are those of the job."""

    def __init__(self, observer: Observer, module_text: ModuleText, library_text: ModuleText | None = None) -> None:
        super().__init__(observer)
        self.modules: dict[str, ModuleValue] = {}
        self._library: dict[str, ModuleValue] = {}
        self._module_text = module_text
        self._library_text = library_text
        self._absent: set[str] = set()

    def block(self, statements: Sequence[ast.stmt]) -> int:
        """Walks statements; how they end."""
        raise NotImplementedError

    def do_import(self, node: ast.Import) -> int:
        """``import a.b as c``"""
        for alias in node.names:
            module = self.module(alias.name)
            if alias.asname:
                self.scope.bind(alias.asname, module)
            else:
                top, _, rest = alias.name.partition(".")
                self.scope.bind(top, self.module(top) if rest else module)
        return FALLS

    def do_import_from(self, node: ast.ImportFrom) -> int:
        """``from a.b import c as d``"""
        name = self._absolute(node)
        module = self.module(name) if name else NOTHING_KNOWN
        for alias in node.names:
            if alias.name == "*":
                self._import_all(module)
                continue
            imported = self._imported(module, name, alias.name)
            if isinstance(imported, External):
                self.observer.read(imported.path, self.scope.code.place(alias))
            self.scope.bind(alias.asname or alias.name, imported)
        return FALLS

    def _imported(self, module: Value, module_name: str, name: str) -> Value:
        if isinstance(module, ModuleValue):
            if name in module.scope.names:
                return module.scope.names[name]
            below = self.module(f"{module_name}.{name}")
            if module.scope.in_library:  # of which not all is kept
                return below if isinstance(below, ModuleValue) else External(f"{module_name}.{name}")
            return below if isinstance(below, ModuleValue) else NOTHING_KNOWN
        if isinstance(module, External):
            below = self.module(f"{module_name}.{name}")  # a module of a folder without __init__.py
            return below if isinstance(below, ModuleValue) else External(f"{module.path}.{name}")
        return NOTHING_KNOWN

    def _import_all(self, module: Value) -> None:
        if isinstance(module, ModuleValue):
            for name, value in module.scope.names.items():
                if not name.startswith("_"):
                    self.scope.bind(name, value)
        elif isinstance(module, External):
            self.scope.globals.stars.append(module.path)

    def _absolute(self, node: ast.ImportFrom) -> str:
        """The dotted name of the module that ``from`` names; empty when it cannot be told."""
        if not node.level:
            return node.module or ""
        parts = self.scope.module.split(".") if self.scope.module else []
        if not parts:
            return ""
        rest = node.module.split(".") if node.module else []
        for keep in (len(parts) - node.level, len(parts) - node.level + 1):  # a module, or a package's own file
            name = ".".join([*parts[: max(keep, 0)], *rest])
            if name and (rest or keep > 0) and isinstance(self.module(name), ModuleValue):
                return name
        return ".".join([*parts[: max(len(parts) - node.level, 0)], *rest])

    def module(self, name: str) -> Value:
        """A module of the job, walked when it is first imported; else the name of one of another package."""
        top = name.partition(".")[0]
        if top == LIBRARY and not self.scope.in_library:
            return External(name)
        modules, module_text = (
            (self._library, self._library_text) if top == LIBRARY else (self.modules, self._module_text)
        )
        if name in modules:
            return modules[name]
        if name in self._absent or top in sys.stdlib_module_names or module_text is None:
            return External(name)
        text = module_text(name)
        code = parse_code(text, name) if text is not None else None
        if code is None or isinstance(code, SyntaxTrouble) or len(self._running) >= MAXIMUM_DEPTH:
            self._absent.add(name)
            return External(name)
        return self._walked(code, modules)

    def library(self, path: str) -> Value | None:
        """A class or function of NVFlare's own code that is kept, by its dotted name; None for any other."""
        module_name, _, name = path.rpartition(".")
        text = self._library_text(module_name) if self._library_text and module_name else None
        module = self._library.get(module_name)
        if module is None and text is not None:
            code = parse_code(text, module_name)
            within, self.within = self.within, CallSite(ast.Constant(None), CodePlace("", 1, 1, 1, 1), self.scope)
            module = None if isinstance(code, SyntaxTrouble) else self._walked(code, self._library)
            self.within = within
        return module.scope.names.get(name) if module is not None else None

    def _walked(self, code: CodeText, modules: dict[str, ModuleValue]) -> ModuleValue:
        """A module whose text is walked from its first line to the last."""
        name = code.module
        module = ModuleValue(Scope(code, name, {"__name__": Known(name), "__file__": NOTHING_KNOWN}))
        modules[name] = module
        caller, self.scope = self.scope, module.scope
        conditions, loops = self.conditions, self.loops
        self._running.append(code.tree)
        try:
            self.block(code.tree.body)
        finally:
            self._running.pop()
            self.scope, self.conditions, self.loops = caller, conditions, loops
        parent, _, last = name.rpartition(".")
        if parent in modules:
            modules[parent].scope.names.setdefault(last, module)
        return module
