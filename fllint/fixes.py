"""Fixes as rules offer them: what to write instead, and the edit that writes it.

Each is None where the text cannot be edited so (`fllint.documents.editing` says when), and then a finding has no fix.
``safe`` promises that what the job does can only become what was meant. Editing is imported when something is wrong.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from fllint.documents.tree import Entry, Leaf, Mapping, Node, Place, Sequence, Span
from fllint.findings import Edit, Fix

if TYPE_CHECKING:
    from fllint.scripts.script_imports import Import


def fix_by(message: str, *edits: Edit | None, safe: bool = True) -> Fix | None:
    """A fix of some edits, as its message says; None when one of them cannot be made."""
    made = tuple(edit for edit in edits if edit is not None)
    return Fix(message, made, safe) if made and len(made) == len(edits) else None


def rename_key(entry: Entry, key: str, *, safe: bool = True) -> Fix | None:
    """The key of an entry becomes another one."""
    from fllint.documents.editing import renamed

    return fix_by(f"rename '{entry.key}' to '{key}'", renamed(entry, key), safe=safe)


def write_value(node: Node, value: object, *, safe: bool = True) -> Fix | None:
    """A value becomes another one, a number, text, list or object as JSON has them."""
    from fllint.documents.editing import replaced

    return fix_by(f"write {_shown(value)}", replaced(node, value), safe=safe)


def write_entry(entry: Entry, key: str, value: object, *, safe: bool = True) -> Fix | None:
    """An entry becomes another one, in the same quotes."""
    from fllint.documents.editing import renamed, replaced

    return fix_by(f'write "{key}": {_shown(value)}', renamed(entry, key), replaced(entry.node, value), safe=safe)


def write_part(leaf: Leaf, start: int, end: int, text: str, *, safe: bool = True) -> Fix | None:
    """``value[start:end]`` of a text becomes another one."""
    from fllint.documents.editing import part_replaced

    whole = f"{str(leaf.scalar)[:start]}{text}{str(leaf.scalar)[end:]}"
    return fix_by(f"write {_shown(whole)}", part_replaced(leaf, start, end, text), safe=safe)


def write_word(place: Place, word: str, instead: str, *, safe: bool = True) -> Fix | None:
    """A word that stands once in a place becomes another one: part of a string, or of Python code."""
    start = _only_start(place, word)
    if start is None or not instead or any(character in instead for character in "\"'\\\n\r"):
        return None
    span = Span(start, start + len(word))
    return fix_by(f"write {_shown(instead)}", Edit(Place(place.source, span, place.pointer), instead), safe=safe)


def _only_start(place: Place, word: str) -> int | None:
    text = place.source.text[place.span.start : place.span.end]
    return place.span.start + text.index(word) if word and text.count(word) == 1 else None


def import_of(found: Import, place: Place, module: str, *, safe: bool = True) -> Fix | None:
    """An import, whose module's name stands in a place, imports another module, under the name that its file uses.

    The names of modules stand alone in Python, so that their spans are all there is to edit.
    """
    text, (start, end) = place.source.text, place.span
    if not module or found.dynamic or text[start:end] != found.module or found.level:
        return None
    if found.names or re.compile(r"[ \t]+as\b").match(text, end):
        return fix_by(f"import {module}", Edit(place, module), safe=safe)
    package, _, name = module.rpartition(".")
    statement = re.compile(r"import[ \t]+\Z").search(text, text.rfind("\n", 0, start) + 1, start)
    alone = re.compile(r"[ \t]*(?:#|;|[\r\n]|\Z)").match(text, end)
    if not package or name != found.module or not statement or not alone:
        return None
    whole = Place(place.source, Span(statement.start(), end))
    return fix_by(f"from {package} import {name}", Edit(whole, f"from {package} import {name}"), safe=safe)


def remove_entry(mapping: Mapping, entry: Entry, *, safe: bool = True) -> Fix | None:
    """An entry of an object is taken out."""
    from fllint.documents.editing import deleted_entry

    return fix_by(f"remove '{entry.key}'", deleted_entry(mapping, entry), safe=safe)


def remove_item(sequence: Sequence, item: Node, *, safe: bool = True) -> Fix | None:
    """An item of a list is taken out."""
    from fllint.documents.editing import deleted_item

    return fix_by("remove it", deleted_item(sequence, item), safe=safe)


def add_first(mapping: Mapping, key: str, value: object, *, safe: bool = True) -> Fix | None:
    """An object gets one entry more, before its others."""
    from fllint.documents.editing import inserted_first

    return fix_by(f'add "{key}": {_shown(value)}', inserted_first(mapping, key, value), safe=safe)


def add_after(mapping: Mapping, anchor: Entry, key: str, value: object, *, safe: bool = True) -> Fix | None:
    """An object gets one entry more, after one that it has."""
    from fllint.documents.editing import inserted_after

    return fix_by(f'add "{key}": {_shown(value)}', inserted_after(mapping, anchor, key, value), safe=safe)


def _shown(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 80 else f"{text[:77]}…"
