"""Faults of variables (fuel/utils/wfconf.py::resolve_var_refs, private/json_configer.py)."""

from __future__ import annotations

from typing import Any

from tests.differential.faults.registry import JSON, fault, values
from tests.differential.jobs import Job
from tests.differential.sound_jobs import component


def step(job: Job, value: Any) -> None:
    """Sets the executor's step, which must be a number above zero."""
    job.executor["args"]["step"] = value


def label(job: Job, value: Any) -> None:
    """Sets the executor's label, which may be anything."""
    job.executor["args"]["label"] = value


def rounds(job: Job, value: Any) -> None:
    """Sets the workflow's number of rounds, which must be an int."""
    job.workflow["args"]["num_rounds"] = value


def client_names(job: Job, value: dict[str, Any]) -> None:
    """Puts variables at the top of the client config."""
    job.apps[job.client_app].client = value | job.client


def server_names(job: Job, value: dict[str, Any]) -> None:
    """Puts variables at the top of the server config."""
    job.apps[job.server_app].server = value | job.server


values(
    step,
    {
        "step_undefined": "{not_there}",
        "step_in_a_longer_text": "{SITE_NAME}1",
        "step_of_the_format_version": "{format_version}",
        "step_with_spaces_around": " {format_version} ",
        "step_with_spaces_inside": "{ format_version }",
        "step_in_double_braces": "{{format_version}}",
        "step_in_wrong_case": "{Format_Version}",
        "step_of_a_list": "{executors}",
        "step_of_an_index": "{executors[0]}",
        "step_of_the_environment": "{$NOT_THERE_AT_ALL}",
        "step_is_secure_mode": "{SECURE_MODE}",
    },
)
values(
    label,
    {
        "label_undefined": "{not_there}",
        "label_with_undefined_inside": "run_{not_there}",
        "label_with_defined_and_undefined": "{SITE_NAME}_{not_there}",
        "label_with_defined_inside": "run_{SITE_NAME}",
        "label_with_format_spec": "{format_version:03d}_x",
        "label_with_bad_format_spec": "{SITE_NAME:03d}_x",
        "label_with_attribute": "v{format_version.real}",
        "label_with_unknown_attribute": "v{format_version.nothing}",
        "label_with_index": "v{executors[0]}",
        "label_with_key_index": "v{server[heart_beat_timeout]}",
        "label_with_positional_braces": "--cfg {} end",
        "label_with_numbered_braces": "--cfg {0} end",
        "label_with_conversion": "{SITE_NAME!r}_x",
        "label_with_open_brace": "a{b",
        "label_with_close_brace": "a}b",
        "label_with_doubled_braces": "a{{b}}c",
        "label_with_empty_braces": "{}",
        "label_with_blank_braces": "{ }",
        "label_of_quoted_braces": "{'a'}",
        "label_of_json": '{"k": 1}',
        "label_of_json_in_a_text": 'x {"k": 1}',
        "label_of_nested_json": '{"a": {"b": 1}}',
        "label_of_json_list": '[{"k": 1}]',
        "label_of_two_json": '{"k": 1}{"k": 2}',
        "label_of_a_pattern": "\\d{1,3}x",
        "label_of_a_pattern_alone": "{1,3}",
        "label_of_latex": "\\frac{a}{b}",
        "label_of_shell_variable": "${HOME}",
        "label_of_shell_variable_inside": "run ${HOME} now",
        "label_of_dollar_name": "$HOME",
        "label_of_environment": "{$PATH}",
        "label_of_environment_inside": "x{$PATH}y",
        "label_of_unknown_environment": "{$NOT_THERE_AT_ALL}",
        "label_of_unknown_environment_inside": "x{$NOT_THERE_AT_ALL}y",
        "label_of_format_spec_alone": "{format_version:3}",
        "label_of_undefined_parameterised": "{@not_there:a=1}",
        "label_of_undefined_parameterised_without_arguments": "{@not_there}",
        "label_of_root_url": "{ROOT_URL}",
        "label_of_root_url_inside": "at {ROOT_URL}",
        "label_of_cp_url_inside": "at {CP_URL}",
        "label_of_relay_url_inside": "at {RELAY_URL}",
        "label_of_custom_folder_inside": "{JOB_CUSTOM_DIR}/x",
        "label_of_config_folder_inside": "{JOB_CONFIG_DIR}/x",
        "label_of_python_path_inside": "{PYTHONPATH}:x",
        "label_of_workspace_inside": "{WORKSPACE}/{JOB_ID}/x",
        "label_with_asterisk": "{*}",
        "label_with_slash": "{a/b}",
        "label_with_dash": "{a-b} x",
        "label_with_newline": "{a\nb}",
    },
)
values(
    label,
    {
        "label_of_secret": "${secret:TOKEN}",
        "label_of_secret_and_variable": "${secret:TOKEN} {SITE_NAME}",
        "label_of_secret_file": "${secret:file:/run/secrets/token}",
        "label_of_malformed_secret": "${secret:}",
    },
    formats=JSON,
)
values(
    rounds,
    {
        "rounds_undefined": "{not_there}",
        "rounds_misspelt_variable": "{format_versoin}",
        "rounds_of_format_version": "{format_version}",
        "rounds_embedded_are_text": "{format_version}0",
        "rounds_of_root_url_on_the_server": "{ROOT_URL}",
        "rounds_of_an_object": "{server}",
        "rounds_of_site_name": "{SITE_NAME}",
    },
)
values(
    client_names,
    {
        "variable_unused": {"alpha": 1},
        "variable_refers_to_itself": {"alpha": "{alpha}"},
        "variable_contains_itself": {"alpha": "x{alpha}"},
        "variables_in_a_circle": {"alpha": "{beta}", "beta": "{alpha}"},
        "variables_in_a_circle_of_texts": {"alpha": "x{beta}", "beta": "y{alpha}"},
        "variable_chain_of_ten": {f"v{n}": f"{{v{n + 1}}}" for n in range(10)} | {"v10": 1},
        "variable_chain_of_nineteen": {f"v{n}": f"{{v{n + 1}}}" for n in range(19)} | {"v19": 1},
        "variable_chain_of_thirty": {f"v{n}": f"{{v{n + 1}}}" for n in range(30)} | {"v30": 1},
        "variable_chain_of_thirty_texts": {f"v{n}": f"x{{v{n + 1}}}" for n in range(30)} | {"v30": 1},
        "variable_named_like_the_systems": {"SITE_NAME": 5},
        "parameterised_variable_unused": {"@fn": {"x": "{y}"}},
        "parameterised_variable_not_an_object": {"@fn": "text", "use": "{@fn:y=1}"},
        "parameterised_variable_used": {"@fn": {"x": "{y}"}, "use": "{@fn:y=1}"},
        "parameterised_variable_used_without_arguments": {"@fn": {"x": "{y}"}, "use": "{@fn}"},
        "parameterised_variable_missing_an_argument": {"@fn": {"x": "{y}"}, "use": "{@fn:z=1}"},
        "parameterised_variable_with_bad_argument": {"@fn": {"x": "{y}"}, "use": "{@fn:y}"},
        "parameterised_variable_inside_text": {"@fn": {"x": "{y}"}, "use": "a{@fn:y=1}b"},
        "parameterised_variable_of_a_plain_object": {"fn": {"x": "{y}"}, "use": "{fn:y=1}"},
        "parameterised_variable_that_refers_to_itself": {"@fn": {"x": "{@fn:y=1}"}, "use": "{@fn:y=1}"},
        "executors_by_variable_undefined": {"executors": "{my_executors}"},
    },
)


@fault()
def variable_of_own_parts(job: Job) -> None:
    client_names(job, {"alpha": {"deep": 1}})
    label(job, "v{alpha[deep]}")


@fault()
def variable_shared_by_two_components(job: Job) -> None:
    client_names(job, {"one": {"path": "trainers.Trainer", "args": {}}})
    job.client["components"] = [
        component("first", "trainers.Trainer", label="{one}"),
        component("second", "trainers.Trainer", label="{one}"),
    ]


@fault()
def step_by_variable_of_text(job: Job) -> None:
    client_names(job, {"my_step": "0.5"})
    step(job, "{my_step}")


@fault()
def step_by_variable_of_number(job: Job) -> None:
    client_names(job, {"my_step": 0.5})
    step(job, "{my_step}")


@fault()
def step_by_variable_of_zero(job: Job) -> None:
    client_names(job, {"my_step": 0})
    step(job, "{my_step}")


@fault()
def step_by_two_variables(job: Job) -> None:
    client_names(job, {"my_step": "{other}", "other": 0.5})
    step(job, "{my_step}")


@fault()
def step_by_nested_variable_only(job: Job) -> None:
    client_names(job, {"numbers": {"my_step": 0.5}})
    step(job, "{my_step}")


@fault()
def class_by_variable(job: Job) -> None:
    client_names(job, {"cls": "trainers.Trainer"})
    job.executor["path"] = "{cls}"


@fault()
def class_by_variable_misspelt(job: Job) -> None:
    client_names(job, {"cls": "trainers.Trainr"})
    job.executor["path"] = "{cls}"


@fault()
def class_by_undefined_variable(job: Job) -> None:
    job.executor["path"] = "{cls}"


@fault()
def module_by_variable(job: Job) -> None:
    client_names(job, {"module": "trainers"})
    job.executor["path"] = "{module}.Trainer"


@fault()
def module_by_undefined_variable(job: Job) -> None:
    job.executor["path"] = "{module}.Trainer"


@fault()
def args_by_variable(job: Job) -> None:
    client_names(job, {"my_args": {"step": 0.25}})
    job.executor["args"] = "{my_args}"


@fault()
def args_by_undefined_variable(job: Job) -> None:
    job.executor["args"] = "{my_args}"


@fault()
def components_by_variable(job: Job) -> None:
    server_names(job, {"parts": job.server["components"]})
    job.server["components"] = "{parts}"


@fault()
def components_by_variable_with_a_bad_class(job: Job) -> None:
    server_names(job, {"parts": [component("bad", "averaging.MeanAggregatr")]})
    job.server["components"] = "{parts}"


@fault()
def one_component_by_variable(job: Job) -> None:
    server_names(job, {"part": job.server["components"].pop(0)})
    job.server["components"].insert(0, "{part}")


@fault()
def one_component_by_undefined_variable(job: Job) -> None:
    job.server["components"].append("{part}")


@fault()
def workflows_by_undefined_variable(job: Job) -> None:
    job.server["workflows"] = "{flows}"


@fault()
def format_version_by_variable(job: Job) -> None:
    server_names(job, {"version": 2})
    job.server["format_version"] = "{version}"


@fault()
def format_version_by_variable_of_three(job: Job) -> None:
    server_names(job, {"version": 3})
    job.server["format_version"] = "{version}"


@fault()
def id_by_variable(job: Job) -> None:
    server_names(job, {"the_id": "model_selector"})
    job.component("model_selector")["id"] = "{the_id}"


@fault()
def id_by_variable_is_a_duplicate(job: Job) -> None:
    server_names(job, {"the_id": "persistor"})
    job.component("model_selector")["id"] = "{the_id}"


@fault()
def tasks_by_variable(job: Job) -> None:
    client_names(job, {"my_tasks": ["train"]})
    job.client["executors"][0]["tasks"] = "{my_tasks}"


@fault()
def tasks_by_undefined_variable(job: Job) -> None:
    job.client["executors"][0]["tasks"] = "{my_tasks}"


@fault()
def task_by_undefined_variable(job: Job) -> None:
    job.client["executors"][0]["tasks"] = ["{my_task}"]


@fault()
def task_by_variable_of_a_number(job: Job) -> None:
    client_names(job, {"my_task": 3})
    job.client["executors"][0]["tasks"] = ["{my_task}"]


@fault()
def disabled_by_variable(job: Job) -> None:
    client_names(job, {"off": True})
    job.client["components"] = [{"id": "more", "path": "nowhere.Nothing", "disabled": "{off}"}]


@fault()
def variable_in_a_key(job: Job) -> None:
    client_names(job, {"key": "step"})
    job.executor["args"] = {"{key}": 0.5}


@fault()
def top_level_key_with_at_sign(job: Job) -> None:
    job.client["@executors"] = job.client.pop("executors")
