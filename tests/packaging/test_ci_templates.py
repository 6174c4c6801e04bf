"""The GitHub Action and the GitLab template, by their schemas and by zizmor."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

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
