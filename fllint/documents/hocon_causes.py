"""Why a HOCON text does not parse: the likely mistake where it stops following pyhocon's grammar, and what to write.

pyhocon's own positions are often the end of the file or of nothing; these come from fllint's scanner.
"""

from __future__ import annotations

import re
from typing import Final

from msgspec import Struct

from fllint.documents.document import DocumentProblem, Trouble
from fllint.documents.hocon_syntax import Syntax
from fllint.documents.tree import Place, Source, Span

_WORD: Final = re.compile(r"[^\s,\[\]{}]+|\S")
_CLOSER: Final = {"{": "}", "[": "]"}
_NEEDS_QUOTES: Final = "^`+?!@*&$\\"


class _Cause(Struct, frozen=True):
    name: str
    span: Span
    message: str
    help: str = ""
    related: tuple[Span, ...] = ()


def explain(source: Source, syntax: Syntax) -> DocumentProblem:
    """The problem of a text that does not follow the grammar; ``syntax.error`` is not None."""
    stop = _Stop(source.text, syntax.error or 0, syntax.expected, syntax.opened)
    cause = (
        stop.string_cause()
        or stop.end_cause()
        or stop.comment_cause()
        or stop.variable_cause()
        or stop.key_cause()
        or stop.bracket_cause()
        or stop.value_cause()
        or _Cause("", stop.span, f"Unexpected {stop.character!r}.")
    )
    return DocumentProblem(
        Trouble.SYNTAX,
        Place(source, cause.span),
        cause.message,
        cause=cause.name,
        help=cause.help,
        related=tuple(Place(source, span) for span in cause.related),
    )


class _Stop(Struct, frozen=True):
    text: str
    at: int
    expected: str
    opened: tuple[int, ...]

    @property
    def character(self) -> str:
        return self.text[self.at : self.at + 1]

    @property
    def span(self) -> Span:
        found = _WORD.match(self.text, self.at)
        return Span(self.at, found.end()) if found else Span(self.at, min(self.at + 1, len(self.text)))

    @property
    def line(self) -> Span:
        """The line of the stop, without its end."""
        start = max(self.text.rfind("\n", 0, self.at), self.text.rfind("\r", 0, self.at)) + 1
        found = re.compile(r"[\r\n]|\Z").search(self.text, self.at)
        return Span(start, found.start() if found else len(self.text))

    def string_cause(self) -> _Cause | None:
        if self.character != '"':
            return None
        end = self.line.end
        start = max(self.at - 2, 0)
        if self.text.startswith('"""', start):
            message, help = "This text in triple quotes is not closed.", 'Close it with `"""`.'
            return _Cause("unclosed string", Span(start, end), message, help)
        closed = re.compile(r'"(?:[^"\\\r\n]|\\.)*"').match(self.text, self.at)
        if closed is None:
            message = "This string is not closed before the end of its line."
            help = 'Close it with `"`; text of several lines stands in `"""`.'
            return _Cause("unclosed string", Span(self.at, end), message, help)
        if self.expected == "=":
            return self._missing_equals(Span(*closed.span()))
        if closed[0] == '""':
            return _Cause("empty key", Span(*closed.span()), "A key cannot be empty.")
        return None

    def _missing_equals(self, span: Span) -> _Cause:
        before = self.text[self.line.start : self.at].strip()
        if before.endswith("."):
            message = "A key cannot be part plain, part in quotes, for pyhocon."
            return _Cause("bad key", span, message, "Write the inner key in an object of its own.")
        help = f"Write `=` or `:` after `{before}`."
        return _Cause("missing equals sign", span, "There is no `=` or `:` between key and value.", help)

    def end_cause(self) -> _Cause | None:
        if self.at < len(self.text):
            return None
        end = len(self.text.rstrip())
        if self.expected == "=":
            return self._key_alone(end)
        if not self.opened:
            return _Cause("truncated file", Span(end, end), "The text ends too early.")
        opening = Span(self.opened[-1], self.opened[-1] + 1)
        bracket = self.text[opening.start]
        missing = "".join(_CLOSER[self.text[start]] for start in reversed(self.opened))
        message = f"The text ends here, but the `{bracket}` is not closed."
        help = f"Close it; at the end of the text `{missing}` is missing."
        return _Cause("unclosed bracket", Span(end, end), message, help, (opening,))

    def comment_cause(self) -> _Cause | None:
        start = self.text.rfind("/", self.line.start, self.at + 1)
        if start < 0 or not self.text.startswith("/*", start) or self.at - start > 1:
            return None
        end = self.text.find("*/", start)
        end = min(end + 2 if end >= 0 else len(self.text), self.line.end)
        return _Cause("comment", Span(start, end), "HOCON has no `/* */` comments.", "Start each line with `#`.")

    def variable_cause(self) -> _Cause | None:
        """`{name}` without quotes: NVFlare's variables."""
        if self.expected != "=" or not self.opened or self.character != "}":
            return None
        start = self.opened[-1]
        inner = self.text[start : self.at + 1]
        if "\n" in inner or not re.fullmatch(r"\{\s*[@$\w.:]+\s*\}", inner):
            return None
        word = re.compile(r"[^\s,=\[\]{}\"]*").match(self.text, self.at + 1)
        before = re.compile(r"[^\s,=\[\]{}\":]*$").search(self.text[self.line.start : start])
        begin = start - (len(before[0]) if before else 0)
        span = Span(begin, word.end() if word else self.at + 1)
        written = self.text[span.start : span.end]
        message = f"The variable in `{written}` needs quotes: to HOCON it is an object."
        return _Cause("unquoted variable", span, message, f'Write `"{written}"`.')

    def key_cause(self) -> _Cause | None:
        """What is wrong with or behind a key."""
        if self.expected == "key":
            return _Cause("bad key", self.span, "This is no key for pyhocon.", "Put it in quotes.")
        if self.expected == "include":
            help = 'Write `include "file.conf"`.'
            return _Cause("bad include", self.span, "This include is not complete.", help)
        if self.expected != "=":
            return None
        if self.character in "\r\n}],":
            return self._key_alone(len(self.text[: self.at].rstrip()))
        if self.character in _NEEDS_QUOTES or not self.character.isascii():
            key = re.compile(r"[^\s,=:{}\[\]\"]*$").search(self.text[self.line.start : self.at])
            start = self.at - (len(key[0]) if key else 0)
            word = re.compile(r"[^\s,=:{}\[\]\"]*").match(self.text, self.at)
            span = Span(start, max(word.end() if word else self.at, self.at + 1))
            return self._quotes_for_key(span)
        return self._missing_equals(self.span)

    def _key_alone(self, end: int) -> _Cause:
        start = max(self.text.rfind(separator, 0, end) for separator in "\r\n{,") + 1
        start += len(self.text[start:end]) - len(self.text[start:end].lstrip())
        message = f"The key `{self.text[start:end]}` has no value."
        return _Cause("missing value", Span(start, end), message, "Write `key = value`.")

    def _quotes_for_key(self, span: Span) -> _Cause:
        written = self.text[span.start : span.end]
        message = f"The key `{written}` needs quotes, because of {self.character!r}."
        return _Cause("needs quotes", span, message, f'Write `"{written}"`.')

    def bracket_cause(self) -> _Cause | None:
        if not self.character or self.character not in "]}":
            return None
        if not self.opened:
            return _Cause("extra bracket", self.span, f"This `{self.character}` closes nothing.", "Remove it.")
        opening = Span(self.opened[-1], self.opened[-1] + 1)
        bracket = self.text[opening.start]
        message = f"`{self.character}` closes a `{bracket}`."
        help = f"Close it with `{_CLOSER[bracket]}` first."
        return _Cause("mismatched bracket", self.span, message, help, (opening,))

    def value_cause(self) -> _Cause | None:
        character = self.character
        if character == "=" or (character == ":" and self.expected == "end"):
            return self._second_equals()
        if character in "{[" and self.expected == "end":
            message = f"This `{character}` belongs to no key."
            return _Cause("missing key", self.span, message, "Write `key = ` before it, on the same line.")
        if character not in _NEEDS_QUOTES and character.isascii() and character.isprintable():
            return None
        before = re.compile(r"[^\s,=\[\]{}\"]*$").search(self.text[self.line.start : self.at])
        start = self.at - (len(before[0]) if before else 0)
        word = re.compile(r"[^\s,\[\]{}\"#]*").match(self.text, self.at)
        end = max(word.end() if word else self.at, self.at + 1)
        if character == "$" and self.text.startswith("${", self.at):
            found = re.compile(r"\$\{[^\s}]*\}?").match(self.text, self.at)
            span = Span(self.at, found.end() if found else end)
            return _Cause("malformed reference", span, "This reference is not complete.", "Write `${name}`.")
        if not character.isprintable() or character.isspace():
            name = f"U+{ord(character):04X}"
            span = Span(self.at, self.at + 1)
            return _Cause(
                "invisible character", span, f"An invisible character ({name}) outside of quotes.", "Remove it."
            )
        written = self.text[start:end]
        if not character.isascii():
            message = f"A key with {character!r} needs quotes."
            return _Cause("needs quotes", Span(start, end), message, f'Write `"{written}"`.')
        message = f"Text with {character!r} needs quotes in HOCON."
        return _Cause("needs quotes", Span(start, end), message, f'Write `"{written}"`.')

    def _second_equals(self) -> _Cause:
        """A second `=` on a line: two fields without a comma, or a text with `=`."""
        line = self.text[self.line.start : self.at]
        second = re.search(r"[\s\"\]}]([\w.\-]+)\s*$", line)
        first = re.search(r"[=:]", line)
        if second and first and first.start() < second.start(1) and line[first.end() : second.start(1)].strip():
            start = self.line.start + second.start(1)
            span = Span(start, start + len(second[1]))
            message = f"A comma or new line is missing before the key `{second[1]}`."
            return _Cause("missing comma", span, message, "Write each key on its own line.")
        begin = self.line.start + (first.end() if first else 0)
        begin += len(self.text[begin : self.at]) - len(self.text[begin : self.at].lstrip())
        span = Span(begin, max(self.line.end, self.at + 1))
        written = self.text[span.start : span.end].rstrip()
        message = f"Text with `{self.character}` needs quotes in HOCON."
        return _Cause("needs quotes", Span(begin, begin + len(written)), message, f'Write `"{written}"`.')
