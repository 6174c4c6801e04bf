"""Variables of a config: what stands at ``{name}`` after NVFlare has substituted it.
 NVFlare substitutes before it builds anything (fuel/utils/wfconf.py `_EnvUpdater` and `resolve_var_refs`, called from
private/json_configer.py): every string of the config, again and again until nothing changes, at most 20 times. Since
2.4 every key of the config is a variable, beside the system's own and the environment; in 2.3 only its plain
first-level values.
"""

from __future__ import annotations

import re
from collections.abc import Mapping as ReadOnly
from contextlib import suppress
from enum import Enum
from string import Formatter
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from fllint.documents.tree import UNKNOWN, UNKNOWN_TEXT, Entry, Leaf, Mapping, Node, Place, Sequence, Unknown

MAX_ROUNDS: Final = 20
MAX_NODES: Final = 250_000
"""Values that are visited, in all rounds together."""
MAX_SUBSTITUTIONS: Final = 30_000
MAX_CHARACTERS: Final = 500_000
"""Of the texts that substitution makes, in all rounds together."""
SECRET: Final = re.compile(r"\$\{secret:[^}]*\}")
"""References to secrets (2.9): they survive substitution and are resolved on the site (fuel/utils/secret_utils.py)."""

TRUTH_WORDS: Final = dict.fromkeys(("yes", "true", "t", "y"), True) | dict.fromkeys(("no", "false", "f", "n"), False)


class VariableTrouble(Enum):
    """What is wrong with a reference."""

    UNDEFINED = "undefined"
    """A string that is only ``{name}``: it becomes null."""
    UNDEFINED_IN_TEXT = "undefined-in-text"
    """A name inside a longer string: the whole string stays as it is (2.6+) or the config is refused (2.4, 2.5)."""
    NOT_A_DEFINITION = "not-a-definition"
    """``{name:...}`` where name is no object, or an empty one: the config is refused."""
    CYCLE = "cycle"
    """Still changing after 20 rounds: the config is refused."""
    BEYOND_LIMITS = "beyond-limits"
    """More substitutions than fllint follows; the value is unknown."""


class VariableIssue(Struct, frozen=True):
    """A reference that does not give what it looks like. ``fatal`` says that NVFlare refuses the config."""

    trouble: VariableTrouble
    place: Place
    name: str
    text: str
    fatal: bool


class VariableRules(Struct, frozen=True):
    """How a release substitutes."""

    whole_config: bool = True
    """Every key is a variable, references nest, ``{@definition:a=1}`` works (2.4+)."""
    undefined_in_text_is_fatal: bool = False
    """2.4 and 2.5."""
    secrets: bool = False
    """``${secret:...}`` is shielded (2.9)."""


class Resolved(Struct, frozen=True):
    """A config after substitution. ``used`` are the names of the variables that were referred to."""

    root: Mapping
    issues: tuple[VariableIssue, ...]
    used: frozenset[str]


def resolve_variables(root: Mapping, system: ReadOnly[str, object], rules: VariableRules) -> Resolved:
    """A config as NVFlare sees it after substitution.

    Args:
        root: the config.
        system: the system variables of this side and release, by name (`UNKNOWN` where the site decides).
        rules: the release's way.
    """
    if not any(isinstance(node, Leaf) and _has_braces(node) for node in root.walk()):
        return Resolved(_without_definitions(root) if rules.whole_config else root, (), frozenset())
    return _Substitution(root, system, rules).run()


def _has_braces(leaf: Leaf) -> bool:
    return isinstance(leaf.scalar, str) and ("{" in leaf.scalar or "}" in leaf.scalar)


def _without_definitions(root: Mapping) -> Mapping:
    """Keys that begin with @ can only be referred to; NVFlare takes them out of the config."""
    if not any(entry.key.startswith("@") for entry in root.entries):
        return root
    return replace(root, entries=tuple(entry for entry in root.entries if not entry.key.startswith("@")))


class _Substitution:
    """One run over one config: the variables, what was found, and whether the round changed anything."""

    def __init__(self, root: Mapping, system: ReadOnly[str, object], rules: VariableRules) -> None:
        self.root = root
        self.rules = rules
        self.variables: dict[str, Node] = {
            entry.key: entry.node for entry in root.entries if rules.whole_config or isinstance(entry.node, Leaf)
        }
        self.system = dict(system) if rules.whole_config else {}
        self.issues: dict[tuple[str, int, str], VariableIssue] = {}
        self.used: set[str] = set()
        self.changes: list[Place] = []
        self.nodes = 0
        self.substitutions = 0
        self.characters = 0
        self.depth = 0
        self.first_round = True
        """Braces that are there only after a round were doubled in the text, to be left alone."""

    def run(self) -> Resolved:
        root = _without_definitions(self.root) if self.rules.whole_config else self.root
        for rounds in range(MAX_ROUNDS + 1 if self.rules.whole_config else 1):
            self.changes, self.first_round = [], rounds == 0
            rewritten = self._rewrite(root, {})
            assert isinstance(rewritten, Mapping)
            root = rewritten
            if not self.changes or self.nodes > MAX_NODES:
                break
        if self.rules.whole_config and self.changes:
            root = self._give_up(root)
            place = self.changes[0]
            trouble = VariableTrouble.BEYOND_LIMITS if self.nodes > MAX_NODES else VariableTrouble.CYCLE
            text = place.source.text[place.span.start : place.span.end]
            self._report(trouble, place, "", text, fatal=trouble is VariableTrouble.CYCLE)
        return Resolved(root, tuple(self.issues.values()), frozenset(self.used))

    def _give_up(self, root: Mapping) -> Mapping:
        """The config with everything that still changes unknown."""
        changing = set(self.changes)

        def known(node: Node) -> Node:
            if isinstance(node, Leaf):
                endless = _has_braces(node) and (node.place in changing or node.substituted_at in changing)
                return replace(node, scalar=UNKNOWN) if endless else node
            if isinstance(node, Sequence):
                return replace(node, items=tuple(known(item) for item in node.items))
            if isinstance(node, Mapping):
                return replace(node, entries=tuple(replace(entry, node=known(entry.node)) for entry in node.entries))
            return node

        given_up = known(root)
        assert isinstance(given_up, Mapping)
        return given_up

    def _rewrite(self, node: Node, local: dict[str, object]) -> Node:
        self.nodes += 1
        if self.nodes > MAX_NODES:
            return node
        if isinstance(node, Leaf):
            return self._substitute(node, local) if _has_braces(node) else node
        if isinstance(node, Sequence):
            items = tuple(self._rewrite(item, local) for item in node.items)
            unchanged = all(new is old for new, old in zip(items, node.items, strict=True))
            return node if unchanged else replace(node, items=items)
        if isinstance(node, Mapping):
            entries = tuple(self._rewrite_entry(entry, local) for entry in node.entries)
            unchanged = all(new is old for new, old in zip(entries, node.entries, strict=True))
            return node if unchanged else replace(node, entries=entries)
        return node

    def _rewrite_entry(self, entry: Entry, local: dict[str, object]) -> Entry:
        node = self._rewrite(entry.node, local)
        return entry if node is entry.node else replace(entry, node=node)

    def _substitute(self, leaf: Leaf, local: dict[str, object]) -> Node:
        self.substitutions += 1
        if self.substitutions > MAX_SUBSTITUTIONS:
            return self._beyond_limits(leaf)
        text = str(leaf.scalar)
        expression = text.strip()
        if self.rules.whole_config and expression.startswith("{@") and expression.endswith("}"):
            return self._reference(leaf, expression[1:-1], local)
        parts = re.split("{|}", expression if self.rules.whole_config else text)
        if len(parts) == 3 and parts[0] == "" and parts[2] == "":
            return self._reference(leaf, parts[1], local)
        return self._format(leaf, text, local)

    def _beyond_limits(self, leaf: Leaf) -> Leaf:
        if not any(issue.trouble is VariableTrouble.BEYOND_LIMITS for issue in self.issues.values()):
            self._report(VariableTrouble.BEYOND_LIMITS, leaf.place, "", "", fatal=False)
        return replace(leaf, scalar=UNKNOWN, bare=True, offsets=())

    def _reference(self, leaf: Leaf, expression: str, local: dict[str, object]) -> Node:
        """A string that is nothing but a reference: it becomes the object itself."""
        name, *parameters = expression.split(":") if self.rules.whole_config else [expression]
        found, value = self._look_up(name, local)
        if parameters:
            return self._call(leaf, name, value, parameters, local)
        if isinstance(value, Leaf) and value.scalar == leaf.scalar:
            return leaf
        self.changes.append(leaf.place)
        if not found:
            self._report(VariableTrouble.UNDEFINED, leaf.place, name, str(leaf.scalar), fatal=False)
            return replace(leaf, scalar=None, bare=True, offsets=())
        if isinstance(value, Node):
            return self._used_at(value, leaf.substituted_at or leaf.place)
        return replace(leaf, scalar=_scalar(value), bare=True, offsets=())

    def _call(self, leaf: Leaf, name: str, value: object, parameters: list[str], local: dict[str, object]) -> Node:
        """``{@definition:a=1:b=x}``: the definition with its own variables set."""
        if not isinstance(value, Mapping) or not value.entries:  # NVFlare takes an empty one for none
            self._report(VariableTrouble.NOT_A_DEFINITION, leaf.place, name, str(leaf.scalar), fatal=True)
            return replace(leaf, scalar=UNKNOWN)
        self.changes.append(leaf.place)
        self.depth += 1
        if self.depth > MAX_ROUNDS:
            self._report(VariableTrouble.CYCLE, leaf.place, name, str(leaf.scalar), fatal=True)
            return replace(leaf, scalar=UNKNOWN)
        arguments = dict(local)
        for parameter in parameters:
            key, _, argument = parameter.partition("=")
            arguments[key.strip()] = _typed(argument.strip())
        body = self._used_at(value, leaf.place)
        for _ in range(MAX_ROUNDS):
            rewritten = self._rewrite(body, arguments)
            if rewritten is body:
                break
            body = rewritten
        self.depth -= 1
        return body

    def _format(self, leaf: Leaf, text: str, local: dict[str, object]) -> Leaf:
        """A longer string: Python's `str.format` with the variables (before 2.6 an unknown name is an error)."""
        shielded = SECRET.sub(lambda match: "\0" * len(match[0]), text) if self.rules.secrets else text
        pieces = split_format(shielded)
        if pieces is None:
            if self.rules.undefined_in_text_is_fatal:
                self._report(VariableTrouble.UNDEFINED_IN_TEXT, leaf.place, "", text, fatal=True)
            return leaf
        written: list[tuple[str, int, bool]] = []
        for piece in pieces:
            if self.characters > MAX_CHARACTERS:
                return self._beyond_limits(leaf)
            value = self._piece(piece, text, local)
            if value is None:
                fatal = self.rules.undefined_in_text_is_fatal
                name = re.split(r"[.\[!:]", piece.field or "")[0]
                place = leaf.part(piece.start, piece.end)
                if fatal or self.first_round:
                    self._report(VariableTrouble.UNDEFINED_IN_TEXT, place, name, text, fatal=fatal)
                return leaf
            self.characters += len(value)
            written.append((value, piece.start, piece.field is None))
        result = "".join(value for value, _, _ in written)
        if result == text:
            return leaf
        self.changes.append(leaf.place)
        positions = [
            start + (index if copied else 0) for value, start, copied in written for index in range(len(value))
        ]
        offsets = (leaf.part(position, position).span.start for position in positions)
        return replace(leaf, scalar=result, offsets=tuple(offsets))

    def _piece(self, piece: FormatPiece, text: str, local: dict[str, object]) -> str | None:
        """What stands for a piece of a format string; None for a field whose name is undefined."""
        if piece.field is not None:
            return self._field(piece.field, local)
        return text[piece.start : piece.start + len(piece.text)] if "\0" in piece.text else piece.text

    def _field(self, field: str, local: dict[str, object]) -> str | None:
        """What a replacement field gives: None when its name is undefined, `UNKNOWN_TEXT` when it cannot be known."""
        match = re.fullmatch(r"([^.\[!:]*)((?:\[[^\]]*\])*)(?:!([rsa]))?(?::([^{}]*))?", field)
        name = match[1] if match else re.split(r"[.\[!:]", field)[0]
        found, value = self._look_up(name, local)
        if not found:
            return None
        if not match or match[2] or isinstance(value, Unknown) or re.search(r"\d{4,}", match[4] or ""):
            return UNKNOWN_TEXT
        plain = value.value if isinstance(value, Node) else value
        if isinstance(plain, Unknown):
            return UNKNOWN_TEXT
        try:
            text = ("{0" + (f"!{match[3]}" if match[3] else "") + (f":{match[4]}" if match[4] else "") + "}").format(
                plain
            )
        except (ValueError, TypeError):
            return None
        return text if len(text) <= 100_000 else UNKNOWN_TEXT

    def _look_up(self, name: str, local: dict[str, object]) -> tuple[bool, object]:
        self.used.add(name)
        if name in local:
            return True, local[name]
        if name in self.system:
            return True, self.system[name]
        if name in self.variables:
            return True, self.variables[name]
        if name.startswith("$") and self.rules.whole_config:
            return True, UNKNOWN
        return False, None

    def _used_at(self, node: Node, place: Place) -> Node:
        """A definition, marked with the place that it is used at."""
        self.nodes += 1
        if self.nodes > MAX_NODES:
            return node
        if isinstance(node, Mapping):
            entries = tuple(replace(entry, node=self._used_at(entry.node, place)) for entry in node.entries)
            return replace(node, entries=entries, substituted_at=place)
        if isinstance(node, Sequence):
            items = tuple(self._used_at(item, place) for item in node.items)
            return replace(node, items=items, substituted_at=place)
        return replace(node, substituted_at=place)

    def _report(self, trouble: VariableTrouble, place: Place, name: str, text: str, *, fatal: bool) -> None:
        key = (place.source.path, place.span.start, trouble.value)
        self.issues.setdefault(key, VariableIssue(trouble, place, name, text, fatal))


class FormatPiece(Struct, frozen=True):
    """A literal stretch (``field`` None) or a replacement field of a format string, with its offsets in the string."""

    text: str
    start: int
    end: int
    field: str | None = None


def split_format(text: str) -> list[FormatPiece] | None:
    """The pieces of a `str.format` string; None where Python finds its braces unbalanced, fields without a name, or a
    conversion that there is not (``{a!x}``)."""
    try:
        parsed = list(Formatter().parse(text))
    except ValueError:
        return None
    if any(conversion not in (None, "r", "s", "a") for *_, conversion in parsed):
        return None
    pieces: list[FormatPiece] = []
    position = 0
    for literal, field, _, _ in parsed:
        if literal:
            end = position
            for _ in literal:
                end += 2 if text[end : end + 2] in ("{{", "}}") else 1
            pieces.append(FormatPiece(literal, position, end))
            position = end
        if field is not None:
            end = _field_end(text, position)
            if not re.match(r"(?!\d+([.\[]|$))[^.\[]", field):
                return None
            pieces.append(FormatPiece(text[position:end], position, end, text[position + 1 : end - 1]))
            position = end
    return pieces


def _field_end(text: str, start: int) -> int:
    """The end of the replacement field that begins at ``start``; its braces are balanced outside of ``[…]``."""
    depth, bracket = 0, False
    for position in range(start, len(text)):
        character = text[position]
        if bracket:
            bracket = character != "]"
        elif character == "[":
            bracket = True
        elif character in "{}":
            depth += 1 if character == "{" else -1
            if depth == 0:
                return position + 1
    return len(text)


def _typed(text: str) -> object:
    """A local variable's value (fuel/utils/argument_utils.py `parse_vars`): int, float, a word for true or false, else
    text."""
    with suppress(ValueError):
        return int(text)
    with suppress(ValueError):
        return float(text)
    return TRUTH_WORDS.get(text.lower(), text)


def _scalar(value: object) -> str | int | float | bool | Unknown | None:
    return value if isinstance(value, (str, int, float, bool, Unknown)) or value is None else UNKNOWN
