"""What lies around a job: requirement files, the user's interpreter, and so the NVFlare release that the job is for."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final

from fllint import pins
from fllint.catalogue.releases import NEWEST, RELEASES, minor_release
from fllint.pins import Wish, other_files, requirement_files, text_of, wish_in
from fllint.report import ReleaseChoice

MAX_ASCENT: Final = 12


class UnknownReleaseError(Exception):
    """A release of NVFlare that the catalogue does not know; the message is for the user."""


def choose_release(
    asked: str | None, job: Path, site_packages: Path | None, asked_in: str = "--nvflare"
) -> ReleaseChoice:
    """The NVFlare release to check a job against: the one asked for (on the command line, or in the settings file that
    ``asked_in`` names), else the one that requirement files pin nearest to the job, else the one installed in the
    user's environment, else what images, set-up scripts and instructions name, else the newest known. Of a range it is
    the newest; for a pin that the catalogue does not know, the nearest.

    Raises:
        UnknownReleaseError: the asked one is not in the catalogue.
    """
    if asked:
        release = minor_release(asked)
        if release not in RELEASES:
            raise UnknownReleaseError(
                f"NVFlare {asked} ({asked_in}) is not known to this fllint; it knows {', '.join(RELEASES)}"
            )
        return ReleaseChoice(release, "option", f"from {asked_in}")
    wish = _required(job)
    if wish and wish.exact:
        return _choice(wish)
    installed = installed_nvflare(site_packages) if site_packages else None
    if installed and minor_release(installed) in RELEASES:
        return ReleaseChoice(minor_release(installed), "environment", f"{installed} is installed in {site_packages}")
    wish = wish or wish_in(tuple(file for folder in folders_above(job) for file in other_files(folder)))
    if wish and (wish.exact or wish.release != NEWEST):
        return _choice(wish)
    return ReleaseChoice(NEWEST, "default", "the newest known; choose with --nvflare")


def _required(job: Path) -> Wish | None:
    """What the requirement files in a job's folder and above want, the nearest first; else those of its code, as a
    Flower app has one."""
    near = tuple(file for folder in folders_above(job) for file in requirement_files(folder))
    return wish_in(near) or wish_in(tuple(_requirements_of_code(job)))


def _requirements_of_code(job: Path) -> Iterator[Path]:
    """The requirement files in ``custom/`` of a job's apps; links are not followed."""
    for app in (job, *_folders_in(job)):
        for folder in _folders_in(app):
            if folder.name == "custom":
                yield from (file for file in requirement_files(folder) if not file.is_symlink())


def _folders_in(folder: Path) -> list[Path]:
    try:
        return sorted(Path(entry.path) for entry in os.scandir(folder) if entry.is_dir(follow_symlinks=False))
    except OSError:
        return []


def _choice(wish: Wish) -> ReleaseChoice:
    file = _relative(wish.file)
    if not wish.known:
        reason = f"the nearest known to {wish.text}, which {file} names"
    elif wish.exact:
        reason = f"pinned in {file}"
    else:
        reason = f"the newest known that {file} allows: nvflare{wish.text}"
    return ReleaseChoice(wish.release, "pin", reason)


def folders_above(job: Path) -> tuple[Path, ...]:
    """A job's folder and those above it, up to the root of the repository (a folder with ``.git``), the nearest
    first."""
    absolute = Path(os.path.abspath(job))
    return _upwards(absolute if absolute.is_dir() else absolute.parent, MAX_ASCENT)


@cache
def _upwards(folder: Path, steps: int) -> tuple[Path, ...]:
    if steps == 1 or folder.parent == folder or (folder / ".git").exists():
        return (folder,)
    return (folder, *_upwards(folder.parent, steps - 1))


def _relative(path: Path) -> str:
    try:
        return path.relative_to(Path.cwd()).as_posix()
    except ValueError:
        return path.as_posix()


def site_packages_of(python: str | None) -> Path | None:
    """Where the packages of an interpreter lie, found without running it: ``--python``, else the active virtual
    environment.

    ``python`` may be the interpreter itself or the folder of its environment. None when nothing is found.
    """
    active = os.environ.get("VIRTUAL_ENV")
    given = python or active
    if not given or (not python and _is_own(Path(given))):
        return None
    path = Path(given)
    prefix = path if path.is_dir() else Path(os.path.abspath(path)).parent.parent
    for pattern in ("lib/python3*/site-packages", "Lib/site-packages", "lib/python3*/dist-packages"):
        found = sorted(prefix.glob(pattern))
        if found:
            return found[-1]
    return None


def _is_own(environment: Path) -> bool:
    """Whether an environment is there only for fllint, as pre-commit makes one: it says nothing of a job's packages."""
    return os.path.realpath(environment) == os.path.realpath(sys.prefix) and not any(
        environment.glob("lib/python3*/site-packages/nvflare")
    )


def active_interpreter() -> str:
    """The interpreter of the active virtual environment, else the one that runs fllint."""
    environment = os.environ.get("VIRTUAL_ENV")
    candidate = Path(environment, "bin", "python") if environment else None
    return str(candidate) if candidate and candidate.exists() else sys.executable


def installed_nvflare(site_packages: Path) -> str | None:
    """The version of NVFlare among installed packages."""
    for folder in sorted(site_packages.glob("nvflare-*.dist-info")):
        return folder.name.removeprefix("nvflare-").removesuffix(".dist-info")
    return None


@cache
def required_modules(job: Path) -> frozenset[str]:
    """The names of packages that the requirement files near a job ask for, lower case with ``_`` for ``-``."""
    files = [file for folder in folders_above(job) for file in requirement_files(folder)]
    return frozenset().union(*(_modules_in(file) for file in files))


@cache
def _modules_in(file: Path) -> frozenset[str]:
    names = re.finditer(r"""^[ \t\r"'-]*([A-Za-z][\w.-]*)\s*(?:\[|[=<>~!;"',#]|$)""", text_of(file), re.MULTILINE)
    return frozenset(match[1].lower().replace("-", "_") for match in names)


def read_anew() -> None:
    """Forgets what was read of requirement files: a new run begins, and they may have changed."""
    pins.read_anew()
    for remembered in (_upwards, _modules_in, required_modules):
        remembered.cache_clear()
