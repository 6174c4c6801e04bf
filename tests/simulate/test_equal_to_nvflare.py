"""The run level beside NVFlare's own simulator: the same models, bit for bit.

Each comparison takes NVFlare's simulator 15 to 20 seconds. By default one job is compared with the newest release there
is; with FLLINT_SLOW=1 all jobs with all releases, and more sites.
"""

from __future__ import annotations

import json
from array import array
from pathlib import Path
from typing import Any

import pytest

from tests.simulate.jobs import further_jobs, sound_jobs, torch_job, write_job
from tests.simulate.running import SLOW, SUPPORTED, for_each_release, has_torch, models, real, releases, smoke

JOBS = {release: {**sound_jobs(release), **further_jobs(release)} for release in SUPPORTED}
SUPPORTED_JOBS = tuple((release, name) for release in releases() for name in JOBS[release])
COMPARED = SUPPORTED_JOBS if SLOW else tuple(pair for pair in SUPPORTED_JOBS if pair[1] == "fedavg-script")
WITH_RESULTS_OF_THEIR_OWN = ("statistics",)
"""Jobs that leave no model; what they leave is a JSON file."""


def validations(workspace: Path) -> dict[str, Any]:
    """Which model each site validated; NVFlare's validator draws the values by chance."""
    found = list(workspace.rglob("cross_val_results.json"))
    told = json.loads(found[0].read_text()) if found else {}
    return {site: sorted(results) for site, results in told.items()}


def numbers(file: Path) -> list[float]:
    """The nine single-precision numbers at the end of a numpy file."""
    values = array("f")
    values.frombytes(file.read_bytes()[-36:])
    return list(values)


def statistics_of(workspace: Path) -> list[Any]:
    """What the statistics' writer left; the order of its keys is that of the results' arrival."""
    return [json.loads(file.read_text()) for file in sorted(workspace.rglob("ages.json"))]


@pytest.mark.skipif(not SUPPORTED_JOBS, reason="no NVFlare: make one with python tests/differential/judges.py 2.9")
@pytest.mark.parametrize(("release", "name"), COMPARED)
def test_two_sites_leave_the_same_models(release: str, name: str, tmp_path: Path) -> None:
    job = write_job(tmp_path / name, **JOBS[release][name])
    theirs = real(job, release, tmp_path / "real")
    ours = smoke(job, release, keep=tmp_path / "ours")
    workspace = next((tmp_path / "ours").glob("*/run"))
    assert (theirs.status, ours.exit_status()) == (0, 0)
    assert models(theirs.workspace) or name in WITH_RESULTS_OF_THEIR_OWN
    assert models(workspace) == models(theirs.workspace)
    assert validations(workspace) == validations(theirs.workspace)
    assert statistics_of(workspace) == statistics_of(theirs.workspace)


@for_each_release()
def test_two_sites_leave_the_same_pytorch_model(release: str, tmp_path: Path) -> None:
    if not has_torch(release):
        pytest.skip(f"the environment of NVFlare {release} has no PyTorch: pip install torch into it")
    job = write_job(tmp_path / "job", **torch_job(release))
    theirs = real(job, release, tmp_path / "real")
    ours = smoke(job, release, keep=tmp_path / "ours")
    assert (theirs.status, ours.exit_status()) == (0, 0)
    assert models(theirs.workspace)
    assert models(next((tmp_path / "ours").glob("*/run"))) == models(theirs.workspace)


@pytest.mark.skipif(not SLOW, reason="compares five sites with NVFlare's simulator: FLLINT_SLOW=1")
@for_each_release()
def test_five_sites_leave_the_same_model_within_rounding(release: str, tmp_path: Path) -> None:
    """NVFlare adds the results in the order of their arrival, which differs from run to run."""
    job = write_job(tmp_path / "job", **sound_jobs(release, sites=5)["fedavg-script"])
    theirs = real(job, release, tmp_path / "real", sites=5)
    smoke(job, release, keep=tmp_path / "ours")
    (mine,) = (tmp_path / "ours").rglob("server.npy")
    (other,) = theirs.workspace.rglob("server.npy")
    assert numbers(mine) == pytest.approx(numbers(other), rel=1e-6)
