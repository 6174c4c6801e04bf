"""The table behind ``{"name": "ScatterAndGather"}`` in component configs.

2.5 and later: the static file ``nvflare/fuel/utils/component_classes.json``, read by ``ModuleScanner``
(nvflare/fuel/utils/class_utils.py). 2.3 and 2.4: the same scanner imports the packages and takes every public class of
every module that can be imported; a name that several modules define is dropped from the table.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

SCANNED = {
    "2.3": ("nvflare.apis", "nvflare.app_common", "nvflare.widgets", "nvflare.app_opt"),
    "2.4": ("nvflare.apis", "nvflare.app_common", "nvflare.widgets", "nvflare.app_opt"),
}
DEPRECATED = ("nvflare.app_common.pt", "nvflare.app_common.homomorphic_encryption")
"""``DEPRECATED_PACKAGES`` of class_utils: prefixes that the scan leaves out."""


class ScannedRelease(Protocol):
    """What the scan needs to know about a release."""

    @property
    def module_names(self) -> tuple[str, ...]: ...
    def classes_in(self, dotted: str) -> Iterable[str]: ...


def short_names(release: str, static_table: dict[str, list[str]] | None, scanned: ScannedRelease) -> dict[str, str]:
    """Class names and the modules that define one, space separated."""
    if static_table is not None:
        return {name: " ".join(sorted(modules)) for name, modules in static_table.items()}
    found: dict[str, list[str]] = {}
    for dotted in scanned.module_names:
        scanned_here = any(dotted.startswith(package + ".") for package in SCANNED[release])
        if not scanned_here or dotted.startswith(DEPRECATED) or ".libs" in dotted:
            continue
        for name in scanned.classes_in(dotted):
            if not name.startswith("_"):
                found.setdefault(name, []).append(dotted)
    return {name: " ".join(modules) for name, modules in found.items()}
