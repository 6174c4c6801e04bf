"""What the terminal can show, by the conventions of the environment."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from typing import Final, TextIO

from msgspec import Struct

HYPERLINKING_PROGRAMS: Final = frozenset({"iTerm.app", "WezTerm", "vscode", "ghostty", "Hyper", "Tabby", "rio", "zed"})
HYPERLINKING_TERMS: Final = ("xterm-kitty", "alacritty", "foot", "xterm-ghostty", "contour")
MIN_WIDTH: Final = 60
DEFAULT_WIDTH: Final = 160


class Terminal(Struct, frozen=True):
    """Whether text may have colours and OSC 8 hyperlinks, and how many cells a line has."""

    colour: bool = False
    hyperlinks: bool = False
    width: int = DEFAULT_WIDTH


PLAIN: Final = Terminal()


def this_terminal(stream: TextIO | None = None, environment: Mapping[str, str] = os.environ) -> Terminal:
    """The terminal behind a stream (standard output when not given).

    ``NO_COLOR`` (https://no-color.org) and ``FORCE_COLOR`` (https://force-color.org) decide about colours when they are
    set to something; ``NO_COLOR`` wins. Hyperlinks are for terminals that are known to follow them.
    """
    stream = stream or sys.stdout
    is_terminal = stream.isatty()
    colour = is_terminal and environment.get("TERM") != "dumb"
    if environment.get("FORCE_COLOR"):
        colour = environment["FORCE_COLOR"] not in ("0", "false")
    if environment.get("NO_COLOR"):
        colour = False
    return Terminal(colour, is_terminal and _follows_hyperlinks(environment), _width(is_terminal))


def _follows_hyperlinks(environment: Mapping[str, str]) -> bool:
    if environment.get("TERM") == "dumb" or environment.get("CI"):
        return False
    if environment.get("TERM_PROGRAM") in HYPERLINKING_PROGRAMS:
        return True
    if environment.get("TERM", "").startswith(HYPERLINKING_TERMS):
        return True
    vte = environment.get("VTE_VERSION", "")
    return bool(environment.get("WT_SESSION") or environment.get("KONSOLE_VERSION")) or (
        vte.isdecimal() and int(vte) >= 5000
    )


def _width(is_terminal: bool) -> int:
    if not is_terminal:
        return DEFAULT_WIDTH
    from shutil import get_terminal_size

    return max(MIN_WIDTH, get_terminal_size((DEFAULT_WIDTH, 24)).columns)


def hyperlink(text: str, url: str) -> str:
    """A text that leads to a URL where the terminal follows links (OSC 8)."""
    return f"\033]8;;{url}\033\\{text}\033]8;;\033\\"
