"""NVFlare accepts no fewer jobs after `fllint check --fix` than before, and most of those that were fixed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.differential.cases import in_one_format_each, single_faults, write_cases
from tests.differential.fixing import fix_copy, verdicts
from tests.differential.judges import existing_judges

RELEASE = "2.9"


def test_nvflare_accepts_no_job_less_after_its_fixes(tmp_path: Path) -> None:
    if RELEASE not in existing_judges():
        pytest.skip(f"NO JUDGE for NVFlare {RELEASE}: python tests/differential/judges.py {RELEASE}")
    jobs = write_cases(in_one_format_each(single_faults(), turn=2), tmp_path / "jobs").items()
    of_release = [(case.name, job) for case, job in jobs if RELEASE in case.releases]
    found = (fix_copy(job, RELEASE, tmp_path / "fixed" / name) for name, job in of_release)
    fixings = [fixing for fixing in found if fixing]
    pairs = [(old["verdict"], new["verdict"]) for old, new in verdicts(RELEASE, fixings)]
    worse = [
        fixing.before.parent.name
        for fixing, pair in zip(fixings, pairs, strict=True)
        if pair[0] == "accepts" and pair[1] != "accepts"
    ]
    assert not worse
    assert pairs.count(("refuses", "accepts")) > pairs.count(("refuses", "refuses"))
