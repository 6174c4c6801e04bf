"""Faults of the server config's grammar (private/fed_json_config.py, private/fed/server/server_json_config.py)."""

from __future__ import annotations

from typing import Any

from tests.differential.faults.registry import fault, values
from tests.differential.jobs import Job
from tests.differential.sound_jobs import AGGREGATOR, SCATTER_AND_GATHER, component, scatter_and_gather


def server_key(job: Job, items: dict[str, Any]) -> None:
    """Sets top-level keys of the server config."""
    job.server.update(items)


def without_server_key(job: Job, key: str) -> None:
    """Takes a top-level key from the server config."""
    del job.server[key]


def renamed_server_key(job: Job, names: tuple[str, str]) -> None:
    """Renames a top-level key of the server config."""
    old, new = names
    job.server[new] = job.server.pop(old)


values(
    without_server_key,
    {
        "server_without_format_version": "format_version",
        "server_without_workflows": "workflows",
        "server_without_server_section": "server",
        "server_without_filters": "task_data_filters",
    },
)
values(
    renamed_server_key,
    {
        "server_format_version_misspelt": ("format_version", "formatversion"),
        "server_workflows_misspelt": ("workflows", "workflow"),
        "server_filters_misspelt": ("task_result_filters", "task_result_filter"),
    },
)
values(
    server_key,
    {
        "server_format_version_a_string": {"format_version": "2"},
        "server_format_version_a_float": {"format_version": 2.0},
        "server_format_version_three": {"format_version": 3},
        "server_format_version_one": {"format_version": 1},
        "server_format_version_null": {"format_version": None},
        "server_format_version_true": {"format_version": True},
        "server_format_version_a_list": {"format_version": [2]},
        "server_workflows_empty": {"workflows": []},
        "server_workflows_null": {"workflows": None},
        "server_workflows_an_object": {"workflows": {"first": scatter_and_gather()}},
        "server_workflows_one_object": {"workflows": scatter_and_gather()},
        "server_workflows_a_string": {"workflows": SCATTER_AND_GATHER},
        "server_workflow_a_string": {"workflows": [SCATTER_AND_GATHER]},
        "server_workflow_null": {"workflows": [None]},
        "server_workflow_an_empty_object": {"workflows": [{}]},
        "server_workflow_and_null": {"workflows": [scatter_and_gather(), None]},
        "server_unknown_keys": {"note": "text", "executors": "none", "more": {"path": "nowhere.Nothing"}},
        "server_section_empty": {"server": {}},
        "server_section_null": {"server": None},
        "server_section_a_list": {"server": []},
        "server_section_unknown_key": {"server": {"heartbeat": 5}},
        "server_heart_beat_zero": {"server": {"heart_beat_timeout": 0}},
        "server_heart_beat_negative": {"server": {"heart_beat_timeout": -1}},
        "server_heart_beat_a_string": {"server": {"heart_beat_timeout": "600"}},
        "server_heart_beat_null": {"server": {"heart_beat_timeout": None}},
        "server_heart_beat_true": {"server": {"heart_beat_timeout": True}},
        "server_heart_beat_false": {"server": {"heart_beat_timeout": False}},
        "server_heart_beat_a_fraction": {"server": {"heart_beat_timeout": 0.5}},
        "server_request_interval_zero": {"server": {"task_request_interval": 0}},
        "server_request_interval_a_string": {"server": {"task_request_interval": "2"}},
        "server_request_interval_a_list": {"server": {"task_request_interval": [2]}},
        "server_request_interval_a_fraction": {"server": {"task_request_interval": 0.1}},
        "server_heart_beat_dotted_key": {"server.heart_beat_timeout": "soon"},
        "server_fetch_interval_is_the_clients": {"default_task_fetch_interval": "soon"},
        "server_flower_app_path": {"flower_app_path": "/opt/app"},
    },
)
values(
    server_key,
    {
        "server_components_an_object": {"components": {"aggregator": {"path": AGGREGATOR}}},
        "server_components_a_string": {"components": "none"},
        "server_handlers_are_ignored": {"handlers": [{"path": "averaging.MeanAggregator"}]},
        "server_client_part_is_ignored": {"executors": [{"tasks": ["a"], "executor": {"path": "nowhere.Nothing"}}]},
    },
    silent=True,
)
values(server_key, {"server_components_null": {"components": None}, "server_components_emptied": {"components": []}})


@fault(silent=True)
def server_components_misspelt(job: Job) -> None:
    renamed_server_key(job, ("components", "component"))


@fault()
def workflow_is_no_controller(job: Job) -> None:
    job.workflow["path"] = "averaging.MeanAggregator"
    job.workflow["args"] = {}


@fault()
def workflow_is_an_executor(job: Job) -> None:
    job.workflow["path"] = "nvflare.app_common.np.np_trainer.NPTrainer"
    job.workflow["args"] = {}


@fault()
def workflow_without_id(job: Job) -> None:
    del job.workflow["id"]


@fault()
def workflow_with_empty_id(job: Job) -> None:
    job.workflow["id"] = ""


@fault()
def workflow_with_numeric_id(job: Job) -> None:
    job.workflow["id"] = 1


@fault()
def workflow_with_zero_as_id(job: Job) -> None:
    job.workflow["id"] = 0


@fault()
def workflow_with_id_of_a_component(job: Job) -> None:
    job.workflow["id"] = "persistor"


@fault()
def workflow_class_name_as_a_components_id(job: Job) -> None:
    del job.workflow["id"]
    job.component("model_selector")["id"] = "ScatterAndGather"


@fault()
def workflows_before_components(job: Job) -> None:
    workflows = job.server.pop("workflows")
    job.apps["app_server"].server = {"workflows": workflows, **job.server}


@fault()
def workflows_before_components_with_same_id(job: Job) -> None:
    workflows_before_components(job)
    job.workflow["id"] = "persistor"


@fault()
def two_workflows_of_one_class_without_ids(job: Job) -> None:
    del job.workflow["id"]
    job.server["workflows"].append({key: job.workflow[key] for key in ("path", "args")})


@fault()
def two_workflows_of_one_class_with_ids(job: Job) -> None:
    job.server["workflows"].append({**job.workflow, "id": "again"})


@fault()
def two_workflows_with_one_id(job: Job) -> None:
    job.server["workflows"].append(dict(job.workflow))


@fault()
def workflow_disabled(job: Job) -> None:
    job.workflow["disabled"] = True


@fault()
def second_workflow_disabled(job: Job) -> None:
    job.server["workflows"].append({"id": "off", "path": "nowhere.Nothing", "disabled": True})


@fault()
def workflow_by_a_subclass_alias(job: Job) -> None:
    job.apps["app_server"].custom = {
        **(job.apps["app_server"].custom or {}),
        "flow.py": "from nvflare.app_common.workflows.scatter_and_gather import ScatterAndGather as Flow\n",
    }
    job.workflow["path"] = "flow.Flow"


@fault()
def component_between_workflows(job: Job) -> None:
    job.server["workflows"].append(component("selector", AGGREGATOR))
