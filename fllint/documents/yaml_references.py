"""`${references}` of YAML configurations, as OmegaConf resolves them when NVFlare reads the file.

Syntax and meaning follow OmegaConf 2.3 and 2.4 (its interpolation grammar and `BaseContainer._resolve_interpolation`).
What depends on the environment or on a function of OmegaConf (`${oc.env:HOME}`) is unknown; a function that OmegaConf
does not have, such as NVFlare's `${secret:X}`, is refused, as is a reference to nothing.
"""

from __future__ import annotations

import re
from typing import Final

from msgspec.structs import replace

from fllint.documents.document import DocumentProblem, Trouble
from fllint.documents.limits import MAX_NESTING, RefusedError, limit_problem
from fllint.documents.moving import Budget, moved
from fllint.documents.tree import (
    UNKNOWN,
    UNKNOWN_TEXT,
    Leaf,
    Mapping,
    Node,
    Place,
    Sequence,
    Unknown,
    child_pointer,
)

_KNOWN_RESOLVERS: Final = (
    "oc.coerce",
    "oc.create",
    "oc.decode",
    "oc.deprecated",
    "oc.dict.keys",
    "oc.dict.values",
    "oc.env",
    "oc.select",
)
_MISSING: Final = "???"
_TEXT: Final = re.compile(r"(?:(?!\\*\$\{).)+", re.DOTALL)
_OPENING: Final = re.compile(r"(\\*)\$\{")
_SPACE: Final = re.compile(r"[ \t]*")
_KEY: Final = re.compile(r"[^\\{}()\[\]:. \t'\"]+")
_RESOLVER: Final = re.compile(r"[ \t]*((?:[a-zA-Z_][\w-]*(?:\.[a-zA-Z_][\w-]*)*)?)[ \t]*:", re.ASCII)


def resolved(root: Node) -> Node:
    """The tree with every `${reference}` replaced by what it refers to.

    Raises `RefusedError` for the first reference, in the order of the file, that OmegaConf refuses.
    """
    return _Resolver(root).tree(root, (), "")


class _Resolver:
    def __init__(self, root: Node) -> None:
        self._root = root
        self._active: list[Leaf] = []
        self._done: dict[int, Node] = {}
        self.budget = Budget()

    def tree(self, node: Node, parents: tuple[Node, ...], pointer: str) -> Node:
        """A node and all below it, resolved, at a pointer. ``parents`` lead to where it is written, outermost first."""
        self.budget.node(node.source, node.span)
        if len(parents) + len(self._active) > 2 * MAX_NESTING:
            raise RefusedError(limit_problem(node.source, node.span, "References are nested deeper than fllint reads."))
        if isinstance(node, Leaf):
            result = self._leaf(node, parents)
            return result if result.pointer == pointer else moved(result, pointer, self.budget)
        inner = (*parents, node)
        if isinstance(node, Mapping):
            entries = []
            for entry in node.entries:
                child = child_pointer(pointer, entry.key)
                place = replace(entry.key_place, pointer=child)
                entries.append(replace(entry, key_place=place, node=self.tree(entry.node, inner, child)))
            return replace(node, pointer=pointer, entries=tuple(entries))
        assert isinstance(node, Sequence)
        items = (self.tree(item, inner, f"{pointer}/{index}") for index, item in enumerate(node.items))
        return replace(node, pointer=pointer, items=tuple(items))

    def _leaf(self, leaf: Leaf, parents: tuple[Node, ...]) -> Node:
        if not isinstance(leaf.scalar, str) or "${" not in leaf.scalar:
            return leaf
        if id(leaf) in self._done:
            return self._done[id(leaf)]
        if any(leaf is active for active in self._active):
            raise _unresolved(leaf.place, "This reference leads back to itself.", cause="cycle")
        if len(self._active) > MAX_NESTING:
            raise RefusedError(limit_problem(leaf.source, leaf.span, "References lead to references too often."))
        self._active.append(leaf)
        result = _Text(self, leaf, parents).value()
        self._active.pop()
        self._done[id(leaf)] = result
        return result

    def referenced(self, leaf: Leaf, key: str, dots: int, parents: tuple[Node, ...], place: Place) -> Node | None:
        """What a key path refers to, resolved; None when it goes through something unknown."""
        path = [part for part in re.split(r"[.\[\]]", key) if part]
        if dots > len(parents):
            raise _unresolved(place, f"`{'.' * dots}` leads out of the file.")
        trail: list[Node] = list(parents[: len(parents) - dots + 1]) if dots else [self._root]
        for part in path:
            found = _child(trail[-1], part)
            if found is None:
                raise _unresolved(place, f"Nothing in the file is called `{'.' * dots}{key}`.")
            if isinstance(found, Leaf):
                step = self._leaf(found, tuple(trail))
                if isinstance(step, Leaf) and isinstance(step.scalar, Unknown):
                    return None
                found = step if part is not path[-1] or isinstance(step, Leaf) else found
            trail.append(found)
        target = trail[-1]
        result = self.tree(target, tuple(trail[:-1]), leaf.pointer)
        if isinstance(result, Leaf) and result.scalar == _MISSING:
            raise _unresolved(place, f"`{key}` is `???`, which OmegaConf takes as missing.")
        return result


def _child(node: Node, key: str) -> Node | None:
    if isinstance(node, Sequence):
        index = int(key) if re.fullmatch(r"-?[0-9]{1,9}", key) else len(node.items)
        return node.items[index] if -len(node.items) <= index < len(node.items) else None
    return node.get(key)


def _unresolved(place: Place, message: str, *, cause: str = "undefined reference", help: str = "") -> RefusedError:
    return RefusedError(DocumentProblem(Trouble.UNRESOLVED, place, message, cause=cause, help=help))


class _Text:
    """One string with references."""

    def __init__(self, resolver: _Resolver, leaf: Leaf, parents: tuple[Node, ...]) -> None:
        self._resolver = resolver
        self._leaf = leaf
        self._parents = parents
        self._text = str(leaf.scalar)
        self._offsets = [leaf.part(index, index + 1).span.start for index in range(len(self._text))]

    def value(self) -> Node:
        """What OmegaConf makes of the string: the referenced value itself when it is one reference, else text."""
        pieces: list[str] = []
        offsets: list[int] = []
        at = 0
        while at < len(self._text):
            opening = _OPENING.match(self._text, at)
            if opening is None:
                end = _TEXT.match(self._text, at).end()  # type: ignore[union-attr]  # it matches where _OPENING does not
                pieces.append(self._text[at:end])
                offsets.extend(self._offsets[at:end])
                at = end
                continue
            backslashes = len(opening[1])
            pieces.append("\\" * (backslashes // 2))
            offsets.extend(self._offsets[at : at + backslashes // 2])
            start = at + backslashes
            if backslashes % 2:
                pieces.append("${")
                offsets.extend(self._offsets[start : start + 2])
                at = start + 2
                continue
            node, at = self._reference(start)
            if start == 0 and at == len(self._text):
                place = self._leaf.place
                return replace(node, substituted_at=place) if node else replace(self._leaf, scalar=UNKNOWN, offsets=())
            piece = _as_text(node)
            self._resolver.budget.text(len(piece), self._leaf.source, self._leaf.span)
            pieces.append(piece)
            offsets.extend([self._offsets[start]] * len(piece))
        return replace(self._leaf, scalar="".join(pieces), offsets=tuple(offsets))

    def _reference(self, start: int, depth: int = 0) -> tuple[Node | None, int]:
        """The node that a reference leads to (None when unknown), and where the reference ends."""
        if depth > MAX_NESTING:
            raise RefusedError(limit_problem(self._leaf.source, self._leaf.span, "References are nested too deep."))
        resolver = _RESOLVER.match(self._text, start + 2)
        if resolver:
            end = self._end_of_arguments(resolver.end(), start)
            if resolver[1] not in _KNOWN_RESOLVERS:
                raise _unresolved(self._leaf.part(start, end), *self._unsupported(resolver[1], start, end))
            return None, end
        key, at = "", _SPACE.match(self._text, start + 2).end()  # type: ignore[union-attr]  # it matches nothing, too
        dots = 0
        while self._text.startswith(".", at):
            dots, at = dots + 1, at + 1
        is_unknown = False
        while True:
            bracket = self._text.startswith("[", at)
            part, at = self._key(at + bracket, start, depth)
            if bracket:
                if not self._text.startswith("]", at):
                    raise self._malformed(start)
                at += 1
            is_unknown = is_unknown or part is None
            key += f"[{part}]" if bracket else f".{part}" if key else str(part)
            if self._text.startswith(".", at):
                at += 1
            elif not self._text.startswith("[", at):
                break
        at = _SPACE.match(self._text, at).end()  # type: ignore[union-attr]
        if not self._text.startswith("}", at):
            raise self._malformed(start)
        end = at + 1
        if is_unknown:
            return None, end
        place = self._leaf.part(start, end)
        return self._resolver.referenced(self._leaf, key, dots, self._parents, place), end

    def _key(self, at: int, start: int, depth: int) -> tuple[str | None, int]:
        """One key of a path, which may be a reference itself, and where it ends."""
        if self._text.startswith("${", at):
            node, end = self._reference(at, depth + 1)
            return (node.scalar if isinstance(node, Leaf) and isinstance(node.scalar, str) else None), end
        found = _KEY.match(self._text, at)
        if not found:
            raise self._malformed(start)
        return found[0], found.end()

    def _end_of_arguments(self, at: int, start: int) -> int:
        depth, text = 1, self._text
        while at < len(text):
            character = text[at]
            if character in "'\"":
                closing = text.find(character, at + 1)
                if closing < 0:
                    break
                at = closing
            elif character == "\\":
                at += 1
            elif character in "{}":
                depth += 1 if character == "{" else -1
                if depth == 0:
                    return at + 1
            at += 1
        raise self._malformed(start)

    def _unsupported(self, name: str, start: int, end: int) -> tuple[str]:
        written = self._text[start:end]
        if name == "secret":
            return (f"OmegaConf refuses `{written}`: NVFlare's secrets do not work in YAML; write the file as JSON.",)
        return (f"OmegaConf has no function {name!r}, which `{written}` calls.",)

    def _malformed(self, start: int) -> RefusedError:
        message = "OmegaConf cannot read this reference."
        help = "Write `${name}` or `${group.name}`, or `\\${` when it is meant as text."
        return _unresolved(self._leaf.part(start, len(self._text)), message, cause="malformed reference", help=help)


def _as_text(node: Node | None) -> str:
    """How a referenced value appears inside a string."""
    if not isinstance(node, Leaf) or isinstance(node.scalar, Unknown):
        return UNKNOWN_TEXT
    return str(node.scalar)
