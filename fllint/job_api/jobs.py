"""The jobs and recipes of a script, filled by its calls as NVFlare's `FedJob` is (nvflare/job_config/api.py, since
2.5)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from msgspec import Struct, field

from fllint.job_api.things import Argument, Reference, Thing, written_arguments
from fllint.scripts.script_text import CodePlace
from fllint.scripts.script_values import NOTHING_KNOWN, CallSite, Known, Listing, Made, Table, Value, table

if TYPE_CHECKING:
    from fllint.job_api.reading import ScriptReader

ALL_SITES = "@ALL"
SERVER = "server"
ENDS = frozenset({"simulator_run", "export_job", "execute", "export", "run"})
"""The methods with which a script does something with its job."""


class Placed(NamedTuple):
    """A component of an app. ``tasks`` of an executor or filter: None for NVFlare's default ``["*"]``."""

    thing: Value
    site: CallSite
    id: str = ""
    id_argument: Argument | None = None
    tasks: Argument | None = None
    table: str = ""


class FileUse(NamedTuple):
    """A file or folder that goes into an app's ``custom/``. ``folder`` is where in it; ``config``: into ``config/``."""

    argument: Argument
    folder: str = ""
    config: bool = False
    as_script: bool = True


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
    apps: dict[str, AppDraft] = field(default_factory=dict)
    ends: list[tuple[str, CallSite]] = field(default_factory=list)
    calls: list[tuple[str, CallSite]] = field(default_factory=list)
    targets: list[tuple[Argument, str, Value]] = field(default_factory=list)
    """Each object that is sent: where its target is written, the target, and the object."""
    doubts: list[str] = field(default_factory=list)
    ids: dict[str, str] = field(default_factory=dict)
    is_recipe: bool = False
    environment: Thing | None = None

    def handed_over(self, to: str) -> None:
        self.doubt(f"{to} gets the job")

    def doubt(self, why: str) -> None:
        """Counts a reason why the job may be another than is known."""
        if why not in self.doubts:
            self.doubts.append(why)

    def attribute(self, name: str, place: CodePlace) -> Value | None:
        if name == "comp_ids":
            return table(tuple((Known(key), Known(value)) for key, value in self.ids.items()))
        if name in ("job", "_job") and self.is_recipe:
            return self
        if name == "name":
            return self.made.value("name")
        return None

    def method(self, name: str, site: CallSite) -> Value:
        self.calls.append((name, site))
        if name in ENDS:
            self.ends.append((name, site))
            self._remember_environment(name, site)
            return NOTHING_KNOWN
        if name == "as_id":
            return Reference(site.argument(0, "obj") or NOTHING_KNOWN, f"as-id-{site.order}")
        if name in _SENDS:
            if site.conditions:
                self.doubt(f"{name} is called under a condition or as often as only the run knows")
                return NOTHING_KNOWN
            return self._send(name, site)
        if name in ("add_client_file", "add_server_file"):
            self._add_file(name, site)
            return NOTHING_KNOWN
        if name == "set_per_site_config":
            self._set_per_site(site)
            return NOTHING_KNOWN
        if name in _HARMLESS:
            return NOTHING_KNOWN
        self.doubt(f"what {name} adds is not known")
        return NOTHING_KNOWN

    def _add_file(self, name: str, site: CallSite) -> None:
        """``recipe.add_client_file(path)``: to all clients, or to those it names."""
        positional, keywords = written_arguments(site)
        path = positional[0] if positional else keywords.get("file_path")
        clients = items_of(site.argument(1, "clients"))
        for target, app in self.apps.items() if path is not None and not site.conditions else ():
            named = clients is None or any(self.reader.constants.text(client) == target for client in clients)
            if (target == SERVER) is (name == "add_server_file") and path is not None and (target == SERVER or named):
                app.files.append(FileUse(path))

    def _set_per_site(self, site: CallSite) -> None:
        from fllint.job_api.recipes import set_per_site

        positional, keywords = written_arguments(site)
        config = positional[0] if positional else keywords.get("config")
        if config is not None:
            set_per_site(self, config)

    def _remember_environment(self, name: str, site: CallSite) -> None:
        environment = site.argument(0, "env")
        if name == "execute" and isinstance(environment, Thing):
            self.environment = environment

    def _send(self, name: str, site: CallSite) -> Value:
        from fllint.job_api.sending import add_file, send

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
        self.targets.append((where, target, given[names[0]].value))
        app = self.app(target, where, site)
        return add_file(app, given) if file else send(self, app, given, site)

    def app(self, target: str, where: Argument, site: CallSite) -> AppDraft:
        """The app of a target; what every client of such a job gets is in it from the start."""
        if target not in self.apps:
            self.apps[target] = AppDraft(target, where)
            if target != SERVER:
                self.reader.set_up_client(self, self.apps[target], site)
        return self.apps[target]


_SENDS = frozenset({"to", "to_server", "to_clients", "add_file_to", "add_file_to_server", "add_file_to_clients"})
_HARMLESS = frozenset({"set_app_packages", "set_up_client", "check_kwargs", "process_env", "get_result", "get_status"})


def items_of(value: Value | None) -> tuple[Value, ...] | None:
    """The items of a list; None when it is none, or not known."""
    return value.items if isinstance(value, Listing) else None


def entries_of(value: Value | None) -> dict[str, Value] | None:
    """The entries of a dict whose keys are known strings; None for anything else."""
    if not isinstance(value, Table):
        return None
    return {str(key.value): item for key, item in value.entries if isinstance(key, Known)}
