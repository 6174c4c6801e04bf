"""Reading one class statement: its bases, methods, constants and deprecation. Constructors are read in
`constructors`."""

from __future__ import annotations

import ast
import builtins
from typing import TYPE_CHECKING

from msgspec.structs import replace

from fllint.python.classes import Broken, ClassFacts, ClassInfo, Constructor, Location, Method
from fllint.python.constructors import read_constructor, read_dataclass
from fllint.python.expressions import literal_value, names_in
from fllint.python.method_summaries import MethodSummaries
from fllint.python.modules import MODULE_ATTRIBUTES, ClassHere, Module, dotted_text
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
HARMLESS_ON_METHODS = frozenset(
    [
        *["abstractmethod", "cache", "cached_property", "classmethod", "deprecated", "final", "lru_cache"],
        *["no_type_check", "overload", "override", "property", "setter", "staticmethod"],
        *["abstractproperty", "abstractclassmethod"],
    ]
)
"""Decorators that leave what a method takes."""
PLAIN_BASES = frozenset({"abc.ABC", "builtins.object", "typing.Generic", "typing.Protocol"})
ABSTRACT = frozenset({"abstractmethod", "abstractproperty", "abstractclassmethod", "abstractstaticmethod"})


def read_class(binding: ClassHere, node: ast.ClassDef, module: Module, python: PythonPath) -> ClassFacts:
    """What a class statement says. ``module`` is where it stands, ``python`` what its names lead to.

    Code that is nested too deeply to be looked at gives a class of which only the bases are known.
    """
    location = Location(module.file, node.lineno, node.col_offset + 1)
    scope = BaseScope(binding, node, module, python)
    facts = ClassFacts(
        binding.path,
        bases=tuple(scope.path(base) for base in node.bases),
        location=location,
        broken=scope.unbound(location),
        open_kind=node.name in module.registered,
    )
    try:
        return _read(node, facts, module, python)
    except RecursionError:
        return replace(facts, open_call=True)


def _read(node: ast.ClassDef, facts: ClassFacts, module: Module, python: PythonPath) -> ClassFacts:
    """The facts completed by what the class body says."""
    path, bases = facts.path, facts.bases
    infos = tuple(info for info in (python.class_info(base) for base in bases) if info is not None)
    scope = CodeScope(python, module, node, path, infos)
    methods = methods_of(node)
    signatures = tuple(read_method(method, path, module) for method in methods.values())
    constants = constants_of(node, scope)
    made_by_new = "__new__" in methods and "__init__" not in methods and _is_plain(bases, infos)
    return replace(
        facts,
        constructor=_constructor(node, path, bases, scope, made_by_new=made_by_new),
        methods=MethodSummaries(node, signatures, scope, path).all(),
        constants=tuple(constants.items()),
        deprecated=_deprecation(node),
        assigned=tuple(name for name in assigned_values(node) if name not in constants),
        is_abc=_is_abc(node, bases),
        open_call=_is_open_call(node) or ("__new__" in methods and not made_by_new),
    )


def _is_plain(bases: tuple[str, ...], infos: tuple[ClassInfo, ...]) -> bool:
    """Whether no base has a constructor."""
    known = len(infos) + len(PLAIN_BASES & set(bases)) == len(bases)
    return known and not any(info.constructor_owner or info.accepts_any_keyword for info in infos)


def _constructor(
    node: ast.ClassDef, path: str, bases: tuple[str, ...], scope: CodeScope, *, made_by_new: bool
) -> Constructor | None:
    methods = methods_of(node)
    if made_by_new:
        made = read_constructor(methods["__new__"], path, scope)
        return replace(made, base_calls=(), attributes=())
    if "__init__" in methods:
        if _odd_decorators(methods["__init__"]):
            return Constructor(keywords="kwargs", swallows=True)
        return _without_changing(read_constructor(methods["__init__"], path, scope), node)
    if "typing.NamedTuple" in bases:
        return replace(read_dataclass(node, path, scope), is_dataclass=False)
    return read_dataclass(node, path, scope) if "dataclass" in _decorators(node) else None


def _odd_decorators(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Whether a decorator may change what a function takes."""
    return any(_decorator_name(decorator) not in HARMLESS_ON_METHODS for decorator in node.decorator_list)


def _decorators(node: ast.ClassDef) -> list[str | None]:
    return [_decorator_name(decorator) for decorator in node.decorator_list]


def _metaclasses(node: ast.ClassDef) -> list[str]:
    return [dotted_text(word.value) or "?" for word in node.keywords if word.arg == "metaclass"]


def _is_abc(node: ast.ClassDef, bases: tuple[str, ...]) -> bool:
    return any(name.endswith("ABCMeta") for name in _metaclasses(node)) or bool(ABSTRACT_BASES & set(bases))


def _is_open_call(node: ast.ClassDef) -> bool:
    """Whether calling the class may mean something else than calling its constructor."""
    odd_metaclass = any(not name.endswith("ABCMeta") for name in _metaclasses(node))
    odd_decorator = any(name not in HARMLESS_DECORATORS for name in _decorators(node))
    return odd_metaclass or odd_decorator


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
    return replace(constructor, attributes=attributes)


class BaseScope:
    """What the names of the bases in a class statement mean."""

    def __init__(self, binding: ClassHere, node: ast.ClassDef, module: Module, python: PythonPath) -> None:
        self._node = node
        self._module = module
        self._python = python
        own = module.bindings.get(node.name)
        self._is_own = isinstance(own, ClassHere) and own.node is node
        self._local = {node.name: binding.previous} if self._is_own and binding.previous is not None else {}

    def path(self, base: ast.expr) -> str:
        """The canonical path of a base class; the dotted name it would have when it is not in sight."""
        dotted = dotted_text(_without_index(base))
        if dotted is None:
            return ast.unparse(base)[:80]
        found = self._python.resolve_in(self._module, dotted, local=self._local)
        return found.path if "." in found.path else dotted

    def unbound(self, location: Location) -> Broken | None:
        """The exception that importing the module raises because a base has a name that nothing binds."""
        for base in self._node.bases:
            name = (dotted_text(_without_index(base)) or "").partition(".")[0]
            if name and self._is_unbound(name):
                return Broken(f"NameError: name '{name}' is not defined", location)
        return None

    def _is_unbound(self, name: str) -> bool:
        module = self._module
        if hasattr(builtins, name) or name in module.rebound or module.open or module.stars:
            return False
        if name == self._node.name and self._is_own:
            return not self._local
        return name not in module.bindings and name not in MODULE_ATTRIBUTES


def _without_index(node: ast.expr) -> ast.expr:
    """``Base`` of ``Base[int]``."""
    return node.value if isinstance(node, ast.Subscript) else node


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
    is_open = _odd_decorators(node)
    if is_open:
        parameters = tuple(replace(parameter, required=False) for parameter in parameters)
    return Method(
        name=node.name,
        parameters=parameters,
        is_async=isinstance(node, ast.AsyncFunctionDef),
        abstract=bool(decorators & ABSTRACT),
        calls_super=_calls_super(node),
        location=Location(module.file, node.lineno, node.col_offset + 1),
        owner=owner,
        kind=kind,  # type: ignore[arg-type]  # one of the four words above
        varargs=is_open or node.args.vararg is not None,
        keywords=is_open or node.args.kwarg is not None,
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
