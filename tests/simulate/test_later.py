"""Packages that a smoke run loads at their first use."""

from __future__ import annotations

import importlib
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest

from fllint.simulate.supervisor.later import Later, later

SLOW_PACKAGE = "import time\ntime.sleep(0.05)\nfrom . import part\nvalue = 7\n"


@pytest.fixture
def imported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], ModuleType]]:
    """Imports a package of the given code, for later."""
    folder = tmp_path / "heavy_package"
    folder.mkdir()
    (folder / "part.py").write_text("name = 'part'\n")
    monkeypatch.syspath_prepend(str(tmp_path))

    def make(code: str) -> ModuleType:
        (folder / "__init__.py").write_text(code)
        importlib.invalidate_caches()
        with later({"heavy_package"}):
            return importlib.import_module("heavy_package")

    yield make
    for name in [name for name in sys.modules if name.split(".")[0] == "heavy_package"]:
        del sys.modules[name]


def test_a_package_is_not_run_when_it_is_imported_and_imported_again(imported: Callable[[str], ModuleType]) -> None:
    package = imported("raise RuntimeError('run')")
    exec("import heavy_package")
    assert type(package) is Later


def test_a_package_is_run_when_it_is_asked_for_something(imported: Callable[[str], ModuleType]) -> None:
    package = imported(SLOW_PACKAGE)
    names: dict[str, object] = {}
    exec("from heavy_package import value", names)
    assert names["value"] == 7
    assert package.part.name == "part"
    assert type(package) is ModuleType


def test_what_a_package_does_not_have_is_an_attribute_error(imported: Callable[[str], ModuleType]) -> None:
    package = imported("value = 7\n")
    for _ in range(2):
        with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
            _ = package.nothing


def test_a_module_of_a_package_can_be_imported_first(imported: Callable[[str], ModuleType]) -> None:
    package = imported("value = 7\n")
    assert importlib.import_module("heavy_package.part").name == "part"
    assert package.value == 7


def test_a_package_that_fails_says_so_at_its_first_use(imported: Callable[[str], ModuleType]) -> None:
    package = imported("import no_such_package_anywhere\n")
    with pytest.raises(ModuleNotFoundError, match="no_such_package_anywhere"):
        _ = package.value
    assert "heavy_package" not in sys.modules


def test_every_thread_sees_the_whole_package(imported: Callable[[str], ModuleType]) -> None:
    package = imported(SLOW_PACKAGE)
    seen: list[int] = []
    threads = [threading.Thread(target=lambda: seen.append(package.value)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == [7, 7, 7, 7]


def test_a_package_that_is_not_there_cannot_be_imported() -> None:
    with later({"no_such_package_anywhere"}), pytest.raises(ModuleNotFoundError):
        importlib.import_module("no_such_package_anywhere")
