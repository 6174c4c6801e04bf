"""What is known beside the job itself."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from msgspec import Struct


class Surroundings(Struct, frozen=True):
    """What is known beside the job itself.

    ``sites`` are the federation's real sites (``--sites`` or a project file); None when not told. ``site_packages`` is
    where the packages of ``--python`` lie; None when not told. ``known_modules`` are import names that the user says
    every site has; ``required_modules`` the packages that requirement files near the job ask for (lower case, ``_`` for
    ``-``).
    """

    sites: tuple[str, ...] | None = None
    site_packages: Path | None = None
    known_modules: frozenset[str] = frozenset()
    required_modules: frozenset[str] = frozenset()


NOTHING_KNOWN: Final = Surroundings()
