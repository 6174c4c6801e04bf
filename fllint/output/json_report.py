"""``--output-format json``: the contract other tools rely on (docs/outputs.md, docs/schemas/report-1.schema.json)."""

from __future__ import annotations

import json
from typing import Any

from fllint import __version__
from fllint.documents.tree import Place
from fllint.findings import Finding, Fix, Related, Severity
from fllint.output.characters import valid_unicode
from fllint.output.presentation import FINDINGS_ONLY, Presentation
from fllint.registry import docs_url
from fllint.report import Report


def render(report: Report, presentation: Presentation = FINDINGS_ONLY) -> str:
    """The report as a JSON text, UTF-8 safe, in a deterministic order."""
    contents: dict[str, Any] = {
        "schema_version": 1,
        "fllint": __version__,
        "nvflare": report.releases[0],
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
            "suppressed": len(report.suppressed),
            "baselined": len(report.baselined),
            "excluded": len(report.excluded),
            "fixed": len(report.fixes.findings),
            "seconds": round(report.seconds, 3),
        },
    }
    if presentation.statistics:
        contents["statistics"] = [
            {"code": finding.code, "name": finding.name, "severity": finding.severity.value, "count": count}
            for finding, count in report.statistics
        ]
    if presentation.show_suppressed:
        contents["suppressed"] = [
            {**_finding(suppressed.finding), "suppressed_by": {"reason": suppressed.reason, **_place(suppressed.by)}}
            for suppressed in report.suppressed
        ]
    return valid_unicode_json(contents)


def valid_unicode_json(contents: object) -> str:
    """Contents as an indented JSON text in ASCII. A lone surrogate of a job's text is replaced: strict readers refuse
    a whole file for one."""
    text = json.dumps(contents, indent=2)
    if "\\ud" in text:
        text = json.dumps(_valid(contents), indent=2)
    return text + "\n"


def _valid(contents: Any) -> Any:
    if isinstance(contents, str):
        return valid_unicode(contents)
    if isinstance(contents, dict):
        return {_valid(key): _valid(value) for key, value in contents.items()}
    if isinstance(contents, list | tuple):
        return [_valid(item) for item in contents]
    return contents


def _finding(finding: Finding) -> dict[str, Any]:
    problem = finding.problem
    return {
        "code": finding.code,
        "name": finding.name,
        "severity": finding.severity.value,
        "message": problem.message,
        "help": problem.help,
        "url": docs_url(finding.code),
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
