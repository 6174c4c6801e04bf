"""What a loader returns: a tree, or the reasons why NVFlare's own loader would refuse the text."""

from __future__ import annotations

from enum import Enum

from msgspec import Struct

from fllint.documents.tree import Entry, Node, Place, Source


class Format(str, Enum):
    """The formats of NVFlare's `ConfigFormat` (nvflare/fuel/utils/config.py, since 2.4)."""

    JSON = "json"
    HOCON = "hocon"
    YAML = "yaml"


class Trouble(str, Enum):
    """What is wrong with a text."""

    SYNTAX = "syntax"
    """The parser refuses it. ``cause`` names the likely cause."""
    ENCODING = "encoding"
    """The bytes are not UTF-8, or begin with a byte-order mark."""
    DUPLICATE_KEY = "duplicate-key"
    """A key stands twice; NVFlare goes on with the last (JSON) or refuses (YAML)."""
    LIMIT = "limit"
    """Larger or deeper than fllint reads."""
    INCLUDE = "include"
    """A HOCON include that fllint does not follow: a URL, or a file outside the config folder."""
    UNRESOLVED = "unresolved"
    """A `${reference}` of HOCON or YAML that resolves to nothing, so that NVFlare's loader raises."""
    SURPRISE = "surprise"
    """It parses, but not to what it looks like (HOCON `components += {..}`, YAML `{v}` without quotes)."""


class DocumentProblem(Struct, frozen=True):
    """A thing wrong with a text, at the parser's own position.

    ``fatal`` says that NVFlare's loader raises. ``message`` says what is wrong, ``cause`` the likely reason when one is
    recognised (``trailing comma``), ``help`` what to write instead.
    """

    trouble: Trouble
    place: Place
    message: str
    cause: str = ""
    help: str = ""
    fatal: bool = True
    related: tuple[Place, ...] = ()


class Document(Struct, frozen=True):
    """A parsed file. ``root`` is None exactly when a problem is fatal."""

    source: Source
    format: Format
    root: Node | None
    problems: tuple[DocumentProblem, ...] = ()


def duplicate_key(earlier: Entry, later: Entry, *, fatal: bool = False) -> DocumentProblem:
    """The problem of a key that stands twice in one object."""
    return DocumentProblem(
        Trouble.DUPLICATE_KEY,
        later.key_place,
        f"The key {later.key!r} stands twice in this object; only the last value counts.",
        cause="duplicate key",
        help="Keep one of the two.",
        fatal=fatal,
        related=(earlier.key_place,),
    )
