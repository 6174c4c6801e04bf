"""Sound job scripts that tests begin from, and how they are checked."""

from __future__ import annotations

from pathlib import Path

from fllint.engine import check_job
from fllint.findings import Finding
from fllint.job.discovery import JobLocation
from fllint.registry import all_rules
from fllint.report import JobReport

TRAIN = """import argparse

import nvflare.client as flare

parser = argparse.ArgumentParser()
parser.add_argument("--lr", type=float, default=0.1)
parser.add_argument("--optimizer", choices=["sgd", "adam"], default="sgd")
args = parser.parse_args()

flare.init()
while flare.is_running():
    model = flare.receive()
    flare.send(flare.FLModel(params=model.params))
"""
NETWORK = '''class Keeper:
    """Keeps a size."""

    def __init__(self, size, depth=1):
        self.size = size
        self.depth = depth
'''
AGGREGATOR = """from nvflare.apis.impl.controller import Controller


class Mine(Controller):
    def __init__(self, rounds: int, task_name: str = "train"):
        super().__init__()
        if rounds < 1:
            raise ValueError("rounds must be positive")
        self.rounds = rounds
        self.task_name = task_name

    def start_controller(self, fl_ctx):
        pass

    def stop_controller(self, fl_ctx):
        pass

    def control_flow(self, abort_signal, fl_ctx):
        pass

    def process_result_of_unknown_task(self, client, task_name, client_task_id, result, fl_ctx):
        pass
"""

TORCH_NETWORK = """import torch.nn as nn


class Network(nn.Module):
    def __init__(self, size, depth=1):
        super().__init__()
        self.size = size
        self.layer = nn.Linear(size, depth)
"""

SITES = """import argparse

from nvflare.app_common.filters.svt_privacy import SVTPrivacy
from nvflare.app_common.np.np_model_persistor import NPModelPersistor
from nvflare.app_common.workflows.fedavg import FedAvg
from nvflare.job_config.api import FedJob
from nvflare.job_config.defs import FilterType
from nvflare.job_config.script_runner import FrameworkType, ScriptRunner


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--clients", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=3)
    args = parser.parse_args()
    job = FedJob(name="sites", min_clients=args.clients)
    job.to(NPModelPersistor(), "server", id="persistor")
    controller = FedAvg(num_clients=args.clients, num_rounds=args.rounds, persistor_id="persistor")
    job.to_server(controller)
    for i in range(args.clients):
        runner = ScriptRunner(script="src/train.py", script_args="--lr 0.1", framework=FrameworkType.NUMPY)
        job.to(runner, f"site-{i + 1}", tasks=["train"])
        job.to(SVTPrivacy(fraction=0.2), f"site-{i + 1}", tasks=["train"], filter_type=FilterType.TASK_RESULT)
    job.simulator_run("/tmp/work")


if __name__ == "__main__":
    main()
"""
ALL = """from src.mine import Mine

from nvflare import FedJob
from nvflare.job_config.script_runner import ScriptRunner

job = FedJob("all", 2, mandatory_clients=["site-1"])
job.to_server(Mine(rounds=3))
runner = ScriptRunner(
    script="src/train.py",
    script_args="--lr 0.1 --optimizer adam",
    launch_external_process=True,
    command="python3 -u",
    framework="numpy",
)
job.to_clients(runner)
job.export_job("/tmp/jobs")
"""
RECIPE = """from nvflare.app_common.np.recipes.fedavg import NumpyFedAvgRecipe
from nvflare.client.config import ExchangeFormat, TransferType
from nvflare.recipe import SimEnv

N = 2
recipe = NumpyFedAvgRecipe(
    name="recipe",
    min_clients=N,
    num_rounds=3,
    model=[1.0, 2.0],
    train_script="src/train.py",
    train_args=f"--lr {0.1}",
    params_transfer_type=TransferType.FULL,
    server_expected_format=ExchangeFormat.NUMPY,
)
env = SimEnv(num_clients=N)
run = recipe.execute(env)
"""
SOUND = {"SITES": SITES, "ALL": ALL, "RECIPE": RECIPE}


def write(folder: Path, text: str, name: str = "job.py") -> Path:
    """A script with the files that it needs beside it."""
    (folder / "src").mkdir(exist_ok=True)
    (folder / "src" / "train.py").write_text(TRAIN)
    (folder / "src" / "mine.py").write_text(AGGREGATOR)
    (folder / "src" / "network.py").write_text(NETWORK)
    (folder / "src" / "torch_network.py").write_text(TORCH_NETWORK)
    script = folder / name
    script.write_text(text)
    return script


def report_of(script: Path, release: str = "2.8") -> JobReport:
    """What all rules say of a script."""
    return check_job(JobLocation(script, script.name), release, [rule for rule in all_rules() if not rule.preview])


def findings(script: Path, release: str = "2.8") -> tuple[Finding, ...]:
    return report_of(script, release).findings


def token(finding: Finding) -> str:
    """The text that a finding underlines."""
    place = finding.problem.place
    return place.source.text[place.span.start : place.span.end]


def assert_found(folder: Path, sound: str, fault: tuple[str, str, str, str], release: str = "2.8") -> None:
    """That a sound script with a fault (a text, what it becomes, the code meant, the token, if one is named) gets
    a finding of that code which underlines the token."""
    text, instead, code, underlined = fault
    assert sound.count(text) == 1
    found = findings(write(folder, sound.replace(text, instead)), release)
    meant = [finding for finding in found if finding.code == code]
    assert meant, [f"{finding.code} {finding.problem.message}" for finding in found]
    assert not underlined or underlined in {token(finding) for finding in meant}
