"""What is built of fllint, and what can be done with it once it is installed. Needs PyPI, as pip does."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.packaging.sources import ROOT, copy_checkout, run

ODD_NAME = "a folder ß größer als sonst"


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the checkout in a path with spaces and non-ASCII letters."""
    return copy_checkout(tmp_path_factory.mktemp("packages") / ODD_NAME)


@pytest.fixture(scope="module")
def wheel(checkout: Path) -> Path:
    """The wheel that is built of the checkout."""
    return build_wheel(checkout, checkout.parent / "from checkout")


def build_wheel(source: Path, folder: Path, **environment: str) -> Path:
    command = (sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "-w", folder, source)
    run(*command, cwd=folder.parent, **environment)
    return next(folder.glob("fllint-*.whl"))


def names(wheel: Path) -> list[str]:
    return sorted(zipfile.ZipFile(wheel).namelist())


def modules_of_the_checkout(checkout: Path) -> set[str]:
    engine = {path.relative_to(checkout).as_posix() for path in (checkout / "fllint").rglob("*.py")}
    return engine | {f"fllint/{path.relative_to(checkout).as_posix()}" for path in (checkout / "rules").rglob("*.py")}


def test_the_wheel_has_every_module_and_the_rules_inside_of_fllint(checkout: Path, wheel: Path) -> None:
    modules = {name for name in names(wheel) if name.endswith(".py")}
    assert modules == modules_of_the_checkout(checkout)
    assert "fllint/rules/meta.py" in modules


def test_the_wheel_has_the_catalogue_and_the_mark_of_types(checkout: Path, wheel: Path) -> None:
    catalogue = {path.relative_to(checkout).as_posix() for path in (checkout / "fllint/catalogue/data").iterdir()}
    assert len(catalogue) >= 7
    assert {*catalogue, "fllint/py.typed"} <= set(names(wheel))


def test_the_wheel_puts_nothing_beside_fllint(wheel: Path) -> None:
    assert {name.split("/")[0] for name in names(wheel)} == {"fllint", "fllint-0.1.0.dist-info"}


def test_the_source_distribution_builds_the_same_wheel(checkout: Path, wheel: Path) -> None:
    run(sys.executable, "-m", "build", "--sdist", "--outdir", checkout.parent / "sdist", checkout, cwd=checkout.parent)
    source = next((checkout.parent / "sdist").glob("fllint-*.tar.gz"))
    assert names(build_wheel(source, checkout.parent / "from sdist")) == names(wheel)


def test_the_wheel_is_the_same_byte_for_byte_wherever_and_whenever_it_is_built(tmp_path: Path) -> None:
    built: list[bytes] = []
    for place in ("here", "elsewhere"):
        source = copy_checkout(tmp_path / place)
        for file in source.rglob("*.py"):
            os.utime(file, (1_000_000_000 + len(built), 1_000_000_000 + len(built)))
        built.append(build_wheel(source, tmp_path / f"from {place}", SOURCE_DATE_EPOCH="1700000000").read_bytes())
    assert built[0] == built[1]


def test_the_installed_wheel_checks_a_job(wheel: Path, tmp_path: Path) -> None:
    home = tmp_path / ODD_NAME
    run(sys.executable, "-m", "venv", home, cwd=tmp_path)
    python = home / "bin" / "python"
    run(python, "-m", "pip", "install", "--quiet", wheel, cwd=tmp_path)
    jobs = copy_checkout(tmp_path / "jobs ß größer") / "examples"
    checked = run(home / "bin" / "fllint", "check", jobs / "hello-numpy", cwd=tmp_path)
    assert checked.startswith("no findings in 1 job")
    assert run(python, "-m", "fllint", "--version", cwd=tmp_path) == "fllint, version 0.1.0\n"
    broken = subprocess.run(
        [python, "-m", "fllint", "check", jobs / "broken-job"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert broken.returncode == 1
    assert "error[FL310]" in broken.stdout
    where = "import fllint.rules, importlib.util as u; print(fllint.rules.__file__, u.find_spec('rules'))"
    assert run(python, "-I", "-c", where, cwd=tmp_path).split()[-1] == "None"


def test_the_readme_is_the_page_of_the_package(wheel: Path) -> None:
    metadata = zipfile.ZipFile(wheel).read("fllint-0.1.0.dist-info/METADATA").decode()
    assert metadata.endswith((ROOT / "README.md").read_text("utf-8"))
