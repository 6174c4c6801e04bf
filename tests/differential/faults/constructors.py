"""Faults of constructor arguments: the checks that NVFlare's own classes make, and those they do not make."""

from __future__ import annotations

from typing import Any

from tests.differential.faults.registry import FAULTS, fault, register, values
from tests.differential.jobs import Job
from tests.differential.sound_jobs import CYCLIC, SELECTOR, a_filter, chain, component

FILTERS = "nvflare.app_common.filters."


def workflow_args(job: Job, value: dict[str, Any]) -> None:
    """Changes arguments of the workflow."""
    job.workflow["args"].update(value)


def without_workflow_arg(job: Job, name: str) -> None:
    """Takes an argument from the workflow."""
    del job.workflow["args"][name]


def executor_args(job: Job, value: dict[str, Any]) -> None:
    """Changes arguments of the executor."""
    job.executor["args"].update(value)


def server_component(job: Job, value: dict[str, Any]) -> None:
    """Adds a component to the server config."""
    job.server["components"].append(value)


def result_filter(job: Job, value: dict[str, Any]) -> None:
    """Replaces the client's result filters by one chain of one filter."""
    job.client["task_result_filters"] = [chain(["train"], value)]


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
    executor_args,
    {
        "client_api_mode_unknown": {"execution_mode": "threads"},
        "client_api_mode_null": {"execution_mode": None},
        "client_api_mode_in_capitals": {"execution_mode": "IN_PROCESS"},
        "client_api_mode_external_without_command": {"execution_mode": "external_process"},
        "client_api_mode_attach": {"execution_mode": "attach"},
        "client_api_command_in_process": {"command": ["python3", "train.py"]},
        "client_api_script_null": {"task_script_path": None},
        "client_api_script_empty": {"task_script_path": ""},
        "client_api_script_not_python": {"task_script_path": "train.sh"},
        "client_api_script_a_number": {"task_script_path": 1},
        "client_api_script_missing": {"task_script_path": "not_there.py"},
        "client_api_script_absolute": {"task_script_path": "/opt/train.py"},
        "client_api_script_args_a_list": {"task_script_args": ["--epochs", "2"]},
        "client_api_script_args_a_number": {"task_script_args": 2},
        "client_api_script_args_null": {"task_script_args": None},
        "client_api_launch_once_a_string": {"launch_once": "no"},
        "client_api_launch_timeout_negative": {"launch_timeout": -1},
        "client_api_launch_timeout_a_string": {"launch_timeout": "60"},
        "client_api_heartbeat_zero": {"heartbeat_interval": 0},
        "client_api_heartbeat_longer_than_timeout": {"heartbeat_interval": 60.0, "heartbeat_timeout": 30.0},
        "client_api_task_wait_zero": {"task_wait_timeout": 0},
        "client_api_train_task_empty": {"train_task_name": ""},
        "client_api_train_task_a_number": {"train_task_name": 1},
        "client_api_tasks_the_same": {"train_task_name": "train", "evaluate_task_name": "train"},
        "client_api_format_unknown": {"params_exchange_format": "pickle"},
        "client_api_format_numpy": {"params_exchange_format": "numpy"},
        "client_api_format_null": {"params_exchange_format": None},
        "client_api_transfer_unknown": {"params_transfer_type": "HALF"},
        "client_api_transfer_in_lower_case": {"params_transfer_type": "full"},
        "client_api_transfer_diff": {"params_transfer_type": "DIFF"},
        "client_api_unknown_argument": {"pipe_id": "pipe"},
        "client_api_old_wait_argument": {"task_wait_time": 5},
        "client_api_evaluation_a_string": {"train_with_evaluation": "yes"},
        "client_api_memory_rounds_negative": {"memory_gc_rounds": -1},
        "client_api_server_format_unknown": {"server_expected_format": "onnx"},
    },
    on="client_api_script",
)
values(
    executor_args,
    {
        "external_command_a_string": {"command": "python3 custom/train.py"},
        "external_command_empty": {"command": []},
        "external_command_an_empty_string": {"command": ""},
        "external_command_with_a_number": {"command": ["python3", 1]},
        "external_command_null": {"command": None},
        "external_command_with_script_path": {"task_script_path": "train.py"},
        "external_launch_timeout_zero": {"launch_timeout": 0},
        "external_launch_timeout_null": {"launch_timeout": None},
        "external_shutdown_timeout_negative": {"shutdown_timeout": -1},
        "external_stop_grace_negative": {"stop_grace_period": -1},
        "external_command_quoted_badly": {"command": "python3 'custom/train.py"},
        "external_command_with_shell": {"command": "cd custom && python3 train.py"},
    },
    on="external_command",
)
values(
    executor_args,
    {
        "in_process_script_empty": {"task_script_path": ""},
        "in_process_script_null": {"task_script_path": None},
        "in_process_script_not_python": {"task_script_path": "train.sh"},
        "in_process_script_a_number": {"task_script_path": 5},
        "in_process_script_missing": {"task_script_path": "not_there.py"},
        "in_process_script_args_a_list": {"task_script_args": ["--epochs", "2"]},
        "in_process_wait_a_string": {"task_wait_time": "5"},
        "in_process_wait_negative": {"task_wait_time": -1},
        "in_process_pull_interval_zero": {"result_pull_interval": 0},
        "in_process_pull_interval_a_string": {"result_pull_interval": "1"},
        "in_process_format_unknown": {"params_exchange_format": "pickle"},
        "in_process_transfer_unknown": {"params_transfer_type": "HALF"},
        "in_process_transfer_diff": {"params_transfer_type": "DIFF"},
        "in_process_converter_a_number": {"to_nvflare_converter_id": 1},
        "in_process_train_task_a_number": {"train_task_name": 1},
        "in_process_evaluation_a_string": {"train_with_evaluation": "yes"},
        "in_process_server_format": {"server_expected_format": "numpy"},
        "in_process_memory_rounds": {"memory_gc_rounds": 1},
        "in_process_unknown_argument": {"script": "train.py"},
    },
    on="in_process_script",
)


@fault(on="in_process_script")
def in_process_without_script(job: Job) -> None:
    del job.executor["args"]["task_script_path"]


@fault(on="client_api_script")
def client_api_without_mode(job: Job) -> None:
    del job.executor["args"]["execution_mode"]


@fault(on="client_api_script")
def client_api_without_script(job: Job) -> None:
    del job.executor["args"]["task_script_path"]


values(
    executor_args,
    {
        "launched_pipe_id_a_number": {"pipe_id": 1},
        "launched_pipe_id_empty": {"pipe_id": ""},
        "launched_launcher_id_null": {"launcher_id": None},
        "launched_workers_zero": {"workers": 0},
        "launched_workers_a_string": {"workers": "4"},
        "launched_heartbeat_zero": {"heartbeat_interval": 0},
        "launched_heartbeat_longer_than_timeout": {"heartbeat_interval": 90.0, "heartbeat_timeout": 30.0},
        "launched_launch_timeout_negative": {"launch_timeout": -1.0},
        "launched_format_unknown": {"params_exchange_format": "pickle"},
        "launched_transfer_unknown": {"params_transfer_type": "HALF"},
        "launched_unknown_argument": {"script": "train.py"},
        "launched_config_file_a_number": {"config_file_name": 1},
    },
    on="external_script",
)


def client_component_args(job: Job, value: tuple[int, dict[str, Any]]) -> None:
    """Changes arguments of one of the client's components, by its position."""
    position, args = value
    job.client["components"][position]["args"].update(args)


values(
    client_component_args,
    {
        "launcher_script_a_list": (0, {"script": ["python3", "train.py"]}),
        "launcher_unknown_argument": (0, {"command": "python3"}),
        "launcher_shutdown_timeout": (0, {"shutdown_timeout": 10.0}),
        "pipe_mode_in_lower_case": (1, {"mode": "passive"}),
        "pipe_mode_unknown": (1, {"mode": "QUIET"}),
        "pipe_mode_null": (1, {"mode": None}),
        "pipe_root_null": (1, {"root_path": None}),
        "pipe_root_a_number": (1, {"root_path": 1}),
        "pipe_interval_zero": (1, {"file_check_interval": 0}),
        "pipe_unknown_argument": (1, {"root": "/tmp"}),
        "relay_pipe_id_a_number": (3, {"pipe_id": 1}),
        "relay_unknown_argument": (3, {"pipe": "metrics_pipe"}),
        "relay_event_type_null": (3, {"event_type": None}),
        "preparer_ids_a_string": (4, {"component_ids": "metric_relay"}),
    },
    on="external_script",
)
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
values(
    lambda job, value: job.server["components"][0]["args"].update(value),
    {
        "writer_output_path_empty": {"output_path": ""},
        "writer_output_path_null": {"output_path": None},
        "writer_encoder_path_a_number": {"json_encoder_path": 1},
        "writer_encoder_path": {"json_encoder_path": "nvflare.app_common.utils.json_utils.ObjectEncoder"},
    },
    on="statistics",
)


@fault(on="statistics")
def statistics_without_writer(job: Job) -> None:
    without_workflow_arg(job, "writer_id")


@fault(on="statistics")
def statistics_executor_without_generator(job: Job) -> None:
    job.executor["args"] = {}


@fault(on="statistics")
def statistics_generator_without_its_argument(job: Job) -> None:
    job.client["components"][0]["args"] = {}


@fault(on="statistics")
def statistics_generator_lacks_a_method(job: Job) -> None:
    source = (job.apps["app_client"].custom or {})["table.py"]
    start = source.index("    def sum(")
    end = source.index("    def mean(")
    job.apps["app_client"].custom = {"table.py": source[:start] + source[end:]}


@fault(on="statistics")
def statistics_generator_lacks_an_optional_method(job: Job) -> None:
    source = (job.apps["app_client"].custom or {})["table.py"]
    start = source.index("    def quantiles(")
    end = source.index("    def failure_count(")
    job.apps["app_client"].custom = {"table.py": source[:start] + source[end:]}


values(
    executor_args,
    {
        "numpy_trainer_delta_a_string": {"delta": "1"},
        "numpy_trainer_delta_a_float": {"delta": 0.5},
        "numpy_trainer_delta_null": {"delta": None},
        "numpy_trainer_delta_true": {"delta": True},
        "numpy_trainer_task_a_number": {"train_task_name": 1},
        "numpy_trainer_sleep_a_string": {"sleep_time": "1"},
        "numpy_trainer_unknown_argument": {"validate_task_name": "validate"},
        "numpy_trainer_model_folder_null": {"model_dir": None},
    },
    on="one_app",
)
values(
    result_filter,
    {
        "exclude_vars_a_number": a_filter(FILTERS + "exclude_vars.ExcludeVars", exclude_vars=5),
        "exclude_vars_numbers": a_filter(FILTERS + "exclude_vars.ExcludeVars", exclude_vars=[1, 2]),
        "exclude_vars_a_pattern": a_filter(FILTERS + "exclude_vars.ExcludeVars", exclude_vars="bias.*"),
        "exclude_vars_a_broken_pattern": a_filter(FILTERS + "exclude_vars.ExcludeVars", exclude_vars="bias("),
        "exclude_vars_empty": a_filter(FILTERS + "exclude_vars.ExcludeVars", exclude_vars=[]),
        "exclude_vars_data_kinds_a_string": a_filter(FILTERS + "exclude_vars.ExcludeVars", data_kinds="WEIGHTS"),
        "percentile_over_a_hundred": a_filter(FILTERS + "percentile_privacy.PercentilePrivacy", percentile=200),
        "percentile_data_kinds_a_string": a_filter(
            FILTERS + "percentile_privacy.PercentilePrivacy", data_kinds="WEIGHTS"
        ),
        "svt_unknown_argument": a_filter(FILTERS + "svt_privacy.SVTPrivacy", delta=0.1),
        "svt_fraction_a_string": a_filter(FILTERS + "svt_privacy.SVTPrivacy", fraction="0.1"),
        "svt_epsilon_threshold": a_filter(FILTERS + "svt_privacy.SVTPrivacy", epsilon_threshold=0.1),
        "svt_epsilon_zero": a_filter(FILTERS + "svt_privacy.SVTPrivacy", epsilon=0),
        "blocker_without_kinds": a_filter(FILTERS + "dxo_blocker.DXOBlocker"),
        "blocker_kinds_empty": a_filter(FILTERS + "dxo_blocker.DXOBlocker", data_kinds=[]),
        "blocker_kinds_a_string": a_filter(FILTERS + "dxo_blocker.DXOBlocker", data_kinds="WEIGHTS"),
        "blocker_kinds_numbers": a_filter(FILTERS + "dxo_blocker.DXOBlocker", data_kinds=[1]),
        "blocker_in_order": a_filter(FILTERS + "dxo_blocker.DXOBlocker", data_kinds=["METRICS"]),
        "blocker_allow_a_string": a_filter(
            FILTERS + "dxo_blocker.DXOBlocker", data_kinds=["METRICS"], allow_data_kinds="no"
        ),
        "convert_direction_unknown": a_filter(FILTERS + "convert_weights.ConvertWeights", direction="both"),
        "convert_direction_in_order": a_filter(FILTERS + "convert_weights.ConvertWeights", direction="weights_to_diff"),
        "convert_without_direction": a_filter(FILTERS + "convert_weights.ConvertWeights"),
        "statistics_privacy_without_cleansers": a_filter(FILTERS + "statistics_privacy_filter.StatisticsPrivacyFilter"),
        "statistics_privacy_cleansers_a_string": a_filter(
            FILTERS + "statistics_privacy_filter.StatisticsPrivacyFilter", result_cleanser_ids="min_count"
        ),
    },
)
AGGREGATORS = "nvflare.app_common.aggregators."
values(
    server_component,
    {
        "selector_weights_a_list": component("more", SELECTOR, aggregation_weights=[1]),
        "selector_weights_in_order": component("more", SELECTOR, aggregation_weights={"site-1": 1.0}),
        "selector_metric_a_number": component("more", SELECTOR, key_metric=1),
        "selector_unknown_argument": component("more", SELECTOR, metric="accuracy"),
        "aggregator_excludes_a_number": component(
            "more",
            AGGREGATORS + "intime_accumulate_model_aggregator.InTimeAccumulateWeightedAggregator",
            exclude_vars=1,
        ),
        "aggregator_weights_a_list": component(
            "more",
            AGGREGATORS + "intime_accumulate_model_aggregator.InTimeAccumulateWeightedAggregator",
            aggregation_weights=[1],
        ),
        "aggregator_kind_unknown": component(
            "more",
            AGGREGATORS + "intime_accumulate_model_aggregator.InTimeAccumulateWeightedAggregator",
            expected_data_kind="WEIGHT",
        ),
        "aggregator_kind_a_number": component(
            "more",
            AGGREGATORS + "intime_accumulate_model_aggregator.InTimeAccumulateWeightedAggregator",
            expected_data_kind=1,
        ),
        "aggregator_mixed_keys": component(
            "more",
            AGGREGATORS + "intime_accumulate_model_aggregator.InTimeAccumulateWeightedAggregator",
            expected_data_kind={"a": "WEIGHTS", "b": "WEIGHT_DIFF"},
            exclude_vars={"c": "bias"},
        ),
        "aggregator_kinds_by_key": component(
            "more",
            AGGREGATORS + "intime_accumulate_model_aggregator.InTimeAccumulateWeightedAggregator",
            expected_data_kind={"a": "WEIGHTS", "b": "WEIGHT_DIFF"},
        ),
        "aggregator_kinds_by_key_one_unknown": component(
            "more",
            AGGREGATORS + "intime_accumulate_model_aggregator.InTimeAccumulateWeightedAggregator",
            expected_data_kind={"a": "WEIGHTS", "b": "NOTHING"},
        ),
        "assembler_without_its_id": component(
            "more", AGGREGATORS + "collect_and_assemble_aggregator.CollectAndAssembleAggregator"
        ),
        "persistor_model_a_list": component(
            "more", "nvflare.app_common.np.np_model_persistor.NPModelPersistor", model=[[1.0, 2.0]]
        ),
        "persistor_model_a_dict": component(
            "more", "nvflare.app_common.np.np_model_persistor.NPModelPersistor", model={"w": [1.0]}
        ),
        "persistor_source_checkpoint_missing": component(
            "more",
            "nvflare.app_common.np.np_model_persistor.NPModelPersistor",
            source_ckpt_file_full_name="/not/there.npy",
        ),
        "locator_names_a_list": component(
            "more", "nvflare.app_common.np.np_model_locator.NPModelLocator", model_name=["a", "b"]
        ),
        "locator_names_a_dict": component(
            "more", "nvflare.app_common.np.np_model_locator.NPModelLocator", model_name={"a": "a.npy"}
        ),
        "locator_names_a_number": component(
            "more", "nvflare.app_common.np.np_model_locator.NPModelLocator", model_name=5
        ),
        "recorder_events": component(
            "more", "nvflare.app_common.widgets.event_recorder.ServerEventRecorder", log_file_name="a.log"
        ),
        "converter_without_events": component(
            "more", "nvflare.app_common.widgets.convert_to_fed_event.ConvertToFedEvent"
        ),
        "converter_events_a_string": component(
            "more", "nvflare.app_common.widgets.convert_to_fed_event.ConvertToFedEvent", events_to_convert="a"
        ),
        "converter_events_numbers": component(
            "more", "nvflare.app_common.widgets.convert_to_fed_event.ConvertToFedEvent", events_to_convert=[1]
        ),
        "log_receiver": component("more", "nvflare.app_common.logging.job_log_receiver.JobLogReceiver"),
        "json_generator_a_number": component(
            "more", "nvflare.app_common.widgets.validation_json_generator.ValidationJsonGenerator", results_dir=1
        ),
        "cyclic_as_a_component": component("more", CYCLIC),
    },
)


@fault(on="cross_site_eval")
def validator_with_old_task_argument(job: Job) -> None:
    job.client["executors"][1]["executor"]["args"]["validate_task_name"] = "validate"


@fault(on="cross_site_eval")
def validator_with_epsilon_a_string(job: Job) -> None:
    job.client["executors"][1]["executor"]["args"]["epsilon"] = "1"
