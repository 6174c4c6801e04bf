"""How faults of the job's own code are put into a job."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.differential.faults.registry import register
from tests.differential.jobs import Job
from tests.differential.sound_jobs import component


def code(job: Job, files: Mapping[str, str]) -> None:
    """Adds files to the client's custom code."""
    job.apps["app_client"].custom = {**(job.apps["app_client"].custom or {}), **files}


def using(
    name: str,
    path: str,
    source: str | Mapping[str, str],
    args: Mapping[str, Any] | None = None,
    silent: bool = False,
) -> None:
    """Registers a fault: a client component of class *path*, from a module of this source, or from these files."""
    files = {path.split(".")[0] + ".py": source} if isinstance(source, str) else source
    entry = component("more", path, **(args or {}))

    def change(job: Job) -> None:
        code(job, {file: text.removeprefix("\n") for file, text in files.items()})
        job.client["components"] = [entry]

    register(name, change, "split_apps", silent=silent)


def using_each(path: str, source: str, table: Mapping[str, Mapping[str, Any]]) -> None:
    """Registers one fault per row of a table: its name, and the arguments that a component of this class gets."""
    for name, args in table.items():
        using(name, path, source, args)
