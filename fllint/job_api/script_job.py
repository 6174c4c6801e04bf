"""The job of a script, and what the rules about scripts may ask beside it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from fllint.catalogue.catalogue import Catalogue
from fllint.documents.tree import Place, Source
from fllint.job.files import MAX_PYTHON_BYTES
from fllint.job.model import Job
from fllint.job.scripts import ScriptFiles
from fllint.job_api.building import JobBuilder
from fllint.job_api.folder import ScriptFolder
from fllint.job_api.jobs import JobObject
from fllint.job_api.reading import ReadScript, ScriptReader, read_script
from fllint.scripts.script_text import CodePlace

ALWAYS: frozenset[str] = frozenset({"FL2", "FL4", "FL5", "FL6"})
"""Families that speak of single components and files: they hold for what is known, however much is not."""
WHEN_COMPLETE: frozenset[str] = frozenset({"FL1", "FL3"})
"""Families that speak of the job as a whole: they need to know all of it."""
LAYOUT_RULES: frozenset[str] = frozenset()
"""Rules about the layout of a folder or the text of a config, which the export writes by itself."""


@dataclass(frozen=True, eq=False)
class ScriptJob:
    """A script and what was read of it. ``object`` is the job that is checked, None when the script makes none."""

    read: ReadScript
    folder: ScriptFolder
    source: Source
    object: JobObject | None
    _builder: JobBuilder = field(repr=False)

    @property
    def reader(self) -> ScriptReader:
        return self.read.reader

    @property
    def complete(self) -> bool:
        """Whether all that the script puts into the job is known."""
        return self.object is not None and not self.object.doubts and self.read.gave_up is None

    def place(self, where: CodePlace) -> Place:
        """A place in the script, or in a module that it imports."""
        return self._builder.nodes.place(where)

    def applies(self, code: str) -> bool:
        """Whether a rule can say something about the job of a script."""
        if code in LAYOUT_RULES:
            return False
        return code[:3] in ALWAYS or (self.complete and code[:3] in WHEN_COMPLETE)


def read_script_job(files: ScriptFiles, catalogue: Catalogue) -> Job:
    """The job that a script builds, as far as it can be known without running it. Never raises."""
    name = files.script.name
    text = files.read(name, MAX_PYTHON_BYTES).decode("utf-8", "replace").removeprefix("\ufeff")
    source = Source(files.path, name, text)
    folder = ScriptFolder(files.script, files.path)
    read = read_script(text, folder, catalogue)
    builder = JobBuilder(read, folder, catalogue, source)
    first = read.jobs[0] if read.jobs else None
    job = builder.build(first) if first is not None else builder.empty()
    return replace(job, script=ScriptJob(read, folder, source, first, builder))
