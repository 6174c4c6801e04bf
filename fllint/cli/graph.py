"""``fllint graph``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from fllint.cli import completion
from fllint.cli.exporting import export_options
from fllint.cli.failure import Failure

if TYPE_CHECKING:
    from collections.abc import Callable

    from fllint.graph.vocabulary import JobGraph
    from fllint.job_api.export import ExportSettings

FORMATS: Final = ("tree", "mermaid", "dot", "json", "svg")


@click.command("graph", short_help="Show a job as a graph.")
@click.argument("job", metavar="JOB")
@click.option(
    "--format", "form", type=click.Choice(FORMATS), default="tree", show_default=True, help="How it is shown."
)
@click.option(
    "--nvflare",
    "version",
    metavar="VERSION",
    shell_complete=completion.releases,
    help="The NVFlare release to read the job with (2.3 … 2.9).",
)
@click.option("--python", metavar="PATH", help="The interpreter whose packages the job will use; read, never run.")
@export_options
@click.option("--output-file", "file", metavar="FILE", help="Where it is written. [default: standard output]")
def command(
    job: str, form: str, version: str | None, python: str | None, export: ExportSettings | None, file: str | None
) -> None:
    """Show a job as a graph: sites, apps, workflows, executors, tasks, components, classes, scripts and files.

    What `fllint check` finds, and what is unused, unreachable or missing, is marked. JOB is a job folder, a file inside
    a job, or a job zip.

    Exit status: 0 it is drawn, whatever is wrong with the job; 2 could not do it.
    """
    graph = _graph(job, version, python) if export is None else _exported_graph(job, version, python, export)
    if file is None:
        click.echo(_for_terminal(graph) if form == "tree" else _rendered(graph, form).encode(), nl=False, color=True)
        return
    try:
        Path(file).write_bytes(_rendered(graph, form).encode())
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else ""
        raise Failure(f"{file} cannot be written: {reason or error}") from error


def _graph(path: str, version: str | None, python: str | None) -> JobGraph:
    """The graph of the only job at a path, with what a check under the job's settings finds."""
    from fllint.checking import NothingToCheckError, Run, check_run
    from fllint.engine import review_files
    from fllint.environment import UnknownReleaseError, required_modules, site_packages_of
    from fllint.graph.build import build_graph
    from fllint.job.discovery import PathError, find_jobs
    from fllint.settings.model import SettingsError, absolute
    from fllint.surroundings import Surroundings

    if python and not Path(python).exists():
        raise Failure(f"{python} does not exist (--python)")
    given = {"nvflare": version, "python": absolute(python) if python else None}
    try:
        locations = find_jobs((path,))
        if len(locations) > 1:
            raise Failure(f"{len(locations)} jobs found in {path}; name one job")
        report = check_run(Run((path,), given)).jobs[0]
        surroundings = Surroundings(
            site_packages=site_packages_of(python), required_modules=required_modules(locations[0].path)
        )
        review = review_files(locations[0].open(), report.release, surroundings)
    except (NothingToCheckError, PathError, UnknownReleaseError, SettingsError) as error:
        raise Failure(str(error)) from error
    return build_graph(review, report.findings)


def _exported_graph(path: str, version: str | None, python: str | None, export: ExportSettings) -> JobGraph:
    """The graph of the job that a script exports, with what the rules find in it."""
    from fllint.checking import rules_of
    from fllint.cli.exporting import exported_location
    from fllint.engine import review_files, run_rules
    from fllint.environment import UnknownReleaseError, choose_release, required_modules
    from fllint.graph.build import build_graph
    from fllint.job.discovery import PathError, find_jobs
    from fllint.job_api.export_check import interpreter_for
    from fllint.settings.model import Settings
    from fllint.surroundings import Surroundings

    try:
        locations = find_jobs((path,))
        if len(locations) != 1:
            raise Failure(f"{path} is not one script but {len(locations)}")
        job, made = exported_location(locations[0], export, python)
        interpreter = interpreter_for(python)
        release = version or interpreter.choice.release
        choice = choose_release(release, locations[0].path, interpreter.site_packages)
    except (PathError, UnknownReleaseError) as error:
        raise Failure(str(error)) from error
    sites = made.clients if made else None
    surroundings = Surroundings(sites, interpreter.site_packages, required_modules=required_modules(locations[0].path))
    review = review_files(job.open(), choice.release, surroundings)
    return build_graph(review, run_rules(review, rules_of(Settings())).findings)


def _rendered(graph: JobGraph, form: str) -> str:
    from fllint.graph import dot, mermaid, node_link, svg, tree

    renderers: dict[str, Callable[[JobGraph], str]] = {
        "tree": tree.render,
        "mermaid": mermaid.render,
        "dot": dot.render,
        "json": node_link.render,
        "svg": svg.render,
    }
    return renderers[form](graph)


def _for_terminal(graph: JobGraph) -> str:
    """The tree as the terminal can show it: colours or none, lines of ASCII where its encoding has no others."""
    from fllint.graph import tree
    from fllint.output.terminal import this_terminal

    encoding = sys.stdout.encoding or "utf-8"
    try:
        unicode = bool("├→…".encode(encoding))
    except UnicodeEncodeError:
        unicode = False
    text = tree.render(graph, colour=this_terminal().colour, unicode=unicode)
    return text.encode(encoding, "backslashreplace").decode(encoding)
