"""The baseline: findings that were there when fllint came, so that only new ones count.

An entry knows a finding by its code, file, JSON pointer and a hash of the value there, never by its line. Files that
cannot be read have no place in it.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Final

from msgspec import Struct
from msgspec.structs import replace

from fllint.documents.tree import Place, Source, Span
from fllint.findings import Finding
from fllint.fingerprint import value_hash
from fllint.job.discovery import shown_path
from fllint.registry import Rule, find_rule
from fllint.report import JobReport, Report
from fllint.settings.model import SettingsError
from fllint.suppression import NEVER_SUPPRESSED, finding_of

STALE: Final = "FL092"
NEVER_BASELINED: Final = (*NEVER_SUPPRESSED, STALE)
VERSION: Final = 1
MAX_BYTES: Final = 50_000_000


class BaselineError(SettingsError):
    """A baseline that cannot be read or written; the message is for the user."""


class Key(Struct, frozen=True, order=True):
    """What makes two findings the same: code, file (relative to the baseline's folder), pointer, hash of the value."""

    path: str
    code: str
    pointer: str
    value: str


class Baseline(Struct, frozen=True):
    """A baseline file: how many findings it has of each key, and where the entry stands."""

    file: Path
    source: Source
    counts: dict[Key, int]
    places: dict[Key, Place]

    def key(self, finding: Finding) -> Key:
        return _key(finding, self.file)


def read_baseline(file: Path) -> Baseline:
    """Reads a baseline. Raises `BaselineError`."""
    try:
        with file.open("rb") as opened:
            text = opened.read(MAX_BYTES).decode("utf-8")
        contents = json.loads(text)
    except OSError as error:
        raise BaselineError(f"the baseline {file} cannot be read: {error.strerror or error}") from error
    except (ValueError, RecursionError) as error:
        raise BaselineError(f"the baseline {file} is not valid: {error}") from error
    source = Source(shown_path(file), file.as_posix(), text)
    counts: dict[Key, int] = {}
    places: dict[Key, Place] = {}
    lines = _entry_lines(text)
    for index, entry in enumerate(_entries(contents, file)):
        key, count = _entry(entry, index, file)
        counts[key] = counts.get(key, 0) + count
        start = lines[index] if index < len(lines) else 0
        places[key] = Place(source, Span(start, start + len(source.line(source.position(start)[0]).strip())))
    return Baseline(file, source, counts, places)


def _entries(contents: Any, file: Path) -> list[Any]:
    if not isinstance(contents, dict) or contents.get("version") != VERSION:
        raise BaselineError(f"the baseline {file} is not valid: it needs version {VERSION}")
    entries = contents.get("findings")
    if not isinstance(entries, list):
        raise BaselineError(f"the baseline {file} is not valid: it has no list of findings")
    return entries


def _entry(entry: Any, index: int, file: Path) -> tuple[Key, int]:
    texts = [entry.get(name) for name in ("path", "code", "pointer", "value")] if isinstance(entry, dict) else [None]
    count = entry.get("count", 1) if isinstance(entry, dict) else 0
    if not all(isinstance(text, str) for text in texts) or not isinstance(count, int) or count < 1:
        raise BaselineError(f"the baseline {file} is not valid: finding {index + 1} is malformed")
    return Key(*texts), count


def _entry_lines(text: str) -> list[int]:
    """Where the entries begin in a baseline as fllint writes it: one to a line."""
    offsets, offset = [], 0
    for line in text.splitlines(keepends=True):
        if line.lstrip().startswith('{"code"'):
            offsets.append(offset + len(line) - len(line.lstrip()))
        offset += len(line)
    return offsets


def write_baseline(file: Path, report: Report) -> int:
    """Writes the findings of a report that can be baselined, and says how many. Raises `BaselineError`."""
    found = [finding for job in report.jobs for finding in job.findings if finding.code not in NEVER_BASELINED]
    counts = Counter(_key(finding, file) for finding in found)
    entries = [
        json.dumps(
            {"code": key.code, "path": key.path, "pointer": key.pointer, "value": key.value}
            | ({"count": counts[key]} if counts[key] > 1 else {})
        )
        for key in sorted(counts)
    ]
    listed = ",\n".join(f"    {entry}" for entry in entries)
    text = f'{{\n  "version": {VERSION},\n  "findings": [{chr(10) if listed else ""}{listed}\n  ]\n}}\n'
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise BaselineError(f"the baseline {file} cannot be written: {error.strerror or error}") from error
    return len(found)


def apply_baseline(report: Report, baseline: Baseline, ran: Callable[[JobReport, str], bool]) -> Report:
    """A report without the findings that a baseline has, and with findings about its stale entries.

    Args:
        report: the report of a run.
        baseline: what is known already.
        ran: whether the rule with a code ran on a job; entries of others are not stale.
    """
    left = dict(baseline.counts)
    baselined: list[Finding] = []

    def is_new(finding: Finding) -> bool:
        is_known = _taken(finding, baseline, left)
        if is_known:
            baselined.append(finding)
        return not is_known

    jobs = tuple(replace(job, findings=tuple(filter(is_new, job.findings))) for job in report.jobs)
    stale = [key for key, count in left.items() if count and _is_stale(key, baseline, report, ran)]
    rule = find_rule(STALE)
    about = [_stale_finding(rule, key, baseline) for key in stale] if rule else []
    return replace(report, jobs=jobs, baselined=tuple(baselined), side_findings=(*report.side_findings, *about))


def new_findings(findings: Iterable[Finding], baseline: Baseline) -> tuple[Finding, ...]:
    """Those of a job's findings that a baseline does not have."""
    left = dict(baseline.counts)
    return tuple(finding for finding in findings if not _taken(finding, baseline, left))


def _taken(finding: Finding, baseline: Baseline, left: dict[Key, int]) -> bool:
    """Whether what is left of a baseline has a finding; it then has one less."""
    key = baseline.key(finding)
    if finding.code in NEVER_BASELINED or not left.get(key):
        return False
    left[key] -= 1
    return True


def _is_stale(key: Key, baseline: Baseline, report: Report, ran: Callable[[JobReport, str], bool]) -> bool:
    """Whether an unmatched entry would have been found by this run: its file lies in a job that was checked by its
    rule, or is gone."""
    path = os.path.normpath(baseline.file.absolute().parent / key.path)
    for job in report.jobs:
        root = os.path.abspath(job.path)
        if path == root or path.startswith(f"{root}{os.sep}"):
            return ran(job, STALE) and ran(job, key.code)
    return not os.path.exists(path) and any(ran(job, STALE) for job in report.jobs)


def _stale_finding(rule: Rule, key: Key, baseline: Baseline) -> Finding:
    message = f"nothing is found any more that matches the entry for {key.code} at {key.pointer or 'the file'}"
    return finding_of(rule, baseline.places[key], f"{message} in {key.path}", "write the baseline again", "")


def _key(finding: Finding, file: Path) -> Key:
    place = finding.problem.place
    folder = file.absolute().parent
    path = Path(os.path.relpath(os.path.abspath(place.source.path), folder)).as_posix()
    return Key(path, finding.code, place.pointer, value_hash(place))
