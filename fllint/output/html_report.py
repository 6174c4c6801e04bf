"""``--output-format html``: one page to attach to a review. It needs nothing from outside and runs no script."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from html import escape
from typing import Final

from fllint import __version__
from fllint.documents.tree import Place
from fllint.findings import Finding, Severity
from fllint.output.characters import printable, printable_line
from fllint.output.html_sections import Section, sections_of
from fllint.output.html_style import STYLE
from fllint.output.presentation import FINDINGS_ONLY, Presentation
from fllint.registry import docs_url
from fllint.report import JobReport, Report, Suppressed

CONTEXT: Final = 2
"""Lines shown above and below those that are meant."""
MAX_MEANT: Final = 12
MAX_LINE: Final = 400
MAX_JOBS_WITH_SECTIONS: Final = 30
"""Drawing a graph takes a while; a page with more than that is no page to read."""


def render(
    report: Report,
    presentation: Presentation = FINDINGS_ONLY,
    sections: Callable[[JobReport], tuple[Section, ...]] = sections_of,
) -> str:
    """The report as a page: findings with their source, what was not checked, and what ``sections`` add for a job."""
    body = "\n".join([*_header(report), *_statistics(report), *_jobs(report, sections), *_aside(report, presentation)])
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; "
        'img-src data:">\n'
        f"<title>fllint: {_text(_verdict(report))}</title>\n<style>{STYLE}</style>\n</head>\n"
        f"<body>\n<main>\n{body}\n</main>\n</body>\n</html>\n"
    )


def _text(text: str) -> str:
    return escape(printable(text))


def _verdict(report: Report) -> str:
    counts = [_counted(report.count(severity), severity) for severity in Severity if report.count(severity)]
    jobs = "1 job" if len(report.jobs) == 1 else f"{len(report.jobs)} jobs"
    return f"{', '.join(counts) or 'no findings'} in {jobs}"


def _counted(count: int, severity: Severity) -> str:
    return f"{count} {_noun(count, severity)}"


def _noun(count: int, severity: Severity) -> str:
    noun = "note" if severity is Severity.INFO else severity.value
    return noun if count == 1 else f"{noun}s"


def _header(report: Report) -> Iterator[str]:
    yield f"<h1>{_text(_verdict(report))}</h1>"
    yield f'<p class="about">Checked for NVFlare {_text(report.checked_for)} by fllint {__version__}.</p>'
    tiles = [
        (severity.value if count else "", count, _noun(count, severity))
        for severity in Severity
        if (count := report.count(severity)) or severity is not Severity.INFO
    ]
    asides = [
        (len(report.not_checked), "not checked"),
        (len(report.suppressed), "suppressed"),
        (len(report.baselined), "in the baseline"),
        (len(report.excluded), "excluded"),
    ]
    tiles += [("", count, what) for count, what in asides if count]
    yield '<ul class="counts">'
    for tone, count, what in tiles:
        yield f'<li class="{tone}"><strong>{count}</strong>{what}</li>'
    yield "</ul>"


def _statistics(report: Report) -> Iterator[str]:
    """The rules that found something, when there is more than a screen of findings."""
    if len(report.findings) < 5:
        return
    yield '<details class="quiet"><summary>Findings by rule</summary><table>'
    yield "<tr><th>Rule</th><th>Severity</th><th>Findings</th></tr>"
    for finding, count in report.statistics:
        yield f'<tr><td>{_rule(finding)}</td><td>{finding.severity.value}</td><td class="count">{count}</td></tr>'
    yield "</table></details>"


def _rule(finding: Finding) -> str:
    code, url = escape(finding.code), docs_url(finding.code)
    return f'<a href="{escape(url)}">{code}</a> {escape(finding.name)}' if url else f"{code} {escape(finding.name)}"


def _jobs(report: Report, sections: Callable[[JobReport], tuple[Section, ...]]) -> Iterator[str]:
    for number, job in enumerate(report.jobs):
        yield f"<section>\n<h2>{_text(job.path)}</h2>"
        if not job.findings:
            yield '<p class="finding ok">No findings.</p>'
        for finding in job.findings:
            yield from _finding(finding)
        if job.not_checked:
            yield f'<details class="quiet"><summary>Not checked ({len(job.not_checked)})</summary><ul>'
            yield from (f"<li>{_text(item.what)}: {_text(item.why)}</li>" for item in job.not_checked)
            yield "</ul></details>"
        for section in sections(job) if number < MAX_JOBS_WITH_SECTIONS else ():
            opened = " open" if section.opened else ""
            yield f'<details class="quiet"{opened}><summary>{_text(section.title)}</summary>{section.html}</details>'
        yield "</section>"
    if len(report.jobs) > MAX_JOBS_WITH_SECTIONS:
        yield f'<p class="about">Graphs are drawn for the first {MAX_JOBS_WITH_SECTIONS} jobs only.</p>'


def _aside(report: Report, presentation: Presentation) -> Iterator[str]:
    if report.side_findings:
        yield "<section>\n<h2>Settings and baseline</h2>"
        for finding in report.side_findings:
            yield from _finding(finding)
        yield "</section>"
    if presentation.show_suppressed and report.suppressed:
        yield "<section>\n<h2>Suppressed</h2>"
        for suppressed in report.suppressed:
            yield from _finding(suppressed.finding, suppressed)
        yield "</section>"


def _finding(finding: Finding, suppressed: Suppressed | None = None) -> Iterator[str]:
    problem = finding.problem
    yield f'<article class="finding {finding.severity.value}">'
    yield f'<div class="head"><span class="badge">{finding.severity.value}</span><span>{_rule(finding)}</span></div>'
    yield f"<h3>{_text(problem.message)}</h3>"
    yield from _source(problem.place)
    for related in problem.related:
        yield from _source(related.place, related.message)
    if problem.help:
        yield f'<p class="help"><strong>Help</strong>{_text(problem.help)}</p>'
    if problem.fix:
        safety = "--fix" if problem.fix.safe else "--fix --unsafe-fixes"
        yield f'<p class="help"><strong>Fix</strong>{_text(problem.fix.message)} (<code>{safety}</code>)</p>'
    if suppressed:
        reason = f": {_text(suppressed.reason)}" if suppressed.reason else ", without a reason"
        yield f'<p class="where">suppressed at {_where(suppressed.by)}{reason}</p>'
    yield "</article>"


def _where(place: Place) -> str:
    line, column = place.source.position(place.span.start)
    return f"{_text(place.source.path)}:{line}:{column}" if place.source.text else _text(place.source.path)


def _source(place: Place, note: str = "") -> Iterator[str]:
    """Where a place is and the lines around it, with what is meant marked."""
    yield f'<p class="where">{_where(place)}{" &mdash; " + _text(note) if note else ""}</p>'
    source = place.source
    if not source.text:
        return
    start, end = source.position(place.span.start), source.position(max(place.span.start, place.span.end))
    last = min(end[0], start[0] + MAX_MEANT)
    total = source.position(len(source.text))[0]
    lines = []
    for number in range(max(1, start[0] - CONTEXT), min(total, last + CONTEXT) + 1):
        meant = start[0] <= number <= last
        text = source.line(number)
        first = start[1] - 1 if number == start[0] else 0
        until = end[1] - 1 if number == end[0] else len(text)
        shown = _marked(text, first, until) if meant else _code(_cut(text))
        lines.append(
            f'<span class="line{" meant" if meant else ""}"><span class="number">{number}</span>{shown}</span>'
        )
    yield f"<pre>{''.join(lines)}</pre>"


def _marked(text: str, first: int, until: int) -> str:
    skipped = max(0, first - MAX_LINE // 2) if len(text) > MAX_LINE else 0
    shown = text[skipped : skipped + MAX_LINE]
    first, until = first - skipped, max(until, first + 1) - skipped
    before, after = ("…" if skipped else ""), ("…" if skipped + MAX_LINE < len(text) else "")
    mark = f"<mark>{_code(shown[first:until])}</mark>"
    return f"{before}{_code(shown[:first])}{mark}{_code(shown[until:])}{after}"


def _cut(text: str) -> str:
    return text if len(text) <= MAX_LINE else f"{text[:MAX_LINE]}…"


def _code(text: str) -> str:
    return escape(printable_line(text))
