"""Rebuilds click commands from the decorators of a script (`fllint.scripts.script_walk`)."""

from __future__ import annotations

from typing import Final

from msgspec import Struct, field
from msgspec.structs import replace

from fllint.documents.tree import UNKNOWN
from fllint.scripts.argparse_parser import ParseEvents
from fllint.scripts.argument_model import Argument, Parser
from fllint.scripts.click_parameters import click_type, flag, read_option, read_positional, ready_made
from fllint.scripts.script_text import CodePlace
from fllint.scripts.script_values import (
    NOTHING_KNOWN,
    CallSite,
    Conditions,
    Function,
    Known,
    Listing,
    Made,
    Table,
    Value,
    literal_of,
)

_PASSING: Final = frozenset({"click.pass_context", "click.pass_obj"})
"""Decorators that add no parameter."""


_ELSEWHERE: Final = frozenset({"auto_envvar_prefix", "default_map"})
"""Settings by which options get values from elsewhere."""
_NOT_FOLLOWED: Final = "the command has settings that are not followed"


class ClickParameter(Made, Struct, eq=False):
    """``click.option(...)`` or ``click.argument(...)``, waiting for the function that it decorates."""

    argument: Argument

    def called(self, site: CallSite) -> Value:
        return with_parameter(site, self.argument)


class ClickFunction(Made, Struct, eq=False):
    """A function with parameters, innermost decorator first, that is no command yet."""

    parameters: tuple[Argument, ...]
    open_options: str | None = None

    def handed_over(self, to: str) -> None:
        self.open_options = self.open_options or f"the command is given to {to}, which is not followed"


class Wrapping(Made, Struct, eq=False):
    """``functools.wraps(function)``: what it decorates gets the function's parameters."""

    wrapped: ClickFunction

    def called(self, site: CallSite) -> Value:
        return replace(self.wrapped)


class CommandDecorator(Made, Struct, eq=False):
    """``click.command(...)``, ``click.group(...)`` or ``group.command(...)``."""

    made_by: CallSite
    parsed: ParseEvents
    is_group: bool
    parent: ClickCommand | None = None

    def called(self, site: CallSite) -> Value:
        return make_command(site.argument(0, "f"), self.made_by, self.parsed, self.is_group, self.parent)


class ClickCommand(Made, Struct, eq=False):
    """A command or a group of commands."""

    place: CodePlace
    conditions: Conditions
    parsed: ParseEvents
    parameters: tuple[Argument, ...]
    is_group: bool = False
    commands: dict[str, ClickCommand] = field(default_factory=dict)
    commands_known: bool = True
    runs_without_command: bool = False
    known_only: bool = False
    extra_allowed: bool = False
    interspersed: bool = True
    open_options: str | None = None

    def handed_over(self, to: str) -> None:
        self.commands_known = not self.is_group  # who is given a command may call it, or add others to a group

    def attribute(self, name: str, place: CodePlace) -> Value | None:
        if name == "params":
            self.open_options = self.open_options or "the script takes the command's parameters"
        return _Method(self, name) if name in ("command", "group") else None

    def assigned(self, name: str, value: Value) -> None:
        self.open_options = self.open_options or f"the script sets {name} of the command"

    def called(self, site: CallSite) -> Value:
        parser = self.finished()
        if not _ELSEWHERE.isdisjoint(site.keywords):
            parser = replace(parser, open_options=_NOT_FOLLOWED)
        return self.parsed.record(parser, site, site.argument(0, "args"))

    def method(self, name: str, site: CallSite) -> Value:
        if name in ("command", "group"):
            if site.arguments and isinstance(site.arguments[0], (Function, ClickFunction)):
                return make_command(site.arguments[0], site, self.parsed, name == "group", self)
            return CommandDecorator(site, self.parsed, name == "group", self)
        if name == "add_command":
            self._add(site)
        elif name == "main":
            return self.called(site)
        elif name != "make_context":
            self.open_options = self.open_options or f"the script calls {name} of the command"
        return NOTHING_KNOWN

    def _add(self, site: CallSite) -> None:
        command, name = site.argument(0, "cmd"), site.argument(1, "name")
        if isinstance(command, ClickCommand) and isinstance(name, Known):
            self.commands[str(name.value)] = command
        else:
            self.commands_known = False

    def finished(self, depth: int = 0) -> Parser:
        arguments = list(self.parameters)
        if self.is_group:
            commands = {name: command.finished(depth + 1) for name, command in self.commands.items() if depth < 8}
            arguments.append(
                Argument(
                    names=(),
                    dest="command",
                    place=self.place,
                    nargs="A...",
                    required=None if self.runs_without_command else True,
                    action="commands",
                    commands=commands,
                    choices=tuple(commands) if self.commands_known else UNKNOWN,
                )
            )
        return Parser(
            library="click",
            place=self.place,
            arguments=tuple(arguments),
            open_options=self.open_options,
            known_only=self.known_only,
            extra_allowed=self.extra_allowed,
            interspersed=self.interspersed and not self.is_group,
        )


class _Method(Made, Struct, eq=False):
    """``group.command`` without parentheses, as a decorator."""

    of: ClickCommand
    name: str

    def called(self, site: CallSite) -> Value:
        return self.of.method(self.name, site)


def click_call(path: str, site: CallSite, parsed: ParseEvents) -> Value | None:
    """What a call of a function of click (or ``functools.wraps``) returns; None when it is of no interest."""
    if path == "functools.wraps":
        wrapped = site.argument(0, "wrapped")
        return Wrapping(wrapped) if isinstance(wrapped, ClickFunction) else None
    if path in ("click.command", "click.group"):
        is_group = path == "click.group"
        if site.arguments and isinstance(site.arguments[0], (Function, ClickFunction)):
            return make_command(site.arguments[0], site, parsed, is_group, None)
        return CommandDecorator(site, parsed, is_group)
    if path == "click.option":
        return ClickParameter(read_option(site))
    if path == "click.argument":
        return ClickParameter(read_positional(site))
    if path in ("click.version_option", "click.help_option", "click.password_option", "click.confirmation_option"):
        return ClickParameter(ready_made(path, site))
    if path in _PASSING or path.startswith("click.make_pass"):
        return site.arguments[0] if site.arguments and isinstance(site.arguments[0], Made) else None
    if path in ("click.Choice", "click.IntRange", "click.FloatRange", "click.Tuple"):
        return click_type(path, site)
    return None


def with_parameter(site: CallSite, argument: Argument) -> Value:
    """A decorated function (or command) with one more parameter."""
    decorated = site.argument(0, "f")
    if isinstance(decorated, ClickFunction):
        return replace(decorated, parameters=(*decorated.parameters, argument))
    if isinstance(decorated, ClickCommand):
        decorated.parameters = (argument, *decorated.parameters)
        return decorated
    return ClickFunction((argument,))


def make_command(
    decorated: Value | None, made_by: CallSite, parsed: ParseEvents, is_group: bool, parent: ClickCommand | None
) -> Value:
    """``@click.command()`` over a function and its parameters."""
    parameters = decorated.parameters[::-1] if isinstance(decorated, ClickFunction) else ()
    command = ClickCommand(made_by.place, made_by.conditions, parsed, parameters, is_group)
    if isinstance(decorated, ClickFunction):
        command.open_options = decorated.open_options
    keywords = made_by.keywords
    if made_by.open_keywords or made_by.open_positions or "cls" in keywords or "params" in keywords:
        command.open_options = "the command is of a class of its own, or its settings are computed"
    if "chain" in keywords or "token_normalize_func" in keywords:
        command.open_options = _NOT_FOLLOWED
    settings = keywords.get("context_settings", Table(()))
    if not isinstance(settings, Table):
        command.open_options, settings = "the settings of the command are computed", Table(())
    command.known_only = settings.get("ignore_unknown_options") not in (None, Known(False))
    command.extra_allowed = settings.get("allow_extra_args") not in (None, Known(False))
    command.interspersed = settings.get("allow_interspersed_args") in (None, Known(True))
    if any(settings.get(name) for name in ("token_normalize_func", *_ELSEWHERE)):
        command.open_options = _NOT_FOLLOWED
    command.runs_without_command = keywords.get("invoke_without_command") not in (None, Known(False))
    if keywords.get("add_help_option") != Known(False):
        names = settings.get("help_option_names") or Listing((Known("--help"),))
        known, help_names = literal_of(names)
        if known and isinstance(help_names, tuple):
            command.parameters += (flag(tuple(map(str, help_names)), made_by.place, "help"),)
        else:
            command.open_options = "the names of the help option are computed"
    if parent is not None:
        _add_to_group(parent, command, decorated, made_by)
    return command


def _add_to_group(parent: ClickCommand, command: ClickCommand, decorated: Value | None, made_by: CallSite) -> None:
    name = made_by.argument(0, "name")
    if isinstance(name, Known):
        parent.commands[str(name.value)] = command
    else:
        parent.commands_known = False  # named after the function, by rules that changed in click 8.2
