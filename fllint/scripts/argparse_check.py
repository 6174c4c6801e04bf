"""Decides whether argparse accepts arguments, as `argparse.ArgumentParser.parse_args` does, and says what it refuses.

The algorithm is that of Lib/argparse.py of CPython 3.13 (`_parse_known_args`). Where releases 3.8 to 3.13 differ, the
laxer one counts, so that what is refused here is refused by all of them:

* an ambiguous abbreviation is an error where it is used (3.12.7), not where it merely stands (3.8);
* a positional ``?`` or ``*`` that finds nothing before an option waits for later arguments (3.12.7);
* an argument whose value equals its default does not exclude others (before 3.12.7, for identical objects).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from msgspec import field

from fllint.documents.tree import Unknown
from fllint.scripts.argparse_meanings import (
    ANYTHING,
    DASHES,
    LIKE_A_NUMBER,
    OPTION,
    VALUE,
    Meaning,
    meanings_of,
    names_of,
    pattern_of,
    pattern_text,
)
from fllint.scripts.argparse_values import MAXIMUM_PROBLEMS, Part, Taking
from fllint.scripts.argument_model import Argument, ArgumentProblem, ArgumentTrouble, Parser
from fllint.scripts.argument_tokens import Token
from fllint.scripts.argument_values import converts, nearest

_MAXIMUM_ELASTIC: Final = 4
"""With more positional arguments of no fixed number of values, none of them is looked at (matching is exponential)."""


def check_argparse(parser: Parser, tokens: Sequence[Token]) -> list[ArgumentProblem]:
    """What argparse refuses of the arguments, in the order in which they stand."""
    parse = _Parse(parser, list(tokens), 0)
    parse.run()
    parse.refuse_extras()
    return parse.problems


class _Parse(Taking, eq=False):
    """One run of a parser over arguments."""

    extras: list[int] = field(default_factory=list)
    by_name: dict[str, Argument] = field(default_factory=dict)
    positionals: list[Argument] = field(default_factory=list)

    def run(self) -> None:
        self.by_name = names_of(self.parser)
        self.meanings = meanings_of(self.parser, self.tokens)
        self.positionals = list(self.parser.positionals)
        elastic = sum(1 for each in self.positionals if isinstance(each.nargs, (str, Unknown)))
        self.shaky = bool(self.parser.open_options) or self.meanings.any_unknown or elastic > _MAXIMUM_ELASTIC
        if any(not argument.certain or isinstance(argument.nargs, Unknown) for argument in self.positionals):
            self.shaky = True
        if elastic > _MAXIMUM_ELASTIC:
            self.positionals = []
        position = 0
        for option in sorted(self.meanings.options):
            position = self._take_until(position, option)
            if position == option and not self.stopped:
                position = self._take_option(option)
        if not self.stopped:
            end = self._take_positionals(position)
            self.extras.extend(range(end, len(self.tokens)))
        if not self.stopped:
            self._check_required()

    def _take_until(self, position: int, option: int) -> int:
        """Deals with the values before an option; the position after them, beyond the option if they include it."""
        while position < option and not self.stopped:
            end = self._take_positionals(position)
            if end == position:
                self.extras.extend(range(position, option))
                return option
            position = end
        return position

    def _values_from(self, position: int, letters: str) -> int:
        """The end of the run of arguments with one of the letters that begins at a position."""
        while position < len(self.letters) and self.letters[position] in letters:
            position += 1
        return position

    # Options.

    def _take_option(self, position: int) -> int:
        """Takes an option and its values; the position after them (`consume_optional`)."""
        meanings = self.meanings.options[position]
        token = self.tokens[position]
        if len(meanings) > 1:
            return self._ambiguous(position, meanings)
        meaning = meanings[0]
        if meaning.argument is None:
            self.extras.append(position)
            return position + 1
        argument, name, separator, value = meaning.argument, meaning.name, meaning.separator, meaning.value
        offset = len(token.text) - len(value) if value is not None else len(token.text)
        while value is not None:
            if isinstance(argument.nargs, Unknown):
                self.see(argument, given=True)
                return position + 1
            match = pattern_of(argument).match(VALUE)
            count = len(match.group(1)) if match else None
            if count == 1:
                self.take(argument, [Part(position, offset, value)], name)
                return position + 1
            clustered = count == 0 and name[1] not in self.parser.prefix_chars and value != ""
            if not clustered or separator == "=" or value[0] in self.parser.prefix_chars:
                self._refuse_value(argument, position, offset, name)
                self.see(argument, given=True)
                return position + 1
            self.take(argument, [], name, position)
            if self.stopped:
                return position + 1
            name = name[0] + value[0]
            if name not in self.by_name:
                self.extras.append(position)
                return position + 1
            argument, value, offset = self.by_name[name], value[1:] or None, offset + 1
            separator = ""
            if value is not None and value[0] == "=":
                separator, value, offset = "=", value[1:], offset + 1
        return self._take_following(argument, position, name)

    def _take_following(self, argument: Argument, position: int, name: str) -> int:
        """Takes the values that follow an option."""
        start = position + 1
        if isinstance(argument.nargs, Unknown):
            self.see(argument, given=True)
            self.shaky = True
            return self._values_from(start, VALUE + ANYTHING)
        wanted = argument.nargs if isinstance(argument.nargs, int) else 1
        if wanted > 1 and ANYTHING in self.letters[start : start + wanted]:
            self.see(argument, given=True)
            return self._values_from(start, VALUE + ANYTHING)
        match = pattern_of(argument).match(self.letters, start)
        if match is not None:
            parts = [Part(number, 0, self.tokens[number].text) for number in range(start, match.end())]
            self.take(argument, parts, name, position)
            return match.end()
        self.see(argument, given=True)
        if ANYTHING not in self.letters[start : start + wanted]:
            self.missing_value(argument, position)
        return self._values_from(start, VALUE) if wanted > 1 else start

    def _ambiguous(self, position: int, meanings: list[Meaning]) -> int:
        self.shaky = True
        token = self.tokens[position]
        if (
            not self.parser.open_options
            and self.parser.allow_abbrev
            and all(meaning.argument and meaning.argument.certain for meaning in meanings)
        ):
            names = ", ".join(meaning.name for meaning in meanings)
            written = token.text.partition("=")[0]
            self.say(
                ArgumentTrouble.AMBIGUOUS_OPTION,
                f"{written} could be any of {names}",
                meanings[0].argument,
                position,
                end=len(written),
            )
        return self._values_from(position + 1, VALUE + ANYTHING)

    def _refuse_value(self, argument: Argument, position: int, offset: int, name: str) -> None:
        if argument.nargs == 0:
            message = f"{name} is a flag and takes no value"
            self.say(ArgumentTrouble.FLAG_WITH_VALUE, message, argument, position, offset, suggestion=name)
        else:
            message = f"{argument.display} expects {argument.nargs} arguments, which cannot be attached to it"
            self.say(ArgumentTrouble.MISSING_VALUE, message, argument, position, offset)

    # Positional arguments.

    def _take_positionals(self, position: int) -> int:
        """Gives as many positional arguments as possible their values (`consume_positionals`)."""
        counts = self._positional_counts(position)
        for argument, count in zip(list(self.positionals), counts, strict=False):
            numbers = list(range(position, position + count))
            position += count
            if argument.commands is not None or argument.nargs == "A...":
                self._take_command(argument, numbers)
            else:
                self.take(argument, self._without_dashes(argument, numbers), argument.dest)
            if self.stopped:
                break
        self.positionals = self.positionals[len(counts) :]
        return position

    def _positional_counts(self, position: int) -> list[int]:
        """How many values each of the positional arguments gets (`_match_arguments_partial`)."""
        for number in range(len(self.positionals), 0, -1):
            pattern = "".join(pattern_text(argument) for argument in self.positionals[:number])
            match = re.compile(pattern).match(self.letters, position)
            if match is not None:
                counts = [len(group) for group in match.groups()]
                if self.letters[match.end() : match.end() + 1] == OPTION:
                    while counts and not counts[-1]:
                        counts.pop()
                        self.shaky |= self.parser.known_only  # before 3.12.7 it has had its turn here
                return counts
        return []

    def _without_dashes(self, argument: Argument, numbers: list[int]) -> list[Part]:
        dashes = next((number for number in numbers if self.letters[number] == DASHES), None)
        if argument.nargs != "..." and dashes is not None:
            numbers = [number for number in numbers if number != dashes]
        return [Part(number, 0, self.tokens[number].text) for number in numbers]

    def _take_command(self, argument: Argument, numbers: list[int]) -> None:
        """A command and all that follows it, which is its own parser's business."""
        if numbers and self.letters[numbers[0]] == DASHES:
            numbers = numbers[1:]
        self.see(argument, given=bool(numbers))
        commands = argument.commands or {}
        if not numbers or self.tokens[numbers[0]].has_unknown or self.shaky:
            self.shaky = True
            return
        name = self.tokens[numbers[0]].text
        if name not in commands:
            if isinstance(argument.choices, tuple):
                near = nearest(name, commands)
                message = f"{name!r} is no command of the script, which knows {', '.join(commands)}"
                self.say(ArgumentTrouble.BAD_CHOICE, message, argument, numbers[0], suggestion=near)
            self.stopped = True
            return
        rest = [self.tokens[number] for number in numbers[1:]]
        command = _Parse(commands[name], rest, self.first + numbers[0] + 1)
        command.run()
        command.refuse_extras()
        self.problems.extend(command.problems)
        self.stopped = command.stopped

    # The end.

    def _check_required(self) -> None:
        unsure = self.meanings.any_unknown
        dests = [argument.dest for argument in self.parser.arguments]  # the first of several gives the default
        for argument in self.parser.arguments:
            if argument in self.seen:
                continue
            if argument.required and argument.certain and not unsure:
                if argument.names or not self.shaky:
                    kind = "" if argument.names else "positional "
                    message = f"the {kind}argument {argument.display} is required"
                    self.say(ArgumentTrouble.MISSING_REQUIRED, message, argument)
            elif argument.required is False and not unsure and argument.certain:
                default = argument.default
                if (
                    dests.count(argument.dest) == 1
                    and isinstance(default, str)
                    and converts(argument, default) is False
                ):
                    message = f"the default {default!r} of {argument.display} is not of type {argument.type.value}"
                    self.say(ArgumentTrouble.BAD_DEFAULT, message, argument)
        for group in self.parser.groups:
            if (
                group.required
                and group.certain
                and not unsure
                and not any(each in self.given for each in group.members)
            ):
                names = ", ".join(member.display for member in group.members)
                message = f"one of the arguments {names} is required"
                self.problems.append(ArgumentProblem(ArgumentTrouble.MISSING_REQUIRED, message, group.place))

    def refuse_extras(self) -> None:
        """Says what is left over."""
        if self.parser.known_only or self.parser.open_options or self.stopped:
            return
        after_unknown = False
        extras = set(self.extras)
        for position in sorted(extras):
            letter = self.letters[position]
            if letter == OPTION:
                self._unknown_option(position)
                after_unknown = True
            elif letter == VALUE and not self.tokens[position].has_unknown:
                follows = after_unknown and position - 1 in extras
                if not follows and not self.shaky and not self.parser.extra_allowed:
                    self._surplus(position)
                after_unknown = follows
            else:
                after_unknown = after_unknown and letter == DASHES

    def _surplus(self, position: int) -> None:
        text = self.tokens[position].text
        flag = self.by_name.get(self.tokens[position - 1].text) if position else None
        if flag is not None and flag.nargs == 0 and position - 1 in self.meanings.options:
            message = f"{self.tokens[position - 1].text} is a flag and takes no value"
            self.say(ArgumentTrouble.FLAG_WITH_VALUE, message, flag, position)
        else:
            self.say(ArgumentTrouble.SURPLUS, f"{text} is more than the script takes", None, position)

    def _unknown_option(self, position: int) -> None:
        if len(self.problems) >= MAXIMUM_PROBLEMS:
            return
        text = self.tokens[position].text
        written = text.partition("=")[0]
        names = [name for argument in self.parser.options for name in argument.names]
        near = nearest(written, names)
        message = f"the script knows no option {written}"
        if LIKE_A_NUMBER.match(text):
            message += "; argparse does not take it for a number either"
        known = self.by_name.get(near)
        self.say(ArgumentTrouble.UNKNOWN_OPTION, message, known, position, end=len(written), suggestion=near)
