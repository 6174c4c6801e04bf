"""The folder of a script: what it can import, and the files that it names."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Final

from fllint.catalogue.catalogue import Catalogue
from fllint.job.files import MAX_PYTHON_BYTES, FolderFiles, Kind, UnreadableError
from fllint.python.resolve import PythonPath
from fllint.python.sources import CustomCode

MAX_ASCENT: Final = 2
"""How many folders above the script's it may have to be started from."""


class ScriptFolder:
    """Where a script lies and where it is started. Python finds its modules beside it (``sys.path[0]``); relative paths
    begin where it is started, which is its own folder unless that lacks the files and one above has them.

    ``prefix`` leads from the start to the script's folder (``src/``, or empty).
    """

    def __init__(self, script: Path, shown: str, steps: int = 0) -> None:
        self.script = script
        self.shown = shown
        self.module = script.stem
        self.steps = steps
        parts = Path(os.path.abspath(script)).parent.parts
        self.prefix = "".join(f"{part}/" for part in parts[len(parts) - steps :]) if steps else ""
        above = "/".join([".."] * steps)
        shown_parent = str(PurePosixPath(shown).parent)
        self.start = script.parent / above
        self.files = FolderFiles(self.start, posixpath.normpath(f"{shown_parent}/{above}" if above else shown_parent))

    def above(self) -> Iterator[ScriptFolder]:
        """The same script, started from a folder above."""
        for steps in range(1, MAX_ASCENT + 1):
            yield ScriptFolder(self.script, self.shown, steps)

    @cached_property
    def python_files(self) -> tuple[str, ...]:
        """The Python files beside and below the script, by their path from there."""
        entries = self.files.entries.items()
        names = (name for name, entry in entries if entry.kind is Kind.FILE and name.endswith(".py"))
        return tuple(name.removeprefix(self.prefix) for name in names if name.startswith(self.prefix))

    def python_path(self, catalogue: Catalogue) -> PythonPath:
        """What the script can import."""
        return PythonPath(catalogue, CustomCode.lazily(self.python_files, lambda name: self.read(self.prefix + name)))

    def read(self, name: str) -> bytes:
        """The content of a file by its path from the start; empty when it cannot be read."""
        try:
            return self.files.read(name, MAX_PYTHON_BYTES)
        except UnreadableError:
            return b""

    def file_of(self, module: str) -> str | None:
        """The file of a module by its dotted name, from the start, or None."""
        base = self.prefix + module.replace(".", "/")
        return next((name for name in (f"{base}/__init__.py", f"{base}.py") if self.files.is_file(name)), None)

    def module_text(self, module: str) -> str | None:
        """The text of a module of the folder."""
        name = self.file_of(module)
        return self.read(name).decode("utf-8", "replace") if name else None

    def has(self, path: str) -> bool:
        """Whether a path that the script names exists, seen from the start."""
        try:
            return os.path.exists(self.start / path)
        except ValueError:
            return False

    def holds(self, path: str) -> bool:
        """Whether a path leads to something below the start, so that it can be looked into."""
        name = posixpath.normpath(path)
        return self.files.is_file(name) or self.files.is_folder(name)
