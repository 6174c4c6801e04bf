"""Mappings written in the ways that people write them, and what an edit of such a text should give."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fllint.documents.document import Format
from fllint.documents.tree import Mapping
from fllint.findings import Edit
from fllint.fixing.edited_files import applied

from .reading import read
from .values import patient

_KEYS = st.sampled_from(["alpha", "beta", "gamma_2", "id", "path"])
_SCALARS = st.sampled_from(
    ["word", "nvflare.app_common.Foo", "two words", "{v}", "@ALL", "1", "", True, None, 3, 0.5, -7]
)
_VALUES = st.recursive(
    _SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_KEYS, inner, max_size=3),
    max_leaves=8,
)
_ROOTS = st.dictionaries(_KEYS, _VALUES, min_size=1, max_size=4)


@st.composite
def texts(draw: st.DrawFn, format: Format) -> str:
    """A mapping written in a format, in one of the ways that people write it."""
    value = draw(_ROOTS)
    newline = draw(st.sampled_from(["\n", "\r\n"]))
    if format is Format.YAML and draw(st.booleans()):
        text = _block(draw, value, 0)
    elif format is Format.HOCON and draw(st.booleans()):
        text = _hocon_entries(draw, value, 0)
    else:
        indent = draw(st.sampled_from([None, 2, 4] if format is Format.YAML else [None, 2, 4, "\t"]))
        separators = draw(st.sampled_from([(",", ": "), (", ", ": ")]))
        text = json.dumps(value, indent=indent, separators=separators) + draw(st.sampled_from(["", "\n"]))
    return text.replace("\n", newline)


def _comment(draw: st.DrawFn) -> str:
    return draw(st.sampled_from(["", "", "  # why"]))


def _block(draw: st.DrawFn, value: Any, depth: int) -> str:
    """YAML in block style; what is empty in flow style."""
    pad = "  " * depth
    lines = []
    for item in value.items() if isinstance(value, dict) else value:
        head, inner = (f"{pad}{item[0]}:", item[1]) if isinstance(value, dict) else (f"{pad}-", item)
        if isinstance(inner, dict | list) and inner and draw(st.integers(0, 3)):
            if isinstance(value, list) and isinstance(inner, dict):
                lines.append(f"{head} {_block(draw, inner, depth + 1).lstrip()}")
            else:
                lines.append(f"{head}\n{_block(draw, inner, depth + 1)}")
        else:
            lines.append(f"{head} {_yaml_scalar(draw, inner)}{_comment(draw)}\n")
    return "".join(lines)


def _yaml_scalar(draw: st.DrawFn, value: Any) -> str:
    if value in ("word", "two words") and draw(st.booleans()):
        return draw(st.sampled_from([str(value), f"'{value}'"]))
    return json.dumps(value)


def _hocon_entries(draw: st.DrawFn, value: dict[str, Any], depth: int) -> str:
    pad = "  " * depth
    lines = []
    for key, inner in value.items():
        comma = draw(st.sampled_from(["", "", ","]))
        sign = draw(st.sampled_from([" = ", ": ", "="]))
        if isinstance(inner, dict) and inner and draw(st.booleans()):
            sign = draw(st.sampled_from([sign, " "]))
            lines.append(f"{pad}{key}{sign}{{\n{_hocon_entries(draw, inner, depth + 1)}{pad}}}{comma}\n")
        else:
            bare = inner in ("word", "nvflare.app_common.Foo") and draw(st.booleans())
            lines.append(f"{pad}{key}{sign}{inner if bare else json.dumps(inner)}{comma}{_comment(draw)}\n")
    return "".join(lines)


def in_every_format(test: Callable[[Format, st.DataObject], None]) -> Callable[..., None]:
    """A property of a format and of what is drawn from ``data``."""
    each: Callable[..., None] = pytest.mark.parametrize("format", list(Format))(patient(given(data=st.data())(test)))
    return each


def root_of(text: str, format: Format) -> Mapping:
    """The mapping that a text holds."""
    root = read(text, format).root
    assert isinstance(root, Mapping), text
    return root


def filled_mapping(data: st.DataObject, root: Mapping) -> Mapping:
    """One of the mappings below a root that have entries."""
    return data.draw(st.sampled_from([node for node in root.walk() if isinstance(node, Mapping) and node.entries]))


def value_at(value: Any, pointer: str) -> Any:
    """What is at a JSON pointer."""
    for step in pointer.split("/")[1:]:
        value = value[int(step) if isinstance(value, list) else step]
    return value


def copied(root: Mapping) -> Any:
    """A root's value, to be changed as an edit should change it."""
    return json.loads(json.dumps(root.value))


def with_value(root: Mapping, pointer: str, new: object) -> Any:
    """A root's value with another value at a pointer."""
    expected = copied(root)
    parent, _, key = pointer.rpartition("/")
    holder = value_at(expected, parent)
    holder[int(key) if isinstance(holder, list) else key] = new
    return expected


def edited(text: str, edits: Iterable[Edit | None]) -> str:
    """A text with edits, of which there must not be none."""
    return applied(text, [edit for edit in edits if edit is not None])


def gives(text: str, edits: Iterable[Edit | None], format: Format, expected: object) -> bool:
    """Whether a text with edits holds the expected value."""
    changed = edited(text, edits)
    document = read(changed, format)
    assert document.root is not None, (text, changed, document.problems)
    return bool(document.root.value == expected)
