"""Which import names the packages that NVFlare requires have."""

from __future__ import annotations

import re
from typing import Final

IMPORT_NAMES: Final = {
    "flask-jwt-extended": "flask_jwt_extended",
    "flask-sqlalchemy": "flask_sqlalchemy",
    "grpcio": "grpc",
    "openmined.psi": "private_set_intersection",
    "protobuf": "google",
    "pytorch-lightning": "pytorch_lightning",
    "pyyaml": "yaml",
    "scikit-learn": "sklearn",
    "sphinx-rtd-theme": "sphinx_rtd_theme",
    "python-dateutil": "dateutil",
    "websockets": "websockets",
}
"""Distribution names whose import name differs, besides the change of ``-`` to ``_``."""

RUN_TIME_EXTRAS: Final = frozenset(
    {"", "he", "psi", "pt", "sklearn", "tracking", "monitoring", "config", "k8s", "app_opt", "core_opt", "app_opt_mac"}
)
"""Extras for running jobs; the others are for developing NVFlare."""

_REQUIREMENT = re.compile(r"^Requires-Dist:\s*([A-Za-z0-9._-]+)(.*)$", re.MULTILINE)
_EXTRA = re.compile(r"extra\s*==\s*['\"]([^'\"]+)['\"]")


def required_packages(metadata: str) -> dict[str, str]:
    """Import names by extra (``""``: always required), space separated and sorted, from a wheel's METADATA."""
    packages: dict[str, set[str]] = {"": set()}
    for name, rest in _REQUIREMENT.findall(metadata):
        extra = _EXTRA.search(rest)
        key = extra[1].lower().replace("-", "_") if extra else ""
        if key in RUN_TIME_EXTRAS:
            packages.setdefault(key, set()).add(import_name(name))
    return {extra: " ".join(sorted(names)) for extra, names in sorted(packages.items())}


def import_name(distribution: str) -> str:
    """The import name of a distribution."""
    plain = distribution.lower()
    return IMPORT_NAMES.get(plain.replace("_", "-"), plain.replace("-", "_"))
