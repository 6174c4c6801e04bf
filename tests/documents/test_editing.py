"""Edits change what they say and nothing else, in every format and layout."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

from fllint.documents.document import Format
from fllint.documents.editing import (
    deleted_entry,
    deleted_item,
    inserted_after,
    inserted_first,
    part_replaced,
    renamed,
    replaced,
)
from fllint.documents.tree import Leaf, Node, Sequence
from fllint.findings import Edit

from .edited_texts import copied, edited, filled_mapping, gives, in_every_format, root_of, texts, value_at, with_value


@in_every_format
def test_a_scalar_is_replaced_by_another_value(format: Format, data: st.DataObject) -> None:
    text = data.draw(texts(format))
    root = root_of(text, format)
    leaves: list[Leaf | None] = [node for node in root.walk() if isinstance(node, Leaf)]
    leaf = data.draw(st.sampled_from(leaves or [None]))
    new = data.draw(st.sampled_from(["other", "it's", "a: b", "true", 2, False, None, {}, {"x": ["y"]}]))
    edit = replaced(leaf, new) if leaf else None
    if leaf and edit:
        assert gives(text, [edit], format, with_value(root, leaf.pointer, new))


@in_every_format
def test_an_object_or_list_is_replaced_by_another_value(format: Format, data: st.DataObject) -> None:
    text = data.draw(texts(format))
    root = root_of(text, format)
    nodes: list[Node | None] = [node for node in root.walk() if not isinstance(node, Leaf) and node.pointer]
    node = data.draw(st.sampled_from(nodes or [None]))
    new = data.draw(st.sampled_from([["word"], {"x": 1}, "word", 2]))
    edit = replaced(node, new) if node else None
    if node and edit:
        assert gives(text, [edit], format, with_value(root, node.pointer, new))


@in_every_format
def test_a_key_is_renamed(format: Format, data: st.DataObject) -> None:
    text = data.draw(texts(format))
    root = root_of(text, format)
    mapping = filled_mapping(data, root)
    entry = data.draw(st.sampled_from(mapping.entries))
    edit = renamed(entry, "new_name")
    assert edit is not None
    expected = copied(root)
    holder = value_at(expected, mapping.pointer)
    holder["new_name"] = holder.pop(entry.key)
    assert gives(text, [edit], format, expected)


@in_every_format
def test_an_entry_is_deleted(format: Format, data: st.DataObject) -> None:
    text = data.draw(texts(format))
    root = root_of(text, format)
    mapping = filled_mapping(data, root)
    entry = data.draw(st.sampled_from(mapping.entries))
    edit = deleted_entry(mapping, entry)
    assert edit is not None or format is Format.YAML
    if edit:
        expected = copied(root)
        del value_at(expected, mapping.pointer)[entry.key]
        assert gives(text, [edit], format, expected)


@in_every_format
def test_an_item_is_deleted(format: Format, data: st.DataObject) -> None:
    text = data.draw(texts(format))
    root = root_of(text, format)
    lists = [node for node in root.walk() if isinstance(node, Sequence) and node.items]
    if not lists:
        return
    sequence = data.draw(st.sampled_from(lists))
    index = data.draw(st.integers(0, len(sequence.items) - 1))
    edit = deleted_item(sequence, sequence.items[index])
    assert edit is not None or format is Format.YAML
    if edit:
        expected = copied(root)
        del value_at(expected, sequence.pointer)[index]
        assert gives(text, [edit], format, expected)


@in_every_format
def test_an_entry_is_inserted_first_and_after_another(format: Format, data: st.DataObject) -> None:
    text = data.draw(texts(format))
    root = root_of(text, format)
    mapping = filled_mapping(data, root)
    new = data.draw(st.sampled_from(["text", 2, {"a": 1}, {"long": ["item number one"] * 8}]))
    expected = copied(root)
    value_at(expected, mapping.pointer)["new_key"] = new
    for edit in (inserted_first(mapping, "new_key", new), inserted_after(mapping, mapping.entries[-1], "new_key", new)):
        assert edit is not None
        assert gives(text, [edit], format, expected)


@in_every_format
def test_a_part_of_a_text_is_replaced(format: Format, data: st.DataObject) -> None:
    text = data.draw(texts(format))
    root = root_of(text, format)
    leaves = [node for node in root.walk() if isinstance(node, Leaf) and isinstance(node.scalar, str) and node.scalar]
    if not leaves:
        return
    leaf = data.draw(st.sampled_from(leaves))
    before = str(leaf.scalar)
    start = data.draw(st.integers(0, len(before)))
    end = data.draw(st.integers(start, len(before)))
    new = data.draw(st.sampled_from(["other", "x.y", '"', "", "a b"]))
    edit = part_replaced(leaf, start, end, new)
    if edit:
        assert gives(text, [edit], format, with_value(root, leaf.pointer, before[:start] + new + before[end:]))


def _edited(text: str, format: Format, change: Callable[[Any], Edit | None]) -> str:
    edit = change(root_of(text, format))
    assert edit is not None
    return edited(text, [edit])


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
    root = root_of("base = nvflare\npath = ${base}.app\n", Format.HOCON)
    joined = root.get("path")
    assert isinstance(joined, Leaf)
    assert replaced(joined, "other") is None


def test_a_value_of_a_reference_is_edited_where_it_stands() -> None:
    text = "tasks = [trian]\nexecutors = [{tasks = ${tasks}}]\n"
    changed = _edited(
        text, Format.HOCON, lambda root: replaced(root.get("executors").items[0].get("tasks").items[0], "train")
    )
    assert changed == "tasks = [train]\nexecutors = [{tasks = ${tasks}}]\n"
