"""Every rule's examples: the bad job is flagged by that rule and no other, in these words; the good ones are quiet."""

from __future__ import annotations

import pytest

from fllint.findings import Severity
from fllint.registry import all_rules, find_rule

from .examples import CODES, EXAMPLES, JOBS, expected, options_of, report_of, said_of

LOUD = (Severity.ERROR, Severity.WARNING)
NOT_ABOUT_A_JOB = {"FL092", "FL690", "FL691", "FL692"}
"""Rules that find something in a file beside jobs, or in a run of a script: tests/cli and tests/job_api have their
tests."""


@pytest.mark.parametrize("job", JOBS)
def test_example(job: str) -> None:
    code, name = job.split("/")
    report = report_of(job)
    found = {finding.code for finding in report.findings}
    loud = {finding.code for finding in report.findings if finding.severity in LOUD}
    if name.startswith("bad"):
        assert code in found
        assert loud - {code} == set(options_of(code).get("accompanied_by", []))
        assert said_of(report, code) == expected(job), f"is it meant? then: python -m tests.rules.examples {code}"
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
