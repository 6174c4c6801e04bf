"""Reading a script that builds a job: every object that it makes of NVFlare's classes and its own, and its jobs."""

from __future__ import annotations

import posixpath
import shlex
from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Final

from msgspec import Struct
from msgspec.structs import replace

from fllint.catalogue.catalogue import Catalogue
from fllint.documents.tree import UNKNOWN
from fllint.job_api.command_line import DefaultsParser, NotGiven
from fllint.job_api.jobs import PREPARATIONS, JobObject
from fllint.job_api.names import class_meant
from fllint.job_api.sending import ADD_TO_JOB
from fllint.job_api.things import (
    Argument,
    Binding,
    Constants,
    Followed,
    Thing,
    bind,
    function_place,
    parameters_of,
    written_arguments,
)
from fllint.python.classes import ClassInfo
from fllint.scripts.script_literals import sequence_of
from fllint.scripts.script_observer import Observer
from fllint.scripts.script_text import CodePlace, CodeText, SyntaxTrouble, parse_code
from fllint.scripts.script_values import (
    NOTHING_KNOWN,
    CallSite,
    ClassValue,
    External,
    Function,
    Known,
    Listing,
    Made,
    Table,
    Value,
    listing,
)
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
    walk = reader.walk
    meant = {name: path for name in code.undefined if (path := class_meant(name, catalogue))}
    walk.run(code, {name: External(path) for name, path in meant.items()}, reader.finish)
    reader.imported = tuple(walk.modules)
    return ReadScript(code, None, reader, walk.given_up)


class Misfit(Struct, frozen=True):
    """A call of a function of NVFlare's that Python cannot make: it has other ``parameters``."""

    name: str
    parameters: tuple[str, ...]
    binding: Binding
    place: CodePlace


CALLED_BY_LIBRARY: Final = frozenset({"__init__", ADD_TO_JOB, "set_up_client", *PREPARATIONS})
"""Methods that NVFlare calls by itself, and constructors, of whose calls other rules speak."""


class Refusal(Struct, frozen=True):
    """An exception that NVFlare's own code surely raises; ``place`` is the argument that it is about, or the call."""

    error: str
    message: str
    place: CodePlace


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
        self.walk = Walk(self, folder.module_text, catalogue.job_api_source)
        self.ended = False
        """Whether an exception surely ends the script: what would follow is not looked at."""
        self.misfits: list[Misfit] = []
        self.refusals: list[Refusal] = []
        self._making: list[JobObject] = []
        """The jobs and recipes whose constructors run, innermost last."""
        self._python = folder.python_path(catalogue)

    def class_info(self, path: str) -> ClassInfo | None:
        """A class of NVFlare or of the script's folder, by any name; None when there is none in sight."""
        known = self.catalogue.resolve_once(path)
        return (known or self._python.resolve(path)).class_info

    def derived(self, path: str, site: CallSite, arguments: dict[str, Argument]) -> Thing:
        """An object that NVFlare makes on the script's behalf."""
        return Thing(path, self.class_info(path), site, arguments)

    def finish(self) -> None:
        """Brings the jobs to the state in which they would be exported."""
        for job in self.jobs:
            job.prepare(job.made.site)

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
        if path in ("os.path.isabs", "os.path.basename", "posixpath.isabs", "posixpath.basename"):
            only = self.constants.text(site.argument(0, "p") or site.argument(0, "s"))
            if only is None:
                return NOTHING_KNOWN
            return Known(posixpath.isabs(only) if path.endswith("isabs") else posixpath.basename(only))
        if path in ("shlex.split", SPLIT_COMMAND):
            return _split(self.constants.text(site.arguments[0]) if site.arguments else None)
        if path in ("builtins.enumerate", "builtins.zip"):
            return _in_step(path, site)
        if not path.startswith("nvflare."):
            return None
        name = path.rpartition(".")[2]
        if name == "__init__" and site.arguments and isinstance(first := site.arguments[0], JobObject):
            return first.base_method(name, replace(site, arguments=site.arguments[1:]))
        info = self.class_info(path)
        if info is None:
            if site.within is None:
                self.functions.append((path, site))
            function = self.walk.library(path)
            if isinstance(function, Function):
                return self.walk.run_function(function, site)
            self._hand_jobs_over(site, path.rpartition(".")[2])
            return NOTHING_KNOWN
        return self._make(info.path, info, site, self.library_class(info.path))

    def result(self, path: str, site: CallSite) -> Value:
        return Thing("", None, site) if _is_class_name(path) else NOTHING_KNOWN

    def instantiated(self, of: ClassValue, site: CallSite) -> Value | None:
        path = f"{of.module or self.folder.module}.{of.name}"
        info = self.class_info(path)
        kinds = self.catalogue.kinds_of(info) if info else ()
        if site.within is not None and not kinds and self.walk.member(of, ADD_TO_JOB) is None:
            return None
        foreign = any(not base.startswith(("builtins.", "nvflare.", "abc.", "typing.")) for base in of.external_bases())
        if not kinds and not foreign and site.within is None:
            return None
        made = self._make(path, info, site, of)
        if isinstance(made, Thing):
            made.of = of
            made.of_model = foreign and not kinds
        return made

    def _make(self, path: str, info: ClassInfo | None, site: CallSite, of: ClassValue | None = None) -> Made:
        """An object of a class; ``of`` is the code of the class, when it is in sight."""
        binding = bind(info.parameters if info else (), site)
        given = {**binding.arguments, **binding.unknown}
        thing = Thing(path, info, site, given, binding.open, surplus=binding.surplus, twice=binding.twice)
        if site.within is None:
            self.things.append(thing)
        kinds = self.catalogue.kinds_of(info) if info else ()
        fits = info is None or (replace(binding, unknown={}) if info.accepts_any_keyword else binding).fits
        self.ended = self.ended or (not fits and site.reached)
        if "FedJob" in kinds or "Recipe" in kinds:
            return self._make_job(thing, site, of, is_recipe="Recipe" in kinds, fits=fits)
        if of is not None and not kinds and not binding.open and of.module.startswith("nvflare."):
            thing.code = Followed(of, self.walk)
            thing.code.run("__init__", thing, site)
        return thing

    def _make_job(self, thing: Thing, site: CallSite, of: ClassValue | None, is_recipe: bool, fits: bool) -> JobObject:
        """A job or recipe, as its constructor leaves it. The job that a recipe makes is the recipe's."""
        outer = self._making[-1] if self._making else None
        job = JobObject(thing, self, is_recipe=is_recipe, code=Followed(of, self.walk) if of is not None else None)
        if outer is not None and outer.is_recipe and not is_recipe:
            job.belong_to(outer)
        else:
            self.jobs.append(job)
        self._making.append(job)
        try:
            if not fits:
                job.doubt(
                    f"{thing.info.name if thing.info else 'the job'} is called with other arguments than it takes"
                )
            elif job.code is None or job.code.run("__init__", job, site) is None:
                job.base_method("__init__", site)
        finally:
            self._making.pop()
        return job

    # -- NVFlare's own code

    def check_call(self, function: Function, site: CallSite) -> None:
        """Remembers a call of one of NVFlare's functions or methods that Python cannot make."""
        parameters, any_keyword = parameters_of(function)
        binding = bind(parameters, site, any_keyword=any_keyword)
        if not binding.fits and not function.node.args.vararg and site.reached and not site.conditions:
            name = getattr(function.node, "name", "")
            self.ended = True
            self.misfits.append(Misfit(name, tuple(each.name for each in parameters), binding, function_place(site)))
            for job in self.jobs:
                job.doubt(f"{name} is called with other arguments than it takes")

    def enters_library(self, function: Function, site: CallSite) -> CallSite:
        """The same call with values of their own, by which its arguments are found again when they are handed on."""
        if getattr(function.node, "name", "") not in CALLED_BY_LIBRARY:
            self.check_call(function, site)
        positional, keywords = written_arguments(site)
        arguments = tuple(self._tracked(argument) for argument in positional)
        named = {name: self._tracked(argument) for name, argument in keywords.items()}
        return replace(site, arguments=arguments, keywords=named)

    def _tracked(self, argument: Argument, depth: int = 0) -> Value:
        value = argument.value
        if isinstance(value, NotGiven):
            value = Value()
        elif isinstance(value, External):
            value = self.constant(value.path) or External(value.path)
        elif isinstance(value, Listing) and depth < 3:
            inner = [self._tracked(each, depth + 1) for each in argument.items()]
            value = Listing(tuple(inner), value.weight)
        elif isinstance(value, Table) and depth < 3:
            inner = [self._tracked(each, depth + 1) for each in argument.entries()]
            value = Table(tuple((key, each) for (key, _), each in zip(value.entries, inner, strict=True)), value.weight)
        elif isinstance(value, Known):
            value = Known(value.value)
        elif value is NOTHING_KNOWN:
            value = Value()
        self.walk.origins.setdefault(id(value), replace(argument, value=value))
        return value

    def constant(self, path: str) -> Value | None:
        found = self.constants.constant(path)
        return Known(found) if found is not UNKNOWN else None

    def library_class(self, path: str) -> ClassValue | None:
        info = self.catalogue.resolve_once(path)
        real = info.class_info.path if info is not None and info.class_info is not None else path
        found = self.walk.library(real)
        return found if isinstance(found, ClassValue) else None

    def refuses(self, error: str, message: str, blamed: Sequence[Value], site: CallSite) -> None:
        written = (self.walk.origins.get(id(value)) for value in blamed)
        given = next((each for each in written if isinstance(each, Argument) and each.expression is not None), None)
        if not self.ended:  # by an exception before
            self.ended = True
            self.refusals.append(Refusal(error, message, given.place if given is not None else function_place(site)))
        for job in self.jobs:
            job.doubt("NVFlare's own code raises an exception")

    def not_followed(self) -> None:
        for job in self._making:
            job.doubt("NVFlare's own code is too long to be followed")

    def read(self, path: str, place: CodePlace) -> None:
        if path.startswith("nvflare."):
            self.words.setdefault((path, place), None)

    def _hand_jobs_over(self, site: CallSite, to: str) -> None:
        for value in (*site.arguments, *site.keywords.values()):
            if isinstance(value, JobObject):
                value.handed_over(to)


SPLIT_COMMAND: Final = "nvflare.fuel.utils.secret_utils.split_command_preserving_secret_refs"
"""`shlex.split` that keeps references to secrets whole (2.9)."""


def _split(command: str | None) -> Value:
    """The words of a command."""
    try:
        words = shlex.split(command) if command is not None and "{" not in command else None
    except ValueError:
        words = None
    return listing(tuple(Known(word) for word in words)) if words is not None else NOTHING_KNOWN


def _is_class_name(path: str) -> bool:
    """Whether a thing of another package is a class, by how it is written: what it makes is not None."""
    package, _, name = path.rpartition(".")
    return name[:1].isupper() and not name.isupper() and package not in ("", "builtins")


def _in_step(path: str, site: CallSite) -> Value:
    """``enumerate(a)`` and ``zip(a, b)`` of known lists."""
    lists = [sequence_of(value) for value in site.arguments]
    known = [items for items in lists if items is not None]
    if not known or len(known) != len(lists) or site.keywords or site.open_positions:
        return NOTHING_KNOWN
    if path == "builtins.enumerate":
        return listing(tuple(listing((Known(number), item)) for number, item in enumerate(known[0])))
    return listing(tuple(listing(items) for items in zip(*known, strict=False)))
