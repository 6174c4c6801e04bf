"""Rules of other people: of installed packages (entry point group ``fllint.rules``), and of folders that settings name.

A package's entry point names a module that declares rules with `fllint.registry.rule`. A folder's Python files do the
same. Loading them runs their code; for a folder, which a pull request may change, that has to be allowed.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import sys
from functools import cache
from pathlib import Path
from typing import Final

from fllint.registry import declaring_for

GROUP: Final = "fllint.rules"


class ForeignRulesError(Exception):
    """Rules that cannot be loaded; the message is for the user."""


@cache
def declare_installed() -> None:
    """Declares the rules of installed packages, once.

    Raises:
        ForeignRulesError: a package's rules cannot be imported.
    """
    if not any(map(_offers_rules, sys.path)):
        return
    from importlib.metadata import entry_points

    for point in sorted(entry_points(group=GROUP), key=lambda point: (point.name, point.value)):
        package = point.dist.name if point.dist else point.value.partition(".")[0]
        try:
            with declaring_for(package):
                point.load()
        except Exception as error:
            raise ForeignRulesError(
                f"the rules of the package {package} cannot be loaded: {type(error).__name__}: {error}"
            ) from error


def _offers_rules(folder: str) -> bool:
    """Whether some package in a folder offers rules: much quicker than asking `importlib.metadata` (10 ms)."""
    try:
        names = [name for name in os.listdir(folder or ".") if name.endswith((".dist-info", ".egg-info"))]
    except OSError:
        return False
    return any(_speaks_of_rules(os.path.join(folder, name, "entry_points.txt")) for name in names)


def _speaks_of_rules(entry_points: str) -> bool:
    try:
        with open(entry_points, encoding="utf-8", errors="replace") as file:
            return f"[{GROUP}]" in file.read()
    except OSError:
        return False


@cache
def declare_folder(folder: str) -> None:
    """Declares the rules in the Python files of a folder, once. Files that begin with ``_`` are left to imports.

    Raises:
        ForeignRulesError: there is no such folder, or one of its files fails.
    """
    from hashlib import blake2b

    files = sorted(Path(folder).glob("[!_]*.py"))
    if not files:
        raise ForeignRulesError(f"the folder of rules {folder} has no Python file")
    for file in files:
        name = f"fllint_rules_{blake2b(os.fsencode(file), digest_size=6).hexdigest()}_{file.stem}"
        spec = importlib.util.spec_from_file_location(name, file)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        try:
            with declaring_for(folder):
                spec.loader.exec_module(module)
        except Exception as error:
            raise ForeignRulesError(f"the rules in {file} cannot be loaded: {type(error).__name__}: {error}") from error
