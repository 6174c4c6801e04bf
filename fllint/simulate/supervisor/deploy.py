"""Lays a job out for its sites, the way NVFlare's simulator does, after NVFlare's own validation.

The steps and the functions are those of `nvflare.private.fed.app.simulator.simulator_runner.SimulatorRunner` (2.5 to
2.9): zip, convert a legacy app, `JobMetaValidator`, unzip, one copy of the app per site, `meta.json` beside it.
"""

# NVFlare is in the user's environment, not in fllint's.
# mypy: disable-error-code="import-not-found,import-untyped"

from __future__ import annotations

import json
import os
import shutil
import tempfile
from dataclasses import dataclass
from typing import Any

SERVER = "server"
JOB_ID = "simulate_job"


class JobRefusedError(Exception):
    """NVFlare's validator, or its rules for sites, refuse the job."""


@dataclass(frozen=True)
class Deployment:
    """``apps`` maps the server and every client to the name of its app; ``clients`` are in the order of the run."""

    workspace: str
    meta: dict[str, Any]
    apps: dict[str, str]
    clients: list[str]

    def site_root(self, site: str) -> str:
        return os.path.join(self.workspace, site)

    def app_root(self, site: str) -> str:
        return os.path.join(self.workspace, site, JOB_ID, "app_" + site)

    def custom_folder(self, site: str) -> str:
        return os.path.join(self.app_root(site), "custom")


def deploy(job: str, workspace: str, clients: list[str] | None) -> Deployment:
    """Validates a job and lays out its apps below ``workspace``.

    ``clients`` are the sites to run; None: those that the deploy map names, or else site-1 and site-2.
    Raises `JobRefusedError` with NVFlare's own words.
    """
    from nvflare.fuel.utils.zip_utils import unzip_all_from_bytes

    name, zipped, meta = _validated(job)
    apps, names = _assigned(meta, clients)
    deployment = Deployment(workspace, meta, apps, names)
    _add_job_clients(meta, names)
    with tempfile.TemporaryDirectory() as unzipped:
        unzip_all_from_bytes(zipped, unzipped)
        for site, app in apps.items():
            _lay_out(deployment, site, os.path.join(unzipped, name, app))
    return deployment


def sites_of(job: str, clients: list[str] | None) -> tuple[dict[str, str], list[str]]:
    """The app of each site, and the clients, of a job that is not laid out. Raises `JobRefusedError`."""
    _, _, meta = _validated(job)
    return _assigned(meta, clients)


def _validated(job: str) -> tuple[str, bytes, dict[str, Any]]:
    """The job's name, its zip and its meta, after NVFlare's validation."""
    from nvflare.apis.utils.job_utils import convert_legacy_zipped_app_to_job
    from nvflare.fuel.utils.zip_utils import split_path, zip_directory_to_bytes
    from nvflare.private.fed.server.job_meta_validator import JobMetaValidator

    name = split_path(job)[1]
    try:
        zipped = convert_legacy_zipped_app_to_job(zip_directory_to_bytes("", job))
        valid, error, meta = JobMetaValidator().validate(name, zipped)
    except Exception as failure:  # the validator of some releases raises on a meta file that it cannot read
        raise JobRefusedError(f"{type(failure).__name__}: {failure}") from None
    if not valid:
        raise JobRefusedError(str(error))
    return name, zipped, meta


def _assigned(meta: dict[str, Any], clients: list[str] | None) -> tuple[dict[str, str], list[str]]:
    targets = {app: _participants(entry) for app, entry in meta.get("deploy_map", {}).items()}
    names = list(clients) if clients else _clients_of(targets)
    apps = _apps_of(targets, names)
    homeless = [site for site in names if site not in apps]
    if homeless:
        raise JobRefusedError(f"The job does not have App to run for clients: {homeless}")
    return apps, names


def _participants(entry: Any) -> list[str]:
    """The site names of a deploy map's value; the richer forms exist since 2.6 (`fed_utils.extract_participants`)."""
    from nvflare.private.fed.utils import fed_utils

    extract = getattr(fed_utils, "extract_participants", None)
    return list(extract(entry)) if extract else list(entry)


def _is_everyone(names: list[str]) -> bool:
    return len(names) == 1 and names[0].upper() == "@ALL"


def _clients_of(targets: dict[str, list[str]]) -> list[str]:
    named = [name for names in targets.values() for name in names if name.upper() != "@ALL" and name != SERVER]
    return list(dict.fromkeys(named)) or ["site-1", "site-2"]


def _apps_of(targets: dict[str, list[str]], clients: list[str]) -> dict[str, str]:
    apps: dict[str, str] = {}
    for app, names in targets.items():
        for site in [SERVER, *clients] if _is_everyone(names) else names:
            if site == SERVER or site in clients:
                apps[site] = app
    return apps


def _add_job_clients(meta: dict[str, Any], clients: list[str]) -> None:
    from nvflare.apis.client import Client
    from nvflare.apis.job_def import JobMetaKey

    key = getattr(JobMetaKey, "JOB_CLIENTS", None)  # since 2.6
    if key:
        meta[key] = [client_of(name, Client).to_dict() for name in clients]


def client_of(name: str, make: Any) -> Any:
    """A `nvflare.apis.client.Client` that stands directly below the server."""
    client = make(name, name)
    for setter, value in (("set_fqcn", name), ("set_fqsn", name), ("set_is_leaf", True)):
        if hasattr(client, setter):
            getattr(client, setter)(value)
    return client


def _lay_out(deployment: Deployment, site: str, app: str) -> None:
    root = deployment.site_root(site)
    for folder in ("startup", "local"):
        os.makedirs(os.path.join(root, folder), exist_ok=True)
    _copy_log_configuration(os.path.join(root, "local"))
    shutil.copytree(app, deployment.app_root(site))
    with open(os.path.join(root, JOB_ID, "meta.json"), "w") as file:
        json.dump(deployment.meta, file, indent=4)


def _copy_log_configuration(local: str) -> None:
    """The log configuration that NVFlare ships and its simulator copies to every site (json since 2.6)."""
    from nvflare.fuel.utils import log_utils

    for name in ("log_config.json",):
        shipped = os.path.join(os.path.dirname(log_utils.__file__), name)
        if os.path.isfile(shipped):
            shutil.copyfile(shipped, os.path.join(local, name))


def releases() -> tuple[str, tuple[int, int]]:
    """The release of NVFlare that is importable here, as text and as (major, minor)."""
    import nvflare

    text = str(nvflare.__version__)
    major, minor = text.split(".")[:2]
    return text, (int(major), int("".join(c for c in minor if c.isdigit()) or 0))
