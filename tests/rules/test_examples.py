"""Every rule's examples: the bad job is flagged by that rule and no other, the good ones are quiet."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from fllint.checking import Assignment, check_assignment
from fllint.findings import Severity
from fllint.job.discovery import JobLocation
from fllint.registry import all_rules, find_rule
from fllint.settings.model import Settings
from fllint.surroundings import Surroundings

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

EXAMPLES = Path(__file__).parent
LOUD = (Severity.ERROR, Severity.WARNING)
NOT_ABOUT_A_JOB = {"FL092", "FL690", "FL691", "FL692"}
"""Rules that find something in a file beside jobs, or in a run of a script: tests/cli and tests/job_api have their
tests."""
CODES = sorted(folder.name for folder in EXAMPLES.iterdir() if folder.name.startswith("FL"))
JOBS = sorted(
    path.relative_to(EXAMPLES).as_posix()
    for code in CODES
    for path in (EXAMPLES / code).iterdir()
    if path.name.startswith(("bad", "good"))
)


def options_of(code: str) -> dict[str, Any]:
    """What ``options.toml`` says: ``nvflare``, ``sites``, ``accompanied_by``."""
    file = EXAMPLES / code / "options.toml"
    return tomllib.loads(file.read_text("utf-8")) if file.exists() else {}


@pytest.mark.parametrize("job", JOBS)
def test_example(job: str) -> None:
    code, name = job.split("/")
    options = options_of(code)
    sites = tuple(options["sites"]) if "sites" in options else None
    script = next((EXAMPLES / job).rglob("job.py"), None)
    location = JobLocation(script or EXAMPLES / job, job)
    release = options.get("nvflare", "2.9")
    report = check_assignment(Assignment(location, release, Settings(preview=True), Surroundings(sites)))
    found = {finding.code for finding in report.findings}
    loud = {finding.code for finding in report.findings if finding.severity in LOUD}
    if name.startswith("bad"):
        assert code in found
        assert loud - {code} == set(options.get("accompanied_by", []))
    else:
        assert code not in found
        assert not loud


@pytest.mark.parametrize("code", [rule.code for rule in all_rules()])
def test_every_rule_has_a_bad_and_a_good_example(code: str) -> None:
    if code in NOT_ABOUT_A_JOB:
        return
    names = [path.name for path in (EXAMPLES / code).iterdir()] if (EXAMPLES / code).is_dir() else []
    assert any(name.startswith("bad") for name in names), f"{code} has no bad example"
    assert any(name.startswith("good") for name in names), f"{code} has no good example"


@pytest.mark.parametrize("code", CODES)
def test_every_example_is_of_a_rule(code: str) -> None:
    assert find_rule(code) is not None


@pytest.mark.parametrize("code", [rule.code for rule in all_rules()])
def test_every_page_says_what_is_wrong_what_nvflare_does_and_how_to_mend_it(code: str) -> None:
    rule = find_rule(code)
    assert rule is not None
    paragraphs = rule.page.split("\n\n")
    assert len(paragraphs) >= 3
    assert rule.summary.endswith(".")
    assert len(rule.summary) <= 160
