"""Classes that some releases have and others lack: where they were, where they went, what to use instead.

    python -m fllint.catalogue.moved

makes ``data/moved.json`` anew from the catalogue files. It holds, for every class path that not all releases have, the
releases that have it. ``data/replacements.json`` is written by hand: modules that moved with their classes, classes
whose task another one does now, and arguments that are called otherwise now, or have gone (the empty text).
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from functools import cache
from typing import Any, Final

from msgspec import Struct

from fllint.catalogue.catalogue import Catalogue
from fllint.catalogue.releases import RELEASES
from fllint.python.modules import ClassHere, ImportedName, Module

DATA: Final = os.path.join(os.path.dirname(__file__), "data")


class Moved(Struct, frozen=True):
    """A class path that a release lacks.

    ``releases`` are those that have it, oldest first; empty when it is older than all of them. ``last`` is the newest
    of them before the release that was asked about, ``next`` the oldest after it. ``replacement`` is the class path to
    use instead, None when there is none; ``note`` says how, or what to do without one.
    """

    class_path: str
    releases: tuple[str, ...] = ()
    last: str | None = None
    next: str | None = None
    replacement: str | None = None
    note: str = ""


def moved(class_path: str, release: str) -> Moved | None:
    """What is known of a class path that ``release`` lacks; None when no other release has it and nothing replaces
    it."""
    text = _table("moved.json").get(class_path, "")
    releases = tuple(text.split())
    catalogue = Catalogue.load(release)
    position = RELEASES.index(release)
    replacement, note = _by_hand(class_path, catalogue, newer=not releases or RELEASES.index(releases[0]) < position)
    if not releases and replacement is None and not note:
        return None
    return Moved(
        class_path=class_path,
        releases=releases,
        last=next((known for known in reversed(releases) if RELEASES.index(known) < position), None),
        next=next((known for known in releases if RELEASES.index(known) > position), None),
        replacement=replacement or _same_name(class_path, catalogue),
        note=note,
    )


def moved_argument(class_path: str, argument: str, release: str) -> str | None:
    """What an argument that a class took in older releases is called in this one; empty when nothing does its task any
    more. None for an argument of which that is not known, and where this release has it, or has not yet the other."""
    known: dict[str, str] = _table("replacements.json")["arguments"].get(class_path, {})
    info = Catalogue.load(release).find(class_path)
    if argument not in known or info is None or info.parameter(argument) is not None:
        return None
    new = known[argument]
    return new if not new or info.parameter(new) is not None else None


def _by_hand(class_path: str, catalogue: Catalogue, *, newer: bool) -> tuple[str | None, str]:
    """The replacement in the table, if the release has it, and its note."""
    tables = _table("replacements.json")
    entry = tables["removed" if newer else "added"].get(class_path)
    if entry is not None:
        instead = entry.get("instead")
        if instead is None or catalogue.find(instead) is not None:
            return instead, entry["note"]
    module, _, name = class_path.rpartition(".")
    renamed = tables["modules"].get(module)
    if renamed is not None and catalogue.find(f"{renamed}.{name}") is not None:
        return f"{renamed}.{name}", ""
    return None, ""


def _same_name(class_path: str, catalogue: Catalogue) -> str | None:
    """The class of the same name that the release has; of several, the one whose module resembles the old one most."""
    found = [path for path in catalogue.classes_named(class_path.rpartition(".")[2]) if path != class_path]
    if len(found) < 2:
        return found[0] if found else None
    shared = {path: _shared(path, class_path) for path in found}
    best = [path for path in found if shared[path] == max(shared.values())]
    return best[0] if len(best) == 1 else None


@cache
def _shared(one: str, other: str) -> int:
    """How many parts two dotted paths begin with in common."""
    pairs = zip(one.split("."), other.split("."), strict=False)
    return next((count for count, (left, right) in enumerate(pairs) if left != right), 0)


@cache
def _table(name: str) -> dict[str, Any]:
    with open(os.path.join(DATA, name), encoding="utf-8") as file:
        table: dict[str, Any] = json.load(file)
    return table


# -- making the table


def main() -> int:
    path = os.path.join(DATA, "moved.json")
    with open(path, "w", encoding="utf-8") as file:
        file.write(moved_text())
    print(f"{path}: {os.path.getsize(path)} bytes")
    return 0


def moved_text() -> str:
    """The text of ``moved.json``."""
    having: dict[str, list[str]] = {}
    for release in RELEASES:
        for path in sorted(set(_class_paths(Catalogue.load(release)))):
            having.setdefault(path, []).append(release)
    lines = [
        f"{json.dumps(path)}: {json.dumps(' '.join(releases))}"
        for path, releases in sorted(having.items())
        if len(releases) < len(RELEASES)
    ]
    return "{\n" + ",\n".join(lines) + "\n}\n"


def _class_paths(catalogue: Catalogue) -> Iterator[str]:
    """The paths by which a release's classes can be named: where they are defined, and from packages that offer
    them."""
    for dotted in catalogue.modules:
        module = catalogue.module(dotted)
        if not isinstance(module, Module):
            continue
        for name, binding in module.bindings.items():
            if name.startswith("_"):
                continue
            offered = module.is_package and isinstance(binding, ImportedName)
            if isinstance(binding, ClassHere) or (offered and catalogue.find(f"{dotted}.{name}") is not None):
                yield f"{dotted}.{name}"


if __name__ == "__main__":
    sys.exit(main())
