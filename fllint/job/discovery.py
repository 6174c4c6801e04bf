"""From the paths a user gives to the jobs they mean.

A path may be a job folder, a folder that contains jobs, a file inside a job, a job zip, or a script that builds a job.
Each job is found once.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from msgspec import Struct

from fllint.documents.load import CONFIG_EXTENSIONS
from fllint.job.files import IGNORED_FOLDERS, MAX_DEPTH, FolderFiles, JobFiles, UnreadableError
from fllint.job.no_jobs import is_project, is_run, is_template, start_of
from fllint.job.scripts import ScriptFiles, builds_job, scripts_in

META_NAMES: Final = tuple(f"meta{extension}" for extension in CONFIG_EXTENSIONS)
"""Where NVFlare looks for a job's meta, first hit wins (apis/job_def.py, fuel/utils/config.py, since 2.4)."""
CONFIG_STEMS: Final = ("config_fed_server", "config_fed_client")
MAX_ASCENT: Final = 12
"""How many folders above a file are searched for its job."""


class PathError(Exception):
    """A path that cannot be checked; the message is for the user."""


class JobLocation(Struct, frozen=True):
    """A job's root on disk, and how it is called in output. ``path`` is a folder, a zip, or a script (`is_script`)."""

    path: Path
    shown: str

    @property
    def is_script(self) -> bool:
        """Whether the job is built by a script of the Job API (``job.py``)."""
        return self.path.suffix == ".py"

    def open(self) -> JobFiles:
        """The job's files. Raises `PathError`."""
        if self.path.is_dir():
            return FolderFiles(self.path, self.shown)
        if self.is_script:
            if not os.access(self.path, os.R_OK):
                raise PathError(f"{self.shown} cannot be read")
            return ScriptFiles(self.path, self.shown)
        from fllint.job.zip_files import ZipFiles

        try:
            return ZipFiles(self.path, self.shown)
        except UnreadableError as error:
            raise PathError(str(error)) from error


def find_jobs(paths: tuple[str, ...]) -> tuple[JobLocation, ...]:
    """The jobs among paths, each once, sorted by how they are called. Raises `PathError` for a path that does not
    exist."""
    found: dict[Path, JobLocation] = {}
    for given in paths:
        for root in _jobs_of(Path(given)):
            found.setdefault(Path(os.path.realpath(root)), JobLocation(root, shown_path(root)))
    return tuple(sorted(found.values(), key=lambda location: location.shown.split("/")))


def shown_path(path: Path) -> str:
    """A path as output shows it: relative to the working directory when it lies below it, ``/`` separated."""
    absolute = Path(os.path.abspath(path))
    try:
        return absolute.relative_to(Path.cwd()).as_posix()
    except ValueError:
        return absolute.as_posix()


def _jobs_of(path: Path) -> Iterator[Path]:
    try:
        exists, is_folder = path.exists() or path.is_symlink(), path.is_dir()
    except (OSError, ValueError) as error:
        raise PathError(f"{path} cannot be read: {error}") from error
    if not exists:
        raise PathError(f"{path} does not exist")
    if is_folder:
        enclosing = None if _is_root(path) else enclosing_job(path)
        yield from [enclosing] if enclosing else jobs_below(path)
    elif path.suffix == ".zip" or builds_job(path):
        yield path
    else:
        enclosing = enclosing_job(path)
        if enclosing and not _is_no_job(enclosing):
            yield enclosing


def enclosing_job(path: Path) -> Path | None:
    """The root of the job that a file or folder lies in."""
    absolute = Path(os.path.abspath(path))
    ancestors = list(absolute.parents)[:MAX_ASCENT]
    with_meta = next((folder for folder in ancestors if _has_meta(folder) and _apps(folder)), None)
    if with_meta:
        return with_meta
    return next((folder for folder in ancestors if _is_root(folder)), None)


def jobs_below(folder: Path, depth: int = 0) -> Iterator[Path]:
    """The job roots at or below a folder, down to `MAX_DEPTH`, and the scripts that build jobs; nothing is searched
    below a job's root, nor what runs leave behind and templates below the folder."""
    if _is_root(folder):
        yield folder
        return
    yield from scripts_in(folder)
    try:
        children = sorted(child for child in folder.iterdir() if child.is_dir() and not child.is_symlink())
    except OSError as error:
        raise PathError(f"{folder} cannot be read: {error.strerror or error}") from error
    for child in children if depth < MAX_DEPTH else ():
        if child.name not in IGNORED_FOLDERS and not child.name.startswith(".") and not _is_no_job(child):
            yield from jobs_below(child, depth + 1)


def _is_no_job(folder: Path) -> bool:
    """Whether a folder has a job's meta and is none: what a run leaves behind, or a template."""
    if not _has_meta(folder):
        return False
    apps = _apps(folder)
    return is_run(folder, apps) if apps else is_template(folder)


def _is_root(folder: Path) -> bool:
    """A job with meta; a legacy app folder (`config/config_fed_*` and no meta); or apps side by side whose meta is
    missing."""
    if _has_meta(folder):
        return True
    if _is_app(folder):
        parent = folder.parent
        return not (_has_meta(parent) or _lacks_meta(parent))
    return _lacks_meta(folder)


def _lacks_meta(folder: Path) -> bool:
    """Whether a folder without meta holds apps that belong together: one named app..., or server and client apart. One
    whole app in a project's folder is a job by itself: what submits it writes the meta, or NVFlare does."""
    apps = _apps(folder)
    if not apps or folder.name == "config":
        return False
    sides = [_sides(app) for app in apps]
    if len(apps) == 1 and len(sides[0]) == len(CONFIG_STEMS) and is_project(folder):
        return False
    return any(app.name.lower().startswith("app") for app in apps) or all(len(side) == 1 for side in sides)


def _has_meta(folder: Path) -> bool:
    return any((folder / name).is_file() for name in META_NAMES) and not _is_unrelated_meta(folder)


def _is_unrelated_meta(folder: Path) -> bool:
    """A meta.json is a common name: it is a job's when apps stand beside it, or when it speaks of a deploy map."""
    if _apps(folder) or _is_app(folder):
        return False
    for name in META_NAMES:
        text = start_of(folder / name)
        if b"deploy" in text or b"min_clients" in text or b"resource_spec" in text:
            return False
    return True


def _apps(folder: Path) -> list[Path]:
    try:
        children = [Path(child.path) for child in os.scandir(folder) if child.is_dir(follow_symlinks=False)]
    except OSError:
        return []
    return sorted(child for child in children if _is_app(child))


def _is_app(folder: Path) -> bool:
    return bool(_sides(folder))


def _sides(folder: Path) -> set[str]:
    """The stems of the configs in ``folder/config``, whatever their extension or case. Links are not followed."""
    config = os.path.join(folder, "config")
    try:
        names = [] if os.path.islink(config) else [name.lower() for name in os.listdir(config)]
    except OSError:
        return set()
    return {stem for stem in CONFIG_STEMS if any(name.startswith(stem) for name in names)}
