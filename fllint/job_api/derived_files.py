"""The files that the export of a script's job would have: its apps' configs, and the code that goes into ``custom/``
(`FedJobConfig.generate_job_config`, nvflare/job_config/fed_job_config.py, 2.5 to 2.9)."""

from __future__ import annotations

import posixpath
from functools import cached_property

from fllint.job.files import MAX_CONFIG_BYTES, FileEntry, JobFiles, Kind, UnreadableError
from fllint.job_api.folder import ScriptFolder
from fllint.scripts.script_imports import imports_of


class DerivedFiles(JobFiles):
    """Files of a job that is nowhere on disk; what it copies is read where it lies, beside the script."""

    def __init__(self, folder: ScriptFolder, path: str, name: str) -> None:
        self.path = path
        self.name = name
        self._folder = folder
        self._real: dict[str, str] = {}
        """Each file of the job that is copied, and its path in the script's folder."""
        self._made: set[str] = set()
        self._folders: set[str] = set()

    @cached_property
    def entries(self) -> dict[str, FileEntry]:
        found: dict[str, FileEntry] = {}
        sizes = self._folder.files.entries
        for name in sorted({*self._real, *self._made, *self._folders}, key=lambda each: each.split("/")):
            parts = name.split("/")
            for end in range(1, len(parts)):
                parent = "/".join(parts[:end])
                found.setdefault(parent, FileEntry(parent, Kind.FOLDER))
            if name in self._folders:
                found.setdefault(name, FileEntry(name, Kind.FOLDER))
            else:
                found[name] = FileEntry(name, Kind.FILE, sizes[self._real[name]].size if name in self._real else 0)
        return dict(sorted(found.items(), key=lambda item: item[0].split("/")))

    def read(self, name: str, limit: int = MAX_CONFIG_BYTES) -> bytes:
        if name not in self._real:
            raise UnreadableError(f"{name} is no file of the job that is copied")
        return self._folder.files.read(self._real[name], limit)

    def shown(self, name: str) -> str:
        """Where a file really lies; the script for what only the export would write."""
        if name not in self._real:
            return self.path
        parent = self._folder.files.path
        return self._real[name] if parent == "." else f"{parent}/{self._real[name]}"

    # -- filling

    def add_config(self, name: str) -> None:
        """A config that the export would write."""
        self._made.add(name)
        self._changed()

    def add_folder(self, name: str) -> None:
        self._folders.add(name)
        self._changed()

    def add(self, app: str, path: str, *, folder: str = "", config: bool = False, as_script: bool = True) -> None:
        """A file or folder that the script names. A Python file brings the modules that it imports along."""
        real = posixpath.normpath(path)
        target = "/".join(part for part in (app, "config" if config else "custom", folder) if part)
        files = self._folder.files
        if files.is_file(real):
            if as_script and real.endswith(".py"):
                self._copy(app, real, real)
            else:
                self._real[f"{target}/{real if as_script else posixpath.basename(real)}"] = real
        elif files.is_folder(real):
            for entry in files.below(real):
                if entry.kind is Kind.FILE:
                    self._real[f"{target}/{entry.name[len(real) + 1 :]}"] = entry.name
        self._changed()

    def add_module(self, app: str, module: str) -> None:
        """The module of a class, with the modules that it imports."""
        real = self._folder.file_of(module)
        if real is not None:
            self._copy(app, real.removeprefix(self._folder.prefix), real)
        self._changed()

    def _copy(self, app: str, name: str, real: str) -> None:
        """Copies a Python file to ``custom/``, and the modules that it imports: those beside it under their name there
        (`FedJobConfig._copy_source_file`), and those of the script's folder under their path."""
        pending = [(name, real)]
        while pending:
            name, real = pending.pop()
            target = f"{app}/custom/{name}"
            if target in self._real:
                continue
            self._real[target] = real
            pending += self._imported(name, real)

    def _imported(self, name: str, real: str) -> list[tuple[str, str]]:
        text = self._folder.read(real).decode("utf-8", "replace")
        found: list[tuple[str, str]] = []
        for each in imports_of(text):
            beside, package = posixpath.dirname(real), posixpath.dirname(name)
            for _ in range(each.level - 1):
                beside, package = posixpath.dirname(beside), posixpath.dirname(package)
            roots = [(beside, package if each.level else ""), *([] if each.level else [(self._folder.prefix, "")])]
            for module in (each.module, *(f"{each.module}.{part}".strip(".") for part in each.names)):
                path = module.replace(".", "/")
                for root, target in roots:
                    for file in (f"{path}.py", f"{path}/__init__.py"):
                        source = posixpath.join(root, file)
                        if self._folder.files.is_file(source):
                            found.append((posixpath.join(target, file), source))
        return found

    def _changed(self) -> None:
        for cached in ("entries", "_children"):
            self.__dict__.pop(cached, None)
