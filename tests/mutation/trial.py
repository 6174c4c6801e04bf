"""One mutant against its tests, in a process of its own."""

from __future__ import annotations

import importlib
import importlib.util
import os
import signal
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, SourceFileLoader
from pathlib import Path
from types import CodeType, ModuleType

import pytest
from hypothesis import settings


@dataclass(frozen=True)
class Fault:
    """A job with one fault, for a release, and what fllint says of it: refuses it, or is content."""

    job: Path
    release: str
    says: str

    @staticmethod
    def of(job: Path, release: str) -> tuple[Fault, set[str]]:
        """A job with what fllint says of it, and the codes that it finds."""
        opinions = importlib.import_module("tests.differential.opinions")  # the child's, which is imported anew
        opinion = opinions.fllint_opinion(job, release)
        return Fault(job, release, opinion.says), {each[:5] for each in (*opinion.errors, *opinion.warnings)}

    def holds(self) -> bool:
        """Whether fllint still says the same."""
        return Fault.of(self.job, self.release)[0] == self


class _Changed(SourceFileLoader):
    """Gives a module with another text than its file's."""

    text = ""

    def get_code(self, fullname: str) -> CodeType:
        return compile(self.text, self.path, "exec")


class _Instead(MetaPathFinder):
    """Finds one module, with another text."""

    def __init__(self, name: str, file: Path, text: str) -> None:
        self._name, self._file, self._text = name, file, text

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname != self._name:
            return None
        loader = _Changed(fullname, str(self._file))
        loader.text = self._text
        return importlib.util.spec_from_file_location(fullname, self._file, loader=loader)


def is_noticed(name: str, file: Path, text: str, tests: list[str], faults: list[Fault], seconds: float) -> bool:
    """Whether a test fails, or does not end in time, or fllint says something else of a fault, when a module has
    another text.

    Args:
        name: what the module is imported as.
        file: where its own text is.
        text: what it has instead.
        tests: the arguments for pytest.
        faults: jobs of which fllint should say the same.
        seconds: how long that may take.
    """
    child = os.fork()
    if child == 0:
        _become(_Instead(name, file, text), tests, faults)
    try:
        signal.signal(signal.SIGALRM, lambda *_: os.kill(child, signal.SIGKILL))
        signal.setitimer(signal.ITIMER_REAL, seconds)
        _, status = os.waitpid(child, 0)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
    return status != 0


def seconds_of(name: str, file: Path, tests: list[str], faults: list[Fault], most: float) -> float | None:
    """How long the trial of a module without any change takes; None when it fails."""
    start = time.monotonic()
    failed = is_noticed(name, file, file.read_text("utf-8"), tests, faults, most)
    return None if failed else time.monotonic() - start


def _become(instead: _Instead, tests: list[str], faults: list[Fault]) -> None:
    """The rest of the child's life: everything of the project is imported anew, with the changed module among it."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    try:
        for name in [name for name in sys.modules if name.split(".")[0] in ("fllint", "tests")]:
            del sys.modules[name]
        sys.meta_path.insert(0, instead)
        settings.register_profile("the same for each", deadline=None, derandomize=True, database=None)
        settings.load_profile("the same for each")
        status = int(pytest.main(["-q", "-x", "-p", "no:cacheprovider", "-p", "no:xdist", *tests]))
        status = status or int(not all(fault.holds() for fault in faults))
    except BaseException:
        status = 1
    os._exit(status)
