"""What the members of a HOCON text make together: keys that meet are merged or replaced, as pyhocon does it.

The result is a draft of the tree: objects, lists and scalars with their places, where whatever refers to another value
is still open. `fllint.documents.hocon_tree` makes the tree of it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from msgspec import Struct, field
from msgspec.structs import replace

from fllint.documents.document import DocumentProblem, Trouble, duplicate_key
from fllint.documents.hocon_literals import joined, literal_text, literal_value
from fllint.documents.hocon_surprises import literal_surprise, operator_surprise
from fllint.documents.hocon_syntax import Field, Include, ListLiteral, Literal, ObjectLiteral, Part, Reference, Value
from fllint.documents.limits import RefusedError, too_many_digits
from fllint.documents.tree import Entry, Leaf, Place, ScalarValue, Source, Span


class ObjectDraft(Struct, eq=False):
    source: Source
    span: Span
    entries: dict[str, EntryDraft] = field(default_factory=dict)
    overridden: list[EntryDraft] = field(default_factory=list)


class EntryDraft(Struct, eq=False):
    """A key, and what stands under it."""

    key: str
    place: Place
    draft: Draft


class ListDraft(Struct, eq=False):
    source: Source
    span: Span
    items: list[Draft]


class ScalarDraft(Struct, eq=False):
    source: Source
    span: Span
    scalar: ScalarValue
    bare: bool = True
    offsets: tuple[int, ...] = ()


class OpenDraft(Struct, eq=False):
    """A value with references in it: parts that are concatenated once they are known.

    ``earlier`` is what stood under the same key before; a reference to the key itself means that.
    """

    source: Source
    span: Span
    parts: list[Draft | Reference | Literal]
    earlier: Draft | None = None


Draft: TypeAlias = ObjectDraft | ListDraft | ScalarDraft | OpenDraft
OpenInclude: TypeAlias = Callable[[Source, Include, ObjectDraft], None]


class MixedError(Exception):
    """Values of different kinds that pyhocon cannot put together. Holds the problem."""

    def __init__(self, problem: DocumentProblem) -> None:
        super().__init__(problem.message)
        self.problem = problem


class Merger:
    """Merges the members of one text. ``text`` is the text of ``source`` that was scanned.

    ``problems`` collects what is not fatal. ``is_plain`` turns False when a value depends on others.
    ``include`` merges the members of an included file into an object.
    """

    def __init__(self, source: Source, text: str, include: OpenInclude) -> None:
        self.source = source
        self.text = text
        self.include = include
        self.problems: list[DocumentProblem] = []
        self.is_plain = True

    def members(self, target: ObjectDraft, members: tuple[Field | Include, ...]) -> None:
        """Puts members into an object, one after the other."""
        for member in members:
            if isinstance(member, Include):
                self.is_plain = False
                self.include(self.source, member, target)
            else:
                self._field(target, member)

    def list_draft(self, literal: ListLiteral) -> ListDraft:
        """A list. pyhocon drops empty strings from it."""
        items: list[Draft] = []
        for entry in literal.entries:
            draft = self._value(entry)
            if not (isinstance(draft, ScalarDraft) and draft.scalar == "" and isinstance(draft.scalar, str)):
                items.append(draft)
            elif entry.parts:
                message = "pyhocon, which reads HOCON for NVFlare, drops empty strings from lists."
                self._surprise(draft.span, message, "empty string in list")
        return ListDraft(self.source, literal.span, items)

    def _field(self, target: ObjectDraft, member: Field) -> None:
        draft = self._value(member.value)
        if not member.value.parts:
            message = f"The key {self._written(member.key)} has no value, and becomes the empty string."
            self._surprise(member.key, message, "missing value", 'Write a value; `""` when it is meant to be empty.')
        steps = list(member.path)
        is_appended = member.operator == "+=" and (
            isinstance(draft, ListDraft) or (isinstance(draft, ScalarDraft) and isinstance(draft.scalar, str))
        )
        if member.operator == "+=":
            self.is_plain = False
            earlier = _found(target, [step for step, _ in steps])
            surprise = operator_surprise(Place(self.source, member.value.span), draft, earlier)
            self.problems.extend([surprise] if surprise else [])
        if is_appended:
            added = _after_space(draft) if isinstance(draft, ScalarDraft) else draft
            draft = OpenDraft(self.source, draft.span, [Reference(draft.span, "", True, ""), added])
        if isinstance(draft, ListDraft) or is_appended:
            self._put_through(target, steps, draft, member)
        else:
            self._put_merged(target, steps, draft, member)

    def _put_through(self, target: ObjectDraft, steps: list[tuple[str, Span]], draft: Draft, member: Field) -> None:
        """Puts a list at a path. What stands in the way becomes an object (`ConfigTree._put`)."""
        for index, (step, span) in enumerate(steps[:-1]):
            entry = target.entries.get(step)
            if entry is None or not isinstance(entry.draft, ObjectDraft):
                inner = ObjectDraft(self.source, Span(steps[index + 1][1].start, member.value.span.end))
                self._replace(target, EntryDraft(step, Place(self.source, span), inner))
                target = inner
            else:
                target = entry.draft
        key, span = steps[-1]
        self._replace(target, EntryDraft(key, Place(self.source, span), draft))

    def _put_merged(self, target: ObjectDraft, steps: list[tuple[str, Span]], draft: Draft, member: Field) -> None:
        """Puts a value at a path; several steps make an object that is merged (`ConfigTreeParser.postParse`)."""
        for index in range(len(steps) - 1, 0, -1):
            step, span = steps[index]
            wrapper = ObjectDraft(self.source, Span(span.start, member.value.span.end))
            wrapper.entries[step] = EntryDraft(step, Place(self.source, span), draft)
            draft = wrapper
        key, span = steps[0]
        entry = EntryDraft(key, Place(self.source, span), draft)
        earlier = target.entries.get(key)
        is_noted = member.operator != "+="
        if earlier is None or isinstance(earlier.draft, OpenDraft) or isinstance(draft, OpenDraft):
            self._replace(target, entry)
        elif isinstance(draft, ObjectDraft) and isinstance(earlier.draft, ObjectDraft):
            self.merge(earlier.draft, draft)
        elif isinstance(draft, ObjectDraft) and not _is_null(earlier.draft):
            if isinstance(earlier.draft, ListDraft) and len(steps) == 1:
                self._replace(target, entry, is_noted=is_noted)
            else:
                raise MixedError(_cannot_merge(entry, earlier))
        else:
            self._replace(target, entry, is_noted=is_noted)

    def merge(self, target: ObjectDraft, other: ObjectDraft) -> None:
        """Merges an object into another (`ConfigTree.merge_configs`)."""
        for key, entry in other.entries.items():
            earlier = target.entries.get(key)
            if earlier and isinstance(earlier.draft, ObjectDraft) and isinstance(entry.draft, ObjectDraft):
                self.merge(earlier.draft, entry.draft)
            else:
                self._replace(target, entry)
        target.overridden.extend(other.overridden)

    def _replace(self, target: ObjectDraft, entry: EntryDraft, *, is_noted: bool = True) -> None:
        earlier = target.entries.get(entry.key)
        if isinstance(entry.draft, OpenDraft):
            entry.draft.earlier = earlier.draft if earlier else None
        elif earlier and isinstance(earlier.draft, OpenDraft) and isinstance(entry.draft, ObjectDraft):
            parts: list[Draft | Reference | Literal] = [*earlier.draft.parts, entry.draft]
            entry.draft = OpenDraft(entry.draft.source, entry.draft.span, parts, earlier.draft.earlier)
        elif earlier:
            target.overridden.append(earlier)
            if is_noted:
                self.problems.append(duplicate_key(_as_entry(earlier), _as_entry(entry)))
        target.entries[entry.key] = entry

    def _value(self, value: Value) -> Draft:
        parts = value.parts
        if not parts:
            return ScalarDraft(self.source, value.span, "")
        if any(isinstance(part, Reference | Include) for part in parts):
            self.is_plain = False
            return OpenDraft(self.source, value.span, [self._open_part(part) for part in parts])
        if all(isinstance(part, Literal) for part in parts):
            return self._text(value.span, [part for part in parts if isinstance(part, Literal)])
        drafts = [self._whole(part) for part in parts]
        first = drafts[0]
        for draft in drafts[1:]:
            if isinstance(first, ObjectDraft) and isinstance(draft, ObjectDraft):
                self.merge(first, draft)
            elif isinstance(first, ListDraft) and isinstance(draft, ListDraft):
                first.items.extend(draft.items)
            else:
                raise MixedError(_mixed(Place(self.source, draft.span), Place(self.source, first.span)))
        first.span = value.span
        return first

    def _open_part(self, part: Part) -> Draft | Reference | Literal:
        if isinstance(part, Include):
            return OpenDraft(self.source, part.span, [])
        return part if isinstance(part, Reference | Literal) else self._whole(part)

    def _whole(self, part: Part) -> Draft:
        if isinstance(part, ObjectLiteral):
            draft = ObjectDraft(self.source, part.span)
            self.members(draft, part.members)
            return draft
        if isinstance(part, ListLiteral):
            return self.list_draft(part)
        assert isinstance(part, Literal)
        return self._text(part.span, [part])

    def _text(self, span: Span, parts: list[Literal]) -> ScalarDraft:
        for part in parts:
            surprise = literal_surprise(self.source, self.text, part, is_alone=len(parts) == 1)
            self.problems.extend([surprise] if surprise else [])
        try:
            if len(parts) == 1:
                scalar = literal_value(self.text, parts[0])
                if not isinstance(scalar, str):
                    return ScalarDraft(self.source, span, scalar)
            text = joined([literal_text(self.text, part, is_last=part is parts[-1]) for part in parts])
        except OverflowError:
            raise RefusedError(too_many_digits(self.source, span)) from None
        if text.offsets == tuple(range(span.start + 1, span.end - 1)) and parts[0].kind == "quoted":
            return ScalarDraft(self.source, span, text.characters, bare=False)
        if text.offsets == tuple(range(span.start, span.end)):
            return ScalarDraft(self.source, span, text.characters)
        return ScalarDraft(self.source, span, text.characters, offsets=(*text.offsets, text.end))

    def _written(self, span: Span) -> str:
        return repr(self.text[span.start : span.end].strip('"'))

    def _surprise(self, span: Span, message: str, cause: str, help: str = "") -> None:
        place = Place(self.source, span)
        self.problems.append(DocumentProblem(Trouble.SURPRISE, place, message, cause=cause, help=help, fatal=False))


def _found(target: ObjectDraft, path: list[str]) -> EntryDraft | None:
    """The entry at a path below an object."""
    for step in path[:-1]:
        entry = target.entries.get(step)
        if entry is None or not isinstance(entry.draft, ObjectDraft):
            return None
        target = entry.draft
    return target.entries.get(path[-1])


def _after_space(draft: ScalarDraft) -> ScalarDraft:
    """A text that is added to another, with the space that pyhocon puts between."""
    first = draft.span.start + (0 if draft.bare else 1)
    offsets = draft.offsets or tuple(range(first, first + len(str(draft.scalar)) + 1))
    return replace(draft, scalar=f" {draft.scalar}", bare=True, offsets=(draft.span.start, *offsets))


def _is_null(draft: Draft) -> bool:
    return isinstance(draft, ScalarDraft) and draft.scalar is None


def _as_entry(entry: EntryDraft) -> Entry:
    return Entry(entry.key, entry.place, Leaf(source=entry.draft.source, span=entry.draft.span, scalar=None))


def _cannot_merge(entry: EntryDraft, earlier: EntryDraft) -> DocumentProblem:
    return DocumentProblem(
        Trouble.SYNTAX,
        entry.place,
        f"The key {entry.key!r} has a plain value before, and cannot become an object here.",
        cause="value and object",
        help="Keep one of the two.",
        related=(earlier.place,),
    )


def _mixed(place: Place, before: Place) -> DocumentProblem:
    return DocumentProblem(
        Trouble.SYNTAX,
        place,
        "This value follows another of a different kind, and HOCON cannot put them together.",
        cause="mixed values",
        help="Separate the two by a comma or a new line.",
        related=(before,),
    )
