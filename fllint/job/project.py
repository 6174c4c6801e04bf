"""The federation's sites, from NVFlare's provisioning file (project.yml; nvflare/lighter, api_version 3 and 4)."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from fllint.job.discovery import PathError

MAX_BYTES: Final = 1_000_000


def project_sites(file: str) -> tuple[str, ...]:
    """The names of the clients that a project file provisions, in its order.

    Raises:
        PathError: the file cannot be read, is no YAML, or names no participants.
    """
    import yaml

    try:
        with Path(file).open("rb") as opened:
            text = opened.read(MAX_BYTES + 1)
    except OSError as error:
        raise PathError(f"{file} cannot be read: {error.strerror or error} (--project)") from error
    try:
        project = yaml.safe_load(text) if len(text) <= MAX_BYTES else None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise PathError(f"{file} is no YAML: {str(error).splitlines()[0]} (--project)") from error
    participants = project.get("participants") if isinstance(project, dict) else None
    if not isinstance(participants, list):
        raise PathError(f"{file} names no participants, so it is no project file of NVFlare (--project)")
    clients = [entry for entry in participants if isinstance(entry, dict) and entry.get("type") == "client"]
    return tuple(str(client["name"]) for client in clients if client.get("name"))
