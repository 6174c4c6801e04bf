"""The keys that NVFlare reads in a config (private/fed_json_config.py, fed/server/server_json_config.py,
fed/client/client_json_config.py; releases 2.3 to 2.9). All others are only variables."""

from __future__ import annotations

from typing import Final

TOP_LEVEL: Final = {
    "server": ("format_version", "server", "workflows", "components", "task_data_filters", "task_result_filters"),
    "client": (
        "format_version",
        "executors",
        "components",
        "task_data_filters",
        "task_result_filters",
        "default_task_fetch_interval",
    ),
}
"""Per side, the keys of a config."""

LISTS: Final = ("workflows", "executors", "components", "task_data_filters", "task_result_filters")
"""The keys that must hold a list; NVFlare finds nothing in anything else."""

OBSOLETE: Final = {"handlers": "components"}
"""Keys that NVFlare read before 2.1 and ignores since, and where their contents belong."""

SERVER_SECTION: Final = ("heart_beat_timeout", "task_request_interval")
"""What is read inside ``server``; both are positive numbers."""

COMPONENT: Final = ("id", "path", "class_path", "name", "args", "disabled", "config_type")
"""The keys of a component."""

EXECUTOR_ENTRY: Final = ("tasks", "executor")
FILTER_CHAIN: Final = ("tasks", "filters", "direction")
DIRECTIONS: Final = ("in", "out", "inout")

ONE_PER_CLIENT_CONFIG: Final = ("nvflare.app_common.executors.client_api_executor.ClientAPIExecutor",)
"""Executors of which a client config may have only one (client_json_config `_validate_client_api_executors`, 2.9)."""
