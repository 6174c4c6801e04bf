"""The command line of a script: its parsers, and what is wrong with arguments that they are given."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import TypeAlias

from msgspec import Struct

from fllint.documents.tree import Unknown
from fllint.scripts.script_text import CodePlace, SyntaxTrouble


class ValueType(str, Enum):
    """What a value is converted to. ``UNKNOWN``: by a function that is not followed, so that any value may be right."""

    STR = "str"
    INT = "int"
    FLOAT = "float"
    COMPLEX = "complex"
    BOOL = "bool"
    UNKNOWN = "unknown"


Nargs: TypeAlias = "int | str | Unknown | None"
"""argparse's ``nargs``: None is one value, 0 a flag, ``"..."`` the rest (REMAINDER), ``"A..."`` a command."""


class Argument(Struct, frozen=True, eq=False, kw_only=True):
    """An option (it has ``names``) or a positional argument (it has none).

    ``required`` is None and ``nargs``, ``choices``, ``default``, ``const`` are `UNKNOWN` where they cannot be told.
    ``certain`` is False for one that is defined only under a condition. ``commands`` are the subparsers that a
    positional argument chooses from. click only: ``multiple``, ``case_sensitive``, ``minimum``, ``maximum``.
    """

    names: tuple[str, ...]
    dest: str
    place: CodePlace
    nargs: Nargs = None
    type: ValueType = ValueType.STR
    choices: tuple[object, ...] | Unknown | None = None
    required: bool | None = False
    default: object = None
    const: object = None
    action: str = "store"
    commands: Mapping[str, Parser] | None = None
    certain: bool = True
    multiple: bool = False
    case_sensitive: bool = True
    minimum: float | None = None
    maximum: float | None = None

    @property
    def display(self) -> str:
        """How a person calls it: ``-l/--lr``, or its name."""
        return "/".join(self.names) or self.dest


class ExclusiveGroup(Struct, frozen=True, eq=False):
    """Arguments of which at most one may be given, or exactly one when ``required``."""

    members: tuple[Argument, ...]
    required: bool | None
    place: CodePlace
    certain: bool = True


class Parser(Struct, frozen=True, eq=False, kw_only=True):
    """A parser that reads the arguments of the script.

    ``open_options`` is the reason why it may know more than ``arguments``. ``known_only`` says that it leaves alone
    what it does not know (``parse_known_args``, ``ignore_unknown_options``), ``extra_allowed`` that surplus positional
    arguments are all right. ``interspersed`` is False where options end at the first positional argument (click).
    """

    library: str
    place: CodePlace
    arguments: tuple[Argument, ...] = ()
    groups: tuple[ExclusiveGroup, ...] = ()
    open_options: str | None = None
    known_only: bool = False
    extra_allowed: bool = False
    prefix_chars: str = "-"
    allow_abbrev: bool | None = True
    fromfile_prefix_chars: str | None = None
    interspersed: bool = True

    @property
    def options(self) -> tuple[Argument, ...]:
        return tuple(argument for argument in self.arguments if argument.names)

    @property
    def positionals(self) -> tuple[Argument, ...]:
        return tuple(argument for argument in self.arguments if not argument.names)


class ParserModel(Struct, frozen=True, eq=False, kw_only=True):
    """What a script does with its arguments, known without running it.

    ``parsers`` are those that surely read them. ``not_checked`` are the reasons why there may be more to it.
    ``reads_argv`` is where the script looks at ``sys.argv`` itself.
    """

    parsers: tuple[Parser, ...] = ()
    not_checked: tuple[str, ...] = ()
    reads_argv: CodePlace | None = None
    syntax: SyntaxTrouble | None = None

    @property
    def parser(self) -> Parser | None:
        """The parser of a script that has one."""
        return self.parsers[0] if self.parsers else None

    @property
    def none(self) -> bool:
        """The script has no parser: it ignores its arguments, unless it ``reads_argv``."""
        return not self.parsers and not self.not_checked and self.syntax is None

    @property
    def open_options(self) -> str | None:
        """Why options may exist that are not known here; None when all are known."""
        reasons = [parser.open_options for parser in self.parsers if parser.open_options]
        return next(iter((*reasons, *self.not_checked)), None)


class ArgumentTrouble(str, Enum):
    """What is wrong with an argument."""

    UNKNOWN_OPTION = "unknown-option"
    AMBIGUOUS_OPTION = "ambiguous-option"
    MISSING_REQUIRED = "missing-required"
    MISSING_VALUE = "missing-value"
    BAD_CHOICE = "bad-choice"
    BAD_TYPE = "bad-type"
    BAD_DEFAULT = "bad-default"
    SURPLUS = "surplus"
    EXCLUSIVE = "exclusive"
    FLAG_WITH_VALUE = "flag-with-value"
    EXITS = "exits"
    """``--help`` or ``--version``: the script prints something and ends."""
    BOOL_TYPE = "bool-type"
    """``type=bool`` makes ``False`` of the empty string only: ``bool("False")`` is True."""
    QUOTES_NOT_HONOURED = "quotes-not-honoured"


class ArgumentProblem(Struct, frozen=True):
    """A thing wrong with the arguments.

    ``token`` is the position of the argument, None when something is missing; ``start`` and ``end`` are characters in
    it. ``place`` is where the script defines the option, or the parser. ``suggestion`` is what was probably meant,
    ready to stand there instead.
    """

    kind: ArgumentTrouble
    message: str
    place: CodePlace
    token: int | None = None
    start: int = 0
    end: int = 0
    suggestion: str = ""
    option: str = ""
    """The option that it is about, as the script names it."""

    @property
    def decisive(self) -> bool:
        """The parser refuses the arguments."""
        harmless = (ArgumentTrouble.BOOL_TYPE, ArgumentTrouble.QUOTES_NOT_HONOURED)
        return self.kind not in harmless
