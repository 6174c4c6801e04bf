"""How NVFlare cuts a text into the arguments of a script, and where in the text each of them stands."""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import Enum
from typing import Final

from msgspec import Struct

from fllint.documents.tree import UNKNOWN_TEXT

_QUOTES: Final = "'\""
_SHLEX_SPACE: Final = " \t\r\n"
_SECRET: Final = "${secret:"


class ExecutorKind(str, Enum):
    """Who cuts the text.

    ``IN_PROCESS``: ``task_script_args.split()``, quotes mean nothing (nvflare.app_common.executors.task_script_runner,
    2.5 to 2.9; since 2.9 quotes around a ``${secret:...}`` group).
    ``COMMAND``: ``shlex.split`` (SubprocessLauncher.script of 2.4 to 2.8, ClientAPIExecutor.command of 2.9).
    """

    IN_PROCESS = "in_process"
    COMMAND = "command"


class Token(Struct, frozen=True):
    """An argument as the script gets it. ``offsets[i]`` is where its character ``i`` stands in the text that was cut.

    ``start`` and ``end`` are where the whole stands there, with its quotes; ``item`` is its position in a list command.
    ``in_quotes`` says that it is a piece of something in quotes, and that the quotes were not honoured.
    """

    text: str
    start: int
    end: int
    offsets: tuple[int, ...] = ()
    item: int | None = None
    in_quotes: bool = False

    @property
    def is_unknown(self) -> bool:
        """It may be any argument, or several: nothing is known that would tell an option from a value."""
        return self.text.startswith(UNKNOWN_TEXT)

    @property
    def has_unknown(self) -> bool:
        """A part of it is known only at the site: a variable, or a secret that NVFlare 2.9 puts in after splitting."""
        return UNKNOWN_TEXT in self.text or _SECRET in self.text

    def range(self, start: int, end: int) -> tuple[int, int]:
        """Where the characters ``[start, end)`` of the argument stand in the text."""
        if not self.offsets:
            return self.start + start, self.start + end
        first = self.offsets[start] if start < len(self.offsets) else self.end
        last = self.offsets[end - 1] + 1 if 0 < end <= len(self.offsets) else self.end
        return first, max(first, last)


class Arguments(Struct, frozen=True):
    """A text cut into arguments. ``trouble`` is set when NVFlare cannot cut it (shlex raises): then there are none."""

    tokens: tuple[Token, ...]
    trouble: str | None = None
    trouble_at: int = 0


def split_like_nvflare(text: str | Sequence[str], executor_kind: ExecutorKind = ExecutorKind.IN_PROCESS) -> Arguments:
    """The arguments that a script gets from a text, or from the list of a list command.

    >>> [token.text for token in split_like_nvflare('--name "my run"').tokens]
    ['--name', '"my', 'run"']
    >>> [token.text for token in split_like_nvflare('--name "my run"', ExecutorKind.COMMAND).tokens]
    ['--name', 'my run']
    """
    if not isinstance(text, str):
        return Arguments(tuple(Token(item, 0, len(item), item=number) for number, item in enumerate(text)))
    return _split_on_space(text) if executor_kind is ExecutorKind.IN_PROCESS else _split_like_shlex(text)


def _split_on_space(text: str) -> Arguments:
    """``text.split()``; pieces of a quoted part are marked."""
    quoted = _quoted_parts(text)
    secrets = [part for part in quoted if _SECRET in text[part[0] : part[1]]]
    ignored = [part for part in quoted if part not in secrets]
    dropped = {edge for first, last in secrets for edge in (first, last - 1)}
    tokens: list[Token] = []
    for start, end in _words(text, dict(secrets)):
        if dropped.isdisjoint(range(start, end)):
            in_quotes = any(first < end and start < last for first, last in ignored)
            tokens.append(Token(text[start:end], start, end, in_quotes=in_quotes))
        else:
            offsets = tuple(offset for offset in range(start, end) if offset not in dropped)
            tokens.append(Token("".join(text[offset] for offset in offsets), start, end, offsets))
    return Arguments(tuple(tokens))


def _words(text: str, together: dict[int, int]) -> list[tuple[int, int]]:
    """The ranges of the words of a text; the ranges of ``together`` (start to end) are not cut."""
    words: list[tuple[int, int]] = []
    position, start = 0, -1
    while position < len(text):
        if text[position].isspace():
            if start >= 0:
                words.append((start, position))
            start = -1
        elif start < 0:
            start = position
        position = together.get(position, position + 1)
    if start >= 0:
        words.append((start, len(text)))
    return words


_QUOTED: Final = re.compile(r"""(?:(?<=\s)|(?<==)|^)(?:"[^"]*"|'[^']*')(?=\s|$)""")


def _quoted_parts(text: str) -> list[tuple[int, int]]:
    """What a shell would take for one argument: from a quote that begins a word or follows ``=`` to its partner at the
    end of a word."""
    return [match.span() for match in _QUOTED.finditer(text)]


def _split_like_shlex(text: str) -> Arguments:
    """``shlex.split(text)``: POSIX rules, no comments, split at whitespace; with the place of each character."""
    tokens: list[Token] = []
    characters: list[str] = []
    offsets: list[int] = []
    start = -1
    quote = ""
    position = 0
    while position < len(text):
        character = text[position]
        if start < 0 and not quote and character not in _SHLEX_SPACE:
            start = position
        if quote:
            if character == quote:
                quote = ""
            elif character == "\\" and quote == '"' and position + 1 == len(text):
                return Arguments((), "No escaped character", position)
            elif character == "\\" and quote == '"' and text[position + 1 : position + 2] in ('"', "\\"):
                position += 1
                characters.append(text[position])
                offsets.append(position)
            else:
                characters.append(character)
                offsets.append(position)
        elif character in _SHLEX_SPACE:
            if start >= 0:
                tokens.append(Token("".join(characters), start, position, tuple(offsets)))
            characters, offsets, start = [], [], -1
        elif character in _QUOTES:
            quote = character
        elif character == "\\":
            position += 1
            if position == len(text):
                return Arguments((), "No escaped character", position - 1)
            characters.append(text[position])
            offsets.append(position)
        else:
            characters.append(character)
            offsets.append(position)
        position += 1
    if quote:
        return Arguments((), "No closing quotation", max(start, 0))
    if start >= 0:
        tokens.append(Token("".join(characters), start, len(text), tuple(offsets)))
    return Arguments(tuple(tokens))


class ScriptCall(Struct, frozen=True):
    """The Python script that a command starts: which of its arguments names it, and which go to the script.

    ``module`` is set for ``python -m module``. Launchers (``torchrun``, ``accelerate launch``, ``python -m
    torch.distributed.run``) are looked through.
    """

    script: int | None
    module: str | None
    arguments: tuple[Token, ...]


_PYTHON: Final = re.compile(r"(?:.*/)?(?:python|pypy)[\d.]*(?:\.exe)?$")
_PYTHON_WITH_VALUE: Final = frozenset({"-W", "-X", "--check-hash-based-pycs"})
_LAUNCHER_MODULES: Final = frozenset(
    {"torch.distributed.run", "torch.distributed.launch", "accelerate.commands.launch"}
)


def script_call(tokens: Sequence[Token]) -> ScriptCall | None:
    """The script that a command runs; None when it runs something else, or that cannot be told."""
    if not tokens:
        return None
    position = 1
    if _PYTHON.match(tokens[0].text):
        while position < len(tokens) and tokens[position].text.startswith("-") and tokens[position].text != "-":
            option = tokens[position].text
            if option == "-c":
                return None
            if option == "-m":
                module = tokens[position + 1].text if position + 1 < len(tokens) else ""
                if module in _LAUNCHER_MODULES:
                    position += 1
                    break
                return ScriptCall(None, module, tuple(tokens[position + 2 :])) if module else None
            position += 2 if option in _PYTHON_WITH_VALUE else 1
        if position < len(tokens) and tokens[position].text.endswith(".py"):
            return ScriptCall(position, None, tuple(tokens[position + 1 :]))
    for number in range(position, len(tokens)):
        if tokens[number].text.endswith(".py"):
            return ScriptCall(number, None, tuple(tokens[number + 1 :]))
    return None
