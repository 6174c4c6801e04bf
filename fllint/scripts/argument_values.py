"""Whether a value suits an argument: its type and its choices."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice

from msgspec import Struct

from fllint.documents.tree import UNKNOWN
from fllint.scripts.argument_model import Argument, ArgumentTrouble, ValueType

_LONGEST_COMPARED = 100
_MOST_COMPARED = 500
_SHOWN_CHOICES = 12
_FALSE = frozenset({"false", "f", "no", "n", "off", "0", "none", "null"})


class ValueCheck(Struct, frozen=True):
    """The converted value (`UNKNOWN` where it cannot be told), and what is wrong with it."""

    value: object
    trouble: ArgumentTrouble | None = None
    message: str = ""
    suggestion: str = ""


def check_value(argument: Argument, text: str, choices: bool = True) -> ValueCheck:
    """Whether argparse takes a text as a value of an argument."""
    value = convert(argument.type, text)
    if isinstance(value, ValueError):
        message = f"{text!r} is not of type {argument.type.value}, which {argument.display} wants"
        return ValueCheck(UNKNOWN, ArgumentTrouble.BAD_TYPE, message)
    if choices and isinstance(argument.choices, tuple) and value is not UNKNOWN and value not in argument.choices:
        shown = ", ".join(repr(choice) for choice in argument.choices[:_SHOWN_CHOICES])
        more = ", ..." if len(argument.choices) > _SHOWN_CHOICES else ""
        message = f"{text!r} is not among the choices of {argument.display}: {shown}{more}"
        near = nearest(text, [str(choice) for choice in argument.choices])
        return ValueCheck(value, ArgumentTrouble.BAD_CHOICE, message, near)
    if argument.type is ValueType.BOOL and text.lower() in _FALSE:
        message = f"type=bool makes True of {text!r}: only the empty string is False"
        return ValueCheck(value, ArgumentTrouble.BOOL_TYPE, message)
    return ValueCheck(value)


def convert(kind: ValueType, text: str) -> object:
    """The value that a text is converted to, a ValueError (returned, not raised) when Python refuses it."""
    try:
        if kind is ValueType.STR:
            return text
        if kind is ValueType.INT:
            return int(text)
        if kind is ValueType.FLOAT:
            return float(text)
        if kind is ValueType.COMPLEX:
            return complex(text)
        if kind is ValueType.BOOL:
            return bool(text)
    except ValueError as error:
        return error
    return UNKNOWN


def converts(argument: Argument, text: str) -> bool | None:
    """Whether a text can be converted to the type of an argument; None when that is not known."""
    value = convert(argument.type, text)
    return None if value is UNKNOWN else not isinstance(value, ValueError)


def nearest(text: str, names: Iterable[str]) -> str:
    """The name that was probably meant; empty when none is near. Case and the kind of dash hardly count."""
    if len(text) > _LONGEST_COMPARED:
        return ""
    from fllint.suggest import similar

    short = [name for name in islice(names, _MOST_COMPARED) if len(name) <= _LONGEST_COMPARED]
    plain = {_plain(name): name for name in reversed(short)}
    near = similar(_plain(text), plain, 1, 0.7)
    return plain[near[0]] if near else ""


def _plain(name: str) -> str:
    return name.lower().replace("_", "-")
