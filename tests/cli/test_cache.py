"""The cache gives what checking gives, and nothing else."""

from __future__ import annotations

import json
import os
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from msgspec.structs import replace

from fllint import checking
from fllint.cache import MAX_AGE, Cache, cache_folder
from fllint.checking import Run, check_run
from fllint.cli.outputs import FORMATS, render
from fllint.output.presentation import Presentation
from fllint.report import INTERNAL_ERROR, JobReport, Report
from fllint.stored_report import report_of, report_text
from tests.output.reports import META as TEXT
from tests.output.reports import finding_at, job_reports, report_with
from tests.suppression.jobs import BAD_CLIENT_HOCON, META, write_job

ALL = Presentation(verbose=True, statistics=True, show_suppressed=True)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FLLINT_CACHE_DIR", str(tmp_path / "cache"))
    comment = "# fllint: ignore[FL143]"
    client = BAD_CLIENT_HOCON.format(item="", executor="", path=comment, argument="")
    write_job(tmp_path / "jobs" / "a", client=client, client_name="conf")
    write_job(tmp_path / "jobs" / "b")
    (tmp_path / "fllint.toml").write_text('[[suppressions]]\npath = "jobs/b"\ncode = "FL143"\n')
    return tmp_path


def counted(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The jobs that are really checked from now on."""
    checked: list[str] = []
    real = checking.check_assignment

    def check(assignment: checking.Assignment) -> JobReport:
        checked.append(assignment.location.shown)
        return real(assignment)

    monkeypatch.setattr(checking, "check_assignment", check)
    return checked


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(job_reports)
def test_a_stored_report_is_written_alike_in_every_format(job: JobReport) -> None:
    choice = report_with().choice
    for name in set(FORMATS) - {"html"}:
        before, after = (render(Report((one,), choice), name, ALL) for one in (job, report_of(report_text(job))))
        assert before == after


def test_what_has_not_changed_is_not_checked_again(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = Run(("jobs",), cached=True)
    first = check_run(run)
    checked = counted(monkeypatch)
    second = check_run(run)
    assert checked == []
    assert render(first, "json", ALL) == render(second, "json", ALL)
    assert render(first, "text", ALL) == render(second, "text", ALL)
    assert {finding.code for finding in second.side_findings} == {"FL091"}


@pytest.mark.parametrize("change", ["content", "new file", "settings", "command line", "requirements", "renamed"])
def test_what_has_changed_is_checked_again(home: Path, monkeypatch: pytest.MonkeyPatch, change: str) -> None:
    check_run(Run(("jobs",), cached=True))
    checked = counted(monkeypatch)
    given: dict[str, object] = {}
    if change == "content":
        meta = home / "jobs" / "b" / "meta.json"
        state = meta.stat()
        meta.write_text(meta.read_text("utf-8").replace("site-9", "site-8"), encoding="utf-8")
        os.utime(meta, ns=(state.st_atime_ns, state.st_mtime_ns))
    elif change == "new file":
        (home / "jobs" / "b" / "app" / "custom").mkdir()
    elif change == "settings":
        (home / "fllint.toml").write_text('[[suppressions]]\npath = "jobs/b"\ncode = "FL143"\nreason = "x"\n')
    elif change == "command line":
        given = {"nvflare": "2.8"}
    elif change == "requirements":
        (home / "requirements.txt").write_text("torch\n")
    else:
        (home / "jobs" / "b").rename(home / "jobs" / "c")
    check_run(Run(("jobs",), given, cached=True))
    expected = (
        ["jobs/b"] if change in ("content", "new file") else ["jobs/c"] if change == "renamed" else ["jobs/a", "jobs/b"]
    )
    assert checked == expected


@pytest.mark.parametrize("damage", [b"", b"{", b"null", b'{"sources": []}', b"\xff\xfe", b"[" * 100_000])
def test_a_damaged_entry_is_a_miss(home: Path, monkeypatch: pytest.MonkeyPatch, damage: bytes) -> None:
    run = Run(("jobs",), cached=True)
    first = check_run(run)
    entries = list((home / "cache").glob("??/*.json"))
    assert len(entries) == 2
    for entry in entries:
        entry.write_bytes(damage)
    checked = counted(monkeypatch)
    second = check_run(run)
    assert checked == ["jobs/a", "jobs/b"]
    assert render(first, "json", ALL) == render(second, "json", ALL)


def test_a_cache_that_cannot_be_written_is_no_failure(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (home / "file").write_text("")
    monkeypatch.setenv("FLLINT_CACHE_DIR", str(home / "file" / "cache"))
    assert check_run(Run(("jobs",), cached=True)).findings


def test_failures_of_fllint_are_not_kept(tmp_path: Path) -> None:
    job = report_with().jobs[0]
    broken = replace(job, findings=(finding_at(TEXT, '"app2"', code=INTERNAL_ERROR),))
    cache = Cache(tmp_path)
    cache.put("aa11", broken)
    assert cache.get("aa11") is None
    cache.put("aa11", job)
    assert cache.get("aa11") == job


def test_old_entries_are_removed_once_a_day(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    cache.put("aa11", report_with().jobs[0])
    cache.put("aa22", report_with().jobs[0])
    old = time.time() - MAX_AGE - 10
    os.utime(tmp_path / "aa" / "11.json", (old, old))
    cache.tidy()
    assert [entry.name for entry in tmp_path.glob("aa/*")] == ["22.json"]
    os.utime(tmp_path / "aa" / "22.json", (old, old))
    cache.tidy()
    assert cache.get("aa22")


def test_the_folder_is_the_platforms_unless_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("FLLINT_CACHE_DIR", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_folder().name == "fllint"
    monkeypatch.setenv("FLLINT_CACHE_DIR", str(tmp_path / "x"))
    assert cache_folder() == tmp_path / "x"


def _run_here(folder: str) -> str:
    os.chdir(folder)
    report = check_run(Run(("jobs",), cached=True))
    return json.dumps([finding.code for finding in report.findings])


def test_runs_at_the_same_time_agree(home: Path) -> None:
    with ProcessPoolExecutor(4, mp_context=get_context("fork" if os.name == "posix" else "spawn")) as pool:
        results = set(pool.map(_run_here, [str(home)] * 8))
    assert len(results) == 1
    assert not list((home / "cache").glob("??/*.json.*"))


def test_many_jobs_give_the_same_on_all_cores(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(60):
        write_job(home / "many" / f"{number:02}", meta={**META, "name": f"job-{number}"})
    several = check_run(Run(("many",)))
    monkeypatch.setattr(checking, "WORTH_PROCESSES", 1000)
    one = check_run(Run(("many",)))
    assert render(several, "json", ALL) == render(one, "json", ALL)
    assert [job.path for job in several.jobs] == sorted(job.path for job in several.jobs)
