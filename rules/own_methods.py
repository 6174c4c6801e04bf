"""The methods of a job's own classes that NVFlare calls, and what they surely give back."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from fllint.catalogue.method_results import MADE_BY, NOTHING, SHAREABLE
from fllint.documents.tree import Place
from fllint.job.model import App, Component
from fllint.python.classes import ClassInfo
from fllint.python.names import meant_path
from fllint.scripts.script_text import CodeText, SyntaxTrouble, parse_code

if TYPE_CHECKING:
    from fllint.review import Review

_TO_SHAREABLE: Final = "to_shareable"
"""The method of a DXO and of FLModelUtils that makes a Shareable (apis/dxo.py, app_common/utils/fl_model_utils.py)."""
_DISPLAYS: Final = {
    ast.Dict: "dict",
    ast.DictComp: "dict",
    ast.List: "list",
    ast.ListComp: "list",
    ast.Tuple: "tuple",
    ast.JoinedStr: "text",
}


class OwnMethod(Struct, frozen=True):
    """A method that the job's own code defines, for an instance of ``info``: the component, where it is, its code."""

    component: Component
    info: ClassInfo
    place: Place
    code: CodeText
    function: ast.FunctionDef

    def at(self, node: ast.expr) -> Place:
        """Where a node of its code stands."""
        return Place(self.place.source, self.code.place(node).span(self.place.source))


def own_method(review: Review, app: App, component: Component, info: ClassInfo, name: str) -> OwnMethod | None:
    """The method that a component has under a name, where it is written in the job and changed by no decorator."""
    method = info.method(name)
    if method is None or method.owner.startswith("nvflare.") or method.location is None or method.is_async:
        return None
    place = review.custom_place(app, method.location)
    code = parse_code(place.source.text) if place else None
    if place is None or code is None or isinstance(code, SyntaxTrouble):
        return None
    line, _ = place.source.position(place.span.start)
    for node in code.nodes.each(ast.FunctionDef):
        if node.name == name and node.lineno <= line <= node.body[0].lineno:
            return None if node.decorator_list else OwnMethod(component, info, place, code, node)
    return None


def own_nodes(function: ast.FunctionDef) -> Iterator[ast.AST]:
    """The nodes of a function without those of the functions and classes within it."""
    waiting: list[ast.AST] = list(function.body)
    while waiting:
        node = waiting.pop()
        yield node
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)):
            waiting += ast.iter_child_nodes(node)


def is_trivial(function: ast.FunctionDef) -> bool:
    """Whether it says nothing: ``pass``, ``...`` or a text."""
    return all(
        isinstance(statement, ast.Pass)
        or (isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant))
        for statement in function.body
    )


def returned_values(function: ast.FunctionDef) -> list[ast.expr] | None:
    """The expressions that it returns; none where it surely gives None, and None where it cannot be said: a generator,
    or a function without a result that raises an exception."""
    nodes = list(own_nodes(function))
    if any(isinstance(node, (ast.Yield, ast.YieldFrom)) for node in nodes):
        return None
    values = [node.value for node in nodes if isinstance(node, ast.Return) and node.value is not None]
    return None if not values and any(isinstance(node, ast.Raise) for node in nodes) else values


def kind_of(review: Review, app: App, own: OwnMethod, value: ast.expr) -> str | None:
    """The kind of object that a returned expression surely is; None when that is not known.

    ``nothing`` is what another method of the same class gives that has no result.
    """
    if type(value) in _DISPLAYS:
        return _DISPLAYS[type(value)]
    if isinstance(value, ast.Constant) and isinstance(value.value, (bool, int, float, str)):
        return "text" if isinstance(value.value, str) else "number"
    if isinstance(value, ast.Name):
        assigned = _assigned_once(own.function).get(value.id)
        return kind_of(review, app, own, assigned) if assigned is not None else None
    if not isinstance(value, ast.Call):
        return None
    if isinstance(value.func, ast.Attribute):
        if value.func.attr == _TO_SHAREABLE:
            return SHAREABLE
        if isinstance(value.func.value, ast.Name) and value.func.value.id == "self":
            other = own_method(review, app, own.component, own.info, value.func.attr)
            return NOTHING if other and returned_values(other.function) == [] else None
    return MADE_BY.get(meant_path(own.code.imported, value.func))


@lru_cache(maxsize=16)
def _assigned_once(function: ast.FunctionDef) -> dict[str, ast.expr]:
    """What the local names stand for that are given their value in one place, by a plain assignment of something
    else."""
    nodes = list(own_nodes(function))
    arguments = {
        argument.arg for argument in (*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs)
    }
    stores = Counter(node.id for node in nodes if isinstance(node, ast.Name) and not _is_read(node))
    found: dict[str, ast.expr] = {}
    for node in nodes:
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=value) if not isinstance(value, ast.Name):
                if stores[name] == 1 and name not in arguments:
                    found[name] = value
    return found


def _is_read(node: ast.Name) -> bool:
    return isinstance(node.ctx, ast.Load)
