"""The jobs and recipes of a script, filled by its calls as NVFlare's `FedJob` is (nvflare/job_config/api.py, since
2.5)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from msgspec import Struct, field
from msgspec.structs import replace

from fllint.job_api.sending import CONTEXT_METHODS, add_file, add_through_context, send
from fllint.job_api.things import Argument, Followed, Reference, Thing, bind, written_arguments
from fllint.scripts.script_text import CodePlace
from fllint.scripts.script_values import NOTHING_KNOWN, CallSite, Function, Known, Made, Value, table

if TYPE_CHECKING:
    from fllint.job_api.reading import ScriptReader

ALL_SITES = "@ALL"
SERVER = "server"
ENDS = frozenset({"simulator_run", "export_job", "execute", "export", "run"})
"""The methods with which a script does something with its job."""


class Placed(Struct, frozen=True):
    """A component of an app. ``tasks`` of an executor or filter: None for NVFlare's default ``["*"]``."""

    thing: Value
    site: CallSite
    id: str = ""
    id_argument: Argument | None = None
    tasks: Argument | None = None
    table: str = ""


class FileUse(Struct, frozen=True):
    """A file or folder that goes into an app's ``custom/``. ``folder`` is where in it; ``config``: into ``config/``."""

    argument: Argument
    folder: str = ""
    config: bool = False
    as_script: bool = True
    made_by_library: bool = False
    """NVFlare's own code names it, and may write it first."""


class AppDraft(Struct, eq=False):
    """What one target gets: a site, the server, or all clients."""

    target: str
    argument: Argument
    workflows: list[Placed] = field(default_factory=list)
    executors: list[Placed] = field(default_factory=list)
    components: list[Placed] = field(default_factory=list)
    filters: list[Placed] = field(default_factory=list)
    files: list[FileUse] = field(default_factory=list)
    parameters: list[tuple[str, Argument]] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    """Why it may hold more than is known."""
    _used: list[str] = field(default_factory=list)

    @property
    def all(self) -> tuple[Placed, ...]:
        """Everything that is placed in the app."""
        return (*self.workflows, *self.executors, *self.components, *self.filters)

    def new_id(self, wanted: str) -> str:
        """The id that NVFlare gives (`FedApp.generate_tracked_id`)."""
        while wanted in self._used:
            count = re.search(r"\d+", wanted)
            wanted = wanted.replace(count[0], str(int(count[0]) + 1)) if count else f"{wanted}1"
        self._used.append(wanted)
        return wanted

    def add_component(self, thing: Value, site: CallSite, wanted: str, argument: Argument | None = None) -> str:
        """Adds a component once, and its id."""
        for placed in self.components:
            if placed.thing is thing:
                return placed.id
        identifier = self.new_id(wanted)
        self.components.append(Placed(thing, site, identifier, argument))
        return identifier


class JobObject(Made, Struct, eq=False):
    """A job in the making. ``recipe`` is what made it, if one did."""

    made: Thing
    reader: ScriptReader
    code: Followed | None = None
    """Its class, where that is followed: NVFlare's recipes and ready-made jobs, and those of the script."""
    settings: dict[str, Argument] = field(default_factory=dict)
    """What `FedJob` itself is made with."""
    apps: dict[str, AppDraft] = field(default_factory=dict)
    ends: list[tuple[str, CallSite]] = field(default_factory=list)
    calls: list[tuple[str, CallSite]] = field(default_factory=list)
    targets: list[tuple[Argument, str, Value]] = field(default_factory=list)
    """Each object that is sent: where its target is written, the target, and the object."""
    doubts: list[str] = field(default_factory=list)
    is_recipe: bool = False
    environment: Thing | None = None
    _prepared: bool = False

    @property
    def truth(self) -> bool:
        return True

    def is_instance(self, of: Value) -> bool | None:
        return self.made.is_instance(of)

    def missing(self, name: str) -> bool:
        return self.code is not None and self.attribute(name, self.made.site.place) is None

    def knows(self, name: str) -> bool | None:
        return True if self.code is not None and self.code.get(name, self) is not None else None

    def belong_to(self, recipe: JobObject) -> None:
        """The job that a recipe makes: what is put into it is put into the recipe."""
        if recipe.settings:
            recipe.doubt("the recipe makes more than one job")
        self.settings, self.apps, self.doubts = recipe.settings, recipe.apps, recipe.doubts
        self.targets = recipe.targets

    def prepare(self, site: CallSite) -> None:
        """What a recipe does before it is exported or run."""
        if self._prepared or self.code is None or not self.is_recipe:
            return
        self._prepared = True
        for name in PREPARATIONS:
            self.code.run(name, self, replace(site, arguments=(), keywords={}))

    def handed_over(self, to: str) -> None:
        self.doubt(f"{to} gets the job")

    def doubt(self, why: str) -> None:
        """Counts a reason why the job may be another than is known."""
        if why not in self.doubts:
            self.doubts.append(why)

    def attribute(self, name: str, place: CodePlace) -> Value | None:
        found = self.code.get(name, self) if self.code is not None else None
        if found is not None:
            return found
        if name == "name":
            given = self.settings.get("name")
            return given.value if given is not None else NOTHING_KNOWN
        if name == "_deploy_map":
            return table(tuple((Known(target), Value()) for target in self.apps))
        return NOTHING_KNOWN if name in NATIVE else None

    def assigned(self, name: str, value: Value) -> None:
        if self.code is not None:
            self.code.attributes[name] = value

    def method(self, name: str, site: CallSite) -> Value:
        if site.within is None:
            self.calls.append((name, site))
        if name in ENDS:
            self.prepare(site)
            end = self.code.get(name, self) if self.code is not None and site.within is None else None
            if isinstance(end, Function):
                self.reader.check_call(end, site)
            self.ends.append((name, site))
            self._remember_environment(name, site)
            return NOTHING_KNOWN
        found = self.code.run(name, self, site) if self.code is not None else None
        return found if found is not None else self.base_method(name, site)

    def base_method(self, name: str, site: CallSite) -> Value:
        """A method of `FedJob` itself."""
        if name == "__init__":
            return self._begin(site)
        if name == "as_id":
            return Reference(site.argument(0, "obj") or NOTHING_KNOWN, f"as-id-{site.order}")
        if name in _SENDS:
            if site.conditions:
                self.doubt(f"{name} is called under a condition or as often as only the run knows")
                return NOTHING_KNOWN
            return self._send(name, site)
        if name in CONTEXT_METHODS:
            return add_through_context(self, name, site)
        if name in _HARMLESS:
            return NOTHING_KNOWN
        self.doubt(f"what {name} adds is not known")
        return NOTHING_KNOWN

    def _begin(self, site: CallSite) -> Value:
        """The constructor of `FedJob`."""
        info = self.reader.class_info(FED_JOB)
        binding = bind(info.parameters if info is not None else (), site)
        self.settings.update(binding.arguments)
        lineage = (self.made.info.path, *self.made.info.ancestors) if self.made.info else ()
        if binding.open or self.is_recipe or (self.code is None and lineage[:1] != (FED_JOB,)):
            name = self.made.info.name if self.made.info else "the job"
            self.doubt(f"what {name} adds by itself is not known")
        return Known(None)

    def _remember_environment(self, name: str, site: CallSite) -> None:
        environment = site.argument(0, "env")
        if name == "execute" and isinstance(environment, Thing):
            self.environment = environment

    def _send(self, name: str, site: CallSite) -> Value:
        positional, keywords = written_arguments(site)
        file = name.startswith("add_file")
        names = ["src_path" if file else "obj"]
        target = SERVER if name.endswith("_server") else ALL_SITES if name.endswith("_clients") else None
        if target is None:
            names.append("target")
        names += ["dest_dir", "app_folder_type"] if file else ["id"]
        given = {**dict(zip(names, positional, strict=False)), **keywords}
        if names[0] not in given or site.open_keywords or site.open_positions:
            self.doubt(f"the arguments of {name} are not known")
            return NOTHING_KNOWN
        where = Argument(Known(target), site.place) if target else given.get("target")
        if where is None:
            return NOTHING_KNOWN
        target = target or self.reader.constants.text(where.value)
        if target is None:
            self.doubt("the name of a target is not known")
            return NOTHING_KNOWN
        if site.within is None or target not in (SERVER, ALL_SITES):
            self.targets.append((where, target, given[names[0]].value))
        app = self.app(target, where, site)
        return add_file(app, given) if file else send(self, app, given, site)

    def app(self, target: str, where: Argument, site: CallSite) -> AppDraft:
        """The app of a target; what every client of such a job gets is in it from the start."""
        if target not in self.apps:
            self.apps[target] = AppDraft(target, where)
            if target != SERVER:
                self._set_up_client(target, site)
        return self.apps[target]

    def _set_up_client(self, target: str, site: CallSite) -> None:
        """What every client of such a job gets (`FedJob.set_up_client`)."""
        if self.code is not None:
            self.code.run("set_up_client", self, replace(site, arguments=(), keywords={"target": Known(target)}))


FED_JOB: Final = "nvflare.job_config.api.FedJob"
PREPARATIONS: Final = ("_ensure_client_apps_prepared", "finalize")
"""What `Recipe.execute`, `run` and `export` do first (nvflare/recipe/spec.py; the former since 2.9)."""
NATIVE: Final = frozenset({"job", "clients", "to", "to_server", "to_clients", "add_component", "add_executor"})
"""Attributes that every `FedJob` has, of which nothing more is known."""
_SENDS = frozenset({"to", "to_server", "to_clients", "add_file_to", "add_file_to_server", "add_file_to_clients"})
_HARMLESS = frozenset({"set_app_packages", "set_up_client", "check_kwargs", "process_env", "get_result", "get_status"})
