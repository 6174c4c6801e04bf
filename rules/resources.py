"""Family 1: the resources that a job asks its sites for."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Final

from fllint.catalogue.meta_keys import DOCKER_OPTIONS, LAUNCHER_MODES, NATIVE_RESOURCES, PORTABLE_RESOURCES
from fllint.documents.tree import Entry, Mapping, Node, Sequence
from fllint.findings import Problem, Related, Severity
from fllint.problems import at, is_known
from fllint.registry import rule
from fllint.suggest import did_you_mean

if TYPE_CHECKING:
    from fllint.review import Review

DEFAULT: Final = "@default"
"""The sites that resource_spec does not name (2.9)."""
MEMORY: Final = re.compile(r"[1-9][0-9]*(Mi|Gi|Ti)")
SHM_SIZE: Final = re.compile(r"[0-9]+(?:\.[0-9]+)?(?:[bB]|[kKmMgG](?:[bB])?)?")


def _sites(review: Review, key: str) -> Iterator[tuple[Entry, Mapping]]:
    """The entries of resource_spec or launcher_spec that are objects."""
    spec = review.job.meta.get(key)
    for entry in spec.entries if isinstance(spec, Mapping) else ():
        if isinstance(entry.node, Mapping):
            yield entry, entry.node


def _modes(review: Review) -> tuple[str, ...]:
    return tuple(mode for mode in LAUNCHER_MODES if mode != "slurm" or review.has("launcher_mode_slurm"))


@rule("FL140", "malformed-resource-spec", Severity.ERROR)
def malformed_resource_spec(review: Review) -> Iterator[Problem]:
    """``resource_spec`` of meta is no object of sites and their resources.

    NVFlare refuses the job (job_meta_validator ``_validate_resource``). Up to 2.8 anything empty passes; since 2.9
    every site needs an object, and ``null`` is none.

    Write ``"resource_spec": {"site-1": {"num_of_gpus": 1}}``, or leave it out.
    """
    spec = review.job.meta.get("resource_spec")
    if spec is None or not is_known(spec) or spec.value is None:
        return
    strict = review.has("resource_spec_strict")
    if not isinstance(spec, Mapping):
        if spec.value or strict:
            yield at(spec, "resource_spec must be an object of sites; NVFlare refuses the job")
        return
    for entry in spec.entries:
        node = entry.node
        if not isinstance(node, Mapping) and (strict or node.value) and is_known(node):
            yield at(
                node, f"the resources of '{entry.key}' must be an object; NVFlare refuses the job", help="write {}"
            )


@rule("FL141", "invalid-resource", Severity.ERROR)
def invalid_resource(review: Review) -> Iterator[Problem]:
    """A portable resource has a value that NVFlare does not take.

    Since 2.9 ``num_of_gpus`` (whole number, 0 or more), ``num_of_cpus`` (1 or more) and ``memory`` (``"8Gi"``: Mi, Gi
    or Ti) are checked when the job is submitted, and ``@default`` may hold nothing else (utils/job_launcher_utils.py).
    Specs that are split by launcher (``process``, ``docker`` …) are checked only when there is a ``@default``.

    Write the value in that form.
    """
    if not review.has("portable_resources"):
        return
    sites = list(_sites(review, "resource_spec"))
    has_default = any(entry.key == DEFAULT for entry, _ in sites)
    for entry, spec in sites:
        if entry.key == DEFAULT:
            for field in spec.entries:
                if field.key not in PORTABLE_RESOURCES:
                    help = did_you_mean(field.key, PORTABLE_RESOURCES) or f"it takes {', '.join(PORTABLE_RESOURCES)}"
                    yield at(field.key_place, f"NVFlare refuses '{field.key}' in {DEFAULT}", help=help)
        by_launcher = any(spec.entry(mode) for mode in LAUNCHER_MODES)
        if by_launcher and not has_default:
            continue
        process = spec.get("process") if by_launcher else spec
        if isinstance(process, Mapping):
            yield from _invalid_values(process)


def _invalid_values(spec: Mapping) -> Iterator[Problem]:
    checks: dict[str, tuple[Callable[[object], bool], str]] = {
        "num_of_gpus": (lambda value: _is_int(value, 0), "a whole number, 0 or more"),
        "num_of_cpus": (lambda value: _is_int(value, 1), "a whole number, 1 or more"),
        "memory": (lambda value: isinstance(value, str) and bool(MEMORY.fullmatch(value)), 'a text such as "8Gi"'),
    }
    for name, (is_valid, wanted) in checks.items():
        node = spec.get(name)
        if node is not None and is_known(node) and not is_valid(node.value):
            yield at(node, f"{name} must be {wanted}; NVFlare refuses the job")


def _is_int(value: object, least: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= least


@rule("FL142", "malformed-launcher-spec", Severity.ERROR)
def malformed_launcher_spec(review: Review) -> Iterator[Problem]:
    """``launcher_spec`` of meta is not an object of sites, launchers and their options.

    Since 2.8 NVFlare refuses the job when a site's value is no object, a launcher is none of process, docker, k8s (2.9:
    slurm too), or a launcher's options are no object. Since 2.9 a job may give the docker launcher only certain options
    (job_meta_validator ``_validate_launcher_spec``, utils/job_launcher_utils.py). Before 2.8 the key is not read.

    Write ``"launcher_spec": {"site-1": {"docker": {"image": "…"}}}``.
    """
    spec = review.job.meta.get("launcher_spec")
    if not review.has("launcher_spec"):
        return
    if spec is not None and spec.value is not None and not isinstance(spec, Mapping):
        yield at(spec, "launcher_spec must be an object of sites; NVFlare refuses the job")
    for entry in spec.entries if isinstance(spec, Mapping) else ():
        if not isinstance(entry.node, Mapping):
            yield at(entry.node, f"the launchers of '{entry.key}' must be an object; NVFlare refuses the job")
            continue
        for mode in entry.node.entries:
            if mode.key not in _modes(review):
                help = (
                    did_you_mean(mode.key, _modes(review))
                    or f"NVFlare {review.release} has {', '.join(_modes(review))}"
                )
                yield at(mode.key_place, f"there is no launcher '{mode.key}'; NVFlare refuses the job", help=help)
            elif not isinstance(mode.node, Mapping):
                yield at(mode.node, f"the options of '{mode.key}' must be an object; NVFlare refuses the job")
    yield from _docker_problems(review)


def _docker_problems(review: Review) -> Iterator[Problem]:
    if not review.has("docker_launcher_keys"):
        return
    for key in ("resource_spec", "launcher_spec"):
        for _, site in _sites(review, key):
            options = site.get("docker")
            if options is None or options.value is None:
                continue
            if not isinstance(options, Mapping):
                if key == "resource_spec":
                    yield at(options, "the options of 'docker' must be an object; NVFlare refuses the job")
                continue
            for option in options.entries:
                if option.key not in DOCKER_OPTIONS:
                    help = did_you_mean(option.key, DOCKER_OPTIONS) or f"a job may set {', '.join(DOCKER_OPTIONS)}"
                    message = f"a job may not set '{option.key}' of the docker launcher; NVFlare refuses the job"
                    yield at(option.key_place, message, help=help)
                elif is_known(option.node) and not _is_valid_docker_option(option.key, option.node):
                    yield at(option.node, f"this is no value for '{option.key}' of the docker launcher")


def _is_valid_docker_option(name: str, node: Node) -> bool:
    value = node.value
    text = isinstance(value, str) and bool(value.strip())
    if name == "image":
        return value is None or isinstance(value, str)
    if name == "python_path":
        return text
    if name == "entrypoint":
        items = node.items if isinstance(node, Sequence) else ()
        return text or (bool(items) and all(isinstance(item.value, str) and item.value.strip() for item in items))
    if name == "shm_size" and isinstance(value, str):
        return bool(SHM_SIZE.fullmatch(value))
    return _is_int(value, 0)


@rule("FL143", "resources-for-unknown-site", Severity.WARNING)
def resources_for_unknown_site(review: Review) -> Iterator[Problem]:
    """``resource_spec`` or ``launcher_spec`` names a site that the deploy map does not.

    NVFlare accepts it and never looks at the entry: the sites that do run the job get no resources reserved.

    Use the names of the deploy map.
    """
    clients = review.job.client_sites
    if clients is None:
        return
    reserved = {"resource_spec": (DEFAULT,), "launcher_spec": ("default",)}
    for key, words in reserved.items():
        for entry, _ in _sites(review, key):
            if entry.key not in (*clients, "server", *words):
                hint = did_you_mean(entry.key, (*clients, *words)) or _named(clients)
                yield at(entry.key_place, f"{key} names '{entry.key}', which gets no app", help=hint)


def _named(clients: tuple[str, ...]) -> str:
    return f"the deploy map has {', '.join(clients[:8])}" if clients else "the deploy map names no site"


@rule("FL144", "contradictory-resources", Severity.ERROR)
def contradictory_resources(review: Review) -> Iterator[Problem]:
    """Two requests for the same resource contradict each other.

    Since 2.9 NVFlare refuses a job whose ``process`` and ``docker`` or ``k8s`` launchers want different numbers of
    GPUs, and one that asks for a portable resource and a launcher's own field for the same (``memory`` and docker's
    ``mem_limit``) (utils/job_launcher_utils.py ``validate_portable_resource_conflicts``). Memory for GPUs without any
    GPU makes the site's resource manager refuse the job (before 2.9), or is dropped.

    Ask once.
    """
    launchers = {entry.key: spec for entry, spec in _sites(review, "launcher_spec")}
    for entry, spec in _sites(review, "resource_spec"):
        flat = spec.get("process") if any(spec.entry(mode) for mode in LAUNCHER_MODES) else spec
        yield from _memory_without_gpu(flat)
        if review.has("portable_resources") and entry.key != DEFAULT:
            yield from _gpu_conflicts(spec, launchers.get(entry.key))
            yield from _native_conflicts(spec, launchers.get(entry.key))


def _memory_without_gpu(spec: Node | None) -> Iterator[Problem]:
    gpus = spec.get("num_of_gpus") if spec else None
    memory = spec.get("mem_per_gpu_in_GiB") if spec else None
    if gpus is not None and memory is not None and gpus.value == 0 and memory.value:
        related = (Related(gpus.place, "no GPU is asked for here"),)
        message = "memory per GPU is asked for, but no GPU"
        yield at(memory, message, help="remove it, or ask for a GPU", related=related, severity=Severity.WARNING)


def _gpu_conflicts(spec: Mapping, launchers: Mapping | None) -> Iterator[Problem]:
    process = spec.get("process")
    wanted = process.get("num_of_gpus") if process else None
    if wanted is None:
        return
    for mode in ("docker", "k8s"):
        options = (launchers.get(mode) if launchers else None) or spec.get(mode)
        other = options.get("num_of_gpus") if options else None
        if other is not None and is_known(other) and other.value != wanted.value:
            related = (Related(wanted.place, f"the process launcher asks for {wanted.value}"),)
            message = f"{mode} asks for {other.value} GPUs and process for {wanted.value}; NVFlare refuses the job"
            yield at(other, message, related=related)


def _native_conflicts(spec: Mapping, launchers: Mapping | None) -> Iterator[Problem]:
    if any(spec.entry(mode) for mode in LAUNCHER_MODES):
        return
    for mode, fields in NATIVE_RESOURCES.items():
        options = launchers.get(mode) if launchers else None
        for portable, native in fields.items():
            asked = spec.entry(portable)
            for name in native:
                other = options.entry(name) if options is not None else None
                if asked and other:
                    related = (Related(asked.key_place, "asked for here already"),)
                    message = f"'{name}' of {mode} says the same as '{portable}'; NVFlare refuses the job"
                    yield at(other.key_place, message, related=related)
