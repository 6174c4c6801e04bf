"""A job's files with edits in them, in memory: nothing on disk changes before `write`."""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Iterable
from collections.abc import Mapping as ReadOnly
from functools import cached_property
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from fllint.documents.tree import Source
from fllint.findings import Edit
from fllint.job.files import MAX_CONFIG_BYTES, FileEntry, FolderFiles, JobFiles, UnreadableError
from fllint.python.files import MAX_PYTHON_BYTES


class FileChange(Struct, frozen=True):
    """A file that fixes change: where it is, how output calls it, and its content before and after."""

    file: Path
    path: str
    before: bytes
    after: bytes


class EditedFiles(JobFiles):
    """The files of a job, some of them with another content. ``contents`` are those, by their name in the job."""

    def __init__(self, original: JobFiles, contents: ReadOnly[str, bytes] | None = None) -> None:
        self.original = original
        self.contents = dict(contents or {})
        self.path = original.path
        self.name = original.name
        self.escaping = original.escaping

    @cached_property
    def entries(self) -> dict[str, FileEntry]:
        entries = dict(self.original.entries)
        self.truncated = self.original.truncated
        for name, content in self.contents.items():
            entries[name] = replace(entries[name], size=len(content))
        return entries

    def read(self, name: str, limit: int = MAX_CONFIG_BYTES) -> bytes:
        if name in self.contents:
            return self.contents[name][: limit + 1]
        return self.original.read(name, limit)

    def edited(self, edits: Iterable[Edit]) -> EditedFiles:
        """These files with edits that do not overlap."""
        by_file: dict[str, list[Edit]] = {}
        for edit in edits:
            by_file.setdefault(edit.place.source.name, []).append(edit)
        contents = dict(self.contents)
        for name, found in by_file.items():
            contents[name] = applied(found[0].place.source.text, found).encode("utf-8")
            if contents[name] == self.original.read(name, MAX_PYTHON_BYTES):
                del contents[name]
        return EditedFiles(self.original, contents)

    def refusal(self, source: Source) -> str:
        """Why a file cannot be edited, in words that go on after its name; empty when it can."""
        name = source.name
        entry = self.entries.get(name)
        if not isinstance(self.original, FolderFiles):
            return "is in a zip, and zips are left as they are"
        if entry is None:
            return "does not belong to the job"
        if entry.link:
            return "is a symbolic link"
        if not _is_writable(self.original.root / name):
            return "is read-only"
        try:
            content = self.read(name, MAX_PYTHON_BYTES)
        except UnreadableError:
            return "cannot be read"
        if content != source.text.encode("utf-8", "surrogatepass"):
            return "is not UTF-8"
        return ""

    @property
    def changes(self) -> tuple[FileChange, ...]:
        """What differs from the disk, by name."""
        if not isinstance(self.original, FolderFiles):
            return ()
        root = self.original.root
        found = (
            FileChange(root / name, f"{self.path}/{name}", self.original.read(name, MAX_PYTHON_BYTES), content)
            for name, content in sorted(self.contents.items())
        )
        return tuple(change for change in found if change.before != change.after)


def applied(text: str, edits: Iterable[Edit]) -> str:
    """A text with edits that do not overlap."""
    for edit in sorted(edits, key=lambda edit: edit.place.span, reverse=True):
        text = text[: edit.place.span.start] + edit.text + text[edit.place.span.end :]
    return text


def write(change: FileChange) -> None:
    """Writes a changed file in one step, with the mode that it has.

    Raises:
        OSError: it cannot be written, or is not what it was when the job was checked. It is then left as it is.
    """
    if change.file.read_bytes() != change.before:
        raise OSError(None, "it has changed since it was checked")
    mode = stat.S_IMODE(change.file.stat().st_mode)
    descriptor, unfinished = tempfile.mkstemp(prefix=f".{change.file.name[:50]}.", dir=change.file.parent)
    try:
        with os.fdopen(descriptor, "wb") as opened:
            opened.write(change.after)
        os.chmod(unfinished, mode)
        os.replace(unfinished, change.file)
    except BaseException:
        os.unlink(unfinished)
        raise


def _is_writable(path: Path) -> bool:
    """Whether a file may be changed: root may write what its owner has made read-only, but should not."""
    try:
        return bool(path.stat().st_mode & 0o222) and os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)
    except OSError:
        return False
