"""What people read in a terminal."""

from __future__ import annotations

import re
from io import StringIO

import pytest
from hypothesis import given

from fllint.documents.tree import Place, Source, Span
from fllint.findings import Fix, Related, Severity
from fllint.output import text_report
from fllint.output.characters import printable, width
from fllint.output.excerpt import excerpt
from fllint.output.presentation import Presentation
from fllint.output.terminal import Terminal, this_terminal
from fllint.report import Report, Suppressed
from tests.output.reports import META, finding_at, many, report_with, reports

ALL = Presentation(verbose=True, statistics=True, show_suppressed=True)


def test_a_finding_shows_its_line_its_related_place_and_help() -> None:
    other = "components = [\n" + "\n" * 9 + "  { id = app2 }\n]\n"
    place = finding_at(other, "app2", path="jobs/a/app/config/config_fed_server.conf").problem.place
    report = report_with(finding_at(META, '"app2"', related=(Related(place, "named here"),)))
    assert text_report.render(report) == (
        "error[FL102] unknown-app: the deploy map names 'app2', which the job does not have\n"
        "  --> jobs/a/meta.json:4:5\n"
        "   |\n"
        ' 4 |     "app2": ["server", "site-1"]\n'
        "   |     ^^^^^^\n"
        "  ::: jobs/a/app/config/config_fed_server.conf:11:10\n"
        "   |\n"
        "11 |   { id = app2 }\n"
        "   |          ---- named here\n"
        "   = help: did you mean 'app'?\n"
        "\n"
        "1 error in 1 job, checked for NVFlare 2.9 (the newest known) in 0.50 s\n"
        "1 not checked (--verbose lists them)\n"
        "`fllint explain FL102` says more about a finding.\n"
    )


def test_concise_has_a_line_for_each_finding() -> None:
    lines = text_report.render_concise(report_with(finding_at(META, '"app2"'))).splitlines()
    assert lines[0].startswith("jobs/a/meta.json:4:5: error FL102 the deploy map names")


@many
@given(reports)
def test_no_text_of_a_job_reaches_the_terminal_as_a_command(report: Report) -> None:
    for written in (text_report.render(report, ALL), text_report.render_concise(report, ALL)):
        assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]", written)


@pytest.mark.parametrize(
    ("line", "marked", "before"),
    [
        ('\t"app2": 1', '"app2"', 4),
        ('  "漢字": "app2"', '"app2"', 10),
        ('  "e\u0301": "app2"', '"app2"', 7),
        ('  "\x1b": "app2"', '"app2"', 10),
    ],
)
def test_marks_stand_below_what_is_meant(line: str, marked: str, before: int) -> None:
    start = line.index(marked)
    shown = excerpt(Place(Source("x", "x", line), Span(start, start + len(marked))), 100)
    assert shown is not None
    assert (shown.start, shown.length) == (before, 6)
    assert width(shown.text) == before + width(printable(line[start:]))


def test_long_lines_are_cut_around_what_is_meant() -> None:
    line = "x" * 5000 + "HERE" + "y" * 5000
    shown = excerpt(Place(Source("x", "x", line), Span(5000, 5004)), 80)
    assert shown is not None
    assert len(shown.text) <= 82
    assert shown.text[shown.start : shown.start + shown.length] == "HERE"
    assert shown.text[0] == shown.text[-1] == "…"


def test_places_in_several_lines_say_how_many() -> None:
    text = '{\n  "a": [\n    1,\n    2\n  ]\n}'
    place = Place(Source("x", "x", text), Span(text.index("["), text.index("]") + 1))
    shown = excerpt(place, 80)
    assert shown is not None
    assert (shown.number, shown.length, shown.more_lines) == (2, 1, 3)


def test_suppressed_findings_show_when_asked_for_with_their_reason() -> None:
    found = finding_at(META, '"app2"')
    report = report_with()
    job = report.jobs[0]
    suppressed = Suppressed(found, found.problem.place, "known since May")
    report = Report((type(job)(job.path, job.release, (), (), (suppressed,)),), report.choice)
    assert "known since May" not in text_report.render(report)
    assert "1 suppressed (--show-suppressed)" in text_report.render(report)
    assert "suppressed at jobs/a/meta.json:4:5: known since May" in text_report.render(report, ALL)


def test_statistics_count_by_rule_the_most_frequent_first() -> None:
    report = report_with(
        finding_at(META, '"app2"'),
        finding_at(META, '"server"', code="FL203"),
        finding_at(META, '"site-1"', code="FL203"),
    )
    written = text_report.render(report, Presentation(statistics=True))
    assert re.search(r" 2  FL203 .*\n +1  FL102 ", written)


def test_a_fix_names_the_option_that_makes_it() -> None:
    report = report_with(finding_at(META, '"app2"', fix=Fix("rename it", (), safe=False)))
    assert "fix: rename it (--fix --unsafe-fixes does it)" in text_report.render(report)


def test_severities_are_counted_in_words() -> None:
    report = report_with(finding_at(META, '"app2"', severity=Severity.INFO))
    assert "\n1 note in 1 job," in text_report.render(report)


class FakeTerminal(StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("stream", "environment", "colour"),
    [
        (FakeTerminal(), {}, True),
        (FakeTerminal(), {"TERM": "dumb"}, False),
        (FakeTerminal(), {"NO_COLOR": "1"}, False),
        (FakeTerminal(), {"NO_COLOR": "", "TERM": "xterm"}, True),
        (StringIO(), {}, False),
        (StringIO(), {"FORCE_COLOR": "1"}, True),
        (StringIO(), {"FORCE_COLOR": "0"}, False),
        (StringIO(), {"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
    ],
)
def test_the_environment_decides_about_colour(stream: StringIO, environment: dict[str, str], colour: bool) -> None:
    assert this_terminal(stream, environment).colour is colour


@pytest.mark.parametrize(
    ("environment", "follows"),
    [
        ({"TERM_PROGRAM": "iTerm.app"}, True),
        ({"TERM": "xterm-kitty"}, True),
        ({"VTE_VERSION": "6003"}, True),
        ({"VTE_VERSION": "4205"}, False),
        ({"TERM": "xterm-256color"}, False),
        ({"TERM_PROGRAM": "vscode", "CI": "true"}, False),
    ],
)
def test_hyperlinks_are_for_terminals_that_follow_them(environment: dict[str, str], follows: bool) -> None:
    assert this_terminal(FakeTerminal(), environment).hyperlinks is follows
    assert not this_terminal(StringIO(), environment).hyperlinks


def test_codes_are_hyperlinks_to_their_page_and_take_no_room() -> None:
    report = report_with(finding_at(META, '"app2"'))
    linked = text_report.render(report, terminal=Terminal(hyperlinks=True))
    assert "\033]8;;https://fllint.readthedocs.io/rules/FL102/\033\\FL102\033]8;;\033\\" in linked
    assert re.sub(r"\033\]8;;[^\033]*\033\\", "", linked) == text_report.render(report)


def test_colours_change_no_letter() -> None:
    report = report_with(finding_at(META, '"app2"'))
    coloured = text_report.render(report, terminal=Terminal(colour=True))
    assert "\033[" in coloured
    assert re.sub(r"\033\[[\d;]*m", "", coloured) == text_report.render(report)
