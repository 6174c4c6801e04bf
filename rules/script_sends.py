"""Family 4: what scripts write into the calls of FLModel and ``send``, where it is plain to see."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from fllint.python.names import meant_path
from fllint.scripts.script_text import CodeText, SyntaxTrouble, parse_code

if TYPE_CHECKING:
    from fllint.scripts.client_api_facts import ClientApiUse
    from fllint.scripts.runs import ScriptRun
    from fllint.scripts.script_text import CodePlace


def refused_calls(run: ScriptRun, use: ClientApiUse) -> Iterator[tuple[CodePlace, str, str]]:
    """Where, what and what to do about each argument of FLModel that is plainly none, each ``send`` of what is plainly
    no FLModel, and each rank that is plainly no text, in the script itself."""
    code = parse_code(run.source.text) if run.source else None
    if code is None or isinstance(code, SyntaxTrouble):
        return
    models = {model.place for model in use.models}
    is_compared = not run.argument.in_process and not run.review.has("client_api_rank_number")
    starts = {call.place for call in use.called("init")} if is_compared else set()
    sends = {call.place for call in use.called("send") if call.reached}
    for assignment in code.nodes.each(ast.Assign):
        target = assignment.targets[0]
        if isinstance(target, ast.Attribute) and target.attr == "params" and isinstance(target.value, ast.Name):
            made = written(code, assignment.value, target.value)
            if isinstance(made, ast.Call) and code.place(made) in models:
                yield from _wrong_params(code, assignment.value, written(code, assignment.value, assignment.value))
    for node in code.nodes.each(ast.Call):
        place = code.place(node)
        if place in models:
            yield from _wrong_keywords(code, node)
            yield from _wrong_position(code, node)
        elif place in starts or code.place(node.func) in starts:
            yield from _wrong_rank(code, node)
        elif (place in sends or code.place(node.func) in sends) and node.args and _is_no_model(node.args[0]):
            sent = ast.unparse(node.args[0])
            message = f"send() gets {sent if len(sent) <= 30 else 'something'}, which is no FLModel: TypeError"
            yield code.place(node.args[0]), message, "send(flare.FLModel(params=...))"


def _wrong_keywords(code: CodeText, call: ast.Call) -> Iterator[tuple[CodePlace, str, str]]:
    for keyword in call.keywords:
        value = written(code, call, keyword.value)
        if keyword.arg == "params":
            yield from _wrong_params(code, keyword.value, value)
        elif keyword.arg in ("metrics", "meta") and _is_literal(value):
            message = f"'{keyword.arg}' of FLModel must be an object: FLModel raises TypeError"
            yield code.place(keyword.value), message, f'write {keyword.arg}={{"name": value}}'


def _wrong_params(code: CodeText, given: ast.expr, value: ast.expr) -> Iterator[tuple[CodePlace, str, str]]:
    if isinstance(given, ast.Name) and _is_network(code, given.id):
        message = f"'{given.id}' is a network, and 'params' must be its parameters by name: sending it fails"
        yield code.place(given), message, f"write params={given.id}.state_dict()"
        return
    called = value.func.id if isinstance(value, ast.Call) and isinstance(value.func, ast.Name) else ""
    functions = [function for function in code.nodes.each(ast.FunctionDef) if function.name == called]
    results = [value]
    if len(functions) == 1 and not functions[0].decorator_list:
        returns = [node for node in ast.walk(functions[0]) if isinstance(node, ast.Return)]
        results = [written(code, node.value, node.value) for node in returns if node.value is not None] or [value]
    if all(_is_no_dict(code, each) for each in results):
        message = "'params' of FLModel must be an object: sending it raises ValueError"
        help = "send net.state_dict()" if _is_of_torch(value) else 'write params={"name": value}'
        yield code.place(given), message, help


_NO_OBJECTS: Final = (
    ast.List,
    ast.Tuple,
    ast.Set,
    ast.ListComp,
    ast.SetComp,
    ast.GeneratorExp,
    ast.JoinedStr,
    ast.Lambda,
    ast.Constant,
)
"""Expressions whose value is never a dict."""
_OF_TORCH: Final = frozenset({"parameters", "named_parameters", "buffers", "cpu", "cuda", "detach", "eval"})
"""Methods of modules and tensors, and of nothing that is a dict; none of them returns one."""
_NO_DICTS: Final = _OF_TORCH | {"items", "keys", "values", "numpy", "tolist"}
_LISTS: Final = frozenset({"list", "tuple", "set", "sorted", "zip", "map", "filter"})


def _is_literal(value: ast.expr) -> bool:
    return isinstance(value, _NO_OBJECTS) and not (isinstance(value, ast.Constant) and value.value is None)


def _is_no_dict(code: CodeText, value: ast.expr) -> bool:
    if isinstance(value, ast.Call):
        function = value.func
        if isinstance(function, ast.Name):
            return function.id in _LISTS
        of_numpy = re.fullmatch(r"numpy\.(?!load)\w+", meant_path(code.imported, function))
        return bool(of_numpy) or (isinstance(function, ast.Attribute) and function.attr in _NO_DICTS)
    return _is_literal(value)


def _is_of_torch(value: ast.expr) -> bool:
    return isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute) and value.func.attr in _OF_TORCH


def written(code: CodeText, near: ast.expr, value: ast.expr) -> ast.expr:
    """What a name stands for, where the function around ``near`` binds it once and plainly; else the name."""
    if not isinstance(value, ast.Name):
        return value
    around = [
        function
        for function in code.nodes.each(ast.FunctionDef)
        if function.lineno <= near.lineno <= (function.end_lineno or 0)
    ]
    body: ast.AST = max(around, key=lambda function: function.lineno, default=code.tree)
    bindings = [
        node
        for node in ast.walk(body)
        if (isinstance(node, ast.Name) and node.id == value.id and not isinstance(node.ctx, ast.Load))
        or (isinstance(node, ast.arg) and node.arg == value.id)
    ]
    plain = [
        node.value
        for node in ast.walk(body)
        if isinstance(node, ast.Assign) and node.targets[0] in bindings and len(node.targets) == 1
    ]
    return plain[0] if len(bindings) == 1 and plain else value


def _wrong_position(code: CodeText, call: ast.Call) -> Iterator[tuple[CodePlace, str, str]]:
    """Parameters that are given first, where ``params_type`` stands."""
    first = call.args[0] if call.args else None
    if isinstance(first, ast.Name):
        stored = [node for node in code.nodes.each(ast.Name) if node.id == first.id and isinstance(node.ctx, ast.Store)]
        assigned = [node.value for node in code.nodes.each(ast.Assign) if stored and node.targets[0] is stored[0]]
        first = assigned[0] if len(stored) == 1 and assigned else None
    is_weights = (
        isinstance(first, ast.Call) and isinstance(first.func, ast.Attribute) and first.func.attr == "state_dict"
    )
    if isinstance(first, (ast.Dict, ast.DictComp)) or is_weights:
        yield code.place(call.args[0]), "the first argument of FLModel is 'params_type': ValueError", "write params="


def _wrong_rank(code: CodeText, call: ast.Call) -> Iterator[tuple[CodePlace, str, str]]:
    """A rank that is surely a number, for a release that compares it with ``"0"``."""
    value = next((word.value for word in call.keywords if word.arg == "rank"), call.args[0] if call.args else None)
    is_number = isinstance(value, ast.Constant) and type(value.value) is int
    if isinstance(value, ast.Call):
        is_number = ast.unparse(value.func).rpartition(".")[2] in ("get_rank", "int")
    if value is not None and is_number:
        message = "the rank is compared with the text '0': with a number this process is never the first"
        yield code.place(value), message, "write rank=str(...)"


def _is_network(code: CodeText, name: str) -> bool:
    """Whether a name is surely a PyTorch network: the script asks it for its parameters, or loads them into it."""
    asked = (
        node.func
        for node in code.nodes.each(ast.Call)
        if isinstance(node.func, ast.Attribute) and node.func.attr in ("load_state_dict", "state_dict")
    )
    if not any(isinstance(function.value, ast.Name) and function.value.id == name for function in asked):
        return False
    stored = [node for node in code.nodes.each(ast.Name) if node.id == name and isinstance(node.ctx, ast.Store)]
    arguments = any(argument.arg == name for argument in code.nodes.each(ast.arg))
    return len(stored) == 1 and not arguments


def _is_no_model(sent: ast.expr) -> bool:
    """Whether what is sent cannot be a model: a literal, a ``state_dict()``, or the params of another model."""
    if isinstance(sent, ast.Call):
        return isinstance(sent.func, ast.Attribute) and sent.func.attr == "state_dict" and not sent.args
    if isinstance(sent, ast.Attribute):
        return sent.attr in ("params", "metrics")
    return isinstance(sent, (ast.Dict, ast.List, ast.Tuple, ast.Constant))
