"""Reading one class statement: its bases, methods, constants and deprecation. Constructors are read in
`constructors`."""

from __future__ import annotations

import ast
from collections.abc import Collection
from typing import TYPE_CHECKING

from fllint.python.classes import ClassFacts, Constructor, Location, Method
from fllint.python.constructors import read_constructor, read_dataclass
from fllint.python.expressions import literal_value, names_in
from fllint.python.method_summaries import MethodSummaries
from fllint.python.modules import Module, dotted_text
from fllint.python.scopes import CodeScope, assigned_values, is_static, methods_of
from fllint.python.signatures import read_parameters
from fllint.python.symbolic import assigned_names

if TYPE_CHECKING:
    from fllint.python.resolve import PythonPath

HARMLESS_DECORATORS = frozenset(
    ["dataclass", "deprecated", "experimental", "final", "total_ordering", "runtime_checkable", "unique"]
)
"""Decorators that leave what calling a class means; NVFlare has `experimental` (fuel/utils/experimental.py, 2.4)."""
ABSTRACT_BASES = frozenset({"abc.ABC", "typing.Protocol", "typing_extensions.Protocol"})
ABSTRACT = frozenset({"abstractmethod", "abstractproperty", "abstractclassmethod", "abstractstaticmethod"})


def read_class(node: ast.ClassDef, path: str, module: Module, python: PythonPath) -> ClassFacts:
    """What a class statement says. ``module`` is where it stands, ``python`` what its names lead to.

    Code that is nested too deeply to be looked at gives a class of which only the bases are known.
    """
    location = Location(module.file, node.lineno, node.col_offset + 1)
    bases = tuple(base_path(base, module, python) for base in node.bases)
    try:
        return _read(node, path, module, python, bases, location)
    except RecursionError:
        return ClassFacts(path, bases, location=location, open_call=True)


def _read(
    node: ast.ClassDef, path: str, module: Module, python: PythonPath, bases: tuple[str, ...], location: Location
) -> ClassFacts:
    infos = tuple(info for info in (python.class_info(base) for base in bases) if info is not None)
    scope = CodeScope(python, module, node, path, infos)
    methods = methods_of(node)
    signatures = tuple(read_method(method, path, module) for method in methods.values())
    constants = constants_of(node, scope)
    return ClassFacts(
        path=path,
        bases=bases,
        constructor=_constructor(node, path, scope),
        methods=MethodSummaries(node, signatures, scope, path).all(),
        constants=tuple(constants.items()),
        deprecated=_deprecation(node),
        location=location,
        assigned=tuple(name for name in assigned_values(node) if name not in constants),
        is_abc=_is_abc(node, bases),
        open_call=_is_open_call(node, methods),
    )


def _constructor(node: ast.ClassDef, path: str, scope: CodeScope) -> Constructor | None:
    methods = methods_of(node)
    if "__init__" in methods:
        return _without_changing(read_constructor(methods["__init__"], path, scope), node)
    return read_dataclass(node, path, scope) if "dataclass" in _decorators(node) else None


def _decorators(node: ast.ClassDef) -> list[str | None]:
    return [_decorator_name(decorator) for decorator in node.decorator_list]


def _metaclasses(node: ast.ClassDef) -> list[str]:
    return [dotted_text(word.value) or "?" for word in node.keywords if word.arg == "metaclass"]


def _is_abc(node: ast.ClassDef, bases: tuple[str, ...]) -> bool:
    return any(name.endswith("ABCMeta") for name in _metaclasses(node)) or bool(ABSTRACT_BASES & set(bases))


def _is_open_call(node: ast.ClassDef, methods: Collection[str]) -> bool:
    """Whether calling the class may mean something else than calling its constructor."""
    odd_metaclass = any(not name.endswith("ABCMeta") for name in _metaclasses(node))
    odd_decorator = any(name not in HARMLESS_DECORATORS for name in _decorators(node))
    return odd_metaclass or odd_decorator or "__new__" in methods


def _without_changing(constructor: Constructor, node: ast.ClassDef) -> Constructor:
    """The constructor without the values of attributes that begin as a constant and that other methods set anew."""
    others = [part for name, method in methods_of(node).items() if name != "__init__" for part in method.body]
    changing = assigned_names(others)
    names = {parameter.name for parameter in (*constructor.parameters, *constructor.taken)}

    def settled(name: str, text: str | None) -> str | None:
        if text is None or names & names_in(text):
            return text
        return None if f"self.{name}" in changing else text

    attributes = tuple((name, settled(name, text)) for name, text in constructor.attributes)
    return constructor._replace(attributes=attributes)


def base_path(node: ast.expr, module: Module, python: PythonPath) -> str:
    """The canonical path of a base class; the dotted name it would have when it is not in sight."""
    if isinstance(node, ast.Subscript):
        node = node.value
    dotted = dotted_text(node)
    if dotted is None:
        return ast.unparse(node)[:80]
    found = python.resolve_in(module, dotted)
    return found.path if "." in found.path else dotted


def constants_of(node: ast.ClassDef, scope: CodeScope) -> dict[str, object]:
    """Class attributes with literal values."""
    constants: dict[str, object] = {}
    for name in assigned_values(node):
        value = scope.constant(f"self.{name}")
        known, result = literal_value(value) if value is not None else (False, None)
        if known:
            constants[name] = result
    return constants


def read_method(node: ast.FunctionDef | ast.AsyncFunctionDef, owner: str, module: Module) -> Method:
    """A method's signature, without ``self``."""
    decorators = {_decorator_name(decorator) or "" for decorator in node.decorator_list}
    kind = "static" if is_static(node) else "class" if "classmethod" in decorators else "method"
    if decorators & {"property", "cached_property", "abstractproperty"}:
        kind = "property"
    parameters = read_parameters(node.args, owner, skip_first=kind != "static")
    return Method(
        name=node.name,
        parameters=parameters,
        is_async=isinstance(node, ast.AsyncFunctionDef),
        abstract=bool(decorators & ABSTRACT),
        calls_super=_calls_super(node),
        location=Location(module.file, node.lineno, node.col_offset + 1),
        owner=owner,
        kind=kind,  # type: ignore[arg-type]  # one of the four words above
        varargs=node.args.vararg is not None,
        keywords=node.args.kwarg is not None,
    )


def _decorator_name(node: ast.expr) -> str | None:
    dotted = dotted_text(node.func if isinstance(node, ast.Call) else node)
    return dotted.rpartition(".")[2] if dotted else None


def _calls_super(node: ast.AST) -> bool:
    return any(isinstance(part, ast.Name) and part.id == "super" for part in ast.walk(node))


def _deprecation(node: ast.ClassDef) -> str | None:
    """What a ``@deprecated`` decorator, or a warning in the constructor or docstring, says."""
    for decorator in node.decorator_list:
        if _decorator_name(decorator) == "deprecated":
            reason = [
                part.value
                for part in ast.walk(decorator)
                if isinstance(part, ast.Constant) and isinstance(part.value, str)
            ]
            return reason[0] if reason else "deprecated"
    for part in ast.walk(methods_of(node).get("__init__", ast.Pass())):
        if isinstance(part, ast.Call) and any(
            isinstance(inner, ast.Name) and inner.id == "DeprecationWarning" for inner in ast.walk(part)
        ):
            texts = [
                inner.value
                for inner in ast.walk(part)
                if isinstance(inner, ast.Constant) and isinstance(inner.value, str)
            ]
            return "".join(texts) or "deprecated"
    return None
