"""What a script makes by calling classes, and the arguments it gives them."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from typing import NamedTuple

from msgspec import Struct, field

from fllint.documents.tree import UNKNOWN, UNKNOWN_TEXT
from fllint.job_api.command_line import NotGiven
from fllint.python.classes import ClassInfo, Parameter
from fllint.scripts.script_text import CodePlace
from fllint.scripts.script_values import CallSite, External, Known, Listing, Made, Table, Value


class Argument(NamedTuple):
    """An argument of a call: its value, where it is written, and its expression when that is in the call itself.
    ``key`` is where its name is written (the value's place for a positional one)."""

    value: Value
    place: CodePlace
    expression: ast.expr | None = None
    key: CodePlace | None = None


class Binding(NamedTuple):
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
    return Binding(
        {**by_position, **by_name},
        {} if any_keyword else {name: argument for name, argument in written[1].items() if name not in names},
        () if any_keyword else tuple(written[0][len(positional) :]),
        tuple(name for name in by_name if name in by_position),
        site.open_positions or site.open_keywords,
    )


def written_arguments(site: CallSite) -> tuple[list[Argument], dict[str, Argument]]:
    """The positional and keyword arguments of a call with their places."""
    call, code = site.node, site.scope.code
    if not isinstance(call, ast.Call):
        return [Argument(value, site.place) for value in site.arguments], {}
    starred = any(isinstance(argument, ast.Starred) for argument in call.args)
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
        key = place._replace(end_line=place.line, end_column=place.column + len(name))
        by_name[name] = _written(value, keyword.value, code.place)._replace(key=key)
    return positional, by_name


def _written(value: Value, expression: ast.expr, place: Callable[[ast.expr], CodePlace]) -> Argument:
    where = place(expression)
    return Argument(value, where, expression, where)


def function_place(site: CallSite) -> CodePlace:
    """Where the name of what is called is written."""
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
