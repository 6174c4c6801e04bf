"""A whole run: every job's report, and what was asked for. This is what outputs write."""

from __future__ import annotations

from functools import cached_property
from typing import Final

from msgspec import Struct

from fllint.documents.tree import Place
from fllint.findings import Finding, NotChecked, Severity

INTERNAL_ERROR: Final = "FL000"


class ReleaseChoice(Struct, frozen=True):
    """An NVFlare release to check against, and why this one.

    ``origin`` is ``option``, ``pin``, ``environment`` or ``default``; ``reason`` says it to the user.
    """

    release: str
    origin: str
    reason: str


class Suppressed(Struct, frozen=True):
    """A finding that a comment or an entry of the settings silences: where that stands, and the reason it gives."""

    finding: Finding
    by: Place
    reason: str = ""


class JobReport(Struct, frozen=True):
    """What came of one job. ``fail_on`` is the least severity that makes its check fail."""

    path: str
    release: str
    findings: tuple[Finding, ...]
    not_checked: tuple[NotChecked, ...]
    suppressed: tuple[Suppressed, ...] = ()
    fail_on: Severity = Severity.ERROR

    @property
    def internal_errors(self) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if finding.code == INTERNAL_ERROR)

    def is_failure(self, finding: Finding) -> bool:
        """Whether one of its findings makes the check fail."""
        return finding.severity.rank <= self.fail_on.rank


class Fixes(Struct, frozen=True):
    """What a run has fixed: the findings that were there, and the paths of the files that it changed."""

    findings: tuple[Finding, ...] = ()
    files: tuple[str, ...] = ()


class Report(Struct, frozen=True, dict=True):
    """What came of a run.

    ``choice`` is the release of the first job (they differ only when jobs have pins or settings of their own).
    ``side_findings`` are about the settings and the baseline, not about a job. ``excluded`` are the jobs that the
    settings leave out. ``fixes`` were applied already: the findings are those that remain.
    """

    jobs: tuple[JobReport, ...]
    choice: ReleaseChoice
    seconds: float = 0.0
    side_findings: tuple[Finding, ...] = ()
    baselined: tuple[Finding, ...] = ()
    excluded: tuple[str, ...] = ()
    fixes: Fixes = Fixes()

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        """All findings in a deterministic order: path, line, column, code."""
        found = [finding for job in self.jobs for finding in job.findings]
        return tuple(sorted((*found, *self.side_findings), key=lambda finding: finding.sort_key))

    @property
    def suppressed(self) -> tuple[Suppressed, ...]:
        """All suppressed findings, in the order of `findings`."""
        found = [suppressed for job in self.jobs for suppressed in job.suppressed]
        return tuple(sorted(found, key=lambda suppressed: suppressed.finding.sort_key))

    @property
    def not_checked(self) -> tuple[NotChecked, ...]:
        return tuple(item for job in self.jobs for item in job.not_checked)

    @property
    def releases(self) -> tuple[str, ...]:
        """The releases that jobs were checked against, that of the first job first."""
        return tuple(dict.fromkeys((self.choice.release, *(job.release for job in self.jobs))))

    @property
    def checked_for(self) -> str:
        """The releases for the user, and why: ``2.9 (the newest known; choose with --nvflare)``."""
        if len(self.releases) == 1:
            return f"{self.choice.release} ({self.choice.reason})" if self.choice.reason else self.choice.release
        ordered = sorted(self.releases, key=lambda release: [int(part) for part in release.split(".")])
        counts = [f"{release} ({sum(job.release == release for job in self.jobs)})" for release in ordered]
        return f"{', '.join(counts)}: as set or pinned near each job, else the newest known"

    def count(self, severity: Severity) -> int:
        return sum(finding.severity is severity for finding in self.findings)

    def count_fixable(self, *, safe: bool) -> int:
        """How many findings have a fix that is safe, or one that is not."""
        return sum(finding.problem.fix is not None and finding.problem.fix.safe is safe for finding in self.findings)

    @property
    def statistics(self) -> tuple[tuple[Finding, int], ...]:
        """How often each rule found something, the most frequent first; each with one of its findings."""
        by_code: dict[str, list[Finding]] = {}
        for finding in self.findings:
            by_code.setdefault(finding.code, []).append(finding)
        ordered = sorted(by_code.values(), key=lambda found: (-len(found), found[0].code))
        return tuple((found[0], len(found)) for found in ordered)

    def exit_status(self, fail_on: Severity | None = None) -> int:
        """0, 1 with a finding at or above ``fail_on`` (each job's own when not given), 2 when fllint itself failed
        somewhere."""
        if any(job.internal_errors for job in self.jobs):
            return 2
        if fail_on is not None:
            return int(any(finding.severity.rank <= fail_on.rank for finding in self.findings))
        side_fail_on = self.jobs[0].fail_on if self.jobs else Severity.ERROR
        failed = any(finding.severity.rank <= side_fail_on.rank for finding in self.side_findings)
        return int(failed or any(job.is_failure(finding) for job in self.jobs for finding in job.findings))
