"""Where a key of a TOML file stands. tomllib gives values without positions, so the text is searched for it.

Good for messages: a key that is written in a way the search does not know is placed at the table that holds it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, TypeAlias

KeyPath: TypeAlias = "tuple[str | int, ...]"

MULTILINE_STRING: Final = re.compile(r'"""(?:\\.|[^\\])*?"""|\'\'\'.*?\'\'\'', re.DOTALL)
HEADER: Final = re.compile(r"^[ \t]*(\[\[?)[ \t]*([^\[\]]+?)[ \t]*\]\]?", re.MULTILINE)
KEY_PART: Final = r"""(?:"(?:\\.|[^"\\\n])*"|'[^'\n]*'|[\w-]+)"""
KEY: Final = re.compile(rf"[ \t]*({KEY_PART}(?:[ \t]*\.[ \t]*{KEY_PART})*)[ \t]*=")


def position(text: str, path: KeyPath) -> tuple[int, int]:
    """Line and column (from 1) of the longest beginning of a key path that is found in a TOML text; 1, 1 for none."""
    best, best_length = 0, 0
    for offset, found in _keys(text):
        common = _common_length(found, path)
        if common == len(found) and common > best_length:
            best, best_length = offset, common
    best = _in_value(text, best, path[best_length:])
    start = text.rfind("\n", 0, best) + 1
    return text.count("\n", 0, best) + 1, best - start + 1


def _keys(text: str) -> Iterator[tuple[int, KeyPath]]:
    """Every table header and key at the beginning of a line, with its full path; arrays of tables have their index."""
    text = MULTILINE_STRING.sub(lambda found: re.sub(r"[^\n]", " ", found[0]), text)
    table: KeyPath = ()
    lengths: dict[KeyPath, int] = {}
    offset = 0
    for line in text.splitlines(keepends=True):
        if header := HEADER.match(line):
            table = _parts(header[2])
            if header[1] == "[[":
                lengths[table] = lengths.get(table, -1) + 1
                table = (*table, lengths[table])
            yield offset + header.start(2), table
        elif key := KEY.match(line):
            yield offset + key.start(1), (*table, *_parts(key[1]))
        offset += len(line)


def _parts(dotted: str) -> KeyPath:
    return tuple(part.strip("\"'") for part in re.findall(KEY_PART, dotted))


def _common_length(one: KeyPath, other: KeyPath) -> int:
    length = 0
    for left, right in zip(one, other, strict=False):
        if left != right:
            break
        length += 1
    return length


def _in_value(text: str, start: int, rest: KeyPath) -> int:
    """The rest of a path inside a value written on the key's line or below: inline tables and arrays of them."""
    for part in rest:
        if isinstance(part, int):
            tables = [found.start() for found in re.finditer(r"\{", text[start:])]
            start += tables[part] if part < len(tables) else 0
        else:
            key = re.search(rf"""[{{,\s]["']?({re.escape(part)})["']?[ \t]*=""", text[start:])
            start += key.start(1) if key else 0
    return start
