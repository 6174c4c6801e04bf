"""A job in memory, and what must hold for the check of any job."""

from __future__ import annotations

from functools import cached_property
from pathlib import PurePosixPath
from typing import Final

from fllint.checking import rules_of
from fllint.engine import check_files
from fllint.job.files import MAX_CONFIG_BYTES, FileEntry, JobFiles, Kind, UnreadableError
from fllint.report import INTERNAL_ERROR, JobReport
from fllint.settings.model import Settings
from tests.hostile.jobs import CLIENT, META, SCRIPT, SERVER, SOUND_JOB

SOUND: Final = {name: (SOUND_JOB / name).read_bytes() for name in (META, SERVER, CLIENT, SCRIPT)}
"""The files of a sound job."""


class FilesInMemory(JobFiles):
    """A job whose files are known by their names."""

    def __init__(self, contents: dict[str, bytes]) -> None:
        self.path = self.name = "job"
        self.contents = contents

    @cached_property
    def entries(self) -> dict[str, FileEntry]:
        folders = {str(folder) for name in self.contents for folder in list(PurePosixPath(name).parents)[:-1]}
        found = [FileEntry(folder, Kind.FOLDER) for folder in folders]
        found += [FileEntry(name, Kind.FILE, len(content)) for name, content in self.contents.items()]
        return {entry.name: entry for entry in sorted(found, key=lambda entry: entry.name.split("/"))}

    def read(self, name: str, limit: int = MAX_CONFIG_BYTES) -> bytes:
        if name not in self.contents:
            raise UnreadableError(f"{name} does not exist")
        return self.contents[name][: limit + 1]


def checked(contents: dict[str, bytes], release: str = "2.9") -> JobReport:
    """The report of all rules about a job in memory. Raises AssertionError where fllint itself failed, or where a
    finding points to what is not there."""
    report = check_files(FilesInMemory(contents), release, rules_of(Settings()))
    for finding in report.findings:
        assert finding.code != INTERNAL_ERROR, finding.problem.message
        for place in (finding.problem.place, *(related.place for related in finding.problem.related)):
            span, text = place.span, place.source.text
            assert 0 <= span.start <= span.end <= len(text), (finding, span)
    return report
