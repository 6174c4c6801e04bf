"""Folders that look like jobs and are none: what a run leaves behind, the templates of ``nvflare job create``, and
projects that an app lies in.

Runs and templates are left out where jobs are looked for, and checked where a user names them.
"""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Final

from fllint.regular_files import open_regular

SIMULATED_RUN: Final = "simulate_job"
"""apis/fl_constant.py SimulatorConstants.JOB_NAME."""
TEMPLATE_CARD: Final = "info.conf"
"""What ``nvflare job list_templates`` shows of a template (tool/job/job_client_const.py JOB_INFO_CONF, 2.4)."""
SUBMITTED: Final = b'"job_folder_name"'
"""A key of meta that NVFlare writes when a job arrives (apis/job_def.py JobMetaKey.JOB_FOLDER_NAME)."""
MAX_META_BYTES: Final = 65_536
PROJECT_FILES: Final = re.compile(r"\.git|\.github|pyproject\.toml|setup\.(py|cfg)|requirements.*\.txt|Dockerfile.*")
"""What stands beside an app in a project's folder, and not in a job's."""


def is_run(folder: Path, apps: list[Path]) -> bool:
    """Whether a folder with these apps is what a site keeps of a run: meta as the server wrote it, and of the apps the
    site's own as ``app_<site>`` (apis/workspace.py get_app_dir)."""
    if not apps or not all(app.name.startswith("app_") for app in apps):
        return False
    text = start_of(folder / "meta.json")
    if SUBMITTED not in text:
        return False
    return folder.name == SIMULATED_RUN or not _deployed(text) <= {app.name for app in apps}


def is_template(folder: Path) -> bool:
    """Whether a folder without apps is a template that ``nvflare job create`` makes jobs of."""
    return (folder / TEMPLATE_CARD).is_file()


def is_project(folder: Path) -> bool:
    """Whether a folder is a project's: it says how to install or build something."""
    try:
        return any(PROJECT_FILES.fullmatch(name) for name in os.listdir(folder))
    except OSError:
        return False


def _deployed(text: bytes) -> set[str]:
    """The names of the apps in the deploy map of a meta that NVFlare wrote."""
    try:
        meta = json.loads(text)
    except (ValueError, RecursionError):
        return set()
    deploy_map = meta.get("deploy_map") if isinstance(meta, dict) else None
    return set(deploy_map) if isinstance(deploy_map, dict) else set()


def start_of(file: Path) -> bytes:
    """The beginning of a file; nothing for one that cannot be read."""
    try:
        with open_regular(file) as opened:
            return opened.read(MAX_META_BYTES)
    except OSError:
        return b""
