"""The exit status says the same in every format, to standard output and to a file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from fllint.cli import main
from fllint.cli.outputs import FORMATS
from tests.suppression.jobs import META, write_job

SOUND: dict[str, Any] = {**META, "resource_spec": {}}
BROKEN = {**SOUND, "deploy_map": {"other": ["server", "site-1"]}}
FIXABLE = {**SOUND, "deploy_map": {"app": ["server", "site-1", "site-1"]}}

TABLE = [
    ("sound", (), 0),
    ("warned", (), 0),
    ("warned", ("--fail-on", "warning"), 1),
    ("warned", ("--fail-on", "info"), 1),
    ("broken", (), 1),
    ("broken", ("--exit-zero",), 0),
    ("broken", ("--ignore", "FL1"), 0),
    ("broken", ("--nvflare", "2.3"), 1),
    ("suppressed", (), 0),
    ("suppressed", ("--show-suppressed", "--statistics", "--verbose"), 0),
    ("suppressed", ("--isolated",), 1),
    ("broken", ("--write-baseline",), 0),
    ("unreadable", (), 1),
    ("unreadable", ("--write-baseline",), 1),
    ("fixable", ("--fix",), 0),
    ("failing", (), 2),
    ("failing", ("--exit-zero",), 2),
    ("empty", (), 2),
    ("empty", ("--allow-empty",), 0),
    ("missing", (), 2),
    ("missing", ("--allow-empty",), 2),
    ("missing", ("--exit-zero",), 2),
    ("broken", ("--nvflare", "9.9"), 2),
    ("broken", ("--select", "FL000x"), 2),
    ("broken", ("--baseline", "missing.json"), 2),
]
"""A job, options, and the exit status."""


@pytest.fixture
def jobs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FLLINT_CACHE_DIR", str(tmp_path / ".cache"))
    for name, meta in (
        ("sound", SOUND),
        ("warned", META),
        ("broken", BROKEN),
        ("fixable", FIXABLE),
        ("failing", SOUND),
    ):
        write_job(tmp_path / name, meta=meta)
    write_job(tmp_path / "unreadable", meta="{")
    suppressed = write_job(tmp_path / "suppressed", meta=BROKEN)
    (suppressed / "fllint.toml").write_text('[[suppressions]]\npath = "**"\ncode = "FL1"\nreason = "known"')
    (tmp_path / "empty").mkdir()
    _let_fllint_fail_on("failing", monkeypatch)
    return tmp_path


def _let_fllint_fail_on(job: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from fllint import engine
    from fllint.job.read import read_job as real

    def failing(files: Any, release: str, is_short_name: Any) -> Any:
        if files.path == job:
            raise LookupError("a mistake in fllint")
        return real(files, release, is_short_name)

    monkeypatch.setattr(engine, "read_job", failing)


def check(*arguments: str) -> Result:
    return CliRunner().invoke(main, ("check", *arguments), catch_exceptions=False)


@pytest.mark.parametrize("output_format", FORMATS)
@pytest.mark.parametrize(
    ("job", "options", "status"), TABLE, ids=[" ".join((job, *options)) for job, options, _ in TABLE]
)
def test_the_format_never_changes_the_exit_status(
    jobs: Path, output_format: str, job: str, options: tuple[str, ...], status: int
) -> None:
    shown = check(job, "--output-format", output_format, *options)
    assert shown.exit_code == status, shown.output
    assert "Traceback" not in shown.output


@pytest.mark.parametrize(("job", "status"), [("sound", 0), ("broken", 1), ("failing", 2)])
def test_all_formats_at_once_have_the_status_of_each(jobs: Path, job: str, status: int) -> None:
    pairs = [word for name in FORMATS for word in ("--output-format", name, "--output-file", f"report.{name}")]
    written = check(job, *pairs)
    assert (written.exit_code, written.stdout) == (status, "")
    assert all((jobs / f"report.{name}").stat().st_size for name in FORMATS if name != "github" or status)
    assert json.loads((jobs / "report.json").read_text("utf-8"))["schema_version"] == 1


@pytest.mark.parametrize(
    "arguments", [("explain", "FL1x"), ("settings", "missing"), ("graph", "missing"), ("compat", "x")]
)
def test_what_another_command_cannot_do_is_2_too(jobs: Path, arguments: tuple[str, ...]) -> None:
    assert CliRunner().invoke(main, arguments, catch_exceptions=False).exit_code == 2
