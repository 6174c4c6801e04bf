"""A whole run: the jobs among the paths, each under the settings that hold for it, from the cache where nothing has
changed, on all cores where many have."""

from __future__ import annotations

import os.path
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct, field
from msgspec.structs import replace

from fllint.environment import choose_release, read_anew, required_modules, site_packages_of
from fllint.findings import Finding
from fllint.job.discovery import JobLocation, find_jobs
from fllint.job.files import JobFiles
from fllint.registry import Rule
from fllint.report import JobReport, ReleaseChoice, Report
from fllint.settings.model import COMMAND_LINE, Settings, SettingsError
from fllint.settings.nearest import SettingsFinder
from fllint.surroundings import Surroundings

if TYPE_CHECKING:
    from fllint.job_api.export import ExportSettings

WORTH_PROCESSES: Final = 48
"""From how many jobs on starting processes costs less than it saves (measured with two cores: about here)."""


class Run(Struct, frozen=True):
    """What a run is asked to do.

    ``given`` are the settings of the command line, by their attribute of `Settings` (None: not given). ``isolated``
    runs look for no settings files. ``cached`` runs take results from the cache and put them there. Findings that
    ``baseline`` has are set aside; with ``write_baseline`` it is written first. With ``export``, scripts are run, and
    what they export is checked.
    """

    paths: tuple[str, ...]
    given: dict[str, Any] = field(default_factory=dict)
    isolated: bool = False
    cached: bool = False
    baseline: Path | None = None
    write_baseline: bool = False
    export: ExportSettings | None = None


class Assignment(Struct, frozen=True):
    """One job to check: everything that its report depends on, beside the job's files."""

    location: JobLocation
    release: str
    settings: Settings
    surroundings: Surroundings


class NothingToCheckError(Exception):
    """No job among the paths, or none that is not excluded; the message is for the user."""


class _Settings:
    """Which settings hold for a path in a run."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._finder = SettingsFinder()
        self._with_command_line: dict[int, tuple[Settings, Settings]] = {}

    def of(self, path: Path) -> Settings:
        found = Settings() if self._run.isolated else self._finder.settings_for(path)
        if id(found) not in self._with_command_line:
            self._with_command_line[id(found)] = (found, found.with_command_line(self._run.given))
        return self._with_command_line[id(found)][1]


class Plan(Struct, frozen=True):
    """What a run comes to: the jobs to check, the release of the first one, and the jobs that settings exclude."""

    assignments: tuple[Assignment, ...]
    choice: ReleaseChoice
    excluded: tuple[str, ...]


def check_run(run: Run) -> Report:
    """Carries out a run.

    Raises: what `plan` and `conclude` raise, and with ``export`` `fllint.job_api.export.ExportError`.
    """
    planned = plan(run)
    if run.export is not None:
        from fllint.job_api.export_check import check_scripts

        return conclude(run, *check_scripts(run, planned, run.export))
    return conclude(run, planned, reports_of(run, planned))


def plan(run: Run) -> Plan:
    """Finds the jobs of a run, and the settings and the release for each.

    Raises:
        NothingToCheckError: there is no job to check.
        fllint.job.discovery.PathError: a path does not exist or cannot be read.
        SettingsError: a settings file cannot be used, or a rule is not known.
        fllint.environment.UnknownReleaseError: a release of NVFlare that the catalogue does not have.
    """
    read_anew()
    settings_of = _Settings(run)
    paths, excluded = _without_excluded(run.paths, settings_of)
    locations: list[JobLocation] = []
    for location in find_jobs(paths):
        if settings_of.of(location.path).excludes(os.path.abspath(location.path)):
            excluded.append(location.shown)
        else:
            locations.append(location)
    if not locations:
        raise NothingToCheckError(_nothing(run.paths, excluded))
    choices, assignments = [], []
    for location in locations:
        choice, assignment = _assignment(location, settings_of.of(location.path))
        choices.append(choice)
        assignments.append(assignment)
    return Plan(tuple(assignments), choices[0], tuple(excluded))


def reports_of(run: Run, plan: Plan) -> list[JobReport]:
    """The reports of a plan's jobs, in its order."""
    assignments = list(plan.assignments)
    return _cached(assignments) if run.cached else _checked(assignments)


def conclude(run: Run, plan: Plan, reports: list[JobReport]) -> Report:
    """The report of a run: those of its jobs, seen against the baseline and the settings.

    Raises:
        fllint.baseline.BaselineError: the baseline cannot be read or written.
    """
    assignments = list(plan.assignments)
    unused = tuple(_unused_entries(run, assignments, reports))
    report = Report(tuple(reports), plan.choice, side_findings=unused, excluded=plan.excluded)
    return _against_baseline(run, report, assignments)


def _without_excluded(paths: tuple[str, ...], settings_of: _Settings) -> tuple[tuple[str, ...], list[str]]:
    """The paths to look for jobs in, and the single files among the given ones that settings exclude."""
    kept, excluded = [], []
    for path in paths:
        if os.path.isfile(path) and settings_of.of(Path(path)).excludes(os.path.abspath(path)):
            excluded.append(path)
        else:
            kept.append(path)
    return tuple(kept), excluded


def _nothing(paths: tuple[str, ...], excluded: list[str]) -> str:
    if excluded:
        return f"nothing was checked: `exclude` in the settings leaves out {', '.join(excluded[:5])}"
    return (
        f"no job found in {', '.join(paths[:5])}: a job is a folder with a meta.json (or .conf, .yml) "
        "and its apps, an app folder with config/config_fed_server.json and config_fed_client.json, or a Python script "
        "that makes a job with NVFlare's Job API or a recipe; what runs leave in a workspace and the templates of "
        "`nvflare job create` are left out"
    )


def _assignment(location: JobLocation, settings: Settings) -> tuple[ReleaseChoice, Assignment]:
    if settings.python and not os.path.exists(settings.python):
        raise SettingsError(f"{settings.python} does not exist (python, {settings.origin('python')})")
    site_packages = site_packages_of(settings.python)
    set_in = settings.origin("nvflare")
    choice = choose_release(
        settings.nvflare, location.path, site_packages, "--nvflare" if set_in == COMMAND_LINE else set_in
    )
    surroundings = Surroundings(
        settings.sites, site_packages, frozenset(settings.known_third_party), required_modules(location.path)
    )
    return choice, Assignment(location, choice.release, settings, surroundings)


def check_assignment(assignment: Assignment, files: JobFiles | None = None) -> JobReport:
    """One job's report, as outputs show it: severities, suppressions and ignored paths have had their say.

    ``files`` stand for those on disk. Raises `fllint.job.discovery.PathError` for a zip that is none. When fllint
    itself fails on a job, that is a finding, and other jobs are checked all the same.
    """
    from fllint.engine import internal_error

    settings = assignment.settings
    rules = rules_of(settings)
    files = files or assignment.location.open()
    try:
        report = _report(files, assignment, rules)
    except Exception as error:
        path = assignment.location.shown
        failure = internal_error("on this job", error, path)
        return JobReport(path, assignment.release, (failure,), (), fail_on=settings.fail_on)
    return judged(report, settings)


def judged(report: JobReport, settings: Settings) -> JobReport:
    """A report with what the settings say about its findings: severities, ignored paths, and what makes it fail."""
    findings = tuple(kept for finding in report.findings if (kept := _judged(finding, settings)))
    return replace(report, findings=findings, fail_on=settings.fail_on)


def _report(files: JobFiles, assignment: Assignment, rules: tuple[Rule, ...]) -> JobReport:
    from fllint.engine import review_files, run_rules
    from fllint.suppression import suppress

    review = review_files(files, assignment.release, assignment.surroundings)
    return suppress(run_rules(review, rules), review.job, assignment.settings, rules)


@cache
def rules_of(settings: Settings) -> tuple[Rule, ...]:
    """The rules that settings select. Raises `SettingsError` for a word that means no rule, and for no rule at all."""
    _declare_foreign_rules(settings)
    for word, where in settings.mentions:
        _verify(word, f"{where}: ")
    try:
        rules = tuple(settings.selection.rules())
    except ValueError as error:
        raise SettingsError(str(error)) from error
    if not rules:
        raise SettingsError("the selection leaves no rule to run")
    return rules


def _declare_foreign_rules(settings: Settings) -> None:
    from fllint.foreign_rules import ForeignRulesError, declare_folder, declare_installed

    if settings.rule_folders and not settings.allow_local_rules:
        raise SettingsError(
            f"{settings.origin('rule-folders')} names folders of rules, and loading them runs their code: "
            "say --allow-local-rules where you trust them, or --isolated to go without these settings"
        )
    try:
        declare_installed()
        for folder in settings.rule_folders:
            declare_folder(folder)
    except ForeignRulesError as error:
        raise SettingsError(str(error)) from error


def _verify(word: str, where: str) -> None:
    from fllint.suppression import unknown_word

    unknown = unknown_word(word)
    if unknown:
        raise SettingsError(f"{where}{unknown}")


def _judged(finding: Finding, settings: Settings) -> Finding | None:
    """A finding with the severity that the settings give it; None where its file is excluded or ignores its rule."""
    from fllint.settings.model import means
    from fllint.suppression import NEVER_SUPPRESSED

    if finding.code not in NEVER_SUPPRESSED and (settings.per_path or settings.exclude):
        path = os.path.abspath(finding.problem.place.source.path)
        if settings.excludes(path):
            return None
        for ignore in settings.per_path:
            if ignore.glob.matches(path) and any(means(code, finding.code, finding.name) for code in ignore.codes):
                return None
    severity = settings.severity_of(finding.code, finding.name, finding.severity)
    return finding if severity is finding.severity else replace(finding, severity=severity)


def _checked(assignments: list[Assignment]) -> list[JobReport]:
    if len(assignments) < WORTH_PROCESSES:
        return [check_assignment(assignment) for assignment in assignments]
    from fllint.processes import check_on_all_cores

    return check_on_all_cores(assignments)


def _cached(assignments: list[Assignment]) -> list[JobReport]:
    """The reports of jobs, checked where the cache has none."""
    from fllint.cache import Cache, Keys, cache_folder

    cache, keys = Cache(cache_folder()), Keys()
    found: dict[int, JobReport] = {}
    missing: dict[int, str | None] = {}
    for index, assignment in enumerate(assignments):
        key = keys.key(assignment)
        report = cache.get(key) if key else None
        if report:
            found[index] = report
        else:
            missing[index] = key
    for (index, key), report in zip(missing.items(), _checked([assignments[index] for index in missing]), strict=True):
        found[index] = report
        if key:
            cache.put(key, report)
    if missing:
        cache.tidy()
    return [found[index] for index in range(len(assignments))]


def _unused_entries(run: Run, assignments: list[Assignment], reports: list[JobReport]) -> Iterator[Finding]:
    """Findings about entries of ``suppressions``; each settings file is asked once."""
    asked: set[tuple[str, ...]] = set()
    for assignment in assignments:
        settings = assignment.settings
        if settings.suppressions and settings.files not in asked:
            from fllint.settings_suppressions import findings_about_entries

            asked.add(settings.files)
            for finding in findings_about_entries(settings.suppressions, rules_of(settings), run.paths, reports):
                yield replace(finding, severity=settings.severity_of(finding.code, finding.name, finding.severity))


def _against_baseline(run: Run, report: Report, assignments: list[Assignment]) -> Report:
    if run.baseline is None:
        return report
    from fllint.baseline import apply_baseline, read_baseline, write_baseline

    if run.write_baseline:
        write_baseline(run.baseline, report)
    settings_of = {assignment.location.shown: assignment.settings for assignment in assignments}

    def ran(job: JobReport, code: str) -> bool:
        return any(rule.code == code for rule in rules_of(settings_of[job.path]))

    return apply_baseline(report, read_baseline(run.baseline), ran)
