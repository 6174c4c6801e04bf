"""Family 1: the names of resources that a job asks its sites for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from fllint.catalogue.meta_keys import LAUNCHER_MODES, PORTABLE_RESOURCES
from fllint.catalogue.words import GPU_RESOURCES
from fllint.documents.tree import Mapping
from fllint.findings import Problem, Severity
from fllint.fixes import rename_key
from fllint.problems import at, is_known
from fllint.registry import rule
from fllint.suggest import closest

if TYPE_CHECKING:
    from fllint.review import Review

NEAR: Final = 0.8


@rule("FL145", "misspelt-resource", Severity.WARNING, fix="unsafe")
def misspelt_resource(review: Review) -> Iterator[Problem]:
    """A resource that ``resource_spec`` asks for is nearly, but not exactly, one that NVFlare reserves.

    A site's GPUResourceManager reads ``num_of_gpus`` and ``mem_per_gpu_in_GiB`` and passes over the rest
    (app_common/resource_managers/gpu_resource_manager.py, every release): the memory is then not asked for, and a
    request without ``num_of_gpus`` is refused.

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


@rule("FL146", "refused-resource-request", Severity.WARNING)
def refused_resource_request(review: Review) -> Iterator[Problem]:
    """A request for resources that the resource manager which sites are provisioned with cannot answer.

    GPUResourceManager wants ``num_of_gpus`` in every request that is not empty, and compares it, and
    ``mem_per_gpu_in_GiB``, with numbers (app_common/resource_managers/gpu_resource_manager.py, every release): else
    ``resource_requirement is missing num_gpu_key``. The server takes the exception for "not enough resources", and the
    job is never scheduled there. A site with a manager of its own may understand more.

    Ask for ``"num_of_gpus": 1``, a number, or leave the site out.
    """
    meta = review.job.meta.root
    spec = meta.get("resource_spec") if meta else None
    portable, clients = review.has("portable_resources"), review.job.client_sites
    for site in spec.entries if isinstance(spec, Mapping) else ():
        asked = site.node if isinstance(site.node, Mapping) else None
        if asked is not None and any(asked.entry(mode) for mode in LAUNCHER_MODES):
            process = asked.get("process")
            asked = process if isinstance(process, Mapping) else None
        elsewhere = clients is not None and site.key not in clients
        if asked is None or site.key.startswith("@") or site.key == "server" or elsewhere:
            continue
        entries = [entry for entry in asked.entries if not portable or entry.key not in PORTABLE_RESOURCES[1:]]
        wanted = GPU_RESOURCES[0]
        named = any(wanted in (entry.key, closest(entry.key, GPU_RESOURCES, NEAR)) for entry in entries)
        if entries and not named:
            message = f"the request of '{site.key}' names no {wanted}: as provisioned, the site refuses it"
            yield at(entries[0].key_place, message, help=f'write "{wanted}": 0 or more, or leave the site out')
        for entry in entries:
            checked = portable and entry.key == wanted  # by FL141
            value = entry.node.value
            if entry.key in GPU_RESOURCES and not checked and isinstance(value, str) and is_known(entry.node):
                yield at(entry.node, f"{entry.key} must be a number: as provisioned, the site refuses the request")
