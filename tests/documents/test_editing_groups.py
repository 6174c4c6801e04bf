"""Edits of several entries or items at once change what they say and nothing else, in every format and layout."""

from __future__ import annotations

from hypothesis import strategies as st

from fllint.documents.document import Format
from fllint.documents.editing_groups import with_other_entries, without_items
from fllint.documents.tree import Sequence

from .edited_texts import copied, edited, filled_mapping, gives, in_every_format, root_of, texts, value_at


@in_every_format
def test_items_are_taken_out_together(format: Format, data: st.DataObject) -> None:
    text = data.draw(texts(format))
    root = root_of(text, format)
    lists: list[Sequence | None] = [node for node in root.walk() if isinstance(node, Sequence) and node.items]
    sequence = data.draw(st.sampled_from(lists or [None]))
    if sequence is None:
        return
    leaving = data.draw(st.sets(st.integers(0, len(sequence.items) - 1), min_size=1))
    edits = without_items(sequence, [sequence.items[index] for index in leaving])
    assert None not in edits or format is Format.YAML
    if None not in edits:
        expected = copied(root)
        kept = [item for index, item in enumerate(sequence.value) if index not in leaving]
        value_at(expected, sequence.pointer)[:] = kept
        assert gives(text, edits, format, expected)


@in_every_format
def test_entries_are_replaced_by_others_and_taken_out(format: Format, data: st.DataObject) -> None:
    text = data.draw(texts(format))
    root = root_of(text, format)
    mapping = filled_mapping(data, root)
    flags = data.draw(st.lists(st.booleans(), min_size=len(mapping.entries), max_size=len(mapping.entries)))
    leaving = [entry for entry, leaves in zip(mapping.entries, flags, strict=True) if leaves]
    coming = dict(list({"new_1": "text", "new_2": 2, "new_3": {"a": [1]}}.items())[: data.draw(st.integers(0, 3))])
    edits = with_other_entries(mapping, leaving, coming.items())
    assert None not in edits or format is Format.YAML
    if None not in edits:
        expected = copied(root)
        holder = value_at(expected, mapping.pointer)
        for entry in leaving:
            del holder[entry.key]
        holder.update(coming)
        assert gives(text, edits, format, expected)


HOCON = """\
# the job's own
components = [
  # stays
  {id = a}
  # goes, and so
  # does this
  {id = b}  # beside it

  // with the next one
  {id = c},
  {id = d}
]
"""


def items(text: str, format: Format, *indices: int) -> str:
    sequence = root_of(text, format).get("components")
    assert isinstance(sequence, Sequence)
    return edited(text, without_items(sequence, [sequence.items[index] for index in indices]))


def test_the_comments_above_and_beside_what_is_taken_out_go_and_all_others_stay() -> None:
    assert items(HOCON, Format.HOCON, 1) == HOCON.replace(
        "  # goes, and so\n  # does this\n  {id = b}  # beside it\n", ""
    )
    assert items(HOCON, Format.HOCON, 2).count("// with the next one") == 0
    crlf = HOCON.replace("\n", "\r\n")
    assert items(crlf, Format.HOCON, 2) == items(HOCON, Format.HOCON, 2).replace("\n", "\r\n")


def test_a_line_that_looks_like_a_comment_and_belongs_to_a_text_stays() -> None:
    text = "components:\n  - id: a\n    note: |\n      one\n      # two\n  - id: b\n  - id: c\n"
    assert items(text, Format.YAML, 1) == text.replace("  - id: b\n", "")


def test_the_last_items_go_with_the_comma_before_them() -> None:
    text = '{"components": [\n  {"id": "a"},\n  {"id": "b"},\n  {"id": "c"}\n]}\n'
    assert items(text, Format.JSON, 1, 2) == '{"components": [\n  {"id": "a"}\n]}\n'
    assert items(text, Format.JSON, 0, 2) == '{"components": [\n  {"id": "b"}\n]}\n'


def test_a_list_without_its_items_is_empty() -> None:
    assert items("components:\n  - id: a\nother: 1\n", Format.YAML, 0) == "components: []\nother: 1\n"
    assert items(HOCON, Format.HOCON, 0, 1, 2, 3) == "# the job's own\ncomponents = []\n"
