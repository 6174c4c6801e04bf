"""Whether fixes did what they promise: the finding is gone, the file still reads, and nothing got worse."""

from __future__ import annotations

from collections import Counter

from fllint.documents.load import format_of, load_document
from fllint.findings import Edit, Finding, Severity
from fllint.fixing.edited_files import EditedFiles
from fllint.python.files import MAX_PYTHON_BYTES
from fllint.python.modules import parse
from fllint.report import INTERNAL_ERROR, JobReport


def reads(name: str, files: EditedFiles) -> bool:
    """Whether a file is what its name says: Python, or a document that NVFlare's loader takes."""
    content = files.read(name, MAX_PYTHON_BYTES)
    if name.endswith(".py"):
        try:
            parse(content)
        except SyntaxError:
            return False
        return True
    format = format_of(name)
    if format is None:
        return True
    document = load_document(content, path=name, name=name, format=format, release="")
    return document.root is not None


def stays(batch: list[Finding], edits: list[Edit], report: JobReport) -> str:
    """Whether a finding is still there after its fix."""
    there = {_mark(found, found.problem.place.span.start) for found in report.findings}
    for finding in batch:
        place = finding.problem.place
        own = [edit for edit in edits if edit.place.source.path == place.source.path]
        if _mark(finding, _moved(place.span.start, own)) in there:
            return "the finding would stay"
    return ""


def _mark(finding: Finding, start: int) -> tuple[str, str, str, int]:
    return finding.code, finding.problem.place.source.path, finding.problem.message, start


def _moved(offset: int, edits: list[Edit]) -> int:
    """Where an offset is after edits; one inside of a replaced span is at its start."""
    shift = 0
    for edit in edits:
        start, end = edit.place.span
        if end <= offset and start < offset:
            shift += len(edit.text) - (end - start)
        elif start < offset:
            shift += start - offset
    return offset + shift


def harm(batch: list[Finding], before: JobReport, after: JobReport) -> str:
    """What fixes make worse. Several together must add no finding at all. One alone may uncover others: any when it
    mends an error, since the job was broken before, and else only lesser ones."""
    added = _added(batch, before, after)
    if len(batch) > 1:
        return "together they add a finding" if added else ""
    fixed = batch[0].severity
    if fixed is Severity.ERROR:
        added = [finding for finding in added if finding.code == INTERNAL_ERROR]
    worse = next((finding for finding in added if finding.severity.rank <= fixed.rank), None)
    return f"it would bring {worse.code} {worse.name}: {worse.problem.message}" if worse else ""


def _added(batch: list[Finding], before: JobReport, after: JobReport) -> list[Finding]:
    """The findings that were not there before: more of a rule in a file than the fixed ones have left."""
    same = Counter(map(_exactly, before.findings))
    alike = Counter(map(_where, before.findings))
    for finding in batch:
        same[_exactly(finding)] -= 1
        alike[_where(finding)] -= 1
    changed = []
    for finding in after.findings:
        alike[_where(finding)] -= 1
        same[_exactly(finding)] -= 1
        if same[_exactly(finding)] < 0:
            changed.append(finding)
    return [finding for finding in changed if alike[_where(finding)] < 0]


def _where(finding: Finding) -> tuple[str, str]:
    return finding.code, finding.problem.place.source.path


def _exactly(finding: Finding) -> tuple[str, str, str]:
    return (*_where(finding), finding.problem.message)
