"""Single faults put into sound scripts: each is found, at its token, by the rule that is meant."""

from __future__ import annotations

from pathlib import Path

import pytest

from fllint.findings import Severity
from tests.job_api.scripts import SOUND, assert_found, findings, token, write

RUNNER = "runner = ScriptRunner("
FAULTS: list[tuple[str, str, str, str, str]] = [
    # script, text, what it becomes, the code that is meant, the token
    # calls of jobs, runners, recipes
    ("SITES", 'name="sites", min', 'nam="sites", min', "FL601", "nam"),
    ("SITES", 'script="src/train.py"', 'scripts="src/train.py"', "FL601", "scripts"),
    ("SITES", 'script_args="--lr 0.1"', 'args="--lr 0.1"', "FL601", "args"),
    ("SITES", "min_clients=args.clients)\n    job", "min_client=args.clients)\n    job", "FL601", "min_client"),
    ("RECIPE", "num_rounds=3", "n_rounds=3", "FL601", "n_rounds"),
    ("RECIPE", 'train_args=f"', 'train_arg=f"', "FL601", "train_arg"),
    ("RECIPE", "SimEnv(num_clients=N)", "SimEnv(n_clients=N)", "FL601", "n_clients"),
    ("RECIPE", "SimEnv(num_clients=N)", "SimEnv(N)", "FL601", "N"),
    ("RECIPE", "    min_clients=N,\n", "", "FL602", "NumpyFedAvgRecipe"),
    ("RECIPE", '    train_script="src/train.py",\n', "", "FL602", "NumpyFedAvgRecipe"),
    ("ALL", '    script="src/train.py",\n', "", "FL602", "ScriptRunner"),
    ("ALL", 'FedJob("all", 2,', 'FedJob("all", 0,', "FL603", "0"),
    ("ALL", 'FedJob("all", 2,', 'FedJob("all", "2",', "FL603", '"2"'),
    ("ALL", 'FedJob("all", 2,', "FedJob(7, 2,", "FL603", "7"),
    ("ALL", 'mandatory_clients=["site-1"]', 'mandatory_clients="site-1"', "FL603", '"site-1"'),
    ("ALL", 'framework="numpy"', 'framework="nunpy"', "FL603", '"nunpy"'),
    ("RECIPE", "TransferType.FULL,", '"WHOLE",', "FL603", '"WHOLE"'),
    ("RECIPE", "ExchangeFormat.NUMPY,", '"np",', "FL603", '"np"'),
    # components
    ("SITES", "num_rounds=args", "num_round=args", "FL250", "num_round"),
    ("SITES", "fraction=0.2", "fractions=0.2", "FL250", "fractions"),
    ("ALL", "Mine(rounds=3)", "Mine(round=3)", "FL250", "round"),
    ("ALL", "Mine(rounds=3)", "Mine()", "FL251", "Mine"),
    ("ALL", "Mine(rounds=3)", "Mine(rounds=0)", "FL252", "0"),
    ("ALL", "Mine(rounds=3)", 'Mine(rounds="3")', "FL252", '"3"'),
    ("SITES", 'persistor_id="persistor"', 'persistor_id="persister"', "FL301", '"persister"'),
    ("SITES", '"server", id="persistor"', '"server", id="keeper"', "FL301", '"persistor"'),
    ("SITES", '    job.to(NPModelPersistor(), "server", id="persistor")\n', "", "FL301", '"persistor"'),
    (
        "SITES",
        'f"site-{i + 1}", tasks=["train"])\n        job.to(SVT',
        'f"site-{i + 1}", tasks=["trian"])\n        job.to(SVT',
        "FL310",
        "",
    ),
    ("SITES", 'tasks=["train"], filter', 'tasks=["trainn"], filter', "FL321", ""),
    # imports and names
    ("SITES", "workflows.fedavg import", "workflows.fed_avg import", "FL604", "nvflare.app_common.workflows.fed_avg"),
    ("SITES", "import FedJob\n", "import FedJobs as FedJob\n", "FL604", "FedJobs as FedJob"),
    ("SITES", "FrameworkType.NUMPY", "FrameworkType.NP", "FL604", "FrameworkType.NP"),
    ("SITES", "FilterType.TASK_RESULT", "FilterType.TASK_RESULTS", "FL604", "FilterType.TASK_RESULTS"),
    ("RECIPE", "TransferType.FULL", "TransferType.WHOLE", "FL604", "TransferType.WHOLE"),
    ("RECIPE", "recipe import SimEnv", "recipes import SimEnv", "FL604", "nvflare.recipes"),
    (
        "RECIPE",
        "import NumpyFedAvgRecipe",
        "import NumpyFedAvgRecip as NumpyFedAvgRecipe",
        "FL604",
        "NumpyFedAvgRecip as NumpyFedAvgRecipe",
    ),
    ("SITES", "from nvflare.job_config.api import FedJob\n", "", "FL621", "FedJob"),
    ("SITES", "num_clients=args.clients", "num_clients=n_clients", "FL621", "n_clients"),
    ("SITES", "job.to_server(controller)", "job.to_server(contoller)", "FL621", "contoller"),
    ("RECIPE", "recipe.execute(env)", "recipe.execute(environment)", "FL621", "environment"),
    ("ALL", "from src.mine import Mine\n", "", "FL621", "Mine"),
    ("ALL", "job.to_clients(runner)", "job.to_clients(runner", "FL620", ""),
    # the job's methods
    ("SITES", "job.to_server(", "job.to_servers(", "FL605", "job.to_servers(controller)"),
    ("ALL", "job.to_clients(", "job.to_client(", "FL605", "job.to_client(runner)"),
    ("ALL", 'export_job("/tmp/jobs")', 'export_job(root="/tmp/jobs")', "FL605", "root"),
    ("ALL", "job.export_job(", "job.export(", "FL605", 'job.export("/tmp/jobs")'),
    ("SITES", '"/tmp/work")', '"/tmp/work", num_clients=2)', "FL605", "num_clients"),
    # targets
    ("ALL", "job.to_clients(runner)", "job.to_server(runner)", "FL610", "job.to_server(runner)"),
    ("ALL", "job.to_server(Mine", "job.to_clients(Mine", "FL610", "job.to_clients(Mine(rounds=3))"),
    ("SITES", 'job.to(runner, f"site-{i + 1}"', 'job.to(runner, "server"', "FL610", '"server"'),
    ("SITES", "    job.to_server(controller)\n", "", "FL611", ""),
    ("ALL", "job.to_server(Mine(rounds=3))\n", "", "FL611", ""),
    ("ALL", "job.to_clients(runner)\n", "", "FL612", ""),
    ("ALL", "job.to_clients(runner)\n", 'job.to_clients(runner)\njob.to(runner, "site-1")\n', "FL613", '"site-1"'),
    ("SITES", 'job.to(runner, f"site-{i + 1}"', 'job.to(runner, "site-{i + 1}"', "FL614", '"site-{i + 1}"'),
    ("ALL", "job.to_clients(runner)", 'job.to(runner, "site 1/a")', "FL614", '"site 1/a"'),
    ("SITES", '"/tmp/work")', '"/tmp/work", n_clients=2)', "FL615", "2"),
    ("ALL", 'export_job("/tmp/jobs")', 'simulator_run("/tmp/jobs")', "FL615", 'job.simulator_run("/tmp/jobs")'),
    ("ALL", 'export_job("/tmp/jobs")', 'simulator_run("/tmp/jobs", clients=["a", "a"])', "FL615", '["a", "a"]'),
    ("RECIPE", "SimEnv(num_clients=N)", "SimEnv()", "FL615", "SimEnv()"),
    ("RECIPE", "SimEnv(num_clients=N)", 'SimEnv(num_clients=3, clients=["a", "b"])', "FL615", "3"),
    ("RECIPE", "SimEnv(num_clients=N)", "SimEnv(num_clients=1)", "FL616", "N"),
    ("ALL", 'export_job("/tmp/jobs")', 'simulator_run("/tmp/jobs", n_clients=1)', "FL616", "2"),
    ("SITES", ", filter_type=FilterType.TASK_RESULT", "", "FL617", ""),
    ("SITES", "filter_type=FilterType.TASK_RESULT", 'filter_type="result"', "FL617", '"result"'),
    ("SITES", 'f"site-{i + 1}", tasks=["train"])\n', 'f"site-{i + 1}", task=["train"])\n', "FL618", "task"),
    ("SITES", "job.to_server(controller)", 'job.to_server(controller, tasks=["train"])', "FL618", "tasks"),
    # files and scripts
    ("ALL", 'script="src/train.py"', 'script="src/trian.py"', "FL630", '"src/trian.py"'),
    ("RECIPE", 'train_script="src/train.py"', 'train_script="train.py"', "FL630", '"train.py"'),
    ("SITES", '"--lr 0.1"', '"--lrr 0.1"', "FL420", ""),
    ("SITES", '"--lr 0.1"', '"--lr fast"', "FL422", ""),
    ("ALL", "--optimizer adam", "--optimizer lion", "FL422", ""),
    ("RECIPE", "--lr {0.1}", "--learn {0.1}", "FL420", ""),
    # nothing is done with it
    ("ALL", 'job.export_job("/tmp/jobs")\n', "", "FL623", ""),
    ("RECIPE", "run = recipe.execute(env)\n", "", "FL623", ""),
]


@pytest.mark.parametrize(
    ("script", "text", "instead", "code", "underlined"),
    FAULTS,
    ids=[f"{f[3]}-{f[0]}-{n}" for n, f in enumerate(FAULTS)],
)
def test_a_fault_is_found_at_its_token(
    tmp_path: Path, script: str, text: str, instead: str, code: str, underlined: str
) -> None:
    assert_found(tmp_path, SOUND[script], (text, instead, code, underlined))


@pytest.mark.parametrize("name", SOUND)
@pytest.mark.parametrize("release", ["2.7", "2.8", "2.9"])
def test_a_sound_script_is_quiet(tmp_path: Path, name: str, release: str) -> None:
    loud = [finding for finding in findings(write(tmp_path, SOUND[name]), release) if finding.severity != Severity.INFO]
    assert not loud, [f"{finding.code} {finding.problem.message} {token(finding)}" for finding in loud]


def test_there_are_enough_faults_of_enough_kinds() -> None:
    assert len(FAULTS) >= 60
    assert len({fault[3] for fault in FAULTS}) >= 20
