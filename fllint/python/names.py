"""The names of a module: those that it imports, and those that it uses and nothing defines."""

from __future__ import annotations

import ast
import builtins
from collections import Counter
from collections.abc import Iterator

from fllint.python.modules import dotted_text


def undefined_names(tree: ast.Module) -> dict[str, ast.Name]:
    """The names that are read and never bound in whatever scope, and where each is read first; none when names may come
    from elsewhere."""
    bound = set(bound_names(tree))
    if "*" in bound or any(_makes_names(node) for node in ast.walk(tree)):
        return {}
    found: dict[str, ast.Name] = {}
    for node in _used(tree):
        if node.id not in bound and not hasattr(builtins, node.id) and node.id not in _MODULE_NAMES:
            found.setdefault(node.id, node)
    return found


_MODULE_NAMES = frozenset({"__file__", "__name__", "__doc__", "__spec__", "__builtins__", "__package__", "__loader__"})


def _makes_names(node: ast.AST) -> bool:
    """Whether names may come from elsewhere: ``globals()``, ``exec``."""
    return isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("globals", "exec", "eval", "locals")


def bound_names(tree: ast.Module) -> Iterator[str]:
    """Every name that the text binds, in whatever scope."""
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name, ctx=ast.Store() | ast.Del()):
                yield name
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                yield name
            case ast.arg(arg=name):
                yield name
            case ast.alias(name=name, asname=alias):
                yield alias or (name if name == "*" else name.partition(".")[0])
            case ast.ExceptHandler(name=str(name)):
                yield name
            case ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)) | ast.MatchMapping(rest=str(name)):
                yield name


def _used(tree: ast.Module) -> Iterator[ast.Name]:
    """The names that are read when the script runs, in the order of the text; not those of annotations."""
    stack: list[ast.AST] = [tree]
    found: list[ast.Name] = []
    while stack:
        node = stack.pop()
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            found.append(node)
        for field, child in ast.iter_fields(node):
            if field not in ("annotation", "returns"):
                children = child if isinstance(child, list) else [child]
                stack.extend(each for each in children if isinstance(each, ast.AST))
    yield from sorted(found, key=lambda node: (node.lineno, node.col_offset))


def imported_names(tree: ast.Module) -> dict[str, str]:
    """What a name stands for, by its dotted path, when an absolute import binds it and nothing else does."""
    imported: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                imported[alias.asname or alias.name.partition(".")[0]] = (
                    alias.name if alias.asname else alias.name.partition(".")[0]
                )
        elif isinstance(node, ast.ImportFrom) and not node.level:
            imported |= {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
    times = Counter(bound_names(tree))
    return {name: path for name, path in imported.items() if times[name] == 1}


def meant_path(names: dict[str, str], expression: ast.expr) -> str:
    """The dotted path that an expression means, by what imports bind (`imported_names`); empty when it means something
    else."""
    first, _, rest = (dotted_text(expression) or "").partition(".")
    return ".".join(filter(None, [names[first], rest])) if first in names else ""
