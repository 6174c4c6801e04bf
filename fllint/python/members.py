"""The attributes that instances of a class have, from its code alone."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from fllint.python.modules import ClassHere

if TYPE_CHECKING:
    from fllint.python.resolve import PythonPath

_MAKERS: Final = frozenset({"__getattr__", "__getattribute__", "__slots__"})
"""What a class body defines when its instances may have attributes that no assignment shows."""


class Members(Struct, frozen=True):
    """The attributes that the code of one class gives its instances, without those of its bases.

    ``is_open`` says that there may be others: by ``__getattr__``, ``setattr``, ``__dict__``, or an unusual metaclass.
    """

    names: frozenset[str]
    is_open: bool = False

    @property
    def text(self) -> str:
        """As the catalogue writes them: names between blanks, and ``?`` for further ones."""
        return " ".join([*sorted(self.names), *(["?"] if self.is_open else [])])

    @classmethod
    def read(cls, text: str) -> Members:
        """What `text` wrote."""
        names = frozenset(text.split())
        return cls(names - {"?"}, "?" in names)


@lru_cache(maxsize=256)  # every class below asks for it
def members_of(node: ast.ClassDef) -> Members:
    """The members of a class statement: what its body binds, and every attribute that its methods set on whatever."""
    names = set(_bound(node.body))
    is_open = any(ast.unparse(keyword.value).rpartition(".")[2] != "ABCMeta" for keyword in node.keywords)
    for part in ast.walk(node):
        match part:
            case ast.Attribute(attr="__dict__") | ast.Call(func=ast.Name(id="vars")):
                is_open = True
            case ast.Attribute(attr=name, ctx=ast.Store() | ast.Del()):
                names.add(name)
            case ast.Call(func=ast.Name(id="setattr"), args=[_, ast.Constant(value=str(name)), *_]):
                names.add(name)
            case ast.Call(func=ast.Name(id="setattr")):
                is_open = True
    return Members(frozenset(names), is_open or bool(names & _MAKERS))


def _bound(statements: list[ast.stmt]) -> Iterator[str]:
    """The names that a class body binds, in whatever branch."""
    for statement in statements:
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield statement.name
            continue
        for part in ast.walk(statement):
            match part:
                case ast.Name(id=name, ctx=ast.Store()):
                    yield name
                case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                    yield name
                case ast.alias(name=name, asname=alias):
                    yield alias or name.partition(".")[0]


def attributes_of_instances(path: str, python: PythonPath) -> frozenset[str] | None:
    """Every attribute that instances of a class may have, its own and the inherited ones; None when that cannot be
    known."""
    info = python.class_info(path)
    if info is None or not info.complete or info.broken:
        return None
    names = set(dir(object))
    for each in (path, *info.ancestors):
        members = _members(each, python)
        if members is None or members.is_open:
            return None
        names |= members.names
    return frozenset(names)


def _members(path: str, python: PythonPath) -> Members | None:
    module, _, name = path.rpartition(".")
    if python.catalogue is not None and python.owner(path) == "nvflare":
        return python.catalogue.members(path)
    binding = python.lookup(module, name).binding
    if isinstance(binding, ClassHere) and binding.node is not None:
        return members_of(binding.node)
    return _members_outside(path)


def _members_outside(path: str) -> Members | None:
    """The members of a class that is no part of the job nor of NVFlare; None when they are not known."""
    if path in ("abc.ABC", "typing.Generic", "typing.Protocol"):
        return Members(frozenset())
    package, _, name = path.rpartition(".")
    built_in = getattr(builtins, name, None) if package == "builtins" else None
    return Members(frozenset(dir(built_in))) if isinstance(built_in, type) else None
