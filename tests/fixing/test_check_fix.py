"""`fllint check --fix` and `--diff` from outside."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from fllint.cli import main
from fllint.fixing import run
from fllint.fixing.rounds import fix_job
from tests.suppression.jobs import META, write_job

SLIPS: dict[str, Any] = {
    "name": "demo",
    "deploy_map": META["deploy_map"],
    "min_client": 1,
    "mandatory_client": ["site-1"],
}
"""A meta with two misspelt keys."""
MENDED = {"name": "demo", "deploy_map": META["deploy_map"], "min_clients": 1, "mandatory_clients": ["site-1"]}


@pytest.fixture(autouse=True)
def _at_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FLLINT_CACHE_DIR", str(tmp_path / ".cache"))


@pytest.fixture
def meta(tmp_path: Path) -> Path:
    """The meta of a job with two misspelt keys, warnings both."""
    return write_job(tmp_path / "job", meta=SLIPS) / "meta.json"


def fllint(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["check", "job", *arguments], catch_exceptions=False)


def test_fix_writes_what_is_sure_and_shows_what_remains(meta: Path) -> None:
    result = fllint("--fix", "--fail-on", "warning")
    assert json.loads(meta.read_text()) == MENDED
    assert result.exit_code == 0
    assert "2 fixed in 1 file" in result.stdout
    assert "FL120" not in result.stdout


def test_a_second_run_finds_nothing_to_fix(meta: Path) -> None:
    fllint("--fix")
    before = meta.stat().st_mtime_ns
    assert "fixed" not in fllint("--fix").stdout
    assert meta.stat().st_mtime_ns == before


def test_the_remaining_findings_decide_the_exit_status(meta: Path) -> None:
    meta.write_text(json.dumps({**SLIPS, "deploy_map": {"other": ["server", "site-1"]}}))
    result = fllint("--fix")
    assert result.exit_code == 1
    assert "FL102" in result.stdout
    assert "min_clients" in meta.read_text()


def test_formats_count_what_was_fixed_and_show_what_can_be(meta: Path) -> None:
    before = json.loads(fllint("--output-format", "json").stdout)
    (edit,) = before["findings"][0]["fix"]["edits"]
    assert edit["text"] == '"min_clients"'
    after = json.loads(fllint("--output-format", "json", "--fix").stdout)
    assert (before["summary"]["fixed"], after["summary"]["fixed"]) == (0, 2)
    assert after["findings"] == []


def test_diff_shows_changes_that_patch_takes_and_makes_none(meta: Path, tmp_path: Path) -> None:
    meta.write_text(meta.read_text().rstrip("\n"))
    before = meta.read_bytes()
    result = fllint("--diff")
    assert result.exit_code == 1
    assert meta.read_bytes() == before
    assert '-  "min_client": 1,' in result.stdout
    assert "2 findings would be fixed in 1 file" in result.stderr
    if shutil.which("patch"):
        subprocess.run(["patch", "-p0"], input=result.stdout_bytes, cwd=tmp_path, check=True, capture_output=True)
        assert json.loads(meta.read_text()) == MENDED
        assert fllint("--diff").exit_code == 0


def test_diff_and_formats_exclude_each_other(meta: Path) -> None:
    assert fllint("--diff", "--output-format", "json").exit_code == 2
    assert fllint("--unsafe-fixes").exit_code == 2


def test_mode_byte_order_mark_and_line_ends_stay(meta: Path) -> None:
    config = meta.parent / "app" / "config" / "config_fed_server.json"
    text = config.read_text().replace('"num_rounds"', '"num_round"').replace("\n", "\r\n").rstrip()
    config.write_bytes(text.encode())
    config.chmod(0o664)
    fllint("--fix")
    assert config.read_bytes() == text.replace('"num_round"', '"num_rounds"').encode()
    assert config.stat().st_mode & 0o777 == 0o664
    assert [path.name for path in config.parent.iterdir() if path.name.startswith(".")] == []


def test_read_only_files_are_left_alone_and_named(meta: Path) -> None:
    meta.chmod(0o444)
    result = fllint("--fix")
    assert json.loads(meta.read_text()) == SLIPS
    assert "job/meta.json:" in result.stderr
    assert "is not fixed: the file is read-only" in result.stderr
    assert "FL120" in result.stdout


def test_links_are_left_alone(meta: Path) -> None:
    real = meta.with_name("real.json")
    meta.rename(real)
    meta.symlink_to("real.json")
    assert "is a symbolic link" in fllint("--fix").stderr
    assert meta.is_symlink()
    assert json.loads(real.read_text()) == SLIPS


def test_zips_are_left_alone(meta: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "job.zip", "w") as archive:
        for folder, _, names in os.walk(meta.parent):
            for name in names:
                archive.write(Path(folder, name), Path(folder, name).relative_to(tmp_path))
    before = (tmp_path / "job.zip").read_bytes()
    result = CliRunner().invoke(main, ["check", "job.zip", "--fix"])
    assert "zips are left as they are" in result.stderr
    assert (tmp_path / "job.zip").read_bytes() == before


def test_a_suppressed_finding_is_not_fixed(meta: Path, tmp_path: Path) -> None:
    (tmp_path / "fllint.toml").write_text(
        '[[suppressions]]\npath = "job/meta.json"\npointer = "/min_client"\ncode = "FL120"\nreason = "ours"\n'
    )
    result = fllint("--fix")
    assert "1 fixed in 1 file; 1 suppressed" in result.stdout, result.output
    assert "min_client" in json.loads(meta.read_text())


def test_a_finding_of_the_baseline_is_not_fixed(meta: Path) -> None:
    fllint("--write-baseline")
    meta.write_text(json.dumps({**SLIPS, "resource_specs": {}}))
    fllint("--fix", "--baseline", "fllint-baseline.json")
    assert json.loads(meta.read_text()) == {**SLIPS, "resource_spec": {}}


def test_only_selected_rules_fix(meta: Path) -> None:
    fllint("--fix", "--select", "FL102")
    assert json.loads(meta.read_text()) == SLIPS


def test_a_file_that_changes_meanwhile_is_not_overwritten(meta: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def slow(*arguments: Any) -> Any:
        fixed = fix_job(*arguments)
        meta.write_text("{}")
        return fixed

    monkeypatch.setattr(run, "fix_job", slow)
    result = fllint("--fix")
    assert result.exit_code == 2
    assert "has changed since it was checked" in result.stderr
    assert meta.read_text() == "{}"
