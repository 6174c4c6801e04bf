"""The hook with pre-commit itself, which installs fllint from this checkout. Needs PyPI, as pip does."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from filelock import FileLock

from tests.packaging.sources import NO_NETWORK, ROOT, copy_checkout

CONFIGURATION = """\
repos:
  - repo: "{source}"
    rev: {revision}
    hooks:
      - id: fllint
      - id: fllint-fix
        stages: [manual]
"""


def git(folder: Path, *arguments: str) -> str:
    """Runs git in a folder, whatever the user's settings are, and gives its output."""
    identity = ["-c", "user.name=Test", "-c", "user.email=test@example.org", "-c", "commit.gpgsign=false"]
    done = subprocess.run(["git", *identity, *arguments], cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout.strip()


@dataclass(frozen=True)
class Repository:
    """A user's repository with two sound jobs and files beside them, and the folder where pre-commit keeps its own."""

    folder: Path
    home: Path

    def break_job(self, name: str) -> Path:
        """Gives a job the broken client config and commits it; gives the script of that app."""
        app = self.folder / "jobs" / name / "app_client"
        shutil.copy(ROOT / "examples/broken-job/app_client/config/config_fed_client.json", app / "config")
        git(self.folder, "commit", "-qam", "A mistake", "--no-verify")
        return app / "custom" / "train.py"

    def pre_commit(self, *arguments: str) -> tuple[int, str]:
        """Runs pre-commit and gives its exit status and output. Skips the test when PyPI cannot be reached."""
        done = subprocess.run(
            [sys.executable, "-m", "pre_commit", *arguments, "--color=never"],
            cwd=self.folder,
            env={name: value for name, value in os.environ.items() if name != "VIRTUAL_ENV"}
            | {"PRE_COMMIT_HOME": str(self.home)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            check=False,
        )
        if any(sign in done.stdout for sign in NO_NETWORK):
            pytest.skip(f"SKIPPED, PyPI cannot be reached: {done.stdout[-500:]}")
        return done.returncode, done.stdout


@pytest.fixture(scope="session")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository of this checkout's files, one for all test processes, so that pre-commit installs it once."""
    folder = tmp_path_factory.getbasetemp()
    folder = (folder.parent if os.environ.get("PYTEST_XDIST_WORKER") else folder) / "pre-commit"
    folder.mkdir(exist_ok=True)
    with FileLock(folder / "lock"):
        if not (folder / "fllint" / ".git").exists():
            copy_checkout(folder / "fllint")
            git(folder / "fllint", "init", "-q")
            git(folder / "fllint", "add", "-A")
            git(folder / "fllint", "commit", "-qm", "Everything")
    return folder / "fllint"


@pytest.fixture
def repository(source: Path, tmp_path: Path) -> Repository:
    folder = tmp_path / "repository"
    for name in ("one", "two"):
        shutil.copytree(ROOT / "examples" / "hello-numpy", folder / "jobs" / name)
    (folder / "site" / "config").mkdir(parents=True)
    (folder / "site" / "config" / "site.json").write_text("{}\n", "utf-8")
    revision = git(source, "rev-parse", "HEAD")
    configuration = CONFIGURATION.format(source=source, revision=revision)
    (folder / ".pre-commit-config.yaml").write_text(configuration, "utf-8")
    git(folder, "init", "-q")
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "Two jobs")
    return Repository(folder, source.parent / "home")


def test_try_repo_checks_every_job_once(repository: Repository, source: Path) -> None:
    repository.break_job("two")
    status, output = repository.pre_commit("try-repo", str(source), "fllint", "--all-files", "--verbose")
    assert status == 1, output
    assert output.count("error[FL310]") == 1
    assert "in 2 jobs" in output


def test_sound_jobs_pass(repository: Repository) -> None:
    status, output = repository.pre_commit("run", "--all-files", "--verbose")
    assert status == 0, output
    assert "in 2 jobs" in output


def test_the_environment_of_the_hook_is_not_that_of_the_jobs(repository: Repository) -> None:
    _, output = repository.pre_commit("run", "--all-files", "--verbose")
    assert "no findings in 2 jobs" in output


def test_a_changed_script_leads_to_its_job_alone(repository: Repository) -> None:
    script = repository.break_job("two")
    script.write_text(script.read_text("utf-8") + "\n# changed\n", "utf-8")
    git(repository.folder, "add", "-A")
    status, output = repository.pre_commit("run")
    assert status == 1, output
    assert "--> jobs/two/app_client/config/config_fed_client.json:5:17" in output
    assert "in 1 job," in output


def test_several_changed_files_of_a_job_are_one_check(repository: Repository) -> None:
    repository.break_job("one")
    changed = ["meta.json", "app_client/config/config_fed_client.json", "app_client/custom/train.py"]
    status, output = repository.pre_commit("run", "--files", *(f"jobs/one/{name}" for name in changed))
    assert status == 1, output
    assert output.count("error[FL310]") == 1
    assert "in 1 job," in output


def test_a_file_outside_of_any_job_is_passed_over(repository: Repository) -> None:
    status, output = repository.pre_commit("run", "--files", "site/config/site.json")
    assert status == 0, output
    assert "Passed" in output


def test_a_deleted_file_alone_is_seen_with_all_files_only(repository: Repository) -> None:
    git(repository.folder, "rm", "-q", "jobs/one/app_server/config/config_fed_server.json")
    status, output = repository.pre_commit("run")
    assert (status, "(no files to check)" in output) == (0, True), output
    status, output = repository.pre_commit("run", "--all-files")
    assert status == 1, output
    assert "error[FL102] unknown-app" in output  # git keeps no empty folder


def test_a_deleted_file_beside_a_changed_one_is_seen(repository: Repository) -> None:
    git(repository.folder, "rm", "-q", "jobs/one/app_server/config/config_fed_server.json")
    meta = repository.folder / "jobs" / "one" / "meta.json"
    meta.write_text(meta.read_text("utf-8") + "\n", "utf-8")
    git(repository.folder, "add", "-A")
    status, output = repository.pre_commit("run")
    assert status == 1, output
    assert "error[FL102] unknown-app" in output  # git keeps no empty folder


def test_the_fixing_hook_fixes_what_is_sure_and_fails_so_that_it_is_looked_at(repository: Repository) -> None:
    repository.break_job("two")
    fix = (
        "run",
        "fllint-fix",
        "--hook-stage",
        "manual",
        "--files",
        "jobs/two/app_client/config/config_fed_client.json",
    )
    status, output = repository.pre_commit(*fix)
    assert status == 1, output
    assert "files were modified by this hook" in output
    changed = git(repository.folder, "diff", "--unified=0", "--no-color").splitlines()
    assert [line.strip() for line in changed if line.startswith(("+ ", "- "))] == [
        '-          "task_script_args": "--steps 20 --lerning-rate 0.1"',
        '+          "task_script_args": "--steps 20 --learning-rate 0.1"',
    ]
    assert "error[FL310]" in output  # what cannot be fixed surely remains


def test_the_fixing_hook_leaves_sound_jobs_alone(repository: Repository) -> None:
    status, output = repository.pre_commit("run", "fllint-fix", "--hook-stage", "manual", "--all-files")
    assert status == 0, output
    assert git(repository.folder, "status", "--porcelain") == ""
