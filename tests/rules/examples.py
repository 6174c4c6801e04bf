"""The rules' examples: what their jobs are, how they are checked, and what a rule should say of its own.

    python -m tests.rules.examples [CODE ...]

writes ``findings.txt`` beside the examples of the rules (default: of all), as fllint says it now: look at what differs.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from fllint.checking import Assignment, check_assignment
from fllint.documents.tree import Place
from fllint.findings import Finding
from fllint.job.discovery import JobLocation
from fllint.report import JobReport
from fllint.settings.model import Settings
from fllint.surroundings import Surroundings

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

EXAMPLES = Path(__file__).parent
CODES = sorted(folder.name for folder in EXAMPLES.iterdir() if folder.name.startswith("FL"))
JOBS = sorted(
    path.relative_to(EXAMPLES).as_posix()
    for code in CODES
    for path in (EXAMPLES / code).iterdir()
    if path.name.startswith(("bad", "good"))
)
EXPECTED = "findings.txt"


def options_of(code: str) -> dict[str, Any]:
    """What ``options.toml`` says: ``nvflare``, ``sites``, ``accompanied_by``."""
    file = EXAMPLES / code / "options.toml"
    return tomllib.loads(file.read_text("utf-8")) if file.exists() else {}


def assignment_of(job: str, path: Path) -> Assignment:
    """How an example is checked, when it is at a path."""
    options = options_of(job.partition("/")[0])
    sites = tuple(options["sites"]) if "sites" in options else None
    release = options.get("nvflare", "2.9")
    return Assignment(JobLocation(path, job), release, Settings(preview=True), Surroundings(sites))


def report_of(job: str) -> JobReport:
    """What fllint finds in an example, ``FL102/bad`` for instance."""
    script = next((EXAMPLES / job).rglob("job.py"), None)
    return check_assignment(assignment_of(job, script or EXAMPLES / job))


def said_of(report: JobReport, code: str) -> str:
    """What a rule says of a job: severities, places, messages, help, related places, fixes."""
    return "".join(line for finding in report.findings if finding.code == code for line in _lines(finding))


def _lines(finding: Finding) -> Iterator[str]:
    problem = finding.problem
    yield f"{finding.severity.value} {_where(problem.place)}: {problem.message}\n"
    if problem.help:
        yield f"    help: {problem.help}\n"
    for related in problem.related:
        yield f"    {_where(related.place)}: {related.message}\n"
    if problem.fix:
        yield f"    {'fix' if problem.fix.safe else 'unsafe fix'}: {problem.fix.message}\n"


def _where(place: Place) -> str:
    """``meta.json:5:3-8``, and where it ends when that is another line."""
    (line, column), (end_line, end) = (place.source.position(at) for at in (place.span.start, place.span.end))
    path = Path(place.source.path)
    name = path.relative_to(EXAMPLES).as_posix() if path.is_relative_to(EXAMPLES) else path.as_posix()
    return f"{name}:{line}:{column}-{end if end_line == line else f'{end_line}:{end}'}"


def expected(job: str) -> str:
    """What ``findings.txt`` says of a bad example."""
    code, name = job.split("/")
    file = EXAMPLES / code / EXPECTED
    sections = file.read_text("utf-8").split("== ") if file.exists() else []
    return next((text for title, _, text in (section.partition("\n") for section in sections) if title == name), "")


def write_expected(code: str) -> None:
    """Writes ``findings.txt`` anew."""
    jobs = [job for job in JOBS if job.startswith(f"{code}/bad")]
    text = "".join(f"== {job.partition('/')[2]}\n{said_of(report_of(job), code)}" for job in jobs)
    if text:
        (EXAMPLES / code / EXPECTED).write_text(text, "utf-8")


if __name__ == "__main__":
    for chosen in sys.argv[1:] or CODES:
        write_expected(chosen)
