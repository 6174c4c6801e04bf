"""The outputs for people: ``text`` with source lines and carets, and ``concise`` with a line for each finding."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final, TypeAlias

from fllint.documents.tree import Place
from fllint.findings import Finding, Severity
from fllint.output.characters import printable
from fllint.output.excerpt import excerpt
from fllint.output.presentation import FINDINGS_ONLY, Presentation, counted
from fllint.output.terminal import PLAIN, Terminal, hyperlink
from fllint.registry import docs_url
from fllint.report import JobReport, Report, Suppressed

Style: TypeAlias = Callable[..., str]

COLOURS: Final = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.INFO: "cyan"}
NOTE_COLOUR: Final = "blue"
OTHER_RELEASE: Final = "FL501"
"""The finding that a job is written for another release than the one that was found for it."""


def render(report: Report, presentation: Presentation = FINDINGS_ONLY, terminal: Terminal = PLAIN) -> str:
    """Every finding with its source line, then what the user asked for beside them, then the summary."""
    writer = _Writer(terminal)
    blocks = ["\n".join(writer.block(finding)) + "\n" for finding in report.findings]
    if presentation.show_suppressed:
        blocks += ["\n".join(writer.suppressed_block(suppressed)) + "\n" for suppressed in report.suppressed]
    return "\n".join([*blocks, *writer.end(report, presentation)]) + "\n"


def render_concise(report: Report, presentation: Presentation = FINDINGS_ONLY, terminal: Terminal = PLAIN) -> str:
    """A line for each finding, ``path:line:column: severity CODE message``, then the summary."""
    writer = _Writer(terminal)
    lines = [writer.line(finding) for finding in report.findings]
    if presentation.show_suppressed:
        lines += [
            f"{writer.line(suppressed.finding)} (suppressed: {printable(suppressed.reason) or 'no reason given'})"
            for suppressed in report.suppressed
        ]
    return "\n".join([*lines, *writer.end(report, presentation, hint=False)]) + "\n"


class _Writer:
    def __init__(self, terminal: Terminal) -> None:
        self.terminal = terminal
        self.style: Style = _coloured if terminal.colour else _plain

    def line(self, finding: Finding) -> str:
        severity = self.style(finding.severity.value, fg=COLOURS[finding.severity])
        where = f"{_where(finding.problem.place)}: {severity}"
        return f"{where} {self.code(finding)} {printable(finding.problem.message)}"

    def code(self, finding: Finding) -> str:
        url = docs_url(finding.code)
        return hyperlink(finding.code, url) if url and self.terminal.hyperlinks else finding.code

    def block(self, finding: Finding, note: str = "") -> Iterator[str]:
        """A finding: what, where, the source, related places, what to do."""
        problem, style = finding.problem, self.style
        colour = COLOURS[finding.severity]
        head = style(f"{finding.severity.value}[{self.code(finding)}]", fg=colour, bold=True)
        yield f"{head} {style(finding.name, bold=True)}: {printable(problem.message)}{note}"
        places = (problem.place, *(related.place for related in problem.related))
        gutter = max(len(str(place.source.position(place.span.start)[0])) for place in places)
        yield from self.excerpt(problem.place, gutter, "-->", "^", colour)
        for related in problem.related:
            yield from self.excerpt(related.place, gutter, ":::", "-", NOTE_COLOUR, printable(related.message))
        margin = " " * (gutter + 1)
        if problem.help:
            yield f"{margin}{self.bar('=')} {style('help', fg='green', bold=True)}: {printable(problem.help)}"
        if problem.fix:
            safety = "--fix" if problem.fix.safe else "--fix --unsafe-fixes"
            fix = f"{printable(problem.fix.message)} ({safety} does it)"
            yield f"{margin}{self.bar('=')} {style('fix', fg='green', bold=True)}: {fix}"

    def suppressed_block(self, suppressed: Suppressed) -> Iterator[str]:
        """A suppressed finding, with what suppresses it."""
        yield from self.block(suppressed.finding, self.style(" (suppressed)", dim=True))
        reason = f": {printable(suppressed.reason)}" if suppressed.reason else ", without reason"
        gutter = len(
            str(suppressed.finding.problem.place.source.position(suppressed.finding.problem.place.span.start)[0])
        )
        yield f"{' ' * (gutter + 1)}{self.bar('=')} suppressed at {_where(suppressed.by)}{reason}"

    def bar(self, sign: str = "|") -> str:
        return self.style(sign, fg=NOTE_COLOUR, bold=True)

    def excerpt(self, place: Place, gutter: int, arrow: str, mark: str, colour: str, label: str = "") -> Iterator[str]:
        """Where a place is, its line, and marks under it with a label."""
        margin = " " * gutter
        shown = excerpt(place, self.terminal.width - gutter - 4)
        where = f"{margin}{self.style(arrow, fg=NOTE_COLOUR, bold=True)} {_where(place)}"
        if shown is None:
            yield f"{where}: {label}" if label else where
            return
        yield where
        yield f"{margin} {self.bar()}"
        number = self.style(f"{shown.number:>{gutter}}", fg=NOTE_COLOUR, bold=True)
        yield f"{number} {self.bar()} {shown.text}"
        marks = self.style(f"{mark * shown.length}{'…' if shown.more_lines else ''}", fg=colour, bold=True)
        length = f"({shown.more_lines + 1} lines)" if shown.more_lines else ""
        beside = " ".join(self.style(part, fg=colour) for part in (label, length) if part)
        yield f"{margin} {self.bar()} {' ' * shown.start}{marks} {beside}".rstrip()

    def end(self, report: Report, presentation: Presentation, *, hint: bool = True) -> Iterator[str]:
        """Statistics, what was not checked, and the summary."""
        if presentation.statistics:
            yield from self.statistics(report)
        if presentation.verbose:
            for job in report.jobs:
                if len(report.releases) > 1:
                    yield f"{printable(job.path)}: checked for NVFlare {job.release}"
                yield from self.not_checked(job)
        yield from self.summary(report, presentation)
        if hint and report.findings:
            worst = min(report.findings, key=lambda finding: finding.severity.rank)
            yield f"`fllint explain {worst.code}` says more about a finding."
            if report.choice.origin != "option" and any(finding.code == OTHER_RELEASE for finding in report.findings):
                yield "`fllint compat JOB` says on which releases of NVFlare a job loads; --nvflare chooses one."

    def statistics(self, report: Report) -> Iterator[str]:
        for finding, count in report.statistics:
            severity = self.style(finding.severity.value, fg=COLOURS[finding.severity])
            yield f"{count:>6}  {finding.code}  {finding.name}  {severity}"
        if report.findings:
            yield ""

    def not_checked(self, job: JobReport) -> Iterator[str]:
        for item in job.not_checked:
            yield f"not checked in {printable(job.path)}: {printable(item.what)}: {printable(item.why)}"
        if job.not_checked:
            yield ""

    def summary(self, report: Report, presentation: Presentation) -> Iterator[str]:
        jobs = counted(len(report.jobs), "job")
        counts = [
            counted(report.count(severity), "note" if severity is Severity.INFO else severity.value)
            for severity in Severity
            if report.count(severity)
        ]
        worst = next((severity for severity in Severity if report.count(severity)), None)
        verdict = self.style(", ".join(counts) or "no findings", fg=COLOURS[worst] if worst else "green", bold=True)
        yield f"{verdict} in {jobs}, checked for NVFlare {printable(report.checked_for)} in {report.seconds:.2f} s"
        aside = [
            (len(report.fixes.findings), f"fixed in {counted(len(report.fixes.files), 'file')}"),
            (len(report.not_checked), "not checked" + ("" if presentation.verbose else " (--verbose lists them)")),
            (len(report.suppressed), "suppressed" + ("" if presentation.show_suppressed else " (--show-suppressed)")),
            (len(report.baselined), "in the baseline"),
            (len(report.excluded), "excluded by the settings"),
        ]
        said = [f"{count} {what}" for count, what in aside if count]
        if said:
            yield "; ".join(said)
        yield from _fixable(report)


def _fixable(report: Report) -> Iterator[str]:
    """How many findings fllint can fix itself."""
    safe, unsafe = report.count_fixable(safe=True), report.count_fixable(safe=False)
    if safe:
        more = f", {unsafe} more with --unsafe-fixes" if unsafe else ""
        yield f"{safe} can be fixed with --fix{more}"
    elif unsafe:
        yield f"{unsafe} can be fixed with --fix --unsafe-fixes"


def _where(place: Place) -> str:
    """``path:line:column``; the path alone for a file without text."""
    line, column = place.source.position(place.span.start)
    path = printable(place.source.path)
    return f"{path}:{line}:{column}" if place.source.text else path


def _coloured(text: str, **how: object) -> str:
    import click

    return click.style(text, **how)  # type: ignore[arg-type]  # the keyword arguments of click.style, passed on


def _plain(text: str, **_: object) -> str:
    return text
