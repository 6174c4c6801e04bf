"""Text from a job is shown, never obeyed: control characters become escapes, and columns are counted as seen."""

from __future__ import annotations

import re
from typing import Final

TAB: Final = "    "
# Compiled when they are first used: that takes longer than all other patterns of a check together.
SURROGATE: Final = "[\ud800-\udfff]"
NOT_IN_XML: Final = "[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"


def printable(text: str) -> str:
    """A text whose control characters (terminal escapes, newlines, changes of writing direction) are escapes."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        character if character.isprintable() else character.encode("unicode_escape").decode() for character in text
    )


def printable_line(text: str) -> str:
    """`printable` with tabs widened, for source lines."""
    return printable(text.replace("\t", TAB))


def width(text: str) -> int:
    """How many cells of a terminal a printable text takes: East Asian wide characters two, combining ones none."""
    if text.isascii():
        return len(text)
    import unicodedata

    return sum(
        0 if unicodedata.combining(character) else 2 if unicodedata.east_asian_width(character) in "WF" else 1
        for character in text
    )


def valid_unicode(text: str) -> str:
    """A text without lone surrogates (JSON can bring them in), which no UTF-8 file can hold."""
    return text if text.isascii() else re.sub(SURROGATE, "\ufffd", text)


def xml_text(text: str) -> str:
    """A text with the characters that XML 1.0 has; others are shown as escapes. Not yet escaped for markup."""
    return re.sub(NOT_IN_XML, lambda found: found[0].encode("unicode_escape").decode(), text)
