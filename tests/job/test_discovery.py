"""Paths lead to the jobs that a person means."""

from __future__ import annotations

from pathlib import Path

import pytest

from fllint.job.discovery import PathError, find_jobs
from fllint.job.files import MAX_DEPTH


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def make_job(root: Path, *apps: str, meta: str = "meta.json") -> Path:
    for app in apps or ("app",):
        config = root / app / "config"
        config.mkdir(parents=True)
        for side in ("server", "client"):
            (config / f"config_fed_{side}.json").write_text("{}", "utf-8")
        (root / app / "custom").mkdir()
        (root / app / "custom" / "train.py").write_text("", "utf-8")
    if meta:
        (root / meta).write_text('{"deploy_map": {}}', "utf-8")
    return root


def found(*paths: str) -> list[str]:
    return [location.shown for location in find_jobs(paths)]


def test_a_job_folder_is_itself(here: Path) -> None:
    make_job(here / "job")
    assert found("job") == ["job"]


def test_a_folder_of_jobs_gives_each_once_in_order(here: Path) -> None:
    for name in ("b", "a", "deep/er/c"):
        make_job(here / "jobs" / name)
    assert found("jobs") == ["jobs/a", "jobs/b", "jobs/deep/er/c"]


@pytest.mark.parametrize(
    "name", ["meta.json", "app/config/config_fed_server.json", "app/custom/train.py", "app", "app/custom"]
)
def test_what_lies_in_a_job_leads_to_that_job(here: Path, name: str) -> None:
    make_job(here / "job")
    assert found(f"job/{name}") == ["job"]


def test_several_files_of_a_job_give_it_once(here: Path) -> None:
    make_job(here / "job")
    assert found("job/meta.json", "job/app/custom/train.py", "job") == ["job"]


def test_a_file_outside_of_any_job_gives_none(here: Path) -> None:
    make_job(here / "job")
    (here / "README.md").write_text("", "utf-8")
    assert found("README.md") == []


@pytest.mark.parametrize("meta", ["meta.conf", "meta.yml", "meta.yaml", "meta.json.default"])
def test_every_meta_file_makes_a_job(here: Path, meta: str) -> None:
    make_job(here / "job", meta=meta)
    assert found(".") == ["job"]


def test_a_legacy_app_is_a_job(here: Path) -> None:
    make_job(here / "apps", "legacy", meta="")
    assert found("apps/legacy") == ["apps/legacy"]
    assert found("apps/legacy/config/config_fed_client.json") == ["apps/legacy"]


def test_apps_whose_meta_is_missing_are_one_job(here: Path) -> None:
    make_job(here / "job", "app_server", "app_client", meta="")
    assert found("job") == ["job"]


def test_a_meta_json_of_something_else_is_no_job(here: Path) -> None:
    (here / "package").mkdir()
    (here / "package" / "meta.json").write_text('{"name": "something else"}', "utf-8")
    assert found(".") == []


@pytest.mark.parametrize("key", ["deploy_map", "min_clients", "resource_spec"])
def test_a_meta_json_that_speaks_of_a_job_is_one_without_apps(here: Path, key: str) -> None:
    (here / "job").mkdir()
    (here / "job" / "meta.json").write_text(f'{{"{key}": null}}', "utf-8")
    assert found(".") == ["job"]


@pytest.mark.parametrize("app", ["fedavg", "."])
def test_a_meta_json_beside_an_app_is_that_of_a_job(here: Path, app: str) -> None:
    make_job(here / "job", app)
    (here / "job" / "meta.json").write_text("{}", "utf-8")
    assert found(".") == ["job"]


@pytest.mark.parametrize(("app", "meta"), [("fedavg", "meta.json"), ("app_server", "")])
def test_an_app_of_a_job_leads_to_the_job(here: Path, app: str, meta: str) -> None:
    make_job(here / "job", app, meta=meta)
    assert found(f"job/{app}") == ["job"]


def test_links_to_apps_make_no_job(here: Path) -> None:
    make_job(here / "job")
    (here / "links").mkdir()
    (here / "links" / "app").symlink_to(here / "job" / "app")
    assert found("links") == []


def test_jobs_that_lie_too_deep_are_not_found(here: Path) -> None:
    make_job(here / ("a/" * (MAX_DEPTH + 1)))
    make_job(here / ("b/" * MAX_DEPTH))
    assert found(".") == [("b/" * MAX_DEPTH).rstrip("/")]


def test_hidden_folders_and_environments_are_not_searched(here: Path) -> None:
    for name in (".hidden", "node_modules", ".venv"):
        make_job(here / name / "job")
    assert found(".") == []


def test_a_path_that_does_not_exist_is_an_error(here: Path) -> None:
    with pytest.raises(PathError, match="nowhere does not exist"):
        find_jobs(("nowhere",))


def test_links_in_circles_end(here: Path) -> None:
    make_job(here / "jobs" / "a")
    (here / "jobs" / "loop").symlink_to(here / "jobs")
    assert found("jobs") == ["jobs/a"]
