"""The schema of a file of a job, whole."""

from __future__ import annotations

from typing import Any, Final

from fllint.catalogue.catalogue import Catalogue
from fllint.schemas.config_schema import config_schema
from fllint.schemas.meta_schema import meta_schema

KINDS: Final = ("meta", "server", "client")
"""What there is a schema of: a job's meta, and the configs of its two sides."""


def job_schema(kind: str, release: str) -> dict[str, Any]:
    """The JSON Schema (draft 7, which editors know best) of a kind of file for a release.

    Raises:
        KeyError: for a release that the catalogue does not have.
    """
    catalogue = Catalogue.load(release)
    body = meta_schema(release) if kind == "meta" else config_schema(catalogue, kind)
    name = "meta" if kind == "meta" else f"config_fed_{kind}"
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "$id": f"https://fllint.readthedocs.io/schemas/{release}/{name}.schema.json",
        "title": f"{name} of an NVFlare {release} job",
        **body,
    }
