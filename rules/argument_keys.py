"""Family 2: arguments, and keys within arguments, that a class of the job reads by name with a default."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from fllint.documents.tree import Mapping
from fllint.findings import Problem, Severity
from fllint.job.model import App
from fllint.problems import at
from fllint.python.classes import ClassInfo
from fllint.registry import rule
from fllint.scripts.script_text import SyntaxTrouble, parse_code
from fllint.suggest import closest

from .arguments import built, where_class

if TYPE_CHECKING:
    from fllint.review import Review

NEAR: Final = 0.8
READERS: Final = ("get", "pop", "setdefault")


@rule("FL258", "misspelt-key", Severity.WARNING)
def misspelt_key(review: Review) -> Iterator[Problem]:
    """A key is nearly one that the class of the job reads, and nothing reads it as it is written.

    ``kwargs.get("learning_rate", 0.1)`` takes the default when the config says ``learning_rte``, and Python has nothing
    to complain about. Only classes that read their ``**kwargs``, or an object they are given, key by key are looked at.

    Write the key as the class reads it.
    """
    for app, _, component, info in built(review):
        constructor, body = _constructor(review, app, info)
        if constructor is None or component.arguments is None:
            continue
        objects = [
            (entry.key, entry.node.entries) for entry in component.arguments.entries if isinstance(entry.node, Mapping)
        ]
        if constructor.args.kwarg is not None:
            named = [parameter.name for parameter in info.parameters]
            others = tuple(entry for entry in component.arguments.entries if entry.key not in named)
            objects.append((constructor.args.kwarg.arg, others))
        for name, entries in objects:
            read = _keys_read(constructor, body, name)
            for entry in entries if read else ():
                free = [key for key in read if key not in [other.key for other in entries]]
                near = closest(entry.key, free, NEAR) if entry.key not in read else None
                if near:
                    message = f"{info.name} reads no '{entry.key}'"
                    yield at(
                        entry.key_place, message, help=f"did you mean '{near}'?", related=where_class(review, app, info)
                    )


def _constructor(review: Review, app: App, info: ClassInfo) -> tuple[ast.FunctionDef | None, list[ast.stmt]]:
    """The constructor of a class of the job that has one of its own, and the body of the class; nothing for a class
    with bases of the job's own, which may read keys too."""
    is_whole = info.complete and all(ancestor.startswith(("nvflare.", "abc.")) for ancestor in info.ancestors)
    location = info.location if is_whole and info.constructor_owner == info.path else None
    place = review.custom_place(app, location) if location else None
    code = parse_code(place.source.text) if place else None
    if place is None or code is None or isinstance(code, SyntaxTrouble):
        return None, []
    for node in code.tree.body:
        if isinstance(node, ast.ClassDef) and node.name == info.name:
            own = [part for part in node.body if isinstance(part, ast.FunctionDef) and part.name == "__init__"]
            return (own[0] if len(own) == 1 and not own[0].decorator_list else None), node.body
    return None, []


def _keys_read(constructor: ast.FunctionDef, body: list[ast.stmt], name: str) -> tuple[str, ...]:
    """The keys of an argument that the class reads; none when it does something else with it, too."""
    inside = list(ast.walk(constructor))
    kept = {
        _said(node.targets[0])
        for node in inside
        if isinstance(node, ast.Assign) and _is_name(node.value, name) and "." in _said(node.targets[0])
    }
    nodes = [node for statement in body for node in ast.walk(statement)] if kept else inside
    keys: list[str] = []
    explained = sum(isinstance(node, ast.Assign) and _is_name(node.value, name) for node in inside)
    for node in nodes:
        key = _key(node, {name, *kept})
        if key:
            keys.append(key)
            explained += 1
    uses = sum(_is_name(node, name) for node in inside)
    uses += sum(isinstance(node, ast.Attribute) and _said(node) in kept for node in nodes)
    return tuple(dict.fromkeys(keys)) if uses == explained + len(kept) else ()


def _is_name(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name


def _said(node: ast.expr) -> str:
    """A name, or an attribute of a name, as it is written; empty for all else."""
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        return f"{node.value.id}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def _key(node: ast.AST, names: set[str]) -> str:
    """The key that an expression reads from something of these names: ``x.get("a")``, ``x["a"]``, ``"a" in x``."""
    key: ast.expr | None = None
    match node:
        case ast.Call(func=ast.Attribute(value=owner, attr=method), args=[ast.expr() as first, *_]):
            key = first if method in READERS and _said(owner) in names else None
        case ast.Subscript(value=owner, slice=ast.expr() as index):
            key = index if _said(owner) in names else None
        case ast.Compare(left=left, ops=[ast.In() | ast.NotIn()], comparators=[owner]):
            key = left if _said(owner) in names else None
    return key.value if isinstance(key, ast.Constant) and isinstance(key.value, str) else ""
