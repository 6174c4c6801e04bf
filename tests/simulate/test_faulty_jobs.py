"""Jobs with one fault each: reported with its cause, in time, and leaving no process behind."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from fllint.simulate.supervisor import processes
from tests.simulate.faulty import Faulty, faulty_jobs
from tests.simulate.jobs import write_job
from tests.simulate.running import for_each_release, smoke

NAMES = tuple(faulty.name for faulty in faulty_jobs("2.9"))


def faulty_job(name: str, release: str) -> Faulty:
    return next(faulty for faulty in faulty_jobs(release) if faulty.name == name)


def test_there_are_at_least_thirty_different_faults() -> None:
    assert len(set(NAMES)) == len(NAMES) >= 30


@for_each_release()
@pytest.mark.parametrize("name", NAMES)
def test_a_fault_is_reported_where_it_is(name: str, release: str, tmp_path: Path) -> None:
    faulty = faulty_job(name, release)
    before = set(processes.descendants(os.getpid()))
    run = smoke(write_job(tmp_path / "job", **faulty.job), release, **faulty.request)
    assert run.report.outcome != "timeout"
    assert not run.internal_error
    said = [(finding.code, finding.problem.place.source.path, finding.problem.message) for finding in run.findings]
    matching = [finding for finding in run.findings if finding.code == faulty.code]
    assert matching, said
    if faulty.file:
        assert any(finding.problem.place.source.path.endswith(faulty.file) for finding in matching), said
    if faulty.line:
        places = [finding.problem.place for finding in matching]
        lines = [place.source.line(place.source.position(place.span.start)[0]) for place in places]
        assert any(faulty.line in line for line in lines), (said, lines)
    assert set(processes.descendants(os.getpid())) <= before
