"""The NVFlare releases that fllint knows."""

from __future__ import annotations

from typing import Final

VERSIONS: Final = {
    "2.3": "2.3.12",
    "2.4": "2.4.2",
    "2.5": "2.5.2",
    "2.6": "2.6.3",
    "2.7": "2.7.3",
    "2.8": "2.8.3",
    "2.9": "2.9.0",
}
"""Minor release to the newest patch that the catalogue was made from."""
RELEASES: Final = tuple(VERSIONS)
NEWEST: Final = RELEASES[-1]


def minor_release(version: str) -> str:
    """``2.9`` of ``2.9``, ``2.9.0`` and ``2.9.0rc1``."""
    return ".".join(version.strip().split(".")[:2])
