"""What a module's top level binds, read from its syntax tree.

Names that are bound in several branches keep all of them: `Fallback` for ``try``/``except`` (the first that works
counts), `Either` for ``if`` (nobody knows which).
"""

from __future__ import annotations

import ast
import re
import warnings
from functools import lru_cache
from typing import TypeAlias

from msgspec import Struct

from fllint.python.expressions import NO_FILE, is_costly

MODULE_ATTRIBUTES = frozenset(
    {"__name__", "__doc__", "__file__", "__package__", "__spec__", "__loader__", "__dict__", "__path__"}
)
"""Names that every module has."""
MAXIMUM_DEPTH = 40
"""Statements nested deeper than this are not looked at."""
REMEMBERED_SIZE = 32_000
"""Texts up to this size are parsed once for all jobs of a run that share them; trees are some sixty times as large."""


class ClassHere(Struct, frozen=True):
    """A class statement. ``node`` is None for a class of the catalogue, which is known by ``path``."""

    path: str
    node: ast.ClassDef | None = None
    previous: Binding | None = None
    """What the name was bound to before: a class may derive from an older one of its own name."""


class FunctionHere(Struct, frozen=True):
    path: str
    node: ast.FunctionDef | ast.AsyncFunctionDef | None = None


class ModuleName(Struct, frozen=True):
    """``import a.b as name``; ``import a.b`` binds ``a`` only."""

    module: str


class ImportedName(Struct, frozen=True):
    """``from module import name``."""

    module: str
    name: str


class Value(Struct, frozen=True):
    """Any other binding; ``node`` is the expression that is assigned, None when it cannot be told."""

    node: ast.expr | None = None


class Fallback(Struct, frozen=True):
    bindings: tuple[Binding, ...]


class Either(Struct, frozen=True):
    bindings: tuple[Binding, ...]


Binding: TypeAlias = "ClassHere | FunctionHere | ModuleName | ImportedName | Value | Fallback | Either"


class Module(Struct, frozen=True):
    """The names of a module.

    ``open`` means that it may have names that cannot be seen (a module ``__getattr__``, ``exec``, writing to
    ``globals()``). ``rebound`` are names that also have other values at times (``global``, ``del``, ``:=``).
    ``registered`` are the dotted names given to the ``register`` method of something, which may be an abstract class.
    """

    name: str
    file: str
    is_package: bool
    bindings: dict[str, Binding]
    stars: tuple[str, ...] = ()
    open: bool = False
    rebound: frozenset[str] = frozenset()
    registered: frozenset[str] = frozenset()


class BrokenModule(Struct, frozen=True):
    """A module that Python cannot compile: why, and where (line and column from 1)."""

    name: str
    file: str
    detail: str
    line: int = 1
    column: int = 1


class TooDeepError(SyntaxError):
    """Code that is nested too deeply for this Python; another one may be able to read it."""


def parse(text: bytes | str) -> ast.Module:
    """The syntax tree of a module; not to be changed, since jobs often share their code.

    Raises:
        TooDeepError: Python gave up, or was not asked.
        SyntaxError: for everything that Python refuses, also null bytes and wrong encodings.
    """
    plain = _decoded(text)
    return _parsed_once(plain) if len(plain) <= REMEMBERED_SIZE else _parsed(plain)


def _decoded(text: bytes | str) -> bytes | str:
    """The text of bytes that are plain UTF-8, so that they share their tree with it; other bytes are left to Python."""
    if isinstance(text, str) or any(b"coding" in line for line in text.split(b"\n", 2)[:2]):
        return text
    try:
        return text.decode().removeprefix("\ufeff")
    except UnicodeDecodeError:
        return text


@lru_cache(maxsize=32)
def _parsed_once(text: bytes | str) -> ast.Module:
    return _parsed(text)


def _parsed(text: bytes | str) -> ast.Module:
    if is_costly(text if isinstance(text, str) else text.decode("utf-8", "replace")):
        raise TooDeepError("more replacement fields than fllint reads")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a text's doubtful escapes are not this program's to report
            return ast.parse(text, NO_FILE)
    except SyntaxError:
        raise
    except (RecursionError, MemoryError):  # how deep is too deep differs between releases of Python
        raise TooDeepError("too deeply nested") from None
    except (ValueError, OverflowError, LookupError) as error:
        raise SyntaxError(str(error)) from None


def read_module(name: str, file: str, text: bytes | str, *, is_package: bool = False) -> Module | BrokenModule:
    """Reads a module's top level. Never raises for any text."""
    try:
        tree = parse(text)
    except TooDeepError:
        return Module(name, file, is_package, {}, open=True)
    except SyntaxError as error:
        detail = error.msg or "invalid syntax"
        return BrokenModule(name, file, detail, max(error.lineno or 1, 1), max(error.offset or 1, 1))
    reader = _Reader(name, is_package)
    bindings = reader.body(tree.body, 0)
    if reader.misplaced is not None:
        detail, statement = reader.misplaced
        return BrokenModule(name, file, detail, statement.lineno, statement.col_offset + 1)
    stars = tuple(dict.fromkeys(reader.stars))
    rebound = _rebound(text) | reader.deleted
    return Module(name, file, is_package, bindings, stars, reader.open, rebound, frozenset(reader.registered))


_WALRUS = re.compile(r"(\w+)[ \t]*:=")
_GLOBAL = re.compile(r"^[ \t]+global[ \t]+([\w, \t]+)", re.MULTILINE)


def _rebound(text: bytes | str) -> frozenset[str]:
    """The names in the ``global`` statements and the assignment expressions of a module."""
    plain = text.decode("latin-1") if isinstance(text, bytes) else text
    names = _WALRUS.findall(plain) if ":=" in plain else []
    if "global" in plain:
        names += [name.strip() for several in _GLOBAL.findall(plain) for name in several.split(",")]
    return frozenset(names)


def imports_inside(node: ast.AST, module: Module) -> dict[str, Binding]:
    """The names that import statements anywhere in a function or class bind."""
    reader = _Reader(module.name, module.is_package)
    bindings: dict[str, Binding] = {}
    stack = list(ast.iter_child_nodes(node))
    while stack:
        part = stack.pop()
        if isinstance(part, ast.Import | ast.ImportFrom):
            reader.statement(part, bindings, 0)
        elif isinstance(part, ast.stmt | ast.excepthandler | ast.match_case):
            stack.extend(ast.iter_child_nodes(part))
    return bindings


def absolute_name(module: str, is_package: bool, level: int, name: str | None) -> str | None:
    """The module that ``from ..name import x`` means inside ``module``; None when it leads out of every package."""
    if not level:
        return name
    package = module if is_package else module.rpartition(".")[0]
    parts = package.split(".") if package else []
    if level - 1 >= len(parts):
        return None
    base = parts[: len(parts) - (level - 1)]
    return ".".join(base + ([name] if name else []))


def dotted_text(node: ast.expr) -> str | None:
    """``a.b.c`` for a chain of names and attributes, else None."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        return None
    parts.append(node.id)
    return ".".join(reversed(parts))


class _Reader:
    def __init__(self, module: str, is_package: bool) -> None:
        self.module = module
        self.is_package = is_package
        self.stars: list[str] = []
        self.open = False
        self.deleted: set[str] = set()
        self.registered: set[str] = set()
        self.misplaced: tuple[str, ast.stmt] | None = None
        """The first statement that Python's compiler refuses where it stands, and why."""
        self._begun = False

    def body(self, statements: list[ast.stmt], depth: int) -> dict[str, Binding]:
        bindings: dict[str, Binding] = {}
        if depth > MAXIMUM_DEPTH:
            self.open = True
            return bindings
        for statement in statements:
            self.statement(statement, bindings, depth)
            self._begun = self._begun or not _may_begin(statement)
        return bindings

    def statement(self, statement: ast.stmt, bindings: dict[str, Binding], depth: int) -> None:
        match statement:
            case ast.ClassDef(name=name):
                before = bindings.get(name) if depth == 0 else Value()
                bindings[name] = ClassHere(f"{self.module}.{name}", statement, before)
                self.registered.update(
                    name for decorator in statement.decorator_list if _last_part(decorator) == "register"
                )
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                bindings[name] = FunctionHere(f"{self.module}.{name}", statement)
                self.open |= name == "__getattr__"
            case ast.Import(names=names):
                for alias in names:
                    bindings[alias.asname or alias.name.partition(".")[0]] = ModuleName(
                        alias.name if alias.asname else alias.name.partition(".")[0]
                    )
            case ast.Return():
                self.misplaced = self.misplaced or ("'return' outside function", statement)
            case ast.ImportFrom(module="__future__", level=0) if self._begun:
                late = "from __future__ imports must occur at the beginning of the file"
                self.misplaced = self.misplaced or (late, statement)
            case ast.ImportFrom(module=source, names=names, level=level):
                self.import_from(absolute_name(self.module, self.is_package, level, source), names, bindings)
            case ast.Assign(targets=targets, value=value):
                for target in targets:
                    self.assign(target, value, bindings)
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                bindings[name] = Value(value)
            case ast.AugAssign(target=ast.Name(id=name)):
                bindings[name] = Value()
            case ast.Delete(targets=targets):
                for target in targets:
                    if isinstance(target, ast.Name):
                        bindings.pop(target.id, None)
                        self.deleted.add(target.id)
            case ast.If(test=test, body=body, orelse=orelse):
                if _is_type_checking(test) or _is_main_guard(test):
                    bindings.update(self.body(orelse, depth + 1))
                else:
                    self.branches([self.body(body, depth + 1), self.body(orelse, depth + 1)], bindings, Either)
            case ast.Try(body=body, handlers=handlers, orelse=orelse, finalbody=finalbody):
                tried = self.body(body + orelse, depth + 1)
                caught = [self.body(handler.body, depth + 1) for handler in handlers]
                self.branches([tried, *caught], bindings, Fallback)
                bindings.update(self.body(finalbody, depth + 1))
            case (
                ast.For(target=target, body=body, orelse=orelse) | ast.AsyncFor(target=target, body=body, orelse=orelse)
            ):
                self.assign(target, None, bindings)
                bindings.update(self.body(body + orelse, depth + 1))
            case ast.While(body=body, orelse=orelse):
                bindings.update(self.body(body + orelse, depth + 1))
            case ast.With(items=items, body=body) | ast.AsyncWith(items=items, body=body):
                for item in items:
                    if item.optional_vars is not None:
                        self.assign(item.optional_vars, None, bindings)
                bindings.update(self.body(body, depth + 1))
            case ast.Match(cases=cases):
                self.branches([self.body(case.body, depth + 1) for case in cases], bindings, Either)
            case ast.Expr(value=ast.Call() as call):
                self.open |= _writes_names(call)
                if _last_part(call.func) == "register":
                    self.registered.update(filter(None, map(dotted_text, call.args)))
            case _:
                pass

    def import_from(self, source: str | None, names: list[ast.alias], bindings: dict[str, Binding]) -> None:
        for alias in names:
            if alias.name == "*":
                if source:
                    self.stars.append(source)
            elif source is None:
                bindings[alias.asname or alias.name] = Value()
            else:
                bindings[alias.asname or alias.name] = ImportedName(source, alias.name)

    def assign(self, target: ast.expr, value: ast.expr | None, bindings: dict[str, Binding]) -> None:
        match target:
            case ast.Name(id=name):
                bindings[name] = Value(value)
            case ast.Tuple(elts=elements) | ast.List(elts=elements):
                for element in elements:
                    self.assign(element, None, bindings)
            case ast.Starred(value=inner):
                self.assign(inner, None, bindings)
            case ast.Subscript(value=ast.Call(func=ast.Name(id="globals" | "vars"))):
                self.open = True
            case ast.Subscript(value=value_of) if dotted_text(value_of) == "sys.modules":
                self.open = True
            case _:
                pass

    def branches(
        self, branches: list[dict[str, Binding]], bindings: dict[str, Binding], combine: type[Fallback] | type[Either]
    ) -> None:
        names = dict.fromkeys(name for branch in branches for name in branch)
        for name in names:
            found = [branch[name] for branch in branches if name in branch]
            if len(found) < len(branches) and name in bindings:
                found.append(bindings[name])
            bindings[name] = found[0] if len(found) == 1 else combine(tuple(found))


def _last_part(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else ""


def _may_begin(statement: ast.stmt) -> bool:
    """Whether a statement may stand before ``from __future__ import``: a docstring, or another such import."""
    match statement:
        case ast.Expr(value=ast.Constant(value=str())) | ast.ImportFrom(module="__future__", level=0):
            return True
        case _:
            return False


def _is_main_guard(test: ast.expr) -> bool:
    """Whether a condition holds for a script only, and never for a module that is imported."""
    match test:
        case ast.Compare(left=ast.Name(id="__name__"), ops=[ast.Eq()], comparators=[ast.Constant(value="__main__")]):
            return True
        case ast.Compare(left=ast.Constant(value="__main__"), ops=[ast.Eq()], comparators=[ast.Name(id="__name__")]):
            return True
        case _:
            return False


def _is_type_checking(test: ast.expr) -> bool:
    return dotted_text(test) in {"TYPE_CHECKING", "typing.TYPE_CHECKING", "t.TYPE_CHECKING"}


def _writes_names(call: ast.Call) -> bool:
    """Whether a statement at module level such as ``exec(...)`` or ``globals().update(...)`` may bind names."""
    match call.func:
        case ast.Name(id="exec" | "setattr"):
            return True
        case ast.Attribute(value=ast.Call(func=ast.Name(id="globals" | "vars" | "locals"))):
            return True
        case ast.Attribute(value=value) if dotted_text(value) == "sys.modules":
            return True
        case _:
            return False
