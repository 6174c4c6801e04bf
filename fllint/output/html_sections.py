"""What the HTML report shows of a job beside its findings. To add a section, add its function to `SECTIONS`."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from html import escape
from typing import Final

from msgspec import Struct

from fllint.findings import Finding
from fllint.job.discovery import JobLocation, PathError, find_jobs
from fllint.output.characters import printable
from fllint.report import JobReport
from fllint.surroundings import Surroundings

MAX_REASONS: Final = 3


class Section(Struct, frozen=True):
    """A titled part of the page; ``html`` is markup, everything from a job in it escaped."""

    title: str
    html: str
    opened: bool = False


def graph_section(job: JobReport) -> Section | None:
    """The job's graph with its findings marked, as `fllint graph --format svg` draws it. An image from a data URL: what
    is in it can reach neither the page nor the network."""
    from fllint.engine import review_files
    from fllint.graph.build import build_graph
    from fllint.graph.picture import picture_of
    from fllint.graph.svg import render

    location = _location(job)
    if location is None:
        return None
    graph = build_graph(review_files(location.open(), job.release), job.findings)
    if not picture_of(graph).nodes:
        return None  # a job script of which too little is known
    encoded = b64encode(render(graph).encode("utf-8", "replace")).decode()
    image = f'<img class="drawing" alt="The graph of the job" src="data:image/svg+xml;base64,{encoded}">'
    return Section("Graph", f'<div class="drawing-frame">{image}</div>', opened=True)


def compat_section(job: JobReport) -> Section | None:
    """The NVFlare releases that load the job, and what keeps it from loading on the others, as `fllint compat` says."""
    from fllint.compat import compatibility
    from fllint.environment import required_modules

    location = _location(job)
    if location is None:
        return None
    verdicts = compatibility(location.open(), Surroundings(required_modules=required_modules(location.path)))
    loading = [verdict.release for verdict in verdicts if verdict.loads]
    rows = "".join(_release_row(verdict.release, verdict.reasons) for verdict in verdicts)
    head = "<tr><th>NVFlare</th><th>Loads</th><th>What keeps it from loading</th></tr>"
    return Section(f"Loads on NVFlare {', '.join(loading) or 'no release'}", f"<table>{head}{rows}</table>")


def _release_row(release: str, reasons: tuple[Finding, ...]) -> str:
    said = "<br>".join(escape(f"{reason.code} {printable(reason.problem.message)}") for reason in reasons[:MAX_REASONS])
    more = f"<br>and {len(reasons) - MAX_REASONS} more" if len(reasons) > MAX_REASONS else ""
    verdict = "no" if reasons else "yes"
    return f'<tr><td class="count">{escape(release)}</td><td>{verdict}</td><td>{said}{more}</td></tr>'


def _location(job: JobReport) -> JobLocation | None:
    """Where a job that was reported on lies."""
    try:
        return next((found for found in find_jobs((job.path,)) if found.shown == job.path), None)
    except PathError:
        return None


SECTIONS: Final[tuple[Callable[[JobReport], Section | None], ...]] = (graph_section, compat_section)


def sections_of(job: JobReport) -> tuple[Section, ...]:
    """The sections of a job that can be made. A report without one of them is better than none."""
    made = []
    for section_of in SECTIONS:
        try:
            section = section_of(job)
        except Exception as error:
            section = Section(
                section_of.__name__.removesuffix("_section").capitalize(), f"<p>{type(error).__name__}</p>"
            )
        if section:
            made.append(section)
    return tuple(made)
