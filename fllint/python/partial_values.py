"""Plain values of which parts may be unknown: their truth, their types, their comparison."""

from __future__ import annotations

import ast
import collections.abc
from importlib import import_module
from typing import Final

from msgspec import Struct

from fllint.documents.tree import UNKNOWN_TEXT, Unknown
from fllint.python.classes import ClassInfo
from fllint.python.foreign import is_stdlib

MAXIMUM_LENGTH: Final = 100_000
"""Texts and collections longer than this are unknown."""


class Instance(Struct, frozen=True):
    """An argument that is an object: a component that the config builds inline. ``info`` is its class, when known."""

    info: ClassInfo | None = None


class OfKnownTruth(Unknown):
    """A value of which no more is known than whether it is true: ``unknown and None``."""

    def __new__(cls, *, is_true: bool) -> OfKnownTruth:
        return object.__new__(cls)

    def __init__(self, *, is_true: bool) -> None:
        self.is_true = is_true


TYPES: Final[dict[str, type]] = {
    known.__name__: known
    for known in (str, int, float, bool, list, tuple, dict, set, frozenset, bytes, complex, object, type)
}


def is_instance(value: object, type_name: str) -> bool | None:
    """Whether a value is of a type that is given by name: a built-in one, or a class path."""
    if type_name == "type(None)":
        return value is None
    if isinstance(value, Instance):
        if value.info is None:
            return None
        if type_name in TYPES:
            return type_name == "object" or (None if value.info.unresolved_bases else _derives(value.info, type_name))
        return value.info.is_a(type_name)
    known = TYPES.get(type_name.removeprefix("builtins.")) or library_type(type_name)
    if known is not None:
        return isinstance(value, known)
    return None if is_stdlib(type_name) or "." not in type_name else False


def library_type(type_name: str) -> type | None:
    """A type of the standard library that plain values may be instances of."""
    module_name, _, name = type_name.rpartition(".")
    if module_name in ("collections.abc", "typing"):
        found = getattr(collections.abc, name, None) or TYPES.get(name.lower())
    elif module_name in ("numbers", "datetime"):
        found = getattr(import_module(module_name), name, None)
    else:
        found = None
    return found if isinstance(found, type) else None


def _derives(info: ClassInfo, builtin: str) -> bool:
    return f"builtins.{builtin}" in info.ancestors


def truth(value: object) -> bool | None:
    match value:
        case OfKnownTruth(is_true=verdict):
            return verdict
        case Unknown():
            return None
        case Instance(info=info):
            plain = info is not None and info.complete and not (info.method("__len__") or info.method("__bool__"))
            return True if plain else None
        case str() if value and not value.replace(UNKNOWN_TEXT, ""):
            return None
        case _:
            return bool(value)


def compare(left: object, operator: ast.cmpop, right: object) -> bool | None:
    """One comparison; None when unknown. Raises TypeError as Python does."""
    if isinstance(operator, ast.Is | ast.IsNot):
        if isinstance(left, Unknown) or isinstance(right, Unknown):
            return None
        singletons = any(value is None or isinstance(value, bool | type) for value in (left, right))
        same = left is right if singletons else None
        return None if same is None else same == isinstance(operator, ast.Is)
    if isinstance(left, Unknown | Instance) or isinstance(right, Unknown | Instance):
        return None
    if isinstance(operator, ast.In | ast.NotIn):
        return _contains(left, right, wanted=isinstance(operator, ast.In))
    if is_partly_unknown(left) or is_partly_unknown(right):
        different = type(left) is not type(right) and not isinstance(left, int | float)
        if different and isinstance(operator, ast.Eq | ast.NotEq):
            return isinstance(operator, ast.NotEq)
        return None
    match operator:
        case ast.Eq():
            return bool(left == right)
        case ast.NotEq():
            return bool(left != right)
        case ast.Lt():
            return bool(left < right)  # type: ignore[operator]  # a TypeError is what Python would raise
        case ast.LtE():
            return bool(left <= right)  # type: ignore[operator]
        case ast.Gt():
            return bool(left > right)  # type: ignore[operator]
        case ast.GtE():
            return bool(left >= right)  # type: ignore[operator]
        case _:
            return None


def _contains(item: object, container: object, *, wanted: bool) -> bool | None:
    unhashable = isinstance(item, dict | list) or (isinstance(item, set) and isinstance(container, dict))
    if unhashable and isinstance(container, dict | set | frozenset):
        raise TypeError(f"unhashable type: '{type(item).__name__}'")
    if isinstance(container, dict):
        container = list(container)
    if not isinstance(container, str | list | tuple | set | frozenset):
        raise TypeError(f"argument of type '{type(container).__name__}' is not iterable")
    if is_partly_unknown(item):
        return None
    if isinstance(container, str):
        return None if UNKNOWN_TEXT in container else (item in container) == wanted  # type: ignore[operator]
    if any(
        (type(known) is type(item) and known == item) or (not has_unknown(known) and known == item)
        for known in container
    ):
        return wanted
    return None if has_unknown(container) else not wanted


def length(value: object) -> int:
    if isinstance(value, list | tuple):
        return sum(map(length, value)) + len(value)
    return len(value) if isinstance(value, str) else 1


def has_unknown(value: object) -> bool:
    """Whether something unknown is in a value, at any depth that arguments have."""
    stack, seen = [value], 0
    while stack:
        current = stack.pop()
        seen += 1
        if seen > MAXIMUM_LENGTH:
            return True
        match current:
            case Unknown() | Instance():
                return True
            case str():
                if UNKNOWN_TEXT in current:
                    return True
            case list() | tuple() | set() | frozenset():
                stack.extend(current)
            case dict():
                stack.extend(current)
                stack.extend(current.values())
            case _:
                pass
    return False


def is_partly_unknown(value: object) -> bool:
    if isinstance(value, str):
        return UNKNOWN_TEXT in value
    return isinstance(value, Unknown | Instance | list | tuple | dict | set) and has_unknown(value)
