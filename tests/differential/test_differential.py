"""fllint agrees with NVFlare: on sound jobs, on single faults, and on generated jobs of several faults.

Runs for the releases whose judge exists (python tests/differential/judges.py makes them). ``FLLINT_MAKE_JUDGES=1``
makes those of 2.5, 2.7 and 2.9 first; ``FLLINT_ALL_FORMATS=1`` tries each fault in all formats instead of one in turn.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from functools import cache

import pytest

from tests.differential.cases import Case, generated_cases, in_one_format_each, single_faults, sound_cases
from tests.differential.compare import Comparison, compare, explanation, explanations
from tests.differential.faults import FAULTS
from tests.differential.judges import existing_judges, make_judge

RELEASES_IN_CI = ("2.5", "2.7", "2.9")


@cache
def releases_with_judges() -> tuple[str, ...]:
    """The releases to compare with, after making the judges that were asked for."""
    if os.environ.get("FLLINT_MAKE_JUDGES") == "1":
        for release in RELEASES_IN_CI:
            if release not in existing_judges():
                make_judge(release)
    return existing_judges()


@pytest.fixture(params=RELEASES_IN_CI)
def release(request: pytest.FixtureRequest) -> str:
    """A release whose judge exists."""
    if request.param not in releases_with_judges():
        pytest.skip(f"NO JUDGE for NVFlare {request.param}: python tests/differential/judges.py {request.param}")
    return str(request.param)


def unexplained(cases: Iterable[Case], release: str) -> list[Comparison]:
    """The disagreements that explained.toml does not explain."""
    entries = explanations()
    return [one for one in compare(cases, [release]) if not one.agrees and explanation(one, entries) is None]


def report(disagreements: list[Comparison]) -> str:
    """All disagreements, as an assertion message."""
    return "\n".join([f"{len(disagreements)} disagreements", *(one.described() for one in disagreements)])


def test_both_accept_every_sound_job(release: str) -> None:
    cases = sound_cases()
    disagreements = [one for one in compare(cases, [release]) if one.verdict != "accepts" or not one.agrees]
    assert not disagreements, report(disagreements)


def test_both_agree_on_every_single_fault(release: str) -> None:
    cases: Iterable[Case] = single_faults()
    if os.environ.get("FLLINT_ALL_FORMATS") != "1":
        cases = in_one_format_each(cases, turn=RELEASES_IN_CI.index(release))
    disagreements = unexplained(cases, release)
    assert not disagreements, report(disagreements)


def test_both_agree_on_jobs_of_several_faults(release: str) -> None:
    disagreements = unexplained(generated_cases(count=150, seed=RELEASES_IN_CI.index(release)), release)
    assert not disagreements, report(disagreements)


def test_every_explanation_names_faults_that_exist_and_gives_a_reason() -> None:
    import fnmatch

    for entry in explanations():
        assert entry["verdict"] in ("accepts", "refuses")
        assert entry["reason"].strip()
        for pattern in entry["faults"]:
            assert fnmatch.filter(FAULTS, pattern), f"no fault is called {pattern}"
