"""Faults of the client config's grammar (private/fed/client/client_json_config.py, client_runner.py::TaskRouter)."""

from __future__ import annotations

from typing import Any

from tests.differential.faults.own_code import code
from tests.differential.faults.registry import fault, values
from tests.differential.jobs import Job
from tests.differential.sound_jobs import EXCLUDE_VARS, SCATTER_AND_GATHER, executor

TRAINER = {"path": "trainers.Trainer"}


def client_key(job: Job, items: dict[str, Any]) -> None:
    """Sets top-level keys of the client config."""
    job.client.update(items)


def executors(job: Job, value: Any) -> None:
    """Replaces the executors."""
    job.client["executors"] = value


def tasks(job: Job, value: Any) -> None:
    """Replaces the tasks of the first executor."""
    job.client["executors"][0]["tasks"] = value


def routes(job: Job, value: list[list[str]]) -> None:
    """One executor per list of tasks, beside the one that trains."""
    job.client["executors"] = [executor(names, "trainers.Trainer") for names in value]


values(
    client_key,
    {
        "client_format_version_a_string": {"format_version": "2"},
        "client_format_version_three": {"format_version": 3},
        "client_components_null": {"components": None},
        "client_unknown_keys": {"note": "text", "more": {"path": "nowhere.Nothing"}, "server": {"a": 1}},
        "fetch_interval": {"default_task_fetch_interval": 2},
        "fetch_interval_a_fraction": {"default_task_fetch_interval": 0.1},
        "fetch_interval_zero": {"default_task_fetch_interval": 0},
        "fetch_interval_a_string": {"default_task_fetch_interval": "2"},
        "fetch_interval_null": {"default_task_fetch_interval": None},
        "fetch_interval_true": {"default_task_fetch_interval": True},
        "fetch_interval_an_object": {"default_task_fetch_interval": {"value": 2}},
        "fetch_interval_of_another_section": {"client": {"default_task_fetch_interval": "soon"}},
        "fetch_interval_as_part_of_a_key": {"my_default_task_fetch_interval_s": "soon"},
    },
)
values(
    client_key,
    {
        "client_components_an_object": {"components": {"a": {"path": "trainers.Trainer"}}},
        "client_handlers_are_ignored": {"handlers": [{"path": "trainers.Trainer"}]},
        "client_server_part_is_ignored": {"workflows": [{"path": "nowhere.Nothing"}]},
    },
    silent=True,
)
values(
    executors,
    {
        "executors_empty": [],
        "executors_null": None,
        "executors_an_object": {"tasks": ["train"], "executor": TRAINER},
        "executors_a_string": "trainers.Trainer",
        "executor_a_component": [TRAINER],
        "executor_null": [None],
        "executor_a_string": ["trainers.Trainer"],
        "executor_entry_empty": [{}],
        "executor_without_executor": [{"tasks": ["train"]}],
        "executor_misspelt": [{"tasks": ["train"], "executer": TRAINER}],
        "executor_component_null": [{"tasks": ["train"], "executor": None}],
        "executor_component_empty": [{"tasks": ["train"], "executor": {}}],
        "executor_component_a_string": [{"tasks": ["train"], "executor": "trainers.Trainer"}],
        "executor_component_a_list": [{"tasks": ["train"], "executor": [TRAINER]}],
        "executor_without_tasks": [{"executor": TRAINER}],
        "executor_tasks_misspelt": [{"task": ["train"], "executor": TRAINER}],
        "executor_before_tasks": [{"executor": TRAINER, "tasks": ["train"]}],
        "executor_with_id": [{"id": "trainer", "tasks": ["train"], "executor": TRAINER}],
        "executor_with_id_inside": [{"tasks": ["train"], "executor": {**TRAINER, "id": "trainer"}}],
        "executor_with_unknown_keys": [{"tasks": ["train"], "executor": TRAINER, "note": 1}],
        "executor_disabled": [{"tasks": ["train"], "executor": {**TRAINER, "disabled": True}}],
        "executor_disabled_by_a_string": [{"tasks": ["train"], "executor": {**TRAINER, "disabled": "true"}}],
        "executor_entry_disabled": [{"tasks": ["train"], "executor": TRAINER, "disabled": True}],
        "executor_is_a_filter": [{"tasks": ["train"], "executor": {"path": EXCLUDE_VARS}}],
        "executor_is_a_workflow": [{"tasks": ["train"], "executor": {"path": SCATTER_AND_GATHER}}],
        "executor_is_a_function": [{"tasks": ["train"], "executor": {"path": "os.getcwd"}}],
    },
)


@fault()
def executors_missing(job: Job) -> None:
    del job.client["executors"]


@fault()
def executors_key_misspelt(job: Job) -> None:
    job.client["executor"] = job.client.pop("executors")


@fault()
def client_without_format_version(job: Job) -> None:
    del job.client["format_version"]


@fault()
def client_config_holds_the_servers(job: Job) -> None:
    job.apps["app_client"].client = job.server


values(
    tasks,
    {
        "tasks_a_string": "train",
        "tasks_empty": [],
        "tasks_null": None,
        "tasks_an_object": {"train": True},
        "task_a_number": ["train", 1],
        "task_null": [None],
        "task_a_list": [["train"]],
        "task_an_empty_string": ["train", ""],
        "task_with_a_space": ["train", "validate model"],
        "task_twice_in_one_executor": ["train", "train"],
        "task_star_twice_in_one_executor": ["*", "*"],
        "task_star": ["*"],
        "task_star_beside_others": ["train", "*"],
        "task_pattern": ["tr*"],
        "task_pattern_with_question_mark": ["train", "x?"],
        "task_pattern_with_brackets": ["train", "x[12]"],
    },
)
values(
    routes,
    {
        "task_in_two_executors": [["train"], ["train", "validate"]],
        "pattern_in_two_executors": [["train", "v*"], ["v*"]],
        "star_in_two_executors": [["*"], ["*"]],
        "star_after_name": [["train"], ["*"]],
        "overlapping_patterns": [["t*"], ["tr*"]],
        "question_mark_twice": [["train", "x?"], ["x?"]],
        "two_executors": [["train"], ["validate", "submit_model"]],
    },
)


@fault()
def fetch_interval_in_component_args(job: Job) -> None:
    keeper = "class Keeper:\n    def __init__(self, **settings):\n        self.settings = settings\n"
    code(job, {"keeper.py": keeper})
    settings = {"default_task_fetch_interval": "soon"}
    job.client["components"] = [{"id": "keeper", "path": "keeper.Keeper", "args": settings}]


@fault(on="client_api_script")
def two_client_api_executors(job: Job) -> None:
    job.client["executors"][0]["tasks"] = ["train"]
    again = {"path": job.executor["path"], "args": dict(job.executor["args"])}
    job.client["executors"].append({"tasks": ["validate"], "executor": again})


@fault(on="in_process_script")
def two_in_process_executors(job: Job) -> None:
    job.client["executors"][0]["tasks"] = ["train"]
    again = {"path": job.executor["path"], "args": dict(job.executor["args"])}
    job.client["executors"].append({"tasks": ["validate"], "executor": again})


@fault(on="app_per_site")
def one_of_two_client_apps_broken(job: Job) -> None:
    job.apps["app_site-2"].client["executors"] = []


@fault(on="app_per_site")
def one_of_two_client_apps_with_a_bad_class(job: Job) -> None:
    job.apps["app_site-2"].client["executors"][0]["executor"]["path"] = "nvflare.app_common.np.np_trainer.NPTraner"
