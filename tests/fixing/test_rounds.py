"""Fixing one job, with a checker of its own that finds words: what is applied, and what is left out and why."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from fllint.checking import Assignment
from fllint.documents.tree import Place, Source, Span
from fllint.findings import Edit, Finding, Fix, Problem, Severity
from fllint.fixing import rounds
from fllint.fixing.rounds import FixedJob, fix_job
from fllint.job.discovery import JobLocation
from fllint.job.files import JobFiles
from fllint.report import JobReport
from fllint.settings.model import Settings
from fllint.surroundings import Surroundings

INSTEAD = {
    "slip": ("word", Severity.ERROR),
    "stubborn": ("stubborn", Severity.ERROR),
    "breaking": ('"', Severity.ERROR),
    "hiding": ("slip", Severity.ERROR),
    "harmful": ("slip", Severity.WARNING),
    "ping": ("pong", Severity.ERROR),
    "pong": ("ping", Severity.ERROR),
    "a_b": ("word", Severity.ERROR),
    "b_c": ("word", Severity.ERROR),
}
"""What the checker finds, what it would write instead, and how bad it is."""


def check(assignment: Assignment, files: JobFiles | None = None) -> JobReport:
    files = files or assignment.location.open()
    text = files.read("meta.json").decode()
    source = Source("job/meta.json", "meta.json", text)
    findings = []
    for word, (instead, severity) in INSTEAD.items():
        for found in re.finditer(rf"(?={word})", text):
            place = Place(source, Span(found.start(), found.start() + len(word)))
            fix = Fix(f"write {instead}", (Edit(place, instead),))
            findings.append(Finding("FL999", "word", severity, "job", Problem(place, word, fix=fix)))
    return JobReport("job", "2.9", tuple(findings), ())


@pytest.fixture(autouse=True)
def _checker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rounds, "check_assignment", check)


def fixed(tmp_path: Path, text: str) -> tuple[str, FixedJob]:
    """A meta.json after fixing, and what became of the job."""
    (tmp_path / "meta.json").write_text(text)
    assignment = Assignment(JobLocation(tmp_path, "job"), "2.9", Settings(), Surroundings())
    job = fix_job(assignment, check(assignment), lambda report: report.findings)
    assert (tmp_path / "meta.json").read_text() == text, "fixing happens in memory"
    return job.changes[0].after.decode() if job.changes else text, job


def test_fixes_that_do_not_overlap_are_applied_together(tmp_path: Path) -> None:
    text, job = fixed(tmp_path, '["slip", "word", "slip"]')
    assert text == '["word", "word", "word"]'
    assert len(job.fixed) == 2
    assert not job.not_fixed


def test_of_overlapping_fixes_the_later_one_waits(tmp_path: Path) -> None:
    text, job = fixed(tmp_path, '["a_b_c"]')
    assert text == '["word_c"]'
    assert [finding.problem.message for finding in job.fixed] == ["a_b"]
    assert not job.report.findings


def test_what_a_fix_uncovers_is_fixed_in_a_later_round(tmp_path: Path) -> None:
    text, job = fixed(tmp_path, '["hiding", "slip"]')
    assert text == '["word", "word"]'
    assert len(job.fixed) == 3


@pytest.mark.parametrize(
    ("word", "why"),
    [
        ("stubborn", "it undoes another fix"),
        ("breaking", "the file could not be read any more"),
        ("harmful", "it would bring FL999 word: slip"),
    ],
)
def test_a_fix_that_does_harm_is_left_out_and_holds_up_no_other(tmp_path: Path, word: str, why: str) -> None:
    text, job = fixed(tmp_path, f'["slip", "{word}", "slip"]')
    assert text == f'["word", "{word}", "word"]'
    assert [left.why for left in job.not_fixed] == [why]
    assert [finding.problem.message for finding in job.report.findings] == [word]


def test_fixes_that_undo_each_other_end(tmp_path: Path) -> None:
    text, job = fixed(tmp_path, '["ping"]')
    assert text == '["pong"]'
    assert [left.why for left in job.not_fixed] == ["it undoes another fix"]
