"""Walking through a method to see what it does to a job: components it looks up, tasks it sends, tasks it accepts."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from fllint.python.classes import Check, ClassInfo, Effect, Method, Outcome, Parameter
from fllint.python.expressions import conjunction, names_in, parsed, simplified, substitute_text, text_of
from fllint.python.flare_words import (
    COMPONENT,
    GIVEN,
    LOGS,
    LOOKS_UP,
    PANICS,
    REJECTIONS,
    SENDS,
    STARTER,
    TASK_CLASSES,
    TASK_NAME,
    WARNINGS,
)
from fllint.python.look_ups import (
    LookUp,
    guards_of,
    is_component,
    missing_components,
    present_components,
    tested_components,
)
from fllint.python.symbolic import Walk
from fllint.python.symbolic_state import Given, Heard, State

PANIC = "panic"
"""In a method's summary, a check that ``raises`` this aborts the job."""


class EffectWalk(Walk):
    """A walk that notes what the code does to a job."""

    def __init__(self, where: str, task_name: str = TASK_NAME) -> None:
        super().__init__()
        self.where = where
        self.task_name = GIVEN + task_name
        self.effects: dict[Effect, None] = {}
        self.look_ups: dict[str, LookUp] = {}
        self.calls: dict[str, None] = {}
        self.around: list[tuple[ast.expr, ...]] = []
        self.each: dict[str, str] = {}
        self.panicking_tries = 0
        self.raising = False
        self.changed = False
        """Whether a method of the instance was called that may have changed its attributes."""

    def found_effects(self) -> tuple[Effect, ...]:
        """All that was noted, each once."""
        return tuple(dict.fromkeys([*(look_up.finished() for look_up in self.look_ups.values()), *self.effects]))

    # -- listening

    def heard(self, node: ast.Call, called: str | None, given: Given, state: State) -> Heard | None:
        name = (called or "").rpartition(".")[2] or (node.func.attr if isinstance(node.func, ast.Attribute) else "")
        if any(isinstance(value, ast.Constant) and value.value in REJECTIONS for value in given.positional):
            self.effects[Effect("rejects")] = None
        if name in LOOKS_UP and len(given.positional) == 1 and not given.keywords and called != name:
            return Heard(self.look_up(given.positional[0], state))
        if name in PANICS:
            self.failed("panic", state)
            return Heard()
        if name in LOGS:
            if name in WARNINGS:
                self.failed("warning", state)
            return Heard()
        if called is not None and self.made(called, node, given, state):
            return Heard()
        if self.is_followed(node.func):
            return None
        if self.looked_up_by_name(node, given, state):
            return Heard()
        if name in SENDS and "task_name" in given.keywords:
            self.issue(given.keywords["task_name"], state)
        self.passed_on(given)
        return None

    def made(self, called: str, node: ast.Call, given: Given, state: State) -> bool:
        """Whether a call makes an instance of a class in sight; what that instance does is noted."""
        if called.partition(".")[0] in (*state.values, self.frame.receiver):
            return False
        path = self.frame.scope.known_class(called)
        if path is None:
            return False
        if path in TASK_CLASSES:
            self.issue(given.keywords.get("name") or (given.positional[0] if given.positional else None), state)
            return True
        info = self.frame.scope.class_info(path)
        if info is not None:
            self.made_by(info, given, state)
        return info is not None and not self.frame.scope.enum_values(called)

    def made_by(self, info: ClassInfo, given: Given, state: State) -> None:
        """An instance of a class in sight is made."""
        if info.id_arguments or info.issued_tasks:
            self.note_instance(info, given, state)

    def note_instance(self, info: ClassInfo, given: Given, state: State) -> None:
        """What an instance looks up and sends, with the arguments that it is given here."""
        values = argument_texts(info.parameters, given)
        for argument in info.id_arguments:
            text = values.get(argument.parameter)
            value = parsed(text) if text is not None else None
            if value is not None and not isinstance(value, ast.Constant):
                self.add_look_up(
                    value,
                    state,
                    Effect(
                        "looks_up",
                        expected=argument.expected,
                        optional=argument.optional,
                        many=argument.many,
                        outcome=argument.outcome,
                        outcome_if_wrong=argument.outcome_if_wrong,
                        also_object=argument.also_object,
                        where=argument.where,
                    ),
                )
        for task in info.issued_tasks:
            expression = substitute_text(task.expression, values) if task.expression else None
            if expression is not None:
                self.issue(parsed(expression), state, where=task.where)

    def is_followed(self, function: ast.expr) -> bool:
        """Whether a summary exists of the method that is called."""
        match function:
            case ast.Attribute(value=ast.Name(id=name), attr=method) if name == self.frame.receiver:
                return self.frame.scope.inherited(method, of_super=False) is not None
            case ast.Attribute(value=ast.Call(func=ast.Name(id="super")), attr=method):
                return self.frame.scope.inherited(method, of_super=True) is not None
            case _:
                return False

    # -- look-ups

    def look_up(self, wanted: ast.expr | None, state: State) -> ast.expr | None:
        """``get_component(wanted)``: what stands for its result."""
        if wanted is None:
            return None
        self.add_look_up(wanted, state, Effect("looks_up", where=self.where))
        return ast.Call(ast.Name(COMPONENT, ast.Load()), [wanted], [])

    def add_look_up(self, wanted: ast.expr, state: State, effect: Effect) -> None:
        text = text_of(wanted)
        many = text in self.each
        guards = [text_of(condition) for conditions in (*self.around, state.conditions) for condition in conditions]
        shown = self.each.get(text, text)
        optional = any(guard in guards_of(known) for guard in guards for known in {text, shown})
        effect = replace(
            effect,
            value=shown,
            many=effect.many or many,
            optional=effect.optional or optional,
            also_object=effect.also_object or f"isinstance({text}, str)" in guards,
            outcome="panic" if self.panicking_tries and effect.outcome == "crash" else effect.outcome,
        )
        known = self.look_ups.setdefault(text, LookUp(effect))
        if optional and not known.effect.optional:
            known.effect = replace(known.effect, optional=True)

    def failed(self, outcome: Outcome, state: State) -> None:
        """Something bad is done here; perhaps because a component is missing or of a wrong class."""
        self.failed_under(state.conditions, outcome)
        if outcome == "panic" and not state.lost and _is_about_given(state.conditions):
            self.checks.append(Check(text_of(simplified(conjunction(state.conditions))), PANIC, "", self.where))

    def failed_under(self, conditions: Sequence[ast.expr], outcome: Outcome) -> None:
        if outcome == "raises" and self.panicking_tries:
            outcome = "panic"
        there = {identifier for condition in conditions for identifier in present_components(condition)}
        for condition in conditions:
            for missing in missing_components(condition):
                look_up = self.look_ups.get(missing.identifier)
                if look_up is not None:
                    look_up.failed(outcome, missing, guarded=missing.identifier in there)

    def add_check(self, conditions: Sequence[ast.expr], raises: str, message: str, *, exact: bool = True) -> None:
        if self.changed and self.where.endswith(f".{STARTER}"):
            return
        if not self.raising:
            self.failed_under(conditions[-1:], "panic" if raises == PANIC else "raises")
        super().add_check(conditions, raises, message, exact=exact)

    def raised(self, exception: ast.expr | None, state: State) -> None:
        self.failed_under(state.conditions, "raises")
        self.raising = True
        super().raised(exception, state)
        self.raising = False

    def returned(self, value: ast.expr | None, state: State) -> None:
        nothing = value is None or (isinstance(value, ast.Constant) and value.value is None)
        if not nothing:
            self.failed_under(state.conditions, "raises")
        super().returned(value, state)

    def branch(self, statement: ast.If, state: State) -> str:
        tested = self.expression(statement.test, state)
        if tested is not None:
            for identifier, types in tested_components(tested):
                look_up = self.look_ups.get(identifier)
                if look_up is not None:
                    look_up.tested = True
                    look_up.hoped.update(dict.fromkeys(types))
        return super().branch(statement, state)

    def attempt(self, statement: ast.Try, state: State) -> str:
        panics = any(_calls_any(handler, PANICS) for handler in statement.handlers)
        self.panicking_tries += panics
        try:
            return super().attempt(statement, state)
        finally:
            self.panicking_tries -= panics

    def statement(self, statement: ast.stmt, state: State) -> str:
        end = super().statement(statement, state)
        if isinstance(statement, ast.Expr | ast.Assign | ast.AnnAssign | ast.AugAssign):
            self.changed = self.changed or any(self.may_change(part) for part in ast.walk(statement))
        match statement:
            case ast.AnnAssign(target=target, annotation=annotation, value=ast.expr()):
                self.annotated(target, annotation, state)
            case _:
                pass
        return end

    def may_change(self, part: ast.AST) -> bool:
        """Whether a part of a statement calls a method of the instance, which may set attributes."""
        match part:
            case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr=method)) if name == self.frame.receiver:
                return method not in LOGS | PANICS
            case ast.Call(func=ast.Attribute(value=ast.Call(func=ast.Name(id="super")))):
                return True
            case _:
                return False

    def annotated(self, target: ast.expr, annotation: ast.expr, state: State) -> None:
        """``writer: StatisticsWriter = engine.get_component(...)`` says what is expected, where nothing checks it."""
        value = self.expression(target, state)
        if isinstance(value, ast.Call) and is_component(value):
            look_up = self.look_ups.get(text_of(value.args[0]))
            path = self.frame.scope.known_class(ast.unparse(annotation)) if look_up else None
            if look_up is not None and path is not None:
                look_up.hoped[path] = None

    # -- loops

    def each_item(
        self, items: ast.expr | None, names: list[str], statement: ast.For | ast.AsyncFor, inner: State
    ) -> None:
        if items is not None and len(names) == 1:
            self.each[names[0]] = text_of(items)
        super().each_item(items, names, statement, inner)

    def loop(self, statement: ast.For | ast.AsyncFor, state: State) -> str:
        self.around.append(state.conditions)
        try:
            return super().loop(statement, state)
        finally:
            self.around.pop()

    # -- tasks

    def issue(self, name: ast.expr | None, state: State, where: str = "") -> None:
        """A task of this name is sent."""
        if name is None:
            return
        conditions = [condition for condition in state.conditions if _is_about_settings(condition)]
        when = text_of(simplified(conjunction(conditions)))
        effect = Effect("issues", text_of(name), when="" if when == "True" else when, where=where or self.where)
        self.effects[effect] = None

    def expression(self, node: ast.expr, state: State) -> ast.expr | None:
        result = super().expression(node, state)
        if isinstance(node, ast.Subscript):
            parameter = self.task_name_in(super().expression(node.slice, state))
            if parameter is not None and isinstance(node.ctx, ast.Load):
                self.handle(super().expression(node.value, state), parameter, several=True)
        if isinstance(node, ast.Compare) and len(node.ops) == 1:
            self.compared(super().expression(node.left, state), super().expression(node.comparators[0], state), node)
        return result

    def compared(self, left: ast.expr | None, right: ast.expr | None, node: ast.Compare) -> None:
        """A task's name may be compared with something."""
        for name, other in ((left, right), (right, left)):
            parameter = self.task_name_in(name)
            if parameter is None:
                continue
            if other is None:
                self.handle(None, parameter)
            elif isinstance(node.ops[0], ast.In | ast.NotIn) and isinstance(other, ast.List | ast.Tuple | ast.Set):
                for element in other.elts:
                    self.handle(element, parameter)
            else:
                several = isinstance(node.ops[0], ast.In | ast.NotIn)
                self.handle(other, parameter, several=several)
            return

    def handle(self, name: ast.expr | None, parameter: str, *, several: bool = False) -> None:
        """A task of this name is treated in some way of its own; ``several``: the name is one of the keys or items."""
        if name is None:
            self.effects[Effect("handles_unknown", given=parameter)] = None
        else:
            self.effects[Effect("handles", text_of(name), given=parameter, many=several)] = None

    def looked_up_by_name(self, node: ast.Call, given: Given, state: State) -> bool:
        """``self.handlers.get(task_name)``: the keys are the tasks that are handled."""
        parameter = self.task_name_in(given.positional[0]) if given.positional else None
        if parameter is None or not isinstance(node.func, ast.Attribute) or node.func.attr != "get":
            return False
        self.handle(super().expression(node.func.value, state), parameter, several=True)
        return True

    def task_name_in(self, node: ast.expr | None) -> str | None:
        """The method's parameter that holds the name of a task, when an expression is just that."""
        is_it = isinstance(node, ast.Name) and node.id == self.task_name
        return self.task_name[len(GIVEN) :] if is_it else None

    def passed_on(self, given: Given) -> None:
        """A task's name that is handed to code out of sight may be looked at there."""
        for value in (*given.positional, *given.keywords.values()):
            parameter = self.task_name_in(value)
            if parameter is not None:
                self.effects[Effect("handles_unknown", given=parameter)] = None

    # -- methods whose source is not walked here

    def summarised(self, summary: Method, values: Mapping[str, str | None], state: State) -> None:
        if summary.effects or summary.checks:
            self.calls[summary.name] = None
        for effect in summary.effects:
            self.note_summarised(effect, values, state)

    def note_summarised(self, effect: Effect, values: Mapping[str, str | None], state: State) -> None:
        given = effect.given
        if given:
            passed = values.get(GIVEN + given)
            parameter = self.task_name_in(parsed(passed)) if passed else None
            if parameter is None:
                return
            given = parameter
        value = substitute_text(effect.value, values) if effect.value else ""
        tree = parsed(value) if value else None
        if value is None:
            if effect.what == "handles":
                self.effects[Effect("handles_unknown", given=given)] = None
            return
        match effect.what:
            case "looks_up" if tree is not None:
                expected = [substitute_text(path, values) for path in effect.expected]
                found = replace(effect, expected=tuple(path for path in expected if path is not None))
                self.add_look_up(tree, state, found)
            case "issues":
                self.issue(tree, state, where=effect.where)
            case _:
                self.effects[replace(effect, value=value, given=given)] = None


def argument_texts(parameters: Sequence[Parameter], given: Given) -> dict[str, str | None]:
    """The arguments of a call by parameter, as texts; defaults where none is given, None where it cannot be told."""
    values: dict[str, str | None] = {p.name: None if given.stars else p.default_text for p in parameters}
    positional = [parameter.name for parameter in parameters if not parameter.keyword_only]
    pairs = [*zip(positional, given.positional, strict=False), *given.keywords.items()]
    values.update({name: text_of(value) if value is not None else None for name, value in pairs})
    return values


def _is_about_given(conditions: Sequence[ast.expr]) -> bool:
    return any(name.startswith(GIVEN) for condition in conditions for name in names_in(text_of(condition)))


def _is_about_settings(condition: ast.expr) -> bool:
    """Whether a condition depends on attributes or parameters alone, not on components or loop items."""
    names = names_in(text_of(condition))
    return COMPONENT not in names and not any(name.startswith(("each", GIVEN)) for name in names)


def _calls_any(node: ast.AST, names: frozenset[str]) -> bool:
    return any(isinstance(part, ast.Attribute) and part.attr in names for part in ast.walk(node))
