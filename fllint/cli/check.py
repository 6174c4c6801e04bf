"""``fllint check``."""

from __future__ import annotations

import sys
import time
from dataclasses import replace
from pathlib import Path

import click

from fllint.cli.outputs import FORMATS, write_report
from fllint.engine import check_job
from fllint.environment import UnknownReleaseError, choose_release, required_modules, site_packages_of
from fllint.findings import Severity
from fllint.job.discovery import PathError, find_jobs
from fllint.registry import Selection
from fllint.report import Report
from fllint.review import Surroundings


def _codes(_context: click.Context, _parameter: click.Parameter, values: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(code.strip() for value in values for code in value.split(",") if code.strip())


def _sites(_context: click.Context, _parameter: click.Parameter, value: str | None) -> tuple[str, ...] | None:
    return tuple(name.strip() for name in value.split(",") if name.strip()) if value is not None else None


@click.command("check", short_help="Check jobs and say what will go wrong.")
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option("--nvflare", "version", metavar="VERSION", help="The NVFlare release to check against (2.3 … 2.9).")
@click.option("--python", metavar="PATH", help="The interpreter whose packages the job will use; read, never run.")
@click.option("--sites", callback=_sites, metavar="A,B", help="The federation's real sites.")
@click.option("--project", metavar="FILE", help="The federation's project.yml, for its sites.")
@click.option(
    "--select", multiple=True, callback=_codes, metavar="CODES", help="Run only these rules (codes, prefixes, names)."
)
@click.option("--ignore", multiple=True, callback=_codes, metavar="CODES", help="Do not run these rules.")
@click.option("--extend-select", multiple=True, callback=_codes, metavar="CODES", help="Run these rules too.")
@click.option("--preview", is_flag=True, help="Run preview rules too.")
@click.option(
    "--fail-on",
    type=click.Choice([severity.value for severity in Severity]),
    default="error",
    show_default=True,
    help="The least severity that makes the exit status 1.",
)
@click.option(
    "--output-format",
    "formats",
    multiple=True,
    type=click.Choice(FORMATS),
    help="How findings are written; repeatable, paired with --output-file. [default: text]",
)
@click.option(
    "--output-file",
    "files",
    multiple=True,
    metavar="FILE",
    help="Where; the formats without a file go to standard output.",
)
@click.option("--exit-zero", is_flag=True, help="Exit with 0 even when there are findings.")
@click.option("--allow-empty", is_flag=True, help="Finding no job among the paths is no failure (for hooks).")
@click.option("--verbose", "-v", is_flag=True, help="List what was not checked.")
def command(
    paths: tuple[str, ...],
    version: str | None,
    python: str | None,
    sites: tuple[str, ...] | None,
    project: str | None,
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    extend_select: tuple[str, ...],
    preview: bool,
    fail_on: str,
    formats: tuple[str, ...],
    files: tuple[str, ...],
    exit_zero: bool,
    allow_empty: bool,
    verbose: bool,
) -> None:
    """Check jobs and say what will go wrong.

    PATH is a job folder, a folder that contains jobs, a file inside a job, or a job zip. Each job is checked once.

    Exit status: 0 no finding at or above --fail-on; 1 findings; 2 could not do it.
    """
    started = time.perf_counter()
    if len(files) > max(len(formats), 1):
        raise click.UsageError("more --output-file than --output-format")
    try:
        report = _check(
            paths, version, python, sites, project, Selection(select, ignore, extend_select, preview), started
        )
    except (PathError, UnknownReleaseError, ValueError) as error:
        raise click.ClickException(str(error)) from error
    if report is None:
        if allow_empty:
            return
        raise click.ClickException(
            f"no job found in {', '.join(paths)}: a job is a folder with a meta.json (or .conf, .yml) "
            "and its apps, or an app folder with config/config_fed_server.json and config_fed_client.json"
        )
    write_report(report, formats or ("text",), files, verbose=verbose)
    status = report.exit_status(Severity(fail_on))
    sys.exit(0 if exit_zero and status == 1 else status)


def _check(
    paths: tuple[str, ...],
    version: str | None,
    python: str | None,
    sites: tuple[str, ...] | None,
    project: str | None,
    selection: Selection,
    started: float,
) -> Report | None:
    """The report on every job among the paths; None when there is none."""
    if python and not Path(python).exists():
        raise PathError(f"{python} does not exist (--python)")
    if project:
        from fllint.job.project import project_sites

        sites = (*(sites or ()), *project_sites(project))
    surroundings = Surroundings(sites, site_packages_of(python))
    if version:
        choose_release(version, Path(), None)
    rules = tuple(selection.rules())
    locations = find_jobs(paths)
    if not locations:
        return None
    choices = [choose_release(version, location.path, surroundings.site_packages) for location in locations]
    jobs = [
        check_job(
            location, choice.release, rules, replace(surroundings, required_modules=required_modules(location.path))
        )
        for location, choice in zip(locations, choices, strict=True)
    ]
    return Report(tuple(jobs), choices[0], time.perf_counter() - started)
