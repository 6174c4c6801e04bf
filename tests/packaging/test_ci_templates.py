"""The GitHub Action and the GitLab template, by their schemas and by zizmor, and their scripts by running them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
WORKFLOW = """\
name: jobs
on: [pull_request]
permissions:
  contents: read
jobs:
  fllint:
    runs-on: ubuntu-latest
    steps:
      - uses: fllint/fllint@0123456789012345678901234567890123456789 # v0.1.0
        with:
          paths: jobs
"""


@pytest.mark.parametrize(
    ("schema", "file"), [("github-actions", "action.yml"), ("gitlab-ci", "templates/gitlab-ci.yml")]
)
def test_it_follows_its_schema(schema: str, file: str) -> None:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", f"vendor.{schema}", str(ROOT / file)]
    assert subprocess.run(command, capture_output=True, text=True, check=False).returncode == 0


def test_zizmor_finds_nothing_in_the_action(tmp_path: Path) -> None:
    shutil.copy(ROOT / "action.yml", tmp_path)
    workflows = tmp_path / ".github" / "workflows"
    workflows.mkdir(parents=True)
    (workflows / "jobs.yml").write_text(WORKFLOW, "utf-8")
    zizmor = str(Path(sys.executable).with_name("zizmor"))
    run = subprocess.run(
        [zizmor, "--offline", "--no-progress", str(tmp_path)], capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stdout


def test_the_action_passes_each_input_through_the_environment() -> None:
    scripts = (ROOT / "action.yml").read_text("utf-8").split("run: |")[1:]
    assert scripts
    assert not any("${{" in script.split("- name:")[0] for script in scripts)


def run_script(script: str, folder: Path, **environment: str) -> tuple[int, str]:
    """Runs a step's script beside a broken job, as a runner would; gives its status and standard output."""
    shutil.copytree(ROOT / "examples" / "broken-job", folder / "jobs" / "broken job")
    tools = Path(sys.executable).parent
    (folder / "fllint").mkdir()
    (folder / "fllint" / "bin").symlink_to(tools)
    known = os.environ | {"PATH": f"{tools}{os.pathsep}{os.environ['PATH']}", "RUNNER_TEMP": str(folder)}
    command = ["bash", "-eo", "pipefail", "-c", script]
    done = subprocess.run(command, cwd=folder, env=known | environment, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout


def test_the_action_annotates_writes_sarif_and_fails(tmp_path: Path) -> None:
    steps: list[dict[str, Any]] = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))["runs"]["steps"]
    (check,) = [step["run"] for step in steps if step.get("name") == "Check the jobs"]
    inputs = {"PATHS": "jobs", "NVFLARE": "2.9", "FAIL_ON": "error", "ARGS": "", "SARIF_FILE": "fllint.sarif"}
    status, output = run_script(check, tmp_path, **inputs)
    assert status == 1
    assert output.count("::error file=") == 5
    assert len(json.loads((tmp_path / "fllint.sarif").read_text("utf-8"))["runs"][0]["results"]) == 5


def test_the_gitlab_template_writes_the_report_that_it_names(tmp_path: Path) -> None:
    template = yaml.safe_load((ROOT / "templates" / "gitlab-ci.yml").read_text("utf-8"))
    variables = template["variables"] | {"FLLINT_PATHS": "jobs"}
    status, output = run_script("\n".join(template["fllint"]["script"]), tmp_path, **variables)
    assert status == 1
    assert "error[FL310]" in output
    report = tmp_path / template["fllint"]["artifacts"]["reports"]["codequality"]
    assert len(json.loads(report.read_text("utf-8"))) == 5
