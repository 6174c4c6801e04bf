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
