"""What ``click.option(...)`` and ``click.argument(...)`` define, read from the call in a script."""

from __future__ import annotations

from typing import Final

from msgspec import Struct

from fllint.documents.tree import UNKNOWN, UNKNOWN_TEXT, Unknown
from fllint.scripts.argument_model import Argument, Nargs, ValueType
from fllint.scripts.script_text import CodePlace
from fllint.scripts.script_values import CallSite, External, Known, Listing, Made, Value, literal_of

_TYPES: Final = {
    "builtins.int": ValueType.INT,
    "builtins.float": ValueType.FLOAT,
    "builtins.bool": ValueType.BOOL,
    "builtins.str": ValueType.STR,
    "click.INT": ValueType.INT,
    "click.FLOAT": ValueType.FLOAT,
    "click.BOOL": ValueType.BOOL,
    "click.STRING": ValueType.STR,
}


class ClickType(Made, Struct, eq=False):
    """``click.Choice([...])``, ``click.IntRange(0, 10)``, tuples; of other types only that they are some type."""

    type: ValueType = ValueType.UNKNOWN
    choices: tuple[object, ...] | Unknown | None = None
    case_sensitive: bool = True
    minimum: float | None = None
    maximum: float | None = None
    nargs: Nargs = None


def read_option(site: CallSite) -> Argument:
    """The option that ``click.option(...)`` defines."""
    declared = [value.value for value in site.arguments if isinstance(value, Known) and isinstance(value.value, str)]
    names: list[str] = []
    dest = ""
    secondary = False
    for text in declared:
        if text.isidentifier():
            dest = text
            continue
        parts = [part.strip() for part in text.split("/", 1)] if not text.startswith("/") else [text]
        secondary |= len(parts) > 1
        names += [part for part in parts if part]
    keywords = site.keywords
    known = not site.open_keywords and "cls" not in keywords
    longest = next((name for name in names if name.startswith("--")), names[0] if names else "--?")
    kind = _type(site) if known else ClickType()
    nargs = _option_nargs(site, secondary, kind) if known else UNKNOWN
    required = keywords.get("required", Known(False)) == Known(True)
    excused = any(keyword in keywords for keyword in ("prompt", "envvar", "default", "default_factory", "callback"))
    computed = len(declared) != len(site.arguments) or any(UNKNOWN_TEXT in name or name[0] == "/" for name in names)
    return Argument(
        names=tuple(names) if not computed else (),
        dest=dest or longest.lstrip("-").replace("-", "_"),
        place=site.place,
        nargs=nargs if not computed else UNKNOWN,
        type=kind.type,
        choices=kind.choices,
        required=None if not known or (required and excused) else required,
        action="computed" if computed else "store",
        multiple=keywords.get("multiple", Known(False)) != Known(False),
        case_sensitive=kind.case_sensitive,
        minimum=kind.minimum,
        maximum=kind.maximum,
    )


def _option_nargs(site: CallSite, secondary: bool, kind: ClickType) -> Nargs:
    keywords = site.keywords
    is_flag = keywords.get("is_flag")
    if keywords.get("count", Known(False)) == Known(True):
        return 0
    if isinstance(is_flag, Known) and is_flag.value is True:
        return 0
    if is_flag is not None and is_flag != Known(None):
        return UNKNOWN  # of one that is no flag, click 8.5 takes the value or not, as with ``flag_value``
    if secondary or "flag_value" in keywords:
        return 0
    if keywords.get("prompt_required") is not None:
        return UNKNOWN
    return _count(keywords.get("nargs"), kind)


def _count(nargs: Value | None, kind: ClickType) -> Nargs:
    if nargs is None:
        return kind.nargs
    if nargs == Known(1):
        return None
    if isinstance(nargs, Known) and isinstance(nargs.value, int) and 1 < nargs.value < 100:
        return nargs.value
    return UNKNOWN


def read_positional(site: CallSite) -> Argument:
    """The argument that ``click.argument(...)`` defines."""
    name = site.argument(0, "param_decls")
    keywords = site.keywords
    kind = _type(site)
    nargs: Nargs = "*" if keywords.get("nargs") == Known(-1) else _count(keywords.get("nargs"), kind)
    required: bool | None = nargs != "*" and "default" not in keywords
    if "required" in keywords:
        given = keywords["required"]
        required = bool(given.value) if isinstance(given, Known) else None
    if site.open_keywords or "cls" in keywords:
        nargs, required = UNKNOWN, None
    if required and ("envvar" in keywords or "default" in keywords or "callback" in keywords):
        required = None
    return Argument(
        names=(),
        dest=str(name.value).lower() if isinstance(name, Known) else "argument",
        place=site.place,
        nargs=nargs,
        type=kind.type,
        choices=kind.choices,
        required=required,
        case_sensitive=kind.case_sensitive,
        minimum=kind.minimum,
        maximum=kind.maximum,
    )


def _type(site: CallSite) -> ClickType:
    """The type that is given, or that click guesses from the default."""
    given = site.keywords.get("type")
    if isinstance(given, ClickType):
        return given
    if isinstance(given, External):
        return ClickType(_TYPES.get(given.path, ValueType.UNKNOWN))
    if isinstance(given, Listing):
        return _tuple_of(given)
    if given is not None and given != Known(None):
        return ClickType()
    default = site.keywords.get("default")
    if default is None:
        return ClickType(ValueType.STR)
    if isinstance(default, Known) and "multiple" not in site.keywords and "nargs" not in site.keywords:
        guesses = {bool: ValueType.BOOL, int: ValueType.INT, float: ValueType.FLOAT, str: ValueType.STR}
        return ClickType(guesses.get(type(default.value), ValueType.UNKNOWN))
    return ClickType()


def click_type(path: str, site: CallSite) -> ClickType:
    """``click.Choice(...)``, ``click.IntRange(...)``, ``click.FloatRange(...)``, ``click.Tuple(...)``"""
    if path == "click.Tuple":
        return _tuple_of(site.argument(0, "types"))
    if path == "click.Choice":
        known, choices = literal_of(site.argument(0, "choices"))
        sensitive = site.argument(1, "case_sensitive") or Known(True)
        if not known or not isinstance(choices, tuple) or not all(isinstance(choice, str) for choice in choices):
            return ClickType()
        return ClickType(ValueType.STR, choices, case_sensitive=sensitive == Known(True))
    kind = ValueType.INT if path == "click.IntRange" else ValueType.FLOAT
    if not {"min_open", "max_open", "clamp"}.isdisjoint(site.keywords):
        return ClickType(kind)
    return ClickType(kind, minimum=_bound(site.argument(0, "min")), maximum=_bound(site.argument(1, "max")))


def _tuple_of(types: Value | None) -> ClickType:
    """As many values as there are types."""
    return ClickType(nargs=len(types.items) if isinstance(types, Listing) else UNKNOWN)


def _bound(value: Value | None) -> float | None:
    return value.value if isinstance(value, Known) and isinstance(value.value, (int, float)) else None


def ready_made(path: str, site: CallSite) -> Argument:
    """``@click.version_option()`` and its like."""
    standard = {"version_option": "--version", "help_option": "--help", "password_option": "--password"}
    short = path.removeprefix("click.")
    given = tuple(
        value.value
        for value in site.arguments
        if isinstance(value, Known) and isinstance(value.value, str) and value.value.startswith("-")
    )
    names = given or (standard.get(short, "--yes"),)
    if short == "password_option":
        return Argument(names=names, dest="password", place=site.place)
    return flag(names, site.place, {"version_option": "version", "help_option": "help"}.get(short, "store_true"))


def flag(names: tuple[str, ...], place: CodePlace, action: str) -> Argument:
    """An option without a value."""
    return Argument(names=names, dest=names[0].lstrip("-") if names else "", place=place, nargs=0, action=action)
