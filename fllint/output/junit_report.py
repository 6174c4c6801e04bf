"""``--output-format junit``: JUnit XML as Jenkins and GitLab read it, a test suite for each job.

A finding that makes the check fail is a failed test case; others are passed ones with their text as output; what was
not checked is a skipped one. A job without findings has one passed test case, so that it is seen.
"""

from __future__ import annotations

from xml.etree import ElementTree as Xml

from fllint.documents.tree import Place
from fllint.findings import Finding
from fllint.output.characters import printable, xml_text
from fllint.output.presentation import FINDINGS_ONLY, Presentation
from fllint.report import INTERNAL_ERROR, JobReport, Report


def render(report: Report, _presentation: Presentation = FINDINGS_ONLY) -> str:
    """The report as an XML document."""
    suites = [_suite(job) for job in report.jobs]
    if report.side_findings:
        suites.append(_suite(JobReport("settings", "", report.side_findings, ())))
    root = Xml.Element("testsuites", {"name": "fllint", "time": f"{report.seconds:.3f}", **_totals(suites)})
    root.extend(suites)
    Xml.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{Xml.tostring(root, encoding="unicode")}\n'


def _suite(job: JobReport) -> Xml.Element:
    cases = [_finding_case(job, finding) for finding in job.findings]
    if not cases:
        cases.append(_case(job, "no findings"))
    for item in job.not_checked:
        case = _case(job, f"not checked: {item.what}")
        case.append(Xml.Element("skipped", {"message": _text(item.why)}))
        cases.append(case)
    counted = {
        "failures": sum(case.find("failure") is not None for case in cases),
        "errors": sum(case.find("error") is not None for case in cases),
        "skipped": sum(case.find("skipped") is not None for case in cases),
    }
    counts = {name: str(count) for name, count in counted.items()}
    suite = Xml.Element("testsuite", {"name": _text(job.path), "tests": str(len(cases)), **counts})
    suite.extend(cases)
    return suite


def _case(job: JobReport, name: str) -> Xml.Element:
    return Xml.Element("testcase", {"classname": _text(job.path), "name": _text(name)})


def _finding_case(job: JobReport, finding: Finding) -> Xml.Element:
    case = _case(job, f"{finding.code} {finding.name} {_where(finding.problem.place)}")
    message = _text(finding.problem.message)
    if finding.code == INTERNAL_ERROR:
        outcome = Xml.Element("error", {"type": finding.code, "message": message})
    elif job.is_failure(finding):
        outcome = Xml.Element("failure", {"type": finding.severity.value, "message": message})
    else:
        outcome = Xml.Element("system-out")
    outcome.text = _account(finding)
    case.append(outcome)
    return case


def _account(finding: Finding) -> str:
    problem = finding.problem
    lines = [f"{_where(problem.place)}: {finding.severity.value} {finding.code} {problem.message}"]
    lines += [f"see {_where(related.place)}: {related.message}" for related in problem.related]
    lines += [f"help: {problem.help}"] if problem.help else []
    return "\n".join(_text(line) for line in lines)


def _where(place: Place) -> str:
    line, column = place.source.position(place.span.start)
    return f"{place.source.path}:{line}:{column}" if place.source.text else place.source.path


def _totals(suites: list[Xml.Element]) -> dict[str, str]:
    return {name: str(sum(int(suite.get(name, "0")) for suite in suites)) for name in ("tests", "failures", "errors")}


def _text(text: str) -> str:
    return xml_text(printable(text))
