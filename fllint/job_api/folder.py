"""The folder of a script: what it can import, and the files that it names."""

from __future__ import annotations

import os
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Final

from fllint.catalogue.catalogue import Catalogue
from fllint.job.files import MAX_PYTHON_BYTES, FolderFiles, Kind, UnreadableError
from fllint.python.resolve import PythonPath
from fllint.python.sources import CustomCode

MAX_ASCENT: Final = 12
"""How many folders above the script's are searched for a file that a path may be relative to."""


class ScriptFolder:
    """Where a script lies. Paths in it are taken as relative to this folder: that is where NVFlare's examples are
    started, and Python puts it first on ``sys.path``."""

    def __init__(self, script: Path, shown: str) -> None:
        self.script = script
        self.shown = shown
        self.module = script.stem
        self.files = FolderFiles(script.parent, str(PurePosixPath(shown).parent))

    @cached_property
    def python_files(self) -> tuple[str, ...]:
        """The Python files at and below the folder, by their path in it."""
        return tuple(
            name for name, entry in self.files.entries.items() if entry.kind is Kind.FILE and name.endswith(".py")
        )

    def python_path(self, catalogue: Catalogue) -> PythonPath:
        """What the script can import."""
        return PythonPath(catalogue, CustomCode.lazily(self.python_files, self.read))

    def read(self, name: str) -> bytes:
        """The content of a file; empty when it cannot be read."""
        try:
            return self.files.read(name, MAX_PYTHON_BYTES)
        except UnreadableError:
            return b""

    def file_of(self, module: str) -> str | None:
        """The file of a module by its dotted name, or None."""
        base = module.replace(".", "/")
        return next((name for name in (f"{base}/__init__.py", f"{base}.py") if self.files.is_file(name)), None)

    def module_text(self, module: str) -> str | None:
        """The text of a module of the folder."""
        name = self.file_of(module)
        return self.read(name).decode("utf-8", "replace") if name else None

    def has(self, path: str) -> bool:
        """Whether a path that the script names exists, seen from its folder."""
        return os.path.exists(self.script.parent / path)

    def base_of(self, path: str) -> str | None:
        """The folder above from which a relative path would be found, as the script sees it (``..``); None when there
        is none."""
        folder = Path(os.path.abspath(self.script.parent))
        for steps, ancestor in enumerate(list(folder.parents)[:MAX_ASCENT], start=1):
            if os.path.exists(ancestor / path):
                return "/".join([".."] * steps)
        return None
