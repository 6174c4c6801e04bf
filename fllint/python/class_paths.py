"""What NVFlare finds under the class path of a component, with reasons and suggestions when it finds nothing."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from fllint.python.classes import Location
from fllint.python.constructors import read_function
from fllint.python.foreign import is_stdlib
from fllint.python.modules import BrokenModule, FunctionHere, Module, Value, dotted_text
from fllint.python.near_misses import near_misses
from fllint.python.resolution import UNKNOWN, Found, Outcome, Resolution

if TYPE_CHECKING:
    from fllint.python.resolve import PythonPath


class ClassPaths:
    """The class paths of a job's components on a site's Python path."""

    def __init__(self, python: PythonPath) -> None:
        self.python = python

    def resolve(self, class_path: str) -> Resolution:
        """What NVFlare's loader finds under a class path."""
        module_name, dot, name = class_path.rpartition(".")
        if not dot or not module_name or not all(part.isidentifier() for part in class_path.split(".")):
            return Resolution(Outcome.MODULE_MISSING, class_path, missing_part=class_path, detail="not a dotted path")
        owner = self.python.owner(class_path)
        if owner == "stdlib":
            return Resolution(Outcome.UNKNOWN, class_path, where="stdlib", detail="standard library")
        if owner == "nvflare":
            info = self.python.class_info(class_path)
            if info is not None:
                return Resolution(Outcome.FOUND, class_path, info, class_path, owner)
        missing = self._first_missing(module_name)
        if missing is not None:
            return self._missing(class_path, missing, owner, near_misses(self.python, class_path, missing))
        found = self.python.lookup(module_name, name)
        where = self.python.owner(found.path) if found.path else owner
        if found.outcome is Outcome.FOUND:
            info = self.python.class_info(found.path)
            if info is not None and info.broken is not None:
                broken = info.broken
                return Resolution(
                    Outcome.BROKEN_MODULE, class_path, where=where, detail=broken.detail, location=broken.location
                )
            return Resolution(
                Outcome.FOUND if info else Outcome.UNKNOWN,
                class_path,
                info,
                found.path,
                where,
                location=info.location if info else None,
            )
        if found.outcome is Outcome.NAME_MISSING and found.path == class_path:
            return Resolution(
                Outcome.NAME_MISSING,
                class_path,
                where=owner,
                candidates=near_misses(self.python, class_path, None),
                missing_part=name,
                missing_offset=len(module_name) + 1,
            )
        if found.outcome is Outcome.BROKEN_MODULE:
            return self._broken(class_path, found.path)
        if found.outcome is Outcome.FUNCTION:
            return self._function(class_path, found, where)
        if found.outcome is Outcome.UNKNOWN and self._is_plain_instance(found):
            return Resolution(Outcome.OTHER, class_path, None, found.path, where, location=_place(found))
        if found.outcome in (Outcome.MODULE_MISSING, Outcome.NAME_MISSING):
            detail = f"{module_name} imports {found.path}, which does not exist"
            return Resolution(found.outcome, class_path, where=owner, canonical=found.path, detail=detail)
        detail = "" if owner else f"package {class_path.partition('.')[0]} is not in sight"
        return Resolution(
            found.outcome, class_path, None, found.path or None, where, detail=detail, location=_place(found)
        )

    def _function(self, class_path: str, found: Found, where: str | None) -> Resolution:
        """A function: NVFlare calls it like a class, with the same arguments."""
        node = self.python.function_node(found)
        info = read_function(node, found.path) if node is not None and where != "nvflare" else None
        return Resolution(Outcome.FUNCTION, class_path, info, found.path, where, location=_place(found))

    def _is_plain_instance(self, found: Found) -> bool:
        """Whether a value is made by calling a class in sight whose instances cannot be called in turn."""
        binding, module = found.binding, found.module
        if not (isinstance(binding, Value) and isinstance(binding.node, ast.Call) and module is not None):
            return False
        dotted = dotted_text(binding.node.func)
        made = self.python.resolve_in(module, dotted) if dotted else UNKNOWN
        info = self.python.class_info(made.path) if made.outcome is Outcome.FOUND else None
        if info is None or not info.complete or info.facts is None or info.facts.open_call:
            return False
        return info.method("__call__") is None and not any(is_stdlib(base) for base in info.ancestors)

    def _first_missing(self, module_name: str) -> str | None:
        """The shortest prefix of a module name that is surely no module."""
        parts = module_name.split(".")
        for count in range(1, len(parts) + 1):
            prefix = ".".join(parts[:count])
            present = self.python.has_module(prefix)
            if present is False:
                return prefix
            if present is None:
                return None
        return None

    def _missing(self, class_path: str, missing: str, owner: str | None, candidates: tuple[str, ...]) -> Resolution:
        parent, _, part = missing.rpartition(".")
        detail = "" if owner else f"nothing in sight provides {part}"
        holder = self.python.module(parent) if parent else None
        if isinstance(holder, BrokenModule):
            return self._broken(class_path, parent)
        if isinstance(holder, Module) and not holder.is_package:
            inside = self.python.lookup(parent, part)
            kind = "a class: NVFlare cannot load nested classes" if inside.outcome is Outcome.FOUND else "no module"
            detail = f"{parent} is a module, and {part} in it is {kind}"
        return Resolution(
            Outcome.MODULE_MISSING,
            class_path,
            where=owner,
            candidates=candidates,
            missing_part=part,
            missing_offset=len(parent) + 1 if parent else 0,
            detail=detail,
        )

    def _broken(self, class_path: str, module_name: str) -> Resolution:
        module = self.python.module(module_name)
        assert isinstance(module, BrokenModule)
        location = Location(module.file, module.line, module.column)
        return Resolution(
            Outcome.BROKEN_MODULE,
            class_path,
            where=self.python.owner(module.name),
            detail=module.detail,
            location=location,
        )


def _place(found: Found) -> Location | None:
    match found.binding:
        case FunctionHere(node=ast.AST() as node) | Value(node=ast.AST() as node):
            return Location(found.module.file, node.lineno, node.col_offset + 1) if found.module else None
        case _:
            return None
