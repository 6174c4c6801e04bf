"""pyhocon, which reads HOCON for NVFlare, without its reach: no environment, no network, no files but those given.

NVFlare calls `ConfigFactory.parse_file` or `parse_string` and converts the tree to dicts and lists
(nvflare/fuel_opt/utils/pyhocon_loader.py, 2.4 to 2.9). pyhocon follows `include` to files, URLs and packages while it
parses, and looks up references that the text does not define in `os.environ`. Here a private copy of its parser module,
whose globals are replaced, does the reading.
"""

from __future__ import annotations

import importlib
import importlib.util
import logging
import posixpath
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any, Final

from msgspec import Struct

from fllint.documents.hocon_tree import is_environment_name
from fllint.documents.tree import UNKNOWN, UNKNOWN_TEXT

_FRAMES: Final = 1000
"""Calls inside each other that pyhocon gets, whatever calls fllint: Python's usual limit, enough for
`MAX_HOCON_NESTING` levels."""

_MAX_STEPS: Final = 20_000
"""References that pyhocon looks up for one text before it is stopped."""

_NULL_IN_TEXT: Final = re.compile(r"<pyhocon\.config_tree\.NoneValue object at 0x[0-9a-fA-F]+>")
"""What pyhocon writes for a null inside a text."""


class Refusal(Struct, frozen=True):
    """Why pyhocon refuses a text: its exception, and the position in the text when it has one."""

    error: Exception
    position: int | None


def judge(text: str, read_include: Callable[[str], str | None]) -> object | Refusal:
    """The value that NVFlare gets of a text, as dicts, lists and scalars, with `UNKNOWN` and `UNKNOWN_TEXT` in it.

    ``read_include`` gives the text of an included file by its path relative to the text's folder, or None.
    """
    from pyparsing import ParserElement

    module = _private_parser(read_include)
    white_space = ParserElement.DEFAULT_WHITE_CHARS
    try:
        with _deep_enough():
            return _plain(module.ConfigParser.parse(text))
    except RecursionError as error:
        return Refusal(error, None)
    except Exception as error:  # pyhocon lets IndexError, TypeError, AttributeError and others through
        return Refusal(error, getattr(error, "loc", None))
    finally:  # pyhocon leaves its own white space behind for every parser of the process when a text does not parse
        ParserElement.set_default_whitespace_chars(white_space)


@contextmanager
def _deep_enough() -> Iterator[None]:
    before = sys.getrecursionlimit()
    depth, frame = 0, sys._getframe()
    while frame.f_back:
        depth, frame = depth + 1, frame.f_back
    sys.setrecursionlimit(depth + _FRAMES)
    try:
        yield
    finally:
        sys.setrecursionlimit(before)


class _EndlessError(Exception):
    """pyhocon would go round in circles for ever."""


def _private_parser(read_include: Callable[[str], str | None]) -> Any:
    """pyhocon's parser module, once more, reading includes by ``read_include`` and seeing nothing else."""
    tree = _private_copy("pyhocon.config_tree")
    module = _private_copy("pyhocon.config_parser")
    for name in [name for name in vars(module) if name.startswith("Config") and hasattr(tree, name)]:
        setattr(module, name, getattr(tree, name))
    module.NoneValue = tree.NoneValue
    tree.ConfigValues.get_substitutions = _guarded(tree.ConfigValues.get_substitutions)
    base: Any = module.ConfigParser

    class Parser(base):  # type: ignore[misc]  # the base is only known at run time
        steps = 0

        @classmethod
        def _resolve_variable(cls, config: Any, substitution: Any) -> tuple[bool, object]:
            cls.steps += 1
            if cls.steps > _MAX_STEPS:
                raise _EndlessError("References lead in a circle.")
            is_resolved, value = super()._resolve_variable(config, substitution)
            if value == UNKNOWN_TEXT and any(isinstance(token, dict | list) for token in substitution.parent.tokens):
                return False, None  # a text cannot be joined to an object or list, so it is meant to be absent
            return is_resolved, value

        @classmethod
        def resolve_package_path(cls, package_path: str) -> str:
            return package_path

    class Files:
        @staticmethod
        def parse_file(path: str, **_: object) -> object:
            text = read_include(path)
            if text is None:
                return []
            return Parser.parse(text, posixpath.dirname(path), False, module.NO_SUBSTITUTION)

        @staticmethod
        def parse_URL(url: str, **_: object) -> object:  # noqa: N802  # pyhocon's name
            return []

    module.ConfigFactory = Files
    module.ConfigParser = Parser
    module.os = SimpleNamespace(environ=_Environment(), path=posixpath)
    module.glob = lambda pattern, recursive: [pattern]
    module.logger = logging.getLogger("fllint.unheard")
    return module


def _private_copy(name: str) -> Any:
    """A module executed anew, so that what is changed in it changes nothing elsewhere."""
    importlib.import_module(name)
    spec = importlib.util.find_spec(name)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _guarded(get_substitutions: Any) -> Any:
    """pyhocon's walk along the values that override each other, which never ends when they do so in a circle."""

    def guarded(values: Any) -> Any:
        seen: set[int] = set()
        node = values
        while node is not None:
            if id(node) in seen:
                raise _EndlessError("References and repeated keys lead in a circle.")
            seen.add(id(node))
            node = getattr(node, "overridden_value", getattr(node, "overriden_value", None))
        return get_substitutions(values)

    return guarded


class _Environment(dict[str, str]):
    """No variable is known, but those that look like one exist."""

    def get(self, name: str, default: Any = None) -> Any:
        return UNKNOWN_TEXT if is_environment_name(name) else default


def _plain(item: object) -> object:
    """NVFlare's conversion (`PyhoconConfig._convert_conf_item`); what no configuration holds becomes unknown."""
    if isinstance(item, dict):
        return {key.strip('"'): _plain(value) for key, value in item.items()}
    if isinstance(item, list):
        return [_plain(value) for value in item]
    if item is None or type(item).__name__ == "NoneValue":
        return None
    if isinstance(item, bool | int | float):
        return item
    if isinstance(item, str):
        return UNKNOWN if item == UNKNOWN_TEXT else _NULL_IN_TEXT.sub(UNKNOWN_TEXT, item)
    return UNKNOWN
