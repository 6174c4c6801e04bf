"""Reading a script that builds a job: every object that it makes of NVFlare's classes and its own, and its jobs."""

from __future__ import annotations

import posixpath
from functools import cached_property
from typing import TYPE_CHECKING

from msgspec import Struct

from fllint.catalogue.catalogue import Catalogue
from fllint.job_api.command_line import DefaultsParser
from fllint.job_api.jobs import AppDraft, JobObject
from fllint.job_api.names import class_meant
from fllint.job_api.things import Argument, Constants, Thing, bind, written_arguments
from fllint.python.classes import ClassInfo
from fllint.python.names import undefined_names
from fllint.scripts.script_expressions import Observer
from fllint.scripts.script_literals import sequence_of
from fllint.scripts.script_text import CodePlace, CodeText, SyntaxTrouble, parse_code
from fllint.scripts.script_values import NOTHING_KNOWN, CallSite, ClassValue, External, Known, Made, Value, listing
from fllint.scripts.script_walk import Walk

if TYPE_CHECKING:
    from fllint.job_api.folder import ScriptFolder


class ReadScript(Struct, frozen=True, eq=False, dict=True):
    """What a script does. ``trouble`` is why Python refuses it; ``reader`` what was seen; ``gave_up`` why not all."""

    code: CodeText | None
    trouble: SyntaxTrouble | None
    reader: ScriptReader
    gave_up: str | None = None

    @cached_property
    def jobs(self) -> tuple[JobObject, ...]:
        """The jobs that the script makes when it is run, those that it does something with first."""
        reached = [job for job in self.reader.jobs if job.made.site.reached]
        return tuple(sorted(reached, key=lambda job: not job.ends))


def read_script(text: str, folder: ScriptFolder, catalogue: Catalogue) -> ReadScript:
    """Reads a script without running it. Never raises, whatever the text."""
    reader = ScriptReader(catalogue, folder)
    code = parse_code(text)
    if isinstance(code, SyntaxTrouble):
        return ReadScript(None, code, reader)
    walk = Walk(reader, folder.module_text)
    meant = {name: path for name in undefined_names(code.tree) if (path := class_meant(name, catalogue))}
    walk.run(code, {name: External(path) for name, path in meant.items()})
    reader.imported = tuple(walk.modules)
    return ReadScript(code, None, reader, walk.given_up)


class ScriptReader(Observer):
    """Sees what a script makes. ``things`` are all its objects in the order of their making, ``jobs`` the jobs and
    recipes among them."""

    def __init__(self, catalogue: Catalogue, folder: ScriptFolder) -> None:
        self.catalogue = catalogue
        self.folder = folder
        self.things: list[Thing] = []
        self.jobs: list[JobObject] = []
        self.functions: list[tuple[str, CallSite]] = []
        self.words: dict[tuple[str, CodePlace], None] = {}
        """Names of NVFlare's that the script reads, and where."""
        self.changes_folder = False
        self.imported: tuple[str, ...] = ()
        self.constants = Constants(self.class_info)
        self._python = folder.python_path(catalogue)

    def class_info(self, path: str) -> ClassInfo | None:
        """A class of NVFlare or of the script's folder, by any name; None when there is none in sight."""
        known = self.catalogue.resolve_once(path)
        return (known or self._python.resolve(path)).class_info

    def derived(self, path: str, site: CallSite, arguments: dict[str, Argument]) -> Thing:
        """An object that NVFlare makes on the script's behalf."""
        return Thing(path, self.class_info(path), site, arguments)

    def set_up_client(self, job: JobObject, app: AppDraft, site: CallSite) -> None:
        """What a job of this class gives every client (`FedJob.set_up_client`)."""
        from fllint.job_api.job_classes import set_up_client

        set_up_client(job, app, site)

    # -- what the walk tells

    def call(self, path: str, site: CallSite) -> Value | None:
        if path == "argparse.ArgumentParser":
            return DefaultsParser()
        if path in ("os.path.join", "posixpath.join"):
            parts = [self.constants.text(value) for value in site.arguments]
            known = parts and all(part is not None for part in parts) and not site.open_positions
            return Known(posixpath.join(*(str(part) for part in parts))) if known else NOTHING_KNOWN
        if path == "os.chdir":
            self.changes_folder = True
            return NOTHING_KNOWN
        if path in ("builtins.enumerate", "builtins.zip"):
            return _in_step(path, site)
        if not path.startswith("nvflare."):
            return None
        info = self.class_info(path)
        if info is None:
            self.functions.append((path, site))
            if path.endswith(".set_per_site_config"):
                self._set_per_site(site)
                return NOTHING_KNOWN
            self._hand_jobs_over(site, path.rpartition(".")[2])
            return NOTHING_KNOWN
        return self._make(info.path, info, site)

    def instantiated(self, of: ClassValue, site: CallSite) -> Value | None:
        path = f"{of.module or self.folder.module}.{of.name}"
        info = self.class_info(path)
        kinds = self.catalogue.kinds_of(info) if info else ()
        foreign = any(not base.startswith(("builtins.", "nvflare.", "abc.", "typing.")) for base in of.external_bases())
        if not kinds and not foreign:
            return None
        made = self._make(path, info, site)
        if isinstance(made, JobObject):
            made.doubt(f"{of.name} is a class of the script's own")
        elif isinstance(made, Thing):
            made.of_model = foreign and not kinds
        return made

    def _make(self, path: str, info: ClassInfo | None, site: CallSite) -> Made:
        binding = bind(info.parameters if info else (), site)
        given = {**binding.arguments, **binding.unknown}
        thing = Thing(path, info, site, given, binding.open, surplus=binding.surplus, twice=binding.twice)
        self.things.append(thing)
        kinds = self.catalogue.kinds_of(info) if info else ()
        if "FedJob" in kinds or "Recipe" in kinds:
            from fllint.job_api.job_classes import fill

            job = JobObject(thing, self, is_recipe="Recipe" in kinds)
            self.jobs.append(job)
            fill(job)
            return job
        return thing

    def _set_per_site(self, site: CallSite) -> None:
        from fllint.job_api.recipes import set_per_site

        recipe = site.argument(0, "recipe")
        positional, keywords = written_arguments(site)
        config = keywords.get("config", positional[1] if len(positional) > 1 else None)
        if isinstance(recipe, JobObject) and config is not None:
            set_per_site(recipe, config)

    def read(self, path: str, place: CodePlace) -> None:
        if path.startswith("nvflare."):
            self.words.setdefault((path, place), None)

    def _hand_jobs_over(self, site: CallSite, to: str) -> None:
        for value in (*site.arguments, *site.keywords.values()):
            if isinstance(value, JobObject):
                value.handed_over(to)


def _in_step(path: str, site: CallSite) -> Value:
    """``enumerate(a)`` and ``zip(a, b)`` of known lists."""
    lists = [sequence_of(value) for value in site.arguments]
    known = [items for items in lists if items is not None]
    if not known or len(known) != len(lists) or site.keywords or site.open_positions:
        return NOTHING_KNOWN
    if path == "builtins.enumerate":
        return listing(tuple(listing((Known(number), item)) for number, item in enumerate(known[0])))
    return listing(tuple(listing(items) for items in zip(*known, strict=False)))
