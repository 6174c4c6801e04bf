"""How the facts about a class are written in a catalogue file, and read back.

A record is a small JSON object without the keys that say nothing. Signatures are written as Python writes them
(``num_clients: int=3, *, task_name: str='train'``), so that a difference between two releases can be read.
"""

from __future__ import annotations

import ast
from functools import lru_cache
from typing import Any, TypeAlias, cast

from fllint.python.classes import (
    BaseCall,
    Check,
    ClassFacts,
    Constructor,
    Effect,
    EffectKind,
    Method,
    Outcome,
    Parameter,
)
from fllint.python.signatures import read_parameters

Record: TypeAlias = dict[str, Any]


def encode_class(facts: ClassFacts) -> Record:
    """The record of a class."""
    record: Record = {
        "bases": list(facts.bases),
        "init": _encode_constructor(facts.constructor, facts.path) if facts.constructor else None,
        "methods": {method.name: _encode_method(method) for method in facts.methods},
        "constants": {name: value for name, value in facts.constants if _is_scalar(value)},
        "literals": {name: repr(value) for name, value in facts.constants if not _is_scalar(value)},
        "assigned": list(facts.assigned),
        "deprecated": facts.deprecated,
        "abc": facts.is_abc,
        "open": facts.open_call,
    }
    kept = {key: value for key, value in record.items() if value}
    if facts.constructor is not None:
        kept["init"] = record["init"]
    return kept


def decode_class(path: str, record: Record) -> ClassFacts:
    """The facts that a record holds."""
    return ClassFacts(
        path=path,
        bases=tuple(record.get("bases", ())),
        constructor=_decode_constructor(path, record["init"]) if "init" in record else None,
        methods=tuple(_decode_method(path, name, method) for name, method in record.get("methods", {}).items()),
        constants=(
            *record.get("constants", {}).items(),
            *((name, ast.literal_eval(text)) for name, text in record.get("literals", {}).items()),
        ),
        deprecated=record.get("deprecated"),
        assigned=tuple(record.get("assigned", ())),
        is_abc=record.get("abc", False),
        open_call=record.get("open", False),
    )


def _is_scalar(value: object) -> bool:
    return value is None or isinstance(value, str | int | float)


def signature(parameters: tuple[Parameter, ...], *, varargs: bool = False, keywords: str | None = None) -> str:
    """Parameters as Python writes them, without parentheses."""
    parts: list[str] = []
    starred = False
    for position, parameter in enumerate(parameters):
        if parameter.keyword_only and not starred:
            parts.append("*args" if varargs else "*")
            starred = True
        annotation = f": {parameter.annotation}" if parameter.annotation else ""
        default = f"={parameter.default_text}" if parameter.default_text is not None else ""
        parts.append(f"{parameter.name}{annotation}{default}")
        following = parameters[position + 1] if position + 1 < len(parameters) else None
        if parameter.positional_only and not (following and following.positional_only):
            parts.append("/")
    if varargs and not starred:
        parts.append("*args")
    if keywords:
        parts.append(f"**{keywords}")
    return ", ".join(parts)


def read_signature(text: str, owner: str = "") -> tuple[Parameter, ...]:
    """The parameters of a written signature."""
    return read_parameters(_arguments(text), owner, skip_first=False)


@lru_cache(maxsize=2048)
def _arguments(text: str) -> ast.arguments:
    function = ast.parse(f"def f({text}): pass").body[0]
    assert isinstance(function, ast.FunctionDef)
    return function.args


def _encode_constructor(constructor: Constructor, path: str) -> Record:
    identical = " ".join(name if name == text else f"{name}={text}" for name, text in _plain(constructor.attributes))
    record: Record = {
        "signature": signature(constructor.parameters, varargs=constructor.varargs, keywords=constructor.keywords),
        "taken": signature(constructor.taken),
        "swallows": constructor.swallows,
        "calls": [call_text(call) for call in constructor.base_calls],
        "keeps": identical,
        "attributes": dict(sorted(set(constructor.attributes) - set(_plain(constructor.attributes)))),
        "checks": [_encode_check(check) for check in constructor.checks],
        "effects": [_encode_effect(effect, f"{path}.__init__") for effect in constructor.effects],
        "dataclass": constructor.is_dataclass,
    }
    return {key: value for key, value in record.items() if value}


def _plain(attributes: tuple[tuple[str, str | None], ...]) -> list[tuple[str, str]]:
    """Attributes that are just a parameter."""
    return [(name, text) for name, text in attributes if text is not None and text.isidentifier() and text != "None"]


def _decode_constructor(path: str, record: Record) -> Constructor:
    arguments = _arguments(record.get("signature", ""))
    kept = [entry.partition("=") for entry in record.get("keeps", "").split()]
    return Constructor(
        parameters=read_parameters(arguments, path, skip_first=False),
        keywords=arguments.kwarg.arg if arguments.kwarg else None,
        varargs=arguments.vararg is not None,
        taken=read_parameters(_arguments(record.get("taken", "")), path, skip_first=False),
        swallows=record.get("swallows", False),
        base_calls=tuple(read_call(call) for call in record.get("calls", ())),
        attributes=(*((name, text or name) for name, _, text in kept), *record.get("attributes", {}).items()),
        checks=tuple(_decode_check(check, path) for check in record.get("checks", ())),
        effects=tuple(_decode_effect(effect, f"{path}.__init__") for effect in record.get("effects", ())),
        is_dataclass=record.get("dataclass", False),
    )


def call_text(call: BaseCall) -> str:
    """The call of a base constructor as Python writes it, ``...`` for what could not be followed."""
    arguments = [text or "..." for text in call.positional]
    arguments += ["*args"] if call.star else []
    arguments += [f"{name}={text or '...'}" for name, text in call.keywords]
    arguments += ["**kwargs"] if call.double_star else []
    arguments += ["**..."] if call.open else []
    return f"{call.base or 'super'}({', '.join(arguments)})"


def read_call(text: str) -> BaseCall:
    """The reverse of `call_text`."""
    call = ast.parse(text, mode="eval").body
    assert isinstance(call, ast.Call)
    base = ast.unparse(call.func)
    stars = [word.value for word in call.keywords if word.arg is None]
    return BaseCall(
        base="" if base == "super" else base,
        positional=tuple(_known(argument) for argument in call.args if not isinstance(argument, ast.Starred)),
        keywords=tuple((word.arg, _known(word.value)) for word in call.keywords if word.arg is not None),
        star=any(isinstance(argument, ast.Starred) for argument in call.args),
        double_star=any(isinstance(value, ast.Name) for value in stars),
        open=any(isinstance(value, ast.Constant) for value in stars),
    )


def _known(node: ast.expr) -> str | None:
    return None if isinstance(node, ast.Constant) and node.value is ... else ast.unparse(node)


def _encode_method(method: Method) -> Record:
    record: Record = {
        "signature": signature(
            method.parameters, varargs=method.varargs, keywords="kwargs" if method.keywords else None
        ),
        "async": method.is_async,
        "abstract": method.abstract,
        "super": method.calls_super,
        "kind": method.kind if method.kind != "method" else "",
        "calls": list(method.calls),
        "effects": [_encode_effect(effect, f"{method.owner}.{method.name}") for effect in method.effects],
        "checks": [_encode_check(check) for check in method.checks],
        "returns": method.returns,
    }
    return {key: value for key, value in record.items() if value}


def _decode_method(owner: str, name: str, record: Record) -> Method:
    arguments = _arguments(record.get("signature", ""))
    return Method(
        name=name,
        parameters=read_parameters(arguments, owner, skip_first=False),
        is_async=record.get("async", False),
        abstract=record.get("abstract", False),
        calls_super=record.get("super", False),
        owner=owner,
        kind=record.get("kind", "method"),
        varargs=arguments.vararg is not None,
        keywords=arguments.kwarg is not None,
        calls=tuple(record.get("calls", ())),
        effects=tuple(_decode_effect(effect, f"{owner}.{name}") for effect in record.get("effects", ())),
        checks=tuple(_decode_check(check, owner) for check in record.get("checks", ())),
        returns=record.get("returns"),
    )


def _encode_check(check: Check) -> list[Any]:
    """``[when, raises, message]``, and a further ``false`` for a check that is not exact."""
    return [check.when, check.raises, check.message, *([] if check.exact else [False])]


def _decode_check(record: list[Any], owner: str) -> Check:
    when, raises, message, *exact = record
    return Check(when, raises, message, owner, not exact)


def _encode_effect(effect: Effect, where: str) -> Record:
    """``{"looks_up": "self.aggregator_id", "expected": ..., "outcome": "panic"}``; ``where`` is where it is written
    down."""
    record: Record = {
        effect.what: effect.value,
        "when": effect.when,
        "expected": " ".join(effect.expected),
        "optional": effect.optional,
        "many": effect.many,
        "outcome": effect.outcome if effect.outcome != "crash" else "",
        "if_wrong": effect.outcome_if_wrong if effect.outcome_if_wrong != effect.outcome else "",
        "also_object": effect.also_object,
        "where": effect.where if effect.where != where else "",
        "given": effect.given,
    }
    return {key: value for key, value in record.items() if value or key == effect.what}


def _decode_effect(record: Record, where: str) -> Effect:
    what = cast("EffectKind", next(iter(record)))
    outcome: Outcome = record.get("outcome", "crash")
    return Effect(
        what,
        value=record[what],
        when=record.get("when", ""),
        expected=tuple(record.get("expected", "").split()),
        optional=record.get("optional", False),
        many=record.get("many", False),
        outcome=outcome,
        outcome_if_wrong=record.get("if_wrong", outcome),
        also_object=record.get("also_object", False),
        where=record.get("where", where) if what in ("looks_up", "issues") else "",
        given=record.get("given", ""),
    )
