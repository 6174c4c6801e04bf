"""``fllint check``."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click
from msgspec.structs import replace

from fllint.cli import completion
from fllint.cli.exporting import export_options
from fllint.cli.failure import Failure
from fllint.cli.outputs import FORMATS, write_report
from fllint.findings import Severity
from fllint.output.presentation import Presentation, counted

if TYPE_CHECKING:
    from fllint.job_api.export import ExportSettings

DEFAULT_BASELINE: Final = "fllint-baseline.json"


def _codes(_context: click.Context, _parameter: click.Parameter, values: tuple[str, ...]) -> tuple[str, ...] | None:
    return tuple(code.strip() for value in values for code in value.split(",") if code.strip()) or None


def _sites(_context: click.Context, _parameter: click.Parameter, value: str | None) -> tuple[str, ...] | None:
    return tuple(name.strip() for name in value.split(",") if name.strip()) if value is not None else None


def _rules_option(name: str, help: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """An option that takes codes of rules, several at once or repeated."""
    return click.option(
        name, multiple=True, callback=_codes, metavar="CODES", shell_complete=completion.rules, help=help
    )


@click.command("check", short_help="Check jobs and say what will go wrong.")
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option(
    "--nvflare",
    metavar="VERSION",
    shell_complete=completion.releases,
    help="The NVFlare release to check against (2.3 … 2.9).",
)
@click.option("--python", metavar="PATH", help="The interpreter whose packages the job will use; read, never run.")
@click.option("--sites", callback=_sites, metavar="A,B", help="The federation's real sites.")
@click.option("--project", metavar="FILE", help="The federation's project.yml, for its sites.")
@_rules_option("--select", "Run only these rules (codes, prefixes, names).")
@_rules_option("--ignore", "Do not run these rules.")
@_rules_option("--extend-select", "Run these rules too.")
@click.option("--preview", is_flag=True, default=None, help="Run preview rules too.")
@click.option(
    "--fail-on",
    type=click.Choice([severity.value for severity in Severity]),
    help="The least severity that makes the exit status 1.  [default: error]",
)
@click.option(
    "--output-format",
    "formats",
    multiple=True,
    type=click.Choice(FORMATS),
    help="How findings are written; repeatable, paired with --output-file.  [default: text]",
)
@click.option(
    "--output-file",
    "files",
    multiple=True,
    metavar="FILE",
    help="Where; the formats without a file go to standard output.",
)
@click.option("--fix", is_flag=True, help="Fix what can be fixed safely, and show what remains.")
@click.option("--unsafe-fixes", is_flag=True, help="With --fix or --diff: fixes that may change what a job does, too.")
@click.option("--diff", is_flag=True, help="Only show what --fix would change; exit with 1 when that is something.")
@click.option("--statistics", is_flag=True, help="Count the findings of each rule.")
@click.option("--show-suppressed", is_flag=True, help="Show suppressed findings too.")
@click.option("--verbose", "-v", is_flag=True, help="List what was not checked.")
@click.option("--baseline", metavar="FILE", help="Leave out the findings that this baseline has.")
@click.option(
    "--write-baseline", is_flag=True, help=f"Write the baseline first.  [default: --baseline {DEFAULT_BASELINE}]"
)
@click.option(
    "--allow-local-rules",
    is_flag=True,
    default=None,
    help="Load the folders of rules that settings name; this runs their code.",
)
@export_options
@click.option("--isolated", is_flag=True, help="Look for no settings files.")
@click.option("--no-cache", is_flag=True, help="Neither use nor fill the cache of results.")
@click.option("--exit-zero", is_flag=True, help="Exit with 0 even when there are findings.")
@click.option("--allow-empty", is_flag=True, help="Finding no job among the paths is no failure (for hooks).")
def command(
    paths: tuple[str, ...],
    formats: tuple[str, ...],
    files: tuple[str, ...],
    fix: bool,
    unsafe_fixes: bool,
    diff: bool,
    statistics: bool,
    show_suppressed: bool,
    verbose: bool,
    baseline: str | None,
    write_baseline: bool,
    isolated: bool,
    no_cache: bool,
    exit_zero: bool,
    allow_empty: bool,
    export: ExportSettings | None,
    **given: Any,
) -> None:
    """Check jobs and say what will go wrong.

    PATH is a job folder, a folder that contains jobs, a file inside a job, a job zip, or a script that builds a
    job with the Job API. Each job is checked once.

    What is given here goes before the settings in fllint.toml or pyproject.toml; `fllint settings PATH` shows those.

    Exit status: 0 no finding at or above --fail-on; 1 findings; 2 could not do it.
    """
    started = time.perf_counter()
    if len(files) > max(len(formats), 1):
        raise click.UsageError("more --output-file than --output-format")
    if unsafe_fixes and not (fix or diff):
        raise click.UsageError("--unsafe-fixes needs --fix or --diff")
    if diff and (formats or files or write_baseline):
        raise click.UsageError("--diff shows a diff and nothing else: leave out --output-format and --write-baseline")
    if export and (fix or diff):
        raise click.UsageError("--export finds faults of scripts, and there are no fixes for them")
    from fllint.checking import NothingToCheckError, Run, check_run
    from fllint.environment import UnknownReleaseError
    from fllint.job.discovery import PathError
    from fllint.settings.model import SettingsError

    run = Run(
        paths,
        _settings(given),
        isolated=isolated,
        cached=not no_cache,
        baseline=Path(baseline or DEFAULT_BASELINE) if baseline or write_baseline else None,
        write_baseline=write_baseline,
        export=export,
    )
    try:
        if diff:
            from fllint.cli.fixing import show_diff

            status = show_diff(run, unsafe=unsafe_fixes)
            sys.exit(0 if exit_zero and status == 1 else status)
        if fix:
            from fllint.cli.fixing import fixed_report

            report = fixed_report(run, unsafe=unsafe_fixes)
        else:
            report = check_run(run)
    except NothingToCheckError as error:
        if not allow_empty:
            raise Failure(str(error)) from error
        click.echo(f"fllint: {error}", err=True)
        return
    except (PathError, UnknownReleaseError, SettingsError) as error:
        raise Failure(str(error)) from error
    except Failure:
        raise
    except Exception as error:
        raise Failure(f"fllint itself failed: {type(error).__name__}: {error}; please report this") from error
    if write_baseline:
        click.echo(f"{run.baseline}: {counted(len(report.baselined), 'finding')} written", err=True)
    report = replace(report, seconds=time.perf_counter() - started)
    write_report(report, formats or ("text",), files, Presentation(verbose, statistics, show_suppressed))
    status = report.exit_status()
    sys.exit(0 if exit_zero and status == 1 else status)


def _settings(given: dict[str, Any]) -> dict[str, Any]:
    """The options that have a namesake among the settings, as `Settings` has them."""
    from fllint.job.discovery import PathError

    project = given.pop("project")
    if project:
        from fllint.job.project import project_sites

        try:
            given["sites"] = (*(given["sites"] or ()), *project_sites(project))
        except PathError as error:
            raise Failure(str(error)) from error
    if given["fail_on"]:
        given["fail_on"] = Severity(given["fail_on"])
    if given["python"]:
        from fllint.settings.model import absolute

        given["python"] = absolute(given["python"])
    return given
