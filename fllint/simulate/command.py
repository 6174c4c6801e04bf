"""``fllint simulate``."""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from fllint.cli.exporting import export_options, exported_location
from fllint.cli.failure import Failure
from fllint.findings import Finding, Severity

if TYPE_CHECKING:
    from fllint.job.discovery import JobLocation
    from fllint.job.model import Job
    from fllint.job_api.export import ExportedJob, ExportSettings
    from fllint.report import ReleaseChoice
    from fllint.review import Review
    from fllint.simulate.plan import Plan
    from fllint.simulate.run import SmokeRun

LEVELS: Final = ("plan", "run", "full")
FORMATS: Final = ("text", "concise", "json", "sarif", "junit", "github", "gitlab")
RUNNABLE: Final = ("2.5", "2.6", "2.7", "2.8", "2.9")


@click.command("simulate", short_help="Run a job's real components in about a second.")
@click.argument("job", metavar="JOB")
@click.option("--level", type=click.Choice(LEVELS), help="[default: run where the interpreter has NVFlare, else plan]")
@click.option("-n", "number", type=click.IntRange(1, 100_000), metavar="SITES", help="How many sites (site-1, …).")
@click.option("--sites", metavar="A,B", help="The sites by name. [default: those of the deploy map, or two]")
@click.option("--rounds", type=click.IntRange(1), help="At most so many rounds of each workflow.")
@click.option("--python", metavar="PATH", help="The interpreter that has NVFlare. [default: the active environment's]")
@click.option("--nvflare", "version", metavar="VERSION", help="The release to plan for (--level plan).")
@click.option("--timeout", type=click.FloatRange(1), default=300.0, show_default=True, help="Seconds for the run.")
@click.option("--task-timeout", type=click.FloatRange(0.1), default=60.0, show_default=True, help="… and for a task.")
@click.option("--memory", type=click.FloatRange(1), metavar="MB", help="Resident memory for one site's processes.")
@click.option("--keep", metavar="DIR", help="Keep the workspace, models and logs in this folder.")
@export_options
@click.option("--fail-on", type=click.Choice([each.value for each in Severity]), default="error", show_default=True)
@click.option("--output-format", "form", type=click.Choice(FORMATS), default="text", show_default=True)
@click.option("--output-file", "file", metavar="FILE", help="Where it is written. [default: standard output]")
def command(
    job: str,
    level: str | None,
    number: int | None,
    sites: str | None,
    rounds: int | None,
    python: str | None,
    version: str | None,
    timeout: float,
    task_timeout: float,
    memory: float | None,
    keep: str | None,
    export: ExportSettings | None,
    fail_on: str,
    form: str,
    file: str | None,
) -> None:
    """Run a job's real components in about a second, and say what goes wrong.

    This command runs the job's own code, in processes of its own that it watches and ends. JOB is a job folder, or
    with --export the script that makes one.

    \b
    --level plan  runs nothing: the workflows as phases over groups of sites
    --level run   NVFlare's runners with the job's components, without its network
    --level full  NVFlare's own simulator, watched

    Exit status: 0 nothing found at or above --fail-on; 1 findings; 2 could not do it.
    """
    started = time.perf_counter()
    names = tuple(name.strip() for name in sites.split(",") if name.strip()) if sites else None
    if names and number:
        raise click.UsageError("give -n or --sites, not both")
    from fllint.environment import active_interpreter

    named = _only_job(job)
    location, made = exported_location(named, export, python)
    if made and made.clients and not number:
        names = names or made.clients
    interpreter = python or active_interpreter()
    installed = _installed(interpreter) if level != "plan" else None
    if level is None:
        level = "run" if installed else "plan"
        if not installed:
            click.echo(
                f"{interpreter} has no NVFlare that can be run: this is --level plan, which runs nothing", err=True
            )
    if level == "plan":
        plan, review, choice = _plan(location, version, python, number, names, rounds)
        text = _plan_text(plan, choice, form, review.release, time.perf_counter() - started)
        status = plan.exit_status(Severity(fail_on))
    else:
        if installed is None:
            raise Failure(f"{interpreter} has no NVFlare {RUNNABLE[0]} to {RUNNABLE[-1]}: name one with --python")
        if level == "full" and rounds:
            raise click.UsageError("--rounds is for --level plan and run: NVFlare's simulator cannot cap rounds")
        chosen = names or (tuple(f"site-{index}" for index in range(1, number + 1)) if number else None)
        how = {"timeout": timeout, "task_timeout": task_timeout, "memory": memory, "rounds": rounds, "sites": chosen}
        from fllint.simulate.report import refusal

        run, choice = _run(location, interpreter, installed, level, keep, how)
        if made:
            run = _led_back(run, named, made)
        text = _run_text(run, choice, form, location.shown, time.perf_counter() - started)
        status = run.exit_status(Severity(fail_on))
        if run.internal_error:
            click.echo(run.internal_error, err=True)
        if run.report.refused and form != "text":
            click.echo(refusal(run.report), err=True)
    _write(text, file)
    sys.exit(status)


def _led_back(run: SmokeRun, script: JobLocation, made: ExportedJob) -> SmokeRun:
    """A run whose findings are in the script that made the job, where that can be told."""
    from msgspec.structs import replace

    from fllint.job_api.export_places import ExportPlaces, ScriptSources

    places = ExportPlaces(made, ScriptSources(script.path.resolve()))
    return replace(run, findings=tuple(places.finding(finding, script.shown) for finding in run.findings))


def _only_job(path: str) -> JobLocation:
    from fllint.job.discovery import PathError, find_jobs

    try:
        locations = find_jobs((path,))
    except PathError as error:
        raise Failure(str(error)) from error
    if not locations:
        raise Failure(f"no job found in {path}")
    if len(locations) > 1:
        raise Failure(f"{len(locations)} jobs found in {path}; name one job")
    return locations[0]


def _installed(interpreter: str) -> str | None:
    """The version of NVFlare that an interpreter has, when the run level can run it."""
    if not hasattr(os, "fork"):  # each site is a fork
        return None
    from fllint.environment import installed_nvflare, site_packages_of
    from fllint.simulate.run import nvflare_of

    packages = site_packages_of(interpreter)
    version = (installed_nvflare(packages) if packages else None) or nvflare_of(interpreter)
    return version if version and version.startswith(tuple(f"{release}." for release in RUNNABLE)) else None


def _plan(
    location: JobLocation,
    version: str | None,
    python: str | None,
    number: int | None,
    names: tuple[str, ...] | None,
    rounds: int | None,
) -> tuple[Plan, Review, ReleaseChoice]:
    from fllint.engine import review_files
    from fllint.environment import UnknownReleaseError, choose_release, site_packages_of
    from fllint.job.discovery import PathError
    from fllint.simulate.planner import plan_of
    from fllint.surroundings import Surroundings

    packages = site_packages_of(python)
    try:
        choice = choose_release(version, location.path, packages)
        review = review_files(location.open(), choice.release, Surroundings(site_packages=packages))
    except (PathError, UnknownReleaseError) as error:
        raise Failure(str(error)) from error
    return plan_of(review, number, names, rounds), review, choice


def _run(
    location: JobLocation, interpreter: str, installed: str, level: str, keep: str | None, how: dict[str, Any]
) -> tuple[SmokeRun, ReleaseChoice]:
    from fllint.report import ReleaseChoice
    from fllint.simulate.run import Settings, simulate
    from fllint.simulate.supervise import SupervisorError

    if location.is_script:
        raise Failure(f"{location.shown} is a script: give --export to run it, and then the job that it exports")
    if not location.path.is_dir():
        raise Failure(f"{location.shown} is no folder: unpack it to run it")
    choice = ReleaseChoice(".".join(installed.split(".")[:2]), "environment", f"{installed} of {interpreter}")

    def read() -> Job:
        from fllint.engine import review_files

        return review_files(location.open(), choice.release).job

    settings = Settings(interpreter, level, keep=Path(keep) if keep else None, **how)
    progress = _Progress()
    try:
        return simulate(read, location.path, settings, progress.show), choice
    except (SupervisorError, OSError) as error:
        raise Failure(str(error)) from error
    except KeyboardInterrupt:
        raise Failure("interrupted; every process of the run was ended") from None
    finally:
        progress.clear()


class _Progress:
    """A line on the terminal that says where the run is; nothing where there is no terminal."""

    def __init__(self) -> None:
        self.terminal = sys.stderr.isatty()
        self.shown = False

    def show(self, event: dict[str, Any]) -> None:
        from fllint.output.characters import printable
        from fllint.simulate.report import progress_of

        text = progress_of(event) if self.terminal else None
        if text:
            click.echo(f"\r\x1b[K{printable(text)[:78]}", nl=False, err=True)
            self.shown = True

    def clear(self) -> None:
        if self.shown:
            click.echo("\r\x1b[K", nl=False, err=True)


def _findings_text(findings: tuple[Finding, ...], choice: ReleaseChoice, form: str, path: str, seconds: float) -> str:
    from fllint.cli.outputs import render
    from fllint.output.presentation import FINDINGS_ONLY
    from fllint.report import JobReport, Report

    job = JobReport(path, choice.release, findings, ())
    return render(Report((job,), choice, seconds), form, FINDINGS_ONLY)


def _with(findings: str, key: str, told: dict[str, Any]) -> str:
    """The JSON of findings with one key more."""
    return json.dumps({**json.loads(findings), key: told}, indent=2) + "\n"


def _plan_text(plan: Plan, choice: ReleaseChoice, form: str, release: str, seconds: float) -> str:
    from fllint.simulate.timeline import render

    findings = _findings_text(plan.findings, choice, form, plan.job, seconds)
    if form == "json":
        return _with(findings, "plan", plan.to_json())
    if form != "text":
        return findings
    return _printable(render(plan)) + ("\n" + findings if plan.findings else "")


def _printable(text: str) -> str:
    """A text for the terminal: what a job says must not move its cursor."""
    from fllint.output.characters import printable

    return "\n".join(printable(line) for line in text.splitlines()) + "\n"


def _run_text(run: SmokeRun, choice: ReleaseChoice, form: str, path: str, seconds: float) -> str:
    from fllint.simulate.report import render

    if form == "text" and not run.findings:
        return _printable(render(run.report))
    findings = _findings_text(run.findings, choice, form, path, seconds)
    if form == "json":
        return _with(findings, "run", run.report.to_json())
    if form != "text":
        return findings
    return _printable(render(run.report)) + "\n" + findings


def _write(text: str, file: str | None) -> None:
    if file is None:
        encoding = sys.stdout.encoding or "utf-8"
        click.echo(text.encode(encoding, "backslashreplace").decode(encoding), nl=False)
        return
    try:
        Path(file).write_bytes(text.encode("utf-8", "backslashreplace"))
    except OSError as error:
        raise Failure(f"{file} cannot be written: {error.strerror or error}") from error


if __name__ == "__main__":
    command()
