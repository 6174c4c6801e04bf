"""What ``add_argument(...)`` defines, read from the call in a script."""

from __future__ import annotations

from typing import Final

from msgspec.structs import replace

from fllint.documents.tree import UNKNOWN, Unknown
from fllint.scripts.argument_model import Argument, Nargs, ValueType
from fllint.scripts.script_values import (
    CallSite,
    ClassValue,
    External,
    Known,
    Listing,
    Table,
    Value,
    literal_of,
)

_TYPES: Final = {
    "builtins.int": ValueType.INT,
    "builtins.float": ValueType.FLOAT,
    "builtins.complex": ValueType.COMPLEX,
    "builtins.bool": ValueType.BOOL,
    "builtins.str": ValueType.STR,
    "pathlib.Path": ValueType.STR,
    "pathlib.PurePath": ValueType.STR,
    "os.path.abspath": ValueType.STR,
    "os.path.expanduser": ValueType.STR,
}
_NARGS: Final = {
    "argparse.OPTIONAL": "?",
    "argparse.ZERO_OR_MORE": "*",
    "argparse.ONE_OR_MORE": "+",
    "argparse.REMAINDER": "...",
    "argparse.PARSER": "A...",
}
_FLAGS: Final = frozenset({"store_const", "store_true", "store_false", "append_const", "count", "help", "version"})
_STORES: Final = frozenset({"store", "append", "extend"})


def read_argument(names: list[str], site: CallSite, prefix_chars: str) -> Argument:
    """The argument that ``add_argument(*names, ...)`` defines."""
    is_option = bool(names) and (names[0][0] in prefix_chars or len(names) > 1)
    action = _action(site)
    nargs = _nargs(site, action)
    dest = site.keywords.get("dest")
    longest = next((name for name in names if name[:2].strip(prefix_chars) == ""), names[0] if names else "")
    if action == "boolean":
        names = [
            name for given in names for name in ((given, f"--no-{given[2:]}") if given.startswith("--") else (given,))
        ]
    known_default, default = literal_of(site.keywords.get("default", Known(None)))
    known_const, const = literal_of(site.keywords.get("const", Known(None)))
    if action in ("help", "version"):
        known_default = False
    required = truth(site.keywords.get("required"), False, site) if is_option else _must_be_given(nargs)
    return Argument(
        names=tuple(names) if is_option else (),
        dest=str(dest.value) if isinstance(dest, Known) else longest.lstrip(prefix_chars).replace("-", "_"),
        place=site.place,
        nargs=nargs,
        type=_type(site),
        choices=_choices(site),
        required=required,
        default=UNKNOWN if site.open_keywords or not known_default else default,
        const=UNKNOWN if site.open_keywords or not known_const else const,
        action=action,
    )


def _must_be_given(nargs: Nargs) -> bool | None:
    """Whether a positional argument is required (a missing ``*`` is always taken as empty)."""
    if isinstance(nargs, Unknown):
        return None
    return nargs not in ("?", "*", "...")


def _action(site: CallSite) -> str:
    """The name of the action; ``boolean`` for BooleanOptionalAction, ``unknown`` for one that is not known."""
    given = site.keywords.get("action")
    if site.open_keywords:
        return "unknown"
    if given is None or given == Known(None):
        return "store"
    if given == External("argparse.BooleanOptionalAction"):
        return "boolean"
    if isinstance(given, Known) and isinstance(given.value, str) and given.value in _FLAGS | _STORES:
        return given.value
    if isinstance(given, ClassValue) and given.external_bases() == ("argparse.Action",) and not given.find("__init__"):
        return "store"
    return "unknown"


def _nargs(site: CallSite, action: str) -> Nargs:
    if action in _FLAGS or action == "boolean":
        return 0
    given = site.keywords.get("nargs")
    if action == "unknown":
        return UNKNOWN
    if isinstance(given, External):
        return _NARGS.get(given.path, UNKNOWN)
    if given is None:
        return None
    if isinstance(given, Known):
        nargs = given.value
        if nargs is None or (isinstance(nargs, str) and nargs in ("?", "*", "+", "...", "A...")):
            return nargs
        if isinstance(nargs, int) and not isinstance(nargs, bool) and 0 <= nargs < 100:
            return nargs
    return UNKNOWN


def _type(site: CallSite) -> ValueType:
    if site.open_keywords:
        return ValueType.UNKNOWN
    given = site.keywords.get("type")
    if given is None or given == Known(None):
        return ValueType.STR
    if isinstance(given, External):
        return _TYPES.get(given.path, ValueType.UNKNOWN)
    return ValueType.UNKNOWN


def _choices(site: CallSite) -> tuple[object, ...] | Unknown | None:
    given = site.keywords.get("choices")
    if site.open_keywords:
        return UNKNOWN
    if given is None or given == Known(None):
        return None
    if isinstance(given, Table):
        given = Listing(tuple(key for key, _ in given.entries))
    known, values = literal_of(given)
    return values if known and isinstance(values, tuple) else UNKNOWN


def truth(value: Value | None, default: bool, site: CallSite) -> bool | None:
    """A keyword that is true or false; None when it cannot be told."""
    if value is None:
        return None if site.open_keywords else default
    return bool(value.value) if isinstance(value, Known) else None


def unknown_argument(argument: Argument) -> Argument:
    """An argument of which only the names are known."""
    return replace(
        argument, required=None, nargs=UNKNOWN, type=ValueType.UNKNOWN, choices=UNKNOWN, default=UNKNOWN, const=UNKNOWN
    )
