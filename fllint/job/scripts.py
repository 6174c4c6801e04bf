"""Scripts that build a job with NVFlare's Job API or a recipe (``job.py``), as places where a job is."""

from __future__ import annotations

import re
from functools import cached_property
from pathlib import Path
from typing import Final

from fllint.job.files import MAX_CONFIG_BYTES, MAX_PYTHON_BYTES, FileEntry, JobFiles, Kind, UnreadableError
from fllint.regular_files import open_regular

_IMPORTS: Final = re.compile(
    rb"^[ \t]*(?:from[ \t]+nvflare\.[\w.]*(?:job_config|recipes?)\b"
    rb"|from[ \t]+nvflare[\w. \t]*import[^#]*?\w(?:Job|Recipe)\b"
    rb"|import[ \t]+nvflare\.[\w.]*(?:job_config|recipes?)\b)",
    re.MULTILINE,
)
"""An import of the Job API (nvflare/job_config, since 2.5) or of a recipe (nvflare/recipe, since 2.7)."""
_USES: Final = re.compile(rb"\b\w*(?:Job|Recipe)\w*\s*\(")
_ENDS: Final = re.compile(rb"\.\s*(?:simulator_run|export_job|execute|export|run)\s*\(")


def builds_job(path: Path) -> bool:
    """Whether a Python file imports the Job API or a recipe, and calls something of it."""
    content = _python(path)
    return _IMPORTS.search(content) is not None and _USES.search(content) is not None


def scripts_in(folder: Path) -> list[Path]:
    """The scripts directly in a folder that build a job and do something with it (or are called ``job.py``), sorted."""
    try:
        found = [child for child in folder.iterdir() if child.suffix == ".py" and not child.is_symlink()]
    except OSError:
        return []
    found = [path for path in found if not path.name.startswith("test_") and not path.name.endswith("_test.py")]
    return sorted(path for path in found if builds_job(path) and (path.name == "job.py" or _ENDS.search(_python(path))))


def _python(path: Path) -> bytes:
    if path.suffix != ".py" or not path.is_file():
        return b""
    try:
        with open_regular(path) as file:
            return file.read(MAX_PYTHON_BYTES)
    except OSError:
        return b""


class ScriptFiles(JobFiles):
    """A script that builds a job: its own only file. What job it builds is read by `fllint.job_api`."""

    def __init__(self, script: Path, path: str) -> None:
        self.script = script
        self.path = path
        self.name = script.stem

    @cached_property
    def entries(self) -> dict[str, FileEntry]:
        return {self.script.name: FileEntry(self.script.name, Kind.FILE)}

    def read(self, name: str, limit: int = MAX_CONFIG_BYTES) -> bytes:
        if name != self.script.name:
            raise UnreadableError(f"{name} is not the script")
        try:
            with open_regular(self.script) as file:
                return file.read(limit + 1)
        except OSError as error:
            raise UnreadableError(f"{name} cannot be read: {error.strerror or error}") from error
