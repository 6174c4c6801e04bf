"""Rules of other people: of an installed package, and of a folder that settings name."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

GOOD = Path(__file__).resolve().parents[1] / "rules" / "FL252" / "good"
RULE = '''
from fllint.findings import Severity
from fllint.problems import at
from fllint.registry import rule


@rule("{code}", "{name}", Severity.ERROR)
def no_owner(review):
    """A job does not say whose it is.

    Our hospital runs jobs with an owner only.

    Write ``custom_props: {{"owner": ...}}``.
    """
    root = review.job.meta.root
    if root is not None and root.get("custom_props") is None:
        yield at(root, "the job has no owner")
'''


def fllint(*arguments: str, path: Path | None = None, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, **({"PYTHONPATH": str(path)} if path else {})}
    command = [sys.executable, "-m", "fllint", *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, cwd=cwd)


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A folder with an installed package that offers a rule."""
    folder = tmp_path / "packages"
    (folder / "hospital_rules-1.0.dist-info").mkdir(parents=True)
    (folder / "hospital_rules-1.0.dist-info" / "METADATA").write_text("Name: hospital-rules\nVersion: 1.0\n", "utf-8")
    entry_points = "[fllint.rules]\nhospital = hospital_rules\n"
    (folder / "hospital_rules-1.0.dist-info" / "entry_points.txt").write_text(entry_points, "utf-8")
    (folder / "hospital_rules.py").write_text(RULE.format(code="HOS001", name="no-owner"), "utf-8")
    return folder


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder with settings that name a folder of rules."""
    folder = tmp_path / "project"
    (folder / "rules").mkdir(parents=True)
    (folder / "rules" / "owner.py").write_text(RULE.format(code="HOS002", name="no-owner-here"), "utf-8")
    (folder / "fllint.toml").write_text('rule-folders = ["rules"]\n', "utf-8")
    subprocess.run(["cp", "-r", str(GOOD), str(folder / "job")], check=True)
    return folder


def codes(run: subprocess.CompletedProcess[str]) -> list[str]:
    return [finding["code"] for finding in json.loads(run.stdout)["findings"]]


def test_a_package_s_rule_runs_like_any_other(package: Path) -> None:
    run = fllint("check", str(GOOD), "--no-cache", "--output-format", "json", path=package)
    assert (run.returncode, codes(run)) == (1, ["HOS001"])
    ignored = fllint("check", str(GOOD), "--no-cache", "--ignore", "HOS", path=package)
    assert ignored.returncode == 0


def test_it_is_listed_and_explained_with_where_it_is_from(package: Path) -> None:
    assert "(hospital-rules)" in fllint("rules", path=package).stdout
    assert "whose it is" in fllint("explain", "no-owner", path=package).stdout


def test_every_format_knows_that_it_has_no_page_here(package: Path) -> None:
    for name in ("text", "sarif", "html", "gitlab", "junit", "github", "concise"):
        run = fllint("check", str(GOOD), "--no-cache", "--output-format", name, path=package)
        assert run.returncode == 1
        assert "rules/HOS001" not in run.stdout


def test_a_package_that_fails_is_said_with_exit_status_2(package: Path) -> None:
    (package / "hospital_rules.py").write_text("import nowhere", "utf-8")
    for command in (("check", str(GOOD)), ("rules",)):
        run = fllint(*command, path=package)
        assert run.returncode == 2
        assert "the rules of the package hospital-rules cannot be loaded" in run.stderr
        assert "Traceback" not in run.stderr


def test_a_package_cannot_take_a_code_of_fllint(package: Path) -> None:
    (package / "hospital_rules.py").write_text(RULE.format(code="FL199", name="no-owner"), "utf-8")
    assert "two to four capital letters other than FL" in fllint("check", str(GOOD), path=package).stderr


def test_a_folder_s_code_runs_only_where_that_is_allowed(project: Path) -> None:
    refused = fllint("check", "job", cwd=project)
    assert refused.returncode == 2
    assert "--allow-local-rules" in refused.stderr
    run = fllint("check", "job", "--allow-local-rules", "--output-format", "json", cwd=project)
    assert (run.returncode, codes(run)) == (1, ["HOS002"])
    assert fllint("check", "job", "--isolated", cwd=project).returncode == 0


def test_the_cache_notices_a_changed_rule(project: Path) -> None:
    environment = {"FLLINT_CACHE_DIR": str(project / "cache")}
    os.environ.update(environment)
    try:
        first = fllint("check", "job", "--allow-local-rules", cwd=project)
        rule = project / "rules" / "owner.py"
        rule.write_text(rule.read_text("utf-8").replace("has no owner", "has no owner at all"), "utf-8")
        second = fllint("check", "job", "--allow-local-rules", cwd=project)
    finally:
        del os.environ["FLLINT_CACHE_DIR"]
    assert "has no owner\n" in first.stdout
    assert "has no owner at all\n" in second.stdout


def test_an_exception_in_a_rule_is_one_finding_and_the_others_go_on(project: Path) -> None:
    rule = project / "rules" / "owner.py"
    rule.write_text(rule.read_text("utf-8").replace("root = review", "root = nothing.review"), "utf-8")
    run = fllint("check", "job", "--allow-local-rules", "--output-format", "json", cwd=project)
    assert (run.returncode, codes(run)) == (2, ["FL000"])
