"""Imports before the processes part, so that one import serves all of them.

Only modules of packages outside the job: NVFlare's that the configurations name, and a few well-known ones that the
custom code imports. Code of the job itself is imported by the sites.
"""

# NVFlare is in the user's environment, not in fllint's.
# mypy: disable-error-code="import-not-found,import-untyped"

from __future__ import annotations

import importlib
import os
import re
import threading
from collections.abc import Iterator

from .later import later

_CLASS_PATH = re.compile(r"\bnvflare(?:\.[A-Za-z_]\w*)+")
_IMPORT = re.compile(r"^\s*(?:from|import)\s+([A-Za-z_]\w*)", re.MULTILINE)
_SHARED = ("numpy", "torch", "torchvision", "pandas", "scipy", "sklearn")
"""Packages that start no thread when they are imported, so that a fork after the import is sound."""
_LARGEST = 1 << 20

_ALWAYS = (
    "nvflare.client",
    "nvflare.client.in_process.api",
    "nvflare.app_common.executors.task_script_runner",
    "nvflare.private.fed.simulator.simulator_app_runner",
    "nvflare.private.fed.simulator.simulator_server",
    "nvflare.private.fed.server.job_meta_validator",
    "nvflare.private.fed.app.fl_conf",
    "nvflare.private.fed.app.utils",
    "nvflare.app_common.executors.client_api.in_process_backend",
    "nvflare.client.decomposers",
    "nvflare.fuel.utils.fobs.decomposers.core_decomposers",
    "numpy",
    "numpy.random",
)
_OWN = ("site", "server")
UNUSED = frozenset({"asyncio", "grpc", "psutil", "yaml"})
"""Large packages that NVFlare imports by the way (2.5 to 2.9) and no run without its network uses. Code that does use
one gets it at its first use."""


def texts_of(folder: str, ends: str) -> Iterator[str]:
    """The texts of the files below a folder whose name has one of the endings (a tuple works as for `str.endswith`)."""
    for root, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            path = os.path.join(root, name)
            if name.endswith(ends) and os.path.isfile(path) and os.path.getsize(path) <= _LARGEST:
                with open(path, encoding="utf-8", errors="replace") as file:
                    yield file.read()


def class_paths_of(job: str) -> list[str]:
    """Everything in the job's configurations that looks like a class of NVFlare."""
    found: set[str] = set()
    for text in texts_of(job, (".json", ".conf", ".yml", ".yaml", ".default")):  # type: ignore[arg-type]  # a tuple
        found.update(_CLASS_PATH.findall(text))
    return sorted(found)


def preload(job: str, class_paths: list[str]) -> bool:
    """Imports what all processes will need; gives whether a fork is still sound (no thread was started).

    What cannot be imported is left for the site that needs it, whose error then says so.
    """
    wanted = list(_ALWAYS)
    wanted.extend(path.rsplit(".", 1)[0] for path in class_paths)
    imported = {name for text in texts_of(job, ".py") for name in _IMPORT.findall(text)}
    wanted.extend(name for name in _SHARED if name in imported)
    wanted.extend(f"{__package__}.{name}" for name in _OWN)
    with later(UNUSED):
        for name in wanted:
            try:
                importlib.import_module(name)
            except BaseException as error:  # noqa: PERF203
                if isinstance(error, KeyboardInterrupt):
                    raise
        _register_decomposers()
    return threading.active_count() == 1


def _register_decomposers() -> None:
    """NVFlare's own (de)serialisers, which every process registers first (`fed_utils.fobs_initialize`), and those that
    the first message registers (`fobs._register_decomposers`): each process would touch all modules for it."""
    from nvflare.fuel.utils import fobs
    from nvflare.private.fed.utils.fed_utils import nvflare_fobs_initialize

    nvflare_fobs_initialize()
    fobs.dumps({})
