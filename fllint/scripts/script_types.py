"""Whether a known value is an instance of a class."""

from __future__ import annotations

from typing import Final

from fllint.scripts.script_values import NOTHING_KNOWN, External, Known, Listing, Made, Table, Value

_PLAIN: Final[dict[str, type]] = {
    "builtins.str": str,
    "builtins.int": int,
    "builtins.float": float,
    "builtins.bool": bool,
    "builtins.object": object,
}
_LISTS: Final = frozenset({"builtins.list", "builtins.tuple", "builtins.set", "builtins.frozenset"})


def is_instance(value: Value, of: Value) -> Value:
    """``isinstance(value, of)``; of several classes, any."""
    answers = [_answer(value, each) for each in of.items] if isinstance(of, Listing) else [_answer(value, of)]
    if True in answers:
        return Known(True)
    return NOTHING_KNOWN if None in answers else Known(False)


def _answer(value: Value, of: Value) -> bool | None:
    path = of.path if isinstance(of, External) else ""
    if isinstance(value, Made):
        return False if path.startswith("builtins.") and path != "builtins.object" else value.is_instance(of)
    if isinstance(value, Table):
        return path == "builtins.dict" if path.startswith("builtins.") else None
    if isinstance(value, Listing):  # a list is what is written most
        return path == "builtins.list" if path.startswith("builtins.") else None
    if isinstance(value, Known):
        if value.value is None:
            return False
        if path in _PLAIN:
            return isinstance(value.value, _PLAIN[path])
        return False if path in _LISTS or path == "builtins.dict" else None
    return None
