"""Fetching the repositories of real jobs, here from a folder in the place of GitHub."""

from __future__ import annotations

import re
import runpy
import subprocess
from pathlib import Path
from typing import Any

import pytest

fetch: Any = runpy.run_path(str(Path(__file__).parents[2] / "benchmarks" / "ecosystem.py"))["fetch"]

ABSENT = "0" * 40


def git(folder: Path, *arguments: str) -> str:
    name = ["-c", "user.name=A", "-c", "user.email=a@example.org"]
    done = subprocess.run(["git", "-C", str(folder), *name, *arguments], stdout=subprocess.PIPE, text=True, check=True)
    return done.stdout.strip()


@pytest.fixture
def commit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The commit of a repository "me/jobs"; git looks for all of GitHub in a folder."""
    repository = tmp_path / "hub" / "me" / "jobs"
    repository.mkdir(parents=True)
    git(repository, "init", "--quiet")
    (repository / "meta.json").write_text("{}", encoding="utf-8")
    git(repository, "add", ".")
    git(repository, "commit", "--quiet", "-m", "A job")
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", f"url.file://{tmp_path}/hub/.insteadOf")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", "https://github.com/")
    return git(repository, "rev-parse", "HEAD")


def listing(folder: Path, *commits: str) -> Path:
    sources = folder / "sources.toml"
    sources.write_text(f'[[repository]]\nname = "me/jobs"\ncommits = {list(commits)}\n', encoding="utf-8")
    return sources


def test_a_commit_is_fetched_once(tmp_path: Path, commit: str, capsys: pytest.CaptureFixture[str]) -> None:
    sources = listing(tmp_path, commit)
    assert fetch(tmp_path / "jobs", sources) == fetch(tmp_path / "jobs", sources) == []
    assert [file.name for file in (tmp_path / "jobs" / f"me__jobs-{commit[:10]}").glob("*.json")] == ["meta.json"]
    assert capsys.readouterr().out == f"fetching me/jobs {commit}\n"


def test_what_cannot_be_fetched_is_named_and_leaves_nothing_behind(tmp_path: Path, commit: str) -> None:
    (failed,) = fetch(tmp_path / "jobs", listing(tmp_path, ABSENT, commit))
    assert re.fullmatch(rf"me/jobs {ABSENT[:10]}: \S.*", failed)
    assert [folder.name for folder in (tmp_path / "jobs").iterdir()] == [f"me__jobs-{commit[:10]}"]
