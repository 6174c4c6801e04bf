"""Checking one job: a release, rules, and what they find."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from typing import Final

from msgspec.structs import replace

from fllint.catalogue.catalogue import Catalogue
from fllint.documents.tree import Place, Source, Span
from fllint.findings import Finding, Problem, Severity
from fllint.job.discovery import JobLocation
from fllint.job.files import JobFiles
from fllint.job.model import Job
from fllint.job.read import read_job
from fllint.job.scripts import ScriptFiles
from fllint.problems import brief
from fllint.registry import Rule
from fllint.report import INTERNAL_ERROR, JobReport
from fllint.review import Review
from fllint.suggest import bounded_effort
from fllint.surroundings import NOTHING_KNOWN, Surroundings

MAX_FINDINGS: Final = 1_000
"""Of one rule in one job; nobody reads more, and a hostile job has a million."""


def check_job(
    location: JobLocation, release: str, rules: Iterable[Rule], surroundings: Surroundings = NOTHING_KNOWN
) -> JobReport:
    """Runs rules on a job as a release reads it. Raises `fllint.job.discovery.PathError` for a zip that is none."""
    return check_files(location.open(), release, rules, surroundings)


def check_files(
    files: JobFiles, release: str, rules: Iterable[Rule], surroundings: Surroundings = NOTHING_KNOWN
) -> JobReport:
    """`check_job` for files that are open already."""
    return run_rules(review_files(files, release, surroundings), rules)


def review_files(files: JobFiles, release: str, surroundings: Surroundings = NOTHING_KNOWN) -> Review:
    """What rules may ask about a job."""
    catalogue = Catalogue.load(release)
    if isinstance(files, ScriptFiles):
        from fllint.job_api.script_job import read_script_job

        review = Review(read_script_job(files, catalogue), catalogue, surroundings)
        for what, why in review.job.script.not_known if review.job.script else ():
            review.not_checked(what, why)
        return review
    job = read_job(files, release, lambda name: len(catalogue.short_name(name)) == 1)
    return Review(job, catalogue, surroundings)


def run_rules(review: Review, rules: Iterable[Rule]) -> JobReport:
    """What rules find in a job, before settings and suppressions have their say."""
    with bounded_effort():
        found = {_sameness(review, finding): finding for rule in rules for finding in _run(rule, review)}
    findings = tuple(sorted(found.values(), key=lambda finding: finding.sort_key))
    return JobReport(review.job.path, review.release, findings, review.not_checked_list)


def _sameness(review: Review, finding: Finding) -> object:
    """What makes a finding one of its own. A script writes once what each of its sites then has."""
    place = finding.problem.place
    if review.job.script is None:
        return finding
    return finding.code, place.source.path, place.span, finding.problem.message


def _run(rule: Rule, review: Review) -> list[Finding]:
    """A rule's findings. An exception in a rule is a finding of its own; the other rules go on."""
    findings: list[Finding] = []
    script = review.job.script
    if script is not None and not script.applies(rule.code):
        return findings
    try:
        problems = iter(rule.inspect(review))
        findings.extend(_finding(rule, problem, review.job) for problem in islice(problems, MAX_FINDINGS))
        if next(problems, None) is not None:
            findings.append(_more(rule, review.job))
    except Exception as error:
        findings.append(internal_error(f"in rule {rule.code} {rule.name}", error, review.job.path))
    return findings


def _more(rule: Rule, job: Job) -> Finding:
    message = f"this is found more than {MAX_FINDINGS} times in the job; fllint stops there"
    return Finding(rule.code, rule.name, rule.severity, job.path, Problem(job.file_place(""), message))


def _finding(rule: Rule, problem: Problem, job: Job) -> Finding:
    if job.script is not None and problem.fix is not None:
        problem = replace(problem, fix=None)  # an edit of a config's text, and there is none
    return Finding(rule.code, rule.name, problem.severity or rule.severity, job.path, brief(problem))


def internal_error(where: str, error: Exception, job: str) -> Finding:
    """A failure of fllint itself as a finding about a whole job, so that everything else goes on."""
    import traceback

    frame = traceback.extract_tb(error.__traceback__)[-1]
    line = f"{frame.filename.rsplit('/', 1)[-1]}:{frame.lineno}"
    message = f"fllint itself failed {where}: {type(error).__name__}: {error} ({line})"
    problem = Problem(
        Place(Source(job, "", ""), Span(0, 0)), message, "please report this; everything else was checked"
    )
    return Finding(INTERNAL_ERROR, "internal-error", Severity.ERROR, job, problem)
