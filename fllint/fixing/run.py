"""A run that fixes: the jobs are checked, fixed in memory, and then written or only compared."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct
from msgspec.structs import replace

from fllint.baseline import Baseline, new_findings, read_baseline
from fllint.checking import Run, conclude, plan, reports_of
from fllint.findings import Finding
from fllint.fixing.edited_files import FileChange, write
from fllint.fixing.rounds import FixedJob, NotFixed, fix_job
from fllint.report import Fixes, JobReport, Report


class FixingError(Exception):
    """A file that should have been written could not be; the message is for the user."""


class FixedRun(Struct, frozen=True):
    """What came of a run that fixes: its report as it is with the fixes, the files that change, and which fixes were
    left out."""

    report: Report
    changes: tuple[FileChange, ...]
    not_fixed: tuple[NotFixed, ...]


def fix_run(run: Run, *, unsafe: bool, writes: bool) -> FixedRun:
    """Carries out a run and fixes what it finds. Suppressed findings, and those that the baseline has, are left alone.

    Args:
        run: what to check.
        unsafe: apply fixes that may change what a job does, too.
        writes: write the files. Otherwise everything happens in memory.

    Raises:
        FixingError: a file could not be written.
        Whatever `fllint.checking.check_run` raises.
    """
    planned = plan(run)
    baseline = read_baseline(run.baseline) if run.baseline and not run.write_baseline else None
    choice = _Choice(unsafe, baseline)
    jobs = [
        fix_job(assignment, report, choice) if choice(report) else FixedJob(report)
        for assignment, report in zip(planned.assignments, reports_of(run, planned), strict=True)
    ]
    changes = tuple(change for job in jobs for change in job.changes)
    for change in changes if writes else ():
        _write(change)
    fixed = tuple(finding for job in jobs for finding in job.fixed)
    report = conclude(run, planned, [job.report for job in jobs])
    report = replace(report, fixes=Fixes(fixed, tuple(change.path for change in changes)))
    return FixedRun(report, changes, tuple(left for job in jobs for left in job.not_fixed))


class _Choice(Struct, frozen=True):
    """Which findings of a report may be fixed."""

    unsafe: bool
    baseline: Baseline | None

    def __call__(self, report: JobReport) -> Iterable[Finding]:
        findings = new_findings(report.findings, self.baseline) if self.baseline else report.findings
        return [finding for finding in findings if (fix := finding.problem.fix) and (fix.safe or self.unsafe)]


def _write(change: FileChange) -> None:
    try:
        write(change)
    except OSError as error:
        raise FixingError(f"{change.path} cannot be written: {error.strerror or error}") from error
