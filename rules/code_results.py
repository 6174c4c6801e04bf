"""Family 4: what loaded code takes from NVFlare's classes of constants, and what its executors give back."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from fllint.documents.tree import Place, Span
from fllint.findings import Problem, Severity
from fllint.problems import at
from fllint.python.classes import Method
from fllint.registry import rule
from fllint.scripts.script_text import CodeText, SyntaxTrouble, parse_code
from fllint.suggest import closest

from .code_names import loaded_code, meant_path

if TYPE_CHECKING:
    from fllint.review import Review

NEAR: Final = 0.55
"""`UNKNOWN_TASK` is near `TASK_UNKNOWN`; what resembles no constant at all may be one that is made in another way."""
NOT_SHAREABLE: Final = {
    "nvflare.apis.dxo.DXO": "return dxo.to_shareable()",
    "nvflare.app_common.abstract.fl_model.FLModel": "return FLModelUtils.to_shareable(model)",
}
"""What executors hold before they make a Shareable of it, and how that is made."""


@rule("FL409", "unknown-constant", Severity.WARNING)
def unknown_constant(review: Review) -> Iterator[Problem]:
    """Code uses a constant that a class of NVFlare does not have in this release.

    ``ReturnCode.UNKNOWN_TASK`` or ``DataKind.WEIGHT`` raises AttributeError when Python gets there, most often when the
    first task arrives. Only what resembles a constant of the class is reported.

    Write the constant as the release has it.
    """
    for loaded, code in loaded_code(review):
        if "nvflare" not in code.text or "hasattr(" in code.text or "AttributeError" in code.text:
            continue
        for node in ast.walk(code.tree):
            if not isinstance(node, ast.Attribute) or not node.attr.isupper() or not isinstance(node.ctx, ast.Load):
                continue
            path = meant_path(code.imported, node.value)
            info = review.resolve(loaded.app, path).class_info if path.startswith("nvflare.") else None
            if info is None or not info.complete or not info.path.startswith("nvflare."):
                continue
            known = [name for name, _ in info.constants]
            near = closest(node.attr, known, NEAR) if node.attr not in known else None
            if near and info.method(node.attr) is None:
                span = code.place(node).span(loaded.source)
                place = Place(loaded.source, Span(span.end - len(node.attr), span.end))
                message = f"{info.name} of NVFlare {review.release} has no '{node.attr}'"
                yield at(place, message, help=f"did you mean '{near}'?")


@rule("FL442", "result-is-no-shareable", Severity.ERROR)
def result_is_no_shareable(review: Review) -> Iterator[Problem]:
    """The ``execute`` method of an executor never returns anything, or returns something other than a Shareable.

    The client answers such a task with ``EXECUTION_RESULT_ERROR`` (private/fed/client/client_runner.py, every release):
    a DXO or an FLModel must be made a Shareable first. Some workflows carry on all the same and report success with
    nothing learned.

    Return ``dxo.to_shareable()``, or ``make_reply(ReturnCode...)``.
    """
    reported: set[str] = set()
    for app, config, _ in review.configs():
        for entry in config.executors:
            component = entry.component
            resolution = review.class_of(app, component) if component and not component.disabled else None
            method = resolution.class_info.method("execute") if resolution and resolution.class_info else None
            if component is None or method is None or method.owner in reported or not method.location:
                continue
            place = None if method.owner.startswith("nvflare.") else review.custom_place(app, method.location)
            if place is not None:
                reported.add(method.owner)
                yield from _wrong_results(place, component.short_class, method)


def _wrong_results(place: Place, name: str, method: Method) -> Iterator[Problem]:
    code = parse_code(place.source.text)
    function = None if isinstance(code, SyntaxTrouble) else _function_at(code, place, method.name)
    if function is None or isinstance(code, SyntaxTrouble) or function.decorator_list:
        return
    statements = list(_own_nodes(function))
    values = [node.value for node in statements if isinstance(node, ast.Return)]
    if any(isinstance(node, (ast.Yield, ast.YieldFrom)) for node in statements):
        return
    if all(value is None for value in values) and not any(isinstance(node, ast.Raise) for node in statements):
        yield at(place, f"{name}.execute() never returns a result: every task fails", help="return a Shareable")
    for value in values:
        what, help = _what(code, value)
        if value is not None and what:
            span = code.place(value).span(place.source)
            message = f"execute() returns {what} and no Shareable: the task fails with EXECUTION_RESULT_ERROR"
            yield at(Place(place.source, span), message, help=help)


def _function_at(code: CodeText, place: Place, name: str) -> ast.FunctionDef | None:
    line, _ = place.source.position(place.span.start)
    for node in ast.walk(code.tree):
        if isinstance(node, ast.FunctionDef) and node.name == name and node.lineno <= line <= node.body[0].lineno:
            return node
    return None


def _own_nodes(function: ast.FunctionDef) -> Iterator[ast.AST]:
    """The nodes of a function without those of the functions and classes within it."""
    waiting: list[ast.AST] = list(function.body)
    while waiting:
        node = waiting.pop()
        yield node
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)):
            waiting += ast.iter_child_nodes(node)


def _what(code: CodeText, value: ast.expr | None) -> tuple[str, str]:
    """What a returned expression is when it is certainly no Shareable, and what to write instead."""
    if isinstance(value, (ast.Dict, ast.List, ast.Tuple)):
        return f"a {type(value).__name__.lower()}", "return DXO(...).to_shareable()"
    path = meant_path(code.imported, value.func) if isinstance(value, ast.Call) else ""
    return (f"a {path.rpartition('.')[2]}", NOT_SHAREABLE[path]) if path in NOT_SHAREABLE else ("", "")
