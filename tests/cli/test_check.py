"""`fllint check` from outside: exit status, formats, files, settings and baselines."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from fllint.cli import main
from fllint.problems import MAX_SAID
from tests.suppression.jobs import META, SERVER, write_job

SOUND: dict[str, Any] = {**META, "resource_spec": {}}
BROKEN = {**SOUND, "deploy_map": {"other": ["server", "site-1"]}}
"""The deploy map names an app that is not there: an error."""


@pytest.fixture(autouse=True)
def _at_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FLLINT_CACHE_DIR", str(tmp_path / ".cache"))


def fllint(*arguments: str) -> Result:
    return CliRunner().invoke(main, arguments, catch_exceptions=False)


def report_of(result: Result) -> Any:
    return json.loads(result.stdout)


@pytest.fixture
def jobs(tmp_path: Path) -> Path:
    write_job(tmp_path / "jobs" / "sound", meta=SOUND)
    write_job(tmp_path / "jobs" / "warned")
    write_job(tmp_path / "jobs" / "broken", meta=BROKEN)
    return tmp_path / "jobs"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("jobs/missing",), "does not exist"),
        ((".git",), "no job found"),
        (("jobs", "--nvflare", "9.9"), "NVFlare 9.9 (--nvflare) is not known"),
        (("jobs", "--select", "FL102x"), "no rule is called FL102x"),
        (("jobs", "--python", "nowhere"), "does not exist"),
        (("jobs", "--baseline", "nowhere.json"), "cannot be read"),
        (("jobs", "--output-file", "nowhere/x"), "cannot be written"),
        (("jobs", "--output-format", "xml"), "Invalid value"),
        (("jobs", "--select", "FL001", "--ignore", "FL0"), "leaves no rule to run"),
        ((), "Missing argument"),
    ],
)
def test_what_cannot_be_done_is_2_and_says_why(jobs: Path, arguments: tuple[str, ...], said: str) -> None:
    result = fllint("check", *arguments)
    assert result.exit_code == 2
    assert said in result.stderr
    assert "Traceback" not in result.output


def test_several_formats_go_to_their_files(jobs: Path, tmp_path: Path) -> None:
    pairs = [("sarif", "a.sarif"), ("junit", "b.xml"), ("html", "c.html"), ("gitlab", "d.json")]
    options = [word for name, file in pairs for word in ("--output-format", name, "--output-file", file)]
    result = fllint("check", "jobs", *options, "--output-format", "concise")
    assert result.exit_code == 1
    assert json.loads((tmp_path / "a.sarif").read_text("utf-8"))["version"] == "2.1.0"
    assert (tmp_path / "b.xml").read_text("utf-8").startswith("<?xml")
    assert (tmp_path / "c.html").read_text("utf-8").startswith("<!DOCTYPE html>")
    assert json.loads((tmp_path / "d.json").read_text("utf-8"))
    assert "jobs/broken/meta.json:" in result.stdout


def test_a_file_that_the_settings_exclude_is_not_checked_though_it_is_named(jobs: Path, tmp_path: Path) -> None:
    (tmp_path / "fllint.toml").write_text('exclude = ["jobs/broken"]')
    assert fllint("check", "jobs").exit_code == 0
    named = fllint("check", "jobs/broken/meta.json")
    assert named.exit_code == 2
    assert "nothing was checked: `exclude`" in named.stderr
    hook = fllint("check", "jobs/broken/meta.json", "--allow-empty")
    assert hook.exit_code == 0
    assert "nothing was checked" in hook.stderr
    assert report_of(fllint("check", "jobs", "--output-format", "json"))["summary"]["excluded"] == 1


def test_the_command_line_goes_before_the_settings(jobs: Path, tmp_path: Path) -> None:
    (tmp_path / "fllint.toml").write_text('ignore = ["FL1"]\nnvflare = "2.7"\nfail-on = "info"')
    silent = report_of(fllint("check", "jobs/broken", "--output-format", "json"))
    assert (silent["nvflare"], silent["nvflare_from"], silent["findings"]) == ("2.7", "option", [])
    options = ("--ignore", "FL5", "--nvflare", "2.9", "--output-format", "json")
    assert report_of(fllint("check", "jobs/broken", *options))["findings"]
    assert fllint("check", "jobs/broken", "--isolated").exit_code == 1
    assert fllint("check", "jobs/warned", "--isolated").exit_code == 0


def test_each_job_has_its_own_settings(jobs: Path) -> None:
    (jobs / "warned" / "fllint.toml").write_text('fail-on = "warning"')
    (jobs / "broken" / "fllint.toml").write_text('ignore = ["FL1"]')
    assert fllint("check", "jobs/broken").exit_code == 0
    assert fllint("check", "jobs").exit_code == 1


@pytest.mark.parametrize("text", ['selct = ["FL1"]', 'select = ["FL102x"]', "select = ["])
def test_settings_that_cannot_be_used_are_2_with_their_position(jobs: Path, tmp_path: Path, text: str) -> None:
    (tmp_path / "fllint.toml").write_text(text)
    result = fllint("check", "jobs")
    assert result.exit_code == 2
    assert "fllint.toml:1:" in result.stderr


def test_show_suppressed_and_statistics_reach_json(jobs: Path, tmp_path: Path) -> None:
    (tmp_path / "fllint.toml").write_text('[[suppressions]]\npath = "jobs/warned"\ncode = "FL143"\nreason = "known"')
    options = ("--output-format", "json", "--show-suppressed", "--statistics")
    report = report_of(fllint("check", "jobs", *options))
    assert report["summary"]["suppressed"] == 1
    assert report["suppressed"][0]["suppressed_by"]["reason"] == "known"
    assert sum(rule["count"] for rule in report["statistics"]) == len(report["findings"])


def test_a_failure_on_one_job_is_2_and_the_others_are_checked(jobs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from fllint import engine
    from fllint.job.read import read_job as real

    def failing(files: Any, release: str, is_short_name: Any) -> Any:
        if files.path == "jobs/sound":
            raise LookupError("a mistake in fllint")
        return real(files, release, is_short_name)

    monkeypatch.setattr(engine, "read_job", failing)
    result = fllint("check", "jobs", "--output-format", "json")
    assert result.exit_code == 2
    found = report_of(result)["findings"]
    assert {finding["code"] for finding in found} >= {"FL000", "FL102", "FL143"}
    message = next(finding["message"] for finding in found if finding["code"] == "FL000")
    assert re.search(r"LookupError: a mistake in fllint \(test_check\.py:\d+\)", message)


def test_a_name_as_long_as_its_file_does_not_flood_the_report(jobs: Path) -> None:
    meta = {**SOUND, "deploy_map": {"x" * 200_000: ["server", "site-1"]}}
    (jobs / "broken" / "meta.json").write_text(json.dumps(meta))
    (found,) = report_of(fllint("check", "jobs/broken", "--select", "FL102", "--output-format", "json"))["findings"]
    assert len(found["message"]) == MAX_SAID
    assert found["message"].startswith("the job has no app folder 'xxx")
    assert found["message"].endswith("xxx'; NVFlare refuses the job")
    assert len(fllint("check", "jobs/broken").stdout) < 10_000


# baseline


def test_a_baseline_leaves_new_findings_only(jobs: Path, tmp_path: Path) -> None:
    written = fllint("check", "jobs", "--baseline", "known.json", "--write-baseline")
    assert written.exit_code == 0
    assert "known.json:" in written.stderr
    known = report_of(fllint("check", "jobs", "--baseline", "known.json", "--output-format", "json"))
    assert known["findings"] == []
    assert known["summary"]["baselined"] >= 2
    meta = {**BROKEN, "min_clients": -1}
    (jobs / "broken" / "meta.json").write_text("\n\n" + json.dumps(meta, indent=1))
    new = report_of(fllint("check", "jobs", "--baseline", "known.json", "--output-format", "json"))
    assert new["findings"]
    assert all(finding["pointer"] == "/min_clients" for finding in new["findings"])


def test_a_baseline_does_not_depend_on_the_working_directory(
    jobs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fllint("check", "jobs", "--write-baseline")
    monkeypatch.chdir(jobs)
    assert fllint("check", "broken", "--baseline", "../fllint-baseline.json").exit_code == 0


def test_entries_that_nothing_matches_are_stale(jobs: Path, tmp_path: Path) -> None:
    fllint("check", "jobs", "--write-baseline")
    write_fresh(jobs / "broken", SOUND)
    options = ("--baseline", "fllint-baseline.json", "--output-format", "json")
    stale = report_of(fllint("check", "jobs", *options))["findings"]
    assert {finding["code"] for finding in stale} == {"FL092"}
    assert {finding["path"] for finding in stale} == {"fllint-baseline.json"}
    for finding in stale:
        line = line_of(tmp_path / finding["path"], finding["line"])
        assert line[finding["column"] - 1 :].startswith('{"code": "FL1')
    assert report_of(fllint("check", "jobs/warned", *options))["findings"] == []
    assert report_of(fllint("check", "jobs", "--select", "FL092,FL2", *options))["findings"] == []


def test_a_baseline_may_be_formatted_otherwise(jobs: Path, tmp_path: Path) -> None:
    fllint("check", "jobs", "--write-baseline")
    file = tmp_path / "fllint-baseline.json"
    file.write_text(json.dumps(json.loads(file.read_text("utf-8"))))
    assert fllint("check", "jobs", "--baseline", "fllint-baseline.json").exit_code == 0


def write_fresh(job: Path, meta: dict[str, Any]) -> None:
    (job / "meta.json").write_text(json.dumps(meta))


def line_of(file: Path, number: int) -> str:
    return file.read_text("utf-8").splitlines()[number - 1]


def test_a_value_that_changes_is_a_new_finding(jobs: Path) -> None:
    fllint("check", "jobs/broken", "--write-baseline")
    write_fresh(jobs / "broken", {**SOUND, "deploy_map": {"another": ["server", "site-1"]}})
    assert fllint("check", "jobs/broken", "--baseline", "fllint-baseline.json").exit_code == 1


def test_files_that_cannot_be_read_have_no_place_in_a_baseline(jobs: Path, tmp_path: Path) -> None:
    (jobs / "sound" / "meta.json").write_text("{")
    result = fllint("check", "jobs/sound", "--write-baseline")
    assert result.exit_code == 1
    assert "FL001" not in (tmp_path / "fllint-baseline.json").read_text("utf-8")


ENTRY = '{{"version": 1, "findings": [{{"code": "FL102", "path": "", "pointer": "", "value": "", "count": {}}}]}}'


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{",
        '{"version": 2, "findings": []}',
        '{"version": 1, "findings": [{}]}',
        ENTRY.format(0),
        ENTRY.format('"1"'),
        "[" * 100_000,
    ],
)
def test_a_malformed_baseline_is_2(jobs: Path, tmp_path: Path, text: str) -> None:
    (tmp_path / "b.json").write_text(text)
    result = fllint("check", "jobs", "--baseline", "b.json")
    assert result.exit_code == 2
    assert "b.json" in result.stderr
    assert "[{" not in text or "finding 1 is malformed" in result.stderr


# settings


def test_fllint_settings_says_what_holds_and_from_where(jobs: Path, tmp_path: Path) -> None:
    (tmp_path / "base.toml").write_text('nvflare = "2.8"\nsites = ["a"]')
    (jobs / "pyproject.toml").write_text(
        '[tool.fllint]\nextend = "../base.toml"\nignore = ["FL5"]\nper-path = {"old/*" = ["FL1"]}'
    )
    shown = report_of(fllint("settings", "jobs/sound/app", "--output-format", "json"))
    assert shown["files"] == ["jobs/pyproject.toml", "base.toml"]
    assert shown["settings"]["nvflare"] == {"value": "2.8", "from": "base.toml"}
    assert shown["settings"]["ignore"] == {"value": ["FL5"], "from": "jobs/pyproject.toml"}
    assert shown["settings"]["preview"] == {"value": False, "from": "default"}
    text = fllint("settings", "jobs/sound").stdout
    assert 'sites              ["a"]  (base.toml)' in text


def test_fllint_settings_refuses_what_check_refuses(jobs: Path, tmp_path: Path) -> None:
    (tmp_path / "fllint.toml").write_text('ignore = ["FL999"]')
    result = fllint("settings", "jobs")
    assert result.exit_code == 2
    assert "fllint.toml:1:1: no rule is called FL999" in result.stderr


# start-up


def imported_by(*arguments: str, cwd: Path) -> set[str]:
    script = "import sys; from fllint.cli import main; main(standalone_mode=False)"
    after = "import atexit, sys; atexit.register(lambda: print('\\n'.join(sys.modules), file=sys.stderr)); "
    run = subprocess.run(
        [sys.executable, "-c", f"{after}{script}", *arguments], capture_output=True, text=True, cwd=cwd, check=False
    )
    return {line.split(".")[0] if line.split(".")[0] != "importlib" else line for line in run.stderr.split()}


HEAVY = {
    "importlib.metadata", "libcst", "networkx", "pyhocon", "jsonschema", "omegaconf", "rich", "yaml", "multiprocessing",
    "concurrent", "asyncio", "tomllib", "tomli", "pathspec", "pydantic", "xml", "http", "logging",
}  # fmt: skip


def test_starting_costs_no_heavy_import(jobs: Path) -> None:
    assert sorted(imported_by("--version", cwd=jobs) & (HEAVY | {"json", "platformdirs", "hashlib"})) == []


@pytest.mark.parametrize("options", [("--no-cache",), ()])
def test_a_sound_json_job_costs_no_heavy_import(jobs: Path, options: tuple[str, ...]) -> None:
    assert sorted(imported_by("check", "sound", *options, cwd=jobs) & HEAVY) == []


def test_characters_that_the_terminal_lacks_are_escaped(jobs: Path) -> None:
    (jobs / "broken" / "meta.json").write_text(
        json.dumps({**BROKEN, "deploy_map": {"漢字": ["server"]}}, ensure_ascii=False)
    )
    environment = {**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    run = subprocess.run(
        [sys.executable, "-m", "fllint", "check", "broken"], capture_output=True, cwd=jobs, env=environment, check=False
    )
    assert run.returncode == 1
    assert b"\\u6f22" in run.stdout
    assert b"Traceback" not in run.stderr


def test_the_releases_of_several_jobs_are_counted(jobs: Path) -> None:
    (jobs / "sound" / "requirements.txt").write_text("nvflare==2.5.1", "utf-8")
    result = fllint("check", "jobs", "--verbose")
    assert (
        "checked for NVFlare 2.5 (1), 2.9 (2): as set or pinned near each job, else the newest known in"
        in result.output
    )
    assert "jobs/sound: checked for NVFlare 2.5" in result.output


@pytest.mark.parametrize(("arguments", "hinted"), [((), True), (("--nvflare", "2.9"), False)])
def test_a_job_of_another_release_is_led_to_compat(tmp_path: Path, arguments: tuple[str, ...], hinted: bool) -> None:
    pipe = {"id": "pipe", "path": "nvflare.fuel.utils.pipe.file_pipe.FilePipe", "args": {"mode": "PASSIVE"}}
    write_job(tmp_path / "job", meta=SOUND, server={**SERVER, "components": [*SERVER["components"], pipe]})
    result = fllint("check", "job", *arguments)
    assert "FL501" in result.output
    assert ("fllint compat JOB" in result.output) is hinted
