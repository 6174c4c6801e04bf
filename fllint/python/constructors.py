"""Reading a constructor: parameters, what it hands on to its bases, what it keeps, what it checks."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from msgspec.structs import replace

from fllint.python.classes import ATTEMPT, OPERATION, BaseCall, Check, ClassInfo, Constructor, Parameter
from fllint.python.expressions import literal_value, names_in, parsed, size, substitute_text, text_of
from fllint.python.messages import substitute_message
from fllint.python.method_walk import PANIC, EffectWalk, argument_texts
from fllint.python.modules import dotted_text
from fllint.python.scopes import CodeScope
from fllint.python.signatures import read_parameters
from fllint.python.symbolic import Walk
from fllint.python.symbolic_calls import default_expressions
from fllint.python.symbolic_state import Frame, Given, Heard, State

MAXIMUM_ATTEMPT = 60
"""Operations of more nodes are not recorded."""
NO_ARGUMENTS = ast.arguments([], [], None, [], [], None, [])


def read_constructor(node: ast.FunctionDef | ast.AsyncFunctionDef, class_path: str, scope: CodeScope) -> Constructor:
    """What an ``__init__`` does, as expressions over its parameters."""
    parameters = with_default_constants(node, read_parameters(node.args, class_path, skip_first=True), scope)
    names = [argument.arg for argument in [*node.args.posonlyargs, *node.args.args]]
    walk = ConstructorWalk(class_path, node.args, parameters)
    walk.frames.append(Frame(scope, class_path, receiver=names[0] if names else "self"))
    values: dict[str, ast.expr | None] = {p.name: ast.Name(p.name, ast.Load()) for p in parameters}
    for star in (node.args.vararg, node.args.kwarg):
        if star is not None:
            values[star.arg] = None
    state = State(values)
    walk.block(node.body, state)
    if not names and node.args.vararg is None:
        detail = f"{class_path.rpartition('.')[2]}.{node.name}() takes 0 positional arguments but 1 was given"
        walk.checks.append(Check("True", "TypeError", detail, class_path))
    forwarded = any(call.double_star for call in walk.base_calls)
    return Constructor(
        parameters=parameters,
        keywords=walk.keywords,
        varargs=walk.varargs is not None,
        taken=tuple(walk.taken.values()),
        swallows=walk.keywords is not None and not forwarded,
        base_calls=tuple(walk.base_calls),
        attributes=_attributes(state),
        checks=real_checks(walk.checks),
        effects=walk.found_effects(),
    )


def read_function(node: ast.FunctionDef | ast.AsyncFunctionDef, path: str) -> ClassInfo:
    """A function, which NVFlare calls like a class: its parameters, and nothing about what it returns."""
    is_open = node.args.kwarg is not None or bool(node.decorator_list)
    parameters = read_parameters(node.args, path, skip_first=False)
    if node.decorator_list:
        parameters = tuple(replace(parameter, required=False) for parameter in parameters)
    returned = f"what {node.name}() returns"
    return ClassInfo(path, unresolved_bases=(returned,), parameters=parameters, accepts_any_keyword=is_open)


def real_checks(checks: Sequence[Check]) -> tuple[Check, ...]:
    """Checks that raise an exception, each once; without attempts at what a check does first anyway."""
    found = dict.fromkeys(check for check in checks if check.raises != PANIC)
    conditions = [check.when for check in found if ATTEMPT not in check.when and check.exact]
    # ``x < 1 and y`` begins with the attempt at ``x < 1``
    made_first = {f"{ATTEMPT}{start}]" for each in conditions for start in (each, each.partition(" and ")[0])}
    return tuple(check for check in found if check.when not in made_first)


def read_dataclass(node: ast.ClassDef, class_path: str, scope: CodeScope) -> Constructor:
    """The constructor that ``@dataclass`` makes of the fields of a class, with the checks of its ``__post_init__``."""
    parameters: list[Parameter] = []
    keyword_only = False
    values: dict[str, ast.expr | None] = {}
    for statement in node.body:
        match statement:
            case ast.AnnAssign(target=ast.Name(id=name), annotation=annotation, value=value):
                kind = ast.unparse(annotation)
                if kind.rpartition(".")[2] == "KW_ONLY":
                    keyword_only = True
                    continue
                if kind.startswith(("ClassVar", "typing.ClassVar")):
                    continue
                default, in_init = _field(value)
                values[f"self.{name}"] = ast.Name(name, ast.Load()) if in_init else None
                if in_init:
                    known, plain = literal_value(default) if default is not None else (False, None)
                    text = ast.unparse(default) if default is not None else None
                    parameters.append(
                        Parameter(name, default is None, plain, known, kind, class_path, keyword_only, text)
                    )
            case _:
                pass
    walk = ConstructorWalk(class_path, NO_ARGUMENTS, parameters)
    walk.frames.append(Frame(scope, class_path))
    state = State(values)
    after = scope.method("__post_init__")
    if after is not None and isinstance(after.node, ast.FunctionDef):
        walk.block(after.node.body, state)
    return Constructor(
        parameters=tuple(parameters),
        attributes=_attributes(state),
        checks=real_checks(walk.checks),
        is_dataclass=True,
    )


class ConstructorWalk(EffectWalk):
    """A walk through an ``__init__`` that notes calls of base constructors and uses of ``**kwargs``."""

    def __init__(self, class_path: str, arguments: ast.arguments, parameters: Sequence[Parameter]) -> None:
        super().__init__(f"{class_path}.__init__")
        self.class_path = class_path
        self.keywords = arguments.kwarg.arg if arguments.kwarg else None
        self.varargs = arguments.vararg.arg if arguments.vararg else None
        self.taken: dict[str, Parameter] = {}
        self.fixed: dict[str, ast.expr | None] = {}
        self._names = {parameter.name for parameter in parameters}

    def heard(self, node: ast.Call, called: str | None, given: Given, state: State) -> Heard | None:
        match node.func:
            case ast.Attribute(value=ast.Call(func=ast.Name(id="super")), attr="__init__"):
                self.note_base_call("", node, given.positional, given, state)
                return Heard()
            case ast.Attribute(value=base, attr="__init__") if node.args and _is_name(
                node.args[0], self.frame.receiver
            ):
                path = self.frame.scope.class_path(dotted_text(base) or "") or dotted_text(base)
                if path is not None:
                    self.note_base_call(path, node, given.positional[1:], given, state)
                return Heard()
            case ast.Attribute(value=ast.Name(id=name), attr="pop" | "get" | "setdefault") if name == self.keywords:
                return self.take(node, given.positional)
            case ast.Attribute(value=ast.Name(id=name), attr="update") if name == self.keywords:
                self.fixed.update(given.keywords)
                return Heard()
            case _:
                return super().heard(node, called, given, state)

    def evaluated(self, result: ast.expr | None, state: State) -> None:
        """Something is evaluated on the way; a value of a wrong kind makes that fail (``name.lower()`` of a number)."""
        if result is None or state.lost or self.uncertain or not state.exact or not may_raise(result):
            return
        if size(result) > MAXIMUM_ATTEMPT or not self._names & names_in(text_of(result)):
            return
        attempt = ast.UnaryOp(ast.Not(), ast.List([result], ast.Load()))
        self.add_check((*state.conditions, attempt), OPERATION, "")

    def made_by(self, info: ClassInfo, given: Given, state: State) -> None:
        super().made_by(info, given, state)
        if state.lost or self.uncertain or given.stars:
            return
        values = argument_texts(info.parameters, given)
        for check in info.checks:
            when = substitute_text(check.when, values)
            tree = parsed(when) if when is not None else None
            if tree is not None:
                message = substitute_message(check.message, values)
                self.add_check((*state.conditions, tree), check.raises, message, exact=check.exact and state.exact)

    def assign_item(self, target: ast.Subscript, result: ast.expr | None, state: State) -> None:
        key = target.slice
        if _is_name(target.value, self.keywords) and isinstance(key, ast.Constant) and isinstance(key.value, str):
            self.fixed[key.value] = result

    def take(self, node: ast.Call, arguments: Sequence[ast.expr | None]) -> Heard:
        """``kwargs.pop("x", default)`` makes a parameter of ``x``."""
        key = arguments[0] if arguments else None
        if not (isinstance(key, ast.Constant) and isinstance(key.value, str)):
            return Heard()
        method = node.func.attr if isinstance(node.func, ast.Attribute) else ""
        required = method == "pop" and len(node.args) < 2
        default = node.args[1] if len(node.args) > 1 else ast.Constant(None)
        if method != "get" or not self.forwarded(key.value):
            known, value = literal_value(default) if not required else (False, None)
            text = None if required else ast.unparse(default)
            self.taken.setdefault(
                key.value, Parameter(key.value, required, value, known, None, self.class_path, True, text)
            )
        return Heard(ast.Name(key.value, ast.Load()))

    def forwarded(self, name: str) -> bool:
        return any(call.double_star for call in self.base_calls)

    def note_base_call(
        self, base: str, node: ast.Call, positional: Sequence[ast.expr | None], given: Given, state: State
    ) -> None:
        """Notes a call of a base constructor. The caller's own ``*args`` is empty: jobs give arguments by name."""
        pairs = list(zip(node.args[len(node.args) - len(positional) :], positional, strict=True))
        pairs = [pair for pair in pairs if not self.is_own_varargs(pair[0])]
        stars = any(isinstance(argument, ast.Starred) for argument, _ in pairs)
        certain = not (state.conditions or state.lost or self.around or self.uncertain)
        starred = [word.value for word in node.keywords if word.arg is None]
        self.base_calls.append(
            BaseCall(
                base,
                () if stars else tuple(_text(value) for _, value in pairs),
                tuple((name, _text(value)) for name, value in {**self.fixed, **given.keywords}.items()),
                certain=certain,
                star=stars,
                double_star=any(_is_name(value, self.keywords) for value in starred),
                open=any(not _is_name(value, self.keywords) for value in starred),
            )
        )

    def is_own_varargs(self, argument: ast.expr) -> bool:
        return isinstance(argument, ast.Starred) and _is_name(argument.value, self.varargs)


def _attributes(state: State) -> tuple[tuple[str, str | None], ...]:
    return tuple(
        (name.removeprefix("self."), _text(value)) for name, value in state.values.items() if name.startswith("self.")
    )


def _text(value: ast.expr | None) -> str | None:
    return text_of(value) if value is not None else None


def _is_name(node: ast.expr, name: str | None) -> bool:
    return name is not None and isinstance(node, ast.Name) and node.id == name


def _field(value: ast.expr | None) -> tuple[ast.expr | None, bool]:
    """The default of a dataclass field, and whether the constructor has it."""
    if not (isinstance(value, ast.Call) and (dotted_text(value.func) or "").rpartition(".")[2] == "field"):
        return value, True
    words = {word.arg: word.value for word in value.keywords}
    in_init = words.get("init")
    shown = not (isinstance(in_init, ast.Constant) and in_init.value is False)
    return words.get("default") or words.get("default_factory"), shown


def with_default_constants(
    node: ast.FunctionDef | ast.AsyncFunctionDef, parameters: tuple[Parameter, ...], scope: CodeScope
) -> tuple[Parameter, ...]:
    """The parameters, with the values of those defaults that are constants of the module or of some class."""
    walk = Walk()
    walk.frames.append(Frame(scope, "", receiver=None))
    values: dict[str, ast.expr] = {}
    for name, default in default_expressions(node.args):
        value = walk.expression(default, State({}))
        if value is not None:
            values[name] = value
    return tuple(_with_default(parameter, values.get(parameter.name)) for parameter in parameters)


def _with_default(parameter: Parameter, default: ast.expr | None) -> Parameter:
    if default is None or parameter.has_default_value:
        return parameter
    known, value = literal_value(default)
    return replace(parameter, default=value, has_default_value=known, default_text=text_of(default))


def may_raise(node: ast.expr) -> bool:
    """Whether evaluating an expression can raise an exception for values of some kinds.

    It can when it calls a method, or a function that wants certain values, compares by size, or calculates.
    """
    for part in ast.walk(node):
        match part:
            case ast.Call(func=ast.Attribute()) | ast.BinOp() | ast.Subscript():
                return True
            case ast.Call(
                func=ast.Name(id="len" | "int" | "float" | "abs" | "sum" | "round" | "sorted" | "max" | "min")
            ):
                return True
            case ast.Compare(ops=operators) if any(
                isinstance(o, ast.Lt | ast.LtE | ast.Gt | ast.GtE) for o in operators
            ):
                return True
            case _:
                pass
    return False
