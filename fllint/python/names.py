"""The names of a module: those that it imports, and those that it uses and nothing defines."""

from __future__ import annotations

import ast
import builtins
from collections import Counter
from collections.abc import Iterator
from itertools import chain

from fllint.python.modules import dotted_text
from fllint.python.nodes import Nodes


def undefined_names(nodes: Nodes) -> dict[str, ast.Name]:
    """The names that are read and never bound in whatever scope, and where each is read first; none when names may come
    from elsewhere."""
    bound = set(bound_names(nodes))
    if "*" in bound or any(getattr(call.func, "id", "") in _MAKING_NAMES for call in nodes.each(ast.Call)):
        return {}
    found: dict[str, ast.Name] = {}
    for node in _used(nodes):
        if node.id not in bound and not hasattr(builtins, node.id) and node.id not in _MODULE_NAMES:
            found.setdefault(node.id, node)
    return found


_MODULE_NAMES = frozenset({"__file__", "__name__", "__doc__", "__spec__", "__builtins__", "__package__", "__loader__"})
_MAKING_NAMES = frozenset({"globals", "exec", "eval", "locals"})
"""Functions by which names may come from elsewhere."""


def bound_names(nodes: Nodes) -> Iterator[str]:
    """Every name that the text binds, in whatever scope."""
    yield from (node.id for node in nodes.each(ast.Name) if not isinstance(node.ctx, ast.Load))
    yield from (node.name for node in nodes.each(ast.FunctionDef))
    yield from (node.name for node in nodes.each(ast.AsyncFunctionDef))
    yield from (node.name for node in nodes.each(ast.ClassDef))
    yield from (node.arg for node in nodes.each(ast.arg))
    for alias in nodes.each(ast.alias):
        yield alias.asname or (alias.name if alias.name == "*" else alias.name.partition(".")[0])
    yield from (node.name for node in nodes.each(ast.ExceptHandler) if node.name)
    yield from (node.name for node in nodes.each(ast.MatchAs) if node.name)
    yield from (node.name for node in nodes.each(ast.MatchStar) if node.name)
    yield from (node.rest for node in nodes.each(ast.MatchMapping) if node.rest)


def _used(nodes: Nodes) -> list[ast.Name]:
    """The names that are read when the script runs, in the order of the text; not those of annotations."""
    annotations = chain(
        (node.annotation for node in nodes.each(ast.arg)),
        (node.annotation for node in nodes.each(ast.AnnAssign)),
        (node.returns for node in nodes.each(ast.FunctionDef)),
        (node.returns for node in nodes.each(ast.AsyncFunctionDef)),
    )
    annotating = {part for annotation in annotations if annotation is not None for part in ast.walk(annotation)}
    read = [node for node in nodes.each(ast.Name) if isinstance(node.ctx, ast.Load) and node not in annotating]
    return sorted(read, key=lambda node: (node.lineno, node.col_offset))


def imported_names(nodes: Nodes) -> dict[str, str]:
    """What a name stands for, by its dotted path, when an absolute import binds it and nothing else does."""
    imported: dict[str, str] = {}
    for alias in (alias for node in nodes.each(ast.Import) for alias in node.names):
        first = alias.name.partition(".")[0]
        imported[alias.asname or first] = alias.name if alias.asname else first
    for node in nodes.each(ast.ImportFrom):
        if not node.level:
            imported |= {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
    times = Counter(bound_names(nodes))
    return {name: path for name, path in imported.items() if times[name] == 1}


def meant_path(names: dict[str, str], expression: ast.expr) -> str:
    """The dotted path that an expression means, by what imports bind (`imported_names`); empty when it means something
    else."""
    first, _, rest = (dotted_text(expression) or "").partition(".")
    return ".".join(filter(None, [names[first], rest])) if first in names else ""
