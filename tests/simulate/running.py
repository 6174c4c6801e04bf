"""Running jobs in tests: with NVFlare where a judge's environment has it, and with the real simulator beside it."""

from __future__ import annotations

import os
import re
import subprocess
import time
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from fllint.engine import review_files
from fllint.job.discovery import find_jobs
from fllint.job.model import Job
from fllint.simulate.run import Settings, SmokeRun, simulate
from fllint.simulate.supervise import environment_of
from tests.differential.judges import existing_judges, judge_python

SLOW = bool(os.environ.get("FLLINT_SLOW"))
"""Whether to run what takes minutes: every release, and NVFlare's own simulator beside each job."""
SUPPORTED = ("2.5", "2.6", "2.7", "2.8", "2.9")


def releases() -> list[str]:
    """The releases to run jobs with: those whose judge exists; the newest one only, unless `SLOW`."""
    there = [release for release in existing_judges() if release in SUPPORTED]
    return there if SLOW else there[-1:]


def for_each_release(*wanted: str) -> pytest.MarkDecorator:
    """Runs a test once for each release; a release without a judge is skipped, loudly."""
    there = releases()
    asked = [release for release in there if not wanted or release in wanted]
    if not asked:
        reason = "no environment with NVFlare: make one with python tests/differential/judges.py 2.9"
        return pytest.mark.parametrize("release", [pytest.param("none", marks=pytest.mark.skip(reason=reason))])
    return pytest.mark.parametrize("release", asked)


def job_of(folder: Path, release: str) -> Job:
    """A job as fllint reads it."""
    return review_files(find_jobs((str(folder),))[0].open(), release).job


def smoke(folder: Path, release: str, **settings: Any) -> SmokeRun:
    """A run of a job with a release of NVFlare."""
    chosen = {"timeout": 60.0, **settings}
    return simulate(lambda: job_of(folder, release), folder, Settings(python=str(judge_python(release)), **chosen))


@dataclass(frozen=True)
class RealRun:
    """What NVFlare's own simulator made of a job."""

    status: int | None
    seconds: float
    workspace: Path


def real(folder: Path, release: str, workspace: Path, sites: int = 2, timeout: float = 180.0) -> RealRun:
    """Runs NVFlare's own simulator; ``status`` is None when it was not over in time."""
    program = judge_python(release).parent / "nvflare"
    command = [str(program), "simulator", str(folder), "-w", str(workspace), "-n", str(sites), "-t", str(sites)]
    started = time.monotonic()
    process = subprocess.Popen(
        command,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        cwd=folder.parent,
        env=environment_of(str(judge_python(release))),
    )
    try:
        status: int | None = process.wait(timeout)
    except subprocess.TimeoutExpired:
        status = None
        kill_session(process.pid)
        process.wait()
    return RealRun(status, time.monotonic() - started, workspace)


def kill_session(leader: int) -> None:
    """Kills the processes below one that we started, and itself."""
    from fllint.simulate.supervisor import processes

    processes.signal_processes([*processes.descendants(leader), leader], 9)


def models(workspace: Path) -> dict[str, bytes]:
    """The models that a run left, by their path below the workspace: numpy files, and the tensors of PyTorch's."""
    numpy = {file.relative_to(workspace).as_posix(): file.read_bytes() for file in workspace.rglob("*.npy")}
    return numpy | {
        f"{file.relative_to(workspace).as_posix()}/{name}": tensor
        for file in workspace.rglob("*.pt")
        for name, tensor in _tensors(file)
    }


def _tensors(file: Path) -> list[tuple[str, bytes]]:
    """The tensors that `torch.save` kept; what is beside them also tells in which order results arrived."""
    with zipfile.ZipFile(file) as archive:
        return [(name, archive.read(name)) for name in archive.namelist() if re.search(r"/data/\d+$", name)]


def has_torch(release: str) -> bool:
    """Whether a release's judge has PyTorch; it is not part of one that judges.py makes."""
    return any(judge_python(release).parents[1].glob("lib/python3*/site-packages/torch/__init__.py"))
