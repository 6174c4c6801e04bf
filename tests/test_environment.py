"""The release that a job is checked for, when nobody says it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from fllint.environment import choose_release, read_anew
from fllint.report import ReleaseChoice


@pytest.fixture
def job(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    read_anew()
    (tmp_path / ".git").mkdir()
    folder = tmp_path / "jobs" / "job"
    (folder / "app" / "custom").mkdir(parents=True)
    return folder


def chosen(job: Path, site_packages: Path | None = None, **texts: str) -> ReleaseChoice:
    """The choice with files of these names (``_`` for ``.``) two folders above the job."""
    for name, text in texts.items():
        (job.parent.parent / name.replace("_", ".")).write_text(text, "utf-8")
    return choose_release(None, job, site_packages)


@pytest.mark.parametrize(
    ("wanted", "release"),
    [
        ("nvflare==2.4.0", "2.4"),
        ("nvflare == 2.4.0  # as the sites have", "2.4"),
        ("NVFlare[PT]~=2.5.0rc1", "2.5"),
        ("nvflare>=2.4,<2.6", "2.5"),
        ("nvflare >= 2.4 , != 2.5.0 , <2.6.1", "2.6"),
        ("nvflare<=2.7", "2.7"),
        ("nvflare==2.2.5", "2.3"),
        ("nvflare==2.0.16", "2.3"),
        ("nvflare==2.99.0", "2.9"),
        ("numpy\nnvflare>=2.4\nnvflare==2.6.1", "2.6"),
    ],
)
def test_a_requirement_chooses_the_release(job: Path, wanted: str, release: str) -> None:
    choice = chosen(job, requirements_txt=wanted)
    assert (choice.release, choice.origin) == (release, "pin"), choice


@pytest.mark.parametrize(
    "wanted", ["nvflare", "# nvflare==2.4.0", "my-nvflare==2.4", "monai_nvflare>=0.2.1", "nvflare>=3", "nvflare/x==2.4"]
)
def test_other_lines_choose_none(job: Path, wanted: str) -> None:
    assert chosen(job, requirements_txt=wanted).origin == "default"


@pytest.mark.parametrize("wanted", ["nvflare~=2.5", "nvflare>=2.4.0", "nvflare>2.3; python_version > '3.8'"])
def test_a_range_that_has_the_newest_says_no_more_than_none(job: Path, wanted: str) -> None:
    choice = chosen(job, requirements_txt=wanted)
    assert (choice.release, choice.origin) == ("2.9", "default"), choice


@pytest.mark.parametrize(
    ("wanted", "release"),
    [
        ('[project]\ndependencies = ["nvflare>=2.4,<2.6", "torch"]', "2.5"),
        ('[tool.poetry.dependencies]\nnvflare = "2.6.1"', "2.6"),
        ('[tool.poetry.dependencies]\nnvflare = {version = "~2.4.0", extras = ["PT"]}', "2.4"),
        ('[tool.poetry.dependencies]\nnvflare = "^2.4"', "2.9"),
    ],
)
def test_a_project_file_chooses_the_release(job: Path, wanted: str, release: str) -> None:
    assert chosen(job, pyproject_toml=wanted).release == release


def test_the_reason_says_what_was_read(job: Path) -> None:
    assert chosen(job, requirements_txt="nvflare==2.5.1").reason == "pinned in requirements.txt"
    read_anew()
    unknown = chosen(job, requirements_txt="nvflare==2.2.3").reason
    assert unknown == "the nearest known to 2.2.3, which requirements.txt names"
    read_anew()
    allowed = chosen(job, requirements_txt="nvflare >= 2.4, <2.6").reason
    assert allowed == "the newest known that requirements.txt allows: nvflare>=2.4,<2.6"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Dockerfile", "RUN pip install --no-cache-dir 'nvflare==2.4.0' torch"),
        ("Dockerfile-dev", "RUN python3 -m pip install nvflare==2.4.0"),
        ("README.md", "# Set up\n```\npython3 -m pip install nvflare==2.4.0\n```"),
        ("setup.py", "setup(install_requires=['nvflare==2.4.0'])"),
    ],
)
def test_images_and_instructions_speak_last(job: Path, name: str, text: str) -> None:
    (job.parent.parent / name).write_text(text, "utf-8")
    assert chosen(job).release == "2.4"
    installed = job.parent / "site-packages"
    (installed / "nvflare-2.6.1.dist-info").mkdir(parents=True)
    assert chosen(job, installed).release == "2.6"
    read_anew()
    assert chosen(job, requirements_txt="nvflare==2.8.0").release == "2.8"


def test_a_range_gives_way_to_what_is_installed_and_a_pin_does_not(job: Path) -> None:
    installed = job.parent / "site-packages"
    (installed / "nvflare-2.6.1.dist-info").mkdir(parents=True)
    assert chosen(job, installed, requirements_txt="nvflare>=2.4").release == "2.6"
    read_anew()
    assert chosen(job, installed, requirements_txt="nvflare==2.4.0").release == "2.4"


def test_the_project_file_of_the_jobs_code_speaks_after_those_above(job: Path) -> None:
    (job / "app" / "custom" / "pyproject.toml").write_text('[project]\ndependencies = ["nvflare==2.5.1"]', "utf-8")
    assert re.fullmatch(r"pinned in jobs/job/app/custom/pyproject.toml", chosen(job).reason)
    read_anew()
    assert chosen(job, requirements_txt="nvflare==2.6.0").release == "2.6"
