"""Scripts of the Job API are places where a job is."""

from pathlib import Path

from fllint.job.discovery import find_jobs

JOB = "from nvflare.job_config.api import FedJob\njob = FedJob(name='a')\njob.export_job('/tmp/x')\n"


def test_a_script_that_builds_a_job_is_a_location_of_its_own(tmp_path: Path) -> None:
    script = tmp_path / "start.py"
    script.write_text(JOB)
    (location,) = find_jobs((str(script),))
    assert location.is_script
    assert location.path == script


def test_scripts_are_found_in_folders_by_what_they_import(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "start.py").write_text(JOB)
    (tmp_path / "a" / "job.py").write_text("print('no job')\n")
    (tmp_path / "a" / "base.py").write_text("from nvflare.job_config.api import FedJob\nclass Mine(FedJob): ...\n")
    assert [location.path.name for location in find_jobs((str(tmp_path),))] == ["start.py"]


def test_a_job_folder_is_no_script(tmp_path: Path) -> None:
    (tmp_path / "app" / "config").mkdir(parents=True)
    (tmp_path / "app" / "config" / "config_fed_server.json").write_text("{}")
    (tmp_path / "meta.json").write_text('{"deploy_map": {"app": ["@ALL"]}}')
    (location,) = find_jobs((str(tmp_path),))
    assert not location.is_script
