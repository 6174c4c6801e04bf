"""A small job with known findings, in each format, to silence."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

SERVER: dict[str, Any] = {
    "format_version": 2,
    "workflows": [
        {
            "id": "scatter_and_gather",
            "path": "nvflare.app_common.workflows.scatter_and_gather.ScatterAndGather",
            "args": {
                "min_clients": 1,
                "num_rounds": 1,
                "persistor_id": "persistor",
                "aggregator_id": "aggregator",
                "shareable_generator_id": "shareable_generator",
            },
        }
    ],
    "components": [
        {"id": "persistor", "path": "nvflare.app_common.np.np_model_persistor.NPModelPersistor"},
        {
            "id": "shareable_generator",
            "path": "nvflare.app_common.shareablegenerators.full_model_shareable_generator.FullModelShareableGenerator",
        },
        {
            "id": "aggregator",
            "path": "nvflare.app_common.aggregators.intime_accumulate_model_aggregator"
            ".InTimeAccumulateWeightedAggregator",
            "args": {"expected_data_kind": "WEIGHTS"},
        },
    ],
}
CLIENT: dict[str, Any] = {
    "format_version": 2,
    "executors": [
        {
            "tasks": ["train"],
            "executor": {"path": "nvflare.app_common.np.np_trainer.NPTrainer", "args": {"sleep_time": 0}},
        }
    ],
    "components": [],
}
META: dict[str, Any] = {
    "name": "demo",
    "min_clients": 1,
    "deploy_map": {"app": ["server", "site-1"]},
    "resource_spec": {"site-9": {"num_of_gpus": 1}},
}
"""``resource_spec`` names a site that gets no app: FL143, a warning at /resource_spec/site-9."""

BAD_CLIENT_YAML = """\
format_version: 2
executors:
  - tasks: [train]  {item}
    executor:  {executor}
      path: nvflare.app_common.np.np_trainer.NPTrainer  {path}
      args:
        sleep_tim: 0  {argument}
components: []
"""
"""An unknown argument: FL250, an error at /executors/0/executor/args/sleep_tim."""

BAD_CLIENT_HOCON = """\
format_version = 2
executors = [
  {{ {item}
    tasks = ["train"]
    executor {{ {executor}
      path = "nvflare.app_common.np.np_trainer.NPTrainer" {path}
      args {{
        sleep_tim = 0 {argument}
      }}
    }}
  }}
]
components = []
"""


def write_job(
    folder: Path,
    *,
    meta: dict[str, Any] | str = META,
    client: dict[str, Any] | str = CLIENT,
    client_name: str = "json",
    server: dict[str, Any] = SERVER,
) -> Path:
    """Writes a job, whose server side is sound by default. Contents given as texts are written as they are."""
    config = folder / "app" / "config"
    config.mkdir(parents=True)
    (config / "config_fed_server.json").write_text(json.dumps(server, indent=2), encoding="utf-8")
    text = client if isinstance(client, str) else json.dumps(client, indent=2)
    (config / f"config_fed_client.{client_name}").write_text(text, encoding="utf-8")
    name = "meta.json" if not isinstance(meta, str) or meta.startswith("{") else "meta.yml"
    (folder / name).write_text(meta if isinstance(meta, str) else json.dumps(meta, indent=2), encoding="utf-8")
    return folder
