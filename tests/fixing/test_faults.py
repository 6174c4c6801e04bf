"""Fixes of jobs with known faults, in all formats: they are complete, final, and add nothing."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from fllint.findings import Severity
from fllint.registry import all_rules
from tests.differential.cases import Case, generated_cases, in_one_format_each, single_faults, write_case
from tests.differential.fixing import fix_copy

UNREADABLE = {"FL001", "FL002", "FL004"}
CASES = (*in_one_format_each(single_faults(), turn=0), *generated_cases(count=60, seed=5))
FEW = CASES if os.environ.get("FLLINT_ALL_FORMATS") == "1" else CASES[::4]


@pytest.mark.parametrize("unsafe", [False, True])
@pytest.mark.parametrize("case", FEW, ids=lambda case: case.name)
def test_fixes_of_a_faulty_job_are_complete_and_add_nothing(case: Case, unsafe: bool, tmp_path: Path) -> None:
    job = write_case(case, tmp_path)
    assert job is not None
    release = case.releases[-1]
    fixing = fix_copy(job, release, tmp_path, unsafe=unsafe)
    if fixing is None:
        return
    assert not fixing.left, "a second run would find something to fix"
    assert fix_copy(fixing.after, release, tmp_path / "again", unsafe=unsafe) is None or fixing.fixed.not_fixed
    before = {finding.code for finding in fixing.report.findings}
    added = {finding.code for finding in fixing.fixed.report.findings} - before
    assert not added & UNREADABLE
    assert not added or any(finding.severity is Severity.ERROR for finding in fixing.fixed.fixed)
    changed = {change.path.partition("/fixed/")[2].partition("/")[2] for change in fixing.fixed.changes}
    for path in fixing.after.rglob("*"):
        name = path.relative_to(fixing.after).as_posix()
        assert path.is_dir() or name in changed or path.read_bytes() == (job / name).read_bytes()

    declared = {rule.code: rule.fix for rule in all_rules()}
    for finding in fixing.report.findings:
        fix = finding.problem.fix
        assert fix is None or ("safe" if fix.safe else "unsafe") in declared[finding.code].split(" or ")
