"""HOCON that pyhocon reads without complaint, but not as it looks."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from fllint.documents.document import DocumentProblem, Trouble
from fllint.documents.tree import Place, Source

if TYPE_CHECKING:
    from fllint.documents.hocon_merge import Draft, EntryDraft
    from fllint.documents.hocon_syntax import Literal

_KEPT_ESCAPE: Final = re.compile(r"(?<!\\)(?:\\\\)*\\(?:u[0-9a-fA-F]{4}|[/bf])")
_COMMENT: Final = re.compile(r"(?<![:/])//.*", re.DOTALL)


def _surprise(place: Place, message: str, cause: str, help: str, related: tuple[Place, ...] = ()) -> DocumentProblem:
    return DocumentProblem(Trouble.SURPRISE, place, message, cause=cause, help=help, fatal=False, related=related)


def literal_surprise(source: Source, text: str, literal: Literal, *, is_alone: bool) -> DocumentProblem | None:
    """What is surprising about a literal; ``is_alone`` says that it is the whole value."""
    place = Place(source, literal.span)
    written = text[literal.span.start : literal.span.end]
    if literal.kind == "duration":
        message = f"pyhocon, which reads HOCON for NVFlare, takes `{written}` for a duration, not a number or text."
        return _surprise(place, message, "duration", "Write a number without a unit, or put the text in quotes.")
    if literal.kind == "quoted":
        found = _KEPT_ESCAPE.search(written)
        if found:
            message = f"pyhocon, which reads HOCON for NVFlare, does not know the escape `{found[0]}` and keeps it."
            return _surprise(place, message, "kept escape", "Write the character itself.")
    if literal.kind != "unquoted":
        return None
    if is_alone and len(written) > 1 and written[0] == written[-1] == "'":
        message = "HOCON has no single quotes: they become part of the text."
        return _surprise(place, message, "single quotes", f'Write `"{written[1:-1]}"`.')
    if is_alone and written == "None":
        message = "HOCON takes `None` for a text."
        return _surprise(place, message, "Python word", "Write `null`, or leave the key out.")
    if written.endswith(";"):
        return _surprise(place, "The semicolon becomes part of the text.", "semicolon", "Remove it.")
    comment = _COMMENT.search(written)
    if comment and comment.start() > 0:
        message = f"`{comment[0]}` is no comment here, but part of the text."
        return _surprise(place, message, "comment in text", "Write a space before `//`, or put the text in quotes.")
    return None


def operator_surprise(place: Place, draft: Draft, earlier: EntryDraft | None) -> DocumentProblem | None:
    """`+=` with something that is not a list replaces what was there, or is joined to it as text."""
    from fllint.documents.hocon_merge import ListDraft, ObjectDraft, ScalarDraft

    if isinstance(draft, ListDraft):
        return None
    related = (earlier.place,) if earlier else ()
    written = place.source.text[place.span.start : place.span.end]
    help = f"Write `+= [{written}]`." if "\n" not in written else "Enclose the value in `[ ]`."
    if isinstance(draft, ScalarDraft) and isinstance(draft.scalar, str):
        message = "`+=` joins this to the text that was there before, with a space between."
    elif earlier and isinstance(earlier.draft, ListDraft):
        message = "`+=` replaces the list that was there before by this value, instead of adding to it."
    elif earlier and isinstance(earlier.draft, ObjectDraft) and isinstance(draft, ObjectDraft):
        message = "`+=` merges this into the object that was there before; there is no list."
    else:
        message = "`+=` sets the key to this value; there is no list."
    return _surprise(place, message, "append", help, related)
