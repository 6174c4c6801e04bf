"""Family 4: calls of NVFlare's methods in code of the job."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from fllint.documents.tree import Place, Span
from fllint.findings import Problem, Severity
from fllint.problems import at
from fllint.python.classes import Method
from fllint.python.scopes import is_static, methods_of
from fllint.registry import rule
from fllint.scripts.script_text import CodeText
from fllint.suggest import closest

from .module_imports import LoadedModule, attribute_place, code_place, loaded_code

if TYPE_CHECKING:
    from fllint.review import Review


@rule("FL446", "impossible-method-call", Severity.WARNING)
def impossible_method_call(review: Review) -> Iterator[Problem]:
    """Code calls a method of NVFlare with an argument that it does not take, or without one that it needs.

    ``self.send_model_and_wait(clients=...)`` of a ModelController raises ``TypeError`` when Python gets there, most
    often in the first round. Looked at are the methods that a class of the job inherits and calls, as far as they
    do something to the job, such as sending a task. Which arguments they take differs between releases.

    Write the arguments as the release has them.
    """
    for loaded, code in loaded_code(review):
        if "nvflare" not in code.text:
            continue
        for call, method, owner in _own_calls(review, loaded, code):
            for place, message, help in _misfits(loaded, code, call, method):
                yield at(place, f"{owner}.{method.name}() {message}", help=help)


def _own_calls(review: Review, loaded: LoadedModule, code: CodeText) -> Iterator[tuple[ast.Call, Method, str]]:
    """The calls of methods that a class of the file inherits from NVFlare."""
    for node in (part for part in code.tree.body if isinstance(part, ast.ClassDef) and loaded.name):
        calls = list(_calls_of_itself(node))
        info = review.resolve(loaded.app, f"{loaded.name}.{node.name}").class_info if calls else None
        for call, name in calls if info is not None and info.complete else ():
            method = info.method(name) if info is not None else None
            if method is not None and method.owner.startswith("nvflare."):
                yield call, method, node.name


def _calls_of_itself(node: ast.ClassDef) -> Iterator[tuple[ast.Call, str]]:
    """The calls of methods of the instance in the methods of a class, and the names of those."""
    for function in methods_of(node).values():
        arguments = [*function.args.posonlyargs, *function.args.args]
        if arguments and not is_static(function):
            for part in ast.walk(function):
                match part:
                    case ast.Call(func=ast.Attribute(value=ast.Name(id=owner), attr=name)):
                        if owner == arguments[0].arg:
                            yield part, name


def _misfits(loaded: LoadedModule, code: CodeText, call: ast.Call, method: Method) -> Iterator[tuple[Place, str, str]]:
    """Where, what and what to do about each argument of a call that does not fit a method."""
    if method.kind != "method" or method.varargs or method.keywords:
        return
    given = [keyword.arg for keyword in call.keywords if keyword.arg]
    names = [parameter.name for parameter in method.parameters]
    in_order = [parameter.name for parameter in method.parameters if not parameter.keyword_only]
    for keyword in call.keywords:
        if keyword.arg and keyword.arg not in names:
            near = closest(keyword.arg, [name for name in names if name not in given])
            span = code.place(keyword).span(loaded.source)
            place = Place(loaded.source, Span(span.start, span.start + len(keyword.arg)))
            help = f"did you mean '{near}'?" if near else f"it takes {', '.join(names) or 'none'}"
            yield place, f"takes no argument '{keyword.arg}'", help
    if any(isinstance(part, ast.Starred) for part in call.args) or len(given) < len(call.keywords):
        return
    if len(call.args) > len(in_order):
        takes = f"takes {len(in_order) or 'no'} argument{'s' if len(in_order) != 1 else ''}, and gets {len(call.args)}"
        yield code_place(loaded, code, call.args[len(in_order)]), takes, ""
    written = {*in_order[: len(call.args)], *given}
    lacking = [
        parameter.name for parameter in method.parameters if parameter.required and parameter.name not in written
    ]
    if lacking and written <= set(names) and isinstance(call.func, ast.Attribute):
        listed = ", ".join(f"'{name}'" for name in lacking)
        yield attribute_place(loaded, code, call.func), f"needs the argument {listed}", ""
