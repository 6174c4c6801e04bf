"""The settings that hold for a job, and where each of them was set."""

from __future__ import annotations

import os.path
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct
from msgspec.structs import replace

from fllint.documents.tree import Place
from fllint.findings import Severity
from fllint.registry import Selection

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

DEFAULT: Final = "default"
COMMAND_LINE: Final = "command line"


def means(word: str, code: str, name: str) -> bool:
    """Whether a word (a code, the beginning of one, or a name) means a rule."""
    return code.startswith(word.upper()) or name == word.lower()


class SettingsError(Exception):
    """Settings that cannot be used; the message is for the user and says where."""


class Glob(Struct, frozen=True):
    """A pattern of paths in the syntax of .gitignore, relative to the folder of the settings file that it stands in."""

    pattern: str
    folder: str

    def matches(self, path: str) -> bool:
        """Whether an absolute path, or a folder that it lies in, is meant."""
        if not path.startswith(f"{self.folder.rstrip('/')}/"):
            return False
        return matcher(self.pattern).match_file(path[len(self.folder.rstrip("/")) + 1 :])

    @property
    def is_literal(self) -> bool:
        """Whether the pattern can mean one path only."""
        return not set(self.pattern) & set("*?[!\\")


@cache
def matcher(pattern: str) -> GitIgnoreSpec:
    """A compiled pattern in the syntax of .gitignore. pathspec costs 12 ms to import: only settings with patterns pay.

    Raises ValueError for a pattern that is none."""
    from pathspec import GitIgnoreSpec

    return GitIgnoreSpec.from_lines([pattern])


class PathIgnore(Struct, frozen=True):
    """Rules whose findings in some files are not wanted (``per-path``)."""

    glob: Glob
    codes: tuple[str, ...]


class SuppressionEntry(Struct, frozen=True):
    """An entry of ``suppressions``: findings of some rules at some pointers of some files are known and accepted.

    ``pointer`` is a pattern of JSON pointers, empty for any. ``place`` is where the entry stands.
    """

    glob: Glob
    pointer: str
    codes: tuple[str, ...]
    reason: str
    place: Place

    def covers_pointer(self, pointer: str) -> bool:
        """Whether a JSON pointer, or one that it lies below, is meant."""
        if not self.pointer:
            return True
        return bool(pointer) and matcher(f"/{self.pointer.lstrip('/')}").match_file(pointer.lstrip("/"))


class Settings(Struct, frozen=True):
    """What holds for a job. ``origins`` says for each setting that is not a default where it was set; ``files`` are the
    settings files that were read, as output shows them, the nearest first, and ``folder`` that of the nearest.
    ``mentions`` are the words for rules in those files, each with where it stands. ``allow_local_rules`` is of the
    command line only."""

    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    extend_select: tuple[str, ...] = ()
    preview: bool = False
    rule_folders: tuple[str, ...] = ()
    nvflare: str | None = None
    sites: tuple[str, ...] | None = None
    python: str | None = None
    known_third_party: tuple[str, ...] = ()
    severity: tuple[tuple[str, Severity], ...] = ()
    fail_on: Severity = Severity.ERROR
    exclude: tuple[Glob, ...] = ()
    per_path: tuple[PathIgnore, ...] = ()
    suppressions: tuple[SuppressionEntry, ...] = ()
    origins: tuple[tuple[str, str], ...] = ()
    files: tuple[str, ...] = ()
    folder: str = ""
    mentions: tuple[tuple[str, str], ...] = ()
    allow_local_rules: bool = False

    @property
    def selection(self) -> Selection:
        return Selection(self.select, self.ignore, self.extend_select, self.preview, self.rule_folders)

    def origin(self, name: str) -> str:
        """Where a setting was set: a file, ``command line`` or ``default``."""
        return dict(self.origins).get(name, DEFAULT)

    def severity_of(self, code: str, name: str, otherwise: Severity) -> Severity:
        """The severity that findings of a rule have: of the words in ``severity`` that mean it, the longest wins; of
        equal ones the last, which the nearer file has."""
        meant = [(len(word), severity) for word, severity in self.severity if means(word, code, name)]
        return max(reversed(meant), key=lambda pair: pair[0])[1] if meant else otherwise

    def excludes(self, path: str) -> bool:
        """Whether ``exclude`` leaves an absolute path out."""
        return any(glob.matches(path) for glob in self.exclude)

    def with_command_line(self, given: dict[str, Any]) -> Settings:
        """These settings with what was given on the command line in their place (None: not given)."""
        given = {name: value for name, value in given.items() if value is not None}
        if not given:
            return self
        origins = {**dict(self.origins), **{name.replace("_", "-"): COMMAND_LINE for name in given}}
        return replace(self, **given, origins=tuple(origins.items()))

    @property
    def by_name(self) -> dict[str, object]:
        """Each setting under the name that it has in a settings file."""
        own = ("origins", "files", "folder", "mentions", "allow_local_rules")
        return {name.replace("_", "-"): getattr(self, name) for name in self.__struct_fields__ if name not in own}


def absolute(path: Path | str) -> str:
    """An absolute, normalised path with ``/``; links are not followed, since people write patterns as they see them."""
    return Path(os.path.abspath(path)).as_posix()
