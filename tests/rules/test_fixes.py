"""Every rule's fixes: the bad job becomes the fixed one beside it, which has nothing left to fix and no new finding."""

from __future__ import annotations

import shutil
from collections import Counter
from pathlib import Path

import pytest

from fllint.checking import Assignment, check_assignment
from fllint.findings import Finding
from fllint.fixing.edited_files import write
from fllint.fixing.rounds import FixedJob, fix_job
from fllint.registry import find_rule
from fllint.report import JobReport

from .examples import EXAMPLES, JOBS, assignment_of

BAD_JOBS = [job for job in JOBS if job.partition("/")[2].startswith("bad")]
"""``FL102/fixed`` is what `--fix --unsafe-fixes` makes of ``FL102/bad``; a rule without fixes has none."""


def fixable(report: JobReport) -> list[Finding]:
    return [finding for finding in report.findings if finding.problem.fix]


def fixed_folder(job: str) -> Path:
    code, name = job.split("/")
    return EXAMPLES / code / name.replace("bad", "fixed")


def fixed_copy(job: str, folder: Path) -> tuple[Assignment, JobReport, FixedJob]:
    """A copy of a bad example, fixed on disk."""
    if (EXAMPLES / job).is_file():
        copy = Path(shutil.copy(EXAMPLES / job, folder))
    else:
        copy = shutil.copytree(EXAMPLES / job, folder / "job", symlinks=True)
    assignment = assignment_of(job, copy)
    report = check_assignment(assignment)
    fixed = fix_job(assignment, report, fixable)
    for change in fixed.changes:
        write(change)
    return assignment, report, fixed


def contents(job: Path) -> dict[str, bytes]:
    return {path.relative_to(job).as_posix(): path.read_bytes() for path in job.rglob("*") if path.is_file()}


@pytest.mark.parametrize("job", BAD_JOBS)
def test_the_bad_example_becomes_the_fixed_one(job: str, tmp_path: Path) -> None:
    assignment, report, fixed = fixed_copy(job, tmp_path)
    code = job.partition("/")[0]
    of_this_rule = [finding for finding in fixable(report) if finding.code == code]
    rule = find_rule(code)
    assert rule is not None
    kinds = {"safe" if finding.problem.fix and finding.problem.fix.safe else "unsafe" for finding in of_this_rule}
    assert kinds <= set(rule.fix.split(" or "))
    assert fixed_folder(job).is_dir() == bool(of_this_rule)
    if not of_this_rule:
        return
    assert contents(assignment.location.path) == contents(fixed_folder(job))
    after = check_assignment(assignment)
    assert not fixable(after)
    before = Counter(finding.code for finding in report.findings)
    gone = Counter(finding.code for finding in of_this_rule)
    assert Counter(finding.code for finding in after.findings) <= before - gone
    assert not fixed.not_fixed


@pytest.mark.parametrize("code", sorted({job.partition("/")[0] for job in BAD_JOBS}))
def test_every_fixed_example_belongs_to_a_bad_one(code: str) -> None:
    names = {path.name for path in (EXAMPLES / code).iterdir()}
    assert {name.replace("fixed", "bad") for name in names if name.startswith("fixed")} <= names
