"""``--output-format gitlab``: GitLab's Code Quality report (https://docs.gitlab.com/ci/testing/code_quality/)."""

from __future__ import annotations

from typing import Any, Final

from fllint.findings import Finding, Severity
from fllint.fingerprint import fingerprints
from fllint.output.json_report import valid_unicode_json
from fllint.output.presentation import FINDINGS_ONLY, Presentation
from fllint.output.repository import Repository, repository_here
from fllint.report import Report

SEVERITIES: Final = {Severity.ERROR: "critical", Severity.WARNING: "minor", Severity.INFO: "info"}


def render(report: Report, _presentation: Presentation = FINDINGS_ONLY, repository: Repository | None = None) -> str:
    """An array with an object for each finding. Fingerprints stay the same when lines move, so that GitLab tells new
    findings from old ones."""
    repository = repository or repository_here()
    prints = fingerprints(report.findings, repository.path)
    return valid_unicode_json(
        [_issue(finding, print, repository) for finding, print in zip(report.findings, prints, strict=True)]
    )


def _issue(finding: Finding, fingerprint: str, repository: Repository) -> dict[str, Any]:
    problem = finding.problem
    source = problem.place.source
    begin = source.position(problem.place.span.start)[0]
    end = source.position(max(problem.place.span.start, problem.place.span.end))[0]
    help = f" ({problem.help})" if problem.help else ""
    return {
        "description": f"{finding.code} {finding.name}: {problem.message}{help}",
        "check_name": finding.code,
        "fingerprint": fingerprint,
        "severity": SEVERITIES[finding.severity],
        "location": {"path": repository.path(problem.place), "lines": {"begin": begin, "end": end}},
    }
