"""What a script makes by calling classes, and the arguments it gives them."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from msgspec import Struct, field
from msgspec.structs import replace

from fllint.documents.tree import UNKNOWN, UNKNOWN_TEXT
from fllint.job_api.command_line import NotGiven
from fllint.python.classes import ClassInfo, Parameter
from fllint.scripts.script_text import CodePlace
from fllint.scripts.script_values import (
    LIBRARY,
    NOTHING_KNOWN,
    CallSite,
    ClassValue,
    External,
    Function,
    Known,
    Listing,
    Made,
    Table,
    Value,
)

if TYPE_CHECKING:
    from fllint.scripts.script_walk import Walk


class Argument(Struct, frozen=True):
    """An argument of a call: its value, where it is written, and its expression when that is in the call itself.
    ``key`` is where its name is written (the value's place for a positional one)."""

    value: Value
    place: CodePlace
    expression: ast.expr | None = None
    key: CodePlace | None = None
    parts: tuple[Argument, ...] = ()
    """The items of a list or the values of a dict that NVFlare's own code makes, each where the user wrote it."""

    def items(self) -> tuple[Argument, ...]:
        """The items of a list, each where it is written."""
        if self.parts:
            return self.parts
        items = self.value.items if isinstance(self.value, Listing) else ()
        written = self.expression.elts if isinstance(self.expression, ast.List | ast.Tuple | ast.Set) else []
        whole = len(written) == len(items) and not any(isinstance(element, ast.Starred) for element in written)
        expressions = written if whole else [None] * len(items)
        return tuple(self.inside(item, expression) for item, expression in zip(items, expressions, strict=True))

    def entries(self) -> tuple[Argument, ...]:
        """The values of a dict, each where it is written."""
        if self.parts:
            return self.parts
        values = [value for _, value in self.value.entries] if isinstance(self.value, Table) else []
        written = self.expression if isinstance(self.expression, ast.Dict) else None
        whole = written is not None and len(written.values) == len(values) and None not in written.keys
        expressions = written.values if written is not None and whole else [None] * len(values)
        return tuple(self.inside(value, expression) for value, expression in zip(values, expressions, strict=True))

    def inside(self, value: Value, expression: ast.expr | None) -> Argument:
        """A part of this argument; where the whole is when its own place is not known."""
        if expression is None or expression.lineno == expression.end_lineno == 0:
            return Argument(value, self.place)
        where = replace(
            self.place,
            line=expression.lineno,
            column=expression.col_offset + 1,
            end_line=expression.end_lineno or expression.lineno,
            end_column=(expression.end_col_offset or expression.col_offset) + 1,
        )
        return Argument(value, where, expression)


class Binding(Struct, frozen=True):
    """The arguments of a call by the parameters that get them.

    ``unknown`` are keywords that there is no parameter for, ``surplus`` positional arguments beyond the last one,
    ``twice`` the names of parameters that are given by position and by keyword. ``open``: ``*x`` or ``**x`` may hide
    more.
    """

    arguments: dict[str, Argument]
    unknown: dict[str, Argument]
    surplus: tuple[Argument, ...]
    twice: tuple[str, ...]
    open: bool
    missing: tuple[str, ...] = ()
    """Required parameters that get nothing."""

    @property
    def fits(self) -> bool:
        """Whether Python can make the call."""
        return not (self.unknown or self.surplus or self.twice or self.missing)


class Followed(Struct, eq=False):
    """The class of an object whose code is followed, and the attributes that the object has by now."""

    of: ClassValue
    walk: Walk
    attributes: dict[str, Value] = field(default_factory=dict)

    def get(self, name: str, instance: Value) -> Value | None:
        """An attribute or a method, bound to the object; None when there is none."""
        if name in self.attributes:
            return self.attributes[name]
        found = self.walk.member(self.of, name)
        return self.walk.bound(found, instance) if found is not None else None

    @property
    def names(self) -> tuple[str, ...]:
        """The public attributes of the class and of those that it derives from, as far as they are followed."""
        found: dict[str, None] = {}
        pending: list[Value | None] = [self.of]
        while pending:
            of = pending.pop()
            if isinstance(of, ClassValue):
                found.update(dict.fromkeys(name for name in of.names if not name.startswith("_")))
                pending += [
                    self.walk.observer.library_class(b.path) if isinstance(b, External) else b for b in of.bases
                ]
        return tuple(found)

    def run(self, name: str, instance: Value, site: CallSite) -> Value | None:
        """Calls a method; None when the class has none of this name that is followed."""
        found = self.get(name, instance)
        return self.walk.run_function(found, site) if isinstance(found, Function) else None


def derives(of: ClassValue, path: str) -> bool:
    """Whether a class derives from one of another package, as far as its code says so."""
    package = path.partition(".")[0]  # what derives from a class of torch.nn's is a torch.nn.Module
    bases = of.external_bases()
    return any(base == path or (package != LIBRARY and base.partition(".")[0] == package) for base in bases)


class Thing(Made, Struct, eq=False):
    """An object of a class that NVFlare or the script's own folder brings along.

    ``path`` is the class path that an exported job would have, empty when it is not known; ``info`` the class, when it
    is known. ``site`` is the call that makes it.
    """

    path: str
    info: ClassInfo | None
    site: CallSite
    arguments: dict[str, Argument] = field(default_factory=dict)
    open: bool = False
    of_model: bool = False
    """Its class derives from one of a package that is not in sight, as a model's does."""
    surplus: tuple[Argument, ...] = ()
    """Positional arguments that there is no parameter for."""
    twice: tuple[str, ...] = ()
    """Parameters that are given by position and by name."""
    of: ClassValue | None = None
    """Its class, when its code is in sight."""
    code: Followed | None = None
    """Its class, when the code of that is followed, and what its constructor keeps."""

    @property
    def truth(self) -> bool | None:
        return True if self.info is not None else None

    def is_instance(self, of: Value) -> bool | None:
        path = of.path if isinstance(of, External) else f"{of.module}.{of.name}" if isinstance(of, ClassValue) else ""
        if self.of is not None and derives(self.of, path):
            return True
        return self.info.is_a(path) if self.info is not None and path else None

    def missing(self, name: str) -> bool:
        return self.code is not None and self.code.get(name, self) is None

    def knows(self, name: str) -> bool | None:
        return True if self.code is not None and self.code.get(name, self) is not None else None

    def attribute(self, name: str, place: CodePlace) -> Value | None:
        return self.code.get(name, self) if self.code else None

    def assigned(self, name: str, value: Value) -> None:
        if self.code is not None:
            self.code.attributes[name] = value

    def method(self, name: str, site: CallSite) -> Value:
        found = self.code.get(name, self) if self.code else None
        return self.code.walk.call(found, name, site) if self.code and found is not None else NOTHING_KNOWN

    def value(self, name: str) -> Value | None:
        """What a parameter is given; None when nothing is."""
        given = self.arguments.get(name)
        return given.value if given else None

    def is_a(self, kinds: Callable[[ClassInfo], tuple[str, ...]], kind: str) -> bool | None:
        """Whether its class is of a kind of the catalogue; None when that is not known."""
        if self.info is None:
            return None
        return kind in kinds(self.info) or (False if self.info.complete else None)


class Reference(Made, Struct, eq=False):
    """``job.as_id(object)``: the id under which the object is added when another one with this argument is."""

    thing: Value
    id: str


def bind(parameters: Iterable[Parameter], site: CallSite, *, any_keyword: bool = False) -> Binding:
    """The arguments of a call by the names of a constructor's or method's parameters, as Python gives them."""
    known = tuple(parameters)
    positional = [parameter.name for parameter in known if not parameter.keyword_only]
    names = {parameter.name for parameter in known}
    written = written_arguments(site)
    by_position = dict(zip(positional, written[0], strict=False))
    by_name = {name: argument for name, argument in written[1].items() if name in names}
    is_open = site.open_positions or site.open_keywords
    given = {**by_position, **by_name}
    return Binding(
        given,
        {} if any_keyword else {name: argument for name, argument in written[1].items() if name not in names},
        () if any_keyword else tuple(written[0][len(positional) :]),
        tuple(name for name in by_name if name in by_position),
        is_open,
        tuple(each.name for each in known if each.required and each.name not in given) if not is_open else (),
    )


def written_arguments(site: CallSite) -> tuple[list[Argument], dict[str, Argument]]:
    """The positional and keyword arguments of a call with their places."""
    call, code = site.node, site.scope.code
    if site.within is not None:
        return [_origin(value, site) for value in site.arguments], {
            name: _origin(value, site) for name, value in site.keywords.items()
        }
    if not isinstance(call, ast.Call):
        return [Argument(value, site.place) for value in site.arguments], {}
    starred = len(site.arguments) > len(call.args) or any(isinstance(argument, ast.Starred) for argument in call.args)
    positional = [
        Argument(value, site.place) if starred else _written(value, call.args[number], code.place)
        for number, value in enumerate(site.arguments)
    ]
    keywords = {keyword.arg: keyword for keyword in call.keywords if keyword.arg}
    by_name: dict[str, Argument] = {}
    for name, value in site.keywords.items():
        keyword = keywords.get(name)
        if keyword is None:
            by_name[name] = Argument(value, site.place)
            continue
        place = code.place(keyword)
        key = replace(place, end_line=place.line, end_column=place.column + len(name))
        by_name[name] = replace(_written(value, keyword.value, code.place), key=key)
    return positional, by_name


def _origin(value: Value, site: CallSite) -> Argument:
    """An argument that NVFlare's own code gives: where the user wrote its value, else the user's call."""
    written = site.origins.get(id(value))
    if isinstance(written, Argument):
        return written
    inner: Iterable[Value] = ()
    if isinstance(value, Listing):
        inner = value.items
    elif isinstance(value, Table):
        inner = (item for _, item in value.entries)
    return Argument(value, site.place, parts=tuple(_origin(item, site) for item in inner))


def _written(value: Value, expression: ast.expr, place: Callable[[ast.expr], CodePlace]) -> Argument:
    where = place(expression)
    return Argument(value, where, expression, where)


def function_place(site: CallSite) -> CodePlace:
    """Where the name of what is called is written."""
    site = site.within or site
    call = site.node
    return site.scope.code.place(call.func) if isinstance(call, ast.Call) else site.place


class Constants:
    """Plain values of a script's values; constants of NVFlare's classes are looked up."""

    def __init__(self, class_info: Callable[[str], ClassInfo | None]) -> None:
        self._class_info = class_info

    def plain(self, value: Value | None) -> object:
        """The Python value; `UNKNOWN` for what is not known, also inside of lists and dicts."""
        match value:
            case NotGiven():
                return UNKNOWN
            case Known(value=known):
                return known if isinstance(known, str | int | float | bool | None) else UNKNOWN
            case Listing(items=items):
                return [self.plain(item) for item in items]
            case Table(entries=entries):
                return {self.plain(key): self.plain(item) for key, item in entries if isinstance(key, Known)}
            case External(path=path):
                return self.constant(path)
            case Reference(id=identifier):
                return identifier
            case _:
                return UNKNOWN

    def constant(self, path: str) -> object:
        """The value of a name in NVFlare: a class's constant, or one of the names of sites (apis/job_def.py)."""
        owner, _, name = path.removesuffix(".value").rpartition(".")
        if path.startswith("nvflare.") and name in _SITE_NAMES:
            return _SITE_NAMES[name]
        info = self._class_info(owner) if path.startswith("nvflare.") else None
        found = dict(info.constants).get(name, UNKNOWN) if info else UNKNOWN
        return found if isinstance(found, str | int | float | bool) else UNKNOWN

    def text(self, value: Value | None) -> str | None:
        """A string that is wholly known; None for anything else."""
        found = self.plain(value)
        return found if isinstance(found, str) and UNKNOWN_TEXT not in found else None


_SITE_NAMES = {"ALL_SITES": "@ALL", "SERVER_SITE_NAME": "server"}


def parameters_of(function: Function) -> tuple[tuple[Parameter, ...], bool]:
    """The parameters that a call of a function fills, without the object that a method is bound to, and whether it
    takes any keyword."""
    specification = function.node.args
    defaults = {name for name, _ in function.defaults}
    positional = [each.arg for each in (*specification.posonlyargs, *specification.args)]
    if function.instance is not None:
        positional = positional[1:]
    named = [Parameter(name, name not in defaults) for name in positional]
    named += [Parameter(each.arg, each.arg not in defaults, keyword_only=True) for each in specification.kwonlyargs]
    return tuple(named), specification.kwarg is not None
