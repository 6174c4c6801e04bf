"""Scripts under `--export` in tests: with NVFlare where a judge's environment has it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from fllint.checking import Assignment
from fllint.documents.tree import Place
from fllint.findings import Finding
from fllint.job.discovery import JobLocation, shown_path
from fllint.job_api.export import ExportSettings
from fllint.job_api.export_check import check_exported
from fllint.report import JobReport
from fllint.settings.model import Settings
from fllint.surroundings import Surroundings
from tests.differential.judges import judge_python


def report(script: Path, release: str, **settings: Any) -> JobReport:
    """What `fllint check --export` finds with a release of NVFlare."""
    assignment = Assignment(JobLocation(script, shown_path(script)), release, Settings(), Surroundings())
    return check_exported(assignment, ExportSettings(python=str(judge_python(release)), **settings))


def places(found: tuple[Finding, ...]) -> list[str]:
    """Each finding's code, line and text."""
    return [f"{finding.code}:{line_of(finding.problem.place)} {text_of(finding.problem.place)}" for finding in found]


def line_of(place: Place) -> int:
    return place.source.position(place.span.start)[0]


def text_of(place: Place) -> str:
    return place.source.text[place.span.start : place.span.end]
