"""Words and places that several rules on configs use."""

from __future__ import annotations

from fllint.documents.tree import Mapping, Node, Place
from fllint.job.model import Role


def names_a_class(node: Node) -> bool:
    return any(node.entry(key) for key in ("path", "class_path", "name"))


def key_place(node: Mapping, key: str) -> Node | Place:
    entry = node.entry(key)
    return entry.key_place if entry else node


def article(role: Role) -> str:
    return f"{'an' if role.value[0] in 'aeiou' else 'a'} {role.value}"
