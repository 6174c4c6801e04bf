"""Makes a smoke run of a job and judges it."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from fllint.findings import Finding, Severity
from fllint.simulate.supervise import SUPERVISOR, Event, Supervision
from fllint.simulate.supervisor.request import Request

if TYPE_CHECKING:
    from fllint.job.model import Job
    from fllint.simulate.report import RunReport


class Settings(Struct, frozen=True):
    """How a run is made. ``sites`` None: the deploy map's. ``rounds`` None: as configured. ``memory`` in MB for one
    site's processes. ``keep``: a folder for the workspace, models and logs; None: they are removed."""

    python: str = sys.executable
    level: str = "run"
    sites: tuple[str, ...] | None = None
    rounds: int | None = None
    timeout: float = 300.0
    task_timeout: float = 60.0
    memory: float | None = None
    keep: Path | None = None
    supervisor: Path = SUPERVISOR


class SmokeRun(Struct, frozen=True):
    """A run and what is to be said about it. ``events`` is all that the supervisor told."""

    report: RunReport
    findings: tuple[Finding, ...]
    events: tuple[Event, ...]

    def exit_status(self, fail_on: Severity = Severity.ERROR) -> int:
        """2: the run could not be made; 1: findings at or above ``fail_on``; else 0."""
        if self.report.outcome in ("refused", "stopped") or self.internal_error:
            return 2
        return int(any(finding.severity.rank <= fail_on.rank for finding in self.findings))

    @property
    def internal_error(self) -> str:
        """The traceback of the supervisor's own failure; empty when it did not fail."""
        return next((event["traceback"] for event in self.events if event["event"] == "broken"), "")


def simulate(
    read: Callable[[], Job], folder: Path, settings: Settings, listen: Callable[[Event], None] = lambda event: None
) -> SmokeRun:
    """Runs a job.

    Args:
        read: reads the job as fllint does, for the places of findings; not called when there are none.
        folder: the job's folder on disk.
        settings: how to run it.
        listen: is given each event as it comes.

    Raises:
        SupervisorError: the run could not be started, or its supervisor died.
        OSError: ``keep`` cannot be made.
    """
    if settings.keep is not None:
        settings.keep.mkdir(parents=True, exist_ok=True)
    folder_of_run = Path(tempfile.mkdtemp(prefix="fllint-run-", dir=settings.keep)).resolve()
    workspace = folder_of_run / "run"
    workspace.mkdir()
    try:
        request = Request(
            job=str(folder.resolve()),
            workspace=str(workspace),
            sites=list(settings.sites) if settings.sites else None,
            rounds=settings.rounds,
            timeout=settings.timeout,
            task_timeout=settings.task_timeout,
            memory=settings.memory,
            level=settings.level,
        )
        events = Supervision(settings.python, request, settings.supervisor).run(listen)
        # imported now, so that this process is small while the job runs
        from fllint.simulate.findings import findings_of
        from fllint.simulate.report import report_of

        found = findings_of(events, read, lambda site: last_line(workspace / site / "output.txt"))
        kept = str(workspace) if settings.keep is not None else ""
        return SmokeRun(report_of(events, settings.level, kept), found, tuple(events))
    finally:
        if settings.keep is None:
            shutil.rmtree(folder_of_run, ignore_errors=True)


def last_line(file: Path) -> str:
    """The last line of a file that is not blank; empty when there is none."""
    try:
        lines = file.read_text(errors="replace").splitlines()
    except OSError:
        return ""
    return next((line.strip() for line in reversed(lines) if line.strip()), "")


def nvflare_of(python: str) -> str | None:
    """The version of NVFlare that an interpreter has; None when it has none, or cannot be started."""
    ask = "import importlib.metadata as m\ntry: print(m.version('nvflare'))\nexcept m.PackageNotFoundError: pass"
    try:
        answer = subprocess.run([python, "-c", ask], capture_output=True, text=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return answer.stdout.strip() or None
