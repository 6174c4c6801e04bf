"""The outputs for people: ``text`` with the source line and a caret, and ``concise`` with a line for each finding."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeAlias

import click

from fllint.documents.tree import Place
from fllint.findings import Finding, Severity
from fllint.report import Report

Style: TypeAlias = Callable[..., str]

COLOURS = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.INFO: "cyan"}
MAX_LINE = 160


def render(report: Report, *, colour: bool = False, verbose: bool = False) -> str:
    """Every finding with its source line, then the summary.

    Args:
        report: the run.
        colour: with terminal colours.
        verbose: names each thing that was not checked.
    """
    style: Style = click.style if colour else _plain
    blocks = ["\n".join(_block(finding, style)) + "\n" for finding in report.findings]
    return "\n".join([*blocks, *_summary(report, style, verbose)]) + "\n"


def render_concise(report: Report, *, colour: bool = False) -> str:
    """A line for each finding, ``path:line:column: severity CODE message``, then the summary."""
    style: Style = click.style if colour else _plain
    lines = []
    for finding in report.findings:
        line, column = finding.problem.place.source.position(finding.problem.place.span.start)
        severity = style(finding.severity.value, fg=COLOURS[finding.severity])
        where = f"{printable(finding.problem.place.source.path)}:{line}:{column}"
        lines.append(f"{where}: {severity} {finding.code} {printable(finding.problem.message)}")
    return "\n".join([*lines, *_summary(report, style, verbose=False)]) + "\n"


def printable(text: str) -> str:
    """A text whose control characters (terminal escapes, newlines) are shown, not obeyed."""
    return "".join(
        character if character.isprintable() else character.encode("unicode_escape").decode() for character in text
    )


def _plain(text: str, **_: object) -> str:
    return text


def _block(finding: Finding, style: Style) -> Iterator[str]:
    severity = style(f"{finding.severity.value}[{finding.code}]", fg=COLOURS[finding.severity], bold=True)
    yield f"{severity} {style(finding.name, bold=True)}: {printable(finding.problem.message)}"
    yield from _excerpt(finding.problem.place, style, COLOURS[finding.severity])
    for related in finding.problem.related:
        yield f"   {style('see', bold=True)}: {printable(related.message)}"
        yield from _excerpt(related.place, style, "blue")
    if finding.problem.help:
        yield f"  {style('help', fg='green', bold=True)}: {printable(finding.problem.help)}"


def _excerpt(place: Place, style: Style, colour: str) -> Iterator[str]:
    """Where a place is, its line, and carets under it."""
    line, column = place.source.position(place.span.start)
    end_line, end_column = place.source.position(place.span.end)
    position = f":{line}:{column}" if place.source.text else ""
    yield f"  {style('-->', fg='blue')} {printable(place.source.path)}{position}"
    text = place.source.line(line)
    if not place.source.text or not text:
        return
    width = (end_column if end_line == line else len(text) + 1) - column
    first = max(0, column - 1 - MAX_LINE // 2) if len(text) > MAX_LINE else 0
    shown = text[first : first + MAX_LINE]
    before = printable(shown[: column - 1 - first].replace("\t", " "))
    marked = printable(shown[column - 1 - first : column - 1 - first + max(width, 1)].replace("\t", " "))
    gutter = " " * len(str(line))
    bar = style("|", fg="blue")
    yield f" {style(str(line), fg='blue')} {bar} {printable(shown.replace(chr(9), ' '))}"
    yield f" {gutter} {bar} {' ' * len(before)}{style('^' * max(len(marked), 1), fg=colour, bold=True)}"


def _summary(report: Report, style: Style, verbose: bool) -> Iterator[str]:
    counts = [_counted(report.count(severity), severity.value) for severity in (Severity.ERROR, Severity.WARNING)]
    infos = report.count(Severity.INFO)
    if infos:
        counts.append(_counted(infos, "note"))
    verdict = ", ".join(counts) if report.findings else style("no findings", fg="green")
    releases = ", ".join(dict.fromkeys(job.release for job in report.jobs))
    reason = report.choice.reason
    not_checked = f", {len(report.not_checked)} not checked" if report.not_checked else ""
    jobs = _counted(len(report.jobs), "job")
    yield f"{jobs}: {verdict}{not_checked} (NVFlare {releases}, {reason}; {report.seconds:.2f} s)"
    if report.not_checked and not verbose:
        yield "  --verbose lists what was not checked"
    if verbose:
        for job in report.jobs:
            for item in job.not_checked:
                yield f"  not checked in {printable(job.path)}: {printable(item.what)}: {printable(item.why)}"


def _counted(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
