"""What a site's Python would find under a dotted name, without importing anything.

NVFlare loads a component's class with ``importlib.import_module(all but the last part)`` and ``getattr(module, last
part)`` (nvflare/fuel/utils/class_utils.py, all releases), and appends the app's ``custom/`` to ``sys.path``: the
standard library and site-packages come first.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from msgspec.structs import replace

from fllint.python.classes import ClassFacts, ClassInfo
from fllint.python.expressions import literal_value
from fllint.python.files import FilesInFolder
from fllint.python.foreign import is_stdlib, known_packages
from fllint.python.modules import (
    MODULE_ATTRIBUTES,
    Binding,
    BrokenModule,
    ClassHere,
    Either,
    Fallback,
    FunctionHere,
    ImportedName,
    Module,
    ModuleName,
    Value,
    dotted_text,
)
from fllint.python.resolution import UNKNOWN, Found, ModuleProvider
from fllint.python.resolution import Outcome as Outcome
from fllint.python.resolution import Resolution as Resolution
from fllint.python.sources import CustomCode, SourceModules

if TYPE_CHECKING:
    from fllint.catalogue.catalogue import Catalogue

MAXIMUM_STEPS = 60
"""Imports and aliases followed for one name."""


class PythonPath:
    """What a site's interpreter would find: the standard library, site-packages with its NVFlare, then ``custom/``.

    Arguments:
        catalogue: the NVFlare release.
        custom: the app's custom code, if it has any.
        site_packages: a folder of installed packages; without it, well-known packages are unknown rather than missing.
        known_packages: further import names that sites will have (requirements files, settings).
    """

    def __init__(
        self,
        catalogue: Catalogue | None,
        custom: CustomCode | None = None,
        site_packages: Path | None = None,
        known_packages: Collection[str] = (),
    ) -> None:
        self.catalogue = catalogue
        self.custom = custom
        self.site_packages = SourceModules(FilesInFolder(site_packages), "site-packages") if site_packages else None
        self._known = frozenset(known_packages)
        self._open_site_packages = self.site_packages is not None and any(
            name.endswith((".pth", ".egg-link")) and not name.startswith(("distutils-precedence", "_virtualenv"))
            for name in self.site_packages.files.entries("")
        )
        self._classes: dict[str, ClassInfo | None] = {}
        self._in_progress: list[str] = []

    # -- modules

    def owner(self, dotted: str) -> str | None:
        """Who provides the first part of a dotted name: ``stdlib``, ``nvflare``, ``site-packages``, ``custom``, or
        None."""
        top = dotted.partition(".")[0]
        if is_stdlib(top):
            return "stdlib"
        provider = self._provider(dotted)
        return provider.where if provider else None

    def _provider(self, dotted: str) -> ModuleProvider | None:
        top = dotted.partition(".")[0]
        if is_stdlib(top):
            return None
        if self.catalogue is not None and self.catalogue.has_top_level(top):
            return self.catalogue
        installed = self.site_packages
        if installed is not None and installed.has_top_level(top) and not installed.is_namespace(top):
            return installed
        if self.custom is not None and self.custom.has_top_level(top):
            return self.custom
        return installed if installed is not None and installed.has_top_level(top) else None

    def module(self, dotted: str) -> Module | BrokenModule | None:
        """A module's names; None when it is missing or not in sight (`has_module` tells)."""
        provider = self._provider(dotted)
        return provider.module(dotted) if provider else None

    def has_module(self, dotted: str) -> bool | None:
        """Whether ``import dotted`` finds a module; None when that cannot be known from here."""
        top, _, rest = dotted.partition(".")
        if is_stdlib(top):
            return None if rest else True
        provider = self._provider(dotted)
        if provider is not None:
            if provider.has_module(dotted):
                return True
            parent = dotted.rpartition(".")[0]
            module = provider.module(parent) if parent else None
            return None if isinstance(module, Module) and module.open else False
        return None if self.may_be_installed(top) else False

    def may_be_installed(self, top: str) -> bool:
        """Whether a top-level package that is not in sight is one that sites may well have: it is well-known, belongs
        to what NVFlare requires, or was named as known; and no complete site-packages folder says otherwise."""
        if top in self._known:
            return True
        if self.site_packages is not None and not self._open_site_packages:
            return False
        required = self.catalogue.required_packages if self.catalogue is not None else frozenset()
        return self._open_site_packages or top in known_packages() or top in required

    def shadowed(self, module: str) -> str | None:
        """Why a module of ``custom/`` is never imported: ``stdlib``, ``nvflare`` or ``site-packages`` has one of its
        name and comes first. None when nothing is known to shadow it."""
        top = module.partition(".")[0]
        if is_stdlib(top):
            return "stdlib"
        if self.catalogue is not None:
            if self.catalogue.has_top_level(top):
                return "nvflare"
            if top in self.catalogue.installed_packages:
                return "site-packages"
        installed = self.site_packages
        if installed is not None and installed.has_top_level(top) and not installed.is_namespace(top):
            return "site-packages"
        return None

    # -- names

    def lookup(self, module_name: str, name: str, seen: tuple[tuple[str, str], ...] = ()) -> Found:
        """What attribute ``name`` of a module is."""
        key = (module_name, name)
        if key in seen or len(seen) > MAXIMUM_STEPS:
            return UNKNOWN
        seen = (*seen, key)
        module = self.module(module_name)
        if module is None:
            return Found(
                Outcome.MODULE_MISSING if self.has_module(module_name) is False else Outcome.UNKNOWN, module_name
            )
        if isinstance(module, BrokenModule):
            return Found(Outcome.BROKEN_MODULE, module_name, detail=module.detail)
        binding = module.bindings.get(name)
        if binding is not None:
            return self._follow(binding, module, name, seen)
        unknown = module.open
        for star in module.stars:
            if not self._exports(star, name):
                continue
            found = self.lookup(star, name, seen)
            if found.outcome in (Outcome.UNKNOWN, Outcome.MODULE_MISSING, Outcome.BROKEN_MODULE):
                unknown = True
            elif found.outcome is not Outcome.NAME_MISSING:
                return found
        if module.is_package and self.has_module(f"{module_name}.{name}"):
            return Found(Outcome.MODULE, f"{module_name}.{name}")
        if unknown:
            return UNKNOWN
        return Found(Outcome.OTHER if name in MODULE_ATTRIBUTES else Outcome.NAME_MISSING, f"{module_name}.{name}")

    def _exports(self, module_name: str, name: str) -> bool:
        """Whether ``from module import *`` may bind a name: one in ``__all__``, or else one without an underscore."""
        module = self.module(module_name)
        names = module.bindings.get("__all__") if isinstance(module, Module) else None
        if names is None or not isinstance(module, Module) or module.open:
            return not name.startswith("_")
        known, exported = literal_value(names.node) if isinstance(names, Value) and names.node else (False, None)
        return name in exported if known and isinstance(exported, list | tuple) else True

    def _follow(self, binding: Binding, module: Module, name: str, seen: tuple[tuple[str, str], ...]) -> Found:
        match binding:
            case ClassHere(path=path):
                return Found(Outcome.FOUND, path, binding, module)
            case FunctionHere(path=path):
                return Found(Outcome.FUNCTION, path, binding, module)
            case ModuleName(module=imported):
                present = self.has_module(imported)
                if present is False:
                    return Found(Outcome.MODULE_MISSING, imported)
                return Found(Outcome.MODULE, imported)
            case ImportedName(module=source, name=imported) if (source, imported) == (module.name, name):
                submodule = f"{source}.{imported}"
                return Found(Outcome.MODULE, submodule) if self.has_module(submodule) else UNKNOWN
            case ImportedName(module=source, name=imported):
                found = self.lookup(source, imported, seen)
                hidden = found.outcome in (Outcome.UNKNOWN, Outcome.MODULE_MISSING)
                return replace(found, path=f"{source}.{imported}") if hidden else found
            case Value(node=node):
                return self._value(node, module, f"{module.name}.{name}", binding, seen)
            case Fallback(bindings=bindings):
                found = UNKNOWN
                for tried in bindings:
                    found = self._follow(tried, module, name, seen)
                    if found.outcome not in (Outcome.MODULE_MISSING, Outcome.NAME_MISSING, Outcome.BROKEN_MODULE):
                        return found
                return found
            case Either(bindings=bindings):
                all_found = [self._follow(each, module, name, seen) for each in bindings]
                paths = {(found.outcome, found.path) for found in all_found}
                return all_found[0] if len(paths) == 1 else UNKNOWN
        return UNKNOWN

    def _value(
        self, node: ast.expr | None, module: Module, path: str, binding: Value, seen: tuple[tuple[str, str], ...]
    ) -> Found:
        match node:
            case ast.Name() | ast.Attribute():
                dotted = dotted_text(node)
                found = self.resolve_in(module, dotted, seen) if dotted else UNKNOWN
                return found if found.outcome is not Outcome.NAME_MISSING else UNKNOWN
            case ast.Lambda():
                return Found(Outcome.FUNCTION, path, binding, module)
            case None | ast.Call() | ast.IfExp() | ast.BoolOp() | ast.Subscript() | ast.Await() | ast.NamedExpr():
                return Found(Outcome.UNKNOWN, path, binding, module)
            case _:
                return Found(Outcome.OTHER, path, binding, module)

    def resolve_in(
        self,
        module: Module,
        dotted: str,
        seen: tuple[tuple[str, str], ...] = (),
        local: Mapping[str, Binding] = MappingProxyType({}),
    ) -> Found:
        """What a dotted name means in the code of a module; ``local`` are names that the code itself imports."""
        first, *rest = dotted.split(".")
        if first in local:
            found = self._follow(local[first], module, first, seen)
        else:
            found = self.lookup(module.name, first, seen)
        if found.outcome is Outcome.NAME_MISSING:
            return Found(Outcome.OTHER, f"builtins.{dotted}") if first in _BUILTINS and not rest else found
        for position, part in enumerate(rest):
            if found.outcome is Outcome.MODULE:
                if self.owner(found.path) in (None, "stdlib"):
                    return Found(Outcome.UNKNOWN, ".".join([found.path, *rest[position:]]))
                found = self.lookup(found.path, part, seen)
            elif found.outcome is Outcome.FOUND and isinstance(found.binding, ClassHere):
                inner = _nested_class(found.binding, part)
                if inner is None:
                    return Found(Outcome.UNKNOWN, f"{found.path}.{part}")
                found = Found(Outcome.FOUND, inner.path, inner, found.module)
            else:
                return Found(Outcome.UNKNOWN, ".".join([found.path, *rest[position:]]) if found.path else "")
        return found

    def function_node(self, found: Found) -> ast.FunctionDef | ast.AsyncFunctionDef | None:
        """The code of a function that a name led to; None when it is not in sight."""
        if not isinstance(found.binding, FunctionHere):
            return None
        if found.binding.node is None and self.catalogue is not None:
            return self.catalogue.function(found.path)
        return found.binding.node

    # -- classes

    def class_info(self, path: str) -> ClassInfo | None:
        """The class with this canonical path; None when no such class is in sight."""
        if path not in self._classes:
            if path in self._in_progress or len(self._in_progress) > MAXIMUM_STEPS:
                return None
            self._in_progress.append(path)
            try:
                self._classes[path] = self._read_class(path)
            finally:
                self._in_progress.pop()
        return self._classes[path]

    def _read_class(self, path: str) -> ClassInfo | None:
        from fllint.python.inherit import inherited

        module_name, _, name = path.rpartition(".")
        if self.catalogue is not None and self.catalogue.has_top_level(path.partition(".")[0]):
            if self.site_packages is None and self.catalogue.python is not self:
                return self.catalogue.python.class_info(path)
            facts = self.catalogue.facts(path)
            return inherited(facts, self) if facts is not None else None
        found = self.lookup(module_name, name)
        if found.outcome is Outcome.FOUND and found.path == path:
            return self.class_of(found)
        owner, _, nested = path.rpartition(".")
        outer = self.lookup(*_split(owner)) if "." in owner else UNKNOWN
        if outer.outcome is Outcome.FOUND and isinstance(outer.binding, ClassHere):
            inner = _nested_class(outer.binding, nested)
            if inner is not None:
                return self.class_of(Found(Outcome.FOUND, inner.path, inner, outer.module))
        return None

    def class_of(self, found: Found) -> ClassInfo | None:
        """The facts of a class that a name led to."""
        from fllint.python.class_facts import read_class
        from fllint.python.inherit import inherited

        binding, module = found.binding, found.module
        if not isinstance(binding, ClassHere) or binding.node is None or module is None:
            return self.class_info(found.path)
        facts: ClassFacts = read_class(binding, binding.node, module, self)
        return inherited(facts, self)

    def resolve(self, class_path: str) -> Resolution:
        """What NVFlare's loader finds under a class path."""
        from fllint.python.class_paths import ClassPaths

        return ClassPaths(self).resolve(class_path)


def _split(path: str) -> tuple[str, str]:
    module, _, name = path.rpartition(".")
    return module, name


def _nested_class(outer: ClassHere, name: str) -> ClassHere | None:
    if outer.node is None:
        return None
    for statement in outer.node.body:
        if isinstance(statement, ast.ClassDef) and statement.name == name:
            return ClassHere(f"{outer.path}.{name}", statement)
    return None


_BUILTINS = frozenset(dir(__builtins__) if not isinstance(__builtins__, dict) else __builtins__)
