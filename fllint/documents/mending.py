"""Mending texts that do not parse: the mistakes with one sure mend, all at once, so that the text parses after it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from fllint.documents.document import Document, DocumentProblem, Format, Trouble
from fllint.documents.tree import Place, Source, Span
from fllint.findings import Edit, Fix

MAX_MENDS: Final = 1_000
MAX_CHARACTERS_READ: Final = 500_000
"""How much is read to mend a HOCON or YAML text, of which after each mend all is read again."""

_JSON_TOKEN: Final = re.compile(
    r"""
    (?P<string>"[^"\\\n]*(?:\\.[^"\\\n]*)*")
    | (?P<comment>//[^\n]*|\#[^\n]*|/\*.*?\*/)
    | (?P<single>'[^'"\\\n]*')
    | (?P<word>[A-Za-z_][\w.]*)
    | (?P<comma>,)
    | (?P<other>[^\s])
    """,
    re.VERBOSE | re.DOTALL,
)
_PYTHON_WORDS: Final = {"True": "true", "False": "false", "None": "null"}
_QUOTED_CAUSES: Final = frozenset({"at sign", "asterisk", "percent sign", "needs quotes", "unquoted variable"})
"""Causes of which the help says what to write in quotes (`yaml_causes`, `hocon_causes`)."""


class _Mend(Struct, frozen=True, order=True):
    span: Span
    text: str
    what: str
    safe: bool = True


def mended(document: Document) -> Fix | None:
    """What makes a document's text one that NVFlare's loader takes; None when that is not sure.

    Commas too many and missing quotes can be mended safely. Comments, which JSON has not, would be lost; Python's words
    and quotes may be a sign of something else.
    """
    problem = document.problems[0] if document.problems else None
    if document.root is not None or problem is None or problem.place.source is not document.source:
        return None
    if problem.trouble is Trouble.ENCODING and problem.cause == "byte-order mark":
        return _fix(document.source, [_Mend(problem.place.span, "", "remove the byte-order mark")])
    if problem.trouble is not Trouble.SYNTAX:
        return None
    mends = _mended_json(document.source) if document.format is Format.JSON else _mended_step_by_step(document)
    return _fix(document.source, mends) if mends else None


def _fix(source: Source, mends: list[_Mend]) -> Fix:
    message = "; ".join(dict.fromkeys(mend.what for mend in mends))
    edits = tuple(Edit(Place(source, mend.span), mend.text) for mend in mends)
    return Fix(message, edits, all(mend.safe for mend in mends))


def _mended_json(source: Source) -> list[_Mend]:
    mends = list(_json_mends(source.text))
    if len(mends) > MAX_MENDS:
        return []
    try:
        json.loads(_with(source.text, mends))
    except (ValueError, RecursionError):
        return []
    return mends


def _json_mends(text: str) -> Iterator[_Mend]:
    comma: Span | None = None
    for found in _JSON_TOKEN.finditer(text):
        span = Span(*found.span())
        kind, written = found.lastgroup, found[0]
        if kind == "comment":
            yield _Mend(_with_space_before(text, span), "", "remove comments", safe=False)
            continue
        if comma and written in "}]":
            yield _Mend(comma, "", "remove commas after the last value")
        comma = span if kind == "comma" else None
        if kind == "single":
            yield _Mend(span, json.dumps(written[1:-1], ensure_ascii=False), "write double quotes", safe=False)
        elif kind == "word" and written in _PYTHON_WORDS:
            yield _Mend(span, _PYTHON_WORDS[written], "write true, false and null", safe=False)


def _with_space_before(text: str, span: Span) -> Span:
    """A comment with the blanks before it, and with its line when nothing else is on it."""
    start = span.start
    while start and text[start - 1] in " \t":
        start -= 1
    if (start == 0 or text[start - 1] == "\n") and text.startswith(("\n", "\r\n"), span.end):
        return Span(start, text.index("\n", span.end) + 1)
    return Span(start, span.end)


def _with(text: str, mends: list[_Mend]) -> str:
    for mend in sorted(mends, reverse=True):
        text = text[: mend.span.start] + mend.text + text[mend.span.end :]
    return text


def _mended_step_by_step(document: Document) -> list[_Mend]:
    """The mends of a HOCON or YAML text, whose parser stops at the first mistake."""
    from fllint.documents.load import load_document

    source = document.source
    mends: list[_Mend] = []
    problem: DocumentProblem | None = document.problems[0]
    while problem is not None and len(mends) * len(source.text) < MAX_CHARACTERS_READ:
        mend = _quoted(problem)
        if mend is None:
            return []
        span = _unmoved(mend.span, mends)
        if span is None:
            return []
        mends.append(replace(mend, span=span))
        text = _with(source.text, mends)
        read = load_document(
            text.encode("utf-8"), path=source.path, name=source.name, format=document.format, release=""
        )
        problem = None if read.root is not None else read.problems[0]
    return mends if problem is None else []


def _quoted(problem: DocumentProblem) -> _Mend | None:
    """Quotes around what needs them."""
    span, source = problem.place.span, problem.place.source
    written = source.text[span.start : span.end].strip()
    if problem.cause not in _QUOTED_CAUSES or not written or any(sign in written for sign in "\"'\\\n"):
        return None
    start = source.text.index(written, span.start)
    return _Mend(Span(start, start + len(written)), f'"{written}"', f"put {written} in quotes")


def _unmoved(span: Span, mends: list[_Mend]) -> Span | None:
    """Where a span of the mended text is in the written one; None inside of a mend."""
    shift = 0
    for mend in sorted(mends):
        length = mend.span.end - mend.span.start
        start = mend.span.start + shift
        if start + len(mend.text) <= span.start:
            shift += len(mend.text) - length
        elif start < span.end:
            return None
    return Span(span.start - shift, span.end - shift)
