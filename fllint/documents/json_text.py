"""JSON text to a tree. The standard library's json decides, as in NVFlare; a scan of the accepted text finds spans.

NVFlare reads `.json` with `json.load` or `json.loads` (nvflare/fuel/utils/json_config_loader.py, in all releases):
NaN and Infinity are numbers, lone surrogates are kept, and of duplicate keys the last value counts.
"""

from __future__ import annotations

import json
import re
from typing import Final

from msgspec import Struct, field

from fllint.documents.document import Document, DocumentProblem, Format, duplicate_key
from fllint.documents.limits import (
    MAX_DIGITS,
    MAX_NESTING,
    MAX_NODES,
    RefusedError,
    too_deep,
    too_many_digits,
    too_many_nodes,
)
from fllint.documents.tree import Entry, Leaf, Mapping, Node, Place, ScalarValue, Sequence, Source, Span, child_pointer

STRING: Final = r'"[^"\\]*(?:\\.[^"\\]*)*"'
_TOKEN: Final = re.compile(STRING + r'|[{}\[\]]|[^\s{}\[\]",:]+', re.DOTALL)
_LONG_INTEGER: Final = re.compile(rf"{STRING}|-?[0-9]{{{MAX_DIGITS + 1},}}", re.DOTALL)
_ESCAPE: Final = re.compile(
    r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}|\\.", re.DOTALL
)
_WORDS: Final[dict[str, ScalarValue]] = {
    "true": True,
    "false": False,
    "null": None,
    "NaN": float("nan"),
    "Infinity": float("inf"),
    "-Infinity": float("-inf"),
}


def read_json(source: Source) -> Document:
    """The document of a JSON text. Never raises: what the parser refuses is the document's fatal problem."""
    try:
        json.loads(source.text, parse_int=_bounded_int)
        root, problems = _tree(source)
        return Document(source, Format.JSON, root, problems)
    except json.JSONDecodeError as error:
        from fllint.documents.json_causes import explain

        problem = explain(source, error.pos, error.msg)
    except RefusedError as refused:
        problem = refused.problem
    except RecursionError:
        problem = too_deep(source, _deep_bracket(source.text))
    except _LongIntegerError:
        found = next(match for match in _LONG_INTEGER.finditer(source.text) if match[0][0] != '"')
        problem = too_many_digits(source, Span(*found.span()))
    return Document(source, Format.JSON, None, (problem,))


class _LongIntegerError(Exception):
    pass


def _bounded_int(digits: str) -> int:
    """``int(digits)`` with Python's limit also where an old Python has none, or the environment lifts it."""
    if len(digits) > MAX_DIGITS:
        raise _LongIntegerError
    return int(digits)


def _deep_bracket(text: str) -> int:
    """Where the first bracket beyond the nesting limit stands."""
    depth = 0
    for match in _TOKEN.finditer(text):
        if match[0] in ("{", "["):
            depth += 1
            if depth > MAX_NESTING:
                return match.start()
        elif match[0] in ("}", "]"):
            depth -= 1
    return 0


class _Open(Struct):
    """An object or array whose closing bracket has not come yet."""

    start: int
    pointer: str
    is_object: bool
    items: list[Node] = field(default_factory=list)
    entries: dict[str, Entry] = field(default_factory=dict)
    overridden: list[Entry] = field(default_factory=list)
    key: tuple[str, Span, str] | None = None
    """The key whose value comes next, its span, and the value's pointer."""


def _tree(source: Source) -> tuple[Node, tuple[DocumentProblem, ...]]:
    """The tree of a text that `json.loads` accepts, and the duplicate keys in it."""
    text = source.text
    problems: list[DocumentProblem] = []
    opened: list[_Open] = []
    node: Node
    for count, match in enumerate(_TOKEN.finditer(text)):
        token = match[0]
        first = token[0]
        start, end = match.span()
        if count > 2 * MAX_NODES:
            raise RefusedError(too_many_nodes(source, start))
        inside = opened[-1] if opened else None
        if first == '"' and inside is not None and inside.is_object and inside.key is None:
            key = token[1:-1] if "\\" not in token else json.loads(token)
            inside.key = (key, Span(start, end), child_pointer(inside.pointer, key))
            continue
        if inside is None:
            pointer = ""
        elif inside.key is not None:
            pointer = inside.key[2]
        else:
            pointer = f"{inside.pointer}/{len(inside.items)}"
        if first in "{[":
            if len(opened) == MAX_NESTING:
                raise RefusedError(too_deep(source, start))
            opened.append(_Open(start, pointer, first == "{"))
            continue
        if first == '"':
            node = _string(source, token, start, end, pointer)
        elif first not in "}]":
            node = Leaf(source=source, span=Span(start, end), pointer=pointer, scalar=_scalar(token), bare=True)
        else:
            closed = opened.pop()
            span = Span(closed.start, end)
            if closed.is_object:
                entries, overridden = tuple(closed.entries.values()), tuple(closed.overridden)
                node = Mapping(source=source, span=span, pointer=closed.pointer, entries=entries, overridden=overridden)
            else:
                node = Sequence(source=source, span=span, pointer=closed.pointer, items=tuple(closed.items))
            inside = opened[-1] if opened else None
        if inside is None:
            return node, tuple(problems)
        if inside.key is None:
            inside.items.append(node)
            continue
        key, key_span, pointer = inside.key
        inside.key = None
        entry = Entry(key, Place(source, key_span, pointer), node)
        earlier = inside.entries.get(key)
        if earlier is not None:
            inside.overridden.append(earlier)
            problems.append(duplicate_key(earlier, entry))
        inside.entries[key] = entry
    raise AssertionError("json.loads accepted a text without a value")  # pragma: no cover


def _string(source: Source, token: str, start: int, end: int, pointer: str) -> Leaf:
    span = Span(start, end)
    if "\\" not in token:
        return Leaf(source=source, span=span, pointer=pointer, scalar=token[1:-1])
    return Leaf(source=source, span=span, pointer=pointer, scalar=json.loads(token), offsets=_offsets(token, start))


def _offsets(token: str, start: int) -> tuple[int, ...]:
    """Where each character of a quoted string with escapes is written. An escaped surrogate pair is one character."""
    offsets: list[int] = []
    position = 1
    for escape in _ESCAPE.finditer(token):
        offsets.extend(range(start + position, start + escape.start() + 1))
        position = escape.end()
    offsets.extend(range(start + position, start + len(token) - 1))
    return tuple(offsets)


def _scalar(token: str) -> ScalarValue:
    if token in _WORDS:
        return _WORDS[token]
    if "." in token or "e" in token or "E" in token:
        return float(token)
    return int(token)
