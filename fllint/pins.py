"""The NVFlare release that a project asks for: in requirement files, images, set-up scripts and instructions."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Final

from msgspec import Struct

from fllint.catalogue.releases import NEWEST, RELEASES
from fllint.regular_files import open_regular

MAX_BYTES: Final = 200_000
REQUIREMENT_FILE: Final = re.compile(r"requirements[\w.-]*\.(txt|in)|pyproject\.toml|environment\.ya?ml")
OTHER_FILE: Final = re.compile(r"setup\.(py|cfg)|Dockerfile[\w.-]*|README\.(md|rst|txt)")
"""Files that say it where the requirement files of a folder do not."""
CLAUSE: Final = r"(?:[=~<>!]=?=?|\^)[ \t]*v?\d[\w.*]*"
REQUIREMENT: Final = re.compile(
    rf"""(?<![\w./-])nvflare(?:\[[^\]\n]*\])?[ \t]*\(?({CLAUSE}(?:[ \t]*,[ \t]*{CLAUSE})*)""", re.IGNORECASE
)
POETRY: Final = re.compile(
    r"""^nvflare[ \t]*=[ \t]*(?:\{[^}\n]*?version[ \t]*=[ \t]*)?["']((?:[=~<>!^]=?=?)?[ \t]*\d[\w.*]*)""", re.I | re.M
)
COMMENT: Final = re.compile(r"(?:^|[ \t])#.*")


class Wish(Struct, frozen=True):
    """What a file wants of NVFlare.

    ``text`` is how it says it, ``release`` the release of the catalogue that this comes to. ``exact``: it allows the
    patches of one release only. ``known``: the catalogue has that release; else ``release`` is the nearest.
    """

    text: str
    release: str
    file: Path
    exact: bool = True
    known: bool = True


def wish_in(files: tuple[Path, ...]) -> Wish | None:
    """The wish of the first file that has one."""
    return next((wish for file in files if (wish := _wish(file))), None)


@cache
def requirement_files(folder: Path) -> tuple[Path, ...]:
    """The files of a folder that say which packages are wanted."""
    return _files(folder, REQUIREMENT_FILE)


@cache
def other_files(folder: Path) -> tuple[Path, ...]:
    """The files of a folder that may name a release in passing: images, set-up scripts, instructions."""
    return _files(folder, OTHER_FILE)


def _files(folder: Path, wanted: re.Pattern[str]) -> tuple[Path, ...]:
    try:
        names = [entry.name for entry in os.scandir(folder) if wanted.fullmatch(entry.name) and entry.is_file()]
    except OSError:
        return ()
    return tuple(folder / name for name in sorted(names))


@cache
def text_of(file: Path) -> str:
    """The beginning of a text file; nothing for one that cannot be read."""
    try:
        with open_regular(file) as opened:
            return opened.read(MAX_BYTES).decode("utf-8", "replace")
    except OSError:
        return ""


@cache
def _wish(file: Path) -> Wish | None:
    text = text_of(file)
    if "nvflare" not in text.lower():
        return None
    if file.suffix not in (".md", ".rst"):
        text = "\n".join(COMMENT.sub("", line) for line in text.splitlines())
    specifiers = [match[1] for match in REQUIREMENT.finditer(text)]
    if file.suffix == ".toml":
        specifiers += [match[1] for match in POETRY.finditer(text)]
    wishes = [wish for specifier in specifiers if (wish := _understood(specifier, file))]
    return next((wish for wish in wishes if wish.exact), wishes[0] if wishes else None)


def _understood(specifier: str, file: Path) -> Wish | None:
    """What a specifier (``>=2.4,<2.6``) comes to; None when it allows no release of the catalogue."""
    allowed, exact = [_numbers(release) for release in RELEASES], False
    shown = re.sub(r"[ \t]+", "", specifier)
    for clause in shown.split(","):
        operator, version = _clause(clause)
        if _is_exact(operator, version):
            exact = True
            if version[:2] not in allowed and len(allowed) == len(RELEASES):
                nearest = RELEASES[0] if version < _numbers(RELEASES[0]) else NEWEST
                return Wish(shown.lstrip("=~"), nearest, file, known=False)
        allowed = [release for release in allowed if _allows(operator, version)(release)]
    if not allowed:
        return None
    return Wish(shown, ".".join(map(str, allowed[-1])), file, exact)


def _clause(clause: str) -> tuple[str, tuple[int, ...]]:
    found = re.match(r"([=~<>!^]*)v?(.*)", clause)
    operator, version = (found[1], found[2]) if found else ("", "")
    return operator, _numbers(version)


def _is_exact(operator: str, version: tuple[int, ...]) -> bool:
    """Whether a clause allows the patches of one release only."""
    return operator in ("", "=", "==", "===", "~") or (operator == "~=" and len(version) > 2)


def _allows(operator: str, version: tuple[int, ...]) -> Callable[[tuple[int, ...]], bool]:
    """Whether a clause allows a patch of a release, as pip, conda and Poetry read it."""
    minor = version[:2]
    if operator == "!=":
        return lambda release: True
    if operator in (">=", ">", "^") or (operator == "~=" and len(version) <= 2):
        return lambda release: release >= minor
    if operator == "<":
        return lambda release: release < version
    if operator == "<=":
        return lambda release: release <= minor
    return lambda release: release == minor


def _numbers(version: str) -> tuple[int, ...]:
    """``2.4.0rc1`` as ``(2, 4, 0)``."""
    return tuple(_leading_numbers(version))


def _leading_numbers(version: str) -> Iterator[int]:
    for part in version.split("."):
        digits = re.match(r"\d{1,6}", part)
        if not digits:
            return
        yield int(digits[0])


def read_anew() -> None:
    """Forgets what was read of these files."""
    for remembered in (requirement_files, other_files, text_of, _wish):
        remembered.cache_clear()
