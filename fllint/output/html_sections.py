"""What the HTML report shows of a job beside its findings. To add a section, add its function to `SECTIONS`."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from fllint.report import JobReport


@dataclass(frozen=True, slots=True)
class Section:
    """A titled part of the page; ``html`` is markup, everything from a job in it escaped."""

    title: str
    html: str
    opened: bool = False


def graph_section(job: JobReport) -> Section | None:
    """The job's graph with its findings marked, as `fllint graph --format svg` draws it. An image from a data URL: what
    is in it can reach neither the page nor the network."""
    from fllint.engine import review_files
    from fllint.graph.build import build_graph
    from fllint.graph.svg import render
    from fllint.job.discovery import PathError, find_jobs

    try:
        location = next((found for found in find_jobs((job.path,)) if found.shown == job.path), None)
    except PathError:
        return None
    if location is None:
        return None
    drawing = render(build_graph(review_files(location.open(), job.release), job.findings))
    encoded = b64encode(drawing.encode("utf-8", "replace")).decode()
    image = f'<img class="drawing" alt="The graph of the job" src="data:image/svg+xml;base64,{encoded}">'
    return Section("Graph", f'<div class="drawing-frame">{image}</div>', opened=True)


SECTIONS: Final[tuple[Callable[[JobReport], Section | None], ...]] = (graph_section,)


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
