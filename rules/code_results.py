"""Family 4: what loaded code takes from NVFlare's classes of constants, and what its executors give back."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from fllint.catalogue.custom_code import NOT_SHAREABLE
from fllint.documents.tree import Place
from fllint.findings import Problem, Related, Severity
from fllint.job.model import Component
from fllint.problems import at
from fllint.python.names import meant_path
from fllint.registry import rule
from fllint.scripts.runs import class_info
from fllint.scripts.script_text import CodeText, SyntaxTrouble, parse_code
from fllint.suggest import closest

from .module_imports import attribute_place, loaded_code, nvflare_class

if TYPE_CHECKING:
    from fllint.review import Review

NEAR: Final = 0.55
"""`UNKNOWN_TASK` is near `TASK_UNKNOWN`; what resembles no constant at all may be one that is made in another way."""


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
        for node in code.nodes.each(ast.Attribute):
            if not node.attr.isupper() or not isinstance(node.ctx, ast.Load):
                continue
            info = nvflare_class(review, loaded, meant_path(code.imported, node.value))
            if info is None:
                continue
            known = [name for name, _ in info.constants]
            near = closest(node.attr, known, NEAR) if node.attr not in known else None
            if near and info.method(node.attr) is None:
                message = f"{info.name} of NVFlare {review.release} has no '{node.attr}'"
                yield at(attribute_place(loaded, code, node), message, help=f"did you mean '{near}'?")


class OwnExecute(Struct, frozen=True):
    """The ``execute`` method of an executor of the job's own: the component, where it is, and its code."""

    component: Component
    place: Place
    code: CodeText
    function: ast.FunctionDef


def _own_executes(review: Review) -> Iterator[OwnExecute]:
    """The ``execute`` methods that are the job's own, each once."""
    seen: set[str] = set()
    for app, config, _ in review.configs():
        for component in (entry.component for entry in config.executors):
            info = class_info(review, app, component) if component else None
            method = info.method("execute") if info else None
            if component is None or method is None or method.owner.startswith("nvflare.") or method.owner in seen:
                continue
            place = review.custom_place(app, method.location) if method.location else None
            code = parse_code(place.source.text) if place else None
            if place is None or code is None or isinstance(code, SyntaxTrouble):
                continue
            function = _function_at(code, place, method.name)
            if function is not None:
                seen.add(method.owner)
                yield OwnExecute(component, place, code, function)


@rule("FL441", "executor-only-raises", Severity.ERROR)
def executor_only_raises(review: Review) -> Iterator[Problem]:
    """An executor of the job does nothing but raise.

    Every task that reaches it fails with ``EXECUTION_EXCEPTION`` or ``EXECUTION_RESULT_ERROR``
    (private/fed/client/client_runner.py, every release). Some workflows carry on all the same and report success with
    nothing done.

    Write ``execute``, or name another executor.
    """
    for own in _own_executes(review):
        body = [statement for statement in own.function.body if not _is_text(statement)]
        if len(body) == 1 and isinstance(body[0], ast.Raise):
            message = f"execute() of {own.component.short_class} only raises: every task fails"
            where = own.component.class_node or own.component.node
            yield at(where, message, related=(Related(own.place, "execute()"),))


def _is_text(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


@rule("FL442", "result-is-no-shareable", Severity.ERROR)
def result_is_no_shareable(review: Review) -> Iterator[Problem]:
    """The ``execute`` method of an executor never returns anything, or returns something other than a Shareable.

    The client answers such a task with ``EXECUTION_RESULT_ERROR`` (private/fed/client/client_runner.py, every release):
    a DXO or an FLModel must be made a Shareable first. Some workflows carry on all the same and report success with
    nothing learned.

    Return ``dxo.to_shareable()``, or ``make_reply(ReturnCode...)``.
    """
    for own in _own_executes(review):
        if not own.function.decorator_list:
            yield from _wrong_results(own)


def _wrong_results(own: OwnExecute) -> Iterator[Problem]:
    statements = list(_own_nodes(own.function))
    values = [node.value for node in statements if isinstance(node, ast.Return)]
    if any(isinstance(node, (ast.Yield, ast.YieldFrom)) for node in statements):
        return
    if all(value is None for value in values) and not any(isinstance(node, ast.Raise) for node in statements):
        message = f"{own.component.short_class}.execute() never returns a result: every task fails"
        yield at(own.place, message, help="return a Shareable")
    for value in values:
        what, help = _what(own.code, value)
        if value is not None and what:
            span = own.code.place(value).span(own.place.source)
            message = f"execute() returns {what} and no Shareable: the task fails with EXECUTION_RESULT_ERROR"
            yield at(Place(own.place.source, span), message, help=help)


def _function_at(code: CodeText, place: Place, name: str) -> ast.FunctionDef | None:
    line, _ = place.source.position(place.span.start)
    for node in code.nodes.each(ast.FunctionDef):
        if node.name == name and node.lineno <= line <= node.body[0].lineno:
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
