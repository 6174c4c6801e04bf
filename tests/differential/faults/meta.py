"""Faults of the meta file: deploy map, clients, resources, names (private/fed/server/job_meta_validator.py)."""

from __future__ import annotations

from typing import Any

from tests.differential.faults.registry import JSON, fault, values
from tests.differential.jobs import Job


def meta_key(job: Job, items: dict[str, Any]) -> None:
    """Sets keys of the meta file."""
    job.meta |= items


def without_meta_key(job: Job, key: str) -> None:
    """Takes a key from the meta file."""
    del job.meta[key]


def whole_meta(job: Job, value: Any) -> None:
    """Replaces the whole meta file."""
    job.meta = value


def deploy_map(job: Job, value: Any) -> None:
    """Replaces the deploy map."""
    job.meta["deploy_map"] = value


def client_sites(job: Job, value: Any) -> None:
    """Replaces the sites of the clients' app, and asks for no minimum of clients."""
    del job.meta["min_clients"]
    job.meta["deploy_map"]["app_client"] = value


def server_sites(job: Job, value: Any) -> None:
    """Replaces the sites of the server's app."""
    job.meta["deploy_map"]["app_server"] = value


def everybody(job: Job, value: Any) -> None:
    """Replaces what the only app is deployed to."""
    job.meta["deploy_map"] = {"app": value}


values(whole_meta, {"meta_is_an_empty_object": {}, "meta_is_a_list": ["name"], "meta_is_a_string": "meta"})
values(
    without_meta_key,
    {
        "no_deploy_map": "deploy_map",
        "no_job_name": "name",
        "no_min_clients": "min_clients",
        "no_resource_spec": "resource_spec",
    },
)
values(
    meta_key,
    {
        "job_name_is_a_number": {"name": 7},
        "unknown_meta_key": {"purpose": "a test", "tags": ["a", "b"]},
        "misspelt_meta_key": {"mandatory_client": ["site-9"]},
        "scope_named": {"scope": "public"},
        "study_named": {"study": "heart"},
        "job_id_with_a_space": {"job_id": "my job"},
        "job_id_in_order": {"job_id": "job-1.2_a"},
        "job_id_is_a_number": {"job_id": 12},
        "job_id_empty": {"job_id": ""},
        "job_folder_name_given": {"job_folder_name": "a_job"},
        "job_folder_name_of_another": {"job_folder_name": "another"},
        "byoc_denied": {"byoc": False},
        "min_clients_null": {"min_clients": None},
        "min_clients_a_word": {"min_clients": "two"},
        "min_clients_an_empty_string": {"min_clients": ""},
        "min_clients_a_string_with_a_point": {"min_clients": "2.5"},
        "min_clients_a_list": {"min_clients": [2]},
        "min_clients_an_object": {"min_clients": {"site-1": 1}},
        "min_clients_zero": {"min_clients": 0},
        "min_clients_negative": {"min_clients": -1},
        "min_clients_false": {"min_clients": False},
        "min_clients_a_million": {"min_clients": 1000000},
        "min_clients_over_a_million": {"min_clients": 1000001},
        "min_clients_more_than_clients": {"min_clients": 3},
        "min_clients_almost_zero": {"min_clients": 0.5},
        "min_clients_one": {"min_clients": 1},
        "mandatory_clients_in_order": {"mandatory_clients": ["site-1"]},
        "mandatory_clients_empty": {"mandatory_clients": []},
        "mandatory_clients_null": {"mandatory_clients": None},
        "mandatory_client_unknown": {"mandatory_clients": ["site-1", "site-9"]},
        "mandatory_client_in_other_case": {"mandatory_clients": ["Site-1"]},
        "mandatory_clients_a_string": {"mandatory_clients": "site-1"},
        "mandatory_clients_an_empty_string": {"mandatory_clients": ""},
        "mandatory_clients_the_server": {"mandatory_clients": ["server"]},
        "mandatory_clients_a_number": {"mandatory_clients": 2},
        "mandatory_clients_twice_the_same": {"mandatory_clients": ["site-1", "site-1"]},
        "mandatory_client_a_number": {"mandatory_clients": [1]},
        "mandatory_client_a_list": {"mandatory_clients": [["site-1"]]},
        "resource_spec_null": {"resource_spec": None},
        "resource_spec_a_list": {"resource_spec": []},
        "resource_spec_a_list_of_sites": {"resource_spec": ["site-1"]},
        "resource_spec_a_string": {"resource_spec": "gpu"},
        "resource_spec_an_empty_string": {"resource_spec": ""},
        "resource_spec_zero": {"resource_spec": 0},
        "resource_spec_of_a_site_null": {"resource_spec": {"site-1": None}},
        "resource_spec_of_a_site_an_empty_list": {"resource_spec": {"site-1": []}},
        "resource_spec_of_a_site_a_number": {"resource_spec": {"site-1": 1}},
        "resource_spec_of_a_site_a_string": {"resource_spec": {"site-1": "gpu"}},
        "resource_spec_of_an_unknown_site": {"resource_spec": {"site-9": {}}},
        "resource_spec_with_gpus": {"resource_spec": {"site-1": {"num_of_gpus": 1, "mem_per_gpu_in_GiB": 4}}},
        "resource_spec_with_gpus_as_a_string": {"resource_spec": {"site-1": {"num_of_gpus": "1"}}},
        "resource_spec_with_gpus_as_a_float": {"resource_spec": {"site-1": {"num_of_gpus": 1.0}}},
        "resource_spec_with_gpus_true": {"resource_spec": {"site-1": {"num_of_gpus": True}}},
        "resource_spec_with_gpus_negative": {"resource_spec": {"site-1": {"num_of_gpus": -1}}},
        "resource_spec_with_no_cpus": {"resource_spec": {"site-1": {"num_of_cpus": 0}}},
        "resource_spec_with_memory": {"resource_spec": {"site-1": {"memory": "8Gi"}}},
        "resource_spec_with_memory_in_gb": {"resource_spec": {"site-1": {"memory": "8GB"}}},
        "resource_spec_with_memory_as_a_number": {"resource_spec": {"site-1": {"memory": 8}}},
        "resource_spec_with_other_keys": {"resource_spec": {"site-1": {"fpga": "many"}}},
        "resource_spec_by_launcher": {"resource_spec": {"site-1": {"process": {"num_of_gpus": "1"}}}},
        "resource_spec_default": {"resource_spec": {"@default": {"num_of_gpus": 1}}},
        "resource_spec_default_with_other_keys": {"resource_spec": {"@default": {"fpga": 1}}},
        "resource_spec_default_empty": {"resource_spec": {"@default": {}}},
        "resource_spec_with_a_docker_key_unknown": {"resource_spec": {"site-1": {"docker": {"volume": "/"}}}},
        "launcher_spec_null": {"launcher_spec": None},
        "launcher_spec_a_string": {"launcher_spec": "docker"},
        "launcher_spec_an_empty_list": {"launcher_spec": []},
        "launcher_spec_of_a_site_a_string": {"launcher_spec": {"site-1": "docker"}},
        "launcher_spec_of_a_mode_a_string": {"launcher_spec": {"site-1": {"docker": "image"}}},
        "launcher_spec_in_order": {"launcher_spec": {"site-1": {"docker": {"image": "nvflare:latest"}}}},
        "launcher_spec_with_unknown_mode": {"launcher_spec": {"site-1": {"podman": {}}}},
        "launcher_spec_with_slurm": {"launcher_spec": {"site-1": {"slurm": {}}}},
        "launcher_spec_with_unknown_docker_key": {"launcher_spec": {"site-1": {"docker": {"volume": "/"}}}},
        "launcher_spec_of_an_unknown_site": {"launcher_spec": {"site-9": {"k8s": {"image": "a"}}}},
        "launcher_spec_against_resource_spec": {
            "resource_spec": {"site-1": {"num_of_gpus": 1}},
            "launcher_spec": {"site-1": {"docker": {"image": "a", "num_of_gpus": 2}}},
        },
    },
)
values(
    meta_key,
    {
        "min_clients_a_string_of_digits": {"min_clients": "2"},
        "min_clients_a_float": {"min_clients": 1.7},
        "min_clients_true": {"min_clients": True},
        "mandatory_clients_an_object": {"mandatory_clients": {"site-2": True}},
    },
    silent=True,
)
values(
    meta_key,
    {
        "min_clients_not_a_number": {"min_clients": float("nan")},
        "min_clients_infinite": {"min_clients": float("inf")},
    },
    formats=JSON,
)
values(
    meta_key,
    {
        "min_clients_many_for_everybody": {"min_clients": 5000},
        "mandatory_client_unknown_for_everybody": {"mandatory_clients": ["nobody"]},
    },
    on="one_app",
)
values(meta_key, {"mandatory_clients_a_number_for_everybody": {"mandatory_clients": 2}}, on="one_app", silent=True)

values(
    deploy_map,
    {
        "deploy_map_empty": {},
        "deploy_map_null": None,
        "deploy_map_a_list": ["app_server", "app_client"],
        "deploy_map_a_string": "@ALL",
        "deploy_map_without_sites": {"app_server": [], "app_client": []},
        "server_missing_in_deploy_map": {"app_client": ["site-1", "site-2"]},
        "only_the_server_in_deploy_map": {"app_server": ["server"]},
        "apps_swapped": {"app_server": ["site-1", "site-2"], "app_client": ["server"]},
        "everybody_among_others": {"app_server": ["server"], "app_client": ["@ALL"]},
        "everybody_twice": {"app_server": ["@ALL"], "app_client": ["@ALL"]},
        "server_in_two_apps": {"app_server": ["server"], "app_client": ["server", "site-1", "site-2"]},
    },
)
values(
    server_sites,
    {
        "server_in_upper_case": ["Server"],
        "server_with_a_space": ["server "],
        "server_twice": ["server", "server"],
        "server_as_a_string": "server",
        "server_and_a_client_without_config": ["server", "site-3"],
        "server_in_an_object_of_sites": {"sites": ["server"]},
        "server_in_an_object_of_targets": {"targets": ["server"]},
        "server_by_an_invented_form": ["@SERVER"],
    },
)
values(
    client_sites,
    {
        "client_twice_in_one_app": ["site-1", "site-1"],
        "client_is_a_number": ["site-1", 2],
        "client_is_null": ["site-1", None],
        "client_is_a_list": ["site-1", ["site-2"]],
        "client_is_an_empty_string": [""],
        "clients_null": None,
        "clients_a_number": 2,
        "clients_an_empty_object": {},
        "clients_in_a_mixed_list": [{"sites": ["site-1"]}, "site-2"],
        "clients_in_a_mixed_list_of_targets": [{"targets": ["site-1"]}, "site-2"],
        "clients_in_a_mixed_list_with_unknown_key": [{"sites": ["site-1"], "gpu": 1}, "site-2"],
        "clients_in_a_mixed_list_with_only_unknown_key": [{"clients": ["site-1"]}, "site-2"],
        "client_with_a_space": ["hospital a"],
        "client_not_in_ascii": ["klinik-zürich"],
        "client_in_upper_case": ["SITE-1"],
        "client_by_a_pattern": ["site-*"],
        "clients_a_thousand": [f"site-{number}" for number in range(1, 1001)],
    },
)
# Up to 2.5, the letters of the string, or the keys of the object, are taken for sites.
values(
    client_sites,
    {
        "clients_as_a_string": "site-1",
        "clients_in_an_object_of_sites": {"sites": ["site-1", "site-2"]},
        "clients_in_an_object_of_targets": {"targets": ["site-1", "site-2"]},
        "clients_in_an_object_with_a_string": {"sites": "site-1"},
        "clients_in_an_object_of_unknown_key": {"clients": ["site-1"]},
        "client_by_an_invented_form": ["@CLIENTS"],
    },
    silent=True,
)
values(
    everybody,
    {
        "everybody_in_lower_case": ["@all"],
        "everybody_in_mixed_case": ["@All"],
        "everybody_as_a_string": "@ALL",
        "everybody_without_at": ["ALL"],
        "everybody_and_the_server": ["@ALL", "server"],
        "everybody_in_one_list_twice": ["@ALL", "@ALL"],
        "everybody_in_an_object": {"sites": ["@ALL"]},
        "everybody_named": ["server", "site-1", "site-2"],
        "everybody_but_no_client": ["server"],
    },
    on="one_app",
)


@fault()
def client_in_two_apps(job: Job) -> None:
    job.apps["app_more"] = job.apps["app_client"]
    job.meta["deploy_map"]["app_more"] = ["site-2", "site-3"]
