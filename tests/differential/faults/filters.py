"""Faults of filter chains (private/fed_json_config.py::FilterChain and _build_filter_table)."""

from __future__ import annotations

from typing import Any

from tests.differential.faults.registry import fault, values
from tests.differential.jobs import Job
from tests.differential.sound_jobs import EXCLUDE_VARS, a_filter, chain

KEEP = a_filter(EXCLUDE_VARS)


def result_chains(job: Job, value: Any) -> None:
    """Replaces the client's chains for results."""
    job.client["task_result_filters"] = value


def data_chains(job: Job, value: Any) -> None:
    """Replaces the client's chains for data."""
    job.client["task_data_filters"] = value


def server_result_chains(job: Job, value: Any) -> None:
    """Replaces the server's chains for results."""
    job.server["task_result_filters"] = value


values(
    result_chains,
    {
        "chains_null": None,
        "chain_empty": [{}],
        "chain_null": [None],
        "chain_a_filter": [KEEP],
        "chain_without_tasks": [{"filters": [KEEP]}],
        "chain_without_filters": [{"tasks": ["train"]}],
        "chain_tasks_a_string": [{"tasks": "train", "filters": [KEEP]}],
        "chain_tasks_empty": [{"tasks": [], "filters": [KEEP]}],
        "chain_tasks_null": [{"tasks": None, "filters": [KEEP]}],
        "chain_task_a_number": [{"tasks": [1], "filters": [KEEP]}],
        "chain_filters_empty": [{"tasks": ["train"], "filters": []}],
        "chain_filters_null": [{"tasks": ["train"], "filters": None}],
        "chain_filters_an_object": [{"tasks": ["train"], "filters": KEEP}],
        "chain_filters_a_string": [{"tasks": ["train"], "filters": EXCLUDE_VARS}],
        "chain_filters_misspelt": [{"tasks": ["train"], "filter": [KEEP]}],
        "chain_filter_a_string": [{"tasks": ["train"], "filters": [EXCLUDE_VARS]}],
        "chain_filter_null": [{"tasks": ["train"], "filters": [None]}],
        "chain_filter_disabled": [{"tasks": ["train"], "filters": [{**KEEP, "disabled": True}]}],
        "chain_filter_no_filter": [chain(["train"], {"path": "trainers.Trainer"})],
        "chain_filter_a_class_that_is_missing": [chain(["train"], {"path": EXCLUDE_VARS + "s"})],
        "chain_filter_with_unknown_argument": [chain(["train"], a_filter(EXCLUDE_VARS, exclude=["a"]))],
        "chain_filter_with_id": [chain(["train"], {**KEEP, "id": "keep"})],
        "chain_two_filters": [chain(["train"], KEEP, KEEP)],
        "chain_of_a_task_nobody_sends": [chain(["train"], KEEP), chain(["nothing"], KEEP)],
        "chain_task_twice": [chain(["train", "train"], KEEP)],
        "chains_for_one_task": [chain(["train"], KEEP), chain(["train"], KEEP)],
        "chains_for_one_task_in_two_directions": [chain(["train"], KEEP), chain(["train"], KEEP, direction="in")],
        "chains_for_one_task_in_the_default_direction": [
            chain(["train"], KEEP),
            chain(["train"], KEEP, direction="OUT"),
        ],
        "chains_for_one_task_in_both_directions": [
            chain(["train"], KEEP, direction="in"),
            chain(["train"], KEEP, direction="inout"),
        ],
        "chains_for_two_tasks": [chain(["train"], KEEP), chain(["validate"], KEEP)],
        "direction_in": [chain(["train"], KEEP, direction="in")],
        "direction_in_capitals": [chain(["train"], KEEP, direction="INOUT")],
        "direction_unknown": [chain(["train"], KEEP, direction="both")],
        "direction_with_a_space": [chain(["train"], KEEP, direction=" in")],
        "direction_empty": [chain(["train"], KEEP, direction="")],
        "direction_null": [chain(["train"], KEEP, direction=None)],
        "direction_a_number": [chain(["train"], KEEP, direction=1)],
        "direction_a_list": [chain(["train"], KEEP, direction=["in", "out"])],
        "direction_misspelt": [chain(["train"], KEEP, directions="both")],
        "chain_before_its_tasks": [{"filters": [KEEP], "direction": "out", "tasks": ["train"]}],
    },
)
values(
    result_chains,
    {
        "chain_of_star": [chain(["*"], KEEP)],
        "chain_of_pattern": [chain(["tr*"], KEEP)],
        "chains_an_object": chain(["train"], KEEP),
        "chains_a_string": "none",
    },
    silent=True,
)
values(
    data_chains,
    {
        "data_chain_of_the_same_task": [chain(["train"], KEEP)],
        "data_chains_for_one_task": [chain(["train"], KEEP), chain(["train", "validate"], KEEP)],
        "data_chain_without_filters": [{"tasks": ["train"]}],
        "data_chain_direction_unknown": [chain(["train"], KEEP, direction="outwards")],
        "data_chain_filter_no_filter": [chain(["train"], {"path": "trainers.Trainer"})],
    },
)
values(
    server_result_chains,
    {
        "server_chains_for_one_task": [chain(["train"], KEEP), chain(["train"], KEEP, direction="in")],
        "server_chains_in_two_directions": [chain(["train"], KEEP), chain(["train"], KEEP, direction="out")],
        "server_chain_filter_no_filter": [chain(["train"], {"path": "averaging.MeanAggregator"})],
        "server_chain_empty": [{}],
    },
)


@fault(on="filters")
def filter_argument_missing(job: Job) -> None:
    job.client["task_data_filters"][0]["filters"][0]["args"] = {}


@fault(on="filters")
def filter_of_another_app(job: Job) -> None:
    job.server["task_data_filters"] = [chain(["train"], a_filter("privacy.noise.GaussianNoise", sigma=1))]
