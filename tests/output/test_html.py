"""The page for reviews: self-contained, and inert whatever a job's text holds."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given

from fllint.checking import Run, check_run
from fllint.output import html_report, html_sections
from fllint.output.html_sections import Section
from fllint.output.presentation import Presentation
from fllint.report import JobReport, Report
from tests.output.reports import META, finding_at, many, report_with, reports
from tests.suppression.jobs import write_job

ALL = Presentation(verbose=True, statistics=True, show_suppressed=True)
VOID = {"meta", "img", "br"}
LOADING = {"script", "link", "iframe", "object", "embed", "base", "form", "video", "audio", "source"}


class Page(HTMLParser):
    """Checks that tags nest, and collects them with their attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self._open: list[str] = []
        self.feed(text)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attributes)))
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, text: str) -> None:
        self.text += text


def no_sections(_job: JobReport) -> tuple[Section, ...]:
    return ()


@many
@given(reports)
def test_the_page_loads_nothing_and_runs_nothing(report: Report) -> None:
    written = html_report.render(report, ALL, no_sections)
    written.encode("utf-8")
    page = Page(written)
    for tag, attributes in page.tags:
        assert tag not in LOADING
        assert not any(name.startswith("on") or name in ("src", "srcset", "style", "action") for name in attributes)
        if "href" in attributes:
            assert tag == "a"
            assert str(attributes["href"]).startswith("https://fllint.readthedocs.io/rules/FL")
    assert "url(" not in written.split("</style>")[0]
    articles = sum(tag == "article" for tag, _ in page.tags)
    assert articles == len(report.findings) + len(report.suppressed)


def test_a_finding_is_shown_with_the_lines_around_it() -> None:
    written = html_report.render(report_with(finding_at(META, '"app2"')), ALL, no_sections)
    assert "<mark>&quot;app2&quot;</mark>" in written
    shown = re.findall(r'<span class="number">(\d+)</span>', written)
    assert shown == ["2", "3", "4", "5", "6"]
    assert "did you mean" in written
    assert "module torch" in written


def test_both_colour_schemes_define_every_colour() -> None:
    from fllint.output.html_style import STYLE

    light, dark = STYLE.split("@media (prefers-color-scheme: dark)")
    used = set(re.findall(r"var\((--[\w-]+)\)", STYLE)) - {"--tone", "--tint"}
    assert used
    for name in used:
        assert f"{name}:" in light
        assert f"{name}:" in dark


def test_sections_are_shown_below_the_findings_of_their_job() -> None:
    def graph(job: JobReport) -> tuple[Section, ...]:
        return (Section("Graph", f"<p>of {job.path}</p>"),)

    written = html_report.render(report_with(finding_at(META, '"app2"')), ALL, graph)
    assert written.index("</article>") < written.index("<p>of jobs/a</p>")


def test_only_the_first_jobs_of_many_have_sections() -> None:
    asked: list[str] = []

    def graph(job: JobReport) -> tuple[Section, ...]:
        asked.append(job.path)
        return ()

    one = report_with()
    many = tuple(JobReport(f"jobs/{number:03}", "2.9", (), ()) for number in range(100))
    written = html_report.render(Report(many, one.choice), ALL, graph)
    assert len(asked) == html_report.MAX_JOBS_WITH_SECTIONS
    assert "for the first" in written


def test_a_real_job_is_shown_with_its_graph_and_the_releases_that_load_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    write_job(tmp_path / "job")
    report = check_run(Run(("job",), isolated=True))
    page = Page(html_report.render(report))
    (image,) = [attributes for tag, attributes in page.tags if tag == "img"]
    assert str(image["src"]).startswith("data:image/svg+xml;base64,")
    assert re.search(r"Loads on NVFlare [\d., ]*2\.9", page.text)


def test_a_script_of_which_nothing_is_known_has_no_drawing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    recipe = "nvflare.app_common.psi.recipes.dh_psi import DhPSIRecipe"
    script = (
        f"from {recipe}\nimport ours\n\nDhPSIRecipe(name='demo', local_psi=ours.psi(), output_path='o').export('out')\n"
    )
    (tmp_path / "job.py").write_text(script, "utf-8")
    report = check_run(Run(("job.py",), isolated=True))
    assert [job.path for job in report.jobs] == ["job.py"]
    assert not [tag for tag, _ in Page(html_report.render(report)).tags if tag == "img"]


def test_a_section_that_fails_costs_no_report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_job: JobReport) -> Section:
        raise ValueError("no")

    monkeypatch.setattr(html_sections, "SECTIONS", (broken,))
    assert "ValueError" in html_report.render(report_with())
