"""Faults of component dicts: keys, ids, args, nesting (fuel/utils/component_builder.py, class_utils.py)."""

from __future__ import annotations

from typing import Any

from tests.differential import sources
from tests.differential.faults.own_code import code
from tests.differential.faults.registry import fault, values
from tests.differential.jobs import Job
from tests.differential.sound_jobs import component

TRAINER = "trainers.Trainer"


def one_more(job: Job, value: Any) -> None:
    """Adds one component to the client config."""
    job.client["components"] = [*job.client["components"], value]


def components(job: Job, value: Any) -> None:
    """Replaces the client's components."""
    job.client["components"] = value


def with_args(job: Job, args: Any) -> None:
    """Adds a trainer with these args to the client's components."""
    one_more(job, {"id": "more", "path": TRAINER, "args": args})


def anything(job: Job, argument: Any) -> None:
    """Adds a component that takes any one argument."""
    code(job, {"parts.py": sources.PARTS, "box.py": BOX})
    one_more(job, component("box", "box.Box", content=argument))


BOX = "class Box:\n    def __init__(self, content):\n        self.content = content\n"

values(
    one_more,
    {
        "component_a_string": TRAINER,
        "component_null": None,
        "component_a_list": [TRAINER],
        "component_an_empty_object": {},
        "component_only_an_id": {"id": "more"},
        "component_without_id": {"path": TRAINER},
        "component_with_empty_id": {"id": "", "path": TRAINER},
        "component_with_null_id": {"id": None, "path": TRAINER},
        "component_with_numeric_id": {"id": 5, "path": TRAINER},
        "component_with_zero_as_id": {"id": 0, "path": TRAINER},
        "component_with_list_as_id": {"id": ["more"], "path": TRAINER},
        "component_with_a_space_in_its_id": {"id": "one more", "path": TRAINER},
        "component_id_misspelt": {"name_id": "more", "path": TRAINER},
        "component_without_class": {"id": "more", "args": {}},
        "component_class_misspelt": {"id": "more", "class": TRAINER},
        "component_path_in_capitals": {"id": "more", "Path": TRAINER},
        "component_without_args": {"id": "more", "path": TRAINER},
        "component_with_unknown_keys": {"id": "more", "path": TRAINER, "note": 1, "enabled": False},
        "component_disabled": {"id": "more", "path": "trainers.Nothing", "disabled": True},
        "component_disabled_by_a_string": {"id": "more", "path": "trainers.Nothing", "disabled": "true"},
        "component_disabled_by_a_number": {"id": "more", "path": "trainers.Nothing", "disabled": 1},
        "component_not_disabled": {"id": "more", "path": TRAINER, "disabled": False},
        "component_disabled_without_id": {"path": TRAINER, "disabled": True},
        "component_disabled_with_bad_args": {"id": "more", "path": TRAINER, "args": [1], "disabled": True},
        "component_disabled_without_class": {"id": "more", "disabled": True},
        "component_config_type_dict": {"id": "more", "path": "trainers.Nothing", "config_type": "dict"},
        "component_config_type_unknown": {"id": "more", "path": TRAINER, "config_type": "thing"},
        "component_path_null_with_a_name": {"id": "more", "path": None, "name": "NPValidator"},
        "component_path_empty_with_a_name": {"id": "more", "path": "", "name": "NPValidator"},
        "component_path_and_a_wrong_name": {"id": "more", "path": TRAINER, "name": "Nothing"},
        "component_path_and_a_wrong_class_path": {"id": "more", "path": TRAINER, "class_path": "trainers.Nothing"},
        "component_class_path": {"id": "more", "class_path": TRAINER},
        "component_class_path_misspelt": {"id": "more", "class_path": "trainers.Trainr"},
        "component_class_path_and_name": {"id": "more", "class_path": TRAINER, "name": "NPValidator"},
        "component_class_path_null_with_a_name": {"id": "more", "class_path": None, "name": "NPValidator"},
        "component_name": {"id": "more", "name": "NPValidator"},
        "component_name_unknown": {"id": "more", "name": "NPValidators"},
        "component_name_ambiguous": {"id": "more", "name": "NPTrainer"},
        "component_name_of_own_class": {"id": "more", "name": "Trainer"},
        "component_name_dotted": {"id": "more", "name": TRAINER},
        "component_name_empty": {"id": "more", "name": ""},
        "component_name_a_number": {"id": "more", "name": 3},
        "component_name_in_lower_case": {"id": "more", "name": "npvalidator"},
        "component_name_of_an_executor": {"id": "more", "name": "ClientControllerExecutor"},
        "component_name_of_an_optional_package": {"id": "more", "name": "PTFileModelPersistor"},
    },
)
values(
    one_more,
    {
        "component_arg_instead_of_args": {"id": "more", "path": TRAINER, "arg": {"step": 0.9}},
        "component_config_instead_of_args": {"id": "more", "path": TRAINER, "config": {"step": 0.9}},
    },
    silent=True,
)
values(
    components,
    {
        "two_components_with_one_id": [component("more", TRAINER), component("more", TRAINER)],
        "two_disabled_components_with_one_id": [
            {**component("more", TRAINER), "disabled": True},
            {**component("more", TRAINER), "disabled": True},
        ],
        "two_components_of_one_class": [component("one", TRAINER), component("two", TRAINER)],
        "ids_that_differ_by_case": [component("more", TRAINER), component("More", TRAINER)],
        "component_list_in_a_list": [[component("more", "trainers.Nothing")]],
    },
)
values(
    with_args,
    {
        "args_null": None,
        "args_a_list": [0.5],
        "args_an_empty_list": [],
        "args_a_string": "step=0.5",
        "args_an_empty_string": "",
        "args_a_number": 1,
        "args_empty": {},
        "args_unknown": {"stepp": 0.5},
        "args_unknown_among_others": {"step": 0.5, "label": "a", "epochs": 2},
        "args_of_self": {"self": 1},
        "args_all": {"step": 0.5, "label": "a", "train_task": "t"},
        "args_with_a_space": {"step ": 0.5},
        "args_in_other_case": {"Step": 0.5},
        "args_class_attributes": {"class_attributes": {"step": 0.5}},
        "args_class_attributes_unknown": {"class_attributes": {"stepp": 0.5}},
        "args_class_attributes_hide_others": {"class_attributes": {"step": 0.5}, "stepp": 1},
        "args_class_attributes_null": {"class_attributes": None},
        "args_class_attributes_empty": {"class_attributes": {}, "stepp": 1},
        "args_value_raises": {"step": -1},
        "args_value_raises_type_error": {"step": "0.5"},
        "args_value_null_raises": {"step": None},
        "args_value_true": {"step": True},
    },
)
values(
    anything,
    {
        "nested_component": {"path": "parts.Part", "args": {"size": 2}},
        "nested_component_without_args": {"path": "parts.Part"},
        "nested_component_with_unknown_argument": {"path": "parts.Part", "args": {"width": 2}},
        "nested_component_with_null_args": {"path": "parts.Part", "args": None},
        "nested_component_missing": {"path": "parts.Pert", "args": {}},
        "nested_component_of_missing_module": {"path": "trainers.Nothing"},
        "nested_component_disabled": {"path": "trainers.Nothing", "disabled": True},
        "nested_component_as_a_dict": {"path": "trainers.Nothing", "config_type": "dict"},
        "nested_component_config_type_component": {"path": "trainers.Nothing", "config_type": "component"},
        "nested_component_config_type_null": {"path": "trainers.Nothing", "config_type": None},
        "nested_component_in_a_list": [{"path": "trainers.Nothing"}],
        "nested_component_two_deep": {"deep": {"path": "trainers.Nothing"}},
        "nested_component_in_a_component": {"path": "box.Box", "args": {"content": {"path": "parts.Part"}}},
        "nested_component_in_a_component_missing": {"path": "box.Box", "args": {"content": {"path": "parts.Pert"}}},
        "nested_class_path": {"class_path": "parts.Part"},
        "nested_class_path_missing": {"class_path": "trainers.Nothing"},
        "nested_file_path": {"path": "data.csv"},
        "nested_absolute_file_path": {"path": "/data/train.csv", "sep": ","},
        "nested_folder_path": {"path": "/data/train"},
        "nested_path_a_number": {"path": 3},
        "nested_path_null": {"path": None},
        "nested_path_empty": {"path": ""},
        "nested_path_with_leading_dot": {"path": "./data"},
        "nested_path_ends_with_a_dot": {"path": "data."},
        "nested_url": {"path": "https://example.org/data"},
        "nested_person": {"name": "alice", "age": 3},
        "nested_name_of_a_class": {"name": "NPValidator"},
        "nested_name_of_a_class_as_a_dict": {"name": "NPValidator", "config_type": "dict"},
        "nested_name_of_a_class_with_bad_args": {"name": "NPValidator", "args": {"nothing": 1}},
        "nested_name_ambiguous": {"name": "NPTrainer"},
        "nested_name_null": {"name": None},
        "nested_name_and_path": {"name": "alice", "path": "a.csv"},
        "nested_name_and_folder": {"name": "alice", "path": "folder"},
        "nested_optimizer_like": {"path": "collections.OrderedDict", "args": {"a": 1}},
        "nested_variable": "{format_version}",
        "nested_empty_object": {},
        "nested_list_of_lists": [[1, 2], [3, [4]]],
    },
)


@fault()
def required_argument_missing(job: Job) -> None:
    code(job, {"box.py": BOX})
    one_more(job, component("box", "box.Box"))


@fault()
def required_argument_under_another_name(job: Job) -> None:
    code(job, {"box.py": BOX})
    one_more(job, component("box", "box.Box", contents=1))


@fault()
def unused_component_missing_its_class(job: Job) -> None:
    one_more(job, component("unused", "trainers.Nothing"))


@fault()
def workflow_by_name(job: Job) -> None:
    del job.workflow["path"]
    job.workflow["name"] = "ScatterAndGather"


@fault()
def workflow_by_class_path(job: Job) -> None:
    job.workflow["class_path"] = job.workflow.pop("path")


@fault()
def component_id_duplicated_on_the_server(job: Job) -> None:
    job.component("model_selector")["id"] = "aggregator"


@fault()
def component_order_reversed(job: Job) -> None:
    job.server["components"].reverse()


@fault()
def persistor_arguments_of_another(job: Job) -> None:
    job.component("persistor")["args"]["persist_every_n_rounds"] = 1
