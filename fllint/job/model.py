"""A job as NVFlare sees it: meta, apps, sites, configs, and the components that the configs name.
 Everything is immutable and keeps the node it was read from. Reading is lenient: what has the wrong shape is left out
here and found by the rules, which look at the nodes.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum
from typing import TYPE_CHECKING

from msgspec import Struct, field

from fllint.documents.document import Document
from fllint.documents.tree import Entry, Leaf, Mapping, Node, Place, Sequence, Source
from fllint.job.files import JobFiles
from fllint.job.variables import VariableIssue

if TYPE_CHECKING:
    from fllint.job_api.script_job import ScriptJob


class Side(str, Enum):
    """Which of a site's two configs: every app can have one for the server and one for the clients."""

    SERVER = "server"
    CLIENT = "client"

    @property
    def config_stem(self) -> str:
        return f"config_fed_{self.value}"


class Role(str, Enum):
    """What a component is there for; decides what its class must derive from."""

    WORKFLOW = "workflow"
    COMPONENT = "component"
    EXECUTOR = "executor"
    FILTER = "filter"
    ARGUMENT = "argument"
    """Built from an argument of another component."""


class Component(Struct, frozen=True, eq=False):
    """Something that NVFlare builds from a class path and arguments.

    ``class_key`` is the key that counts (``path`` before ``class_path`` before ``name``, by presence); ``class_text``
    its value when that is a string. ``arguments`` are what the constructor gets (``class_attributes`` replaces the
    whole of ``args``). ``nested`` are the arguments that are components themselves, by argument name.
    """

    node: Node
    role: Role
    side: Side
    class_key: str = ""
    class_node: Node | None = None
    class_text: str | None = None
    arguments: Mapping | None = None
    id: str | None = None
    id_node: Node | None = None
    disabled: bool = False
    nested: tuple[tuple[str, Component], ...] = ()

    @property
    def short_class(self) -> str:
        """The last part of the class path, for messages."""
        return (self.class_text or "").rsplit(".", 1)[-1]

    @property
    def label(self) -> str:
        """How messages call it: ``component 'persistor'``, ``executor PTClientAPIExecutor``."""
        if self.id and self.role in (Role.COMPONENT, Role.WORKFLOW):
            return f"{self.role.value} '{self.id}'"
        return f"{self.role.value} {self.short_class}".strip()

    @property
    def place(self) -> Place:
        """The class path's token where there is one, else the whole component."""
        return (self.class_node or self.node).place

    def argument(self, name: str) -> Node | None:
        """The value given for a constructor argument; None when absent."""
        return self.arguments.get(name) if self.arguments else None

    def argument_entry(self, name: str) -> Entry | None:
        return self.arguments.entry(name) if self.arguments else None

    def walk(self) -> Iterator[Component]:
        """This component and all nested ones."""
        yield self
        for _, component in self.nested:
            yield from component.walk()


class ExecutorEntry(Struct, frozen=True, eq=False):
    """An entry of ``executors``: the tasks (patterns allowed since 2.4) and the executor that handles them."""

    node: Node
    task_nodes: tuple[Leaf, ...]
    component: Component | None

    @property
    def tasks(self) -> tuple[str, ...]:
        return tuple(str(node.scalar) for node in self.task_nodes)


class FilterChain(Struct, frozen=True, eq=False):
    """An entry of ``task_data_filters`` or ``task_result_filters`` (``table``); ``directions`` are ``in``, ``out`` or
    both."""

    node: Node
    table: str
    task_nodes: tuple[Leaf, ...]
    directions: tuple[str, ...]
    filters: tuple[Component, ...]

    @property
    def tasks(self) -> tuple[str, ...]:
        return tuple(str(node.scalar) for node in self.task_nodes)


class Config(Struct, frozen=True, eq=False):
    """A config of an app. ``root`` is the config after substitution of variables; None when the file does not parse or
    is no object. ``name`` is the file's path inside the job."""

    side: Side
    name: str
    document: Document
    root: Mapping | None = None
    variable_issues: tuple[VariableIssue, ...] = ()
    variables_used: frozenset[str] = frozenset()
    workflows: tuple[Component, ...] = ()
    components: tuple[Component, ...] = ()
    executors: tuple[ExecutorEntry, ...] = ()
    filter_chains: tuple[FilterChain, ...] = ()

    @property
    def top_components(self) -> tuple[Component, ...]:
        """Workflows, executors, components and filters, without nested ones."""
        executors = tuple(entry.component for entry in self.executors if entry.component)
        filters = tuple(component for chain in self.filter_chains for component in chain.filters)
        return (*self.workflows, *executors, *self.components, *filters)

    @property
    def all_components(self) -> tuple[Component, ...]:
        """Every component that NVFlare builds from this config, nested ones after the one they belong to."""
        return tuple(nested for component in self.top_components for nested in component.walk())

    @property
    def ids(self) -> dict[str, Component]:
        """What `get_component` finds on this side: components by id, and workflows by theirs (default: the class
        name)."""
        named: dict[str, Component] = {}
        for component in self.components:
            if component.id:
                named.setdefault(component.id, component)
        for workflow in self.workflows:
            named.setdefault(workflow.id or workflow.short_class, workflow)
        return named


class ConfigLookup(Struct, frozen=True):
    """Where NVFlare finds an app's config of one side.

    ``exact`` is the file that the validator sees (directly in config/, first extension of NVFlare's order), ``runtime``
    the one that is loaded (extension before depth, anywhere below config/), ``others`` further files of that name.
    """

    exact: str | None
    runtime: str | None
    others: tuple[str, ...] = ()


class SiteMention(Struct, frozen=True, eq=False):
    """A site where the deploy map names it."""

    name: str
    node: Node


class Deployment(Struct, frozen=True, eq=False):
    """An entry of the deploy map: an app and the sites it goes to."""

    app: str
    entry: Entry
    sites: tuple[SiteMention, ...]

    @property
    def to_all(self) -> bool:
        return any(is_all_sites(site.name) for site in self.sites)

    @property
    def to_server(self) -> bool:
        return self.to_all or any(site.name == "server" for site in self.sites)

    @property
    def to_clients(self) -> bool:
        return self.to_all or any(site.name != "server" for site in self.sites)


def is_all_sites(name: str) -> bool:
    """Whether a site name of the deploy map means every site (apis/job_def.py `ALL_SITES`, compared without case)."""
    return name.casefold() == "@all"


class Meta(Struct, frozen=True, eq=False):
    """A job's meta. ``root`` is None when there is none, or it does not parse, or is no object. ``names`` are all meta
    files of the job in NVFlare's order: only the first counts."""

    names: tuple[str, ...] = ()
    document: Document | None = None
    root: Mapping | None = None
    deployments: tuple[Deployment, ...] = ()

    def get(self, key: str) -> Node | None:
        return self.root.get(key) if self.root else None


class App(Struct, frozen=True, eq=False):
    """An app of the job. ``folder`` is its path inside the job (``""`` for a legacy job, which is its own only app).

    ``deployment`` is None for an app that the deploy map does not name, or when there is no deploy map.
    ``server`` and ``client`` are the configs that will be loaded: None when missing, or when no such site gets the app.
    """

    name: str
    folder: str
    exists: bool
    deployment: Deployment | None
    lookups: dict[Side, ConfigLookup]
    server: Config | None = None
    client: Config | None = None
    has_custom: bool = False

    @property
    def configs(self) -> tuple[Config, ...]:
        return tuple(config for config in (self.server, self.client) if config)

    @property
    def client_sites(self) -> tuple[str, ...]:
        """The clients that get the app by name; empty with ``@ALL`` and for an app that is not deployed."""
        if not self.deployment or self.deployment.to_all:
            return ()
        return tuple(site.name for site in self.deployment.sites if site.name != "server")

    def path(self, *parts: str) -> str:
        """The path inside the job of something in this app."""
        return "/".join(part for part in (self.folder, *parts) if part)

    def config(self, side: Side) -> Config | None:
        return self.server if side is Side.SERVER else self.client


class Job(Struct, frozen=True, eq=False):
    """A job. ``apps`` are those that the deploy map names, in its order, then the others (``deployment`` None).

    ``legacy`` is an app folder without meta, which NVFlare turns into a job that goes to all sites
    (apis/utils/job_utils.py). ``script`` is what builds it, for a job that a script of the Job API builds.
    """

    files: JobFiles
    release: str
    meta: Meta
    apps: tuple[App, ...]
    legacy: bool = False
    script: ScriptJob | None = None
    _sources: dict[str, Source] = field(default_factory=dict)

    @property
    def path(self) -> str:
        return self.files.path

    @property
    def name(self) -> str:
        return self.files.name

    @property
    def deployed_apps(self) -> tuple[App, ...]:
        """The apps that some site gets; every app when the deploy map cannot be read."""
        if not self.meta.deployments:
            return self.apps
        return tuple(app for app in self.apps if app.deployment)

    @property
    def server_app(self) -> App | None:
        """The app that the server gets."""
        return next((app for app in self.deployed_apps if app.server), None)

    @property
    def client_apps(self) -> tuple[App, ...]:
        """The apps that clients get and that have a client config."""
        return tuple(app for app in self.deployed_apps if app.client)

    @property
    def client_sites(self) -> tuple[str, ...] | None:
        """The clients of the deploy map in its order; None with ``@ALL`` or without a deploy map, where only the server
        knows."""
        deployments = self.meta.deployments
        if not deployments or any(deployment.to_all for deployment in deployments):
            return None
        names = (site.name for deployment in deployments for site in deployment.sites if site.name != "server")
        return tuple(dict.fromkeys(names))

    @property
    def byoc(self) -> bool:
        """Whether NVFlare marks the job as bringing its own code: an app of the deploy map has a custom/ folder, even
        an empty one."""
        return any(app.has_custom for app in self.deployed_apps)

    @property
    def documents(self) -> tuple[Document, ...]:
        """Meta and every config that is loaded."""
        meta = (self.meta.document,) if self.meta.document else ()
        return (*meta, *(config.document for app in self.apps for config in app.configs))

    def source(self, name: str) -> Source | None:
        """The text of a file of the job; None when it cannot be read. Undecodable bytes are replaced."""
        from fllint.job.files import UnreadableError

        if name not in self._sources:
            try:
                content = self.files.read_python(name)
            except UnreadableError:
                return None
            self._sources[name] = Source(self.files.shown(name), name, content.decode("utf-8", "replace"))
        return self._sources[name]

    def file_place(self, name: str) -> Place:
        """The place of a whole file or folder of the job: its first character."""
        from fllint.documents.tree import Span

        return Place(Source(self.files.shown(name), name, ""), Span(0, 0))


def string_leaves(node: Node | None) -> tuple[Leaf, ...]:
    """The strings of an array, in order; nothing for other nodes."""
    if not isinstance(node, Sequence):
        return ()
    return tuple(item for item in node.items if isinstance(item, Leaf) and isinstance(item.scalar, str))
