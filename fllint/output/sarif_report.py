"""``--output-format sarif``: SARIF 2.1.0 (OASIS), for code scanning of GitHub and others.

Written as plain dictionaries: the object models on PyPI are unmaintained or cost an import of pydantic, and the tests
validate against the published schema, which checks more than they do.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Final

from fllint import __version__
from fllint.documents.tree import Place
from fllint.findings import Edit, Finding, Fix, NotChecked, Severity
from fllint.fingerprint import fingerprints
from fllint.output.json_report import valid_unicode_json
from fllint.output.presentation import FINDINGS_ONLY, Presentation
from fllint.output.repository import Repository, repository_here
from fllint.registry import DOCS_URL, Rule, docs_url, find_rule
from fllint.report import Report, Suppressed

SCHEMA: Final = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
LEVELS: Final = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
PROBLEM_SEVERITIES: Final = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "recommendation"}
ROOT: Final = "%SRCROOT%"


def render(report: Report, presentation: Presentation = FINDINGS_ONLY, repository: Repository | None = None) -> str:
    """The report as a SARIF log with one run. With ``show_suppressed``, suppressed findings are results with
    ``suppressions``."""
    writer = _Writer(report, presentation.show_suppressed, repository or repository_here())
    return valid_unicode_json({"$schema": SCHEMA, "version": "2.1.0", "runs": [writer.run()]})


class _Writer:
    def __init__(self, report: Report, show_suppressed: bool, repository: Repository) -> None:
        self.report = report
        self.suppressed = report.suppressed if show_suppressed else ()
        self.repository = repository
        shown = [*report.findings, *(suppressed.finding for suppressed in self.suppressed)]
        self.rules = {finding.code: finding for finding in sorted(shown, key=lambda finding: finding.code)}
        self.rule_index = {code: index for index, code in enumerate(self.rules)}

    def run(self) -> dict[str, Any]:
        return {
            "tool": {
                "driver": {
                    "name": "fllint",
                    "version": __version__,
                    "semanticVersion": __version__,
                    "informationUri": DOCS_URL.removesuffix("rules/"),
                    "rules": [_rule(finding, find_rule(code)) for code, finding in self.rules.items()],
                }
            },
            "columnKind": "unicodeCodePoints",
            "invocations": [self.invocation()],
            "results": [*self.results(self.report.findings), *self.suppressed_results()],
            "properties": {"nvflare": list(self.report.releases)},
        }

    def invocation(self) -> dict[str, Any]:
        """How the run went: what was not checked are its notes."""
        failed = any(job.internal_errors for job in self.report.jobs)
        notes = [_note(item, job.path) for job in self.report.jobs for item in job.not_checked]
        return {
            "executionSuccessful": not failed,
            **({"toolExecutionNotifications": notes} if notes else {}),
        }

    def results(self, findings: Iterable[Finding]) -> list[dict[str, Any]]:
        found = tuple(findings)
        return [
            self.result(finding, print)
            for finding, print in zip(found, fingerprints(found, self.repository.path), strict=True)
        ]

    def suppressed_results(self) -> list[dict[str, Any]]:
        results = self.results(suppressed.finding for suppressed in self.suppressed)
        return [
            {**result, "suppressions": [self.suppression(suppressed)]}
            for result, suppressed in zip(results, self.suppressed, strict=True)
        ]

    def result(self, finding: Finding, fingerprint: str) -> dict[str, Any]:
        problem = finding.problem
        text = f"{problem.message}. {problem.help}" if problem.help else problem.message
        result: dict[str, Any] = {
            "ruleId": finding.code,
            "ruleIndex": self.rule_index[finding.code],
            "level": LEVELS[finding.severity],
            "message": {"text": text or finding.name},
            "locations": [self.location(problem.place)],
            "partialFingerprints": {"fllint/v1": fingerprint},
            "properties": {"job": finding.job, "pointer": problem.place.pointer},
        }
        if problem.related:
            result["relatedLocations"] = [
                {"id": index, **self.location(related.place), "message": {"text": related.message or "see here"}}
                for index, related in enumerate(problem.related)
            ]
        if problem.fix:
            result["fixes"] = [self.fix(problem.fix)]
        return result

    def suppression(self, suppressed: Suppressed) -> dict[str, Any]:
        kind = "external" if suppressed.by.source.path.endswith(".toml") else "inSource"
        return {
            "kind": kind,
            "location": self.location(suppressed.by),
            **({"justification": suppressed.reason} if suppressed.reason else {}),
        }

    def location(self, place: Place) -> dict[str, Any]:
        physical: dict[str, Any] = {"artifactLocation": self.artifact(place)}
        if place.source.text:
            physical["region"] = _region(place)
        location: dict[str, Any] = {"physicalLocation": physical}
        if place.pointer:
            location["logicalLocations"] = [{"fullyQualifiedName": place.pointer, "kind": "property"}]
        return location

    def artifact(self, place: Place) -> dict[str, Any]:
        uri = self.repository.uri(place)
        return {"uri": uri} if uri.startswith("file:") else {"uri": uri, "uriBaseId": ROOT}

    def fix(self, fix: Fix) -> dict[str, Any]:
        """A fix: the edits of each file are one change."""
        by_file: dict[str, list[Edit]] = {}
        for edit in fix.edits:
            by_file.setdefault(edit.place.source.path, []).append(edit)
        return {
            "description": {"text": fix.message or "fix"},
            "artifactChanges": [
                {
                    "artifactLocation": self.artifact(edits[0].place),
                    "replacements": [
                        {"deletedRegion": _region(edit.place), "insertedContent": {"text": edit.text}} for edit in edits
                    ],
                }
                for edits in by_file.values()
            ],
        }


def _region(place: Place) -> dict[str, int]:
    line, column = place.source.position(place.span.start)
    end_line, end_column = place.source.position(max(place.span.start, place.span.end))
    return {"startLine": line, "startColumn": column, "endLine": end_line, "endColumn": end_column}


def _note(item: NotChecked, job: str) -> dict[str, Any]:
    return {"level": "note", "message": {"text": f"not checked in {job}: {item.what}: {item.why}"}}


def _rule(finding: Finding, rule: Rule | None) -> dict[str, Any]:
    """What is known about a rule; an internal error has none."""
    severity = rule.severity if rule else finding.severity
    return {
        "id": finding.code,
        "name": finding.name,
        "shortDescription": {"text": _plain(rule.summary) if rule else finding.name},
        "fullDescription": {"text": _plain(rule.page) if rule else finding.name},
        "help": {"text": _plain(rule.page), "markdown": rule.page} if rule else {"text": finding.name},
        **({"helpUri": url} if (url := docs_url(finding.code)) else {}),
        "defaultConfiguration": {"level": LEVELS[severity]},
        "properties": {
            "precision": "medium" if rule and rule.preview else "high",
            "problem.severity": PROBLEM_SEVERITIES[severity],
            "tags": ["nvflare", finding.code[:3]],
        },
    }


def _plain(page: str) -> str:
    return re.sub(r"``", "`", page)
