"""``fllint compat``."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from fllint.cli.exporting import export_options, exported_location
from fllint.cli.failure import Failure
from fllint.compat import Compatibility, compatibility
from fllint.environment import required_modules, site_packages_of
from fllint.findings import Finding
from fllint.job.discovery import PathError, find_jobs
from fllint.output.characters import printable
from fllint.surroundings import Surroundings

if TYPE_CHECKING:
    from fllint.job_api.export import ExportSettings


@click.command("compat", short_help="Say on which NVFlare releases a job loads.")
@click.argument("path", metavar="JOB")
@click.option("--python", metavar="PATH", help="The interpreter whose packages the job will use; read, never run.")
@export_options
@click.option("--reasons", type=int, default=3, show_default=True, help="How many reasons to show for each release.")
@click.option("--output-format", type=click.Choice(["text", "json"]), default="text", show_default=True)
def command(path: str, python: str | None, export: ExportSettings | None, reasons: int, output_format: str) -> None:
    """Say on which NVFlare releases a job loads, and what keeps it from loading on the others.

    Exit status: 0 when some release loads it; 1 when none does; 2 when it could not be read.
    """
    try:
        locations = find_jobs((path,))
        if len(locations) != 1:
            found = f"{len(locations)} jobs found in {path}; name one job"
            raise PathError(found if locations else f"no job found in {path}")
        (location,) = locations
        surroundings = Surroundings(
            site_packages=site_packages_of(python), required_modules=required_modules(location.path)
        )
        location, _ = exported_location(location, export, python)
        verdicts = compatibility(location.open(), surroundings)
    except PathError as error:
        raise Failure(str(error)) from error
    if output_format == "json":
        releases = [_entry(verdict) for verdict in verdicts]
        click.echo(json.dumps({"schema_version": 1, "job": location.shown, "releases": releases}, indent=2))
    else:
        click.echo("\n".join(_lines(verdicts, reasons)))
    sys.exit(0 if any(verdict.loads for verdict in verdicts) else 1)


def _lines(verdicts: tuple[Compatibility, ...], most: int) -> Iterator[str]:
    for verdict in verdicts:
        if verdict.loads:
            yield f"{verdict.release}  {click.style('loads', fg='green')}"
            continue
        more = len(verdict.reasons) - most
        yield f"{verdict.release}  {click.style('does not load', fg='red')}"
        for reason in verdict.reasons[:most]:
            yield f"       {_where(reason)} {reason.code} {printable(reason.problem.message)}"
        if more > 0:
            yield f"       and {more} more"


def _where(reason: Finding) -> str:
    place = reason.problem.place
    line, column = place.source.position(place.span.start)
    return f"{printable(place.source.name or place.source.path)}:{line}:{column}"


def _entry(verdict: Compatibility) -> dict[str, Any]:
    reasons = []
    for found in verdict.reasons:
        place = found.problem.place
        line, column = place.source.position(place.span.start)
        reasons.append(
            {
                "code": found.code,
                "message": found.problem.message,
                "help": found.problem.help,
                "path": place.source.path,
                "pointer": place.pointer,
                "line": line,
                "column": column,
            }
        )
    return {"release": verdict.release, "loads": verdict.loads, "reasons": reasons}
