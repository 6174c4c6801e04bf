"""A job's report as JSON and back: what the cache keeps, and what worker processes send.

It holds the texts of the files that findings point into, so that every output can be written from it alone.
"""

from __future__ import annotations

import json
from typing import Any, TypeAlias

from msgspec import Struct, field

from fllint.documents.tree import Place, Source, Span
from fllint.findings import Edit, Finding, Fix, NotChecked, Problem, Related, Severity
from fllint.report import JobReport, Suppressed

Packed: TypeAlias = "list[Any]"


def report_text(report: JobReport) -> str:
    """The report as a JSON text."""
    packer = _Packer()
    body = {
        "path": report.path,
        "release": report.release,
        "findings": [packer.finding(finding) for finding in report.findings],
        "not_checked": [[item.what, item.why] for item in report.not_checked],
        "suppressed": [
            [packer.finding(suppressed.finding), packer.place(suppressed.by), suppressed.reason]
            for suppressed in report.suppressed
        ],
        "fail_on": report.fail_on.value,
    }
    return json.dumps({"sources": packer.sources, **body}, separators=(",", ":"))


def report_of(text: str) -> JobReport:
    """The report that `report_text` wrote. Raises ValueError, KeyError, TypeError or IndexError for any other text."""
    body = json.loads(text)
    unpacker = _Unpacker([Source(*source) for source in body["sources"]])
    return JobReport(
        body["path"],
        body["release"],
        tuple(unpacker.finding(finding) for finding in body["findings"]),
        tuple(NotChecked(what, why) for what, why in body["not_checked"]),
        tuple(
            Suppressed(unpacker.finding(finding), unpacker.place(by), reason)
            for finding, by, reason in body["suppressed"]
        ),
        Severity(body["fail_on"]),
    )


class _Packer(Struct):
    sources: list[Packed] = field(default_factory=list)
    _indices: dict[int, int] = field(default_factory=dict)
    _kept: list[Source] = field(default_factory=list)

    def source(self, source: Source) -> int:
        if id(source) not in self._indices:
            self._indices[id(source)] = len(self.sources)
            self._kept.append(source)
            self.sources.append([source.path, source.name, source.text])
        return self._indices[id(source)]

    def place(self, place: Place) -> Packed:
        return [self.source(place.source), place.span.start, place.span.end, place.pointer]

    def finding(self, finding: Finding) -> Packed:
        problem = finding.problem
        related = [[self.place(item.place), item.message] for item in problem.related]
        severity = problem.severity.value if problem.severity else None
        packed = [self.place(problem.place), problem.message, problem.help, related, severity, self.fix(problem.fix)]
        return [finding.code, finding.name, finding.severity.value, finding.job, packed]

    def fix(self, fix: Fix | None) -> Packed | None:
        if fix is None:
            return None
        return [fix.message, [[self.place(edit.place), edit.text] for edit in fix.edits], fix.safe]


class _Unpacker(Struct, frozen=True):
    sources: list[Source]

    def place(self, packed: Packed) -> Place:
        index, start, end, pointer = packed
        return Place(self.sources[index], Span(start, end), pointer)

    def finding(self, packed: Packed) -> Finding:
        code, name, severity, job, (place, message, help, related, own_severity, fix) = packed
        problem = Problem(
            self.place(place),
            message,
            help,
            tuple(Related(self.place(where), text) for where, text in related),
            Severity(own_severity) if own_severity else None,
            self.fix(fix),
        )
        return Finding(code, name, Severity(severity), job, problem)

    def fix(self, packed: Packed | None) -> Fix | None:
        if packed is None:
            return None
        message, edits, safe = packed
        return Fix(message, tuple(Edit(self.place(where), text) for where, text in edits), safe)
