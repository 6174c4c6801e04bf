"""Checking a script by what it exports: the exported jobs under all rules, the script itself under those of scripts."""

from __future__ import annotations

import sys
from functools import cache
from pathlib import Path
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from fllint.catalogue.releases import RELEASES, minor_release
from fllint.checking import Assignment, Plan, Run, judged, reports_of, rules_of
from fllint.engine import review_files, run_rules
from fllint.environment import active_interpreter, installed_nvflare, site_packages_of
from fllint.job_api.export import Export, ExportError, ExportSettings, exported
from fllint.job_api.export_findings import ExportFindings
from fllint.job_api.export_places import ScriptSources
from fllint.report import JobReport, ReleaseChoice
from fllint.simulate.run import nvflare_of
from fllint.suppression import suppress

SCRIPT_FAMILY: Final = "FL6"


class Interpreter(Struct, frozen=True):
    """The interpreter that runs a script, and the NVFlare that it has."""

    path: str
    nvflare: str

    @property
    def site_packages(self) -> Path | None:
        return site_packages_of(self.path)

    @property
    def choice(self) -> ReleaseChoice:
        """The release to check what it exports against."""
        return ReleaseChoice(minor_release(self.nvflare), "environment", f"{self.nvflare} of {self.path}")


@cache
def interpreter_for(python: str | None) -> Interpreter:
    """The interpreter asked for, else that of the active environment.

    Raises:
        ExportError: it has no NVFlare that exports jobs from scripts (2.5 and newer do).
    """
    path = python or active_interpreter()
    packages = site_packages_of(path)
    version = (installed_nvflare(packages) if packages else None) or nvflare_of(path)
    if version is None:
        raise ExportError(f"{path} has no NVFlare, which --export needs: name an interpreter with --python")
    if minor_release(version) not in RELEASES:
        raise ExportError(f"{path} has NVFlare {version}, which this fllint does not know")
    return Interpreter(path, version)


def check_scripts(run: Run, planned: Plan, how: ExportSettings) -> tuple[Plan, list[JobReport]]:
    """The reports of a run's jobs, those of scripts by what they export; and the plan with their releases.

    Raises:
        ExportError: there is no script, or one cannot be run at all.
    """
    scripts = [assignment for assignment in planned.assignments if assignment.location.is_script]
    if not scripts:
        raise ExportError("--export is for scripts that build jobs, and there is none among the paths")
    choice, assignments, found = planned.choice, list(planned.assignments), {}
    for index, assignment in enumerate(planned.assignments):
        if assignment in scripts:
            interpreter = interpreter_for(assignment.settings.python)
            assignments[index] = for_export(assignment, interpreter)
            if index == 0 and not assignment.settings.nvflare:
                choice = interpreter.choice
            announce(assignment.location.shown, interpreter)
            found[index] = check_exported(assignments[index], replace(how, python=interpreter.path))
    others = replace(planned, assignments=tuple(each for each in planned.assignments if each not in scripts))
    reports = iter(reports_of(run, others))
    ordered = [found[index] if index in found else next(reports) for index in range(len(assignments))]
    return Plan(tuple(assignments), choice, planned.excluded), ordered


def for_export(assignment: Assignment, interpreter: Interpreter) -> Assignment:
    """The assignment with what the interpreter decides: the release, unless one was asked for, and the packages."""
    release = assignment.release if assignment.settings.nvflare else interpreter.choice.release
    surroundings = replace(assignment.surroundings, site_packages=interpreter.site_packages)
    return replace(assignment, release=release, surroundings=surroundings)


def check_exported(assignment: Assignment, how: ExportSettings) -> JobReport:
    """The report of a script: what the rules find in the jobs that it exports, what became of its run, and what the
    rules of scripts find in its text.

    Raises:
        ExportError: the script cannot be run at all.
    """
    if how.folder is None:
        script = review_files(assignment.location.open(), assignment.release, assignment.surroundings).job.script
        how = replace(how, folder=script.folder.start if script else None)  # where the files that it names are
    with exported(assignment.location.path, how) as export:
        return report_of(assignment, export)


def report_of(assignment: Assignment, export: Export) -> JobReport:
    """The report of a script that has been run, while its jobs are there. One that exported none is read statically:
    the run ends at its first fault."""
    rules = rules_of(assignment.settings)
    location, settings = assignment.location, assignment.settings
    review = review_files(location.open(), assignment.release, assignment.surroundings)
    static = run_rules(review, [rule for rule in rules if not export.jobs or rule.code.startswith(SCRIPT_FAMILY)])
    told = ExportFindings(export, location.shown, ScriptSources(export.script))
    of_run, unknown_of_run = told.of_run(rules)
    of_jobs, unknown_of_jobs = told.of_jobs(assignment.release, rules, assignment.surroundings)
    spoken_of = {(each.problem.place.source.path, each.problem.place.span) for each in static.findings}
    of_run = [each for each in of_run if (each.problem.place.source.path, each.problem.place.span) not in spoken_of]
    not_checked = (*unknown_of_run, *unknown_of_jobs, *(() if export.jobs else static.not_checked))
    findings = sorted((*static.findings, *of_run, *of_jobs), key=lambda finding: finding.sort_key)
    report = replace(static, findings=tuple(findings), not_checked=tuple(dict.fromkeys(not_checked)))
    return judged(suppress(report, review.job, settings, rules), settings)


def announce(location: str, interpreter: Interpreter) -> None:
    """Says on standard error that the user's script is run, with what."""
    print(
        f"fllint: --export runs {location} with {interpreter.path} (NVFlare {interpreter.nvflare}); "
        "its jobs are exported to a temporary folder and not run",
        file=sys.stderr,
    )
