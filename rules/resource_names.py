"""Family 1: the names of resources that a job asks its sites for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from fllint.catalogue.words import GPU_RESOURCES
from fllint.documents.tree import Mapping
from fllint.findings import Problem, Severity
from fllint.fixes import rename_key
from fllint.problems import at
from fllint.registry import rule
from fllint.suggest import closest

if TYPE_CHECKING:
    from fllint.review import Review

NEAR: Final = 0.8


@rule("FL145", "misspelt-resource", Severity.WARNING, fix="unsafe")
def misspelt_resource(review: Review) -> Iterator[Problem]:
    """A resource that ``resource_spec`` asks for is nearly, but not exactly, one that NVFlare reserves.

    A site's GPUResourceManager reads ``num_of_gpus`` and ``mem_per_gpu_in_GiB`` and passes over the rest
    (app_common/resource_managers/gpu_resource_manager.py, every release): the job is run without any GPU reserved.

    Write the name as NVFlare does.
    """
    meta = review.job.meta.root
    spec = meta.get("resource_spec") if meta else None
    for site in spec.entries if isinstance(spec, Mapping) else ():
        options = site.node if isinstance(site.node, Mapping) else None
        modes = [entry.node for entry in options.entries if isinstance(entry.node, Mapping)] if options else []
        for asked in (options, *modes):
            for entry in asked.entries if isinstance(asked, Mapping) else ():
                near = closest(entry.key, GPU_RESOURCES, NEAR) if entry.key not in GPU_RESOURCES else None
                if near and isinstance(asked, Mapping) and asked.entry(near) is None:
                    fix = rename_key(entry, near, safe=False)
                    message = f"no resource is called '{entry.key}': nothing is reserved"
                    yield at(entry.key_place, message, help=f"did you mean '{near}'?", fix=fix)
