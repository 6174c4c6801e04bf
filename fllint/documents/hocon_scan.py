"""HOCON text to a syntax tree with positions, by the grammar of pyhocon.

pyhocon reads HOCON for NVFlare, but its results do not know where they were written. This scanner follows its grammar
(`ConfigParser.parse` in pyhocon, 0.3.60 to 0.3.63) rule by rule, quirks included, so that both agree on the text.
It knows nothing about what the parts mean together: see `fllint.documents.hocon_merge`.
"""

from __future__ import annotations

import re
from typing import Final

from msgspec import Struct, field

from fllint.documents.hocon_syntax import (
    Field,
    Include,
    ListLiteral,
    Literal,
    ObjectLiteral,
    Part,
    Reference,
    Syntax,
    Value,
)
from fllint.documents.tree import Span

MAX_HOCON_NESTING: Final = 30
"""Objects and lists inside each other. pyhocon ends in a RecursionError soon after."""

MAX_HOCON_PARTS: Final = 25_000
"""Keys and values of a text. NVFlare's own examples stay below 200; pyhocon needs seconds for more."""

_MAX_STEPS: Final = 100
"""Steps of a dotted key."""

_UNITS: Final = (
    *("nanoseconds", "nanosecond", "nanos", "nano", "ns", "microseconds", "microsecond", "micros", "micro", "us"),
    *("milliseconds", "millisecond", "millis", "milli", "ms", "seconds", "second", "s", "minutes", "minute"),
    *(
        "months",
        "month",
        "mo",
        "m",
        "hours",
        "hour",
        "h",
        "weeks",
        "week",
        "w",
        "days",
        "day",
        "d",
        "years",
        "year",
        "y",
    ),
)
"""The units of durations (`period_parser` in pyhocon). Months and years exist only where dateutil is installed."""

_COMMENT_AFTER_END: Final = re.compile(r"[ \t]*(?:[\n\r,]+[ \t]*)?(?:#|//)[^\n\r]*")
_COMMENT_OR_ENDS: Final = re.compile(r"[ \t]*(?:(?:#|//)[^\n\r]*|[\n\r]+)")
_ENDS: Final = re.compile(r"[ \t]*[\n\r,]+")
_SPACE: Final = re.compile(r"[ \t]*")
_KEY: Final = re.compile(
    r'"""(?:[^"\\\n\r]|"(?!"")|\\[^\n\r])+"""|"(?:[^"\\\n\r]|\\[^\n\r])+"|[A-Za-z0-9À-ÖØ-öø-ÿ._\- /]+'
)
_KEY_PART: Final = re.compile(r'"[^"]+"|[^$}\[\]:=+#`^?!@*&.]+')
_SPECIAL: Final = frozenset("$}[]:=+#`^?!@*&.")
_OPERATOR: Final = re.compile(r"[ \t]*(\+=|[=:])")
_INCLUDE: Final = re.compile(
    r"""(?i:include)(?![A-Za-z0-9_$])[ \t]*
    (?P<required>required(?![A-Za-z0-9_$])[ \t]*\([ \t]*)?
    (?:(?P<kind>url|file|package)(?![A-Za-z0-9_$])[ \t]*\([ \t]*)?
    (?P<target>"(?:[^"\\\n]|\\.)*")[ \t]*
    (?(kind)\)[ \t]*)(?(required)\))""",
    re.VERBOSE,
)
_HALF_INCLUDE: Final = re.compile(r"(?i:include)[ \t]+(?:required|url|file|package)(?![A-Za-z0-9_$])")
_REFERENCE: Final = re.compile(r"\$\{(?P<optional>\?(?=[^}]))?(?P<path>[^}]+)\}(?P<space>[ \t]*)")
_DURATION: Final = re.compile(rf"[0-9]+ *(?:{'|'.join(_UNITS)})(?![A-Za-z0-9])")
_NUMBER: Final = re.compile(r"[+-]?(\d*\.\d+|\d+(\.\d+)?)([eE][+\-]?\d+)?(?=$|[ \t]*([\$\}\],#\n\r]|//))", re.DOTALL)
_WORD: Final = re.compile(r"(true|false|null)(?![A-Za-z0-9_$])", re.IGNORECASE)
_LONG_STRING: Final = re.compile(r'""".*?"*"""', re.DOTALL)
_QUOTED: Final = re.compile(r'("(?:[^"\\\n]|\\.)*")([ \t]*)')
_UNQUOTED: Final = re.compile(r'(?:[^^`+?!@*&"\[\{\s\]\}#,=\$\\]|\\.)+[ \t]*')
_CONTINUATION: Final = re.compile(r"[ \t]*\\[ \t]*[\n\r]+")


class _StopError(Exception):
    def __init__(self, position: int, expected: str, *, too_deep: bool = False, too_many: bool = False) -> None:
        super().__init__(expected)
        self.position = position
        self.expected = expected
        self.too_deep = too_deep
        self.too_many = too_many


def scan_hocon(text: str) -> Syntax:
    """The syntax tree of a text without tabs (see `fllint.documents.hocon_text`), as far as it follows the grammar."""
    return _Scanner(text).scan()


def key_path(text: str, span: Span) -> tuple[tuple[str, Span], ...]:
    """The steps of a key (`ConfigTree.parse_key` in pyhocon), with the quotes off that NVFlare takes off."""
    steps: list[tuple[str, Span]] = []
    stripped = text[span.start : span.end].strip()
    start = text.index(stripped, span.start)
    for found in _KEY_PART.finditer(stripped):
        step = Span(start + found.start(), start + found.end())
        steps.append((found[0].strip('"'), step))
    return tuple(steps)


def reference_path(reference: Reference) -> list[str]:
    """The steps of a reference. Spaces in it count, so that `${ a }` is not `${a}`."""
    return [found[0].strip('"') for found in _KEY_PART.finditer(reference.path)]


class _Scanner(Struct):
    text: str
    at: int = 0
    parts: int = 0
    opened: list[int] = field(default_factory=list)
    unfinished: list[list[Field | Include]] = field(default_factory=list)

    def scan(self) -> Syntax:
        root: ObjectLiteral | ListLiteral = ObjectLiteral(Span(0, len(self.text)), ())
        try:
            while self._take(_COMMENT_AFTER_END) or self._take(re.compile(r"[ \t]*[\n\r]+")):
                pass
            self._take(_SPACE)
            if self._sees("["):
                root = self._list()
            elif self._sees("{"):
                root = self._object()
            else:
                members = self._members()
                root = ObjectLiteral(Span(0, len(self.text)), members)
            while self._take(_COMMENT_AFTER_END) or self._take(_ENDS):
                pass
            self._take(_SPACE)
            if self.at < len(self.text):
                raise _StopError(self.at, "end")
        except _StopError as stop:
            members = tuple(self.unfinished[0]) if self.unfinished else ()
            partial = root if not self.unfinished else ObjectLiteral(Span(0, len(self.text)), members)
            return Syntax(
                partial,
                stop.position,
                stop.expected,
                tuple(self.opened),
                too_deep=stop.too_deep,
                too_many=stop.too_many,
            )
        return Syntax(root)

    def _take(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        found = pattern.match(self.text, self.at)
        if found is None or found.end() == self.at:
            return None
        self.at = found.end()
        return found

    def _sees(self, character: str) -> bool:
        return self.text.startswith(character, self.at)

    def _open(self) -> int:
        self.opened.append(self.at)
        if len(self.opened) > MAX_HOCON_NESTING:
            raise _StopError(self.at, "less depth", too_deep=True)
        self.at += 1
        return self.at - 1

    def _count(self) -> None:
        self.parts += 1
        if self.parts > MAX_HOCON_PARTS:
            raise _StopError(self.at, "less", too_many=True)

    def _close(self, bracket: str) -> None:
        self._take(_SPACE)
        if not self._sees(bracket):
            raise _StopError(self.at, bracket)
        self.opened.pop()
        self.at += 1

    def _object(self) -> ObjectLiteral:
        start = self._open()
        members = self._members()
        self._close("}")
        return ObjectLiteral(Span(start, self.at), members)

    def _members(self) -> tuple[Field | Include, ...]:
        members: list[Field | Include] = []
        self.unfinished.append(members)
        while True:
            if self._take(_COMMENT_AFTER_END):
                continue
            before = self.at
            self._take(_SPACE)
            include = self._include()
            if include is not None:
                members.append(include)
                continue
            key = self._take(_KEY)
            if key is not None:
                members.append(self._field(key))
                continue
            self.at = before
            if not self._take(_ENDS):
                self.unfinished.pop()
                return tuple(members)

    def _include(self) -> Include | None:
        found = _INCLUDE.match(self.text, self.at)
        if found is None:
            if _HALF_INCLUDE.match(self.text, self.at):
                raise _StopError(self.at, "include")
            return None
        self.at = found.end()
        target = Span(found.start("target") + 1, found.end("target") - 1)
        return Include(Span(*found.span()), found["kind"] or "", target, found["required"] is not None)

    def _field(self, found: re.Match[str]) -> Field:
        self._count()
        key = Span(found.start(), found.start() + len(found[0].rstrip(" ")))
        if found[0].count(".") > _MAX_STEPS:
            raise _StopError(self.at, "less depth", too_deep=True)
        path = key_path(self.text, key) if key.end > key.start else ()
        while self._take(_COMMENT_OR_ENDS):
            pass
        before = self.at
        self._take(_SPACE)
        if self._sees("{"):
            self._need_path(path, key)
            value = self._object()
            return Field(key, path, "", Value(value.span, (value,)))
        self.at = before
        operator = self._take(_OPERATOR)
        if operator is None:
            self._take(_SPACE)
            raise _StopError(self.at, "=")
        self._need_path(path, key)
        while self._take(_COMMENT_OR_ENDS):
            pass
        return Field(key, path, operator[1], self._value())

    def _need_path(self, path: tuple[tuple[str, Span], ...], key: Span) -> None:
        if not path or not all(step for step, _ in path):
            raise _StopError(key.start, "key")

    def _list(self) -> ListLiteral:
        start = self._open()
        entries = [self._value()]
        while self._take(_ENDS):
            entries.append(self._value())
        self._close("]")
        return ListLiteral(Span(start, self.at), tuple(entries))

    def _value(self) -> Value:
        parts: list[Part] = []
        start = self.at
        while True:
            if self._take(_COMMENT_AFTER_END):
                continue
            before = self.at
            self._take(_SPACE)
            part = self._part()
            if part is not None:
                self._count()
                parts.append(part)
                continue
            self.at = before
            if not self._take(_CONTINUATION):
                break
        if not parts:
            return Value(Span(start, start), ())
        return Value(Span(parts[0].span.start, parts[-1].span.end), tuple(parts))

    def _part(self) -> Part | None:
        include = self._include()
        if include is not None:
            return include
        found = self._take(_REFERENCE)
        if found is not None:
            span = Span(found.start(), found.start("space"))
            return Reference(span, found["path"], found["optional"] is not None, found["space"])
        if self._sees("{"):
            return self._object()
        if self._sees("["):
            return self._list()
        return self._literal()

    def _literal(self) -> Literal | None:
        for kind, pattern in (("duration", _DURATION), ("number", _NUMBER), ("word", _WORD), ("long", _LONG_STRING)):
            found = self._take(pattern)
            if found is not None:
                return Literal(kind, Span(*found.span()))
        found = self._take(_QUOTED)
        if found is not None:
            return Literal("quoted", Span(*found.span(1)), found[2])
        found = self._take(_UNQUOTED)
        if found is None:
            return None
        end = found.start() + len(found[0].rstrip(" \t"))
        return Literal("unquoted", Span(found.start(), end), self.text[end : found.end()])
