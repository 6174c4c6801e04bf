"""Faults of the job folder: files, folders, links, names (job-folder rules of the validator and of ConfigFactory)."""

from __future__ import annotations

import json

from tests.differential.faults.registry import HOCON, JSON, YAML, fault, values
from tests.differential.jobs import App, Job
from tests.differential.sound_jobs import numpy_components, scatter_and_gather, server_config

BROKEN = "{ this is = not [ a document"


@fault()
def no_meta_file(job: Job) -> None:
    job.meta = None


@fault(on="legacy_app")
def legacy_app_without_client_config(job: Job) -> None:
    job.apps["."].client = None


@fault(on="legacy_app")
def legacy_app_in_a_folder_with_a_space(job: Job) -> None:
    job.name = "a job"


@fault()
def job_folder_with_a_space(job: Job) -> None:
    job.name = "a job"


@fault()
def meta_file_in_upper_case(job: Job) -> None:
    job.renames["meta.*"] = "META.JSON"


@fault()
def meta_file_in_a_sub_folder(job: Job) -> None:
    job.renames["meta.*"] = "config/meta.json"


@fault(formats=JSON)
def meta_file_with_default_suffix(job: Job) -> None:
    job.suffixes["meta"] = ".json.default"


@fault(formats=YAML)
def meta_file_with_long_yaml_suffix(job: Job) -> None:
    job.suffixes["meta"] = ".yaml"


@fault(formats=HOCON)
def meta_file_with_hocon_suffix(job: Job) -> None:
    job.suffixes["meta"] = ".hocon"


@fault(formats=JSON)
def broken_meta_of_lower_priority(job: Job) -> None:
    job.files["meta.conf"] = BROKEN


@fault(formats=(*HOCON, *YAML))
def broken_meta_of_higher_priority(job: Job) -> None:
    job.files["meta.json"] = BROKEN


@fault(formats=(*HOCON, *YAML))
def other_meta_of_higher_priority(job: Job) -> None:
    job.files["meta.json"] = json.dumps({"name": "old", "deploy_map": {"gone": ["server", "site-1"]}})


@fault()
def app_folder_missing(job: Job) -> None:
    job.meta["deploy_map"]["app_other"] = ["site-3"]


@fault()
def app_folder_in_other_case(job: Job) -> None:
    job.renames["app_client"] = "App_Client"


@fault()
def config_folder_misspelt(job: Job) -> None:
    job.renames["app_client/config"] = "app_client/configs"


@fault()
def config_files_not_in_config_folder(job: Job) -> None:
    job.renames["app_client/config/config_fed_client.*"] = "app_client/config_fed_client.json"


@fault()
def server_config_missing(job: Job) -> None:
    job.apps["app_server"].server = None


@fault()
def client_config_missing(job: Job) -> None:
    job.apps["app_client"].client = None


@fault()
def client_config_misspelt(job: Job) -> None:
    job.renames["app_client/config/config_fed_client.*"] = "app_client/config/config_fed_clients.json"


@fault()
def server_config_under_the_clients_name(job: Job) -> None:
    job.apps["app_server"].client = job.apps["app_server"].server
    job.apps["app_server"].server = None


@fault(formats=JSON)
def config_only_in_a_sub_folder(job: Job) -> None:
    job.renames["app_server/config/config_fed_server.json"] = "app_server/config/sub/config_fed_server.json"


@fault(formats=(*HOCON, *YAML))
def nested_broken_json_config_beats_top_level(job: Job) -> None:
    job.files["app_server/config/zz/config_fed_server.json"] = BROKEN


@fault(formats=(*HOCON, *YAML))
def nested_empty_json_config_beats_top_level(job: Job) -> None:
    job.files["app_client/config/zz/config_fed_client.json"] = '{"format_version": 2}'


@fault(formats=JSON)
def nested_broken_config_of_same_suffix(job: Job) -> None:
    job.files["app_server/config/zz/config_fed_server.json"] = BROKEN


@fault(formats=JSON)
def broken_config_of_lower_priority(job: Job) -> None:
    job.files["app_server/config/config_fed_server.conf"] = BROKEN
    job.files["app_client/config/config_fed_client.yml"] = "a: [1"


@fault(formats=(*HOCON, *YAML))
def broken_server_config_of_higher_priority(job: Job) -> None:
    job.files["app_server/config/config_fed_server.json"] = BROKEN


@fault(formats=(*HOCON, *YAML))
def broken_client_config_of_higher_priority(job: Job) -> None:
    job.files["app_client/config/config_fed_client.json"] = BROKEN


@fault(formats=JSON)
def config_with_upper_case_suffix(job: Job) -> None:
    job.suffixes["app_client/client"] = ".JSON"


@fault(formats=YAML)
def config_with_backup_suffix(job: Job) -> None:
    job.suffixes["app_client/client"] = ".yml.bak"


@fault(formats=JSON)
def configs_with_default_suffix(job: Job) -> None:
    job.suffixes |= {"app_client/client": ".json.default", "app_server/server": ".json.default"}


@fault(formats=YAML)
def configs_with_long_yaml_suffix(job: Job) -> None:
    job.suffixes |= {"app_client/client": ".yaml", "app_server/server": ".yaml"}


@fault()
def further_files_and_folders(job: Job) -> None:
    job.files |= {"README.md": "# A job\n", "data/table.csv": "a,b\n", "app_server/notes.txt": "", ".hidden": ""}


@fault()
def broken_app_that_is_not_deployed(job: Job) -> None:
    job.files["app_old/config/config_fed_server.json"] = BROKEN
    job.files["app_old/config/config_fed_client.json"] = BROKEN


@fault()
def broken_client_config_in_the_servers_app(job: Job) -> None:
    job.files["app_server/config/config_fed_client.json"] = BROKEN


@fault()
def empty_app_beside_others(job: Job) -> None:
    job.meta["deploy_map"]["app_none"] = []
    job.apps["app_none"] = App()


@fault()
def app_without_sites_and_folder(job: Job) -> None:
    job.meta["deploy_map"]["app_none"] = []


def rename_app(job: Job, name: str) -> None:
    """Renames the clients' app, in the folder and in the deploy map."""
    job.apps[name] = job.apps.pop("app_client")
    job.meta["deploy_map"][name] = job.meta["deploy_map"].pop("app_client")


values(
    rename_app,
    {
        "app_name_with_a_space": "app client",
        "app_name_with_a_leading_dash": "-app",
        "app_name_with_a_leading_underscore": "_app",
        "app_name_with_a_leading_dot": ".app",
        "app_name_with_dots_and_dashes": "app-2.client_v1",
        "app_name_of_digits": "007",
        "app_name_not_in_ascii": "klinik_münchen",
        "app_name_of_two_folders": "apps/client",
        "app_name_with_a_plus": "app+client",
    },
)


@fault()
def config_file_is_a_link_to_a_file(job: Job) -> None:
    job.renames["app_client/config/config_fed_client.*"] = "shared_client_config"
    job.links["app_client/config/config_fed_client.json"] = "../../shared_client_config"


@fault()
def dangling_link_in_the_folder(job: Job) -> None:
    job.links["app_client/config/old.json"] = "/nowhere/at/all.json"


@fault()
def app_folder_is_a_link(job: Job) -> None:
    job.renames["app_client"] = "real_client"
    job.links["app_client"] = "real_client"


@fault()
def config_folder_is_a_link(job: Job) -> None:
    job.renames["app_client/config"] = "real_config"
    job.links["app_client/config"] = "../real_config"


@fault()
def custom_folder_is_a_link(job: Job) -> None:
    job.renames["app_client/custom"] = "real_custom"
    job.links["app_client/custom"] = "../real_custom"


@fault()
def custom_file_is_a_link_to_a_file(job: Job) -> None:
    job.renames["app_client/custom/trainers.py"] = "shared_trainers.py"
    job.links["app_client/custom/trainers.py"] = "../../shared_trainers.py"


@fault()
def custom_folder_in_other_case(job: Job) -> None:
    job.renames["app_client/custom"] = "app_client/Custom"


@fault()
def custom_folder_beside_the_apps(job: Job) -> None:
    job.renames["app_client/custom"] = "custom"


@fault()
def custom_folder_inside_config(job: Job) -> None:
    job.renames["app_client/custom"] = "app_client/config/custom"


@fault(on="one_app")
def one_app_with_two_more_configs(job: Job) -> None:
    job.files["app/config/environment.json"] = BROKEN


@fault(on="one_app")
def one_app_with_apps_of_the_same_content(job: Job) -> None:
    job.apps["app_two"] = App(server=server_config([scatter_and_gather()], numpy_components()), client=job.client)
    job.meta["deploy_map"] = {"app": ["server", "site-1"], "app_two": ["site-2"]}
