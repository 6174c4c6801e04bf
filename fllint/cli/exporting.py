"""The option ``--export`` and its companions, for every command that takes a job."""

from __future__ import annotations

import functools
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from msgspec.structs import replace

from fllint.cli.failure import Failure

if TYPE_CHECKING:
    from fllint.job.discovery import JobLocation
    from fllint.job_api.export import ExportedJob, ExportSettings

DEFAULT_TIMEOUT = 60.0


def export_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds the options. The command gets an argument ``export``: `ExportSettings`, or None without ``--export``."""

    @click.option(
        "--export", "wanted", is_flag=True, help="Run job.py (this runs your script) and use what it exports."
    )
    @click.option("--export-args", "arguments", metavar="ARGS", help='The script\'s arguments, as in "-n 2 --x y".')
    @click.option("--export-cwd", "folder", metavar="DIR", help="Where the script is run.  [default: its folder]")
    @click.option("--export-timeout", "seconds", type=click.FloatRange(1), help="Seconds for it.  [default: 60]")
    @click.option("--export-memory", "megabytes", type=click.FloatRange(1), metavar="MB", help="Memory for it.")
    @functools.wraps(command)
    def with_export(
        *args: Any,
        wanted: bool,
        arguments: str | None,
        folder: str | None,
        seconds: float | None,
        megabytes: float | None,
        **kwargs: Any,
    ) -> Any:
        given = (arguments, folder, seconds, megabytes)
        if not wanted and any(option is not None for option in given):
            raise click.UsageError("--export-args, -cwd, -timeout and -memory are for --export")
        return command(*args, export=_settings(*given) if wanted else None, **kwargs)

    return with_export


def _settings(
    arguments: str | None, folder: str | None, seconds: float | None, megabytes: float | None
) -> ExportSettings:
    from fllint.job_api.export import ExportSettings

    if folder and not Path(folder).is_dir():
        raise click.UsageError(f"--export-cwd: {folder} is no folder")
    try:
        words = tuple(shlex.split(arguments or ""))
    except ValueError as error:
        raise click.UsageError(f"--export-args: {error}") from error
    return ExportSettings(
        arguments=words,
        folder=Path(folder) if folder else None,
        timeout=seconds or DEFAULT_TIMEOUT,
        memory=megabytes,
    )


def exported_location(
    location: JobLocation, export: ExportSettings | None, python: str | None
) -> tuple[JobLocation, ExportedJob | None]:
    """The job to look at: with ``--export`` the one that the script exports, until the command ends. Beside it, what is
    known of that: its sites, and where in the script its parts were made.

    Raises:
        Failure: there is none, or the script cannot be run.
    """
    if export is None:
        return location, None
    if not location.is_script:
        raise Failure(f"--export is for scripts that build a job; {location.shown} is none")
    from fllint.job.discovery import JobLocation
    from fllint.job_api.export import ExportError, exported
    from fllint.job_api.export_check import announce, interpreter_for

    try:
        interpreter = interpreter_for(python)
        announce(location.shown, interpreter)
        run = exported(location.path, replace(export, python=interpreter.path))
        found = click.get_current_context().with_resource(run)
    except ExportError as error:
        raise Failure(str(error)) from error
    if not found.jobs:
        reason = found.failure.message if found.failure else "it neither runs nor exports one"
        raise Failure(f"{location.shown} exported no job: {reason} (`fllint check --export` says more)")
    first = found.jobs[0]
    if len(found.jobs) > 1:
        click.echo(f"fllint: it makes {len(found.jobs)} jobs; this is about the first, {first.name}", err=True)
    return JobLocation(first.folder, f"{location.shown} → exported"), first
