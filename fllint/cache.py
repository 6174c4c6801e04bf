"""Results of jobs that have not changed.

An entry is found by a hash of everything that a result depends on: the content of the job's files, the settings, the
release, what surrounds the job, and fllint itself. So entries never go stale; they only grow old, and are then removed.
Any number of runs may use the cache at once: entries appear whole or not at all. Whatever is wrong with the cache is a
miss, never a failure.
"""

from __future__ import annotations

import os
import time
from functools import cached_property
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, Final

from fllint import __version__
from fllint.job.discovery import PathError
from fllint.job.files import FolderFiles, Kind
from fllint.python.files import MAX_PYTHON_BYTES
from fllint.regular_files import open_regular
from fllint.report import JobReport
from fllint.settings.model import Settings
from fllint.stored_report import report_of, report_text
from fllint.surroundings import Surroundings

if TYPE_CHECKING:
    from fllint.checking import Assignment

FORMAT: Final = 1
MAX_ZIP_BYTES: Final = 50_000_000
MAX_AGE: Final = 30 * 86_400.0
PRUNE_EVERY: Final = 86_400.0
TAG: Final = "Signature: 8a477f597d28d172789f06886806bc55\n# Results of fllint; safe to delete.\n"


def cache_folder() -> Path:
    """Where results are kept: ``FLLINT_CACHE_DIR``, else the platform's folder for caches."""
    given = os.environ.get("FLLINT_CACHE_DIR")
    if given:
        return Path(given)
    from platformdirs import user_cache_path

    return user_cache_path("fllint", appauthor=False)


class Cache:
    """The results in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = os.fspath(folder)

    def get(self, key: str) -> JobReport | None:
        """The report under a key; None when there is none that can be read."""
        try:
            with open(self._file(key), encoding="utf-8") as file:
                return report_of(file.read())
        except (OSError, ValueError, KeyError, TypeError, IndexError, RecursionError):
            return None

    def put(self, key: str, report: JobReport) -> None:
        """Keeps a report, unless fllint failed on the job: the next run may do better."""
        if report.internal_errors:
            return
        file = self._file(key)
        unfinished = f"{file}.{os.getpid()}"
        try:
            os.makedirs(os.path.dirname(file), mode=0o700, exist_ok=True)
            with open(unfinished, "w", encoding="utf-8") as opened:
                opened.write(report_text(report))
            os.replace(unfinished, file)
        except OSError:
            return

    def tidy(self) -> None:
        """Marks the folder as a cache, and removes old entries once a day."""
        tag = Path(self.folder, "CACHEDIR.TAG")
        try:
            if tag.exists() and time.time() - tag.stat().st_mtime < PRUNE_EVERY:
                return
            tag.write_text(TAG, encoding="utf-8")
            for entry in Path(self.folder).glob("??/*"):
                if time.time() - entry.stat().st_mtime > MAX_AGE:
                    entry.unlink(missing_ok=True)
        except OSError:
            return

    def _file(self, key: str) -> str:
        return f"{self.folder}/{key[:2]}/{key[2:]}.json"


class Keys:
    """The keys of assignments in one run."""

    def __init__(self) -> None:
        self._texts: dict[int, tuple[Settings, bytes]] = {}

    def key(self, assignment: Assignment) -> str | None:
        """The key of a job's result; None for a job that cannot be cached."""
        hashed = blake2b(self._own, digest_size=20)
        location = assignment.location
        if location.is_script:
            return None  # what it depends on lies anywhere around it
        for text in (location.shown, os.path.abspath(location.path), assignment.release):
            hashed.update(f"{text}\0".encode("utf-8", "surrogatepass"))
        hashed.update(self._settings(assignment.settings))
        hashed.update(_surroundings(assignment.surroundings))
        try:
            files = location.open()
            if isinstance(files, FolderFiles):
                _hash_folder(files, hashed)
            else:
                _hash_zip(location.path, hashed)
        except (OSError, PathError):
            return None
        return hashed.hexdigest()

    def _settings(self, settings: Settings) -> bytes:
        """Settings as bytes; jobs mostly share theirs."""
        if id(settings) not in self._texts:
            text = f"{settings!r} {_foreign_rules(settings)}\0"
            self._texts[id(settings)] = (settings, text.encode("utf-8", "surrogatepass"))
        return self._texts[id(settings)][1]

    @cached_property
    def _own(self) -> bytes:
        """fllint itself: its version, and in a checkout the state of its files."""
        package = Path(__file__).parent
        if (package / "rules").is_dir():
            return f"{FORMAT} {__version__}\0".encode()
        folders = (package, package.parent / "rules")
        files = sorted(file for folder in folders for file in folder.rglob("*") if file.suffix != ".pyc")
        states = [f"{file}:{(state := file.stat()).st_mtime_ns}:{state.st_size}" for file in files if file.is_file()]
        return f"{FORMAT} {__version__} {states}\0".encode()


def _foreign_rules(settings: Settings) -> list[str]:
    """The state of the files that the rules of other people stand in."""
    from fllint.checking import rules_of

    files = {rule.inspect.__code__.co_filename for rule in rules_of(settings) if rule.origin}
    return [f"{file}:{(state := os.stat(file)).st_mtime_ns}:{state.st_size}" for file in sorted(files)]


def _surroundings(surroundings: Surroundings) -> bytes:
    """What surrounds a job, as bytes. Of installed packages it is the state of their folder, which changes when one is
    installed or removed."""
    packages = surroundings.site_packages
    known = (surroundings.sites, sorted(surroundings.known_modules), sorted(surroundings.required_modules))
    state = packages.stat().st_mtime_ns if packages and packages.exists() else None
    return f"{known!r} {packages} {state}\0".encode("utf-8", "surrogatepass")


def _hash_folder(files: FolderFiles, hashed: blake2b) -> None:
    """The names and contents of a job's files. Of files larger than any that fllint reads whole, the time of the last
    change stands for the content."""
    hashed.update(f"{files.name}\0".encode("utf-8", "surrogatepass"))
    for name, entry in files.entries.items():
        state = f"{name}\0{entry.kind.value} {entry.size} {entry.link} {entry.target}\0"
        hashed.update(state.encode("utf-8", "surrogatepass"))
        if entry.kind is Kind.FILE:
            path = files.root / name
            if entry.size > MAX_PYTHON_BYTES:
                hashed.update(f"{os.stat(path).st_mtime_ns}\0".encode())
            else:
                hashed.update(_content(path))


def _content(path: Path) -> bytes:
    with open_regular(path) as file:
        return file.read(MAX_PYTHON_BYTES + 1)


def _hash_zip(path: Path, hashed: blake2b) -> None:
    """The bytes of a job zip. Raises OSError for one that is too large for that."""
    if path.stat().st_size > MAX_ZIP_BYTES:
        raise OSError("too large for the cache")
    hashed.update(path.read_bytes())
