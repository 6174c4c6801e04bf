"""The formats for machines are valid for every report, whatever a job's text holds."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as Xml

import jsonschema
import lxml.etree
import pytest
from hypothesis import given

from fllint.findings import Edit, Fix, Related, Severity
from fllint.fingerprint import fingerprints
from fllint.output import github_report, gitlab_report, json_report, junit_report, sarif_report
from fllint.output.presentation import Presentation
from fllint.output.repository import Repository
from fllint.report import Report
from tests.output.reports import META, finding_at, many, report_with, reports

SCHEMAS = Path(__file__).parent / "schemas"
DOCS = Path(__file__).parents[2] / "docs" / "schemas"
ALL = Presentation(verbose=True, statistics=True, show_suppressed=True)


@cache
def validator(file: Path) -> Any:
    schema = json.loads(file.read_text("utf-8"))
    kind = jsonschema.validators.validator_for(schema)
    kind.check_schema(schema)
    return kind(schema, format_checker=kind.FORMAT_CHECKER)


def strictly(text: str) -> Any:
    """What a strict JSON reader (one that refuses lone surrogates) makes of a text."""
    value = json.loads(text)
    json.dumps(value, ensure_ascii=False).encode("utf-8")
    return value


@many
@given(reports)
def test_every_format_is_valid_for_every_report(report: Report) -> None:
    json_has_the_published_shape(report)
    sarif_is_valid(report)
    gitlab_is_valid(report)
    junit_is_valid(report)
    every_github_line_is_one_annotation(report)


def json_has_the_published_shape(report: Report) -> None:
    written = strictly(json_report.render(report, ALL))
    validator(DOCS / "report-1.schema.json").validate(written)
    assert len(written["findings"]) == len(report.findings)
    assert written["summary"]["error"] == report.count(Severity.ERROR)


def sarif_is_valid(report: Report) -> None:
    written = strictly(sarif_report.render(report, ALL))
    validator(SCHEMAS / "sarif-2.1.0.json").validate(written)
    run = written["runs"][0]
    assert len(run["results"]) == len(report.findings) + len(report.suppressed)
    for result in run["results"]:
        assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
    prints = [result["partialFingerprints"]["fllint/v1"] for result in run["results"] if "suppressions" not in result]
    assert len(set(prints)) == len(prints)


def gitlab_is_valid(report: Report) -> None:
    written = strictly(gitlab_report.render(report))
    validator(SCHEMAS / "gitlab-code-quality.schema.json").validate(written)
    assert len({issue["fingerprint"] for issue in written}) == len(report.findings)


def junit_is_valid(report: Report) -> None:
    document = lxml.etree.fromstring(junit_report.render(report).encode("utf-8"))
    junit_schema().assertValid(document)
    for suite in document:
        cases = suite.findall("testcase")
        assert int(suite.get("tests", "0")) == len(cases)
        assert int(suite.get("failures", "0")) == len(suite.findall("testcase/failure"))


@cache
def junit_schema() -> Any:
    return lxml.etree.XMLSchema(lxml.etree.parse(str(SCHEMAS / "junit.xsd")))


COMMAND = re.compile(r"::(error|warning|notice) ([^:]*)::(.*)")


def every_github_line_is_one_annotation(report: Report) -> None:
    lines = github_report.render(report).split("\n")
    assert lines.pop() == ""
    assert len(lines) == len(report.findings)
    for line, finding in zip(lines, report.findings, strict=True):
        command = COMMAND.fullmatch(line)
        assert command, line
        properties = dict(part.split("=", 1) for part in command[2].split(","))
        assert set(properties) <= {"file", "line", "endLine", "col", "endColumn", "title"}
        assert unescaped(properties["title"]) == f"{finding.code} {finding.name}"
        assert not any(character < " " for character in line)


def unescaped(text: str) -> str:
    for escape, character in (("%2C", ","), ("%3A", ":"), ("%0A", "\n"), ("%0D", "\r"), ("%25", "%")):
        text = text.replace(escape, character)
    return text


def test_sarif_names_files_from_the_root_of_the_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    report = report_with(finding_at(META, '"app2"', path="jobs/a b/meta.json"))
    location = strictly(sarif_report.render(report))["runs"][0]["results"][0]["locations"][0]["physicalLocation"]
    assert location["artifactLocation"] == {"uri": "work/jobs/a%20b/meta.json", "uriBaseId": "%SRCROOT%"}
    assert location["region"] == {"startLine": 4, "startColumn": 5, "endLine": 4, "endColumn": 11}


def test_sarif_has_related_places_and_fixes() -> None:
    target = finding_at(META, '"server"').problem.place
    edits = (Edit(finding_at(META, '"app2"').problem.place, '"app"'),)
    found = finding_at(META, '"app2"', related=(Related(target, "the server"),), fix=Fix("rename it", edits))
    result = strictly(sarif_report.render(report_with(found), repository=Repository("/")))["runs"][0]["results"][0]
    assert result["relatedLocations"][0]["message"]["text"] == "the server"
    replacement = result["fixes"][0]["artifactChanges"][0]["replacements"][0]
    assert replacement["insertedContent"]["text"] == '"app"'
    assert replacement["deletedRegion"]["startColumn"] == 5


def test_fingerprints_stay_when_lines_move() -> None:
    before = report_with(finding_at(META, '"app2"'))
    after = report_with(finding_at(f"\n\n{META}", '"app2"'))
    other = report_with(finding_at(META, '"server"'))
    one, two, three = (
        fingerprints(report.findings, lambda place: place.source.path) for report in (before, after, other)
    )
    assert one == two
    assert one != three


@pytest.mark.parametrize(
    ("severity", "fail_on", "failures"),
    [(Severity.ERROR, Severity.ERROR, 1), (Severity.WARNING, Severity.ERROR, 0), (Severity.INFO, Severity.INFO, 1)],
)
def test_junit_fails_what_makes_the_check_fail(severity: Severity, fail_on: Severity, failures: int) -> None:
    report = report_with(finding_at(META, '"app2"', severity=severity), fail_on=fail_on)
    root = Xml.fromstring(junit_report.render(report))
    assert len(root.findall("testsuite/testcase/failure")) == failures
    assert len(root.findall("testsuite/testcase/skipped")) == 1


def test_github_marks_columns_in_one_line_only() -> None:
    report = report_with(finding_at(META, META[META.index('"deploy_map"') : META.index("\n}")]))
    assert ",col=" not in github_report.render(report)
    assert ",col=5,endColumn=11," in github_report.render(report_with(finding_at(META, '"app2"')))
