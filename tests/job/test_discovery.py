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


def make_run(folder: Path, *apps: str, meta: str) -> Path:
    """What a site keeps of a run: its own app, or those of all simulated sites, and meta as NVFlare wrote it."""
    make_job(folder, *apps)
    (folder / "meta.json").write_text(meta, "utf-8")
    return folder


ARRIVED = '{"deploy_map": {"app": ["@ALL"]}, "job_folder_name": "job", "job_id": "df482f28"}'


@pytest.mark.parametrize(
    ("folder", "apps"),
    [
        ("site-1/df482f28", ["app_site-1"]),
        ("server/simulate_job", ["app_server"]),
        ("simulate_job", ["app_server", "app_site-1"]),
    ],
)
def test_what_a_run_leaves_behind_is_no_job_unless_named(here: Path, folder: str, apps: list[str]) -> None:
    run = make_run(here / "workspace" / folder, *apps, meta=ARRIVED)
    make_job(here / "job")
    assert found(".") == ["job"]
    assert found(f"{run.relative_to(here)}/meta.json") == []
    assert found(str(run)) == [f"workspace/{folder}"]


def test_a_simulated_run_with_all_its_apps_is_no_job(here: Path) -> None:
    make_run(here / "simulate_job", "app_server", meta='{"deploy_map": {"app_server": []}, "job_folder_name": "job"}')
    assert found(".") == []


def test_a_job_that_was_downloaded_is_a_job(here: Path) -> None:
    make_run(here / "df482f28" / "job", "app", meta=ARRIVED)
    whole = '{"deploy_map": {"app_server": ["server"], "app_site-1": ["site-1"]}, "job_folder_name": "job"}'
    make_run(here / "df482f29" / "job", "app_server", "app_site-1", meta=whole)
    assert found(".") == ["df482f28/job", "df482f29/job"]


@pytest.mark.parametrize("meta", ['{"job_folder_name": [', '["job_folder_name"]', '{"job_folder_name": 1}'])
def test_a_meta_that_nvflare_did_not_write_is_that_of_a_job(here: Path, meta: str) -> None:
    make_run(here / "job", "app_site-1", meta=meta)
    assert found(".") == ["job"]


def test_a_template_is_no_job_unless_named(here: Path) -> None:
    template = here / "job_templates" / "sag_pt"
    template.mkdir(parents=True)
    for name in ("info.conf", "config_fed_server.conf"):
        (template / name).write_text("{}", "utf-8")
    (template / "meta.conf").write_text('deploy_map { app = ["@ALL"] }', "utf-8")
    assert found(".") == []
    assert found("job_templates/sag_pt") == ["job_templates/sag_pt"]


@pytest.mark.parametrize("name", ["requirements.txt", "pyproject.toml", "setup.py", "Dockerfile-dev", ".git"])
def test_one_whole_app_in_a_project_is_a_job_by_itself(here: Path, name: str) -> None:
    make_job(here / "project", "app", meta="")
    (here / "project" / name).write_text("", "utf-8")
    for path in ("project", "project/app", "project/app/config/config_fed_server.json"):
        assert found(path) == ["project/app"]


def test_apps_of_a_project_that_need_each_other_are_one_job_without_meta(here: Path) -> None:
    make_job(here / "project", "app_server", "app_client", meta="")
    (here / "project" / "requirements.txt").write_text("", "utf-8")
    assert found(".") == ["project"]
