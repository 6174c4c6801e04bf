"""What fixes would change, as a unified diff that `patch -p0` takes."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator

from fllint.fixing.edited_files import FileChange
from fllint.output.characters import printable

_LINE = re.compile(r"[^\n]*\n|[^\n]+")


def unified_diff(changes: Iterable[FileChange], *, for_terminal: bool = False) -> str:
    """The changes as one text. For a terminal control characters are shown as escapes."""
    lines = (line for change in changes for line in _lines(change))
    if for_terminal:
        return "".join(f"{printable(line.rstrip(chr(10)).rstrip(chr(13)))}\n" for line in lines)
    return "".join(lines)


def _lines(change: FileChange) -> Iterator[str]:
    before, after = (_LINE.findall(content.decode("utf-8")) for content in (change.before, change.after))
    for line in difflib.unified_diff(before, after, change.path, change.path):
        yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"
