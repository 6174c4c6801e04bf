"""HOCON references that do not lead where they seem to."""

from __future__ import annotations

import re
from typing import Final

from fllint.documents.document import DocumentProblem, Trouble
from fllint.documents.hocon_merge import OpenDraft
from fllint.documents.hocon_syntax import Reference
from fllint.documents.hocon_tree import TreeMaker, is_environment_name
from fllint.documents.tree import Leaf, Node, Place

_QUOTED: Final = re.compile(r"\$\{\??([\w.-]+)\}")


def undefined(maker: TreeMaker) -> DocumentProblem | None:
    """The problem of the first reference that must lead somewhere, and does not."""
    for reference, place in maker.dangling:
        if reference.optional or is_environment_name(reference.path):
            continue
        if maker.is_defined(reference):
            message = f"The reference `${{{reference.path}}}` leads back to itself."
            return DocumentProblem(Trouble.UNRESOLVED, place, message, cause="cycle")
        message = f"Nothing in the file is called `{reference.path}`."
        help = "Write `${?name}` when it may be absent."
        if reference.path != reference.path.strip():
            help = f"Write `${{{reference.path.strip()}}}`, without spaces."
        return DocumentProblem(Trouble.UNRESOLVED, place, message, cause="undefined reference", help=help)
    return None


def absent(maker: TreeMaker) -> list[DocumentProblem]:
    """Keys that are left out because their optional references lead nowhere."""
    problems = []
    for entry in maker.absent:
        draft = entry.draft
        parts = draft.parts if isinstance(draft, OpenDraft) else []
        references = [part for part in parts if isinstance(part, Reference)]
        if references:
            place = Place(draft.source, references[0].span)
            message = f"Nothing in the file is called `{references[0].path}`, so the key {entry.key!r} is left out."
            problems.append(DocumentProblem(Trouble.SURPRISE, place, message, cause="optional reference", fatal=False))
    return problems


def quoted(root: Node, maker: TreeMaker) -> list[DocumentProblem]:
    """References in quotes to something that the file defines: HOCON takes them for plain text."""
    problems = []
    for node in root.walk():
        if not isinstance(node, Leaf) or node.bare or not isinstance(node.scalar, str):
            continue
        for found in _QUOTED.finditer(node.scalar):
            if maker.is_defined(Reference(node.span, found[1], False, "")):
                message = f"`{found[0]}` stands in quotes, where HOCON takes it for plain text."
                help = f'Close the quotes before it: `"..."{found[0]}"..."`.'
                place = node.part(*found.span())
                problems.append(
                    DocumentProblem(Trouble.SURPRISE, place, message, cause="quoted reference", help=help, fatal=False)
                )
    return problems
