"""The tree of a merged HOCON text: references followed, places kept.

Where references are involved, pyhocon decides the values (`fllint.documents.hocon_judge`); this module finds out where
each of them was written.
"""

from __future__ import annotations

from typing import Final

from msgspec.structs import replace

from fllint.documents.hocon_literals import Text, joined, literal_text, literal_value, unknown_text
from fllint.documents.hocon_merge import Draft, EntryDraft, ListDraft, ObjectDraft, OpenDraft, ScalarDraft
from fllint.documents.hocon_scan import reference_path
from fllint.documents.hocon_syntax import Literal, Reference
from fllint.documents.limits import RefusedError, too_deep
from fllint.documents.moving import Budget, moved
from fllint.documents.tree import (
    UNKNOWN,
    Entry,
    Leaf,
    Mapping,
    Node,
    Place,
    Sequence,
    Span,
    Unknown,
    child_pointer,
)

_MAX_DEPTH: Final = 100


class TreeMaker:
    """Makes nodes of drafts. ``root`` is where references start from.

    ``dangling`` collects the references that lead to nothing in the file, ``absent`` the entries that are left out
    because their value is nothing but such references.
    """

    def __init__(self, root: ObjectDraft | ListDraft) -> None:
        self.root = root
        self.dangling: list[tuple[Reference, Place]] = []
        self.absent: list[EntryDraft] = []
        self._active: list[OpenDraft] = []
        self._budget = Budget()

    def node(self, draft: Draft, pointer: str, depth: int = 0) -> Node | None:
        """The node of a draft; None when it is nothing but optional references to nothing."""
        self._budget.node(draft.source, draft.span)
        if depth > _MAX_DEPTH or len(self._active) > _MAX_DEPTH:
            raise RefusedError(too_deep(draft.source, draft.span.start))
        if isinstance(draft, ScalarDraft):
            return Leaf(
                source=draft.source,
                span=draft.span,
                pointer=pointer,
                scalar=draft.scalar,
                bare=draft.bare,
                offsets=draft.offsets,
            )
        if isinstance(draft, ListDraft):
            items: list[Node] = []
            for item in draft.items:
                node = self.node(item, f"{pointer}/{len(items)}", depth + 1)
                items.append(node or _null(item, f"{pointer}/{len(items)}"))
            return Sequence(source=draft.source, span=draft.span, pointer=pointer, items=tuple(items))
        if isinstance(draft, ObjectDraft):
            entries = (self._entry(entry, pointer, depth) for entry in draft.entries.values())
            return Mapping(
                source=draft.source,
                span=draft.span,
                pointer=pointer,
                entries=tuple(entry for entry in entries if entry),
                overridden=tuple(self._overridden(entry, pointer, depth) for entry in draft.overridden),
            )
        return self._open(draft, pointer, depth)

    def _entry(self, entry: EntryDraft, pointer: str, depth: int) -> Entry | None:
        child = child_pointer(pointer, entry.key)
        node = self.node(entry.draft, child, depth + 1)
        if node is None:
            self.absent.append(entry)
            return None
        return Entry(entry.key, replace(entry.place, pointer=child), node)

    def _overridden(self, entry: EntryDraft, pointer: str, depth: int) -> Entry:
        """An entry that does not count. What its references lead to is nobody's problem."""
        child = child_pointer(pointer, entry.key)
        dangling, absent = list(self.dangling), list(self.absent)
        node = self.node(entry.draft, child, depth + 1) or _null(entry.draft, child)
        self.dangling, self.absent = dangling, absent
        return Entry(entry.key, replace(entry.place, pointer=child), node)

    def _open(self, draft: OpenDraft, pointer: str, depth: int) -> Node | None:
        self._active.append(draft)
        try:
            found = [self._part(draft, part, pointer, depth) for part in draft.parts]
        finally:
            self._active.pop()
        nodes = [node for node in found if isinstance(node, Node)]
        if len(nodes) == len(found) == 1:
            return nodes[0]
        containers = [node for node in nodes if not isinstance(node, Leaf)]
        if containers:
            return self._joined_containers(containers, draft, pointer)
        if all(part is None for part in found):
            return self.node(draft.earlier, pointer, depth + 1) if draft.earlier else None
        pieces = [self._as_text(part, draft) for part in found]
        for index, part in enumerate(draft.parts[:-1]):
            if isinstance(part, Reference) and found[index] is not None:
                spaces = tuple(range(part.span.end, part.span.end + len(part.space)))
                pieces[index] = joined([pieces[index], Text(part.space, spaces, part.span.end + len(part.space))])
        text = joined(pieces)
        self._budget.text(len(text.characters), draft.source, draft.span)
        offsets = (*text.offsets, max(text.end, draft.span.start))
        return Leaf(
            source=draft.source, span=draft.span, pointer=pointer, scalar=text.characters, bare=True, offsets=offsets
        )

    def _part(
        self, draft: OpenDraft, part: Draft | Reference | Literal, pointer: str, depth: int
    ) -> Node | tuple[Literal, bool] | Span | None:
        """A part of an open value: a node, a literal (and whether it is the last part), the span of a reference to
        something unknown, or None for one to nothing."""
        if isinstance(part, Literal):
            if len(draft.parts) > 1:
                return part, part is draft.parts[-1]
            scalar = literal_value(draft.source.text, part)
            return Leaf(source=draft.source, span=part.span, pointer=pointer, scalar=scalar, bare=part.kind != "quoted")
        if not isinstance(part, Reference):
            return self.node(part, pointer, depth + 1)
        if not part.path:
            return self.node(draft.earlier, pointer, depth + 1) if draft.earlier else None
        place = Place(draft.source, part.span, pointer)
        target = self._target(part)
        if target is None:
            self.dangling.append((part, place))
            if part.optional and not is_environment_name(part.path):
                return None
            if len(draft.parts) > 1:
                return part.span
            return Leaf(source=draft.source, span=part.span, pointer=pointer, scalar=UNKNOWN, bare=True)
        node = self.node(target, pointer, depth + 1)
        return replace(node, substituted_at=place) if node else None

    def is_defined(self, reference: Reference) -> bool:
        """Whether the path of a reference stands in the file, even if it leads in a circle."""
        found: Draft | None = self.root
        for step in reference_path(reference):
            entry = found.entries.get(step) if isinstance(found, ObjectDraft) else None
            if entry is None:
                return False
            found = entry.draft
        return True

    def _target(self, reference: Reference) -> Draft | None:
        """What a reference leads to. Under a key that is being made, what was there before."""
        found: Draft | None = self.root
        for step in reference_path(reference):
            entry = self._entry_below(found, step)
            if entry is None:
                return None
            found = entry.draft
        for _ in range(_MAX_DEPTH):
            if not isinstance(found, OpenDraft) or found not in self._active:
                return found
            found = found.earlier
        return None

    def _entry_below(self, draft: Draft | None, key: str) -> EntryDraft | None:
        """The entry under a key of an object that may be the target of a reference itself."""
        for _ in range(_MAX_DEPTH):
            if not isinstance(draft, OpenDraft):
                return draft.entries.get(key) if isinstance(draft, ObjectDraft) else None
            objects = [part for part in draft.parts if isinstance(part, ObjectDraft) and key in part.entries]
            references = [part for part in draft.parts if isinstance(part, Reference) and part.path]
            if objects:
                return objects[-1].entries[key]
            if draft in self._active or not references or len(self._active) > _MAX_DEPTH:
                draft = draft.earlier
                continue
            self._active.append(draft)
            draft = self._target(references[-1])
            self._active.pop()
        return None

    def _as_text(self, part: Node | tuple[Literal, bool] | Span | None, draft: OpenDraft) -> Text:
        if part is None:
            return Text("", (), draft.span.start)
        if isinstance(part, Span):
            return unknown_text(part)
        if isinstance(part, tuple):
            literal, is_last = part
            return literal_text(draft.source.text, literal, is_last=is_last)
        at = part.substituted_at.span if part.substituted_at else part.span
        if not isinstance(part, Leaf) or part.scalar is None or isinstance(part.scalar, Unknown):
            return unknown_text(at)
        characters = str(part.scalar)
        return Text(characters, (at.start,) * len(characters), at.end)

    def _joined_containers(self, nodes: list[Node], draft: OpenDraft, pointer: str) -> Node:
        first = nodes[0]
        if isinstance(first, Sequence):
            items = [item for node in nodes if isinstance(node, Sequence) for item in node.items]
            again = tuple(moved(item, f"{pointer}/{index}", self._budget) for index, item in enumerate(items))
            return Sequence(source=draft.source, span=draft.span, pointer=pointer, items=again)
        merged = first
        for node in nodes[1:]:
            merged = self._merged(merged, node)
        return replace(merged, source=draft.source, span=draft.span)

    def _merged(self, first: Node, second: Node) -> Node:
        if not isinstance(first, Mapping) or not isinstance(second, Mapping):
            return second
        entries = {entry.key: entry for entry in first.entries}
        for entry in second.entries:
            earlier = entries.get(entry.key)
            entries[entry.key] = replace(entry, node=self._merged(earlier.node, entry.node)) if earlier else entry
        return replace(first, entries=tuple(entries.values()), overridden=first.overridden + second.overridden)


def is_environment_name(path: str) -> bool:
    """Whether a reference that the file does not define means an environment variable: `SITE_NAME`, not `site.name`."""
    return path.replace("_", "A").isalnum() and path.isascii() and path.upper() == path and not path[0].isdigit()


def _null(draft: Draft, pointer: str) -> Leaf:
    return Leaf(source=draft.source, span=draft.span, pointer=pointer, scalar=None, bare=True)
