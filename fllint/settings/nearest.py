"""Which settings hold where: those of the nearest settings file, on top of the ones that it extends."""

from __future__ import annotations

import os.path
from pathlib import Path
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from fllint.job.discovery import shown_path
from fllint.settings.model import Settings, SettingsError

if TYPE_CHECKING:
    from fllint.settings.reading import SettingsFile

FILE_NAMES: Final = ("fllint.toml", "pyproject.toml")
"""In one folder fllint.toml goes before pyproject.toml."""
MAX_EXTENDS: Final = 8
ADDING: Final = ("severity", "per_path", "suppressions")
"""The settings that add to those of an extended file; all others take their place."""


class SettingsFinder:
    """Finds the settings that hold for paths; each file is read once in its lifetime.

    A settings file holds for its folder and all below, until one that is nearer. The search goes up to the root of the
    repository (a folder with ``.git``), or of the file system.
    """

    def __init__(self) -> None:
        self._files: dict[str, SettingsFile | None] = {}
        self._of_folder: dict[str, Settings] = {}

    def settings_for(self, path: Path) -> Settings:
        """The settings for a job (its folder or zip) or any other path.

        Raises:
            SettingsError: the settings file that holds there cannot be used.
        """
        absolute = os.path.abspath(path)
        return self._settings_of(absolute if os.path.isdir(absolute) else os.path.dirname(absolute))

    def _settings_of(self, folder: str) -> Settings:
        climbed: list[str] = []
        settings = Settings()
        while folder not in self._of_folder:
            climbed.append(folder)
            file = self._file_in(folder)
            if file:
                settings = self._merged(file, ())
                break
            parent = os.path.dirname(folder)
            if parent == folder or os.path.exists(os.path.join(folder, ".git")):
                break
            folder = parent
        else:
            settings = self._of_folder[folder]
        for passed in climbed:
            self._of_folder[passed] = settings
        return settings

    def _file_in(self, folder: str) -> SettingsFile | None:
        for name in FILE_NAMES:
            path = os.path.join(folder, name)
            if os.path.isfile(path):
                file = self._read(path)
                if file:
                    return file
        return None

    def _read(self, path: str) -> SettingsFile | None:
        from fllint.settings.reading import read_file  # most jobs have no settings

        if path not in self._files:
            self._files[path] = read_file(Path(path), shown_path(Path(path)))
        return self._files[path]

    def _merged(self, file: SettingsFile, below: tuple[str, ...]) -> Settings:
        """A file's settings on top of those that it extends. ``below`` are the files on the way here."""
        from fllint.settings.reading import code_mentions, read_settings

        if file.path in below or len(below) >= MAX_EXTENDS:
            raise file.error(("extend",), "settings files extend each other in a circle, or too many of them")
        read = read_settings(file)
        settings = Settings()
        for name in _names(read.pop("extend", ())):
            base = self._extended(file, name)
            settings = _on_top(settings, self._merged(base, (*below, file.path)))
        own = Settings(
            **read,  # type: ignore[arg-type]  # the reader of each key gives what its attribute holds
            origins=tuple((name.replace("_", "-"), file.shown) for name in read),
            files=(file.shown,),
            mentions=code_mentions(file, read),
        )
        return replace(_on_top(settings, own), folder=file.folder)

    def _extended(self, file: SettingsFile, name: str) -> SettingsFile:
        path = os.path.normpath(os.path.join(file.folder, os.path.expanduser(name)))
        if not path.endswith(".toml"):  # a stranger's settings file must not make fllint read anything else
            raise file.error(("extend",), f"{name} is no .toml file")
        try:
            base = self._read(path)
        except SettingsError as error:
            raise file.error(("extend",), f"{name} cannot be used: {error}") from error
        if base is None:
            raise file.error(("extend",), f"{name} has no [tool.fllint]")
        return base


def _names(value: object) -> tuple[str, ...]:
    return value if isinstance(value, tuple) else ()


def _on_top(base: Settings, upper: Settings) -> Settings:
    """Settings with others on top of them."""
    given = {name.replace("-", "_") for name, _ in upper.origins}
    changes = {name: getattr(upper, name) for name in given}
    for name in ADDING:
        if name in given:
            changes[name] = (*getattr(base, name), *getattr(upper, name))
    origins = dict(base.origins)
    for name, where in upper.origins:
        adds = name.replace("-", "_") in ADDING and name in origins
        origins[name] = f"{origins[name]}, {where}" if adds else where
    return replace(
        base,
        **changes,
        origins=tuple(origins.items()),
        files=(*upper.files, *base.files),
        mentions=(*base.mentions, *upper.mentions),
    )
