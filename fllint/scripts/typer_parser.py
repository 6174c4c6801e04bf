"""Rebuilds typer commands from the signatures of a script's functions; the commands are click's (`click_parser`)."""

from __future__ import annotations

import ast
from typing import Final

from msgspec import Struct, field
from msgspec.structs import replace

from fllint.documents.tree import UNKNOWN, Unknown
from fllint.python.expressions import NO_FILE
from fllint.scripts.argparse_parser import ParseEvents
from fllint.scripts.argument_model import Argument, Nargs, ValueType
from fllint.scripts.click_parameters import flag
from fllint.scripts.click_parser import ClickCommand, ClickFunction
from fllint.scripts.script_text import CodePlace
from fllint.scripts.script_values import (
    NOTHING_KNOWN,
    CallSite,
    ClassValue,
    External,
    Function,
    Known,
    Made,
    Scope,
    Value,
)

_TYPES: Final = {
    "builtins.int": ValueType.INT,
    "builtins.float": ValueType.FLOAT,
    "builtins.bool": ValueType.BOOL,
    "builtins.str": ValueType.STR,
    "pathlib.Path": ValueType.STR,
    "datetime.datetime": ValueType.UNKNOWN,
    "uuid.UUID": ValueType.UNKNOWN,
    **{
        f"typer.{kind}": ValueType.UNKNOWN
        for kind in ("FileText", "FileTextWrite", "FileBinaryRead", "FileBinaryWrite")
    },
}
_LISTS: Final = frozenset({"builtins.list", "typing.List", "typing.Sequence"})
_TUPLES: Final = frozenset({"builtins.tuple", "typing.Tuple"})
_CONTEXTS: Final = frozenset({"typer.Context", "click.Context", "typer.CallbackParam"})


class TyperInfo(Made, Struct, eq=False):
    """``typer.Option(...)`` or ``typer.Argument(...)``."""

    site: CallSite
    is_option: bool


class _Annotation(Struct, frozen=True):
    """What an annotation says: a type, choices of an enumeration, a list or not, and typer's own words in Annotated.
    One that is not understood (``nargs`` is `UNKNOWN`) may stand for any of that (``Rate = Annotated[...]``)."""

    type: ValueType = ValueType.UNKNOWN
    choices: tuple[object, ...] | Unknown | None = None
    nargs: Nargs = None
    is_list: bool = False
    is_context: bool = False
    info: TyperInfo | None = None


_NOT_UNDERSTOOD: Final = _Annotation(nargs=UNKNOWN)


class _CommandDecorator(Made, Struct, eq=False):
    app: TyperApp
    site: CallSite

    def called(self, site: CallSite) -> Value:
        return self.app.add(site.argument(0, "f"), self.site)


class TyperApp(Made, Struct, eq=False):
    """``typer.Typer()``. One command makes it that command, several make it a group."""

    place: CodePlace
    parsed: ParseEvents
    commands: dict[str, ClickCommand] = field(default_factory=dict)
    is_group: bool = False
    completes: bool | None = True
    open_options: str | None = None

    def handed_over(self, to: str) -> None:
        self.open_options = self.open_options or f"the app is given to {to}, which is not followed"

    def assigned(self, name: str, value: Value) -> None:
        self.open_options = self.open_options or f"the script sets {name} of the app"

    def method(self, name: str, site: CallSite) -> Value:
        if name == "command":
            return _CommandDecorator(self, site)
        if name == "callback":
            self.is_group = True
            self.open_options = "the app has a callback, whose options are not followed"
            return NOTHING_KNOWN
        self.open_options = self.open_options or f"the script calls {name} of the app"
        return NOTHING_KNOWN

    def add(self, function: Value | None, site: CallSite) -> Value:
        """``@app.command()`` over a function."""
        if not isinstance(function, Function) or isinstance(function.node, ast.Lambda):
            self.open_options = "a command of the app is not a function of the script"
            return NOTHING_KNOWN
        name = site.argument(0, "name")
        command = command_of(function, site, self.parsed)
        if {"cls", "context_settings"} & set(site.keywords) or site.open_keywords:
            command.open_options = "the command has settings that are not followed"
        shown = function.node.name.lower().replace("_", "-")
        self.commands[str(name.value) if isinstance(name, Known) and name.value else shown] = command
        return function

    def called(self, site: CallSite) -> Value:
        if not self.commands:
            self.parsed.doubt("a typer app without commands that are known")
            return NOTHING_KNOWN
        only = next(iter(self.commands.values()))
        command = only
        if self.is_group or len(self.commands) > 1:
            help_option = flag(("--help",), self.place, "help")
            command = ClickCommand(self.place, (), self.parsed, (help_option,), True, dict(self.commands))
        if self.completes is not False:
            completion = flag(("--install-completion", "--show-completion"), self.place, "store_true")
            command = replace(command, parameters=(*command.parameters, completion))
        command.open_options = self.open_options or command.open_options
        return self.parsed.record(command.finished(), site, site.argument(0, "args"))


def typer_call(path: str, site: CallSite, parsed: ParseEvents) -> Value | None:
    """What a call of a function of typer returns; None when it is of no interest."""
    if path in ("typer.Option", "typer.Argument"):
        return TyperInfo(site, path == "typer.Option")
    if path == "typer.Typer":
        app = TyperApp(site.place, parsed)
        completes = site.keywords.get("add_completion", Known(True))
        app.completes = bool(completes.value) if isinstance(completes, Known) else None
        if site.open_keywords or {"callback", "chain", "cls", "context_settings"} & set(site.keywords):
            app.open_options = "the app has settings that are not followed"
        return app
    if path == "typer.run":
        function = site.argument(0, "function")
        if isinstance(function, Function) and not isinstance(function.node, ast.Lambda):
            return parsed.record(command_of(function, site, parsed).finished(), site, None)
        if not isinstance(function, ClickFunction):
            parsed.doubt("typer runs a function that is not followed")
        return NOTHING_KNOWN
    return None


def command_of(function: Function, site: CallSite, parsed: ParseEvents) -> ClickCommand:
    """The command that typer makes of a function."""
    arguments = function.node.args
    defaults = dict(function.defaults)
    parameters = []
    for parameter in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs):
        annotation = _annotation(parameter.annotation, function.scope)
        if not annotation.is_context:
            place = function.scope.code.place(parameter)
            parameters.append(_parameter(parameter.arg, annotation, defaults.get(parameter.arg), place))
    parameters.append(flag(("--help",), site.place, "help"))
    command = ClickCommand(site.place, site.conditions, parsed, tuple(parameters))
    if arguments.vararg or arguments.kwarg:
        command.open_options = "the function takes any arguments"
    return command


def _parameter(name: str, annotation: _Annotation, default: Value | None, place: CodePlace) -> Argument:
    info = default if isinstance(default, TyperInfo) else annotation.info
    declared: tuple[Value, ...] = ()
    if info is not None:
        declared = info.site.arguments
        if isinstance(default, TyperInfo):
            default = declared[0] if declared else info.site.keywords.get("default", Known(...))
            declared = declared[1:]
    required = default is None or default == Known(...)
    keywords = info.site.keywords if info else {}
    is_option = info.is_option if info else not required
    known = info is None or not (info.site.open_keywords or {"parser", "click_type"} & set(keywords))
    excused = {"envvar", "prompt", "callback", "default_factory"} & set(keywords)
    names = [str(each.value) for each in declared if isinstance(each, Known)] if is_option else []
    if info is None:
        computed = isinstance(annotation.nargs, Unknown)
    else:
        computed = is_option and (len(names) < len(declared) or info.site.open_positions)
    if computed:
        return Argument(names=(), dest=name, place=place, nargs=UNKNOWN, action="computed")
    is_flag = annotation.type is ValueType.BOOL and not annotation.is_list and is_option
    if is_option and not names:
        dashed = name.replace("_", "-")
        for spelling in dict.fromkeys((dashed, dashed.lower())):  # releases differ
            names += [f"--{spelling}", *([f"--no-{spelling}"] if is_flag else [])]
    nargs: Nargs = annotation.nargs if known else UNKNOWN
    if is_flag or keywords.get("count") == Known(True):
        nargs = 0
    elif annotation.is_list and not is_option:
        nargs = "*"
    names = [part.strip() for text in names for part in text.split("/") if part.strip().startswith("-")]
    simple = known and not {"min", "max", "clamp", "case_sensitive"} & set(keywords)
    return Argument(
        names=tuple(names),
        dest=name.upper() if not is_option else name,
        place=place,
        nargs=nargs,
        type=annotation.type if simple else ValueType.UNKNOWN,
        choices=annotation.choices if simple else UNKNOWN,
        required=None if required and excused else required,
        multiple=annotation.is_list and is_option,
    )


def _annotation(node: ast.expr | None, scope: Scope, depth: int = 0) -> _Annotation:
    """What an annotation means to typer; a missing one means a string."""
    if node is None:
        return _Annotation(ValueType.STR)
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and depth < 5:
        try:
            return _annotation(ast.parse(node.value, NO_FILE, mode="eval").body, scope, depth + 1)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return _NOT_UNDERSTOOD
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr) and depth < 5:
        sides = [
            side for side in (node.left, node.right) if not (isinstance(side, ast.Constant) and side.value is None)
        ]
        return _annotation(sides[0], scope, depth + 1) if len(sides) == 1 else _NOT_UNDERSTOOD
    if isinstance(node, ast.Subscript) and depth < 5:
        return _subscript(node, scope, depth + 1)
    found = _named(node, scope)
    if isinstance(found, External):
        if found.path in _CONTEXTS:
            return _Annotation(is_context=True)
        return _Annotation(_TYPES[found.path]) if found.path in _TYPES else _NOT_UNDERSTOOD
    if isinstance(found, ClassValue) and any(base.startswith("enum.") for base in found.external_bases()):
        members = [each for name, each in found.names.items() if name[0] != "_" and not isinstance(each, Function)]
        values = tuple(each.value for each in members if isinstance(each, Known) and isinstance(each.value, str))
        return _Annotation(ValueType.STR, values if len(values) == len(members) else UNKNOWN)
    return _NOT_UNDERSTOOD


def _subscript(node: ast.Subscript, scope: Scope, depth: int) -> _Annotation:
    owner = _named(node.value, scope)
    path = owner.path if isinstance(owner, External) else ""
    items = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
    if path == "typing.Optional":
        return _annotation(items[0], scope, depth)
    if path in _LISTS:
        return replace(_annotation(items[0], scope, depth), is_list=True)
    if path in _TUPLES and not any(isinstance(item, ast.Constant) for item in items):
        kinds = {_annotation(item, scope, depth).type for item in items}
        return _Annotation(kinds.pop() if len(kinds) == 1 else ValueType.UNKNOWN, nargs=len(items))
    if path in ("typing.Annotated", "typing_extensions.Annotated"):
        inner = _annotation(items[0], scope, depth)
        return replace(inner, info=next((found for item in items[1:] if (found := _info(item, scope))), None))
    return _NOT_UNDERSTOOD


def _info(node: ast.expr, scope: Scope) -> TyperInfo | None:
    """``typer.Option("--name")`` inside Annotated."""
    if not isinstance(node, ast.Call):
        return None
    found = _named(node.func, scope)
    if not isinstance(found, External) or found.path not in ("typer.Option", "typer.Argument"):
        return None
    arguments = tuple(Known(each.value) if isinstance(each, ast.Constant) else NOTHING_KNOWN for each in node.args)
    keywords: dict[str, Value] = {
        each.arg: Known(each.value.value) if isinstance(each.value, ast.Constant) else NOTHING_KNOWN
        for each in node.keywords
        if each.arg
    }
    site = CallSite(node, scope.code.place(node), scope, arguments, keywords)
    return TyperInfo(
        replace(site, open_keywords=any(each.arg is None for each in node.keywords)), found.path == "typer.Option"
    )


def _named(node: ast.expr, scope: Scope) -> Value:
    """What a (dotted) name stands for."""
    if isinstance(node, ast.Name):
        return scope.find(node.id)
    if isinstance(node, ast.Attribute):
        owner = _named(node.value, scope)
        if isinstance(owner, External):
            return External(f"{owner.path}.{node.attr}")
    return NOTHING_KNOWN
