"""Modules that are read from Python files: a job's ``custom/``, a site-packages folder, an unpacked wheel."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from fllint.python.files import FilesInMemory, PythonFiles
from fllint.python.modules import BrokenModule, Module, read_module

EXTENSION_SUFFIXES = (".so", ".pyd")


class SourceModules:
    """The modules below a folder that is on ``sys.path``. Nothing is read before it is asked for."""

    def __init__(self, files: PythonFiles, where: str) -> None:
        self.files = files
        self.where = where
        self.characters_read = 0
        self._modules: dict[str, Module | BrokenModule | None] = {}
        self._module_files: dict[str, tuple[str | None, bool]] = {}

    def has_top_level(self, name: str) -> bool:
        """Whether the folder offers a top-level module or package of this name."""
        return self._file_of(name)[0] is not None or self.files.has_folder(name)

    def is_namespace(self, name: str) -> bool:
        """Whether a package is a folder without ``__init__.py``."""
        return self._file_of(name)[0] is None and self.files.has_folder(name.replace(".", "/"))

    def has_module(self, dotted: str) -> bool:
        return self._file_of(dotted)[0] is not None or self.files.has_folder(dotted.replace(".", "/"))

    def module(self, dotted: str) -> Module | BrokenModule | None:
        """A module's names; None when there is no such module."""
        if dotted not in self._modules:
            self._modules[dotted] = self._read(dotted)
        return self._modules[dotted]

    def submodules(self, package: str) -> tuple[str, ...]:
        """Names of the modules and packages directly in a package; of the top level for ``""``."""
        names = set()
        for entry in self.files.entries(package.replace(".", "/")):
            stem, dot, suffix = entry.partition(".")
            if (not dot or suffix == "py") and stem.isidentifier() and stem != "__init__" and stem != "__pycache__":
                names.add(stem)
        return tuple(sorted(names))

    def all_modules(self, limit: int = 300) -> tuple[str, ...]:
        """Dotted names of the modules below, breadth first, at most ``limit``."""
        found: list[str] = []
        packages = [""]
        while packages and len(found) < limit:
            package = packages.pop(0)
            for name in self.submodules(package):
                dotted = f"{package}.{name}" if package else name
                found.append(dotted)
                if self.files.has_folder(dotted.replace(".", "/")):
                    packages.append(dotted)
        return tuple(found[:limit])

    def _file_of(self, dotted: str) -> tuple[str | None, bool]:
        """The file of a module and whether it is a package, by the order of Python's own path finder."""
        if dotted not in self._module_files:
            self._module_files[dotted] = self._find_file(dotted)
        return self._module_files[dotted]

    def _find_file(self, dotted: str) -> tuple[str | None, bool]:
        base = dotted.replace(".", "/")
        if not dotted or not all(part.isidentifier() for part in dotted.split(".")):
            return None, False
        if self.files.has_file(f"{base}/__init__.py"):
            return f"{base}/__init__.py", True
        folder, _, stem = base.rpartition("/")
        for entry in self.files.entries(folder):
            if entry.startswith(stem + ".") and entry.endswith(EXTENSION_SUFFIXES):
                return f"{folder}/{entry}".lstrip("/"), False
        if self.files.has_file(f"{base}.py"):
            return f"{base}.py", False
        return None, False

    def _read(self, dotted: str) -> Module | BrokenModule | None:
        parent = dotted.rpartition(".")[0]
        if parent:
            package = self.module(parent)
            if package is None or isinstance(package, BrokenModule):
                return package
            if not package.is_package:
                return None
        file, is_package = self._file_of(dotted)
        if file is None:
            if self.files.has_folder(dotted.replace(".", "/")):
                return Module(dotted, dotted.replace(".", "/"), True, {})
            return None
        text = None if file.endswith(EXTENSION_SUFFIXES) else self.files.read(file)
        if text is None:
            return Module(dotted, file, is_package, {}, open=True)
        self.characters_read += len(text)
        return read_module(dotted, file, text, is_package=is_package)


class CustomCode(SourceModules):
    """The Python code in an app's ``custom/`` folder.

    Arguments:
        files: a `PythonFiles`, or a mapping from paths relative to ``custom/`` (``/`` separated) to contents.
    """

    def __init__(self, files: PythonFiles | Mapping[str, bytes | str]) -> None:
        super().__init__(FilesInMemory.of(files) if isinstance(files, Mapping) else files, "custom")

    @classmethod
    def lazily(cls, paths: tuple[str, ...], read: Callable[[str], bytes | str | None]) -> CustomCode:
        """Custom code whose files are read by ``read`` when they are needed."""
        return cls(FilesInMemory(paths, read))
