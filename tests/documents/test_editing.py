"""Edits change what they say and nothing else, in every format and layout."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fllint.documents.document import Document, Format
from fllint.documents.editing import (
    deleted_entry,
    deleted_item,
    inserted_after,
    inserted_first,
    part_replaced,
    renamed,
    replaced,
)
from fllint.documents.load import load_document
from fllint.documents.tree import Leaf, Mapping, Node, Sequence
from fllint.findings import Edit

EXTENSIONS = {Format.JSON: "json", Format.HOCON: "conf", Format.YAML: "yml"}

KEYS = st.sampled_from(["alpha", "beta", "gamma_2", "id", "path"])
SCALARS = st.sampled_from(
    ["word", "nvflare.app_common.Foo", "two words", "{v}", "@ALL", "1", "", True, None, 3, 0.5, -7]
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=8,
)
ROOTS = st.dictionaries(KEYS, VALUES, min_size=1, max_size=4)


@st.composite
def texts(draw: st.DrawFn, format: Format) -> str:
    """A mapping written in a format, in one of the ways that people write it."""
    value = draw(ROOTS)
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


def read(text: str, format: Format) -> Document:
    name = f"config.{EXTENSIONS[format]}"
    return load_document(text.encode(), path=name, name=name, format=format, release="2.9")


def _root(text: str, format: Format) -> Mapping:
    root = read(text, format).root
    assert isinstance(root, Mapping), text
    return root


def _applied(edit: Edit, format: Format) -> Any:
    text = edit.place.source.text
    changed = text[: edit.place.span.start] + edit.text + text[edit.place.span.end :]
    document = read(changed, format)
    assert document.root is not None, (text, changed, document.problems)
    return document.root.value


def _pick(draw: st.DrawFn, root: Mapping, kind: type[Node], *, filled: bool = True) -> Any:
    found = [node for node in root.walk() if isinstance(node, kind) and (node.children or not filled)]
    return draw(st.sampled_from(found)) if found else None


def _at(value: Any, pointer: str) -> Any:
    for step in pointer.split("/")[1:]:
        value = value[int(step) if isinstance(value, list) else step]
    return value


def _expected(root: Mapping) -> Any:
    """A value of its own, to be changed as the edit should change it."""
    return json.loads(json.dumps(root.value))


formats = pytest.mark.parametrize("format", list(Format))


@formats
@settings(deadline=None)
@given(data=st.data())
def test_a_scalar_is_replaced_by_another_value(format: Format, data: st.DataObject) -> None:
    root = _root(data.draw(texts(format)), format)
    leaves: list[Leaf | None] = [node for node in root.walk() if isinstance(node, Leaf)]
    leaf = data.draw(st.sampled_from(leaves or [None]))
    new = data.draw(st.sampled_from(["other", "it's", "a: b", "true", 2, False, None, {}, {"x": ["y"]}]))
    edit = replaced(leaf, new) if leaf else None
    if leaf and edit:
        expected = _expected(root)
        parent, _, key = leaf.pointer.rpartition("/")
        holder = _at(expected, parent)
        holder[int(key) if isinstance(holder, list) else key] = new
        assert _applied(edit, format) == expected


@formats
@settings(deadline=None)
@given(data=st.data())
def test_an_object_or_list_is_replaced_by_another_value(format: Format, data: st.DataObject) -> None:
    root = _root(data.draw(texts(format)), format)
    nodes: list[Node | None] = [node for node in root.walk() if not isinstance(node, Leaf) and node.pointer]
    node = data.draw(st.sampled_from(nodes or [None]))
    new = data.draw(st.sampled_from([["word"], {"x": 1}, "word", 2]))
    edit = replaced(node, new) if node else None
    if node and edit:
        expected = _expected(root)
        parent, _, key = node.pointer.rpartition("/")
        holder = _at(expected, parent)
        holder[int(key) if isinstance(holder, list) else key] = new
        assert _applied(edit, format) == expected


@formats
@settings(deadline=None)
@given(data=st.data())
def test_a_key_is_renamed(format: Format, data: st.DataObject) -> None:
    root = _root(data.draw(texts(format)), format)
    mapping = data.draw(st.sampled_from([node for node in root.walk() if isinstance(node, Mapping) and node.entries]))
    entry = data.draw(st.sampled_from(mapping.entries))
    edit = renamed(entry, "new_name")
    assert edit is not None
    expected = _expected(root)
    holder = _at(expected, mapping.pointer)
    holder["new_name"] = holder.pop(entry.key)
    assert _applied(edit, format) == expected


@formats
@settings(deadline=None)
@given(data=st.data())
def test_an_entry_is_deleted(format: Format, data: st.DataObject) -> None:
    root = _root(data.draw(texts(format)), format)
    mapping = data.draw(st.sampled_from([node for node in root.walk() if isinstance(node, Mapping) and node.entries]))
    entry = data.draw(st.sampled_from(mapping.entries))
    edit = deleted_entry(mapping, entry)
    assert edit is not None or (format is Format.YAML)
    if edit:
        expected = _expected(root)
        del _at(expected, mapping.pointer)[entry.key]
        assert _applied(edit, format) == expected


@formats
@settings(deadline=None)
@given(data=st.data())
def test_an_item_is_deleted(format: Format, data: st.DataObject) -> None:
    root = _root(data.draw(texts(format)), format)
    lists = [node for node in root.walk() if isinstance(node, Sequence) and node.items]
    if not lists:
        return
    sequence = data.draw(st.sampled_from(lists))
    index = data.draw(st.integers(0, len(sequence.items) - 1))
    edit = deleted_item(sequence, sequence.items[index])
    assert edit is not None or (format is Format.YAML)
    if edit:
        expected = _expected(root)
        del _at(expected, sequence.pointer)[index]
        assert _applied(edit, format) == expected


@formats
@settings(deadline=None)
@given(data=st.data())
def test_an_entry_is_inserted_first_and_after_another(format: Format, data: st.DataObject) -> None:
    root = _root(data.draw(texts(format)), format)
    mapping = data.draw(st.sampled_from([node for node in root.walk() if isinstance(node, Mapping) and node.entries]))
    new = data.draw(st.sampled_from(["text", 2, {"a": 1}, {"long": ["item number one"] * 8}]))
    expected = _expected(root)
    _at(expected, mapping.pointer)["new_key"] = new
    for edit in (inserted_first(mapping, "new_key", new), inserted_after(mapping, mapping.entries[-1], "new_key", new)):
        assert edit is not None
        assert _applied(edit, format) == expected


@formats
@settings(deadline=None)
@given(data=st.data())
def test_a_part_of_a_text_is_replaced(format: Format, data: st.DataObject) -> None:
    root = _root(data.draw(texts(format)), format)
    leaves = [node for node in root.walk() if isinstance(node, Leaf) and isinstance(node.scalar, str) and node.scalar]
    if not leaves:
        return
    leaf = data.draw(st.sampled_from(leaves))
    start = data.draw(st.integers(0, len(str(leaf.scalar))))
    end = data.draw(st.integers(start, len(str(leaf.scalar))))
    new = data.draw(st.sampled_from(["other", "x.y", '"', "", "a b"]))
    edit = part_replaced(leaf, start, end, new)
    if edit:
        expected = _expected(root)
        parent, _, key = leaf.pointer.rpartition("/")
        holder = _at(expected, parent)
        holder[int(key) if isinstance(holder, list) else key] = str(leaf.scalar)[:start] + new + str(leaf.scalar)[end:]
        assert _applied(edit, format) == expected


def _edited(text: str, format: Format, change: Callable[[Any], Edit | None]) -> str:
    root = _root(text, format)
    edit = change(root)
    assert edit is not None
    return text[: edit.place.span.start] + edit.text + text[edit.place.span.end :]


def test_deleting_an_entry_takes_its_line_along() -> None:
    text = '{\n  "a": 1,\n  "b": 2,\n  "c": 3\n}\n'
    assert _edited(text, Format.JSON, lambda root: deleted_entry(root, root.entries[1])) == (
        '{\n  "a": 1,\n  "c": 3\n}\n'
    )
    assert _edited(text, Format.JSON, lambda root: deleted_entry(root, root.entries[2])) == (
        '{\n  "a": 1,\n  "b": 2\n}\n'
    )


def test_comments_beside_a_deleted_entry_stay() -> None:
    text = "# top\na = 1 # one\n# about b\nb = 2\nc = 3\n"
    assert _edited(text, Format.HOCON, lambda root: deleted_entry(root, root.entries[1])) == (
        "# top\na = 1 # one\n# about b\nc = 3\n"
    )


def test_the_first_entry_of_a_yaml_item_leaves_the_dash() -> None:
    text = "list:\n- id: x\n  path: a.B\n"
    assert _edited(
        text, Format.YAML, lambda root: deleted_entry(root.get("list").items[0], root.get("list").items[0].entries[0])
    ) == ("list:\n- path: a.B\n")


def test_an_inserted_entry_is_written_like_its_neighbour() -> None:
    text = '{\r\n    "path": "/data/x.csv"\r\n}\r\n'
    assert _edited(text, Format.JSON, lambda root: inserted_after(root, root.entries[0], "config_type", "dict")) == (
        '{\r\n    "path": "/data/x.csv",\r\n    "config_type": "dict"\r\n}\r\n'
    )
    text = "args {\n  path = x.csv  # the data\n}\n"
    assert _edited(
        text,
        Format.HOCON,
        lambda root: inserted_after(root.get("args"), root.get("args").entries[0], "config_type", "dict"),
    ) == ('args {\n  path = x.csv  # the data\n  config_type = "dict"\n}\n')


def test_a_text_that_is_joined_of_parts_is_not_edited() -> None:
    root = _root("base = nvflare\npath = ${base}.app\n", Format.HOCON)
    joined = root.get("path")
    assert isinstance(joined, Leaf)
    assert replaced(joined, "other") is None


def test_a_value_of_a_reference_is_edited_where_it_stands() -> None:
    text = "tasks = [trian]\nexecutors = [{tasks = ${tasks}}]\n"
    changed = _edited(
        text, Format.HOCON, lambda root: replaced(root.get("executors").items[0].get("tasks").items[0], "train")
    )
    assert changed == "tasks = [train]\nexecutors = [{tasks = ${tasks}}]\n"
