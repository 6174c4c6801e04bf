"""Faults of executors' arguments, and of what serves them: launchers, pipes, relays, statistics."""

from __future__ import annotations

from typing import Any

from tests.differential.faults.registry import fault, values
from tests.differential.jobs import Job


def executor_args(job: Job, value: dict[str, Any]) -> None:
    """Changes arguments of the executor."""
    job.executor["args"].update(value)


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


@fault(on="cross_site_eval")
def validator_with_old_task_argument(job: Job) -> None:
    job.client["executors"][1]["executor"]["args"]["validate_task_name"] = "validate"


@fault(on="cross_site_eval")
def validator_with_epsilon_a_string(job: Job) -> None:
    job.client["executors"][1]["executor"]["args"]["epsilon"] = "1"
