"""Decides whether click accepts arguments, as `click.Command.main` of click 8 does, and says what it refuses."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import Final

from msgspec import Struct, field

from fllint.documents.tree import Unknown
from fllint.scripts.argument_model import Argument, ArgumentProblem, ArgumentTrouble, Parser, ValueType
from fllint.scripts.argument_tokens import Token
from fllint.scripts.argument_values import check_value, nearest

_MAXIMUM_PROBLEMS: Final = 50
_BOOLEANS: Final = frozenset(("1", "true", "t", "yes", "y", "on", "0", "false", "f", "no", "n", "off", ""))


class _Part(Struct, frozen=True):
    """An argument, or what is left of it after an option: from character ``offset`` of argument ``token`` on."""

    token: int
    offset: int
    text: str
    unknown: bool


def check_click(parser: Parser, tokens: Sequence[Token]) -> list[ArgumentProblem]:
    """What click refuses of the arguments."""
    parts = [_Part(number, 0, token.text, token.has_unknown) for number, token in enumerate(tokens)]
    run = _Run(parser, deque(parts))
    run.run()
    return run.problems


class _Run(Struct, eq=False):
    """One command over the arguments that are left for it."""

    parser: Parser
    rest: deque[_Part]
    problems: list[ArgumentProblem] = field(default_factory=list)
    values: list[tuple[Argument, _Part]] = field(default_factory=list)
    given: list[Argument] = field(default_factory=list)
    positional: list[_Part] = field(default_factory=list)
    exits: bool = False
    shaky: bool = False
    """Something unknown went before: what is missing and what is too much cannot be told."""

    def run(self) -> None:
        self.shaky = self.parser.open_options is not None or any(
            isinstance(argument.nargs, Unknown) or argument.action == "computed" for argument in self.parser.arguments
        )
        while self.rest:
            part = self.rest.popleft()
            if part.text.startswith("\ufffc"):
                self.shaky = True
            elif part.text == "--":
                break
            elif part.text.startswith("-") and len(part.text) > 1:
                self._option(part)
            elif self.parser.interspersed:
                self.positional.append(part)
            else:
                self.rest.appendleft(part)
                break
        self.positional += self.rest
        if self.exits:
            return
        for argument, part in self.values:
            self._check(argument, part)
        self._check_positionals()
        for argument in self.parser.options:
            if argument.required and argument not in self.given and not self.shaky:
                self._say(ArgumentTrouble.MISSING_REQUIRED, f"the option {argument.display} is required", argument)

    # Options.

    def _option(self, part: _Part) -> None:
        name, equals, value = part.text.partition("=")
        argument = self._named(name)
        if argument is not None and (name.startswith("--") or len(name) > 2):
            attached = _Part(part.token, len(name) + 1, value, part.unknown) if equals else None
            self._take(argument, part, name, attached)
        elif part.text.startswith("--") or not self._clustered(part):
            self._unknown(part, name)

    def _named(self, name: str) -> Argument | None:
        return next((argument for argument in self.parser.options if name in argument.names), None)

    def _clustered(self, part: _Part) -> bool:
        """``-abVALUE``; False when the first of it is unknown. Unknown letters are skipped where they are let pass."""
        skipped = ""
        for index, letter in enumerate(part.text[1:], 1):
            argument = self._named(f"-{letter}")
            if argument is None:
                if self.parser.known_only:
                    skipped += letter
                    continue
                if index > 1:
                    self._unknown(_Part(part.token, index, letter, part.unknown), f"-{letter}")
                return index > 1
            rest = part.text[index + 1 :]
            attached = _Part(part.token, index + 1, rest, part.unknown) if rest and argument.nargs != 0 else None
            self._take(argument, part, f"-{letter}", attached)
            if argument.nargs != 0 or self.exits:
                break
        if skipped:
            self.positional.append(_Part(part.token, 0, f"-{skipped}", part.unknown))
        return True

    def _unknown(self, part: _Part, name: str) -> None:
        if self.parser.known_only:
            self.positional.append(part)
            return
        if self.parser.open_options or part.unknown or self.shaky:
            self.shaky = True
            return
        if len(self.problems) >= _MAXIMUM_PROBLEMS:
            return
        names = [known for argument in self.parser.options for known in argument.names]
        near = nearest(name, names)
        message = f"the script knows no option {name}"
        found = self._named(near)
        end = part.offset + len(part.text.partition("=")[0])
        self._say(ArgumentTrouble.UNKNOWN_OPTION, message, found, part, part.offset, end, near)
        if self.rest and not self.rest[0].text.startswith("-"):
            self.rest.popleft()  # most likely its value

    def _take(self, argument: Argument, part: _Part, name: str, attached: _Part | None) -> None:
        self.given.append(argument)
        if argument.nargs == 0:
            if attached is not None:
                message = f"{name} is a flag and takes no value"
                self._say(ArgumentTrouble.FLAG_WITH_VALUE, message, argument, part, attached.offset, None, name)
            elif argument.action in ("help", "version"):
                message = f"{name} makes the script print something and end"
                self._say(ArgumentTrouble.EXITS, message, argument, part)
                self.exits = True
            return
        if attached is not None:
            self.rest.appendleft(attached)
        if isinstance(argument.nargs, Unknown):
            self.shaky = True
            while self.rest and not self.rest[0].text.startswith("-"):
                self.rest.popleft()
            return
        wanted = argument.nargs if isinstance(argument.nargs, int) else 1
        taken = [self.rest.popleft() for _ in range(min(wanted, len(self.rest)))]
        if any(value.text.startswith("\ufffc") for value in taken):
            self.shaky = True
        elif len(taken) < wanted:
            amount = f"{wanted} values" if wanted > 1 else "a value"
            self._say(ArgumentTrouble.MISSING_VALUE, f"{name} requires {amount}", argument, part)
        else:
            if not argument.multiple:
                self.values = [pair for pair in self.values if pair[0] is not argument]  # the last one counts
            self.values += [(argument, value) for value in taken]

    # Positional arguments.

    def _check_positionals(self) -> None:
        if self.shaky:
            return
        arguments = [argument for argument in self.parser.positionals if argument.action != "commands"]
        left = deque(self.positional)
        late: list[Argument] = []
        rest_of: Argument | None = None
        for argument in arguments:
            if argument.nargs == "*":
                rest_of = argument
                late = arguments[arguments.index(argument) + 1 :]
                break
            self._fill(argument, left, from_end=False)
        for argument in reversed(late):
            self._fill(argument, left, from_end=True)
        if rest_of is not None:
            if not left and rest_of.required:
                self._missing(rest_of)
            for part in left:
                self._check(rest_of, part)
            left.clear()
        commands = next((each for each in self.parser.positionals if each.action == "commands"), None)
        if commands is not None:
            self._command(commands, left)
        elif not self.parser.extra_allowed:
            for part in left:
                self._say(ArgumentTrouble.SURPLUS, f"{part.text} is more than the script takes", None, part)

    def _fill(self, argument: Argument, left: deque[_Part], from_end: bool) -> None:
        wanted = argument.nargs if isinstance(argument.nargs, int) else 1
        taken = [left.pop() if from_end else left.popleft() for _ in range(min(wanted, len(left)))]
        if not taken:
            if argument.required:
                self._missing(argument)
        elif len(taken) < wanted:
            message = f"{argument.dest} takes {wanted} values"
            self._say(ArgumentTrouble.MISSING_VALUE, message, argument, taken[-1])
        for part in taken:
            self._check(argument, part)

    def _missing(self, argument: Argument) -> None:
        message = f"the positional argument {argument.display} is required"
        self._say(ArgumentTrouble.MISSING_REQUIRED, message, argument)

    def _command(self, argument: Argument, left: deque[_Part]) -> None:
        if not left:
            if argument.required:
                self._say(ArgumentTrouble.MISSING_REQUIRED, "a command is required", argument)
            return
        name = left.popleft()
        commands = argument.commands or {}
        option = self._named(name.text)
        if name.text in commands:
            run = _Run(commands[name.text], left)
            run.run()
            self.problems += run.problems
        elif option is not None and option.action in ("help", "version"):
            self._take(option, name, name.text, None)
        elif isinstance(argument.choices, tuple) and not name.unknown:
            message = f"{name.text!r} is no command of the script, which knows {', '.join(commands)}"
            near = nearest(name.text, commands)
            self._say(ArgumentTrouble.BAD_CHOICE, message, argument, name, suggestion=near)

    # Values.

    def _check(self, argument: Argument, part: _Part) -> None:
        if part.unknown:
            return
        kind, message, suggestion = self._fault(argument, part.text)
        if kind is not None:
            self._say(kind, message, argument, part, part.offset, part.offset + len(part.text), suggestion)

    def _fault(self, argument: Argument, text: str) -> tuple[ArgumentTrouble | None, str, str]:
        if argument.type is ValueType.BOOL:
            if text.strip().lower() in _BOOLEANS:
                return None, "", ""
            return ArgumentTrouble.BAD_TYPE, f"{text!r} is not a boolean, which {argument.display} wants", ""
        check = check_value(argument, text)
        if check.trouble is ArgumentTrouble.BAD_CHOICE and not argument.case_sensitive:
            known = argument.choices if isinstance(argument.choices, tuple) else ()
            if text.casefold() in [str(choice).casefold() for choice in known]:
                return None, "", ""
        if check.trouble is None and isinstance(check.value, (int, float)):
            low = argument.minimum is not None and check.value < argument.minimum
            high = argument.maximum is not None and check.value > argument.maximum
            if low or high:
                bounds = f"{argument.minimum} to {argument.maximum}"
                return ArgumentTrouble.BAD_CHOICE, f"{text} is out of the range of {argument.display}: {bounds}", ""
        return check.trouble, check.message, check.suggestion

    def _say(
        self,
        kind: ArgumentTrouble,
        message: str,
        argument: Argument | None,
        part: _Part | None = None,
        start: int | None = None,
        end: int | None = None,
        suggestion: str = "",
    ) -> None:
        if len(self.problems) >= _MAXIMUM_PROBLEMS:
            return
        self.problems.append(
            ArgumentProblem(
                kind,
                message,
                argument.place if argument else self.parser.place,
                part.token if part else None,
                (part.offset if start is None else start) if part else 0,
                (part.offset + len(part.text) if end is None else end) if part else 0,
                suggestion,
                argument.display if argument else "",
            )
        )
