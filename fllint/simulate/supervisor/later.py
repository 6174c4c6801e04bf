"""Packages that are loaded at their first use instead of when they are imported."""

from __future__ import annotations

import contextlib
import importlib.machinery
import sys
import threading
from collections.abc import Iterator, Set
from types import ModuleType
from typing import Any

_LOADING = threading.RLock()


class Later(ModuleType):
    """A package that was found and not run yet: asked for what it lacks, it is run, and is a module like any other.

    `importlib.util.LazyLoader` would not do: its module is run as soon as a second module imports it.
    """

    def __getattr__(self, name: str) -> Any:
        with _LOADING:  # another thread waits; this one, when the package's own code asks, gets what is there
            if self.__dict__.pop("_waits", False):
                self._run()
        if name in self.__dict__:
            return self.__dict__[name]
        raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")

    def _run(self) -> None:
        assert self.__spec__ is not None
        assert self.__spec__.loader is not None
        try:
            self.__spec__.loader.exec_module(self)
        except BaseException:
            sys.modules.pop(self.__name__, None)
            raise
        self.__class__ = ModuleType  # type: ignore[assignment]  # from now on


class _Loader:
    """Makes a `Later` of a package, which keeps the package's own loader."""

    def __init__(self, own: Any) -> None:
        self._own = own

    def create_module(self, spec: Any) -> ModuleType:
        return Later(spec.name)

    def exec_module(self, module: Any) -> None:
        module.__loader__ = module.__spec__.loader = self._own
        module._waits = True


class _Finder:
    def __init__(self, names: Set[str]) -> None:
        self._names = names

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        spec = importlib.machinery.PathFinder.find_spec(name, path, target) if name in self._names else None
        if spec is not None and spec.loader is not None:
            spec.loader = _Loader(spec.loader)  # type: ignore[assignment]  # importlib asks for no more than it has
        return spec


@contextlib.contextmanager
def later(names: Set[str]) -> Iterator[None]:
    """While this lasts, an import of some packages only notes that they are there; their first use loads them."""
    finder: Any = _Finder(names)
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)
