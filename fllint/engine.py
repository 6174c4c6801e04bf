"""Checking: from the paths a user gives to a report."""

from __future__ import annotations

import traceback
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from fllint.catalogue.catalogue import Catalogue
from fllint.findings import Finding, NotChecked, Problem, Severity
from fllint.job.discovery import JobLocation
from fllint.job.files import FolderFiles, ZipFiles
from fllint.job.model import Job
from fllint.job.read import read_job
from fllint.registry import Rule
from fllint.review import Review, Surroundings, at

INTERNAL_ERROR: Final = "FL000"
NOTHING_KNOWN: Final = Surroundings()


@dataclass(frozen=True, slots=True)
class JobReport:
    """What came of one job."""

    path: str
    release: str
    findings: tuple[Finding, ...]
    not_checked: tuple[NotChecked, ...]

    @property
    def internal_errors(self) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if finding.code == INTERNAL_ERROR)


def check_job(
    location: JobLocation, release: str, rules: Iterable[Rule], surroundings: Surroundings = NOTHING_KNOWN
) -> JobReport:
    """Runs rules on a job as a release reads it. Raises `fllint.job.discovery.PathError` for a zip that is none."""
    return check_files(location.open(), release, rules, surroundings)


def check_files(
    files: FolderFiles | ZipFiles, release: str, rules: Iterable[Rule], surroundings: Surroundings = NOTHING_KNOWN
) -> JobReport:
    """`check_job` for files that are open already."""
    catalogue = Catalogue.load(release)
    job = read_job(files, release, lambda name: len(catalogue.short_name(name)) == 1)
    review = Review(job, catalogue, surroundings)
    found = {finding: None for rule in rules for finding in _run(rule, review)}
    return JobReport(
        job.path, release, tuple(sorted(found, key=lambda finding: finding.sort_key)), review.not_checked_list
    )


def _run(rule: Rule, review: Review) -> list[Finding]:
    """A rule's findings. An exception in a rule is a finding of its own; the other rules go on."""
    findings: list[Finding] = []
    try:
        findings.extend(_finding(rule, problem, review.job) for problem in rule.inspect(review))
    except Exception as error:
        findings.append(_internal_error(rule, error, review.job))
    return findings


def _finding(rule: Rule, problem: Problem, job: Job) -> Finding:
    return Finding(rule.code, rule.name, problem.severity or rule.severity, job.path, problem)


def _internal_error(rule: Rule, error: Exception, job: Job) -> Finding:
    frame = traceback.extract_tb(error.__traceback__)[-1]
    where = f"{frame.filename.rsplit('/', 1)[-1]}:{frame.lineno}"
    message = f"fllint itself failed in rule {rule.code} {rule.name}: {type(error).__name__}: {error} ({where})"
    problem = at(job.file_place(""), message, help="please report this; the other rules have run")
    return Finding(INTERNAL_ERROR, "internal-error", Severity.ERROR, job.path, problem)
