"""The JSON Schema of a job's meta."""

from __future__ import annotations

from typing import Any, Final

from fllint.catalogue.grammar import has
from fllint.catalogue.meta_keys import LAUNCHER_MODES, PORTABLE_RESOURCES

_SITES: Final = {
    "type": "array",
    "items": {"anyOf": [{"enum": ["@ALL", "server", "site-1"]}, {"type": "string"}, {"type": "object"}]},
}
_MEANINGS: Final = {
    "name": "What the job is called.",
    "deploy_map": "Which app goes to which sites: the name of a folder of the job, and its sites.",
    "min_clients": "How many clients the job needs at least.",
    "mandatory_clients": "Clients without which the job does not start.",
    "resource_spec": "What each site must have free: by site, or @default.",
    "launcher_spec": "How sites launch the job: by site and launcher.",
    "scope": "The privacy scope of the sites in which the job runs.",
    "custom_props": "Anything that the job's own code wants to know.",
}


def meta_schema(release: str) -> dict[str, Any]:
    """The properties of meta in a release. Nothing is refused that NVFlare takes: it ignores unknown keys."""
    several = [_SITES]
    if has(release, "deploy_map_bare_string"):
        several.append({"type": "string"})
    if has(release, "deploy_map_object"):
        several.append({"type": "object"})
    properties: dict[str, Any] = {
        "name": {"type": "string"},
        "deploy_map": {"type": "object", "minProperties": 1, "additionalProperties": {"anyOf": several}},
        "min_clients": {"type": "integer", "minimum": 1},
        "mandatory_clients": {"type": "array", "items": {"type": "string"}},
        "resource_spec": {"type": "object", "additionalProperties": _resources(release)},
        "scope": {"type": "string"},
        "custom_props": {},
    }
    if has(release, "launcher_spec"):
        modes = [mode for mode in LAUNCHER_MODES if mode != "slurm" or has(release, "launcher_mode_slurm")]
        launchers = {"type": "object", "properties": {mode: {"type": "object"} for mode in modes}}
        properties["launcher_spec"] = {"type": "object", "additionalProperties": launchers}
    for name, shape in properties.items():
        shape["description"] = _MEANINGS[name]
    return {"type": "object", "required": ["deploy_map"], "properties": properties}


def _resources(release: str) -> dict[str, Any]:
    known = PORTABLE_RESOURCES if has(release, "portable_resources") else ("num_of_gpus", "mem_per_gpu_in_GiB")
    return {"type": "object", "properties": {name: {} for name in known}}
