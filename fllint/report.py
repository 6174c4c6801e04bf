"""A whole run: every job's report, and what was asked for. This is what outputs write."""

from __future__ import annotations

from dataclasses import dataclass

from fllint.engine import JobReport
from fllint.findings import Finding, NotChecked, Severity


@dataclass(frozen=True, slots=True)
class ReleaseChoice:
    """An NVFlare release to check against, and why this one.

    ``origin`` is ``option``, ``pin``, ``environment`` or ``default``; ``reason`` says it to the user.
    """

    release: str
    origin: str
    reason: str


@dataclass(frozen=True, slots=True)
class Report:
    """What came of a run. ``choice`` is the release of the first job (they differ only when jobs have pins of their
    own)."""

    jobs: tuple[JobReport, ...]
    choice: ReleaseChoice
    seconds: float = 0.0

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All findings in a deterministic order: path, line, column, code."""
        found = [finding for job in self.jobs for finding in job.findings]
        return tuple(sorted(found, key=lambda finding: finding.sort_key))

    @property
    def not_checked(self) -> tuple[NotChecked, ...]:
        return tuple(item for job in self.jobs for item in job.not_checked)

    def count(self, severity: Severity) -> int:
        return sum(finding.severity is severity for finding in self.findings)

    def exit_status(self, fail_on: Severity) -> int:
        """0, 1 with a finding at or above ``fail_on``, 2 when fllint itself failed somewhere."""
        if any(job.internal_errors for job in self.jobs):
            return 2
        return int(any(finding.severity.rank <= fail_on.rank for finding in self.findings))
