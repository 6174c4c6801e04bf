"""The list of packages in pyproject.toml, without building anything: a package that is not in it is in no install."""

from __future__ import annotations

import sys

from tests.packaging.sources import ROOT

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib


def test_every_package_is_listed() -> None:
    packages = [path.parent.relative_to(ROOT) for path in (ROOT / "fllint").rglob("__init__.py")]
    listed = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["setuptools"]["packages"]
    assert set(listed) == {".".join(package.parts) for package in packages} | {"fllint.rules"}
