"""A job in a zip."""

from __future__ import annotations

import os
import stat
import zipfile
from collections.abc import Iterable
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import BinaryIO, Final

from fllint.job.files import (
    MAX_CONFIG_BYTES,
    MAX_DEPTH,
    MAX_FILES,
    FileEntry,
    JobFiles,
    Kind,
    UnreadableError,
)
from fllint.regular_files import open_regular

MAX_DIRECTORY_BYTES: Final = 20_000_000
"""The list of a zip's entries; of 100,000 files it has about ten million."""
MAX_COMMENT_BYTES: Final = 65_535
RECORD_BYTES: Final = 22


class ZipFiles(JobFiles):
    """A job in a zip, as NVFlare sends it: a folder with the job's name at the top, or the job itself."""

    def __init__(self, archive: Path, path: str) -> None:
        """Raises `UnreadableError` when the file is no readable zip."""
        self.path = path
        try:
            file = open_regular(archive)
            _refuse_large_directory(file)
            self._zip = zipfile.ZipFile(file)
        except (OSError, zipfile.BadZipFile, ValueError, NotImplementedError) as error:
            raise UnreadableError(f"{path} is not a zip that can be read: {error}") from error
        infos = self._zip.infolist()
        self.too_deep = next((info.filename[:200] for info in infos[:MAX_FILES] if _is_deep(info.filename)), "")
        self.truncated = len(infos) > MAX_FILES
        self.escaping = tuple(info.filename for info in infos[:MAX_FILES] if _escapes(info.filename))
        members = {
            info.filename.rstrip("/"): info
            for info in infos[:MAX_FILES]
            if info.filename and not _escapes(info.filename) and not _is_deep(info.filename)
        }
        folder = _job_folder(members)
        self.name = folder or archive.stem
        prefix = f"{folder}/" if folder else ""
        self._members = {name[len(prefix) :]: info for name, info in members.items() if name.startswith(prefix)}

    @cached_property
    def entries(self) -> dict[str, FileEntry]:
        found: dict[str, FileEntry] = {}
        for name, info in self._members.items():
            for parent in reversed(PurePosixPath(name).parents[:-1] if "/" in name else ()):
                found.setdefault(str(parent), FileEntry(str(parent), Kind.FOLDER))
            found[name] = self._entry(name, info)
        return dict(sorted(found.items(), key=lambda item: item[0].split("/")))

    def _entry(self, name: str, info: zipfile.ZipInfo) -> FileEntry:
        if stat.S_ISLNK(info.external_attr >> 16):
            return FileEntry(name, Kind.LINK, link=True)
        return FileEntry(name, Kind.FOLDER) if info.is_dir() else FileEntry(name, Kind.FILE, info.file_size)

    def read(self, name: str, limit: int = MAX_CONFIG_BYTES) -> bytes:
        info = self._members.get(name)
        if info is None or info.is_dir():
            raise UnreadableError(f"{name} is not a file of the zip")
        try:
            with self._zip.open(info) as file:
                return file.read(limit + 1)
        except (OSError, zipfile.BadZipFile, RuntimeError, NotImplementedError, ValueError, EOFError) as error:
            raise UnreadableError(f"{name} cannot be unpacked: {error}") from error
        except Exception as error:  # zlib.error, lzma.LZMAError: each compression has its own
            raise UnreadableError(f"{name} cannot be unpacked: {error}") from error


def _job_folder(names: Iterable[str]) -> str:
    """The folder at the top of a zip that is the job: the one with a meta (a Mac puts ``__MACOSX`` beside it), else the
    only one; empty when the job itself is in the zip."""
    parts = [name.partition("/") for name in names]
    if any(top.startswith("meta.") and not separator for top, separator, _ in parts):
        return ""
    with_meta = {top for top, _, rest in parts if rest.startswith("meta.")}
    tops = with_meta or {top for top, _, _ in parts}
    return tops.pop() if len(tops) == 1 and any(separator for _, separator, _ in parts) else ""


def _is_deep(name: str) -> bool:
    return name.count("/") > MAX_DEPTH


def _refuse_large_directory(file: BinaryIO) -> None:
    """Raises ValueError for a zip whose central directory, which has to be read whole, is larger than
    `MAX_DIRECTORY_BYTES`. Its size stands in the record at the zip's end (APPNOTE.TXT 4.3.16)."""
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - RECORD_BYTES - MAX_COMMENT_BYTES))
    end = file.read()
    start = end.rfind(b"PK\5\6")
    record = end[start : start + RECORD_BYTES]
    if start >= 0 and len(record) == RECORD_BYTES and int.from_bytes(record[12:16], "little") > MAX_DIRECTORY_BYTES:
        raise ValueError(f"its directory has more than {MAX_DIRECTORY_BYTES} bytes")
    file.seek(0)


def _escapes(name: str) -> bool:
    return name.startswith("/") or "\\" in name or ".." in name.split("/") or ":" in name.split("/")[0]
