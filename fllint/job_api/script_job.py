"""The job of a script, and what the rules about scripts may ask beside it."""

from __future__ import annotations

import posixpath
from functools import cached_property
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from fllint.catalogue.catalogue import Catalogue
from fllint.documents.tree import Place, Source
from fllint.job.files import MAX_PYTHON_BYTES
from fllint.job.model import Job
from fllint.job.scripts import ScriptFiles
from fllint.job_api.building import JobBuilder, things_in
from fllint.job_api.folder import ScriptFolder
from fllint.job_api.jobs import JobObject
from fllint.job_api.reading import ReadScript, ScriptReader, read_script
from fllint.job_api.things import Thing
from fllint.scripts.script_text import CodePlace

ALWAYS: Final = ("FL205", "FL206", "FL207", "FL208", "FL209", "FL22", "FL23", "FL24", "FL25", "FL4", "FL5", "FL6")
"""Rules that speak of single components and files: they hold for what is known, however much is not."""
WHEN_COMPLETE: Final = ("FL12", "FL14", "FL2", "FL3")
"""Rules that speak of the job as a whole: they need to know all of it."""
ABOUT_FILES: Final = ("FL240", "FL410", "FL411", "FL440", "FL450")
"""Rules that miss something: they need to know all files that go into ``custom/``."""
ALL_FILES: Final = ("FL450",)
"""Rules that miss a file among all those of an app, whatever sent it there."""
NEVER: Final = (
    "FL123",
    "FL240",
    "FL120",
    "FL121",
    "FL122",
    "FL126",
    "FL129",
    "FL201",
    "FL204",
    "FL214",
    "FL215",
    "FL222",
)
"""Rules about what only a config's text can get wrong, and the export writes by itself."""


class ScriptJob(Struct, frozen=True, eq=False, dict=True):
    """A script and what was read of it. ``object`` is the job that is checked, None when the script makes none."""

    read: ReadScript
    folder: ScriptFolder
    source: Source
    object: JobObject | None
    _builder: JobBuilder

    @property
    def reader(self) -> ScriptReader:
        return self.read.reader

    @property
    def complete(self) -> bool:
        """Whether all that the script puts into the job is known."""
        return self.object is not None and not self.object.doubts and self.read.gave_up is None

    @property
    def not_known(self) -> tuple[tuple[str, str], ...]:
        """What cannot be checked, and why."""
        if self.read.trouble is not None:
            return ()
        reasons = list(self.object.doubts) if self.object else ["no job is seen to be made"]
        if self.reader.changes_folder:
            reasons.append("the script changes its folder, so that its files are not looked for")
        if self.read.gave_up:
            reasons.append(self.read.gave_up)
        further = len(self.read.jobs) - 1
        if further > 0:
            reasons.append(f"the script makes {further} more job{'s' if further > 1 else ''}")
        return tuple(("the whole job of the script", reason) for reason in reasons)

    @property
    def files_known(self) -> bool:
        """Whether all files that the script names lie where they can be looked into."""
        if self.reader.changes_folder:
            return False
        drafts = self.object.apps.values() if self.object else ()
        paths = [self.reader.constants.text(use.argument.value) for draft in drafts for use in draft.files]
        return all(path is not None and self.folder.holds(path) for path in paths)

    @cached_property
    def built(self) -> frozenset[Thing]:
        """The objects that the exported job would hold: rules about components speak of them."""
        drafts = self.object.apps.values() if self.object else ()
        placed = (each for draft in drafts for each in draft.all)
        made = (thing for each in placed for thing in things_in(each.thing))
        return frozenset(thing for thing in made if not thing.of_model)

    def place(self, where: CodePlace) -> Place:
        """A place in the script, or in a module that it imports."""
        return self._builder.nodes.place(where)

    def applies(self, code: str) -> bool:
        """Whether a rule can say something about the job of a script."""
        if code in ALL_FILES and not self.complete:
            return False
        if code in NEVER or (code in ABOUT_FILES and not self.files_known):
            return False
        return code.startswith(ALWAYS) or (self.complete and code.startswith(WHEN_COMPLETE))


def read_script_job(files: ScriptFiles, catalogue: Catalogue) -> Job:
    """The job that a script builds, as far as it can be known without running it. Never raises."""
    name = files.script.name
    text = files.read(name, MAX_PYTHON_BYTES).decode("utf-8", "replace").removeprefix("\ufeff")
    source = Source(files.path, name, text)
    folder = ScriptFolder(files.script, files.path)
    read = read_script(text, folder, catalogue)
    start = _other_start(read, folder)
    if start is not None:
        folder = start
        read = read_script(text, folder, catalogue)
    builder = JobBuilder(read, folder, catalogue, source)
    first = read.jobs[0] if read.jobs else None
    job = builder.build(first) if first is not None else builder.empty()
    return replace(job, script=ScriptJob(read, folder, source, first, builder))


def _other_start(read: ReadScript, folder: ScriptFolder) -> ScriptFolder | None:
    """The folder above the script from which all files that it names exist, when its own does not have them all."""
    if not read.jobs:
        return None
    constants = read.reader.constants
    uses = [use for draft in read.jobs[0].apps.values() for use in draft.files]
    paths = {path for use in uses if (path := constants.text(use.argument.value))}
    relative = {path for path in paths if not path.startswith("/")}
    if not relative or all(folder.has(path) for path in relative):
        return None
    if any(posixpath.normpath(path).startswith("..") for path in relative):
        return None  # what lies elsewhere says nothing about where the script is started
    return next((start for start in folder.above() if all(start.has(path) for path in relative)), None)
