"""Rebuilds argparse parsers from what a script does with them (`fllint.scripts.script_walk`)."""

from __future__ import annotations

from typing import Final

from msgspec import Struct, field
from msgspec.structs import replace

from fllint.documents.tree import UNKNOWN, UNKNOWN_TEXT
from fllint.scripts.argparse_argument import read_argument, truth, unknown_argument
from fllint.scripts.argument_model import Argument, ExclusiveGroup, Parser
from fllint.scripts.script_text import CodePlace
from fllint.scripts.script_values import (
    NOTHING_KNOWN,
    CallSite,
    Conditions,
    External,
    Known,
    Listing,
    Made,
    Value,
    literal_of,
)

_POSITIONS_WITHOUT_EFFECT: Final = 4
"""``ArgumentParser(prog, usage, description, epilog, ...)``."""
_MAXIMUM_PARSERS: Final = 8
_MAXIMUM_TAKEN_OVER: Final = 1_000
"""Arguments and groups of a parser that takes over those of others (``parents=``)."""
_HARMLESS_METHODS: Final = frozenset(
    ("error", "exit", "print_help", "print_usage", "format_help", "format_usage", "get_default", "set_defaults")
)
_HARMLESS_ATTRIBUTES: Final = frozenset(("description", "epilog", "prog", "usage", "formatter_class", "error", "exit"))


class _Definition(Struct, frozen=True):
    """An argument and the conditions under which it is added; ``commands`` for what ``add_subparsers`` makes."""

    argument: Argument
    conditions: Conditions
    commands: CommandsInTheMaking | None = None


class ParserInTheMaking(Made, Struct, eq=False):
    """An ``ArgumentParser`` of the script. ``parsed`` collects the parsers that read the arguments of the script."""

    place: CodePlace
    conditions: Conditions
    reached: bool
    parsed: ParseEvents
    prefix_chars: str = "-"
    allow_abbrev: bool | None = True
    fromfile_prefix_chars: str | None = None
    definitions: list[_Definition] = field(default_factory=list)
    groups: list[GroupInTheMaking] = field(default_factory=list)
    defaults: dict[str, object] = field(default_factory=dict)
    argument_default: object = None
    open_options: str | None = None
    errors_caught: bool = False
    """``exit_on_error=False``: the script may do what it likes with errors."""

    @property
    def size(self) -> int:
        """How many arguments and groups it has so far."""
        return len(self.definitions) + len(self.groups)

    def leave_open(self, reason: str) -> None:
        """Options may exist that are not known here."""
        self.open_options = self.open_options or reason

    def handed_over(self, to: str) -> None:
        self.leave_open(f"the parser is given to {to}, which is not followed")

    def attribute(self, name: str, place: CodePlace) -> Value | None:
        if name not in _HARMLESS_ATTRIBUTES:
            self.leave_open(f"the script reads {name} of the parser")
        return None

    def assigned(self, name: str, value: Value) -> None:
        if name not in _HARMLESS_ATTRIBUTES:
            self.leave_open(f"the script sets {name} of the parser")

    def method(self, name: str, site: CallSite) -> Value:
        if name == "add_argument":
            return self.add(site)
        if name == "add_argument_group":
            return GroupInTheMaking(self, site.place, site.conditions)
        if name == "add_mutually_exclusive_group":
            required = truth(site.keywords.get("required"), False, site)
            group = GroupInTheMaking(self, site.place, site.conditions, required)
            self.groups.append(group)
            return group
        if name == "add_subparsers":
            return self._add_commands(site)
        if name in ("parse_args", "parse_known_args", "parse_intermixed_args", "parse_known_intermixed_args"):
            return self.parsed.add(self, site, known_only="known" in name, intermixed="intermixed" in name)
        if name == "set_defaults":
            self._set_defaults(site)
        elif name not in _HARMLESS_METHODS:
            self.leave_open(f"the script calls {name} of the parser")
        return NOTHING_KNOWN

    def _set_defaults(self, site: CallSite) -> None:
        """``set_defaults``: for the arguments that there are, and for later ones without a default of their own."""
        surely = _always(site.conditions, self.conditions)
        values = {name: literal_of(value) for name, value in site.keywords.items()}
        given = {name: default if known and surely else UNKNOWN for name, (known, default) in values.items()}
        if site.open_keywords:
            self.argument_default = UNKNOWN
            others = [*self.defaults, *(definition.argument.dest for definition in self.definitions)]
            given = dict.fromkeys(others, UNKNOWN) | given
        self.defaults |= given
        for position, definition in enumerate(self.definitions):
            argument = definition.argument
            if argument.dest in given:
                argument = replace(argument, default=given[argument.dest])
                self.definitions[position] = replace(definition, argument=argument)

    def add(self, site: CallSite) -> Value:
        """``add_argument``: what it defines."""
        names = [name.value for name in site.arguments if isinstance(name, Known)]
        texts = [name for name in names if isinstance(name, str) and name and UNKNOWN_TEXT not in name]
        if site.open_positions or len(texts) != len(site.arguments):
            self.leave_open("the name of an option is computed")
            return NOTHING_KNOWN
        if not texts and not isinstance(site.keywords.get("dest"), Known):
            self.leave_open("an argument without a name")
            return NOTHING_KNOWN
        argument = read_argument(texts, site, self.prefix_chars)
        if argument.default is None and "default" not in site.keywords:
            argument = replace(argument, default=self.defaults.get(argument.dest, self.argument_default))
        defined = ArgumentInTheMaking(self, len(self.definitions))
        self.definitions.append(_Definition(argument, site.conditions))
        return defined

    def _add_commands(self, site: CallSite) -> Value:
        dest = site.keywords.get("dest")
        commands = CommandsInTheMaking(self)
        argument = Argument(
            names=(),
            dest=str(dest.value) if isinstance(dest, Known) else "command",
            place=site.place,
            nargs="A...",
            required=truth(site.keywords.get("required"), False, site),
            action="commands",
        )
        self.definitions.append(_Definition(argument, site.conditions, commands))
        return commands

    def adopt(self, parents: Value | None) -> None:
        """``parents=[...]``: takes over what other parsers define."""
        for parent in parents.items if isinstance(parents, Listing) else ():
            if not isinstance(parent, ParserInTheMaking):
                self.leave_open("a parent of the parser is not known")
                continue
            if self.size + parent.size > _MAXIMUM_TAKEN_OVER:
                self.leave_open("the parser takes over more arguments than fllint reads")
                continue
            first = len(self.definitions)
            self.definitions += parent.definitions
            self.defaults |= parent.defaults
            self.open_options = self.open_options or parent.open_options
            for group in parent.groups:
                members = [first + member for member in group.members]
                self.groups.append(replace(group, parser=self, members=members))
        if parents is not None and not isinstance(parents, Listing):
            self.leave_open("the parents of the parser are not known")

    def finished(self, conditions: Conditions, known_only: bool) -> Parser:
        """The parser as it is when it is used under ``conditions``."""
        arguments = _without_doubles(
            [self._finished_argument(each, conditions, known_only) for each in self.definitions]
        )
        groups = [
            ExclusiveGroup(
                tuple(arguments[member] for member in group.members),
                group.required,
                group.place,
                _always(group.conditions, conditions),
            )
            for group in self.groups
        ]
        return Parser(
            library="argparse",
            place=self.place,
            arguments=tuple(arguments),
            groups=tuple(groups),
            open_options=self.open_options,
            known_only=known_only,
            prefix_chars=self.prefix_chars,
            allow_abbrev=self.allow_abbrev,
            fromfile_prefix_chars=self.fromfile_prefix_chars,
        )

    def _finished_argument(self, definition: _Definition, conditions: Conditions, known_only: bool) -> Argument:
        argument = definition.argument
        if definition.commands is not None:
            argument = definition.commands.finished(argument, conditions, known_only)
        if not _always(definition.conditions, conditions):
            argument = replace(argument, certain=False, required=None if argument.required else argument.required)
        return argument


def _without_doubles(arguments: list[Argument]) -> list[Argument]:
    """Where several definitions share a name: the last counts if it is certain, else little is known of them all."""
    by_name: dict[str, list[int]] = {}
    for position, argument in enumerate(arguments):
        for name in argument.names:
            by_name.setdefault(name, []).append(position)
    for positions in by_name.values():
        if len(positions) > 1:
            doubtful = not all(arguments[position].certain for position in positions)
            for position in positions if doubtful else positions[:-1]:
                arguments[position] = (
                    unknown_argument(arguments[position]) if doubtful else replace(arguments[position], required=None)
                )
    return arguments


class GroupInTheMaking(Made, Struct, eq=False):
    """An argument group, and its members; ``required`` matters for a mutually exclusive one."""

    parser: ParserInTheMaking
    place: CodePlace
    conditions: Conditions
    required: bool | None = False
    members: list[int] = field(default_factory=list)

    def handed_over(self, to: str) -> None:
        self.parser.handed_over(to)

    def assigned(self, name: str, value: Value) -> None:
        self.parser.assigned(name, value)

    def attribute(self, name: str, place: CodePlace) -> Value | None:
        return self.parser.attribute(name, place)

    def method(self, name: str, site: CallSite) -> Value:
        result = self.parser.method(name, site)
        if isinstance(result, ArgumentInTheMaking):
            self.members.append(result.position)
        return result


class ArgumentInTheMaking(Made, Struct, eq=False):
    """What ``add_argument`` returns. Scripts set its attributes: then little is known of it."""

    parser: ParserInTheMaking
    position: int

    def assigned(self, name: str, value: Value) -> None:
        if name in ("completer", "help", "metavar"):
            return
        definition = self.parser.definitions[self.position]
        self.parser.definitions[self.position] = replace(definition, argument=unknown_argument(definition.argument))

    def handed_over(self, to: str) -> None:
        self.assigned("", NOTHING_KNOWN)


class CommandsInTheMaking(Made, Struct, eq=False):
    """What ``add_subparsers`` returns."""

    parser: ParserInTheMaking
    commands: dict[str, ParserInTheMaking] = field(default_factory=dict)
    names_known: bool = True

    def handed_over(self, to: str) -> None:
        self.names_known = False

    def attribute(self, name: str, place: CodePlace) -> Value | None:
        self.names_known &= name != "add_parser"
        return None

    def assigned(self, name: str, value: Value) -> None:
        if name == "required":  # the idiom of Python 3.6
            self.parser.leave_open("the script sets required of the subparsers")

    def method(self, name: str, site: CallSite) -> Value:
        if name != "add_parser":
            self.names_known = False
            return NOTHING_KNOWN
        command = new_parser(site, self.parser.parsed)
        names = [site.argument(0, "name")]
        aliases = site.keywords.get("aliases")
        names += aliases.items if isinstance(aliases, Listing) else []
        for known in names:
            if isinstance(known, Known) and isinstance(known.value, str) and UNKNOWN_TEXT not in known.value:
                self.commands[known.value] = command
            else:
                self.names_known = False
        if site.open_positions or (aliases is not None and not isinstance(aliases, Listing)):
            self.names_known = False
        return command

    def finished(self, argument: Argument, conditions: Conditions, known_only: bool) -> Argument:
        commands = {name: command.finished(conditions, known_only) for name, command in self.commands.items()}
        return replace(argument, commands=commands, choices=tuple(commands) if self.names_known else UNKNOWN)


class ParseEvents(Struct, eq=False):
    """The uses of parsers that were seen, and reasons why something cannot be told."""

    parsers: list[Parser] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)
    argv_changed: bool = False
    """From then on ``sys.argv`` is not what the script was given."""

    def doubt(self, reason: str) -> None:
        """Something reads the arguments that cannot be told in full."""
        if reason not in self.reasons and not (self.argv_changed and self.parsers):
            self.reasons.append(reason)

    def add(self, parser: ParserInTheMaking, site: CallSite, known_only: bool, intermixed: bool) -> Value:
        """``parser.parse_args(...)``."""
        if parser.errors_caught:
            self.doubt("the script handles the errors of its parser itself")
            return NOTHING_KNOWN
        finished = parser.finished(site.conditions, known_only)
        if intermixed and finished.positionals:
            finished = replace(finished, arguments=finished.options, extra_allowed=True)
        self.record(finished, site, site.argument(0, "args"))
        return Listing((NOTHING_KNOWN, NOTHING_KNOWN)) if known_only else NOTHING_KNOWN

    def record(self, parser: Parser, site: CallSite, given: Value | None) -> Value:
        """A parser is used, on ``given`` or else on the arguments of the script."""
        if not site.reached or (self.argv_changed and self.parsers):
            return NOTHING_KNOWN
        if site.open_positions or site.open_keywords:
            given = NOTHING_KNOWN
        if isinstance(given, Listing):
            return NOTHING_KNOWN  # a list of its own: the arguments of the script do not matter
        if given is not None and given != Known(None) and given != External("sys.argv[1:]"):
            self.doubt("a parser is given a list of arguments that is not known")
        elif site.conditions:
            self.doubt("a parser is used only under a condition")
        elif len(self.parsers) >= _MAXIMUM_PARSERS:
            self.doubt("the arguments are parsed again and again")
        else:
            self.parsers.append(parser)
        return NOTHING_KNOWN


def new_parser(site: CallSite, parsed: ParseEvents) -> ParserInTheMaking:
    """``argparse.ArgumentParser(...)``, or ``add_parser(name, ...)``, which takes the rest by keyword."""
    parser = ParserInTheMaking(site.place, site.conditions, site.reached, parsed)
    if site.open_keywords or site.open_positions or len(site.arguments) > _POSITIONS_WITHOUT_EFFECT:
        parser.leave_open("the arguments of ArgumentParser are computed")
    prefix = site.keywords.get("prefix_chars")
    if isinstance(prefix, Known) and isinstance(prefix.value, str):
        parser.prefix_chars = prefix.value
    elif prefix is not None:
        parser.leave_open("prefix_chars of the parser is computed")
    parser.allow_abbrev = truth(site.keywords.get("allow_abbrev"), True, site)
    fromfile = site.keywords.get("fromfile_prefix_chars")
    if isinstance(fromfile, Known) and isinstance(fromfile.value, str):
        parser.fromfile_prefix_chars = fromfile.value
    elif fromfile is not None and fromfile != Known(None):
        parser.leave_open("fromfile_prefix_chars of the parser is computed")
    parser.errors_caught = site.keywords.get("exit_on_error", Known(True)) != Known(True)
    if "argument_default" in site.keywords:
        parser.argument_default = UNKNOWN
    add_help = truth(site.keywords.get("add_help"), True, site)
    if add_help is not False:
        dash = "-" if "-" in parser.prefix_chars else parser.prefix_chars[:1]
        help_option = Argument(
            names=(f"{dash}h", f"{dash}{dash}help"), dest="help", place=site.place, nargs=0, action="help"
        )
        conditions = site.conditions if add_help else (*site.conditions, (-1, 0))
        parser.definitions.append(_Definition(help_option, conditions))
    parser.adopt(site.keywords.get("parents"))
    return parser


def _always(defined: Conditions, used: Conditions) -> bool:
    """Whether what happens under ``defined`` has surely happened when ``used`` holds."""
    return used[: len(defined)] == defined
