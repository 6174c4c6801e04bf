"""The tables of the releases' page, made from the catalogue."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from fllint.catalogue.grammar import FEATURES, SYSTEM_VARIABLES, has, system_variables
from fllint.catalogue.releases import RELEASES, VERSIONS


def versions() -> str:
    """The release that stands for each minor one."""
    return _table(["release", *RELEASES], [["made from", *VERSIONS.values()]])


def features() -> str:
    """Which release has which feature of the job format, and where NVFlare does it."""
    rows = [
        [name.replace("_", " "), *("yes" if has(release, name) else "" for release in RELEASES), feature.source]
        for name, feature in FEATURES.items()
    ]
    return _table(["feature", *RELEASES, "where, and what"], rows)


def variables() -> str:
    """Which release defines which system variable, on which side."""
    rows = [[f"`{{{name}}}`", *(_sides(name, release) for release in RELEASES)] for name in SYSTEM_VARIABLES]
    return _table(["variable", *RELEASES], rows)


def _sides(name: str, release: str) -> str:
    sides = [side for side in ("server", "client") if name in system_variables(release, side)]
    return "both" if len(sides) == 2 else "".join(sides)


def _table(head: list[str], rows: list[list[str]]) -> str:
    cells = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in cells)


TABLES: Final[dict[str, Callable[[], str]]] = {
    "table of versions": versions,
    "table of features": features,
    "table of system variables": variables,
}
