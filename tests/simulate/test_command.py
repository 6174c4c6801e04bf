"""``fllint simulate`` from the outside."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from fllint.simulate.command import command
from tests.differential.judges import judge_python
from tests.simulate.jobs import PERSISTOR, TRAINER, fedavg, sound_jobs, write_job
from tests.simulate.running import for_each_release

JOB_SCRIPT = """\
from nvflare.app_common.np.np_model_persistor import NPModelPersistor
from nvflare.app_common.workflows.fedavg import FedAvg
from nvflare.job_config.api import FedJob
from nvflare.job_config.script_runner import FrameworkType, ScriptRunner

job = FedJob(name="averaging", min_clients=2)
job.to_server(NPModelPersistor(), id="persistor")
job.to_server(FedAvg(num_clients=2, num_rounds=1, persistor_id="persistor"))
for number in (1, 2):
    job.to(ScriptRunner(script="train.py", framework=FrameworkType.NUMPY), f"site-{number}")
job.simulator_run("/tmp/averaging")
"""


@pytest.fixture
def job(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("VIRTUAL_ENV", raising=False)
    return write_job(tmp_path / "job", **sound_jobs("2.9")["fedavg-script"])


def test_without_nvflare_the_plan_is_shown_and_why(job: Path, tmp_path: Path) -> None:
    nothing = tmp_path / "nothing" / "bin" / "python"
    result = CliRunner().invoke(command, ["job", "--python", str(nothing)])
    assert result.exit_code == 0
    assert "this is --level plan, which runs nothing" in result.stderr
    assert "nothing was run" in result.stdout


def test_a_level_that_needs_nvflare_does_not_fall_back(job: Path, tmp_path: Path) -> None:
    for level in ("run", "full"):
        result = CliRunner().invoke(command, ["job", "--python", str(tmp_path / "python"), "--level", level])
        assert result.exit_code == 2
        assert "has no NVFlare 2.5 to 2.9" in result.stderr


def test_the_plan_as_json_has_the_keys_of_check_and_the_plan(job: Path) -> None:
    result = CliRunner().invoke(command, ["job", "--level", "plan", "--output-format", "json", "-n", "3"])
    told = json.loads(result.stdout)
    assert (told["schema_version"], told["findings"], told["plan"]["sites"]) == (1, [], 2)


def test_what_cannot_be_done_is_exit_status_2(job: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    for arguments in (["nowhere"], ["empty"], ["job", "-n", "2", "--sites", "a"], ["job", "--rounds", "0"]):
        assert CliRunner().invoke(command, arguments).exit_code == 2


def test_a_script_is_not_run_without_the_option(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "job.py").write_text(JOB_SCRIPT)
    monkeypatch.setattr("fllint.simulate.command._installed", lambda interpreter: "2.9.0")
    result = CliRunner().invoke(command, ["job.py", "--level", "run"])
    assert result.exit_code == 2
    assert "job.py is a script: give --export" in result.stderr


@for_each_release()
def test_what_a_run_of_an_exported_job_finds_is_in_the_script(
    release: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "job.py").write_text(JOB_SCRIPT)
    (tmp_path / "train.py").write_text("import nvflare.client as flare\n\nflare.init()\nraise ValueError('no data')\n")
    arguments = ["job.py", "--export", "--python", str(judge_python(release)), "--output-format", "json"]
    result = CliRunner().invoke(command, arguments)
    assert result.exit_code == 1, result.output
    found = {each["code"]: each for each in json.loads(result.stdout)["findings"]}
    assert (found["FL901"]["path"], found["FL901"]["line"]) == ("train.py", 4)
    assert "site-1, site-2" in found["FL901"]["message"]
    assert found["FL913"]["path"] == "job.py"


@for_each_release()
def test_a_run_says_what_happened_and_what_is_wrong(
    release: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    job = sound_jobs(release)["fedavg-script"]
    write_job(tmp_path / "good", **job)
    write_job(tmp_path / "bad", **{**job, "scripts": {"train.py": TRAINER.replace("0.9 +", "0.9 / 0 +")}})
    python = ["--python", str(judge_python(release))]
    good = CliRunner().invoke(command, ["good", *python])
    assert good.exit_code == 0
    assert "completed in" in good.stdout
    assert "site-2" in good.stdout
    bad = CliRunner().invoke(command, ["bad", *python, "--output-format", "concise"])
    assert bad.exit_code == 1
    told = CliRunner().invoke(command, ["bad", *python, "--output-format", "json"])
    assert json.loads(told.stdout)["run"]["results"]
    assert {found["path"] for found in json.loads(told.stdout)["findings"]} >= {"bad/app_client/custom/train.py"}


@for_each_release()
def test_a_job_that_is_refused_says_so_in_every_format(
    release: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    executor = {"path": "nvflare.app_opt.flower.executor.FlowerExecutor", "args": {}}
    write_job(tmp_path / "job", [fedavg()], [PERSISTOR], [{"tasks": ["*"], "executor": executor}])
    for form in ("text", "concise", "json"):
        result = CliRunner().invoke(command, ["job", "--python", str(judge_python(release)), "--output-format", form])
        assert result.exit_code == 2
        assert "cannot run this job at --level run: nvflare.app_opt.flower" in result.output
