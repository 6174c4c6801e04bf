"""What names mean in the code of a module or class, for `fllint.python.symbolic`."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from copy import copy
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING

from fllint.python.classes import ClassInfo, Method
from fllint.python.expressions import MAXIMUM_NODES, literal, size
from fllint.python.modules import Binding, ClassHere, Module, Value, imports_inside
from fllint.python.symbolic import Walk, assigned_names, is_empty_container
from fllint.python.symbolic_state import Callee, Frame, State

if TYPE_CHECKING:
    from fllint.python.method_summaries import MethodSummaries
    from fllint.python.resolution import Found
    from fllint.python.resolve import PythonPath

LIBRARY_CONSTANTS: dict[str, str | float] = {"os.sep": "/", "os.path.sep": "/", "math.inf": float("inf")}
MAXIMUM_DEPTH = 6
"""Constants defined by other constants are followed this far."""


class CodeScope:
    """The names around the code of a class, or of a function of a module when ``node`` is None.

    ``bases`` are the classes that the class derives from directly, as far as they are known.
    """

    def __init__(
        self,
        path: PythonPath,
        module: Module,
        node: ast.ClassDef | None = None,
        class_path: str = "",
        bases: tuple[ClassInfo, ...] = (),
        depth: int = 0,
        local: Mapping[str, Binding] = MappingProxyType({}),
    ) -> None:
        self._path = path
        self._module = module
        self._class_path = class_path
        self._bases = bases
        self._depth = depth
        self._local = imports_inside(node, module) if node is not None else local
        self._methods = methods_of(node) if node is not None else {}
        self._assigned = assigned_values(node) if node is not None else {}
        self._summaries: MethodSummaries | None = None

    def constant(self, dotted: str) -> ast.expr | None:
        if self._depth > MAXIMUM_DEPTH:
            return None
        first, _, rest = dotted.partition(".")
        if first == "self":
            return self._own_constant(rest)
        if not rest and first in self._assigned and not self._methods.keys() & {first}:
            return self._own_constant(first)
        if dotted in LIBRARY_CONSTANTS:
            return ast.Constant(LIBRARY_CONSTANTS[dotted])
        found = self._path.resolve_in(self._module, first, local=self._local)
        return self._constant_of(found, rest.split(".") if rest else [])

    def _own_constant(self, name: str) -> ast.expr | None:
        if f"self.{name}" in self._set_on_instances:
            return None
        if name in self._assigned:
            return self._evaluated(self._assigned[name], self)
        for base in self._bases:
            for known, value in base.constants:
                if known == name:
                    return literal(value)
        return None

    @cached_property
    def _set_on_instances(self) -> set[str]:
        """The ``self.attribute`` texts that the methods of the class assign."""
        return assigned_names([part for method in self._methods.values() for part in method.body])

    def _constant_of(self, found: Found, rest: list[str]) -> ast.expr | None:
        binding, module = found.binding, found.module
        if rest and found.outcome.name == "MODULE":
            return self._constant_of(self._path.lookup(found.path, rest[0]), rest[1:])
        if rest and isinstance(binding, ClassHere):
            return self._class_constant(found, rest)
        if rest or module is None or found.path.rpartition(".")[2] in module.rebound:
            return None
        if isinstance(binding, Value) and binding.node is not None:
            return self._evaluated(binding.node, CodeScope(self._path, module, depth=self._depth + 1))
        return None

    def _class_constant(self, found: Found, rest: list[str]) -> ast.expr | None:
        binding, module = found.binding, found.module
        assert isinstance(binding, ClassHere)
        name, *more = rest
        if binding.node is None or module is None:
            info = self._path.class_info(found.path)
            values = dict(info.constants) if info else {}
            is_enum, known = info is not None and is_enum_class(info), literal(values[name]) if name in values else None
        else:
            scope = CodeScope(self._path, module, binding.node, found.path, depth=self._depth + 1)
            info = None
            is_enum = _looks_like_enum(binding)
            known = scope._own_constant(name)
            if known is None and not more and self._depth < MAXIMUM_DEPTH:
                info = self._path.class_info(found.path)
                inherited = dict(info.constants) if info else {}
                known = literal(inherited[name]) if name in inherited else None
        if more == ["value"] and is_enum:
            return known
        if more or (is_enum and not self._is_text_enum(found.path)):
            return None
        return known

    def _is_text_enum(self, class_path: str) -> bool:
        info = self._path.class_info(class_path)
        return info is not None and bool(
            {"builtins.str", "enum.StrEnum", "builtins.int", "enum.IntEnum"} & set(info.ancestors)
        )

    def _evaluated(self, node: ast.expr, scope: CodeScope) -> ast.expr | None:
        if isinstance(node, ast.Constant):
            return node
        if size(node) > MAXIMUM_NODES or is_empty_container(node):
            return None
        walk = Walk()
        walk.frames.append(Frame(CodeScope(self._path, scope._module, depth=self._depth + 1), "", receiver=None))
        names = {name: scope._evaluated_sibling(name) for name in _plain_names(node) if name in scope._assigned}
        return walk.expression(node, State(dict(names.items())))

    def _evaluated_sibling(self, name: str) -> ast.expr | None:
        """A class attribute that another one is made of."""
        node = self._assigned[name]
        return node if isinstance(node, ast.Constant) else None

    def class_path(self, dotted: str) -> str | None:
        found = self._path.resolve_in(self._module, dotted, local=self._local)
        if found.outcome.name == "OTHER" and found.path.startswith("builtins."):
            return found.path
        if found.outcome.name in ("FOUND", "UNKNOWN", "MODULE_MISSING") and "." in found.path:
            return found.path
        return None

    def known_class(self, dotted: str) -> str | None:
        found = self._path.resolve_in(self._module, dotted, local=self._local)
        return found.path if found.outcome.name == "FOUND" else None

    def class_info(self, path: str) -> ClassInfo | None:
        return self._path.class_info(path)

    def function(self, dotted: str) -> Callee | None:
        found = self._path.resolve_in(self._module, dotted, local=self._local)
        node = self._path.function_node(found)
        if node is None or found.module is None:
            return self._static_method(dotted)
        local = imports_inside(node, found.module)
        return Callee(node, CodeScope(self._path, found.module, local=local), found.path)

    def _static_method(self, dotted: str) -> Callee | None:
        """The function that ``SomeClass.name`` means, when it is a static method of a class in sight."""
        owner, _, name = dotted.rpartition(".")
        found = self._path.resolve_in(self._module, owner, local=self._local) if owner else None
        if found is None or not isinstance(found.binding, ClassHere) or found.binding.node is None or not found.module:
            return None
        node = methods_of(found.binding.node).get(name)
        if node is None or not is_static(node):
            return None
        own = found.path == self._class_path
        scope = self if own else CodeScope(self._path, found.module, found.binding.node, found.path)
        return Callee(node, scope, f"{found.path}.{name}")

    def enum_values(self, dotted: str) -> ast.expr | None:
        found = self._path.resolve_in(self._module, dotted, local=self._local)
        if not isinstance(found.binding, ClassHere) or not _looks_like_enum(found.binding):
            return None
        info = self._path.class_info(found.path)
        if info is None or not is_enum_class(info) or not self._is_text_enum(info.path):
            return None
        values = [literal(value) for name, value in info.constants if not name.startswith("_")]
        known = [value for value in values if value is not None]
        return ast.List(known, ast.Load()) if known and len(known) == len(values) else None

    def method(self, name: str) -> Callee | None:
        node = self._methods.get(name)
        if node is None or self._summaries is not None:
            return None
        return Callee(node, self, f"{self._class_path}.{name}", receiver=not is_static(node))

    def inherited(self, name: str, *, of_super: bool) -> Method | None:
        if not of_super and self._summaries is not None and name in self._methods:
            return self._summaries.summary(name)
        for base in self._bases:
            method = base.method(name)
            if method is not None:
                return method
        return None

    def has_method(self, name: str) -> bool:
        return name in self._methods or any(base.method(name) is not None for base in self._bases)

    def for_methods(self, summaries: MethodSummaries) -> CodeScope:
        """The same scope for code that asks for summaries of the class's own methods instead of walking through
        them."""
        scope = copy(self)
        scope._summaries = summaries
        return scope


def is_enum_class(info: ClassInfo) -> bool:
    return any(path.startswith("enum.") for path in (*info.bases, *info.ancestors))


def _looks_like_enum(binding: ClassHere) -> bool:
    """Whether a class may be an Enum, as far as that shows without looking at its bases."""
    return binding.node is None or any("Enum" in ast.unparse(base) for base in binding.node.bases)


def methods_of(node: ast.ClassDef) -> dict[str, ast.FunctionDef | ast.AsyncFunctionDef]:
    """The functions in a class body, by name; the last of a name counts."""
    return {part.name: part for part in _class_body(node) if isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef)}


def assigned_values(node: ast.ClassDef) -> dict[str, ast.expr]:
    """The class attributes that a class body assigns."""
    values: dict[str, ast.expr] = {}
    for part in _class_body(node):
        match part:
            case ast.Assign(targets=targets, value=value):
                values.update({target.id: value for target in targets if isinstance(target, ast.Name)})
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                values[name] = value
            case _:
                pass
    return values


def _class_body(node: ast.ClassDef) -> list[ast.stmt]:
    """The statements of a class body, those in ``if`` and ``try`` included."""
    statements: list[ast.stmt] = []
    for part in node.body:
        match part:
            case ast.If(body=body, orelse=orelse):
                statements += [*body, *orelse]
            case ast.Try(body=body, orelse=orelse):
                statements += [*body, *orelse]
            case _:
                statements.append(part)
    return statements


def is_static(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    return any(isinstance(decorator, ast.Name) and decorator.id == "staticmethod" for decorator in node.decorator_list)


def _plain_names(node: ast.expr) -> list[str]:
    return [part.id for part in ast.walk(node) if isinstance(part, ast.Name)]
