"""Why a YAML text does not parse: the likely mistake near the parser's position, and what to write instead."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from fllint.documents.document import DocumentProblem, Trouble
from fllint.documents.limits import too_deep
from fllint.documents.tree import Place, Source, Span

if TYPE_CHECKING:
    import yaml

_KEY_WITHOUT_SPACE: Final = re.compile(r"^[ \t]*(?:- +)?([\w.$@-]+:(?=[^\s/])[^\r\n#]*)", re.MULTILINE)
_TOKEN: Final = re.compile(r"\"[^\"\n]*\"?|'[^'\n]*'?|[^\s,\[\]{}]+|\S")
_UNQUOTED_REFERENCE: Final = re.compile(r"(?<=[\s,\[{])[^\s,\[\]{}\"']*\$\{[^}\r\n]*\}?")
_RESERVED: Final = {
    "@": ("at sign", "Text that starts with `@` needs quotes in YAML."),
    "`": ("backtick", "Text that starts with a backtick needs quotes in YAML."),
    "%": ("percent sign", "Text that starts with `%` needs quotes in YAML."),
}


def explain(source: Source, error: yaml.YAMLError, mark_shift: int) -> DocumentProblem:
    """The problem of a text that the YAML parser refuses.

    ``mark_shift`` is what to add to the positions in the error: 1 when the parser did not see a byte-order mark.
    """
    import yaml

    if isinstance(error, yaml.reader.ReaderError):
        return _control_character(source)
    if not isinstance(error, yaml.MarkedYAMLError) or error.problem_mark is None:
        return _problem(source, Span(0, 0), f"YAML cannot read the text: {error}.")
    at = error.problem_mark.index + mark_shift
    start = error.context_mark.index + mark_shift if error.context_mark else at
    return _Stop(source, at, start, error.problem or "", error.context or "").problem()


def _problem(
    source: Source, span: Span, message: str, cause: str = "", help: str = "", related: tuple[Span, ...] = ()
) -> DocumentProblem:
    return DocumentProblem(
        Trouble.SYNTAX,
        Place(source, span),
        message,
        cause=cause,
        help=help,
        related=tuple(Place(source, span) for span in related),
    )


def _control_character(source: Source) -> DocumentProblem:
    found = re.search(r"[^\t\n\r -~\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]|\ufffe|\uffff", source.text)
    start = found.start() if found else 0
    character = source.text[start : start + 1]
    message = f"A control character ({character!r}), which YAML does not allow."
    return _problem(
        source, Span(start, start + 1), message, "control character", "Remove it, or write it as an escape."
    )


class _Stop:
    """Where the parser stopped (``at``), and where what it was reading starts (``start``)."""

    def __init__(self, source: Source, at: int, start: int, problem: str, context: str) -> None:
        self.source = source
        self.text = source.text
        self.at = min(at, len(source.text))
        self.start = min(start, self.at)
        self.says = problem
        self.context = context

    def problem(self) -> DocumentProblem:
        if "depth" in self.says:
            return too_deep(self.source, self.at)
        return (
            self._string()
            or self._character()
            or self._asterisk()
            or self._missing_space()
            or self._bracket()
            or self._tab_in_indentation()
            or self._colon()
            or self._indentation()
            or self._make(self.span, f"YAML cannot read this: {self.says}.")
        )

    def _make(
        self, span: Span, message: str, cause: str = "", help: str = "", related: tuple[Span, ...] = ()
    ) -> DocumentProblem:
        return _problem(self.source, span, message, cause, help, related)

    @property
    def span(self) -> Span:
        """The token at the parser's position."""
        found = _TOKEN.match(self.text, self.at)
        return Span(self.at, found.end()) if found else Span(self.at, self.at)

    @property
    def character(self) -> str:
        return self.text[self.at : self.at + 1]

    def _line_start(self, offset: int) -> int:
        return max(self.text.rfind("\n", 0, offset), self.text.rfind("\r", 0, offset)) + 1

    def _string(self) -> DocumentProblem | None:
        if "quoted scalar" not in self.context:
            return None
        if "escape" in self.says:
            start = self.text.rfind("\\", self.start, self.at + 1)
            span = Span(max(start, self.start), max(start, self.start) + 2)
            message = f"`{self.text[span.start : span.end]}` is not an escape of YAML."
            help = "Write `\\\\` for a backslash, or put the text in single quotes."
            return self._make(span, message, "bad escape", help)
        quote = self.text[self.start : self.start + 1]
        end = self._end_of_line(self.start)
        return self._make(
            Span(self.start, max(end, self.start + 1)),
            "This string is not closed.",
            "unclosed string",
            f"Close it with `{quote}`.",
        )

    def _end_of_line(self, offset: int) -> int:
        found = re.compile(r"[\r\n]|\Z").search(self.text, offset)
        return found.start() if found else len(self.text)

    def _character(self) -> DocumentProblem | None:
        if "cannot start any token" not in self.says:
            return None
        if self.character == "\t":
            message, help = "A tab where YAML wants spaces.", "Indent with spaces."
            return self._make(Span(self.at, self.at + 1), message, "tab", help)
        cause, message = _RESERVED.get(self.character, ("", f"Text cannot start with {self.character!r} in YAML."))
        span = self.span
        if self.text[self.at - 1 : self.at] in ("@", "%"):
            span = Span(self.at - 1, span.end)
        written = self.text[span.start : span.end]
        return self._make(span, message, cause, f'Write `"{written}"`.')

    def _asterisk(self) -> DocumentProblem | None:
        if "alias" not in self.context and "anchor" not in self.context:
            return None
        end = re.compile(r"[^\s,\]}]*").match(self.text, self.start).end()  # type: ignore[union-attr]
        written = self.text[self.start : end]
        name = "asterisk" if written.startswith("*") else "ampersand"
        message = f"Text that starts with `{written[:1]}` needs quotes in YAML."
        return self._make(Span(self.start, max(end, self.start)), message, name, f'Write `"{written}"`.')

    def _missing_space(self) -> DocumentProblem | None:
        """`key:value` on the line where the parser stopped, or between there and the start of what it was reading."""
        if "mapping values" not in self.says and "':'" not in self.says:
            return None
        begin = self._line_start(self.start)
        if self.start == self.at:
            begin = self._line_start(max(begin - 1, 0))
        found = _KEY_WITHOUT_SPACE.search(self.text, begin, self._end_of_line(self.at))
        if not found or found.start() > self.at:
            return None
        key, value = found[1].split(":", 1)
        help = f"Write `{key}: {value.strip()}`."
        return self._make(Span(*found.span(1)), "There is no space after the colon.", "missing space", help)

    def _bracket(self) -> DocumentProblem | None:
        """Mistakes in `[ ]` and `{ }`."""
        if "flow" not in self.context:
            if self.character and self.character in "]},":
                help = "Remove it, or put the text in quotes."
                return self._make(self.span, f"This `{self.character}` belongs to nothing.", "extra bracket", help)
            return None
        opening_at = max(self.text.rfind("[", 0, self.start + 1), self.text.rfind("{", 0, self.start + 1), 0)
        opening = Span(opening_at, opening_at + 1)
        bracket = self.text[opening_at]
        closer = "]" if bracket == "[" else "}"
        reference = _UNQUOTED_REFERENCE.search(self.text, max(self.start - 1, 0))
        if reference and reference.start() <= self.at:
            span = Span(*reference.span())
            message = "Inside of `{ }` and `[ ]` a `${reference}` needs quotes in YAML."
            help = f'Write `"{self.text[span.start : span.end]}"`.'
            return self._make(span, message, "unquoted reference", help)
        if self.at >= len(self.text.rstrip()) or "stream end" in self.says:
            end = len(self.text.rstrip())
            message = f"The text ends here, but the `{bracket}` is not closed."
            return self._make(Span(end, end), message, "unclosed bracket", f"Close it with `{closer}`.", (opening,))
        if self.character in "]}" and self.character != closer:
            message = f"`{self.character}` closes a `{bracket}`."
            return self._make(self.span, message, "mismatched bracket", f"Close it with `{closer}` first.", (opening,))
        if (
            re.compile(r"[^\r\n]*?:(?:\s|$)").match(self.text, self._line_start(self.at))
            and "\n" in self.text[self.start : self.at]
        ):
            message = f"The `{bracket}` is not closed before this line."
            return self._make(self.span, message, "unclosed bracket", f"Close it with `{closer}`.", (opening,))
        message = f"A comma is missing before this, or the `{bracket}` is not closed."
        return self._make(self.span, message, "missing comma", f"Write `,` or `{closer}`.", (opening,))

    def _tab_in_indentation(self) -> DocumentProblem | None:
        """A tab at the start of the line or the lines before, which YAML does not count as indentation."""
        begin = self._line_start(max(self._line_start(self.at) - 1, 0))
        found = re.compile(r"^ *(\t+)", re.MULTILINE).search(self.text, begin, self._end_of_line(self.at))
        if not found:
            return None
        return self._make(Span(*found.span(1)), "A tab where YAML wants spaces.", "tab", "Indent with spaces.")

    def _colon(self) -> DocumentProblem | None:
        start = self._line_start(self.at)
        line = self.text[start : self._end_of_line(self.at)]
        if "mapping values" in self.says:
            first = re.match(r"[ \t]*(?:- +)?[^:]*: +", line)
            if first and start + first.end() <= self.at:
                value = line[first.end() :].strip()
                span = Span(start + first.end(), start + first.end() + len(value))
                message = "A text with a colon and a space in it needs quotes in YAML."
                return self._make(span, message, "colon in text", f'Write `"{value}"`.')
            message = "A key is not expected here: the text before it goes on."
            return self._make(Span(self.at, self.at + 1), message, "indentation", "Check the lines before this one.")
        if "':'" in self.says:
            end = self._end_of_line(self.start)
            message = "A key without a colon and value."
            return self._make(Span(self.start, end), message, "missing colon", "Write `key: value`.")
        return None

    def _indentation(self) -> DocumentProblem | None:
        if "block sequence entries" in self.says or "sequence entries" in self.says:
            message = "A list cannot start here, behind a key."
            return self._make(self.span, message, "indentation", "Start it on the next line, indented.")
        if "expected key" not in self.says and "block end" not in self.says and "'-' indicator" not in self.says:
            return None
        start = self._line_start(self.at)
        if self.text[start : self.at].strip():
            help = "Put the whole text in one pair of quotes."
            return self._make(self.span, "Text after the end of a value.", "text after value", help)
        column = self.at - start
        other = self.start - self._line_start(self.start)
        message = f"This line is indented by {column}, but what it belongs to by {other}."
        if "'-' indicator" in self.says:
            message = "A list goes on here with something that is not an item (`- `)."
        return self._make(
            self.span, message, "indentation", "Indent items of the same level alike.", (Span(self.start, self.start),)
        )
