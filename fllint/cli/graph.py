"""``fllint graph``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

if TYPE_CHECKING:
    from fllint.graph.vocabulary import JobGraph

FORMATS: Final = ("tree", "mermaid", "dot", "json", "svg")


class CannotDoItError(click.ClickException):
    """Nothing was drawn; the message says why."""

    exit_code = 2


@click.command("graph", short_help="Show a job as a graph.")
@click.argument("job", metavar="JOB")
@click.option(
    "--format", "form", type=click.Choice(FORMATS), default="tree", show_default=True, help="How it is shown."
)
@click.option("--nvflare", "version", metavar="VERSION", help="The NVFlare release to read the job with (2.3 … 2.9).")
@click.option("--python", metavar="PATH", help="The interpreter whose packages the job will use; read, never run.")
@click.option("--output-file", "file", metavar="FILE", help="Where it is written. [default: standard output]")
def command(job: str, form: str, version: str | None, python: str | None, file: str | None) -> None:
    """Show a job as a graph: sites, apps, workflows, executors, tasks, components, classes, scripts and files.

    What `fllint check` finds, and what is unused, unreachable or missing, is marked. JOB is a job folder, a file inside
    a job, or a job zip.

    Exit status: 0 it is drawn, whatever is wrong with the job; 2 could not do it.
    """
    graph = _graph(job, version, python)
    text = _render(graph, form, on_terminal=file is None and sys.stdout.isatty())
    if file is None:
        click.echo(text, nl=False)
        return
    try:
        Path(file).write_text(text, encoding="utf-8")
    except OSError as error:
        raise CannotDoItError(f"{file} cannot be written: {error.strerror or error}") from error


def _graph(path: str, version: str | None, python: str | None) -> JobGraph:
    from fllint.engine import review_files, run_rules
    from fllint.environment import UnknownReleaseError, choose_release, required_modules, site_packages_of
    from fllint.graph.build import build_graph
    from fllint.job.discovery import PathError, find_jobs
    from fllint.registry import Selection
    from fllint.review import Surroundings

    if python and not Path(python).exists():
        raise CannotDoItError(f"{python} does not exist (--python)")
    try:
        locations = find_jobs((path,))
        if len(locations) != 1:
            found = f"{len(locations)} jobs" if locations else "no job"
            raise CannotDoItError(f"{found} found in {path}; name one job")
        packages = site_packages_of(python)
        release = choose_release(version, locations[0].path, packages).release
        surroundings = Surroundings(site_packages=packages, required_modules=required_modules(locations[0].path))
        review = review_files(locations[0].open(), release, surroundings)
    except (PathError, UnknownReleaseError) as error:
        raise CannotDoItError(str(error)) from error
    report = run_rules(review, tuple(Selection().rules()))
    return build_graph(review, report.findings)


def _render(graph: JobGraph, form: str, *, on_terminal: bool) -> str:
    from fllint.graph import dot, mermaid, node_link, svg, tree

    if form == "tree":
        return tree.render(graph, colour=on_terminal, unicode=_can_print("├→…"))
    renderers = {"mermaid": mermaid.render, "dot": dot.render, "json": node_link.render, "svg": svg.render}
    return renderers[form](graph)


def _can_print(text: str) -> bool:
    try:
        text.encode(sys.stdout.encoding or "utf-8")
    except UnicodeEncodeError:
        return False
    return True
