"""Small jobs for the smoke run, written for a release of NVFlare (its Client API executor changed its class in 2.9)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

Config = dict[str, Any]

WORKFLOWS = "nvflare.app_common.workflows"
PERSISTOR = {"id": "persistor", "path": "nvflare.app_common.np.np_model_persistor.NPModelPersistor"}

TRAINER = """\
import numpy as np

import nvflare.client as flare


def main():
    flare.init()
    number = 1 + int(flare.get_site_name().rsplit("-", 1)[-1])
    while flare.is_running():
        received = flare.receive()
        weights = received.params["numpy_key"]
        trained = (weights * 0.9 + number / 7).astype(weights.dtype)
        flare.send(
            flare.FLModel(
                params={"numpy_key": trained},
                metrics={"accuracy": float(np.mean(weights))},
                meta={"NUM_STEPS_CURRENT_ROUND": number},
            )
        )


if __name__ == "__main__":
    main()
"""


def script_executor(release: str, script: str = "train.py", arguments: str = "", **extra: Any) -> Config:
    """The executor that runs a Client API script in the site's process."""
    tasks = extra.pop("tasks", ["train", "validate", "submit_model"])
    args: Config = {"task_script_path": script, "task_script_args": arguments, **extra}
    if minor(release) >= 9:
        path = "nvflare.app_common.executors.client_api_executor.ClientAPIExecutor"
        args["execution_mode"] = "in_process"
    else:
        path = "nvflare.app_common.executors.in_process_client_api_executor.InProcessClientAPIExecutor"
    return {"tasks": tasks, "executor": {"path": path, "args": args}}


def np_trainer(**args: Any) -> list[Config]:
    """NVFlare's numpy trainer and validator."""
    return [
        {
            "tasks": ["train", "submit_model"],
            "executor": {"path": "nvflare.app_common.np.np_trainer.NPTrainer", "args": args},
        },
        {
            "tasks": ["validate"],
            "executor": {"path": "nvflare.app_common.np.np_validator.NPValidator", "args": {"epsilon": 0}},
        },
    ]


def minor(release: str) -> int:
    """9 for 2.9.0."""
    return int(release.split(".")[1])


def fedavg(rounds: int = 2, clients: int = 2, **args: Any) -> Config:
    return {
        "id": "fedavg",
        "path": f"{WORKFLOWS}.fedavg.FedAvg",
        "args": {"num_clients": clients, "num_rounds": rounds, "persistor_id": "persistor", **args},
    }


def scatter_and_gather(rounds: int = 2, clients: int = 2, **args: Any) -> Config:
    return {
        "id": "scatter_and_gather",
        "path": f"{WORKFLOWS}.scatter_and_gather.ScatterAndGather",
        "args": {
            "min_clients": clients,
            "num_rounds": rounds,
            "persistor_id": "persistor",
            "aggregator_id": "aggregator",
            "shareable_generator_id": "generator",
            "train_timeout": 0,
            "wait_time_after_min_received": 0,
            **args,
        },
    }


AGGREGATOR = {
    "id": "aggregator",
    "path": "nvflare.app_common.aggregators.intime_accumulate_model_aggregator.InTimeAccumulateWeightedAggregator",
    "args": {"expected_data_kind": "WEIGHTS"},
}
GENERATOR = {
    "id": "generator",
    "path": "nvflare.app_common.shareablegenerators.full_model_shareable_generator.FullModelShareableGenerator",
}


def cyclic_controller(rounds: int = 2) -> Config:
    return {
        "id": "cyclic",
        "path": f"{WORKFLOWS}.cyclic_ctl.CyclicController",
        "args": {
            "num_rounds": rounds,
            "task_assignment_timeout": 10,
            "persistor_id": "persistor",
            "shareable_generator_id": "generator",
            "task_name": "train",
        },
    }


def cyclic(rounds: int = 2, clients: int = 2) -> Config:
    return {
        "id": "cyclic",
        "path": f"{WORKFLOWS}.cyclic.Cyclic",
        "args": {"num_clients": clients, "num_rounds": rounds, "persistor_id": "persistor"},
    }


def cross_site(**args: Any) -> Config:
    return {
        "id": "cross_site",
        "path": f"{WORKFLOWS}.cross_site_model_eval.CrossSiteModelEval",
        "args": {"model_locator_id": "locator", "submit_model_timeout": 60, "validation_timeout": 60, **args},
    }


LOCATOR = {"id": "locator", "path": "nvflare.app_common.np.np_model_locator.NPModelLocator", "args": {}}
VALIDATION_JSON = {
    "id": "json_generator",
    "path": "nvflare.app_common.widgets.validation_json_generator.ValidationJsonGenerator",
}


STATISTICS = """\
from nvflare.app_common.abstract.statistics_spec import DataType, Feature, Statistics


class Ages(Statistics):
    \"\"\"The ages at a site: as many as its number, all of them its number times ten.\"\"\"

    def initialize(self, fl_ctx):
        self.number = int(fl_ctx.get_identity_name().rsplit("-", 1)[-1])

    def features(self):
        return {"train": [Feature("age", DataType.FLOAT)]}

    def count(self, dataset_name, feature_name):
        return self.number

    def sum(self, dataset_name, feature_name):
        return self.number * self.number * 10.0

    def mean(self, dataset_name, feature_name):
        return self.number * 10.0
"""


def statistics() -> dict[str, Any]:
    """The arguments of `write_job` for federated statistics."""
    configs: Config = {"count": {}, "sum": {}, "mean": {}}
    executor = "nvflare.app_common.executors.statistics.statistics_executor.StatisticsExecutor"
    return {
        "workflows": [
            {
                "id": "statistics",
                "path": f"{WORKFLOWS}.statistics_controller.StatisticsController",
                "args": {"statistic_configs": configs, "writer_id": "writer"},
            }
        ],
        "components": [
            {
                "id": "writer",
                "path": "nvflare.app_common.statistics.json_stats_file_persistor.JsonStatsFileWriter",
                "args": {"output_path": "statistics/ages.json"},
            }
        ],
        "executors": [
            {
                "tasks": ["fed_stats_pre_run", "fed_stats"],
                "executor": {"path": executor, "args": {"generator_id": "ages"}},
            }
        ],
        "client": {"components": [{"id": "ages", "path": "ages.Ages"}]},
        "scripts": {"ages.py": STATISTICS},
    }


SWARM_TRAINER = "nvflare.app_common.ccwf.comps.np_trainer.NPTrainer"


def swarm(rounds: int = 2) -> dict[str, Any]:
    """The arguments of `write_job` for swarm learning: the clients aggregate among themselves."""
    comps, ccwf = "nvflare.app_common.ccwf.comps", "nvflare.app_common.ccwf"
    client = {
        "learn_task_name": "train",
        "persistor_id": "persistor",
        "aggregator_id": "aggregator",
        "shareable_generator_id": "generator",
        "min_responses_required": 2,
        "wait_time_after_min_resps_received": 1,
    }
    return {
        "workflows": [{"id": "swarm", "path": f"{ccwf}.SwarmServerController", "args": {"num_rounds": rounds}}],
        "components": [],
        "executors": [
            {"tasks": ["train", "validate", "submit_model"], "executor": {"path": SWARM_TRAINER, "args": {}}},
            {"tasks": ["swarm_*"], "executor": {"path": f"{ccwf}.SwarmClientController", "args": client}},
        ],
        "client": {
            "components": [
                {"id": "persistor", "path": f"{comps}.np_file_model_persistor.NPFileModelPersistor", "args": {}},
                {
                    "id": "generator",
                    "path": f"{comps}.simple_model_shareable_generator.SimpleModelShareableGenerator",
                    "args": {},
                },
                {**AGGREGATOR, "args": {"expected_data_kind": "WEIGHT_DIFF"}},
            ]
        },
    }


OWN_CONTROLLER = """\
import time

from nvflare.apis.controller_spec import Task
from nvflare.apis.impl.controller import Controller
from nvflare.apis.shareable import Shareable


class Roll(Controller):
    \"\"\"Sends one task to all, and waits for the answers in a way of its own.\"\"\"

    def __init__(self):
        super().__init__()
        self.answers = []

    def start_controller(self, fl_ctx):
        pass

    def control_flow(self, abort_signal, fl_ctx):
        task = Task(name="call", data=Shareable(), result_received_cb=self.answered)
        self.broadcast(task, fl_ctx, min_responses=2)
        while len(self.answers) < 2 and not abort_signal.triggered:
            time.sleep(0.02)
        print("answered:", self.answers)

    def answered(self, client_task, fl_ctx):
        self.answers.append(client_task.client.name)

    def stop_controller(self, fl_ctx):
        pass

    def process_result_of_unknown_task(self, client, task_name, client_task_id, result, fl_ctx):
        pass
"""
OWN_EXECUTOR = """\
from nvflare.apis.executor import Executor
from nvflare.apis.shareable import Shareable


class Present(Executor):
    def execute(self, task_name, shareable, fl_ctx, abort_signal):
        return Shareable()
"""


EVALUATING_TRAINER = """\
import numpy as np

import nvflare.client as flare


def main():
    flare.init()
    number = 1 + int(flare.get_site_name().rsplit("-", 1)[-1])
    trained = np.full((3, 3), number, dtype=np.float32)
    while flare.is_running():
        received = flare.receive()
        if flare.is_submit_model():
            flare.send(flare.FLModel(params={"numpy_key": trained}))
            continue
        weights = received.params["numpy_key"]
        metrics = {"accuracy": float(np.mean(weights)) / number}
        if flare.is_evaluate():
            flare.send(flare.FLModel(metrics=metrics))
            continue
        trained = (weights * 0.9 + number / 7).astype(weights.dtype)
        flare.send(
            flare.FLModel(
                params={"numpy_key": trained}, metrics=metrics, meta={"NUM_STEPS_CURRENT_ROUND": number}
            )
        )


if __name__ == "__main__":
    main()
"""
"""A Client API script that trains, evaluates and submits its model."""


ONCE_TRAINER = TRAINER.replace("while flare.is_running()", "if flare.is_running()")
"""A script for one task: NVFlare starts it anew for each, with ``launch_once: false``."""


def cross_site_script(release: str) -> dict[str, Any]:
    """The arguments of `write_job` for cross-site evaluation with FLModel and a Client API script."""
    evaluation = {
        "id": "evaluation",
        "path": f"{WORKFLOWS}.cross_site_eval.CrossSiteEval",
        "args": {"server_models": [], "submit_model_timeout": 60, "validation_timeout": 60},
    }
    return {
        "workflows": [fedavg(), evaluation],
        "components": [PERSISTOR],
        "executors": [script_executor(release)],
        "scripts": {"train.py": EVALUATING_TRAINER},
    }


def external_script(release: str, *, launch_once: bool = True, pipe: str = "file_pipe.FilePipe") -> dict[str, Any]:
    """The arguments of `write_job` for a Client API script in a process of its own."""
    if minor(release) >= 9:
        executor = {
            "path": "nvflare.app_common.executors.client_api_executor.ClientAPIExecutor",
            "args": {
                "execution_mode": "external_process",
                "command": "python3 custom/train.py",
                "launch_once": launch_once,
            },
        }
        components: list[Config] = []
    else:
        executor = {
            "path": "nvflare.app_common.executors.client_api_launcher_executor.ClientAPILauncherExecutor",
            "args": {"launcher_id": "launcher", "pipe_id": "pipe", "heartbeat_timeout": 60},
        }
        cell = {
            "site_name": "{SITE_NAME}",
            "token": "{JOB_ID}",
            "root_url": "{ROOT_URL}",
            "secure_mode": "{SECURE_MODE}",
            "workspace_dir": "{WORKSPACE}",
        }
        pipe_args = {"mode": "PASSIVE", **({"root_path": "{WORKSPACE}/pipes/{SITE_NAME}"} if "File" in pipe else cell)}
        launch = {"script": "python3 custom/train.py", "launch_once": launch_once}
        components = [
            {
                "id": "launcher",
                "path": "nvflare.app_common.launchers.subprocess_launcher.SubprocessLauncher",
                "args": launch,
            },
            {"id": "pipe", "path": f"nvflare.fuel.utils.pipe.{pipe}", "args": pipe_args},
        ]
    return {
        "workflows": [fedavg()],
        "components": [PERSISTOR],
        "executors": [{"tasks": ["train"], "executor": executor}],
        "client": {"components": components},
        "scripts": {"train.py": TRAINER if launch_once else ONCE_TRAINER},
    }


NET = """\
import torch


class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        torch.manual_seed(1)
        self.layer = torch.nn.Linear(4, 2)

    def forward(self, values):
        return self.layer(values)
"""
TORCH_TRAINER = """\
import torch
from net import Net

import nvflare.client as flare


def main():
    flare.init()
    number = 1 + int(flare.get_site_name().rsplit("-", 1)[-1])
    net = Net()
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    values = torch.arange(12, dtype=torch.float32).reshape(3, 4) / number
    while flare.is_running():
        received = flare.receive()
        net.load_state_dict({name: torch.as_tensor(value) for name, value in received.params.items()})
        for _ in range(3):
            optimizer.zero_grad()
            loss = net(values).square().mean()
            loss.backward()
            optimizer.step()
        flare.send(
            flare.FLModel(
                params={name: value.detach().numpy() for name, value in net.state_dict().items()},
                metrics={"loss": loss.item()},
                meta={"NUM_STEPS_CURRENT_ROUND": number},
            )
        )


if __name__ == "__main__":
    main()
"""


def torch_job(release: str) -> dict[str, Any]:
    """The arguments of `write_job` for FedAvg over a PyTorch model; needs torch in the interpreter."""
    persistor = {
        "id": "persistor",
        "path": "nvflare.app_opt.pt.file_model_persistor.PTFileModelPersistor",
        "args": {"model": {"path": "net.Net"}},
    }
    return {
        "workflows": [fedavg()],
        "components": [persistor],
        "executors": [script_executor(release)],
        "scripts": {"train.py": TORCH_TRAINER, "net.py": NET},
        "server_scripts": {"net.py": NET},
    }


def further_jobs(release: str) -> dict[str, dict[str, Any]]:
    """More jobs of two sites that run well on a release; some take the run level seconds."""
    jobs = {
        "statistics": statistics(),
        "swarm": swarm(),
        "cross-site-script": cross_site_script(release),
        "external-cell-pipe": external_script(release, pipe="cell_pipe.CellPipe"),
    }
    if minor(release) < 9:  # since 2.9 there are no pipes, and a process for each task is refused
        jobs["external-file-pipe"] = external_script(release)
        jobs["external-each-task"] = external_script(release, launch_once=False)
    return jobs


def own_controller() -> dict[str, Any]:
    """The arguments of `write_job` for a controller of the job's own."""
    return {
        "workflows": [{"id": "roll", "path": "roll.Roll"}],
        "components": [],
        "executors": [{"tasks": ["call"], "executor": {"path": "present.Present"}}],
        "scripts": {"present.py": OWN_EXECUTOR},
        "server_scripts": {"roll.py": OWN_CONTROLLER},
    }


def write_job(
    folder: Path,
    workflows: list[Config],
    components: list[Config],
    executors: list[Config],
    *,
    scripts: dict[str, str] | None = None,
    server_scripts: dict[str, str] | None = None,
    client: Config | None = None,
    server: Config | None = None,
    deploy_map: Config | None = None,
    meta: Config | None = None,
    extra_clients: dict[str, list[Config]] | None = None,
) -> Path:
    """Writes a job and gives its folder.

    ``scripts`` go to the client app's custom folder, ``server_scripts`` to the server's; ``client`` and ``server`` are
    added to the configurations; ``extra_clients`` maps further client apps to their executors.
    """
    job_meta = {
        "name": folder.name,
        "min_clients": 1,
        "deploy_map": deploy_map or {"app_server": ["server"], "app_client": ["site-1", "site-2"]},
        **(meta or {}),
    }
    _write(folder / "meta.json", job_meta)
    _write(
        folder / "app_server/config/config_fed_server.json",
        {"format_version": 2, "workflows": workflows, "components": components, **(server or {})},
    )
    apps = {"app_client": executors, **(extra_clients or {})}
    for app, app_executors in apps.items():
        _write(
            folder / app / "config/config_fed_client.json",
            {"format_version": 2, "executors": app_executors, "components": [], **(client or {})},
        )
        for name, text in (scripts or {}).items():
            _write_text(folder / app / "custom" / name, text)
    # a job without a custom folder anywhere is refused by the class allow-list of 2.8.0
    _write_text(folder / "app_server/custom/note.py", '"""Nothing."""\n')
    for name, text in (server_scripts or {}).items():
        _write_text(folder / "app_server/custom" / name, text)
    return folder


def _write(path: Path, content: Any) -> None:
    _write_text(path, json.dumps(content, indent=2) + "\n")


def _write_text(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def sound_jobs(release: str, sites: int = 2) -> dict[str, dict[str, Any]]:
    """Jobs that run well on a release: name -> the arguments of `write_job`."""
    numpy_components = [PERSISTOR, AGGREGATOR, GENERATOR]
    difference = {**AGGREGATOR, "args": {"expected_data_kind": "WEIGHT_DIFF"}}
    script = {"executors": [script_executor(release)], "scripts": {"train.py": TRAINER}}
    names = [f"site-{number}" for number in range(1, sites + 1)]
    deploy_map = {"app_server": ["server"], "app_client": names}
    jobs: dict[str, dict[str, Any]] = {
        "sag-np-trainer": {
            "workflows": [scatter_and_gather(3, sites)],
            "components": numpy_components,
            "executors": np_trainer(),
        },
        "sag-script": {"workflows": [scatter_and_gather(2, sites)], "components": numpy_components, **script},
        "fedavg-script": {"workflows": [fedavg(2, sites)], "components": [PERSISTOR], **script},
        "fedavg-difference": {
            "workflows": [fedavg(2, sites)],
            "components": [PERSISTOR],
            "executors": [script_executor(release, params_transfer_type="DIFF")],
            "scripts": {"train.py": TRAINER},
        },
        "sag-difference": {
            "workflows": [scatter_and_gather(2, sites)],
            "components": [PERSISTOR, difference, GENERATOR],
            "executors": [script_executor(release, params_transfer_type="DIFF")],
            "scripts": {"train.py": TRAINER},
        },
        "cyclic-controller": {
            "workflows": [cyclic_controller()],
            "components": [PERSISTOR, GENERATOR],
            "executors": np_trainer(),
        },
        "cyclic-script": {"workflows": [cyclic(2, sites)], "components": [PERSISTOR], **script},
        "cross-site": {
            "workflows": [scatter_and_gather(1, sites), cross_site()],
            "components": [*numpy_components, LOCATOR, VALIDATION_JSON],
            "executors": np_trainer(),
        },
    }
    for job in jobs.values():
        job["deploy_map"] = deploy_map
    return jobs
