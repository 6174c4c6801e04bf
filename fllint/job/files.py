"""The files of a job, in a folder or in a zip, seen through one read-only window.

Nothing outside the job's root is ever read: a symbolic link that leaves it is known as a link and has no content.
"""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections.abc import Iterator
from enum import Enum
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Final

from msgspec import Struct

from fllint.python.files import MAX_PYTHON_BYTES as MAX_PYTHON_BYTES  # for others: a limit like those above
from fllint.regular_files import open_regular

MAX_FILES: Final = 5_000
MAX_DEPTH: Final = 64
"""Folders inside each other."""
MAX_CONFIG_BYTES: Final = 1_000_000
MAX_PYTHON_TOTAL: Final = 3_000_000
"""Bytes of all Python files of a job; those of the largest public job have 900 kB."""
IGNORED_FOLDERS: Final = frozenset({"__pycache__", ".git", ".venv", "node_modules"})


class Kind(Enum):
    """What an entry of a job is."""

    FILE = "file"
    FOLDER = "folder"
    LINK = "link"
    """A symbolic link that NVFlare's zipper does not carry along as it is: to a folder, dangling, or out of the job."""
    OTHER = "other"
    """A pipe, socket or device."""


class FileEntry(Struct, frozen=True):
    """An entry of a job: its ``/`` separated path inside the job, its kind and size in bytes; ``target`` of a link."""

    name: str
    kind: Kind
    size: int = 0
    target: str = ""
    link: bool = False
    """A symbolic link, also when it leads to a file and so counts as that file."""


class UnreadableError(Exception):
    """A file of the job that cannot be read; the message is for the user."""


class JobFiles(ABC):
    """A job's files, in a folder or in a zip.

    ``path`` is how the job's root is called in output, ``name`` the job's own name (the last component of its path).
    ``truncated`` tells whether the job has more than `MAX_FILES` entries, ``too_deep`` is a folder that lies as deep as
    `MAX_DEPTH`, below which nothing is seen (``""``: there is none). ``escaping`` are the names of a zip's entries that
    lead out of the job, which NVFlare refuses to unpack (zip_utils, 2.9).
    """

    path: str
    name: str
    truncated: bool = False
    too_deep: str = ""
    escaping: tuple[str, ...] = ()

    @cached_property
    @abstractmethod
    def entries(self) -> dict[str, FileEntry]:
        """Every entry by its path inside the job, sorted, parents first; at most `MAX_FILES`."""

    @abstractmethod
    def read(self, name: str, limit: int = MAX_CONFIG_BYTES) -> bytes:
        """The content of a file, at most ``limit + 1`` bytes. Raises `UnreadableError`."""

    def shown(self, name: str) -> str:
        """How a file or folder of the job is called in output."""
        return f"{self.path}/{name}" if name else self.path

    @cached_property
    def unread_python(self) -> frozenset[str]:
        """The Python files that are not read: larger than `MAX_PYTHON_BYTES`, or beyond `MAX_PYTHON_TOTAL`."""
        unread: set[str] = set()
        total = 0
        for entry in self.entries.values():
            if entry.kind is Kind.FILE and entry.name.endswith(".py"):
                total += min(entry.size, MAX_PYTHON_BYTES)
                if entry.size > MAX_PYTHON_BYTES or total > MAX_PYTHON_TOTAL:
                    unread.add(entry.name)
        return frozenset(unread)

    def read_python(self, name: str) -> bytes:
        """The content of a script or module. Raises `UnreadableError`, also for `unread_python`."""
        if name in self.unread_python:
            raise UnreadableError(f"{name} is more Python than fllint reads")
        return self.read(name, MAX_PYTHON_BYTES)

    def is_file(self, name: str) -> bool:
        entry = self.entries.get(name)
        return entry is not None and entry.kind is Kind.FILE

    def is_folder(self, name: str) -> bool:
        entry = self.entries.get(name)
        return entry is not None and entry.kind is Kind.FOLDER

    @cached_property
    def _children(self) -> dict[str, list[FileEntry]]:
        children: dict[str, list[FileEntry]] = {}
        for entry in self.entries.values():
            children.setdefault(str(PurePosixPath(entry.name).parent), []).append(entry)
        return children

    def children(self, folder: str = "") -> list[FileEntry]:
        """The entries directly in a folder of the job (``""`` is its root), sorted by name."""
        return self._children.get(folder or ".", [])

    def below(self, folder: str) -> Iterator[FileEntry]:
        """Every entry below a folder, in the order of `os.walk` (top down: files of a folder before its
        sub-folders)."""
        entries = self.children(folder)
        yield from (entry for entry in entries if entry.kind is not Kind.FOLDER)
        for entry in entries:
            if entry.kind is Kind.FOLDER:
                yield entry
                yield from self.below(entry.name)


class FolderFiles(JobFiles):
    """A job in a folder."""

    def __init__(self, root: Path, path: str) -> None:
        self.root = root
        self.path = path
        self.name = os.path.basename(os.path.realpath(root))

    @cached_property
    def entries(self) -> dict[str, FileEntry]:
        found: list[FileEntry] = []
        self._scan("", found, depth=0)
        return {entry.name: entry for entry in found}

    def _scan(self, folder: str, found: list[FileEntry], depth: int) -> None:
        try:
            with os.scandir(self.root / folder) as scan:
                children = sorted(scan, key=lambda child: child.name)
        except OSError:
            return
        for child in children:
            if len(found) >= MAX_FILES:
                self.truncated = True
                return
            name = f"{folder}/{child.name}" if folder else child.name
            entry = self._entry(name, child)
            found.append(entry)
            if entry.kind is Kind.FOLDER and child.name not in IGNORED_FOLDERS:
                if depth == MAX_DEPTH:
                    self.too_deep = self.too_deep or name
                else:
                    self._scan(name, found, depth + 1)

    def _entry(self, name: str, child: os.DirEntry[str]) -> FileEntry:
        try:
            if child.is_symlink():
                return self._link(name, child)
            if child.is_dir():
                return FileEntry(name, Kind.FOLDER)
            if child.is_file():
                return FileEntry(name, Kind.FILE, child.stat().st_size)
        except OSError:
            pass
        return FileEntry(name, Kind.OTHER)

    def _link(self, name: str, child: os.DirEntry[str]) -> FileEntry:
        """NVFlare's zipper follows a link to a file (its content is sent) and drops what is behind a link to a
        folder."""
        target = os.readlink(child.path)
        real = Path(os.path.realpath(child.path))
        if self._is_inside(real) and real.is_file():
            return FileEntry(name, Kind.FILE, real.stat().st_size, target, link=True)
        return FileEntry(name, Kind.LINK, 0, target, link=True)

    def _is_inside(self, real: Path) -> bool:
        return real.is_relative_to(os.path.realpath(self.root))

    def read(self, name: str, limit: int = MAX_CONFIG_BYTES) -> bytes:
        path = self.root / name
        try:
            if not self._is_inside(Path(os.path.realpath(path))):
                raise UnreadableError(f"{name} lies outside the job")
            with open_regular(path) as file:
                return file.read(limit + 1)
        except OSError as error:
            raise UnreadableError(f"{name} cannot be read: {error.strerror or error}") from error
