"""Arguments of a command that only a shell would understand; NVFlare starts commands without one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from msgspec import Struct

from fllint.scripts.argument_tokens import Token

_OPERATOR: Final = re.compile(r"(?:&&|\|\||[|;&<]|(?:\d|&)?>>?(?:&\d)?)")
_REDIRECTION: Final = re.compile(r"(?:\d|&)?>>?(?:&\d|[\w./-]+)")
_VARIABLE: Final = re.compile(r"\$(?:[A-Za-z_]\w*|\{(?!secret:)\w+[^}]*\}?|\()|`")
_ASSIGNMENT: Final = re.compile(r"[A-Za-z_]\w*=")
_BUILTINS: Final = frozenset({".", "alias", "cd", "eval", "exec", "export", "set", "source", "ulimit", "unset"})
_SHELLS: Final = frozenset({"bash", "dash", "ksh", "sh", "zsh"})


class ShellWord(Struct, frozen=True):
    """``token`` is the argument's number, ``start`` and ``end`` characters in it. ``stops`` says that the command
    cannot even start."""

    token: int
    start: int
    end: int
    is_operator: bool = False
    stops: bool = False


def shell_words(tokens: Sequence[Token]) -> tuple[ShellWord, ...]:
    """The arguments of a command that are passed on as they are where a shell would act on them.

    >>> from fllint.scripts.argument_tokens import ExecutorKind, split_like_nvflare
    >>> command = split_like_nvflare("cd custom && python3 train.py --out $HOME", ExecutorKind.COMMAND)
    >>> [command.tokens[word.token].text for word in shell_words(command.tokens)]
    ['cd', '&&', '$HOME']
    """
    if not tokens or tokens[0].text.rpartition("/")[2] in _SHELLS:
        return ()
    words = (_shell_word(number, token) for number, token in enumerate(tokens))
    return tuple(word for word in words if word)


def _shell_word(number: int, token: Token) -> ShellWord | None:
    text, first = token.text, number == 0
    if first and (text in _BUILTINS or _ASSIGNMENT.match(text)):
        return ShellWord(number, 0, len(text), stops=True)
    quoted = token.end - token.start != len(text)
    if not quoted and (_OPERATOR.fullmatch(text) or _REDIRECTION.fullmatch(text)):
        return ShellWord(number, 0, len(text), is_operator=True)
    if text == "~" or text.startswith("~/"):
        return ShellWord(number, 0, 1, stops=first)
    found = _VARIABLE.search(text)
    return ShellWord(number, found.start(), found.end(), stops=first) if found else None
