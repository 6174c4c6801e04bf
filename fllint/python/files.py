"""Folders of Python files, wherever they are: on disk, in a job zip, in memory."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from pathlib import Path
from typing import Final, Protocol

MAX_PYTHON_BYTES: Final = 500_000
"""Files of a job that are larger are not read. The largest one among a thousand public jobs has 81 kB."""
MAX_INSTALLED_BYTES: Final = 2_000_000
"""The same of installed packages."""


class PythonFiles(Protocol):
    """A folder. Paths are relative to it and ``/`` separated; ``""`` is the folder itself."""

    def read(self, path: str) -> bytes | str | None:
        """The content of a file; None when there is none, or it cannot be read, or is too large."""

    def has_file(self, path: str) -> bool: ...

    def has_folder(self, path: str) -> bool: ...

    def entries(self, folder: str) -> tuple[str, ...]:
        """Names of the files and folders directly in a folder, sorted."""


class FilesInMemory:
    """Files known by their paths; ``read`` gives the content of one of them when it is asked for."""

    def __init__(self, paths: Iterable[str], read: Callable[[str], bytes | str | None]) -> None:
        self._paths = frozenset(paths)
        self._read = read

    @classmethod
    def of(cls, files: Mapping[str, bytes | str]) -> FilesInMemory:
        return cls(files, files.get)

    @cached_property
    def _folders(self) -> dict[str, set[str]]:
        folders: dict[str, set[str]] = {"": set()}
        for path in self._paths:
            while path:
                folder, _, name = path.rpartition("/")
                known = folder in folders
                folders.setdefault(folder, set()).add(name)
                if known:
                    break
                path = folder
        return folders

    def read(self, path: str) -> bytes | str | None:
        if path not in self._paths:
            return None
        content = self._read(path)
        return content if content is None or len(content) <= MAX_PYTHON_BYTES else None

    def has_file(self, path: str) -> bool:
        return path in self._paths

    def has_folder(self, path: str) -> bool:
        return path in self._folders

    def entries(self, folder: str) -> tuple[str, ...]:
        return tuple(sorted(self._folders.get(folder, ())))


class FilesInFolder:
    """Files below a folder on disk."""

    def __init__(self, folder: Path) -> None:
        self._folder = str(folder)
        self._entries: dict[str, dict[str, bool]] = {}

    def read(self, path: str) -> bytes | str | None:
        try:
            full = os.path.join(self._folder, path)
            if os.path.getsize(full) > MAX_INSTALLED_BYTES:
                return None
            with open(full, "rb") as file:
                return file.read()
        except (OSError, ValueError):
            return None

    def has_file(self, path: str) -> bool:
        folder, _, name = path.rpartition("/")
        return self._listing(folder).get(name) is False

    def has_folder(self, path: str) -> bool:
        folder, _, name = path.rpartition("/")
        return not path or self._listing(folder).get(name) is True

    def entries(self, folder: str) -> tuple[str, ...]:
        return tuple(sorted(self._listing(folder)))

    def _listing(self, folder: str) -> dict[str, bool]:
        """Names in a folder, and whether each is a folder."""
        known = self._entries.get(folder)
        if known is None:
            try:
                with os.scandir(os.path.join(self._folder, folder)) as entries:
                    known = {entry.name: entry.is_dir() for entry in entries}
            except (OSError, ValueError):
                known = {}
            self._entries[folder] = known
        return known
