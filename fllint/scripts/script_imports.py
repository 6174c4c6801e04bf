"""What a Python file imports, and under which circumstances.

>>> [found.module for found in imports_of("import torch.nn as nn\\nfrom .net import Net")]
['torch.nn', 'net']
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from fllint.scripts.script_text import CodePlace, CodeText, SyntaxTrouble, parse_code

_IMPORTING: Final = ("import_module", "__import__")
_CAUGHT: Final = frozenset({"ImportError", "ModuleNotFoundError", "Exception", "BaseException"})


class Import(Struct, frozen=True):
    """A module that is imported.

    ``module`` is its dotted name, without the leading dots, which ``level`` counts; ``names`` are what ``from`` takes
    from it (they may be modules too). ``place`` is the module's name.
    ``optional``: a failure is caught, or it is the fallback. ``typing_only``: under ``if TYPE_CHECKING``.
    ``in_function``: only when the function runs. ``conditional``: under some other ``if``, in a loop, a ``with`` or a
    ``match``. ``dynamic``: ``importlib.import_module("...")``.

    A file that runs as a script cannot import relatively (``level`` above 0): Python raises ImportError.
    """

    module: str
    names: tuple[str, ...]
    level: int
    place: CodePlace
    optional: bool = False
    typing_only: bool = False
    in_function: bool = False
    conditional: bool = False
    dynamic: bool = False

    @property
    def certain(self) -> bool:
        """It is made whenever the file is run or imported, and its failure is not caught."""
        return not (self.optional or self.typing_only or self.in_function or self.conditional)

    @property
    def top(self) -> str:
        """The first part of the module's name."""
        return self.module.partition(".")[0]


class _Surroundings(Struct, frozen=True):
    optional: bool = False
    typing_only: bool = False
    in_function: bool = False
    conditional: bool = False


@lru_cache(maxsize=64)
def imports_of(text: str) -> tuple[Import, ...]:
    """The imports of a file, in the order of its text. Never raises; there are none when Python refuses the text."""
    code = parse_code(text)
    if isinstance(code, SyntaxTrouble):
        return ()
    may_call = any(name in text for name in _IMPORTING)
    found = [
        replace(
            each,
            optional=around.optional,
            typing_only=around.typing_only,
            in_function=around.in_function,
            conditional=around.conditional,
        )
        for statement, around in _statements(code.tree)
        if may_call or isinstance(statement, (ast.Import, ast.ImportFrom))
        for each in _imports(statement, code)
    ]
    return tuple(sorted(found, key=lambda each: (each.place.line, each.place.column)))


def _statements(tree: ast.Module) -> Iterator[tuple[ast.stmt, _Surroundings]]:
    """All statements, with what surrounds them."""
    stack = [(statement, _Surroundings()) for statement in tree.body]
    while stack:
        statement, around = stack.pop()
        yield statement, around
        if isinstance(statement, ast.If):
            inside = around
            if _names(statement.test) & {"TYPE_CHECKING"}:
                inside = replace(around, typing_only=True)
            elif not _is_main_guard(statement.test):
                inside = replace(around, conditional=True)
            stack += [(child, inside) for child in statement.body]
            stack += [(child, replace(around, conditional=True)) for child in statement.orelse]
        elif isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef)):
            stack += [(child, replace(around, in_function=True)) for child in statement.body]
        elif isinstance(statement, ast.Try) or type(statement).__name__ == "TryStar":
            stack += _try_statements(statement, around)
        elif not isinstance(statement, ast.ClassDef):
            stack += [(child, replace(around, conditional=True)) for child in _children(statement)]
        else:
            stack += [(child, around) for child in statement.body]


def _try_statements(statement: ast.stmt, around: _Surroundings) -> list[tuple[ast.stmt, _Surroundings]]:
    handlers: list[ast.ExceptHandler] = getattr(statement, "handlers", [])
    caught = replace(around, optional=True) if any(_catches_import_error(handler) for handler in handlers) else around
    fallback = replace(around, optional=True)
    after = [*getattr(statement, "orelse", []), *getattr(statement, "finalbody", [])]
    return [
        *((child, caught) for child in getattr(statement, "body", [])),
        *((child, fallback) for handler in handlers for child in handler.body),
        *((child, around) for child in after),
    ]


def _children(statement: ast.stmt) -> list[ast.stmt]:
    children = [*getattr(statement, "body", []), *getattr(statement, "orelse", [])]
    for case in getattr(statement, "cases", []):
        children += case.body
    return children


def _catches_import_error(handler: ast.ExceptHandler) -> bool:
    return handler.type is None or bool(_names(handler.type) & _CAUGHT)


def _names(node: ast.expr) -> set[str]:
    """The last parts of the names in an expression."""
    found = [getattr(child, "attr", getattr(child, "id", None)) for child in ast.walk(node)]
    return {name for name in found if isinstance(name, str)}


def _is_main_guard(test: ast.expr) -> bool:
    return isinstance(test, ast.Compare) and "__name__" in _names(test)


def _imports(statement: ast.stmt, code: CodeText) -> Iterator[Import]:
    if isinstance(statement, ast.Import):
        for alias in statement.names:
            place = code.place(alias)
            place = replace(place, end_line=place.line, end_column=place.column + len(alias.name))
            yield Import(alias.name, (), 0, place)
    elif isinstance(statement, ast.ImportFrom):
        names = tuple(alias.name for alias in statement.names)
        yield Import(statement.module or "", names, statement.level, _module_place(statement, code))
    else:
        for node in _expressions(statement):
            if isinstance(node, ast.Call) and (module := _imported_by_call(node)):
                yield Import(module, (), 0, code.place(node.args[0]), dynamic=True)


def _module_place(statement: ast.ImportFrom, code: CodeText) -> CodePlace:
    """Where the module's name stands in ``from module import ...``."""
    place = code.place(statement)
    line = code.line(place.line)
    match = re.compile(r"from\s*(\.*[\w.]*)").match(line, place.column - 1)
    if match is None:
        return code.statement_place(statement)
    return replace(place, end_line=place.line, column=match.start(1) + 1, end_column=match.end(1) + 1)


def _expressions(statement: ast.stmt) -> Iterator[ast.AST]:
    """The expressions of a statement itself, without those of statements inside it."""
    stack: list[ast.AST] = [statement]
    while stack:
        node = stack.pop()
        yield node
        stack += [child for child in ast.iter_child_nodes(node) if not isinstance(child, (ast.stmt, ast.ExceptHandler))]


def _imported_by_call(node: ast.Call) -> str:
    """The module of ``importlib.import_module("...")`` and ``__import__("...")``; empty when it is something else."""
    name = getattr(node.func, "attr", getattr(node.func, "id", ""))
    if name not in _IMPORTING or len(node.args) != 1:
        return ""
    argument = node.args[0]
    text = argument.value if isinstance(argument, ast.Constant) else None
    return text if isinstance(text, str) and re.fullmatch(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*", text) else ""
