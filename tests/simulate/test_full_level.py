"""NVFlare's own simulator under fllint's watch (--level full) says the same as the run level."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.simulate.faulty import faulty_jobs
from tests.simulate.jobs import sound_jobs, write_job
from tests.simulate.running import SLOW, for_each_release, smoke

pytestmark = pytest.mark.skipif(not SLOW, reason="runs NVFlare's own simulator: FLLINT_SLOW=1")
AGREED = (
    "script-raises",
    "script-os-exit",
    "not-serialisable",
    "client-argument-unknown",
    "wrong-key",
    "wrong-shape",
    "not-a-number",
    "difference-for-weights",
    "executor-raises",
    "no-submit-model",
    "aggregator-raises",
)

CAUSE_KNOWN_SINCE = {"script-os-exit": "2.7"}
"""Before, the simulator's logs do not say which client was lost: the run fails, and that is all."""


@for_each_release()
def test_a_sound_job_is_sound(release: str, tmp_path: Path) -> None:
    job = write_job(tmp_path / "job", **sound_jobs(release)["fedavg-script"])
    run = smoke(job, release, level="full", timeout=120.0)
    assert (run.report.outcome, run.findings) == ("completed", ())


@for_each_release()
@pytest.mark.parametrize("name", AGREED)
def test_exit_status_and_cause_are_those_of_the_run_level(name: str, release: str, tmp_path: Path) -> None:
    faulty = next(faulty for faulty in faulty_jobs(release) if faulty.name == name)
    job = write_job(tmp_path / "job", **faulty.job)
    quick = smoke(job, release, **faulty.request)
    full = smoke(job, release, level="full", timeout=120.0)
    assert full.exit_status() == quick.exit_status()
    if release < CAUSE_KNOWN_SINCE.get(name, ""):
        return
    said = [(finding.code, finding.problem.message) for finding in full.findings]
    assert faulty.code in {code for code, _ in said}, said
