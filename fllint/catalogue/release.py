"""What of an NVFlare release goes into its catalogue: its modules, and what about its classes matters to jobs."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable
from functools import cached_property
from typing import Any

from msgspec.structs import replace

from fllint.catalogue.custom_code import FL_MODEL
from fllint.catalogue.module_lines import COMMON_IMPORTS, defined_once
from fllint.catalogue.records import encode_class, signature
from fllint.python.classes import ClassFacts, ClassInfo, Method, Parameter
from fllint.python.expressions import names_in
from fllint.python.flare_words import COMPONENT as COMPONENT_MARK
from fllint.python.flare_words import GIVEN
from fllint.python.members import members_of
from fllint.python.modules import ClassHere, FunctionHere, Module
from fllint.python.resolve import Outcome, PythonPath
from fllint.python.signatures import read_parameters
from fllint.python.sources import CustomCode
from fllint.python.starting import starting_checks

COMPONENT = "nvflare.apis.fl_component.FLComponent"
CHECKING = re.compile("check|valid|verify|ensure|assert|require")
"""How methods are called whose checks are recorded, since constructors of derived classes may call them."""

NAMED_BY_JOBS = (
    "nvflare.apis",
    "nvflare.app_common",
    "nvflare.app_opt",
    "nvflare.client",
    "nvflare.collab",
    "nvflare.edge",
    "nvflare.fuel.utils",
    "nvflare.job_config",
    "nvflare.metrics",
    "nvflare.recipe",
    "nvflare.utils",
    "nvflare.widgets",
)
"""Packages whose classes a job, or the code of a job, can name: these are recorded with all facts."""

INLINED = ("nvflare.fuel.utils.validation_utils", "nvflare.app_common.ccwf.common")
"""Modules whose functions constructors call to check and normalise their arguments: their source is recorded."""


class Release:
    """The modules of an unpacked release, and the facts about its classes."""

    def __init__(self, version: str, sources: CustomCode) -> None:
        self.version = version
        self.python = PythonPath(None, sources)
        self.module_names = tuple(sorted(name for name in sources.all_modules(limit=10_000)))
        self.infos = self._class_infos()

    def module(self, dotted: str) -> Module | None:
        found = self.python.module(dotted)
        return found if isinstance(found, Module) else None

    def _class_infos(self) -> dict[str, ClassInfo]:
        infos: dict[str, ClassInfo] = {}
        for dotted in self.module_names:
            module = self.module(dotted) if named_by_jobs(dotted) else None
            for name in module.bindings if module else ():
                found = self.python.lookup(dotted, name)
                info = self.python.class_info(found.path) if found.outcome is Outcome.FOUND else None
                if info is not None:
                    infos[info.path] = info
        for info in list(infos.values()):
            for path in info.ancestors:
                ancestor = self.python.class_info(path)
                if ancestor is not None:
                    infos[path] = ancestor
        return infos

    def modules(self) -> dict[str, str]:
        """The line of each module; see `fllint.catalogue.catalogue.Catalogue`."""
        groups = {dotted: self._groups(dotted) for dotted in self.module_names}
        lines = {dotted: _line(found, is_open=False) for dotted, found in groups.items()}
        defined = defined_once(lines)
        for dotted, found in groups.items():
            found["from"] = [
                name if defined.get(name) == target else f"{name}={target}"
                for name, _, target in (entry.partition("=") for entry in found["from"])
            ]
            module = self.module(dotted)
            lines[dotted] = _line(found, is_open=not named_by_jobs(dotted) or module is None or module.open)
        return lines

    def _groups(self, dotted: str) -> dict[str, list[str]]:
        groups: dict[str, list[str]] = {"class": [], "def": [], "from": [], "other": []}
        module = self.module(dotted)
        if module is None:
            return groups
        starred = [name for star in module.stars for name in self._exported(star)]
        for name in sorted({*module.bindings, *starred}):
            if not named_by_jobs(dotted) or name in COMMON_IMPORTS:
                continue
            found = self.python.lookup(dotted, name)
            if found.path == f"{dotted}.{name}" and found.outcome in (Outcome.FOUND, Outcome.FUNCTION):
                groups["class" if found.outcome is Outcome.FOUND else "def"].append(name)
            elif found.outcome in (Outcome.FOUND, Outcome.FUNCTION) and found.path.startswith("nvflare."):
                groups["from"].append(f"{name}={found.path}")
            else:
                groups["other"].append(name)
        return groups

    def _exported(self, dotted: str) -> list[str]:
        module = self.module(dotted)
        return [name for name in module.bindings if not name.startswith("_")] if module else []

    def classes(self, *, components: bool) -> dict[str, Any]:
        """The records of the classes of components and their bases, or of all the others."""
        return {
            path: encode_class(self._trimmed(info))
            for path, info in self.infos.items()
            if (path in self.component_paths) == components
        }

    def members(self) -> dict[str, str]:
        """The attributes that the code of each class gives its instances; see `fllint.python.members.Members`."""
        lines: dict[str, str] = {}
        for path in self.infos:
            module, _, name = path.rpartition(".")
            binding = self.python.lookup(module, name).binding
            if isinstance(binding, ClassHere) and binding.node is not None:
                lines[path] = members_of(binding.node).text
        return lines

    @cached_property
    def component_paths(self) -> frozenset[str]:
        """The classes of components and all their bases, and what nearly every script makes."""
        components = [info for info in self.infos.values() if info.is_a(COMPONENT)]
        return frozenset([FL_MODEL, *(path for info in components for path in (info.path, *info.ancestors))])

    def _trimmed(self, info: ClassInfo) -> ClassFacts:
        """The facts about a class that matter to jobs and to classes that derive from it."""
        assert info.facts is not None
        facts = info.facts
        is_component = info.is_a(COMPONENT) is not False
        methods = [_trimmed_method(method) for method in facts.methods if is_component or method.abstract]
        methods = [method for method in methods if is_recorded(method)]
        constructor = facts.constructor
        if constructor is not None:
            set_by_bases = {
                name
                for path in info.ancestors
                if (base := self.python.class_info(path)) is not None and base.facts and base.facts.constructor
                for name, _ in base.facts.constructor.attributes
            }
            attributes = tuple(
                (name, text)
                for name, text in constructor.attributes
                if name in set_by_bases or _matters(text, constructor.parameters)
            )
            effects = constructor.effects if is_component else ()
            constructor = replace(constructor, attributes=attributes, effects=effects)
        return replace(
            facts,
            constructor=constructor,
            methods=tuple(methods),
            constants=self._trimmed_constants(facts),
            assigned=self._implemented(info, {method.name for method in methods}),
        )

    def _implemented(self, info: ClassInfo, recorded: set[str]) -> tuple[str, ...]:
        """Names that the class body binds and that stand for an abstract method of a base."""
        assert info.facts is not None
        bases = [base for path in info.ancestors if (base := self.python.class_info(path)) is not None]
        abstract = {name for base in bases if base.facts for name in _abstract_names(base.facts)}
        own = {method.name for method in info.facts.methods if not method.abstract} | set(info.facts.assigned)
        return tuple(sorted((own & abstract) - recorded))

    def _trimmed_constants(self, facts: ClassFacts) -> tuple[tuple[str, object], ...]:
        return tuple(
            (name, value)
            for name, value in facts.constants
            if not name.startswith("__") and not isinstance(value, set) and _is_short(value)
        )

    def functions(self) -> dict[str, str]:
        """Sources of the functions that constructors call to check their arguments."""
        sources: dict[str, str] = {}
        for dotted in INLINED:
            module = self.module(dotted)
            for name, binding in module.bindings.items() if module else ():
                if isinstance(binding, FunctionHere) and binding.node is not None:
                    sources[f"{dotted}.{name}"] = _without_docstring(binding.node)
        return sources

    def signatures(self) -> dict[str, str]:
        """Signatures of the functions of the Client API."""
        found: dict[str, str] = {}
        for dotted in self.module_names:
            module = self.module(dotted) if dotted.startswith("nvflare.client") else None
            for name, binding in module.bindings.items() if module else ():
                if isinstance(binding, FunctionHere) and binding.node is not None and not name.startswith("_"):
                    arguments = binding.node.args
                    parameters = read_parameters(arguments, "", skip_first=False)
                    keywords = arguments.kwarg.arg if arguments.kwarg else None
                    varargs = arguments.vararg is not None
                    found[binding.path] = signature(parameters, varargs=varargs, keywords=keywords)
        return found

    def allow_list(self) -> list[str]:
        """NVFlare's default list of classes for jobs without custom code (2.8+)."""
        module = self.module("nvflare.app_common.default_component_policy")
        binding = module.bindings.get("DEFAULT_CLASS_ALLOW_LIST") if module else None
        node = getattr(binding, "node", None)
        return sorted(ast.literal_eval(node)) if node is not None else []

    def derives_from(self, path: str, base: str) -> bool:
        info = self.python.class_info(path)
        return info is not None and info.is_a(base) is True

    def classes_in(self, dotted: str) -> Iterable[str]:
        """Names of the classes that a module defines."""
        module = self.module(dotted)
        for name, binding in module.bindings.items() if module else ():
            if isinstance(binding, ClassHere):
                yield name


def named_by_jobs(dotted: str) -> bool:
    """Whether a module belongs to what jobs name."""
    return dotted == "nvflare" or any(
        dotted == package or dotted.startswith(package + ".") for package in NAMED_BY_JOBS
    )


def _line(groups: dict[str, list[str]], *, is_open: bool) -> str:
    text = "; ".join(" ".join([kind, *names]) for kind, names in groups.items() if names)
    return text + ("?" if is_open else "")


def _matters(text: str | None, parameters: tuple[Parameter, ...]) -> bool:
    """Whether an attribute's value depends on a parameter, or is a text."""
    return text is not None and ("'" in text or bool(names_in(text) & {parameter.name for parameter in parameters}))


def is_recorded(method: Method) -> bool:
    """Whether a method matters to jobs, or to classes that derive from its own."""
    return bool(method.effects or method.checks or method.abstract) or method.name == "execute"


def _trimmed_method(method: Method) -> Method:
    """A method with what callers in derived classes need: defaults, effects, and checks of what they give."""
    parameters = tuple(replace(parameter, annotation=None) for parameter in method.parameters)
    checks = tuple(check for check in method.checks if GIVEN in check.when) if CHECKING.search(method.name) else ()
    checks = (*checks, *starting_checks(method))
    returns = (
        method.returns if method.returns and (GIVEN in method.returns or COMPONENT_MARK in method.returns) else None
    )
    effects = tuple(effect for effect in method.effects if not effect.given or method.name == "execute")
    effects = tuple(effect for effect in effects if effect.what != "rejects" or method.name == "execute")
    useful = is_recorded(replace(method, effects=effects, checks=checks))
    return replace(method, parameters=parameters, effects=effects, checks=checks, returns=returns if useful else None)


def _abstract_names(facts: ClassFacts) -> list[str]:
    return [method.name for method in facts.methods if method.abstract]


def _is_short(value: object) -> bool:
    return len(repr(value)) <= 300


def _without_docstring(node: ast.FunctionDef | ast.AsyncFunctionDef) -> str:
    body = node.body
    first = body[0]
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str):
        body = body[1:] or [ast.Pass()]
    plain = ast.FunctionDef(node.name, node.args, body, [], None, lineno=1)
    return ast.unparse(plain)
