"""Comments that speak to fllint: ``# fllint: ignore[FL203, unknown-app] reason``, in Python, YAML and HOCON.

Only real comments count, never text inside a string. A comment alone on its line is about the next line that is no
comment; any other is about its own line.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from enum import Enum
from typing import Final

from msgspec import Struct

from fllint.documents.document import Format
from fllint.documents.tree import Place, Source, Span

MARK: Final = "fllint:"
IGNORE: Final = re.compile(r"(?:#|//)\s*fllint:\s*ignore\b[ \t]*(?P<codes>\[[^\]\n]*\]?)?[ \t:,-]*(?P<reason>[^\n]*)")
HOCON_TOKEN: Final = re.compile(
    r'"""[\s\S]*?(?:"""+|\Z)|"(?:\\.|[^"\\\n])*"?|(?P<comment>(?:#|//)[^\n]*)|[^"#/]+|/', re.DOTALL
)
BLANK_OR_COMMENT: Final = re.compile(r"\s*((#|//).*)?")


class Language(Enum):
    """Where comments are written differently."""

    PYTHON = "python"
    YAML = "yaml"
    HOCON = "hocon"


COMMENTS_OF_FORMAT: Final = {Format.YAML: Language.YAML, Format.HOCON: Language.HOCON}
"""JSON has no comments."""


class IgnoreComment(Struct, frozen=True):
    """A comment that silences findings on a line.

    ``words`` are the codes, prefixes of codes or names that it silences, each with its place; none when it names none,
    and then it silences nothing.
    """

    place: Place
    line: int
    words: tuple[tuple[str, Place], ...]
    reason: str


def ignore_comments(source: Source, language: Language) -> tuple[IgnoreComment, ...]:
    """The comments of a file that silence findings, in its order. A text that does not parse gives those before the
    mistake."""
    if MARK not in source.text:
        return ()
    next_code = _next_code(source)
    return tuple(
        _comment(source, next_code, start, found)
        for start, text in COMMENTS[language](source)
        if (found := IGNORE.match(text.rstrip("\r\n")))
    )


def _comment(source: Source, next_code: list[int], start: int, found: re.Match[str]) -> IgnoreComment:
    words: list[tuple[str, Place]] = []
    if found["codes"]:
        for word in re.finditer(r"[^\s,\[\]]+", found["codes"]):
            offset = start + found.start("codes") + word.start()
            words.append((word[0], Place(source, Span(offset, offset + len(word[0])))))
    place = Place(source, Span(start, start + len(found[0].rstrip())))
    return IgnoreComment(place, _line_meant(source, next_code, start), tuple(words), found["reason"].strip())


def _line_meant(source: Source, next_code: list[int], start: int) -> int:
    number, column = source.position(start)
    return number if source.line(number)[: column - 1].strip() else next_code[number]


def _next_code(source: Source) -> list[int]:
    """For each line (its index is its number less 1) the first one from there on that is neither blank nor a comment;
    past the end when there is none."""
    lines = [line.rstrip("\r") for line in source.text.split("\n")]
    meant = [len(lines)] * (len(lines) + 1)
    for index in range(len(lines) - 1, -1, -1):
        meant[index] = meant[index + 1] if BLANK_OR_COMMENT.fullmatch(lines[index]) else index + 1
    return meant


def _python_comments(source: Source) -> Iterator[tuple[int, str]]:
    import tokenize

    try:
        for token in tokenize.generate_tokens(io.StringIO(source.text, newline="").readline):
            if token.type == tokenize.COMMENT:
                yield source.offset(token.start[0], token.start[1] + 1), token.string
    except (tokenize.TokenError, SyntaxError, ValueError, RecursionError):
        return


def _yaml_comments(source: Source) -> Iterator[tuple[int, str]]:
    """What begins with ``#`` after white space and lies in no scalar; the header of a block scalar may end in one."""
    scalars = _yaml_scalars(source.text)
    for found in re.finditer(r"(?<![^\s])#[^\n]*", source.text):
        while scalars and scalars[-1][1] <= found.start():
            scalars.pop()
        if not scalars or found.start() < scalars[-1][0]:
            yield found.start(), found[0]


def _yaml_scalars(text: str) -> list[tuple[int, int]]:
    """The ranges of scalars, the last first; of block scalars without their header's line."""
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    ranges: list[tuple[int, int]] = []
    try:
        for token in yaml.scan(text, Loader=loader):
            if isinstance(token, yaml.ScalarToken):
                start = token.start_mark.index
                if token.style in ("|", ">"):
                    start = text.find("\n", start) % (len(text) + 1)
                ranges.append((start, token.end_mark.index))
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        ranges.append((mark.index if mark else 0, len(text)))
    return ranges[::-1]


def _hocon_comments(source: Source) -> Iterator[tuple[int, str]]:
    for token in HOCON_TOKEN.finditer(source.text):
        if token["comment"]:
            yield token.start(), token["comment"]


COMMENTS: Final[dict[Language, Callable[[Source], Iterator[tuple[int, str]]]]] = {
    Language.PYTHON: _python_comments,
    Language.YAML: _yaml_comments,
    Language.HOCON: _hocon_comments,
}
