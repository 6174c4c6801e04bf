"""Edits of several entries or items of one object or list at once, so that no two of them want the same comma. The
comments right above what is taken out, and beside it, go with it.

As in `fllint.documents.editing`, an edit is None where the text cannot be edited so.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from itertools import groupby
from typing import Final, TypeVar

from fllint.documents.document import Format
from fllint.documents.editing import (
    between_entries,
    cut,
    deleted_entry,
    entry_like,
    inserted_first,
    is_block,
    is_within,
    line_start,
    written_span,
)
from fllint.documents.load import format_of
from fllint.documents.tree import Entry, Mapping, Node, Place, Sequence, Span
from fllint.findings import Edit

_COMMENT: Final = re.compile(r"([ \t]*)(?:#|//)[^\r\n]*")
_COMMENT_LINE: Final = re.compile(_COMMENT.pattern + r"(?:\r\n|\r|\n)")
_T = TypeVar("_T")


def without_items(sequence: Sequence, gone: Iterable[Node]) -> tuple[Edit | None, ...]:
    """A sequence without some of its items, and without the comments right above them."""
    leaving = set(map(id, gone))
    if leaving.issuperset(map(id, sequence.items)):
        return (_emptied(sequence),)
    runs = _runs(sequence.items, lambda item: id(item) in leaving)
    return tuple(_run_of_items(sequence, run) for run in runs)


def with_other_entries(
    mapping: Mapping, gone: Iterable[Entry], new: Iterable[tuple[str, object]]
) -> tuple[Edit | None, ...]:
    """A mapping with some of its entries replaced by others, as many as there are, and without the comments right above
    them; the others are taken out, or come after the replaced ones."""
    leaving, coming = list(gone), list(new)
    if not leaving:
        return tuple(inserted_first(mapping, *entry) for entry in reversed(coming))  # what is inserted last, is first
    shares = [coming[index : index + 1] for index in range(len(leaving) - 1)] + [coming[len(leaving) - 1 :]]
    edits = [_replaced_entry(mapping, entry, share) for entry, share in zip(leaving, shares, strict=True) if share]
    rest = {id(entry) for entry, share in zip(leaving, shares, strict=True) if not share}
    if rest.issuperset(map(id, mapping.entries)):
        return (_emptied(mapping),)
    runs = _runs(mapping.entries, lambda entry: id(entry) in rest)
    return (*edits, *(_run_of_entries(mapping, run) for run in runs))


def _runs(found: Iterable[_T], is_leaving: Callable[[_T], bool]) -> list[list[_T]]:
    """Neighbours that leave together."""
    return [list(run) for leaves, run in groupby(found, is_leaving) if leaves]


def _run_of_items(sequence: Sequence, run: list[Node]) -> Edit | None:
    places = [item.substituted_at or item.place for item in run]
    source, start, end = sequence.source, places[0].span.start, places[-1].span.end
    if not all(is_within(place, sequence) for place in places):
        return None
    if is_block(sequence):
        dash = re.compile(r"-[ \t]+\Z").search(source.text, line_start(source.text, start), start)
        if dash is None:
            return None
        start = dash.start()
    return _without_comment(cut(source, Span(_with_comments(sequence, start), end), commas=not is_block(sequence)))


def _run_of_entries(mapping: Mapping, run: list[Entry]) -> Edit | None:
    if len(run) == 1 and is_block(mapping):
        return deleted_entry(mapping, run[0])
    spans, source = [written_span(entry) for entry in run], mapping.source
    first, last = spans[0], spans[-1]
    is_own = first and last and all(is_within(entry.key_place, mapping) for entry in run)
    if not first or not last or not is_own:
        return None
    if is_block(mapping) and source.text[line_start(source.text, first.start) : first.start].strip():
        return None
    span = Span(_with_comments(mapping, first.start), last.end)
    return _without_comment(cut(source, span, commas=not is_block(mapping)))


def _replaced_entry(mapping: Mapping, entry: Entry, new: list[tuple[str, object]]) -> Edit | None:
    source, span = entry.key_place.source, written_span(entry)
    if span is None or not is_within(entry.key_place, mapping):
        return None
    text = between_entries(mapping, entry).join(entry_like(entry, key, value) for key, value in new)
    comment = _COMMENT.match(source.text, span.end) if _may_comment(mapping) else None
    end = comment.end() if comment else span.end
    return Edit(Place(source, Span(_with_comments(mapping, span.start), end), entry.key_place.pointer), text)


def _emptied(collection: Mapping | Sequence) -> Edit:
    text, (start, end) = collection.source.text, collection.span
    empty = "[]" if isinstance(collection, Sequence) else "{}"
    if is_block(collection) and text[:start].rstrip().endswith(":"):
        return Edit(Place(collection.source, Span(len(text[:start].rstrip()), end), collection.pointer), f" {empty}")
    return Edit(collection.place, empty)


def _with_comments(collection: Mapping | Sequence, start: int) -> int:
    """Where the comments right above a part of a collection begin, each on its own line; its own start where there are
    none."""
    source = collection.source
    if not _may_comment(collection):
        return start
    values = (node.span.end for node in collection.walk() if node.source is source)
    floor = max((end for end in values if end <= start), default=collection.span.start)
    line = line_start(source.text, start)
    while not source.text[line:start].strip(" \t"):
        above = line_start(source.text, len(source.text[:line].removesuffix("\n").removesuffix("\r")))
        comment = _COMMENT_LINE.fullmatch(source.text, above, line)
        if comment is None or above < floor:
            break
        start, line = above + len(comment[1]), above
    return start


def _without_comment(edit: Edit) -> Edit:
    """A cut, with its line when only a comment is left there."""
    source, (start, end) = edit.place.source, edit.place.span
    line = line_start(source.text, start)
    comment = _COMMENT_LINE.match(source.text, end)
    if comment is None or source.text[line:start].strip() or source.text[line:end].endswith(("\n", "\r")):
        return edit
    return Edit(Place(source, Span(line, comment.end())), "")


def _may_comment(node: Node) -> bool:
    return format_of(node.source.name) in (Format.HOCON, Format.YAML)
