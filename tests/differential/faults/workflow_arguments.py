"""Faults of workflows' arguments: the checks that NVFlare's controllers make, and those they do not make."""

from __future__ import annotations

from typing import Any

from tests.differential.faults.registry import FAULTS, fault, register, values
from tests.differential.jobs import Job


def workflow_args(job: Job, value: dict[str, Any]) -> None:
    """Changes arguments of the workflow."""
    job.workflow["args"].update(value)


def without_workflow_arg(job: Job, name: str) -> None:
    """Takes an argument from the workflow."""
    del job.workflow["args"][name]


values(
    workflow_args,
    {
        "scatter_min_clients_zero": {"min_clients": 0},
        "scatter_min_clients_negative": {"min_clients": -1},
        "scatter_min_clients_a_string": {"min_clients": "2"},
        "scatter_min_clients_a_float": {"min_clients": 2.0},
        "scatter_min_clients_true": {"min_clients": True},
        "scatter_min_clients_null": {"min_clients": None},
        "scatter_rounds_zero": {"num_rounds": 0},
        "scatter_rounds_negative": {"num_rounds": -1},
        "scatter_rounds_a_string": {"num_rounds": "2"},
        "scatter_rounds_a_float": {"num_rounds": 2.0},
        "scatter_rounds_null": {"num_rounds": None},
        "scatter_rounds_true": {"num_rounds": True},
        "scatter_start_round_negative": {"start_round": -1},
        "scatter_wait_a_float": {"wait_time_after_min_received": 0.5},
        "scatter_wait_negative": {"wait_time_after_min_received": -1},
        "scatter_timeout_negative": {"train_timeout": -1},
        "scatter_timeout_a_float": {"train_timeout": 1.5},
        "scatter_aggregator_id_a_number": {"aggregator_id": 1},
        "scatter_aggregator_id_null": {"aggregator_id": None},
        "scatter_persistor_id_a_number": {"persistor_id": 1},
        "scatter_generator_id_a_list": {"shareable_generator_id": ["a"]},
        "scatter_task_name_a_number": {"train_task_name": 1},
        "scatter_task_name_empty": {"train_task_name": ""},
        "scatter_check_period_zero": {"task_check_period": 0},
        "scatter_check_period_negative": {"task_check_period": -0.5},
        "scatter_check_period_an_int": {"task_check_period": 1},
        "scatter_check_period_a_string": {"task_check_period": "1"},
        "scatter_persist_every_a_string": {"persist_every_n_rounds": "1"},
        "scatter_persist_every_negative": {"persist_every_n_rounds": -1},
        "scatter_snapshot_every_negative": {"snapshot_every_n_rounds": -1},
        "scatter_ignore_result_error_a_string": {"ignore_result_error": "no"},
        "scatter_allow_empty_a_string": {"allow_empty_global_weights": "no"},
        "scatter_memory_gc_rounds": {"memory_gc_rounds": 1},
        "scatter_memory_gc_rounds_negative": {"memory_gc_rounds": -1},
        "scatter_tensor_disk_offload": {"enable_tensor_disk_offload": False},
        "scatter_unknown_argument": {"rounds": 2},
        "scatter_num_clients": {"num_clients": 2},
    },
)
values(
    without_workflow_arg,
    {
        "scatter_without_min_clients": "min_clients",
        "scatter_without_rounds": "num_rounds",
        "scatter_without_generator_id": "shareable_generator_id",
    },
)
values(
    workflow_args,
    {
        "cyclic_order_in_lower_case": {"order": "fixed"},
        "cyclic_order_random": {"order": "RANDOM"},
        "cyclic_order_without_same": {"order": "RANDOM_WITHOUT_SAME_IN_A_ROW"},
        "cyclic_order_unknown": {"order": "SORTED"},
        "cyclic_order_a_list": {"order": ["site-1", "site-2"]},
        "cyclic_order_an_empty_list": {"order": []},
        "cyclic_order_a_number": {"order": 1},
        "cyclic_order_null": {"order": None},
        "cyclic_rounds_a_string": {"num_rounds": "2"},
        "cyclic_rounds_zero": {"num_rounds": 0},
        "cyclic_rounds_negative": {"num_rounds": -2},
        "cyclic_rounds_a_float": {"num_rounds": 2.5},
        "cyclic_assignment_timeout_a_string": {"task_assignment_timeout": "10"},
        "cyclic_assignment_timeout_a_float": {"task_assignment_timeout": 1.5},
        "cyclic_persistor_id_a_number": {"persistor_id": 1},
        "cyclic_task_name_null": {"task_name": None},
        "cyclic_min_clients": {"min_clients": 2},
        "cyclic_early_termination_a_string": {"allow_early_termination": "yes"},
    },
    on="cyclic",
)


def evaluation_args(job: Job, value: dict[str, Any]) -> None:
    """Changes arguments of the cross-site evaluation."""
    job.server["workflows"][1]["args"].update(value)


values(
    evaluation_args,
    {
        "evaluation_check_period_an_int": {"task_check_period": 1},
        "evaluation_check_period_a_float": {"task_check_period": 1.0},
        "evaluation_submit_timeout_a_float": {"submit_model_timeout": 1.5},
        "evaluation_submit_timeout_negative": {"submit_model_timeout": -1},
        "evaluation_validation_timeout_a_string": {"validation_timeout": "60"},
        "evaluation_locator_id_a_number": {"model_locator_id": 1},
        "evaluation_locator_id_null": {"model_locator_id": None},
        "evaluation_cleanup_a_string": {"cleanup_models": "true"},
        "evaluation_cleanup_a_number": {"cleanup_models": 1},
        "evaluation_participants_a_string": {"participating_clients": "site-1"},
        "evaluation_participants_numbers": {"participating_clients": [1, 2]},
        "evaluation_participants_a_list": {"participating_clients": ["site-1"]},
        "evaluation_participants_empty": {"participating_clients": []},
        "evaluation_folder_a_number": {"cross_val_dir": 1},
        "evaluation_submit_task_null": {"submit_model_task_name": None},
        "evaluation_unknown_argument": {"locator_id": "model_locator"},
        "evaluation_wait_for_clients_a_string": {"wait_for_clients_timeout": "300"},
        "evaluation_wait_for_clients_zero": {"wait_for_clients_timeout": 0},
    },
    on="cross_site_eval",
)
values(
    workflow_args,
    {
        "swarm_rounds_zero": {"num_rounds": 0},
        "swarm_rounds_a_string": {"num_rounds": "2"},
        "swarm_participants_one": {"participating_clients": ["site-1"]},
        "swarm_participants_two": {"participating_clients": ["site-1", "site-2"]},
        "swarm_participants_a_string": {"participating_clients": "site-1"},
        "swarm_participants_empty": {"participating_clients": []},
        "swarm_participants_none_text": {"participating_clients": "@none"},
        "swarm_participants_all_text": {"participating_clients": "@all"},
        "swarm_participants_twice_the_same": {"participating_clients": ["site-1", "site-1"]},
        "swarm_participants_with_a_number": {"participating_clients": ["site-1", 2]},
        "swarm_result_clients_outside": {
            "participating_clients": ["site-1", "site-2"],
            "result_clients": ["site-3"],
        },
        "swarm_result_clients_none": {"result_clients": "@none"},
        "swarm_starting_client_none": {"starting_client": "@none"},
        "swarm_starting_client_outside": {
            "participating_clients": ["site-1", "site-2"],
            "starting_client": "site-3",
        },
        "swarm_starting_client_a_number": {"starting_client": 1},
        "swarm_configure_timeout_zero": {"configure_task_timeout": 0},
        "swarm_start_timeout_a_fraction": {"start_task_timeout": 0.5},
        "swarm_status_interval_short": {"max_status_report_interval": 5},
        "swarm_progress_timeout_short": {"progress_timeout": 1},
        "swarm_private_p2p_a_string": {"private_p2p": "yes"},
        "swarm_prefix_empty": {"task_name_prefix": ""},
        "swarm_prefix_null": {"task_name_prefix": None},
        "swarm_train_clients_outside": {"participating_clients": ["a", "b"], "train_clients": ["c"]},
        "swarm_aggregators_and_trainers": {"train_clients": ["site-1"], "aggr_clients": ["site-1", "site-2"]},
        "swarm_min_clients": {"min_clients": 2},
        "swarm_min_clients_negative": {"min_clients": -1},
        "swarm_without_rounds_but_steps": {"rounds": 2},
        "swarm_start_round_negative": {"start_round": -1},
    },
    on="swarm",
)


@fault(on="swarm")
def swarm_without_rounds(job: Job) -> None:
    without_workflow_arg(job, "num_rounds")


def swarm_client_args(job: Job, value: dict[str, Any]) -> None:
    """Changes arguments of the swarm's client controller."""
    job.client["executors"][1]["executor"]["args"].update(value)


values(
    swarm_client_args,
    {
        "swarm_client_task_empty": {"learn_task_name": ""},
        "swarm_client_task_a_number": {"learn_task_name": 1},
        "swarm_client_persistor_empty": {"persistor_id": ""},
        "swarm_client_persistor_null": {"persistor_id": None},
        "swarm_client_aggregator_a_number": {"aggregator_id": 1},
        "swarm_client_comparator_a_number": {"metric_comparator_id": 1},
        "swarm_client_responses_zero": {"min_responses_required": 0},
        "swarm_client_responses_a_string": {"min_responses_required": "2"},
        "swarm_client_wait_negative": {"wait_time_after_min_resps_received": -1},
        "swarm_client_check_interval_zero": {"learn_task_check_interval": 0},
        "swarm_client_abort_timeout_negative": {"learn_task_abort_timeout": -1},
        "swarm_client_ack_timeout_zero": {"learn_task_ack_timeout": 0},
        "swarm_client_task_timeout_negative": {"learn_task_timeout": -1},
        "swarm_client_final_ack_zero": {"final_result_ack_timeout": 0},
        "swarm_client_prefix_empty": {"task_name_prefix": ""},
        "swarm_client_unknown_argument": {"min_clients": 2},
    },
    on="swarm",
)
values(
    workflow_args,
    {
        "fedavg_clients_a_string": {"num_clients": "2"},
        "fedavg_clients_zero": {"num_clients": 0},
        "fedavg_min_clients": {"min_clients": 2},
        "fedavg_unknown_argument": {"rounds": 2},
        "fedavg_persistor_id_a_number": {"persistor_id": 1},
        "fedavg_persistor_id_empty": {"persistor_id": ""},
        "fedavg_start_round_negative": {"start_round": -1},
        "fedavg_stop_condition": {"stop_cond": "accuracy >= 0.8"},
        "fedavg_stop_condition_bad": {"stop_cond": "accuracy is good"},
        "fedavg_stop_condition_with_bad_number": {"stop_cond": "accuracy > high"},
        "fedavg_stop_condition_with_bad_operator": {"stop_cond": "accuracy => 0.8"},
        "fedavg_patience": {"stop_cond": "accuracy >= 0.8", "patience": 3},
        "fedavg_patience_without_condition": {"patience": 3},
        "fedavg_check_period_zero": {"task_check_period": 0},
        "fedavg_memory_gc_negative": {"memory_gc_rounds": -1},
        "fedavg_memory_gc_a_string": {"memory_gc_rounds": "1"},
        "fedavg_task_name_a_number": {"task_name": 5},
        "fedavg_ignore_result_error_a_string": {"ignore_result_error": "no"},
        "fedavg_model_a_list": {"model": [1, 2]},
        "fedavg_initial_model": {"initial_model": {"w": 1.0}},
        "fedavg_save_filename": {"save_filename": "a.pt"},
        "fedavg_aggregator_a_string": {"aggregator": "aggregator"},
        "fedavg_aggregator_an_object": {
            "aggregator": {"path": "nvflare.app_common.np.np_model_persistor.NPModelPersistor"}
        },
        "fedavg_weights_a_list": {"aggregation_weights": [1, 2]},
        "fedavg_prox_mu_negative": {"fedprox_mu": -0.1},
        "fedavg_prox_mu": {"fedprox_mu": 0.1},
        "fedavg_exclude_vars_a_number": {"exclude_vars": 3},
    },
    on="in_process_script",
)
values(workflow_args, {"fedavg_rounds_a_string": {"num_rounds": "2"}}, on="in_process_script", silent=True)

# The same, where the executor is that of 2.9.
for name in (
    "fedavg_clients_a_string",
    "fedavg_min_clients",
    "fedavg_unknown_argument",
    "fedavg_persistor_id_a_number",
    "fedavg_stop_condition",
    "fedavg_stop_condition_bad",
    "fedavg_stop_condition_with_bad_number",
    "fedavg_stop_condition_with_bad_operator",
    "fedavg_patience",
    "fedavg_patience_without_condition",
    "fedavg_memory_gc_negative",
    "fedavg_memory_gc_a_string",
    "fedavg_task_name_a_number",
    "fedavg_model_a_list",
    "fedavg_initial_model",
    "fedavg_aggregator_a_string",
    "fedavg_aggregator_an_object",
    "fedavg_weights_a_list",
    "fedavg_prox_mu_negative",
    "fedavg_prox_mu",
    "fedavg_rounds_a_string",
    "fedavg_exclude_vars_a_number",
):
    again = FAULTS[name]
    register(f"{name}_in_2_9", again.change, "client_api_script", silent=again.silent)
values(
    workflow_args,
    {
        "statistics_min_clients_zero": {"min_clients": 0},
        "statistics_configs_a_list": {"statistic_configs": ["count"]},
        "statistics_configs_empty": {"statistic_configs": {}},
        "statistics_configs_unknown": {"statistic_configs": {"median": {}}},
        "statistics_histogram_without_bins": {"statistic_configs": {"count": {}, "histogram": {"*": {}}}},
        "statistics_writer_null": {"writer_id": None},
        "statistics_precision_a_string": {"precision": "4"},
        "statistics_wait_negative": {"wait_time_after_min_received": -1},
        "statistics_unknown_argument": {"bins": 10},
    },
    on="statistics",
)


@fault(on="statistics")
def statistics_without_writer(job: Job) -> None:
    without_workflow_arg(job, "writer_id")
