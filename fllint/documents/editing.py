"""Edits of JSON, HOCON and YAML texts that leave everything around them as it was written, byte for byte.

Each function gives the edit that makes a change to a value tree, or None where the text does not hold the value in a
way that can be edited alone: it is joined of several parts, say, or was merged from elsewhere. For a value that a
variable, a reference or an alias brought in, the edit is where the value stands.
"""

from __future__ import annotations

import json
import re
from typing import Final

from fllint.documents.document import Format
from fllint.documents.load import format_of
from fllint.documents.tree import Entry, Leaf, Mapping, Node, Place, Sequence, Source, Span, Unknown
from fllint.findings import Edit

_PLAIN: Final = re.compile(r"[A-Za-z_][\w./-]*", re.ASCII)
"""Text that means itself in every format, with and without quotes, unless it is one of the words."""
_WORDS: Final = frozenset(["true", "false", "null", "yes", "no", "on", "off", "y", "n", "nan", "inf", "include"])
_PLAIN_KEY: Final = re.compile(r"[A-Za-z_][\w-]*", re.ASCII)
_TOKEN: Final = re.compile(r"[^\s{}\[\],\"'$]+")
_SEPARATOR: Final = re.compile(r"[ \t]*[:=][ \t]*")
_BETWEEN: Final = re.compile(r"[ \t]*(?:\+?=|:)?(?:\s|[&!]\S+\s|(?:#|//)[^\n]*\n)*")
"""What may stand between a key and its value: tags, anchors and comments too."""
_COMMA: Final = re.compile(r"\s*,[ \t]*")
_REST_OF_LINE: Final = re.compile(r"[ \t]*,?[ \t]*(?:(?:#|//)[^\r\n]*)?(?=[\r\n]|\Z)")
_LONG: Final = 80


def replaced(node: Node, value: object) -> Edit | None:
    """Another value in the place of a node. A text keeps its quotes."""
    text = node.source.text[node.span.start : node.span.end]
    if value == "" and _format(node.source) is Format.HOCON:
        return None  # pyhocon drops an empty text from a list
    if isinstance(node, Leaf):
        return Edit(node.place, _like(node, text, value)) if _stands_alone(node, text) else _behind_colon(node, value)
    if not text or not all(is_within(found.place, node) for found in node.walk()):
        return None
    sign = "" if isinstance(value, dict) else _sign_before(node)
    return Edit(node.place, f"{sign}{_written(value, node.source, _indentation(node.place))}")


def part_replaced(leaf: Leaf, start: int, end: int, text: str) -> Edit | None:
    """Another text in the place of ``value[start:end]`` of a string."""
    value = leaf.scalar
    if not isinstance(value, str):
        return None
    place = leaf.part(start, end)
    is_written_so = place.source.text[place.span.start : place.span.end] == value[start:end]
    whole = value[:start] + text + value[end:]
    if is_written_so and _PLAIN.fullmatch(whole) and whole.lower() not in _WORDS:
        return Edit(place, text)
    return replaced(leaf, whole)


def renamed(entry: Entry, key: str) -> Edit | None:
    """Another key in the place of an entry's, in the same quotes."""
    place = entry.key_place
    written = place.source.text[place.span.start : place.span.end]
    quote = written[:1] if written[:1] in ("'", '"') else ""
    if written != f"{quote}{entry.key}{quote}" or not _PLAIN_KEY.fullmatch(key) or key.lower() in _WORDS:
        return None
    return Edit(place, f"{quote}{key}{quote}")


def deleted_entry(mapping: Mapping, entry: Entry) -> Edit | None:
    """A mapping without one of its entries, its comma and its line."""
    source, span = entry.key_place.source, written_span(entry)
    if span is None or not is_within(entry.key_place, mapping):
        return None
    if not is_block(mapping):
        return cut(source, span, commas=True)
    others = [other.key_place.span.start for other in mapping.entries if other is not entry]
    before = source.text[line_start(source.text, span.start) : span.start]
    if not others:
        return None
    if not before.strip():
        return cut(source, span, commas=False)
    following = min((start for start in others if start > span.start), default=None)
    if following is None or not re.fullmatch(r"[ -]*", before) or source.text[span.end : following].strip():
        return None
    return Edit(Place(source, Span(span.start, following)), "")


def deleted_item(sequence: Sequence, item: Node) -> Edit | None:
    """A sequence without one of its items, its comma and its line."""
    source, text = item.source, item.source.text
    place = item.substituted_at or item.place
    if not is_within(place, sequence):
        return None
    if not is_block(sequence):
        return cut(source, place.span, commas=True)
    line = line_start(text, place.span.start)
    dash = re.fullmatch(r"([ \t]*)-[ \t]+", text[line : place.span.start])
    if dash is None or len(sequence.items) < 2:
        return None
    return cut(source, Span(line + len(dash[1]), place.span.end), commas=False)


def inserted_first(mapping: Mapping, key: str, value: object) -> Edit | None:
    """A mapping with one entry more, before all others."""
    own = [entry for entry in mapping.entries if is_within(entry.key_place, mapping)]
    if own:
        first = min(own, key=lambda entry: entry.key_place.span.start)
        place = first.key_place
        text = f"{entry_like(first, key, value)}{between_entries(mapping, first)}"
        return Edit(Place(place.source, Span(place.span.start, place.span.start), place.pointer), text)
    written = mapping.source.text[mapping.span.start : mapping.span.end]
    if not re.fullmatch(r"\{\s*\}", written):
        return None
    return Edit(mapping.place, f"{{{json.dumps(key)}: {_written(value, mapping.source, '')}}}")


def inserted_after(mapping: Mapping, anchor: Entry, key: str, value: object) -> Edit | None:
    """A mapping with one entry more, right after another one of its entries and indented like it."""
    source, span = anchor.key_place.source, written_span(anchor)
    if span is None:
        return None
    entry, between = entry_like(anchor, key, value), between_entries(mapping, anchor)
    rest = _REST_OF_LINE.match(source.text, span.end)
    at = span.end
    if "\n" in between and "," not in between:
        if rest is None:
            return None
        at = rest.end()
    pointer = anchor.key_place.pointer
    return Edit(Place(source, Span(at, at), pointer), f"{between}{entry}")


class Verbatim(str):
    """A value as it is written in a file of the same format."""

    __slots__ = ()


def written_value(entry: Entry) -> str | None:
    """An entry's value as it stands in the file, with its quotes, variables and references. A text that is folded over
    lines, whose indentation counts, is given as what it says."""
    span = written_span(entry)
    if span is None:
        return None
    value = entry.node.substituted_at or entry.node.place
    text = value.source.text[value.span.start : span.end]
    if "\n" not in text or _format(value.source) is not Format.YAML:
        return Verbatim(text)
    return entry.node.value if isinstance(entry.node.value, str) and "{" not in text else None


def _format(source: Source) -> Format:
    return format_of(source.name) or Format.JSON


def is_within(place: Place, node: Node) -> bool:
    return place.source is node.source and node.span.start <= place.span.start and place.span.end <= node.span.end


def is_block(node: Node) -> bool:
    """Whether a YAML collection is written without brackets."""
    return _format(node.source) is Format.YAML and node.source.text[node.span.start : node.span.start + 1] not in "{["


def _sign_before(node: Node) -> str:
    """The equals sign that HOCON wants before all values but objects, where there is none: ``key {…}``."""
    before = node.source.text[: node.span.start].rstrip(" \t")[-1:]
    return "= " if _format(node.source) is Format.HOCON and (before.isalnum() or before in ("_", '"')) else ""


def _stands_alone(leaf: Leaf, text: str) -> bool:
    """Whether a leaf's text is its value and nothing else."""
    scalar = leaf.scalar
    if isinstance(scalar, Unknown):
        return False
    if not isinstance(scalar, str):
        return _TOKEN.fullmatch(text) is not None
    if leaf.bare:
        return text == scalar and text != ""
    if text[:1] == "'":
        return text[1:-1].replace("''", "'") == scalar
    try:
        return bool(json.loads(text, strict=False) == scalar)
    except ValueError:
        return False


def _behind_colon(leaf: Leaf, value: object) -> Edit | None:
    """The value of a YAML key that has none."""
    at = leaf.span.start
    if leaf.span.end > at or leaf.scalar is not None or leaf.source.text[at - 1 : at] != ":":
        return None
    return Edit(leaf.place, f" {_written(value, leaf.source, '')}")


def _like(leaf: Leaf, text: str, value: object) -> str:
    """A value written in the way of a leaf: without quotes, or in the same ones, where that says the same."""
    if isinstance(value, str) and text[:1] == "'":
        return f"'{value.replace(chr(39), chr(39) * 2)}'"
    may_be_bare = leaf.bare and isinstance(leaf.scalar, str) and _format(leaf.source) is not Format.JSON
    if may_be_bare and isinstance(value, str) and _PLAIN.fullmatch(value) and value.lower() not in _WORDS:
        return value
    return _written(value, leaf.source, _indentation(leaf.place))


def _written(value: object, source: Source, indentation: str) -> str:
    """A value as JSON, which HOCON and YAML read as well; over several lines when it is long."""
    if isinstance(value, Verbatim):
        return value
    short = json.dumps(value, ensure_ascii=False)
    if len(short) <= _LONG or not isinstance(value, (dict, list)):
        return short
    lines = json.dumps(value, ensure_ascii=False, indent=_indentation_step(source)).split("\n")
    return f"{_line_end(source)}{indentation}".join(lines)


def _indentation(place: Place) -> str:
    """The white space that the line of a place begins with."""
    line = place.source.line(place.source.position(place.span.start)[0])
    return line[: len(line) - len(line.lstrip())]


def _indentation_step(source: Source) -> str | int:
    """What one level is indented by in a file: its smallest indentation."""
    found = re.findall(r"^([ \t]+)\S", source.text, re.MULTILINE)
    return min(found, key=len) if found else 2


def _line_end(source: Source) -> str:
    return "\r\n" if "\r\n" in source.text else "\n"


def line_start(text: str, offset: int) -> int:
    return max(text.rfind("\n", 0, offset), text.rfind("\r", 0, offset)) + 1


def written_span(entry: Entry) -> Span | None:
    """From an entry's key to the end of its value, where the one stands behind the other."""
    key = entry.key_place
    for place in (entry.node.substituted_at, entry.node.place):
        is_behind = place and place.source is key.source and place.span.start >= key.span.end
        if place and is_behind and _BETWEEN.fullmatch(key.source.text, key.span.end, place.span.start):
            return Span(key.span.start, place.span.end)
    return None


def cut(source: Source, span: Span, *, commas: bool) -> Edit:
    """A span taken out, with one of the commas around it, and with its line when nothing else is on it."""
    text = source.text
    start, end = span
    behind = _COMMA.match(text, end) if commas else None
    before = text[:start].rstrip() if commas and not behind else ""
    if before.endswith(","):
        return Edit(Place(source, Span(len(before) - 1, end)), "")
    end = behind.end() if behind else end
    line = line_start(text, start)
    rest = re.compile(r"[ \t]*(?:\r\n|\r|\n|\Z)").match(text, end)
    if rest and not text[line:start].strip():
        return Edit(Place(source, Span(line, rest.end())), "")
    return Edit(Place(source, Span(start, end)), "")


def entry_like(anchor: Entry, key: str, value: object) -> str:
    """A key and its value, written like another entry of the same mapping."""
    place = anchor.key_place
    source, text = place.source, place.source.text
    quote = text[place.span.start] if text[place.span.start] in "'\"" else ""
    separator = _SEPARATOR.match(text, place.span.end)
    usual = " = " if _format(source) is Format.HOCON else ": "
    sign = separator[0] if separator and separator[0].strip() and separator[0][-1] in " \t=" else usual
    return f"{quote}{key}{quote}{sign}{_written(value, source, _indentation(place))}"


def between_entries(mapping: Mapping, anchor: Entry) -> str:
    """What separates an entry from its neighbour: a comma, a new line with the same indentation, or both."""
    source, start = anchor.key_place.source, anchor.key_place.span.start
    before = source.text[line_start(source.text, start) : start]
    needs_comma = _format(source) is not Format.HOCON and not is_block(mapping)
    if not before.strip():
        return f"{',' if needs_comma else ''}{_line_end(source)}{before}"
    if is_block(mapping) and re.fullmatch(r"[ -]*", before):
        return f"{_line_end(source)}{' ' * len(before)}"
    return ", "
