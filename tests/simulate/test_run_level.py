"""Whole runs with NVFlare: sound jobs pass, the run is the same every time, and nothing survives it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from fllint.simulate.run import Settings, simulate
from fllint.simulate.supervise import SupervisorError
from fllint.simulate.supervisor import processes
from tests.differential.judges import judge_python
from tests.simulate.jobs import (
    PERSISTOR,
    TRAINER,
    external_script,
    fedavg,
    own_controller,
    script_executor,
    sound_jobs,
    statistics,
    swarm,
    write_job,
)
from tests.simulate.running import SUPPORTED, for_each_release, job_of, smoke

NAMES = tuple(sound_jobs("2.9"))


@for_each_release()
@pytest.mark.parametrize("name", NAMES)
def test_a_sound_job_runs_well_and_says_nothing(name: str, release: str, tmp_path: Path) -> None:
    run = smoke(write_job(tmp_path / name, **sound_jobs(release)[name]), release)
    assert [(finding.code, finding.problem.message) for finding in run.findings] == []
    assert (run.report.outcome, run.exit_status()) == ("completed", 0)
    assert run.report.model_after not in ("", run.report.model_before)
    assert {row.site for row in run.report.rows} == {"site-1", "site-2"}
    assert all(row.code == "OK" for row in run.report.rows)


@for_each_release()
def test_statistics_of_two_sites_are_added_up(release: str, tmp_path: Path) -> None:
    run = smoke(write_job(tmp_path / "job", **statistics()), release, keep=tmp_path / "kept")
    assert run.findings == ()
    (written,) = (tmp_path / "kept").rglob("ages.json")
    ages = json.loads(written.read_text())["age"]
    assert (ages["count"]["Global"]["train"], ages["sum"]["Global"]["train"]) == (3, 50.0)


@for_each_release()
def test_clients_that_aggregate_among_themselves_are_run(release: str, tmp_path: Path) -> None:
    run = smoke(write_job(tmp_path / "job", **swarm()), release, keep=tmp_path / "kept")
    assert [(finding.code, finding.problem.message) for finding in run.findings] == []
    assert run.report.outcome == "completed"
    sites = {path.relative_to(tmp_path / "kept").parts[2] for path in (tmp_path / "kept").rglob("*.npy")}
    assert sites == {"site-1", "site-2"}


@for_each_release()
def test_a_controller_that_waits_in_a_way_of_its_own_is_run(release: str, tmp_path: Path) -> None:
    run = smoke(write_job(tmp_path / "job", **own_controller()), release, keep=tmp_path / "kept")
    assert run.findings == ()
    (output,) = (tmp_path / "kept").rglob("server/output.txt")
    assert "answered: ['site-1', 'site-2']" in output.read_text()


def trainer_job(folder: Path, args: dict[str, object], scripts: dict[str, str]) -> Path:
    """A job of one round whose ClientAPIExecutor (2.9) has these arguments."""
    executor = {"path": "nvflare.app_common.executors.client_api_executor.ClientAPIExecutor", "args": args}
    tasks = [{"tasks": ["train"], "executor": executor}]
    return write_job(folder / "job", [fedavg(rounds=1)], [PERSISTOR], tasks, scripts=scripts)


@for_each_release("2.9")
def test_a_script_of_its_own_process_gets_exactly_the_arguments_of_its_command(release: str, tmp_path: Path) -> None:
    trainer = TRAINER.replace("def main():\n", "def main():\n    import sys\n\n    print(sys.argv[1:])\n")
    args: dict[str, object] = {
        "execution_mode": "external_process",
        "command": "python3 -u custom/train.py --name 'a b' --rate 0.1",
    }
    job = trainer_job(tmp_path, args, {"train.py": trainer})
    run = smoke(job, release, keep=tmp_path / "kept")
    assert run.findings == ()
    assert len(run.report.changed) == 1
    assert "a thread of the site's process" in run.report.changed[0]
    (log,) = (tmp_path / "kept").rglob("site-1/log.txt")
    assert "['--name', 'a b', '--rate', '0.1']" in log.read_text()


@for_each_release("2.9")
def test_a_script_of_its_own_process_finds_the_modules_beside_it(release: str, tmp_path: Path) -> None:
    args: dict[str, object] = {"execution_mode": "external_process", "command": "python3 custom/inner/train.py"}
    job = trainer_job(tmp_path, args, {"inner/train.py": f"import beside\n{TRAINER}", "inner/beside.py": ""})
    assert smoke(job, release).findings == ()


@for_each_release("2.9")
@pytest.mark.parametrize(
    "args",
    [
        {"execution_mode": "external_process", "command": "torchrun custom/train.py"},
        {"execution_mode": "external_process", "command": "python3 custom/train.py", "launch_once": False},
        {"execution_mode": "attach", "attach_id": "me"},
    ],
)
def test_a_script_that_cannot_run_in_the_sites_process_is_refused(
    args: dict[str, object], release: str, tmp_path: Path
) -> None:
    job = trainer_job(tmp_path, args, {"train.py": TRAINER})
    run = smoke(job, release)
    assert (run.report.outcome, run.exit_status()) == ("refused", 2)
    assert "ClientAPIExecutor" in run.report.refused
    assert run.findings == ()


@for_each_release()
def test_more_sites_than_the_deploy_map_names_are_refused_as_nvflare_does(release: str, tmp_path: Path) -> None:
    job = write_job(tmp_path / "job", **sound_jobs(release)["fedavg-script"])
    run = smoke(job, release, sites=("site-1", "site-2", "site-3"))
    assert [finding.code for finding in run.findings] == ["FL924"]
    assert "site-3" in run.findings[0].problem.message


@for_each_release()
def test_seven_sites_give_the_same_model_every_time(release: str, tmp_path: Path) -> None:
    job = write_job(tmp_path / "job", **sound_jobs(release, sites=7)["fedavg-script"])
    first, second = smoke(job, release), smoke(job, release)
    assert first.report.sites == tuple(f"site-{number}" for number in range(1, 8))
    assert first.report.model_after == second.report.model_after != ""
    order = [(row.round, row.site) for row in first.report.rows]
    assert order == sorted(order)


@for_each_release()
def test_rounds_are_capped_and_the_report_says_so(release: str, tmp_path: Path) -> None:
    job = write_job(tmp_path / "job", **{**sound_jobs(release)["fedavg-script"], "workflows": [fedavg(rounds=50)]})
    run = smoke(job, release, rounds=1)
    assert {row.round for row in run.report.rows} == {0}
    assert run.report.changed == ("num_rounds of 'fedavg': 50 → 1",)


@for_each_release()
def test_what_a_site_logs_is_in_the_report(release: str, tmp_path: Path) -> None:
    logging = '        flare.log("loss", 0.25, AnalyticsDataType.SCALAR)\n        flare.send('
    imports = "from nvflare.apis.analytix import AnalyticsDataType\n\n\ndef main"
    trainer = TRAINER.replace("        flare.send(", logging).replace("\ndef main", imports)
    job = write_job(
        tmp_path / "job", [fedavg(rounds=1)], [PERSISTOR], [script_executor(release)], scripts={"train.py": trainer}
    )
    run = smoke(job, release)
    assert set(run.report.logged) == {("site-1", "loss", 0.25), ("site-2", "loss", 0.25)}


@for_each_release()
def test_a_class_that_the_level_cannot_run_is_refused_by_name(release: str, tmp_path: Path) -> None:
    executor = {"path": "nvflare.app_opt.xgboost.histogram_based_v2.fed_executor.FedXGBHistogramExecutor", "args": {}}
    job = write_job(tmp_path / "job", [fedavg()], [PERSISTOR], [{"tasks": ["*"], "executor": executor}])
    run = smoke(job, release)
    assert (run.report.outcome, run.exit_status()) == ("refused", 2)
    assert "FedXGBHistogramExecutor" in run.report.refused
    assert run.report.rows == ()


@for_each_release()
def test_a_server_that_cannot_be_configured_says_why_and_nothing_else(release: str, tmp_path: Path) -> None:
    persistor = {"id": "persistor", "path": "keeper.Keeper", "args": {}}
    job = {**external_script(release), "components": [persistor]}
    job["server_scripts"] = {"keeper.py": "import no_such_package\n\n\nclass Keeper:\n    pass\n"}
    run = smoke(write_job(tmp_path / "job", **job), release)
    (found,) = run.findings
    assert found.code == "FL912"
    assert "No module named 'no_such_package'" in found.problem.message


@for_each_release()
def test_the_workspace_is_kept_only_when_asked_for(release: str, tmp_path: Path) -> None:
    job = write_job(tmp_path / "job", **sound_jobs(release)["fedavg-script"])
    smoke(job, release, keep=tmp_path / "kept")
    assert list((tmp_path / "kept").rglob("server.npy"))
    assert list((tmp_path / "kept").rglob("site-1/log.txt"))
    assert sorted(path.name for path in job.rglob("*") if path.is_file()) == [
        "config_fed_client.json",
        "config_fed_server.json",
        "meta.json",
        "note.py",
        "train.py",
    ]


@for_each_release()
def test_sites_do_not_share_their_random_numbers(release: str, tmp_path: Path) -> None:
    trainer = TRAINER.replace("float(np.mean(weights))", "float(np.random.random())")
    job = write_job(
        tmp_path / "job", [fedavg(rounds=1)], [PERSISTOR], [script_executor(release)], scripts={"train.py": trainer}
    )
    first, second = (row.metrics["accuracy"] for row in smoke(job, release).report.rows)
    assert first != second


def commands_with(marker: str) -> list[str]:
    """The commands of the processes that sleep, and of the shells and `setsid` that are about to start one."""
    commands = [processes.command_of(int(name)) for name in os.listdir("/proc") if name.isdigit()]
    return [command for command in commands if f"sleep {marker}" in command]


def wait_until_asleep(marker: str, number: int, seconds: float = 60.0) -> bool:
    end = time.monotonic() + seconds
    while commands_with(marker) != [f"sleep {marker}"] * number and time.monotonic() < end:
        time.sleep(0.05)
    return commands_with(marker) == [f"sleep {marker}"] * number


def wait_until_gone(marker: str, seconds: float = 30.0) -> bool:
    end = time.monotonic() + seconds
    while commands_with(marker) and time.monotonic() < end:
        time.sleep(0.05)
    return not commands_with(marker)


def job_that_leaves(folder: Path, release: str, marker: str) -> Path:
    """A job whose sites start processes that leave their session and their parent, and then hang."""
    trainer = TRAINER.replace(
        "    flare.init()\n",
        f"""\
    import subprocess, time
    flare.init()
    subprocess.Popen(["sleep", "{marker}"])
    subprocess.Popen(["sleep", "{marker}"], start_new_session=True)
    subprocess.run(["sh", "-c", "setsid sleep {marker} & exit 0"])
    flare.receive()
    time.sleep(300)
""",
    )
    return write_job(folder, [fedavg()], [PERSISTOR], [script_executor(release)], scripts={"train.py": trainer})


@for_each_release()
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
@pytest.mark.skipif(not processes.can_contain(), reason="needs /proc and prctl (Linux)")
def test_nothing_survives_when_fllint_itself_is_stopped(number: signal.Signals, release: str, tmp_path: Path) -> None:
    marker = f"77.{number.value}{os.getpid()}"
    job = job_that_leaves(tmp_path / "job", release, marker)
    program = "import sys, pathlib, tests.simulate.running as r; r.smoke(pathlib.Path(sys.argv[1]), sys.argv[2])"
    command = [sys.executable, "-c", program, str(job), release]
    fllint = subprocess.Popen(command, stderr=subprocess.DEVNULL, cwd=Path(__file__).parents[2])
    assert wait_until_asleep(marker, 6)
    fllint.send_signal(number)
    fllint.wait(60)
    assert wait_until_gone(marker)


@for_each_release()
@pytest.mark.skipif(not processes.can_contain(), reason="needs /proc and prctl (Linux)")
def test_nothing_survives_when_the_supervisor_is_killed(release: str, tmp_path: Path) -> None:
    marker = f"79.{os.getpid()}"
    job = job_that_leaves(tmp_path / "job", release, marker)

    def kill_supervisor(event: dict[str, Any]) -> None:
        if event["event"] == "task":
            assert wait_until_asleep(marker, 6)
            watches = [pid for pid in processes.descendants(os.getpid()) if " watch " in processes.command_of(pid)]
            processes.signal_processes(watches, signal.SIGKILL)

    with pytest.raises(SupervisorError):
        simulate(lambda: job_of(job, release), job, Settings(str(judge_python(release))), kill_supervisor)
    assert wait_until_gone(marker)


@for_each_release()
@pytest.mark.skipif(not processes.can_contain(), reason="needs /proc and prctl (Linux)")
def test_nothing_survives_a_run_that_is_out_of_time(release: str, tmp_path: Path) -> None:
    marker = f"78.{os.getpid()}"
    run = smoke(job_that_leaves(tmp_path / "job", release, marker), release, timeout=10.0)
    assert run.report.outcome == "timeout"
    assert [finding.code for finding in run.findings] == ["FL922"]
    assert run.findings[0].problem.place.source.name == "app_client/custom/train.py"
    assert wait_until_gone(marker)


def test_the_releases_that_are_supported_are_those_of_the_supervisor() -> None:
    from fllint.simulate.supervisor.start import NEWEST, OLDEST

    assert (SUPPORTED[0], SUPPORTED[-1]) == (f"{OLDEST[0]}.{OLDEST[1]}", f"{NEWEST[0]}.{NEWEST[1]}")
