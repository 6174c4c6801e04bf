"""``--output-format github``: workflow commands, which GitHub Actions shows as annotations in a pull request."""

from __future__ import annotations

from typing import Final

from fllint.findings import Finding, Severity
from fllint.output.characters import printable, valid_unicode
from fllint.output.presentation import FINDINGS_ONLY, Presentation
from fllint.output.repository import Repository, repository_here
from fllint.report import Report

COMMANDS: Final = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}


def render(report: Report, _presentation: Presentation = FINDINGS_ONLY, repository: Repository | None = None) -> str:
    """One command a line. What GitHub would take for syntax is escaped, so that no text of a job can be a command."""
    repository = repository or repository_here()
    return "".join(f"{_annotation(finding, repository)}\n" for finding in report.findings)


def _annotation(finding: Finding, repository: Repository) -> str:
    problem = finding.problem
    source = problem.place.source
    properties = {"file": printable(repository.path(problem.place))}
    if source.text:
        line, column = source.position(problem.place.span.start)
        end_line, end_column = source.position(max(problem.place.span.start, problem.place.span.end))
        properties |= {"line": str(line), "endLine": str(end_line)}
        if line == end_line:  # GitHub takes columns for places in one line only
            properties |= {"col": str(column), "endColumn": str(max(end_column, column + 1))}
    properties["title"] = f"{finding.code} {finding.name}"
    lines = [problem.message, *([f"help: {problem.help}"] if problem.help else [])]
    lines += [f"see {related.place.source.path}: {related.message}" for related in problem.related]
    message = "\n".join(printable(valid_unicode(line)) for line in lines)
    written = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    return f"::{COMMANDS[finding.severity]} {written}::{_message(message)}"


def _message(text: str) -> str:
    """As @actions/core escapes the data of a command."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    """As @actions/core escapes a property of a command."""
    return _message(text).replace(":", "%3A").replace(",", "%2C")
