"""The keys of a job's meta (NVFlare apis/job_def.py `JobMetaKey`, releases 2.3 to 2.9)."""

from __future__ import annotations

from typing import Final

WRITTEN_BY_USERS: Final = (
    "name",
    "deploy_map",
    "min_clients",
    "mandatory_clients",
    "resource_spec",
    "launcher_spec",
    "scope",
    "custom_props",
    "stats_pool_config",
    "edge_method",
    "from_hub_site",
    "job_folder_name",
    "job_id",
    "data_storage_format",
    "byoc",
)
"""What a job's author may write. NVFlare ignores all other keys, in every release."""

SET_BY_THE_SERVER: Final = (
    "study",
    "submitter_name",
    "submitter_org",
    "submitter_role",
    "status",
    "submit_time",
    "submit_time_iso",
    "start_time",
    "duration",
    "job_deploy_detail",
    "schedule_count",
    "last_schedule_time",
    "schedule_history",
    "cloned_from",
    "content_location",
    "result_location",
    "approvals",
    "job_clients",
)
"""What the server writes; a user's value is replaced, or misread (`schedule_count` of 10 and more: never scheduled)."""

PORTABLE_RESOURCES: Final = ("num_of_gpus", "num_of_cpus", "memory")
"""Fields of `resource_spec` that every launcher understands (utils/job_launcher_utils.py, 2.9)."""

LAUNCHER_MODES: Final = ("process", "docker", "k8s", "slurm")
"""Kinds of launchers (job_meta_validator `_VALID_LAUNCHER_MODES`; slurm since 2.9)."""

DOCKER_OPTIONS: Final = ("image", "python_path", "entrypoint", "num_of_gpus", "shm_size")
"""What a job may say to the docker launcher (utils/job_launcher_utils.py, 2.9)."""

NATIVE_RESOURCES: Final[dict[str, dict[str, tuple[str, ...]]]] = {
    "docker": {
        "num_of_gpus": ("device_requests", "num_of_gpus"),
        "num_of_cpus": ("nano_cpus",),
        "memory": ("mem_limit",),
    },
    "k8s": {
        "num_of_gpus": ("num_of_gpus",),
        "num_of_cpus": ("cpu", "cpu_request"),
        "memory": ("memory", "memory_request"),
    },
    "slurm": {"num_of_cpus": ("cpus_per_node",), "memory": ("mem_per_node",)},
}
"""Per launcher, its own fields that say the same as a portable one (job_launcher_utils
`_PORTABLE_NATIVE_RESOURCE_KEYS`, 2.9)."""
JOB_NAME: Final = r"[A-Za-z0-9][A-Za-z0-9._-]*"
"""What the name of a job looks like, as a regular expression (fuel/utils/validation_utils.py JOB_NAME_PATTERN, 2.9)."""
