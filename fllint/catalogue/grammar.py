"""How NVFlare's reading of a job differs from release to release, as a table.
 Each row is a feature of the job format or of its checks: the first release that has it, the last one (None: still
there), and where NVFlare does it. Rules and readers ask `has`; they compare no release numbers themselves.
"""

from __future__ import annotations

from functools import cache
from typing import Final

from msgspec import Struct

from fllint.catalogue.releases import RELEASES
from fllint.documents.tree import UNKNOWN, UNKNOWN_TEXT


class Feature(Struct, frozen=True):
    """When NVFlare has something, and in which module."""

    since: str
    until: str | None
    source: str


FEATURES: Final[dict[str, Feature]] = {
    # reading files
    "config_formats": Feature("2.4", None, "fuel/utils/config.py ConfigFormat: JSON, HOCON, YAML for meta and configs"),
    # meta and deploy map
    "app_name_format": Feature("2.8", None, "apis/utils/format_check.py check_job_app_name"),
    "deploy_map_must_be_object": Feature("2.8", None, "job_meta_validator: a clean refusal instead of AttributeError"),
    "deploy_map_unknown_keys_refused": Feature("2.8", None, "job_meta_validator _validate_deploy_map"),
    "deploy_map_bare_string": Feature("2.7", None, "fed_utils.extract_participants"),
    "deploy_map_object": Feature("2.7", None, "fed_utils.extract_participants: {sites: […]} and {targets: […]}"),
    "deploy_map_object_in_list": Feature("2.6", None, "fed_utils.extract_participants: [{sites: […]}]"),
    "deploy_map_targets": Feature("2.7", None, "fed_utils.extract_participants: targets beside sites"),
    "server_required": Feature("2.3", None, "job_meta_validator: Missing server site"),
    "resource_spec_strict": Feature("2.9", None, "job_meta_validator _validate_resource: every value an object"),
    "portable_resources": Feature("2.9", None, "utils/job_launcher_utils.py: GPUs, CPUs, memory, @default"),
    "launcher_spec": Feature("2.8", None, "job_meta_validator _validate_launcher_spec"),
    "launcher_mode_slurm": Feature("2.9", None, "job_meta_validator _VALID_LAUNCHER_MODES"),
    "docker_launcher_keys": Feature("2.9", None, "job_meta_validator _validate_docker_launcher_spec"),
    "study": Feature("2.8", None, "apis/job_def.py JobMetaKey"),
    "server_config_parsed_at_submit": Feature("2.9", None, "job_meta_validator _load_config"),
    "byoc_in_meta": Feature("2.5", None, "job_meta_validator: byoc is derived from custom/"),
    # configs
    "class_path_key": Feature("2.7", None, "fuel/utils/class_utils.py get_class_path_from_config"),
    "nested_component_rule": Feature("2.3", None, "fuel/utils/component_builder.py is_class_config"),
    "short_name_table": Feature("2.5", None, "fuel/utils/component_classes.json"),
    "workflow_must_be_controller": Feature("2.5", None, "server_json_config: Controller (before: Responder)"),
    "allow_list": Feature("2.8", None, "app_common/widgets/component_path_authorizer.py"),
    "filter_direction": Feature("2.4", None, "private/fed_json_config.py FilterChain.direction"),
    "task_patterns": Feature("2.4", None, "private/fed/client/client_runner.py TaskRouter"),
    "task_fetch_interval": Feature("2.2", None, "client_json_config: default_task_fetch_interval"),
    "one_client_api_executor": Feature("2.9", None, "client_json_config: one ClientAPIExecutor"),
    # what components hand to each other
    "client_api_rank_number": Feature("2.6", None, "client/api.py init: the rank may be an int"),
    "assembler_gives_dxo": Feature(
        "2.4", None, "collect_and_assemble_aggregator.py aggregate: assemble().to_shareable"
    ),
    # exports of the Job API
    "export_always_has_custom": Feature("2.5", "2.8", "job_config/fed_job_config.py generate_job_config"),
    "job_name_format": Feature("2.9", None, "fuel/utils/validation_utils.py check_job_name"),
    "tensorboard_by_default": Feature("2.5", "2.6", "app_opt/{pt,tf}/job_config/base_fed_job.py TBAnalyticsReceiver"),
    # Flower
    "flower_federation_address": Feature("2.6", "2.7", "app_opt/flower/applet.py: flwr run --federation-config"),
    # messages
    "types_must_be_registered": Feature("2.7", None, "fuel/utils/fobs/fobs.py unpack: Type … is not allowed (2.7.3)"),
    # variables
    "variables_from_whole_config": Feature("2.4", None, "fuel/utils/wfconf.py _EnvUpdater, resolve_var_refs"),
    "undefined_variable_in_text_is_fatal": Feature("2.0", "2.5", "fuel/utils/wfconf.py substitute: str.format raises"),
    "secret_references": Feature("2.9", None, "fuel/utils/secret_utils.py"),
}


class SystemVariable(Struct, frozen=True):
    """A variable that NVFlare itself defines: since when, on which sides, and its value (a text that the site
    knows)."""

    since: str
    sides: tuple[str, ...]
    value: object = UNKNOWN_TEXT


SYSTEM_VARIABLES: Final[dict[str, SystemVariable]] = {
    # apis/fl_constant.py SystemVarName; server_json_config.py and client_json_config.py
    "JOB_ID": SystemVariable("2.4", ("server", "client")),
    "SITE_NAME": SystemVariable("2.4", ("server", "client")),
    "WORKSPACE": SystemVariable("2.4", ("server", "client")),
    "SECURE_MODE": SystemVariable("2.4", ("server", "client"), UNKNOWN),
    "ROOT_URL": SystemVariable("2.4", ("client",)),
    "JOB_CUSTOM_DIR": SystemVariable("2.5", ("server", "client")),
    "CP_URL": SystemVariable("2.6", ("client",)),
    "RELAY_URL": SystemVariable("2.6", ("client",)),
    "JOB_CONFIG_DIR": SystemVariable("2.7", ("client",)),
}


def _number(release: str) -> tuple[int, ...]:
    return tuple(int(part) for part in release.split("."))


@cache
def has(release: str, feature: str) -> bool:
    """Whether a release has a feature. Raises KeyError for a feature that the table does not know."""
    row = FEATURES[feature]
    return _number(row.since) <= _number(release) and (row.until is None or _number(release) <= _number(row.until))


def first_release(feature: str) -> str:
    """The first release that fllint knows and that has a feature, for messages."""
    return next(release for release in RELEASES if has(release, feature))


def system_variables(release: str, side: str) -> dict[str, object]:
    """The system variables of a side (``server`` or ``client``) and their values (`UNKNOWN`: the site decides)."""
    return {
        name: variable.value
        for name, variable in SYSTEM_VARIABLES.items()
        if side in variable.sides and _number(variable.since) <= _number(release)
    }
