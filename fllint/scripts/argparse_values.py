"""What happens when argparse gives an argument its values: types, choices, exclusive groups."""

from __future__ import annotations

from typing import Final

from msgspec import Struct, field

from fllint.documents.tree import UNKNOWN, Unknown
from fllint.scripts.argparse_meanings import ANYTHING, LIKE_A_NUMBER, OPTION, Meanings
from fllint.scripts.argument_model import Argument, ArgumentProblem, ArgumentTrouble, Parser
from fllint.scripts.argument_tokens import Token
from fllint.scripts.argument_values import check_value

MAXIMUM_PROBLEMS: Final = 50
"""More are not told."""


class Part(Struct, frozen=True):
    """A value: the argument that it stands in, from which character on, and its text."""

    token: int
    offset: int
    text: str

    @property
    def has_unknown(self) -> bool:
        return Token(self.text, 0, 0).has_unknown


class Taking(Struct, eq=False):
    """What the arguments of a parser have got so far, and the problems with it.

    ``first`` is the position of the first of the tokens on the whole command line. ``seen`` are the arguments that had
    their turn, ``given`` those that were written, ``distinct`` those that got something else than their default.
    ``stopped``: nothing after this counts (``--help``). ``shaky``: something unknown went before, so that it is not
    known which positional argument is which.
    """

    parser: Parser
    tokens: list[Token]
    first: int
    problems: list[ArgumentProblem] = field(default_factory=list)
    meanings: Meanings = field(default_factory=lambda: Meanings("", {}))
    seen: list[Argument] = field(default_factory=list)
    given: list[Argument] = field(default_factory=list)
    distinct: list[Argument] = field(default_factory=list)
    stopped: bool = False
    shaky: bool = False

    @property
    def letters(self) -> str:
        """What each token is taken for."""
        return self.meanings.letters

    def take(self, argument: Argument, parts: list[Part], name: str, at: int | None = None) -> None:
        """An argument gets its values (`take_action`)."""
        position = parts[0].token if parts else at
        self.see(argument, given=bool(argument.names or parts))
        if argument.action in ("help", "version"):
            self.stopped = True
            if argument.certain:
                message = f"{name} makes the script print something and end"
                self.say(ArgumentTrouble.EXITS, message, argument, position)
            return
        if self._swallows_options(argument, parts, at):
            return
        values: list[object] = []
        doubtful = not argument.names and self.shaky
        for part in parts:
            letter = self.letters[part.token]
            doubtful = doubtful or letter == ANYTHING
            token = self.tokens[part.token]
            if doubtful or (token.has_unknown and part.has_unknown):
                values.append(UNKNOWN)
                continue
            values.append(self._check(argument, part))
        if not parts and argument.nargs in ("?", "*"):
            values = [] if argument.names and argument.nargs == "*" else self._value_without_one(argument, position)
        self._exclude(argument, values, position)

    def _value_without_one(self, argument: Argument, position: int | None) -> list[object]:
        """What an argument gets when it may be, and is, without a value: its ``const`` or its default."""
        value = argument.const if argument.names else argument.default
        if argument.nargs == "*":
            wrong = isinstance(argument.choices, tuple) and value not in (None, UNKNOWN, *argument.choices)
        elif isinstance(value, str):
            wrong = check_value(argument, value).trouble in (ArgumentTrouble.BAD_TYPE, ArgumentTrouble.BAD_CHOICE)
        else:
            wrong = False
        if wrong and argument.certain:
            message = f"{value!r}, which {argument.display} has without a value, is not a legal value of it"
            self.say(ArgumentTrouble.BAD_DEFAULT, message, argument, position)
        return [value] if value is not None or argument.nargs == "?" else []

    def _swallows_options(self, argument: Argument, parts: list[Part], at: int | None) -> bool:
        """Since 3.12.7 an option with a number of values takes even what looks like an option; before it did not."""
        swallowed = any(self.letters[part.token] == OPTION and not part.offset for part in parts)
        if not isinstance(argument.nargs, int) or not swallowed or at is None:
            return False
        if any(check_value(argument, part.text).trouble not in (None, ArgumentTrouble.BOOL_TYPE) for part in parts):
            self.missing_value(argument, at)
        return True

    def _check(self, argument: Argument, part: Part) -> object:
        check = check_value(argument, part.text, choices=argument.nargs != "...")
        if check.trouble is not None:
            self.say(
                check.trouble,
                check.message,
                argument,
                part.token,
                part.offset,
                part.offset + len(part.text),
                check.suggestion,
            )
        return check.value

    def see(self, argument: Argument, given: bool) -> None:
        """An argument has its turn."""
        self.seen.append(argument)
        if given:
            self.given.append(argument)

    def _exclude(self, argument: Argument, values: list[object], position: int | None) -> None:
        """Counts an argument as given, and refuses it beside those that it excludes."""
        single = argument.nargs in (None, "?") and len(values) == 1
        if not (argument.names or values) or (single and (values[0] == argument.default or values[0] is UNKNOWN)):
            return
        if single and isinstance(argument.default, Unknown):
            return
        self.distinct.append(argument)
        for group in self.parser.groups:
            if argument not in group.members or not group.certain:
                continue
            for other in group.members:
                if other is not argument and other in self.distinct and other.certain and argument.certain:
                    message = f"{argument.display} is not allowed with {other.display}"
                    self.say(ArgumentTrouble.EXCLUSIVE, message, argument, position)
                    return

    def missing_value(self, argument: Argument, position: int) -> None:
        """Says that an option lacks a value."""
        amount = f"{argument.nargs} argument{'s' if argument.nargs != 1 else ''}"
        if not isinstance(argument.nargs, int):
            amount = "at least one argument" if argument.nargs == "+" else "one argument"
        message = f"{argument.display} expects {amount}"
        following = self.tokens[position + 1].text if position + 1 < len(self.tokens) else ""
        suggestion = ""
        if LIKE_A_NUMBER.match(following) and self.letters[position + 1] == OPTION:
            message += f"; argparse takes {following} for an option, not for a number"
            suggestion = f"{self.tokens[position].text}={following}"
        self.say(ArgumentTrouble.MISSING_VALUE, message, argument, position, suggestion=suggestion)

    def say(
        self,
        kind: ArgumentTrouble,
        message: str,
        argument: Argument | None,
        position: int | None = None,
        start: int = 0,
        end: int | None = None,
        suggestion: str = "",
    ) -> None:
        """Adds a problem with the characters ``[start, end)`` of the token at a position, or with no token."""
        if len(self.problems) >= MAXIMUM_PROBLEMS:
            return
        if position is not None and end is None:
            end = len(self.tokens[position].text)
        self.problems.append(
            ArgumentProblem(
                kind,
                message,
                argument.place if argument else self.parser.place,
                None if position is None else self.first + position,
                start if position is not None else 0,
                end or 0,
                suggestion,
                argument.display if argument else "",
            )
        )
