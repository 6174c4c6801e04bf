"""What argparse takes each argument for, before it gives any of them to anybody: an option, a value, or ``--``."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from msgspec import Struct

from fllint.documents.tree import Unknown
from fllint.scripts.argument_model import Argument, Parser
from fllint.scripts.argument_tokens import Token

VALUE, OPTION, DASHES, ANYTHING = "A", "O", "-", "U"
"""Letters for arguments. argparse has the first three; ANYTHING is an unknown text that may be several arguments."""

LIKE_A_NUMBER: Final = re.compile(r"-\.?\d")
_NEGATIVE_NUMBER: Final = re.compile(r"-\d+$|-\d*\.\d+$")

_PATTERNS: Final = {
    "?": ("([AU]?)", "(-*[AU]?-*)"),
    "*": ("([AU]*)", "(-*[AU-]*)"),
    "+": ("([AU][AU]*)", "(-*[AU][AU-]*)"),
    "...": ("([AOU]*)", "([-AOU]*)"),
    "A...": ("([AU][AOU]*)", "(-*[AU][-AOU]*)"),
}
"""For ``nargs``: what an option and what a positional argument takes."""


class Meaning(Struct, frozen=True):
    """An option that an argument may stand for; ``argument`` is None for one that the parser does not know.

    ``value`` is attached to it. ``separator`` is ``=``, empty when the value follows at once (``-n3``), else None.
    """

    argument: Argument | None
    name: str
    separator: str | None = None
    value: str | None = None


class Meanings(Struct, frozen=True):
    """The letters of all arguments, and for those with the letter OPTION the options that they may stand for."""

    letters: str
    options: dict[int, list[Meaning]]

    @property
    def any_unknown(self) -> bool:
        return ANYTHING in self.letters


def meanings_of(parser: Parser, tokens: Sequence[Token]) -> Meanings:
    """What a parser takes arguments for."""
    by_name = names_of(parser)
    certain = {name: argument for name, argument in by_name.items() if argument.certain}
    letters: list[str] = []
    options: dict[int, list[Meaning]] = {}
    only_values = False
    for position, token in enumerate(tokens):
        second_dashes = only_values and token.text == "--"  # dropped or kept, by the release of Python
        if token.is_unknown or second_dashes or (not only_values and _is_file(parser, token.text)):
            letters.append(ANYTHING)
        elif only_values:
            letters.append(VALUE)
        elif token.text == "--":
            only_values = True
            letters.append(DASHES)
        elif (found := _options(parser, by_name, token.text)) is None:
            letters.append(VALUE)
        elif _is_doubtful(parser, token, found) or _may_be_another(parser, certain, token.text, found):
            letters.append(ANYTHING)
        else:
            letters.append(OPTION)
            options[position] = found
    return Meanings("".join(letters), options)


def names_of(parser: Parser) -> dict[str, Argument]:
    """The options of a parser by all their names."""
    return {name: argument for argument in parser.options for name in argument.names}


def _is_file(parser: Parser, text: str) -> bool:
    """Whether an argument is the name of a file with more arguments (``@file``)."""
    return bool(text) and text[0] in (parser.fromfile_prefix_chars or "")


def _is_doubtful(parser: Parser, token: Token, meanings: list[Meaning]) -> bool:
    """An option with an unknown name, or an abbreviation that only some releases of Python accept (``allow_abbrev``
    false, a single dash)."""
    if token.has_unknown and any(meaning.argument is None for meaning in meanings):
        return True
    return parser.allow_abbrev is not True and any(
        meaning.argument is not None and meaning.separator != "" and not token.text.startswith(meaning.name)
        for meaning in meanings
    )


def _may_be_another(parser: Parser, certain: dict[str, Argument], text: str, meanings: list[Meaning]) -> bool:
    """Whether an option of which only a condition decides that it exists is nothing wrong either without it: left
    alone, a value, or another option."""
    if all(meaning.argument is None or meaning.argument.certain for meaning in meanings):
        return False
    others = _options(parser, certain, text)
    return parser.known_only or others is None or any(meaning.argument for meaning in others)


def _options(parser: Parser, by_name: dict[str, Argument], text: str) -> list[Meaning] | None:
    """The options that an argument may stand for; None for a value (`ArgumentParser._parse_optional`)."""
    if not text or text[0] not in parser.prefix_chars:
        return None
    if text in by_name:
        return [Meaning(by_name[text], text)]
    if len(text) == 1:
        return None
    name, separator, value = text.partition("=")
    if separator and name in by_name:
        return [Meaning(by_name[name], name, separator, value)]
    if not parser.open_options and (found := _abbreviated(parser, by_name, text)):
        return found
    if _NEGATIVE_NUMBER.match(text) and not any(_NEGATIVE_NUMBER.match(option) for option in by_name):
        return None
    return None if " " in text else [Meaning(None, text)]


def _abbreviated(parser: Parser, by_name: dict[str, Argument], text: str) -> list[Meaning]:
    """The options that begin with a text, and those that it joins with a value (`_get_option_tuples`)."""
    name, separator, value = text.partition("=")
    attached = (separator, value) if separator else (None, None)
    if text[1] in parser.prefix_chars:
        if parser.allow_abbrev is False:
            return []
        return [Meaning(argument, option, *attached) for option, argument in by_name.items() if option.startswith(name)]
    found: list[Meaning] = []
    for option, argument in by_name.items():
        if option == text[:2]:
            found.append(Meaning(argument, option, "", text[2:]))
        elif option.startswith(name):  # allow_abbrev matters here since 3.12.7 only
            found.append(Meaning(argument, option, *attached))
    return found


def pattern_of(argument: Argument) -> re.Pattern[str]:
    """What an argument takes, as a pattern over the letters (`_get_nargs_pattern`)."""
    return re.compile(pattern_text(argument))


def pattern_text(argument: Argument) -> str:
    """The text of `pattern_of`, to be joined with those of other arguments."""
    nargs = "*" if isinstance(argument.nargs, Unknown) else argument.nargs
    return _pattern(nargs, bool(argument.names))


@lru_cache(maxsize=256)
def _pattern(nargs: int | str | None, is_option: bool) -> str:
    if nargs is None:
        return "([AU])" if is_option else "(-*[AU]-*)"
    if isinstance(nargs, str):
        return _PATTERNS[nargs][0 if is_option else 1]
    return f"([AOU]{{{nargs}}})" if is_option else f"((?:-*[AU]){{{nargs}}}-*)"
