"""What one NVFlare release offers: a reader of the files that `fllint.catalogue.build` makes."""

from __future__ import annotations

import ast
import json
import os
from collections.abc import Mapping
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any, Final

from fllint.catalogue.module_lines import COMMON_IMPORTS, defined_once, read_line
from fllint.catalogue.records import decode_class, read_signature
from fllint.catalogue.releases import NEWEST as NEWEST
from fllint.catalogue.releases import RELEASES as RELEASES
from fllint.python.classes import ClassFacts, ClassInfo, Parameter
from fllint.python.modules import BrokenModule, Module, Value
from fllint.python.resolve import PythonPath, Resolution

if TYPE_CHECKING:
    from fllint.python.members import Members


class Catalogue:
    """The classes and modules of one NVFlare release.

    A catalogue can stand for the modules of the ``nvflare`` package in a `fllint.python.resolve.PythonPath`.
    """

    where: Final = "nvflare"

    def __init__(self, content: Mapping[str, Any]) -> None:
        self._content = content
        self.release: str = content["release"]
        self.version: str = content["version"]
        self._components: dict[str, dict[str, Any]] = content["classes"]
        self._facts: dict[str, ClassFacts] = {}
        self._resolved: dict[str, Resolution | None] = {}
        self._modules: dict[str, Module] = {}
        self._members: dict[str, Members | None] = {}

    @staticmethod
    def load(release: str) -> Catalogue:
        """The catalogue of a minor release such as ``"2.9"``; read once.

        Raises:
            KeyError: for a release that is not in `RELEASES`.
        """
        return _load(release)

    # -- classes

    def find(self, class_path: str) -> ClassInfo | None:
        """The class that a dotted path leads to, also through re-exports; None when there is none."""
        return self.python.class_info(class_path) or self.python.resolve(class_path).class_info

    def resolve(self, dotted: str) -> Resolution:
        """What a dotted path leads to in an environment that has only NVFlare."""
        return self.python.resolve(dotted)

    def resolve_once(self, class_path: str) -> Resolution | None:
        """`resolve` for a class path of NVFlare's own that leads to a class, remembered; None for every other path.

        The same in every environment without other packages in sight, so that many jobs share it.
        """
        if class_path not in self._resolved:
            found = self.resolve(class_path) if self.has_top_level(class_path.partition(".")[0]) else None
            self._resolved[class_path] = found if found and found.class_info else None
        return self._resolved[class_path]

    @cached_property
    def python(self) -> PythonPath:
        """An environment that has only NVFlare."""
        return PythonPath(self)

    def facts(self, path: str) -> ClassFacts | None:
        """What is recorded about the class with this canonical path."""
        if path not in self._facts:
            record = self._components.get(path)
            if record is None:
                record = self._others.get(path)
            if record is None:
                return None
            self._facts[path] = decode_class(path, record)
        return self._facts[path]

    @cached_property
    def _others(self) -> dict[str, dict[str, Any]]:
        """The second file: classes that are no components."""
        others: dict[str, dict[str, Any]] = _read(f"{self.release}-others.json.gz")["classes"]
        return others

    @cached_property
    def _classes(self) -> dict[str, dict[str, Any]]:
        return dict(sorted({**self._components, **self._others}.items()))

    @property
    def class_paths(self) -> tuple[str, ...]:
        """Canonical paths of all recorded classes, sorted."""
        return tuple(self._classes)

    @property
    def component_paths(self) -> tuple[str, ...]:
        """Canonical paths of the classes of components, sorted."""
        return tuple(sorted(self._components))

    @cached_property
    def class_names(self) -> dict[str, tuple[str, ...]]:
        """Canonical paths of the recorded classes by their last part."""
        names: dict[str, tuple[str, ...]] = {}
        for path in self._classes:
            name = path.rpartition(".")[2]
            names[name] = (*names.get(name, ()), path)
        return names

    def classes_named(self, name: str) -> tuple[str, ...]:
        """Canonical paths of the recorded classes of this name."""
        return self.class_names.get(name, ())

    def subclasses(self, path: str) -> tuple[str, ...]:
        """Canonical paths of the recorded classes that derive from a class, itself not included, sorted."""
        return self._subclasses.get(path, ())

    @cached_property
    def _subclasses(self) -> dict[str, tuple[str, ...]]:
        children: dict[str, list[str]] = {}
        for path, record in self._classes.items():
            for base in record.get("bases", ()):
                children.setdefault(base, []).append(path)

        def below(path: str, seen: frozenset[str]) -> set[str]:
            found: set[str] = set()
            for child in children.get(path, ()):
                if child not in seen:
                    found |= {child} | below(child, seen | {child})
            return found

        return {path: tuple(sorted(below(path, frozenset({path})))) for path in children}

    @cached_property
    def kinds(self) -> Mapping[str, str]:
        """Kinds of components (``Controller``, ``Executor``, ...) and the class that makes one, in this release."""
        kinds: dict[str, str] = self._content["kinds"]
        return kinds

    def kinds_of(self, info: ClassInfo) -> tuple[str, ...]:
        """The kinds that a class surely is."""
        return tuple(kind for kind, path in self.kinds.items() if info.is_a(path))

    # -- names

    def short_name(self, name: str) -> tuple[str, ...]:
        """Class paths that ``{"name": name}`` may mean: one is fine, none or several are an error of NVFlare's."""
        return tuple(f"{module}.{name}" for module in self.short_names.get(name, ()))

    @cached_property
    def short_names(self) -> Mapping[str, tuple[str, ...]]:
        """The short-name table: class names and the modules that define one."""
        return {name: tuple(modules.split()) for name, modules in self._content["short_names"].items()}

    @cached_property
    def allow_list(self) -> tuple[str, ...]:
        """The class paths that jobs without custom code may use by default (2.8+); empty before."""
        return tuple(self._content["allow_list"])

    # -- packages

    @cached_property
    def requires(self) -> Mapping[str, tuple[str, ...]]:
        """Import names of the packages that NVFlare requires: under ``""`` always, else by extra."""
        return {extra: tuple(names.split()) for extra, names in self._content["requires"].items()}

    @cached_property
    def installed_packages(self) -> frozenset[str]:
        """Import names of the packages that every installation of this release has."""
        return frozenset(self.requires[""])

    @cached_property
    def required_packages(self) -> frozenset[str]:
        """Import names of the packages that this release or one of its extras requires."""
        return frozenset(name for names in self.requires.values() for name in names)

    @cached_property
    def _names(self) -> dict[str, Any]:
        """The third file: modules, and functions whose code is recorded."""
        return _read(f"{self.release}-names.json.gz")

    def job_api_source(self, module: str) -> str | None:
        """The code of a module that makes jobs, such as a recipe's; None for every other module."""
        source: str | None = self._job_api_sources.get(module)
        return source

    def members(self, path: str) -> Members | None:
        """The attributes that the code of a class gives its instances, without those of its bases; None for a class
        that the catalogue does not have."""
        if path not in self._members:
            self._members[path] = self._read_members(path)
        return self._members[path]

    def _read_members(self, path: str) -> Members | None:
        from fllint.python.members import Members

        mark = f'\n  "{path}": "'
        start = self._members_text.find(mark) + len(mark)
        if start < len(mark):
            return None
        return Members.read(self._members_text[start : self._members_text.index('"', start)])

    @cached_property
    def _members_text(self) -> str:
        """The fifth file, which stays a text: of its thousand classes a job asks for a few."""
        return _text(f"{self.release}-members.json.gz").decode()

    @cached_property
    def _job_api_sources(self) -> dict[str, str]:
        """The fourth file: the code of the modules that make jobs."""
        sources: dict[str, str] = _read(f"{self.release}-jobs.json.gz")["modules"]
        return sources

    @cached_property
    def _module_names(self) -> dict[str, str]:
        names: dict[str, str] = self._names["modules"]
        return names

    # -- modules (see fllint.python.resolve.ModuleProvider)

    @property
    def modules(self) -> tuple[str, ...]:
        """Dotted names of all modules of the release, sorted."""
        return tuple(self._module_names)

    def has_top_level(self, name: str) -> bool:
        return name == "nvflare"

    def has_module(self, dotted: str) -> bool:
        return dotted in self._module_names

    def names_in(self, module: str) -> tuple[str, ...]:
        """Names that a module binds, sorted; empty for an unknown module."""
        found = self.module(module)
        return tuple(sorted(found.bindings.keys() - COMMON_IMPORTS)) if isinstance(found, Module) else ()

    def module(self, dotted: str) -> Module | BrokenModule | None:
        if dotted not in self._module_names:
            return None
        if dotted not in self._modules:
            self._modules[dotted] = self._read_module(dotted)
        return self._modules[dotted]

    def submodules(self, package: str) -> tuple[str, ...]:
        return self._submodules.get(package, ())

    @cached_property
    def _submodules(self) -> dict[str, tuple[str, ...]]:
        children: dict[str, list[str]] = {}
        for dotted in self._module_names:
            parent, _, name = dotted.rpartition(".")
            children.setdefault(parent, []).append(name)
        return {parent: tuple(names) for parent, names in children.items()}

    def _read_module(self, dotted: str) -> Module:
        bindings = read_line(dotted, self._module_names[dotted], self._defined)
        for name in COMMON_IMPORTS - frozenset(self.submodules(dotted)):
            bindings.setdefault(name, Value())
        is_open = self._module_names[dotted].endswith("?")
        return Module(dotted, dotted.replace(".", "/"), dotted in self._submodules, bindings, open=is_open)

    def function(self, path: str) -> ast.FunctionDef | None:
        """The code of a function, for the few whose code is recorded."""
        source = self._names["functions"].get(path)
        node = ast.parse(source).body[0] if source else None
        return node if isinstance(node, ast.FunctionDef) else None

    def signature(self, function: str) -> tuple[Parameter, ...] | None:
        """The parameters of a function of the Client API, by its path or by one that ``nvflare.client`` offers it
        under."""
        signatures = self._names["signatures"]
        text = signatures.get(function)
        if text is None:
            text = signatures.get(self.python.resolve(function).canonical)
        return read_signature(text) if text is not None else None

    @cached_property
    def _defined(self) -> dict[str, str]:
        """Where a class or function is defined, for the names that only one module defines."""
        return defined_once(self._module_names)


@cache
def _load(release: str) -> Catalogue:
    if release not in RELEASES:
        raise KeyError(release)
    return Catalogue(_read(f"{release}.json"))


def _read(name: str) -> dict[str, Any]:
    """The content of a file of the catalogue."""
    content: dict[str, Any] = json.loads(_text(name))
    return content


def _text(name: str) -> bytes:
    """A file of the catalogue. Those that are needed less often are compressed, so that a release stays small."""
    with open(os.path.join(os.path.dirname(__file__), "data", name), "rb") as file:
        text = file.read()
    if name.endswith(".gz"):
        from zlib import MAX_WBITS, decompress

        text = decompress(text, MAX_WBITS | 16)
    return text
