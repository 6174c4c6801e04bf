"""Packages that are not NVFlare and know nothing of it."""

from __future__ import annotations

import os
import sys
from functools import cache

BUILDS_ON_NVFLARE = frozenset({"nvflare", "monai_nvflare", "nvflight"})
"""Known packages whose classes may derive from NVFlare's."""


@cache
def known_packages() -> frozenset[str]:
    """Import names of well-known packages (``fllint/catalogue/data/known-packages.txt``)."""
    folder = os.path.dirname(os.path.dirname(__file__))
    with open(os.path.join(folder, "catalogue", "data", "known-packages.txt"), encoding="utf-8") as file:
        lines = file.readlines()
    return frozenset(line.split("#")[0].strip() for line in lines) - {""}


def is_stdlib(module: str) -> bool:
    """Whether a dotted name begins with a module of the standard library."""
    return module.partition(".")[0] in sys.stdlib_module_names or module.partition(".")[0] == "builtins"


def never_derives_from_nvflare(path: str) -> bool:
    """Whether a class path belongs to the standard library or to a well-known package that does not build on
    NVFlare."""
    top = path.partition(".")[0]
    return is_stdlib(path) or (top in known_packages() and top not in BUILDS_ON_NVFLARE)
