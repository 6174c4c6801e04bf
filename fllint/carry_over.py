"""Carrying an app's config over to a release that has removed classes which it uses, where it is known what does their
task now (`fllint.catalogue.successors`): the executor becomes another one, and the components that served it go."""

from __future__ import annotations

from msgspec import Struct, field

from fllint.catalogue.catalogue import Catalogue
from fllint.catalogue.successors import Successor, successor
from fllint.documents.editing import renamed, replaced, written_value
from fllint.documents.editing_groups import with_other_entries, without_items
from fllint.documents.tree import Entry, Leaf, Mapping, Sequence
from fllint.findings import Edit, Fix
from fllint.fixes import fix_by
from fllint.job.model import Component, Config


class CarriedOver(Struct, frozen=True):
    """A fix that carries a config over, and the components that it replaces or takes out."""

    fix: Fix
    components: tuple[Component, ...]


def carry_over(config: Config, catalogue: Catalogue) -> CarriedOver | None:
    """Carries a config over to the catalogue's release.

    None when nothing is to be done, and when it cannot be done: several executors would become one class of which a
    client has room for one only (private/fed/client/client_json_config.py, 2.9), the executor is given something that
    has no counterpart, or the text cannot be edited.
    """
    executors = [entry.component for entry in config.executors if entry.component and not entry.component.disabled]
    found = [(executor, new) for executor in executors if (new := successor(executor.class_text or "", catalogue))]
    if len(found) != 1:
        return None
    executor, new = found[0]
    given = executor.arguments
    if executor.class_node is None or given is None or given is not executor.node.get("args"):
        return None
    change = _Change(new, config)
    if not all(change.take(entry) for entry in given.entries) or not change.complete(given):
        return None
    needless = _needless(config, change)
    edits = [
        replaced(executor.class_node, new.instead),
        *change.edits,
        *with_other_entries(given, change.leaving, change.coming.items()),
        *_without(config, needless),
    ]
    fix = fix_by(_message(change), *edits, safe=False)
    return CarriedOver(fix, (executor, *needless)) if fix else None


class _Change(Struct):
    """What becomes of an executor's arguments: those that leave, those that come, edits of others, and what gets
    lost."""

    new: Successor
    config: Config
    leaving: list[Entry] = field(default_factory=list)
    coming: dict[str, object] = field(default_factory=dict)
    edits: list[Edit | None] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.coming |= self.new.arguments

    def take(self, entry: Entry) -> bool:
        """Decides about an argument; False when it has no counterpart."""
        new, key = self.new, entry.key
        if key in new.absorbed:
            return self._absorb(entry)
        if key in new.converter_arguments:
            return self._convert(entry)
        if key in new.renamed:
            self.edits.append(renamed(entry, new.renamed[key]))
        elif key in new.removed:
            self.leaving.append(entry)
        elif key in new.null_becomes and entry.node.value is None:
            self.edits.append(replaced(entry.node, new.null_becomes[key]))
        return True

    def complete(self, given: Mapping) -> bool:
        """Leaves what is given already as it is; False when something that is needed is not given."""
        for key in [key for key in self.coming if key not in self.new.renamed and given.entry(key)]:
            value, node = self.coming.pop(key), given.get(key)
            converted = any(entry.key in self.new.converter_arguments for entry in self.leaving)
            if node is not None and converted and key == self.new.format_argument and node.value != value:
                self.edits.append(replaced(node, value))
        if self.new.format_argument in self.coming:  # after what it belongs to
            self.coming[self.new.format_argument] = self.coming.pop(self.new.format_argument)
        return all(given.entry(name) for name in self.new.absorbed)

    def _absorb(self, entry: Entry) -> bool:
        """The arguments of the component that an argument names become the executor's own."""
        component = self._named_by(entry)
        becomes = self.new.absorbed[entry.key].get(component.class_text or "") if component else None
        if component is None or component.arguments is None or becomes is None:
            return False
        for own in component.arguments.entries:
            value = written_value(own)
            if value is None:
                return False
            if own.key in becomes:
                self.coming[becomes[own.key]] = value
            else:
                self.lost.append(f"{component.short_class}'s {own.key}")
        self.leaving.append(entry)
        return True

    def _convert(self, entry: Entry) -> bool:
        """The converter that an argument names becomes the format that it made."""
        component = self._named_by(entry)
        made = self.new.formats.get(component.class_text or "") if component else None
        if made is None:
            return False
        self.coming[self.new.format_argument] = made
        self.leaving.append(entry)
        return True

    def _named_by(self, entry: Entry) -> Component | None:
        return self.config.ids.get(entry.node.value) if isinstance(entry.node.value, str) else None


def _needless(config: Config, change: _Change) -> tuple[Component, ...]:
    """The components that served the executor, and that nothing else in the config names."""
    gone = [component for component in config.components if component.class_text in change.new.needless]
    while config.root is not None:
        nodes = [*(component.node for component in gone), *(entry.node for entry in change.leaving)]
        leaving = {id(below) for node in nodes for below in node.walk()}
        named = {node.value for node in config.root.walk() if isinstance(node, Leaf) and id(node) not in leaving}
        kept = [component for component in gone if component.id not in named and not component.disabled]
        if len(kept) == len(gone):
            break
        gone = kept
    return tuple(gone)


def _without(config: Config, components: tuple[Component, ...]) -> tuple[Edit | None, ...]:
    listed = config.root.get("components") if config.root else None
    if not components or not isinstance(listed, Sequence):
        return ()
    return without_items(listed, [component.node for component in components])


def _message(change: _Change) -> str:
    name = change.new.instead.rpartition(".")[2]
    mode = ", ".join(f"{key} {value!r}" for key, value in change.new.arguments.items())
    lost = f"; {', '.join(change.lost)} has no counterpart" if change.lost else ""
    return f"carry the config over to {name} ({mode}){lost}"
