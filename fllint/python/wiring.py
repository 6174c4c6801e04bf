"""What a class means for a job's wiring: which arguments name components, which tasks it sends, which it accepts."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence

from msgspec.structs import replace

from fllint.python.classes import Effect, HandledTasks, IdArgument, Method, Outcome, Parameter, TaskName
from fllint.python.expressions import literal_value, names_in, parsed, substitute_text, text_of
from fllint.python.flare_words import GIVEN
from fllint.python.symbolic_expressions import UNNAMED

BUILTINS = frozenset(
    ["None", "True", "False", "if", "else", "is", "not", "and", "or", "in", "str", "isinstance", "len"]
)
"""Words of expressions that are no names of parameters."""
_WORST_FIRST: tuple[Outcome, ...] = ("panic", "raises", "crash", "warning", "silent")


def effects_of(
    methods: Sequence[Method], constructor_effects: Sequence[Effect], attributes: Mapping[str, str]
) -> tuple[Effect, ...]:
    """The effects of all methods that an instance has, as expressions over its constructor's parameters.

    Those that depend on what a method is given are left out: they count where the method is called.
    """
    values = {f"self.{name}": text for name, text in attributes.items()}
    found = [closed(effect, values) for method in methods for effect in _own_effects(method, methods)]
    found += [closed(effect, values) for effect in constructor_effects if not effect.given]
    return tuple(dict.fromkeys(effect for effect in found if effect is not None))


def _own_effects(method: Method, methods: Sequence[Method]) -> Iterator[Effect]:
    """The effects of a method that do not count where it is called: only there the conditions of the call are known."""
    callers = [other for other in methods if method.name in other.calls and other.name != method.name]
    counted = {(effect.what, effect.value, effect.where) for caller in callers for effect in caller.effects}
    called_back = {name for caller in callers for name in method.calls if name == caller.name}
    for effect in method.effects:
        if not effect.given and ((effect.what, effect.value, effect.where) not in counted or called_back):
            yield effect


def closed(effect: Effect, values: Mapping[str, str | None]) -> Effect | None:
    """An effect with the attributes put in; None when it still depends on something else than parameters."""
    value = substitute_text(effect.value, values) if effect.value else ""
    if value is None or _is_open(value):
        return None
    when = substitute_text(effect.when, values) if effect.when else ""
    expected = [substitute_text(path, values) for path in effect.expected]
    return replace(
        effect,
        value=value,
        when="" if when is None or _is_open(when) or when == "True" else when,
        expected=tuple(dict.fromkeys(path for path in expected if path is not None and _is_class_path(path))),
    )


def _is_open(text: str) -> bool:
    return any(name == "self" or name.startswith((GIVEN, "each")) for name in names_in(text))


def _is_class_path(text: str) -> bool:
    return "." in text and all(part.isidentifier() for part in text.split(".")) and not text.startswith("self.")


def id_arguments(effects: Sequence[Effect], parameters: Sequence[Parameter]) -> tuple[IdArgument, ...]:
    """The constructor parameters that take ids of other components, in the order of the parameters."""
    order = {parameter.name: position for position, parameter in enumerate(parameters)}
    by_parameter: dict[tuple[str, str | None], list[Effect]] = {}
    for effect in effects:
        if effect.what != "looks_up":
            continue
        known, value = literal_value(parsed(effect.value) or ast.Name("?"))
        if known and isinstance(value, str) and value:
            by_parameter.setdefault(("", value), []).append(effect)
            continue
        parameter = only_parameter(effect.value, order)
        if parameter is not None:
            by_parameter.setdefault((parameter, None), []).append(effect)
    silent_by_default = {p.name for p in parameters if p.has_default_value and p.default in (None, "")}
    found = [
        _id_argument(parameter, text, group, may_be_left_out=parameter in silent_by_default)
        for (parameter, text), group in by_parameter.items()
    ]
    return tuple(
        sorted(found, key=lambda argument: (order.get(argument.parameter, len(order)), argument.literal or ""))
    )


def only_parameter(text: str, known: Mapping[str, int]) -> str | None:
    """The one parameter that an expression is made of; None when there are several, or when it is more than that.

    Something for when the parameter is not given, as in ``x or []``, does not count.
    """
    used = [name for name in known if name in names_in(text)]
    tree = parsed(text)
    if len(used) != 1 or tree is None:
        return None
    match tree:
        case ast.IfExp(test=ast.UnaryOp(op=ast.Not(), operand=ast.Name(id=tested)), orelse=ast.Name(id=name)):
            return name if tested == name == used[0] else None
        case ast.IfExp(test=ast.Name(id=tested), body=ast.Name(id=name)):
            return name if tested == name == used[0] else None
        case _:
            return used[0] if all(_is_simple(part) for part in ast.walk(tree)) else None


def _is_simple(part: ast.AST) -> bool:
    """Whether an expression is a parameter, perhaps with something for when it is not given."""
    unnamed = isinstance(part, ast.Name) and part.id == UNNAMED
    return not unnamed and not isinstance(part, ast.JoinedStr | ast.BinOp | ast.Subscript)


def _id_argument(
    parameter: str, literal: str | None, effects: Sequence[Effect], *, may_be_left_out: bool
) -> IdArgument:
    silent = may_be_left_out and all(effect.outcome == "silent" for effect in effects)
    return IdArgument(
        parameter=parameter,
        literal=literal,
        expected=tuple(dict.fromkeys(path for effect in effects for path in effect.expected)),
        optional=silent or all(effect.optional for effect in effects),
        many=any(effect.many for effect in effects),
        outcome=min((effect.outcome for effect in effects), key=_WORST_FIRST.index),
        outcome_if_wrong=min((effect.outcome_if_wrong for effect in effects), key=_WORST_FIRST.index),
        also_object=any(effect.also_object for effect in effects),
        where=effects[0].where,
    )


def issued_tasks(effects: Sequence[Effect], parameters: Sequence[Parameter]) -> tuple[TaskName, ...]:
    """The tasks that a class sends."""
    found: dict[tuple[str, str], TaskName] = {}
    for effect in effects:
        if effect.what == "issues" and not _is_false(effect.when) and _may_be_text(effect.value):
            name = replace(task_name(effect.value, parameters), when=effect.when, where=effect.where)
            if name.expression:
                found.setdefault((effect.value, effect.when), name)
    always = {value for value, when in found if not when}
    return tuple(name for (value, when), name in found.items() if not when or value not in always)


def _is_false(condition: str) -> bool:
    tree = parsed(condition) if condition else None
    return isinstance(tree, ast.Constant) and not tree.value


def _may_be_text(expression: str) -> bool:
    tree = parsed(expression)
    return not isinstance(tree, ast.Constant) or (isinstance(tree.value, str) and bool(tree.value))


def handled_tasks(
    execute: Method | None, attributes: Mapping[str, str], parameters: Sequence[Parameter]
) -> HandledTasks | None:
    """The tasks that an executor accepts; None for a class without an ``execute``, or with an abstract one."""
    if execute is None or execute.abstract or not execute.parameters:
        return None
    given = execute.parameters[0].name
    effects = [effect for effect in execute.effects if effect.given == given]
    looks = any(effect.what == "handles" for effect in effects)
    rejects = any(effect.what == "rejects" for effect in execute.effects)
    if not (looks and rejects):
        return HandledTasks(any=not rejects, complete=False) if rejects else HandledTasks(any=True)
    values = {f"self.{name}": text for name, text in attributes.items()}
    names: dict[TaskName, None] = {}
    complete = not any(effect.what == "handles_unknown" for effect in effects)
    for effect in effects:
        if effect.what == "handles":
            expressions = _names_handled(closed(effect, values))
            complete = complete and expressions is not None
            found = [task_name(expression, parameters) for expression in expressions or ()]
            complete = complete and all(name.expression for name in found)
            names.update(dict.fromkeys(name for name in found if name.expression))
    return HandledTasks(tasks=tuple(names), complete=complete)


def _names_handled(effect: Effect | None) -> list[str] | None:
    """The names that a comparison, or a table of handlers, is about; None when that is not known."""
    if effect is None:
        return None
    if not effect.many:
        return [effect.value]
    match parsed(effect.value):
        case ast.Dict(keys=keys):
            return [text_of(key) for key in keys if key is not None]
        case ast.List(elts=elements) | ast.Tuple(elts=elements) | ast.Set(elts=elements):
            return [text_of(element) for element in elements]
        case _:
            return None


def task_name(expression: str, parameters: Sequence[Parameter]) -> TaskName:
    """The name of a task, taken apart: a text of its own, a parameter, or a prefix that is a parameter and a suffix.

    Without an ``expression`` the name cannot be told.
    """
    tree = parsed(expression)
    known = {parameter.name: parameter for parameter in parameters}
    match tree:
        case ast.Constant(value=str() as name):
            return TaskName(name=name, expression=expression)
        case ast.Name(id=name) if name in known:
            return TaskName(parameter=name, default=_text_default(known[name]), expression=expression)
        case ast.JoinedStr(
            values=[ast.FormattedValue(value=ast.Name(id=prefix)), ast.Constant(value=str() as suffix)]
        ) if prefix in known:
            return TaskName(
                prefix_parameter=prefix,
                prefix_default=_text_default(known[prefix]),
                suffix=suffix.removeprefix("_"),
                expression=expression,
            )
        case _:
            return TaskName(expression=expression if names_in(expression) <= known.keys() | BUILTINS else "")


def _text_default(parameter: Parameter) -> str | None:
    return parameter.default if isinstance(parameter.default, str) else None


def possible_names(task: TaskName) -> Iterator[str]:
    """The names that a task has when no argument is given."""
    if task.name is not None:
        yield task.name
    elif task.default is not None:
        yield task.default
    elif task.prefix_default is not None:
        yield f"{task.prefix_default}_{task.suffix}"
