"""Putting a class together with its bases: MRO, effective constructor parameters, attributes, checks, abstract
methods."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from fllint.python.classes import (
    BaseCall,
    Broken,
    Check,
    ClassFacts,
    ClassInfo,
    Constructor,
    Effect,
    HandledTasks,
    Method,
    Parameter,
)
from fllint.python.expressions import literal, names_in, substitute_text, text_of
from fllint.python.foreign import is_stdlib
from fllint.python.starting import checks_at_start
from fllint.python.wiring import closed, effects_of, handled_tasks, id_arguments, issued_tasks

if TYPE_CHECKING:
    from fllint.python.resolve import PythonPath

PLAIN_BASES = frozenset(
    {"abc.ABC", "builtins.object", "typing.Generic", "typing.Protocol", "typing_extensions.Protocol"}
)
"""Bases that add nothing to a constructor."""
OBJECT = "builtins.object"
MAXIMUM_ANCESTORS = 60
"""A class with more is taken for one that is not in sight; none of NVFlare's has twenty."""


class Construction(Struct, frozen=True):
    """What constructing an instance takes and does, from one class of an MRO on."""

    parameters: tuple[Parameter, ...] = ()
    attributes: tuple[tuple[str, str], ...] = ()
    checks: tuple[Check, ...] = ()
    effects: tuple[Effect, ...] = ()
    open: bool = False
    """Further keywords are accepted, or this cannot be known."""
    owner: str = ""
    is_dataclass: bool = False
    varargs: bool = False


def inherited(facts: ClassFacts, python: PythonPath) -> ClassInfo:
    """A class with all that it inherits from the classes that are in sight."""
    infos = {base: _unless_deep(python.class_info(base)) for base in facts.bases}
    order, is_possible = method_resolution_order(facts.path, facts.bases, infos)
    lineage = [facts, *(_facts_of(path, python) for path in order)]
    missing = dict.fromkeys(base for base in facts.bases if infos[base] is None and not is_stdlib(base))
    for info in infos.values():
        missing.update(dict.fromkeys(info.unresolved_bases if info else ()))
    constants = _constants(lineage)
    construction = constructed(lineage, 0)
    methods = _methods(lineage)
    attributes = {**constant_texts(constants), **dict(construction.attributes)}
    effects = effects_of(methods, construction.effects, attributes)
    complete = not missing and not any(is_stdlib(path) and path not in PLAIN_BASES for path in order)
    return ClassInfo(
        path=facts.path,
        bases=facts.bases,
        ancestors=tuple(path for path in order if path not in missing),
        unresolved_bases=tuple(missing),
        parameters=construction.parameters,
        accepts_any_keyword=construction.open or any(known.open_call for known in lineage if known),
        abstract_methods=_abstract(lineage) if complete else (),
        checks=construction.checks,
        start_checks=checks_at_start(methods, attributes, (facts.path, *order)),
        id_arguments=id_arguments(effects, construction.parameters),
        issued_tasks=issued_tasks(effects, construction.parameters),
        handled_tasks=_handled(methods, attributes, construction.parameters),
        methods=methods,
        attributes=construction.attributes,
        constants=constants,
        deprecated=facts.deprecated,
        location=facts.location,
        broken=_broken(facts, infos, is_possible=is_possible or not complete),
        open_kind=any(known.open_kind for known in lineage if known),
        constructor_owner=construction.owner,
        facts=facts,
    )


def _unless_deep(info: ClassInfo | None) -> ClassInfo | None:
    return None if info is None or len(info.ancestors) > MAXIMUM_ANCESTORS else info


def _broken(facts: ClassFacts, infos: dict[str, ClassInfo | None], *, is_possible: bool) -> Broken | None:
    """Why importing the class, or one of its bases, raises an exception."""
    for info in infos.values():
        if info is not None and info.broken is not None:
            return info.broken
    if facts.broken is not None or is_possible:
        return facts.broken
    names = ", ".join(base.rpartition(".")[2] for base in facts.bases)
    return Broken(f"TypeError: no consistent method resolution order (MRO) for bases {names}", facts.location)


def _facts_of(path: str, python: PythonPath) -> ClassFacts | None:
    if path in PLAIN_BASES:
        return ClassFacts(path, is_abc=path != "builtins.object" and path != "typing.Generic")
    info = python.class_info(path)
    return info.facts if info else None


def method_resolution_order(
    path: str, bases: tuple[str, ...], infos: dict[str, ClassInfo | None]
) -> tuple[tuple[str, ...], bool]:
    """The MRO without the class itself and object, by Python's C3 rule.

    Where that has no answer: a plain depth-first order, and False.
    """
    chains = [
        [base, *(info.ancestors if (info := infos[base]) else ()), *_unseen(infos[base]), OBJECT]
        for base in bases
        if base != OBJECT
    ]
    sequences = [list(chain) for chain in chains] + [list(bases)]
    order: list[str] = []
    while any(sequences):
        sequences = [sequence for sequence in sequences if sequence]
        for sequence in sequences:
            head = sequence[0]
            if not any(head in other[1:] for other in sequences):
                break
        else:
            flat = [known for chain in chains for known in chain]
            return tuple(dict.fromkeys(known for known in flat if known not in (path, OBJECT))), False
        order.append(head)
        sequences = [[known for known in sequence if known != head] for sequence in sequences]
    return tuple(known for known in order if known not in (path, OBJECT)), True


def _unseen(info: ClassInfo | None) -> tuple[str, ...]:
    return info.unresolved_bases if info else ()


def constructed(lineage: list[ClassFacts | None], position: int) -> Construction:
    """What calling the constructor does, beginning at a position of the MRO."""
    while position < len(lineage):
        facts = lineage[position]
        if facts is None:
            rest = [known for known in lineage[position:] if known is not None]
            return Construction(open=True, owner=rest[0].path if rest else "")
        if facts.constructor is not None:
            return _own_construction(facts, facts.constructor, lineage, position)
        position += 1
    return Construction()


def _own_construction(
    facts: ClassFacts, constructor: Constructor, lineage: list[ClassFacts | None], position: int
) -> Construction:
    parameters = {parameter.name: parameter for parameter in (*constructor.parameters, *constructor.taken)}
    own = frozenset(parameters)
    attributes: dict[str, str | None] = {}
    checks: list[Check] = []
    effects: list[Effect] = []
    is_open = constructor.swallows
    if constructor.is_dataclass:
        base = constructed(lineage, position + 1)
        if base.is_dataclass:
            parameters = {**{known.name: known for known in base.parameters}, **parameters}
            attributes.update(base.attributes)
            checks += base.checks
    for call in constructor.base_calls:
        start = _position(call, lineage, position)
        base = constructed(lineage, start) if start is not None else Construction(open=True)
        values = _arguments(call, base, own)
        checks += _misuse(call, base, facts.path)
        if call.double_star:
            is_open |= base.open
            for parameter in base.parameters:
                if values.get(parameter.name) == parameter.name:
                    parameters.setdefault(parameter.name, parameter)
        attributes.update({name: substitute_text(text, values) for name, text in base.attributes})
        checks += _substituted(base.checks, values)
        effects += [known for effect in base.effects if (known := closed(effect, values)) is not None]
    attributes.update(_closed_attributes(constructor, {**constant_texts(_constants(lineage)), **attributes}))
    constants = constant_texts(_constants(lineage))
    kept = {f"self.{name}": text for name, text in {**constants, **attributes}.items()}
    own_checks = [check for check in _substituted(constructor.checks, kept) if not _mentions_self(check.when)]
    return Construction(
        parameters=tuple(parameters.values()),
        attributes=tuple((name, text) for name, text in attributes.items() if text is not None),
        checks=tuple(dict.fromkeys([*own_checks, *checks])),
        effects=(*(known for effect in constructor.effects if (known := closed(effect, kept)) is not None), *effects),
        open=is_open,
        owner=facts.path,
        is_dataclass=constructor.is_dataclass,
        varargs=constructor.varargs,
    )


def constant_texts(constants: tuple[tuple[str, object], ...]) -> dict[str, str]:
    """The class attributes with literal values, as expressions."""
    trees = {name: literal(value) for name, value in constants}
    return {name: text_of(tree) for name, tree in trees.items() if tree is not None}


def _closed_attributes(constructor: Constructor, inherited_ones: dict[str, str | None]) -> dict[str, str | None]:
    """The attributes that a constructor sets, with those of its bases put in."""
    known = {f"self.{name}": text for name, text in inherited_ones.items()}
    closed: dict[str, str | None] = {}
    for name, text in constructor.attributes:
        value = substitute_text(text, known) if text is not None else None
        closed[name] = None if value is None or _mentions_self(value) else value
    return closed


def _position(call: BaseCall, lineage: list[ClassFacts | None], position: int) -> int | None:
    """Where in the MRO the class whose constructor is called stands; None when it is not in it."""
    if not call.base:
        return position + 1
    for index, facts in enumerate(lineage):
        if facts is not None and facts.path == call.base:
            return index
    return next((index for index, facts in enumerate(lineage) if facts is None), None)


def _arguments(call: BaseCall, base: Construction, own: frozenset[str]) -> dict[str, str | None]:
    """What the parameters of a base constructor are in a call of it, as expressions over the caller's parameters."""
    values: dict[str, str | None] = {}
    positional = [parameter for parameter in base.parameters if not parameter.keyword_only]
    values.update({parameter.name: text for parameter, text in zip(positional, call.positional, strict=False)})
    values.update(dict(call.keywords))
    for parameter in base.parameters:
        if parameter.name in values:
            continue
        if call.double_star and parameter.name not in own:
            values[parameter.name] = parameter.name
        elif call.open or call.star:
            values[parameter.name] = None
        else:
            values[parameter.name] = parameter.default_text
    return values


def _misuse(call: BaseCall, base: Construction, path: str) -> Iterator[Check]:
    """The exceptions that a call of a base constructor raises whatever the arguments of the job are."""
    if not call.certain or call.star or call.open or base.open:
        return
    name = f"{base.owner.rpartition('.')[2] or 'object'}.__init__()"
    positional = [parameter for parameter in base.parameters if not parameter.keyword_only]
    known = {parameter.name for parameter in base.parameters}
    given = [parameter.name for parameter in positional[: len(call.positional)]] + [name for name, _ in call.keywords]
    if len(call.positional) > len(positional) and not base.varargs:
        detail = f"takes {len(positional) + 1} positional arguments but {len(call.positional) + 1} were given"
        yield Check("True", "TypeError", f"{name} {detail}", path)
    for keyword in (name for name, _ in call.keywords if name not in known):
        yield Check("True", "TypeError", f"{name} got an unexpected keyword argument '{keyword}'", path)
    for parameter in base.parameters:
        if parameter.required and parameter.name not in given and not call.double_star:
            yield Check("True", "TypeError", f"{name} missing a required argument: '{parameter.name}'", path)


def _substituted(checks: tuple[Check, ...], values: dict[str, str | None]) -> list[Check]:
    """Checks over other names; those that cannot be expressed, or can never fail, are dropped."""
    result = []
    for check in checks:
        when = substitute_text(check.when, values)
        if when is None or when == "False":
            continue
        message = check.message if when == check.when else _message(check.message, values)
        result.append(replace(check, when=when, message=message))
    return result


def _message(message: str, values: dict[str, str | None]) -> str:
    from fllint.python.messages import substitute_message

    return substitute_message(message, values)


def _mentions_self(text: str) -> bool:
    return "self" in names_in(text)


def _methods(lineage: list[ClassFacts | None]) -> tuple[Method, ...]:
    methods: dict[str, Method] = {}
    for facts in lineage:
        for method in facts.methods if facts is not None else ():
            methods.setdefault(method.name, method)
    return tuple(methods.values())


def _handled(
    methods: tuple[Method, ...], attributes: dict[str, str], parameters: tuple[Parameter, ...]
) -> HandledTasks | None:
    execute = next((method for method in methods if method.name == "execute"), None)
    return handled_tasks(execute, attributes, parameters)


def _constants(lineage: list[ClassFacts | None]) -> tuple[tuple[str, object], ...]:
    constants: dict[str, object] = {}
    for facts in lineage:
        for name, value in facts.constants if facts is not None else ():
            constants.setdefault(name, value)
    return tuple(constants.items())


def _abstract(lineage: list[ClassFacts | None]) -> tuple[str, ...]:
    """The abstract methods that are left, when anything enforces them."""
    if not any(facts is not None and facts.is_abc for facts in lineage):
        return ()
    abstract: dict[str, bool] = {}
    for facts in lineage:
        if facts is None:
            continue
        for name in (*facts.assigned, *(name for name, _ in facts.constants)):
            abstract.setdefault(name, False)
        for method in facts.methods:
            abstract.setdefault(method.name, method.abstract)
    return tuple(sorted(name for name, left in abstract.items() if left))
