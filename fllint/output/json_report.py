"""``--output-format json``: the contract other tools rely on (docs/json-output.md)."""

from __future__ import annotations

import json
from typing import Any

from fllint import __version__
from fllint.documents.tree import Place
from fllint.findings import Finding, Fix, Related, Severity
from fllint.registry import DOCS_URL
from fllint.report import Report


def render(report: Report) -> str:
    """The report as a JSON text, UTF-8 safe, in a deterministic order."""
    releases = list(dict.fromkeys(job.release for job in report.jobs)) or [report.choice.release]
    contents = {
        "schema_version": 1,
        "fllint": __version__,
        "nvflare": releases[0],
        "nvflare_from": report.choice.origin,
        "jobs": [
            {
                "path": job.path,
                "nvflare": job.release,
                "not_checked": [{"what": item.what, "why": item.why} for item in job.not_checked],
            }
            for job in report.jobs
        ],
        "findings": [_finding(finding) for finding in report.findings],
        "summary": {
            **{severity.value: report.count(severity) for severity in Severity},
            "suppressed": 0,
            "baselined": 0,
            "seconds": round(report.seconds, 3),
        },
    }
    return json.dumps(contents, indent=2) + "\n"


def _finding(finding: Finding) -> dict[str, Any]:
    problem = finding.problem
    return {
        "code": finding.code,
        "name": finding.name,
        "severity": finding.severity.value,
        "message": problem.message,
        "help": problem.help,
        "url": f"{DOCS_URL}{finding.code}/",
        "job": finding.job,
        **_place(problem.place),
        "related": [_related(related) for related in problem.related],
        "fix": _fix(problem.fix) if problem.fix else None,
    }


def _place(place: Place) -> dict[str, Any]:
    line, column = place.source.position(place.span.start)
    end_line, end_column = place.source.position(place.span.end)
    return {
        "path": place.source.path,
        "pointer": place.pointer,
        "line": line,
        "column": column,
        "end_line": end_line,
        "end_column": end_column,
    }


def _related(related: Related) -> dict[str, Any]:
    return {"message": related.message, **_place(related.place)}


def _fix(fix: Fix) -> dict[str, Any]:
    edits = [{**_place(edit.place), "text": edit.text} for edit in fix.edits]
    return {"message": fix.message, "safe": fix.safe, "edits": edits}
