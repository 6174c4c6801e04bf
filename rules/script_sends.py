"""Family 4: what scripts write into the calls of FLModel and ``send``, where it is plain to see."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from fllint.scripts.script_text import CodeText, SyntaxTrouble, parse_code

if TYPE_CHECKING:
    from fllint.scripts.client_api_facts import ClientApiUse
    from fllint.scripts.runs import ScriptRun
    from fllint.scripts.script_text import CodePlace


def refused_calls(run: ScriptRun, use: ClientApiUse) -> Iterator[tuple[CodePlace, str, str]]:
    """Where, what and what to do about each ``metrics`` or ``meta`` that is plainly no object, and each ``send`` of
    what is plainly no FLModel, in the script itself."""
    code = parse_code(run.source.text) if run.source else None
    if code is None or isinstance(code, SyntaxTrouble):
        return
    models = {model.place for model in use.models}
    sends = {call.place for call in use.called("send") if call.reached}
    for node in code.nodes.each(ast.Call):
        place = code.place(node)
        if place in models:
            yield from _wrong_keywords(code, node)
        elif (place in sends or code.place(node.func) in sends) and node.args and _is_no_model(node.args[0]):
            sent = ast.unparse(node.args[0])
            message = f"send() gets {sent if len(sent) <= 30 else 'something'}, which is no FLModel: TypeError"
            yield code.place(node.args[0]), message, "send(flare.FLModel(params=...))"


def _wrong_keywords(code: CodeText, call: ast.Call) -> Iterator[tuple[CodePlace, str, str]]:
    for keyword in call.keywords:
        value = keyword.value
        is_plain = isinstance(value, (ast.List, ast.Tuple)) or (
            isinstance(value, ast.Constant) and value.value is not None
        )
        if keyword.arg in ("params", "metrics", "meta") and is_plain:
            refused = "sending it raises ValueError" if keyword.arg == "params" else "FLModel raises TypeError"
            message = f"'{keyword.arg}' of FLModel must be an object: {refused}"
            yield code.place(value), message, f'write {keyword.arg}={{"name": value}}'


def _is_no_model(sent: ast.expr) -> bool:
    """Whether what is sent cannot be a model: a literal, a ``state_dict()``, or the params of another model."""
    if isinstance(sent, ast.Call):
        return isinstance(sent.func, ast.Attribute) and sent.func.attr == "state_dict" and not sent.args
    if isinstance(sent, ast.Attribute):
        return sent.attr in ("params", "metrics")
    return isinstance(sent, (ast.Dict, ast.List, ast.Tuple, ast.Constant))
