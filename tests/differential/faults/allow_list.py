"""Faults of jobs without custom code: the allow-list of components, 2.8+ (component_path_authorizer.py)."""

from __future__ import annotations

from typing import Any

from tests.differential.faults.registry import fault, values
from tests.differential.jobs import Job
from tests.differential.sound_jobs import component


def one_more(job: Job, value: Any) -> None:
    """Adds one component to the server config of the job without custom code."""
    job.server["components"].append(value)


values(
    one_more,
    {
        "plain_component_of_the_library": component("more", "collections.OrderedDict"),
        "plain_component_of_nvflare_not_on_the_list": component(
            "more", "nvflare.app_common.filters.dxo_blocker.DXOBlocker", data_kinds=["WEIGHTS"]
        ),
        "plain_component_of_nvflare_on_the_list": component(
            "more", "nvflare.app_common.widgets.intime_model_selector.IntimeModelSelector"
        ),
        "plain_component_by_name": {"id": "more", "name": "IntimeModelSelector"},
        "plain_component_by_class_path": {
            "id": "more",
            "class_path": "nvflare.app_common.widgets.intime_model_selector.IntimeModelSelector",
        },
        "plain_component_with_name_and_path": {
            "id": "more",
            "name": "selector",
            "path": "nvflare.app_common.widgets.intime_model_selector.IntimeModelSelector",
        },
        "plain_component_through_a_re_export": component("more", "nvflare.app_common.ccwf.CyclicServerController"),
        "plain_component_disabled_not_on_the_list": {"id": "more", "path": "os.getcwd", "disabled": True},
        "plain_component_disabled_by_name": {"id": "more", "name": "Nothing", "disabled": True},
        "plain_component_with_a_dict_that_looks_like_a_class": component(
            "more",
            "nvflare.app_common.widgets.intime_model_selector.IntimeModelSelector",
            aggregation_weights={"path": "data.csv"},
        ),
        "plain_component_with_a_deep_dict_that_looks_like_a_class": component(
            "more",
            "nvflare.app_common.widgets.intime_model_selector.IntimeModelSelector",
            aggregation_weights={"deep": {"path": "os.getcwd"}},
        ),
        "plain_component_with_a_dict_kept_as_a_dict": component(
            "more",
            "nvflare.app_common.widgets.intime_model_selector.IntimeModelSelector",
            aggregation_weights={"path": "os.getcwd", "config_type": "dict"},
        ),
        "plain_component_with_a_dict_named": component(
            "more",
            "nvflare.app_common.widgets.intime_model_selector.IntimeModelSelector",
            aggregation_weights={"name": "NPTrainer"},
        ),
        "plain_component_with_a_person": component(
            "more",
            "nvflare.app_common.widgets.intime_model_selector.IntimeModelSelector",
            aggregation_weights={"name": "alice"},
        ),
    },
    on="one_app",
)


@fault(on="one_app")
def plain_executor_not_on_the_list(job: Job) -> None:
    job.executor["path"] = "nvflare.app_common.executors.error_handling_executor.ErrorHandlingExecutor"


@fault(on="one_app")
def plain_workflow_not_on_the_list(job: Job) -> None:
    job.server["workflows"] = [component("cyclic", "nvflare.app_common.workflows.cyclic.Cyclic")]


@fault(on="one_app")
def plain_workflow_not_on_the_list_but_an_empty_custom_folder(job: Job) -> None:
    plain_workflow_not_on_the_list(job)
    job.apps["app"].custom = {}


@fault(on="one_app")
def plain_workflow_not_on_the_list_but_byoc_claimed(job: Job) -> None:
    plain_workflow_not_on_the_list(job)
    job.meta["byoc"] = True


@fault(on="one_app")
def plain_executor_by_name(job: Job) -> None:
    job.client["executors"][0]["executor"] = {"name": "NPValidator"}


@fault(on="one_app")
def plain_filter_not_on_the_list(job: Job) -> None:
    blocker = "nvflare.app_common.filters.dxo_blocker.DXOBlocker"
    job.client["task_result_filters"] = [
        {"tasks": ["train"], "filters": [{"path": blocker, "args": {"data_kinds": ["METRICS"]}}]}
    ]


@fault()
def server_app_without_custom_code_uses_unlisted_class(job: Job) -> None:
    job.apps["app_server"].custom = None
    job.server["workflows"] = [component("cyclic", "nvflare.app_common.workflows.cyclic.Cyclic")]
    del job.server["components"][2]


@fault()
def client_app_without_custom_code_uses_unlisted_class(job: Job) -> None:
    job.apps["app_client"].custom = None
    job.executor["path"] = "nvflare.app_common.executors.error_handling_executor.ErrorHandlingExecutor"
    job.executor["args"] = {}
