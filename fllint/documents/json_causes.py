"""Why a JSON text does not parse: the likely mistake at the parser's position, and what to write instead."""

from __future__ import annotations

import re
from functools import cached_property
from typing import Final

from msgspec import Struct

from fllint.documents.document import DocumentProblem, Trouble
from fllint.documents.json_text import STRING
from fllint.documents.tree import Place, Source, Span

_BEFORE: Final = re.compile(STRING + r'|[{}\[\]:,]|[^\s{}\[\]",:]+', re.DOTALL)
_AT: Final = re.compile(STRING + r"|'[^'\n]*'|[^\s{}\[\]\"',:;=]+|\S", re.DOTALL)
_SPACE: Final = re.compile(r"[ \t\n\r]*")
_WORD: Final = re.compile(r"[@$\w][^\s{}\[\]\"',:;=]*")
_NUMBER_LIKE: Final = re.compile(r"[-+]?(?:[0-9]|\.[0-9])")
_COMMENT: Final = re.compile(r"//[^\n]*|#[^\n]*|/\*.*?(?:\*/|\Z)", re.DOTALL)
_OTHER_QUOTES: Final = "“”„‟‘’‚′″«»`"  # noqa: RUF001
_CLOSER: Final = {"{": "}", "[": "]"}
_PYTHON_WORDS: Final = {"True": "true", "False": "false", "None": "null"}


class _Stop(Struct, frozen=True, dict=True):
    """Where the parser stopped, and what it had read before."""

    source: Source
    at: int

    @property
    def text(self) -> str:
        return self.source.text

    @cached_property
    def before(self) -> tuple[Span, ...]:
        """The tokens that the parser took."""
        return tuple(Span(*match.span()) for match in _BEFORE.finditer(self.text, 0, self.at))

    def token(self, back: int) -> str:
        """The token so many before the stop (1 is the last); empty when there is none."""
        if back > len(self.before):
            return ""
        span = self.before[-back]
        return self.text[span.start : span.end]

    @cached_property
    def opened(self) -> tuple[Span, ...]:
        """The brackets that are still open, outermost first."""
        opened: list[Span] = []
        for span in self.before:
            character = self.text[span.start]
            if character in "{[":
                opened.append(span)
            elif character in "}]" and opened:
                opened.pop()
        return tuple(opened)

    @property
    def inside(self) -> str:
        """The innermost open bracket; empty outside all."""
        return self.text[self.opened[-1].start] if self.opened else ""

    @property
    def character(self) -> str:
        return self.text[self.at : self.at + 1]

    @property
    def span(self) -> Span:
        """The span of the token that the parser did not expect."""
        found = _AT.match(self.text, self.at)
        return Span(self.at, found.end()) if found else Span(self.at, self.at)

    @property
    def following(self) -> str:
        """The character after the unexpected token and the space behind it."""
        end = _SPACE.match(self.text, self.span.end).end()  # type: ignore[union-attr]  # it matches nothing, too
        return self.text[end : end + 1]

    @property
    def wants_key(self) -> bool:
        return self.inside == "{" and self.token(1) in ("{", ",")

    @property
    def wants_value(self) -> bool:
        return self.token(1) in ("", ":") or (self.inside == "[" and self.token(1) in ("[", ","))

    @property
    def wants_colon(self) -> bool:
        return self.inside == "{" and self.token(1).startswith('"') and self.token(2) in ("{", ",")


class _Cause(Struct, frozen=True):
    name: str
    span: Span
    message: str
    help: str = ""
    related: tuple[Span, ...] = ()


def explain(source: Source, position: int, parser_message: str) -> DocumentProblem:
    """The problem of a text that `json.loads` refuses.

    ``position`` and ``parser_message`` are the ``pos`` and ``msg`` of its `json.JSONDecodeError`. Its wording differs
    between Python versions, so only the part of it that speaks about strings is used; the rest is read from the text.
    """
    stop = _Stop(source, position)
    cause = (
        _string_cause(stop, parser_message)
        or _end_cause(stop)
        or _foreign_cause(stop)
        or _comma_cause(stop)
        or _number_cause(stop)
        or _word_cause(stop)
        or _bracket_cause(stop)
        or _separator_cause(stop)
        or _Cause("", stop.span, f"Unexpected character {stop.character!r} ({parser_message}).")
    )
    return DocumentProblem(
        Trouble.SYNTAX,
        Place(source, cause.span),
        cause.message,
        cause=cause.name,
        help=cause.help,
        related=tuple(Place(source, span) for span in cause.related),
    )


def _string_cause(stop: _Stop, parser_message: str) -> _Cause | None:
    """Mistakes inside a string, where the parser stops in the middle of it."""
    text, at = stop.text, stop.at
    if parser_message.startswith("Unterminated string"):
        return _Cause("unclosed string", Span(at, len(text)), "This string has no closing quote.", 'Close it with `"`.')
    if parser_message.startswith("Invalid control character"):
        opening = _opening_quote(text, at)
        span = Span(at, at + 1)
        if stop.character in "\r\n":
            return _Cause(
                "newline in string",
                Span(opening, at),
                "This string is not closed before the end of its line.",
                'Close it with `"`; a line break inside a string is written `\\n`.',
            )
        written = "\\t" if stop.character == "\t" else f"\\u{ord(stop.character or ' '):04x}"
        return _Cause(
            "control character in string",
            span,
            f"A raw control character ({stop.character!r}) inside a string.",
            f"Write `{written}`.",
        )
    if parser_message.startswith("Invalid \\"):
        start = text.rfind("\\", 0, at + 1)
        end = start + 2
        if text[start + 1 : start + 2] == "u":
            end = re.compile(r"\\u[0-9a-fA-F]{0,4}").match(text, start).end()  # type: ignore[union-attr]
            message, help = f"`{text[start:end]}` is not an escape.", "Write four hexadecimal digits after `\\u`."
        else:
            message = f"`{text[start:end]}` is not an escape of JSON."
            help = "Write `\\\\` for a backslash; in paths `/` works everywhere."
        return _Cause("bad escape", Span(start, end), message, help)
    return None


def _opening_quote(text: str, at: int) -> int:
    """Where the string starts that the parser was in at ``at``."""
    end = 0
    for match in re.compile(STRING, re.DOTALL).finditer(text):
        if match.end() > at:
            return match.start() if match.start() < at else text.find('"', end)
        end = match.end()
    return max(text.find('"', end), 0)


def _end_cause(stop: _Stop) -> _Cause | None:
    if stop.at < len(stop.text):
        return None
    if not stop.before:
        return _Cause(
            "empty file", Span(0, 0), "The file is empty; NVFlare needs a JSON object.", "Write at least `{}`."
        )
    end = stop.before[-1].end
    if not stop.opened:
        return _Cause("truncated file", Span(end, end), "The text ends too early.")
    opening = stop.opened[-1]
    missing = "".join(_CLOSER[stop.text[span.start]] for span in reversed(stop.opened))
    return _Cause(
        "unclosed bracket",
        Span(end, end),
        f"The text ends here, but the `{stop.inside}` is not closed.",
        f"Close it; at the end of the text `{missing}` is missing.",
        (opening,),
    )


def _foreign_cause(stop: _Stop) -> _Cause | None:
    """Characters of other languages: comments, other quotes, equals signs, invisible characters."""
    character, span = stop.character, stop.span
    comment = _COMMENT.match(stop.text, stop.at)
    if comment:
        return _Cause(
            "comment", Span(*comment.span()), "JSON has no comments.", "Remove it, or write the file as HOCON (.conf)."
        )
    if character == "'":
        return _Cause("single quotes", span, "JSON strings stand in double quotes.", "Write `\"` instead of `'`.")
    if character in _OTHER_QUOTES:
        return _Cause(
            "typographic quotes", Span(stop.at, stop.at + 1), f"`{character}` is not a quote of JSON.", 'Write `"`.'
        )
    if character == "=":
        return _Cause("equals sign", span, "In JSON a colon separates key and value.", "Write `:` instead of `=`.")
    if character == ";":
        return _Cause("semicolon", span, "JSON separates values by commas.", "Write `,` instead of `;`.")
    if character.isspace() or not character.isprintable():
        name = f"U+{ord(character):04X}"
        span = Span(stop.at, stop.at + 1)
        return _Cause(
            "invisible character", span, f"An invisible character ({name}) that JSON does not allow.", "Remove it."
        )
    return None


def _comma_cause(stop: _Stop) -> _Cause | None:
    span, previous = stop.span, stop.before[-1] if stop.before else None
    if previous and stop.token(1) == "," and stop.character in "}]" and stop.opened:
        return _trailing_comma(previous)
    if stop.character != "," or not stop.opened:
        return None
    if stop.following and stop.following in "}]" and stop.token(1) not in ("{", "[", ",", ":"):
        return _trailing_comma(span)  # Python 3.13 and later stop at the comma
    if stop.token(1) in ("{", "[", ","):
        return _Cause("extra comma", span, "A comma without a value before it.", "Remove the comma.")
    return None


def _trailing_comma(span: Span) -> _Cause:
    return _Cause(
        "trailing comma", span, "A comma after the last value, which JSON does not allow.", "Remove the comma."
    )


def _number_cause(stop: _Stop) -> _Cause | None:
    """Numbers in forms that JSON does not have. The parser may have taken their first digits."""
    if not (stop.character.isalnum() or stop.character in ("+", "-", ".", "_")):
        return None
    start = stop.at
    if stop.before and stop.before[-1].end == stop.at and _NUMBER_LIKE.match(stop.token(1)):
        start = stop.before[-1].start
    end = max(stop.span.end, start)
    written = stop.text[start:end]
    if not _NUMBER_LIKE.match(written) or (start == stop.at and not stop.wants_value):
        return None
    help = "Write an integer without leading zeros, or a decimal number such as `0.5` or `1e-5`, or put it in quotes."
    return _Cause("bad number", Span(start, end), f"`{written}` is not a number of JSON.", help)


def _word_cause(stop: _Stop) -> _Cause | None:
    """Words without quotes."""
    span = stop.span
    if not _WORD.match(stop.text, stop.at) or not (stop.wants_key or stop.wants_value):
        return None
    word = stop.text[span.start : span.end]
    if stop.wants_key:
        if stop.following == "}" and stop.token(1) == "{":
            opening = stop.opened[-1]
            closing = stop.text.index("}", span.end) + 1
            help = f'Write `"{{{word}}}"`.'
            return _Cause(
                "unquoted variable", Span(opening.start, closing), f"The variable {word!r} has no quotes.", help
            )
        return _Cause("unquoted key", span, f"The key {word!r} has no quotes.", f'Write `"{word}"`.')
    if word in _PYTHON_WORDS:
        help = f"Write `{_PYTHON_WORDS[word]}`."
        return _Cause("Python word", span, f"`{word}` is Python; JSON has `{_PYTHON_WORDS[word]}`.", help)
    if word.lower() in ("true", "false", "null"):
        return _Cause("wrong case", span, f"`{word}` is not a word of JSON.", f"Write `{word.lower()}`.")
    if not stop.before:
        return _other_language(stop, word)
    return _Cause("unquoted text", span, f"The text {word!r} has no quotes.", f'Write `"{word}"`.')


def _other_language(stop: _Stop, word: str) -> _Cause:
    """The text starts with a word: it is HOCON, YAML or something else."""
    if stop.following == "=":
        equals = stop.text.index("=", stop.span.end)
        help = f'Write `{{"{word}": ...}}`, or name the file .conf when it is meant to be HOCON.'
        return _Cause("equals sign", Span(equals, equals + 1), "In JSON a colon separates key and value.", help)
    if stop.following and stop.following in ":{":
        message = "The text does not start with `{`: this looks like HOCON or YAML."
        return _Cause("missing braces", stop.span, message, "Write a JSON object, or name the file .conf or .yml.")
    return _Cause("not JSON", stop.span, "This is not JSON: the text must be one object.", "Start it with `{`.")


def _bracket_cause(stop: _Stop) -> _Cause | None:
    character, span = stop.character, stop.span
    if stop.before and not stop.opened:
        if character in "}]":
            return _Cause("extra bracket", span, f"This `{character}` closes nothing.", "Remove it.")
        if character in "{[":
            message = "A second JSON value in the file, which may hold only one."
            return _Cause("two documents", span, message, "Keep one of the two.", (stop.before[0],))
        if character in ":,":
            help = "Put `{` before the first key and `}` after the last value."
            return _Cause("missing braces", span, "The text is not enclosed in braces.", help, (stop.before[0],))
        return _Cause("text after the end", span, "Text after the end of the JSON value.", "Remove it.")
    if character in "}]" and not stop.wants_value and not stop.wants_colon and character != _CLOSER[stop.inside]:
        return _Cause(
            "mismatched bracket",
            span,
            f"`{character}` closes a `{stop.inside}`.",
            f"Close it with `{_CLOSER[stop.inside]}` first.",
            (stop.opened[-1],),
        )
    return None


def _separator_cause(stop: _Stop) -> _Cause | None:
    character, span = stop.character, stop.span
    if stop.wants_colon:
        key = stop.before[-1]
        written = stop.text[key.start : key.end]
        return _Cause("missing colon", span, f"The key {written} has no value.", f"Write `{written}: ...`.", (key,))
    if stop.wants_key:
        message = f"A key in double quotes is expected here, not {stop.character!r}."
        return _Cause("missing key", span, message, 'Write `"key": value`.')
    if stop.wants_value:
        return _Cause("missing value", span, f"A value is expected here, not {stop.character!r}.")
    if character == ":":
        message = "A `:` after a value."
        return _Cause(
            "extra colon", span, message, "A key and its value stand in `{ }`; a comma ends the value before."
        )
    previous = stop.before[-1] if stop.before else None
    if previous and (character in '{["' or _WORD.match(stop.text, stop.at) or _NUMBER_LIKE.match(stop.text, stop.at)):
        written = stop.text[previous.start : previous.end]
        shown = written if len(written) <= 40 else written[:36] + " ..."
        help = f"Write a comma after `{shown}`."
        return _Cause("missing comma", span, "A comma is missing before this value.", help, (previous,))
    return None
