"""Reports made by hypothesis, with the text that a hostile job could bring into them, and a small one made by hand."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from fllint.documents.tree import Place, Source, Span
from fllint.findings import Edit, Finding, Fix, NotChecked, Problem, Related, Severity
from fllint.report import Fixes, JobReport, ReleaseChoice, Report, Suppressed

many = settings(
    max_examples=int(os.environ.get("FLLINT_EXAMPLES", "60")),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
"""How many reports are generated; FLLINT_EXAMPLES=1000 is for changes of a format."""

HOSTILE = (
    "",
    "::error file=x::owned",
    "%0A::set-env name=X::y\r\n::stop-commands::z",
    "<script>alert(1)</script>",
    "]]>&amp;'\"",
    "\x1b[31mred\x1b]8;;http://x\x07",
    "\x00\x01\x0b\ufffe\uffff",
    "\ud800 lone, \U0001f600 astral",
    "\u202egnp.exe\u2066",
    "漢字 e\u0301 \u200d",
    "a,b:c%d\\e",
    "\t{{ template }} ${x} #{y}",
)

texts = st.one_of(st.sampled_from(HOSTILE), st.text(max_size=40), st.text(alphabet=st.characters(), max_size=40))
codes = st.sampled_from(("FL000", "FL001", "FL102", "FL203", "FL090", "FL999"))
names = st.sampled_from(("unknown-app", "internal-error", "syntax-error"))
severities = st.sampled_from(list(Severity))
pointers = st.one_of(st.just(""), texts.map(lambda text: f"/components/0/{text}"))
paths = st.one_of(
    st.sampled_from(("jobs/a/meta.json", "jobs/b/app/config/config_fed_client.yml", "/elsewhere/meta.json", "j.zip/x")),
    texts.filter(lambda text: text.strip("/. \t\n\r") != "" and "\0" not in text).map(lambda text: f"jobs/{text}"),
)
source_texts = st.one_of(st.just(""), st.lists(texts, max_size=6).map("\n".join), st.just("x" * 3000))


@st.composite
def sources(draw: st.DrawFn) -> Source:
    path = draw(paths)
    return Source(path, path.rsplit("/", 1)[-1], draw(source_texts))


@st.composite
def places(draw: st.DrawFn, source: Source | None = None) -> Place:
    source = source or draw(sources())
    start = draw(st.integers(0, len(source.text)))
    end = draw(st.integers(start, len(source.text)))
    return Place(source, Span(start, end), draw(pointers))


@st.composite
def findings(draw: st.DrawFn) -> Finding:
    place = draw(places())
    fix = st.builds(
        Fix,
        texts,
        st.lists(st.builds(Edit, places(place.source), texts), min_size=1, max_size=2).map(tuple),
        st.booleans(),
    )
    problem = Problem(
        place,
        draw(texts),
        draw(texts),
        draw(st.lists(st.builds(Related, places(), texts), max_size=2).map(tuple)),
        None,
        draw(st.none() | fix),
    )
    return Finding(draw(codes), draw(names), draw(severities), draw(texts), problem)


job_reports = st.builds(
    JobReport,
    texts,
    st.sampled_from(("2.5", "2.9")),
    st.lists(findings(), max_size=3).map(tuple),
    st.lists(st.builds(NotChecked, texts, texts), max_size=2).map(tuple),
    st.lists(st.builds(Suppressed, findings(), places(), texts), max_size=2).map(tuple),
    severities,
)
reports = st.builds(
    Report,
    st.lists(job_reports, min_size=1, max_size=3).map(tuple),
    st.builds(ReleaseChoice, st.just("2.9"), st.sampled_from(("option", "pin", "environment", "default")), texts),
    st.floats(0, 1000),
    st.lists(findings(), max_size=1).map(tuple),
    st.lists(findings(), max_size=1).map(tuple),
    st.lists(texts, max_size=1).map(tuple),
    st.builds(Fixes, st.lists(findings(), max_size=1).map(tuple), st.lists(paths, max_size=1, unique=True).map(tuple)),
)

META = """{
  "name": "demo",
  "deploy_map": {
    "app2": ["server", "site-1"]
  }
}
"""


def finding_at(
    text: str,
    marked: str,
    *,
    code: str = "FL102",
    severity: Severity = Severity.ERROR,
    path: str = "jobs/a/meta.json",
    related: tuple[Related, ...] = (),
    help: str = "did you mean 'app'?",
    fix: Fix | None = None,
) -> Finding:
    """A finding at the first occurrence of a part of a text."""
    start = text.index(marked)
    place = Place(Source(path, "meta.json", text), Span(start, start + len(marked)), "/deploy_map/app2")
    problem = Problem(place, "the deploy map names 'app2', which the job does not have", help, related, None, fix)
    return Finding(code, "unknown-app", severity, "jobs/a", problem)


def report_with(*found: Finding, fail_on: Severity = Severity.ERROR) -> Report:
    """The report of a run on one job."""
    job = JobReport("jobs/a", "2.9", found, (NotChecked("module torch", "not installed"),), (), fail_on)
    return Report((job,), ReleaseChoice("2.9", "default", "the newest known"), 0.5)
