"""What a dotted name leads to."""

from __future__ import annotations

from enum import Enum
from typing import Protocol

from msgspec import Struct

from fllint.python.classes import ClassInfo, Location
from fllint.python.modules import Binding, BrokenModule, Module


class Outcome(Enum):
    """What a dotted name leads to."""

    FOUND = "class"
    FUNCTION = "function"
    OTHER = "other value"
    MODULE = "module"
    MODULE_MISSING = "module missing"
    NAME_MISSING = "name missing"
    BROKEN_MODULE = "broken module"
    UNKNOWN = "unknown"


class Resolution(Struct, frozen=True):
    """What a class path leads to.

    ``canonical`` is the path where the thing is defined. ``where`` is ``custom``, ``nvflare``, ``stdlib`` or
    ``site-packages``; for something missing, the place that owns the first part of the path, None when nothing does.
    ``missing_part`` is the first part of the path that does not exist, ``missing_offset`` where it starts in the path.
    ``candidates`` are similar dotted paths that do exist, best first. ``detail`` explains: the text of a syntax error,
    the package that is not in sight. ``location`` is the definition, or the syntax error, in the files that were read.
    """

    outcome: Outcome
    class_path: str
    class_info: ClassInfo | None = None
    canonical: str | None = None
    where: str | None = None
    candidates: tuple[str, ...] = ()
    missing_part: str = ""
    missing_offset: int = 0
    detail: str = ""
    location: Location | None = None


class Found(Struct, frozen=True):
    """What a name is bound to in the end. ``binding`` is a `ClassHere`, `FunctionHere` or `Value`, if any, in
    ``module``."""

    outcome: Outcome
    path: str = ""
    binding: Binding | None = None
    module: Module | None = None
    detail: str = ""


class ModuleProvider(Protocol):
    """Something that offers modules."""

    @property
    def where(self) -> str: ...
    def has_top_level(self, name: str) -> bool: ...
    def has_module(self, dotted: str) -> bool: ...
    def module(self, dotted: str) -> Module | BrokenModule | None: ...
    def submodules(self, package: str) -> tuple[str, ...]: ...


UNKNOWN = Found(Outcome.UNKNOWN)
