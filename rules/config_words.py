"""Words and places that several rules on configs use."""

from __future__ import annotations

from fllint.documents.tree import Mapping, Node, Place
from fllint.findings import Fix
from fllint.fixes import rename_key
from fllint.suggest import sure_match


def names_a_class(node: Node) -> bool:
    return any(node.entry(key) for key in ("path", "class_path", "name"))


def key_place(node: Mapping, key: str) -> Node | Place:
    entry = node.entry(key)
    return entry.key_place if entry else node


def with_article(noun: str) -> str:
    """``an executor``, ``a filter``."""
    return f"{'an' if noun[0] in 'aeiouAEIO' else 'a'} {noun}"


def rename_if_sure(mapping: Mapping, written: str | None, key: str) -> Fix | None:
    """A fix that renames a key of a mapping, where it must be a slip."""
    entry = mapping.entry(written) if written and sure_match(written, [key]) else None
    return rename_key(entry, key) if entry else None
