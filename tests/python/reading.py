"""Small custom code for tests: classes in a file, resolved against the newest release."""

from __future__ import annotations

from textwrap import dedent

from fllint.catalogue.catalogue import NEWEST, Catalogue
from fllint.python.classes import ClassInfo
from fllint.python.resolve import PythonPath, Resolution
from fllint.python.sources import CustomCode

CONTROLLER = "nvflare.apis.impl.controller.Controller"
EXECUTOR = "nvflare.apis.executor.Executor"


def python_path(release: str = NEWEST, **files: str | bytes) -> PythonPath:
    """An environment with custom modules; ``pkg__mod="..."`` is the file ``pkg/mod.py``, ``pkg__init``
    ``pkg/__init__.py``."""
    contents = {_path(name): dedent(text) if isinstance(text, str) else text for name, text in files.items()}
    return PythonPath(Catalogue.load(release), CustomCode(contents))


def _path(name: str) -> str:
    folders, _, module = name.rpartition("__")
    stem = "__init__" if folders and module == "init" else module
    return "/".join([*folders.split("__"), f"{stem}.py"]) if folders else f"{stem}.py"


def resolved(class_path: str, release: str = NEWEST, **files: str | bytes) -> Resolution:
    """What a class path leads to."""
    return python_path(release, **files).resolve(class_path)


def class_in(text: str, name: str = "A", release: str = NEWEST, **files: str) -> ClassInfo:
    """The class ``name`` of a custom module with this text."""
    found = resolved(f"mod.{name}", release, mod=text, **files).class_info
    assert found is not None
    return found


def names(info: ClassInfo) -> list[str]:
    return [parameter.name for parameter in info.parameters]
