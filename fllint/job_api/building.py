"""From the job that a script makes to the `Job` that its export would be (layout of `FedJob.export_job`,
nvflare/job_config/fed_job_config.py, 2.5 to 2.9)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from msgspec.structs import replace

from fllint.catalogue.catalogue import Catalogue
from fllint.catalogue.grammar import has
from fllint.documents.document import Document, Format
from fllint.documents.tree import UNKNOWN_TEXT, Entry, Mapping, Node, Source
from fllint.job.components import read_chains, read_component, read_executors, read_list
from fllint.job.model import App, Component, Config, ConfigLookup, Job, Meta, Role, Side
from fllint.job.read import deployments
from fllint.job_api.derived_files import DerivedFiles
from fllint.job_api.folder import ScriptFolder
from fllint.job_api.jobs import ALL_SITES, SERVER, AppDraft, JobObject, Placed
from fllint.job_api.nodes import NodeMaker
from fllint.job_api.reading import ReadScript
from fllint.job_api.things import Reference, Thing
from fllint.scripts.script_text import CodePlace
from fllint.scripts.script_values import Known, Value

META: Final = "meta.json"


class JobBuilder:
    """Builds the `Job` of one `JobObject`; ``sources`` are shared by all that is read of the script."""

    def __init__(self, script: ReadScript, folder: ScriptFolder, catalogue: Catalogue, source: Source) -> None:
        self._script = script
        self._folder = folder
        self._catalogue = catalogue
        self._sources = {"": source}
        self.nodes = NodeMaker(self.source_of, script.reader.constants)

    def source_of(self, module: str) -> Source:
        """The text of a module that the script imports; the script for an empty name."""
        if module not in self._sources:
            name = self._folder.file_of(module) or module
            parent = self._folder.files.path
            path = name if parent == "." else f"{parent}/{name}"
            text = self._folder.read(name).decode("utf-8", "replace")
            self._sources[module] = Source(path, name, text)
        return self._sources[module]

    def build(self, job: JobObject) -> Job:
        """The job as its export would be read."""
        drafts = _drafts(job)
        files = DerivedFiles(self._folder, self._sources[""].path, job_name(job))
        apps = [self._app(job, name, targets, files) for name, targets in drafts.items()]
        meta = self._meta(job, drafts)
        files.add_config(META)
        deployed = {deployment.app: deployment for deployment in meta.deployments}
        placed = tuple(replace(app, deployment=deployed.get(app.name)) for app in apps)
        return Job(files, self._catalogue.release, meta, placed)

    def empty(self) -> Job:
        """A job of which nothing is known."""
        files = DerivedFiles(self._folder, self._sources[""].path, self._folder.module)
        return Job(files, self._catalogue.release, Meta(), ())

    # -- meta

    def _meta(self, job: JobObject, drafts: dict[str, list[AppDraft]]) -> Meta:
        where = job.made.site.place
        entries: list[tuple[str, Node, CodePlace]] = []
        for key in ("name", "min_clients", "mandatory_clients"):
            given = job.settings.get(key)
            if given is not None and not (isinstance(given.value, Known) and given.value.value is None):
                entries.append((key, self.nodes.argument(given, f"/{key}"), given.key or given.place))
        sites = []
        for name, targets in drafts.items():
            target = next((draft for draft in targets if draft.target == ALL_SITES), targets[0])
            pointer = f"/deploy_map/{name}"
            at = target.argument.place
            site = self.nodes.leaf(target.target, at, f"{pointer}/0")
            sites.append((name, self.nodes.sequence(at, pointer, [site]), at))
        entries.append(("deploy_map", self.nodes.mapping(where, "/deploy_map", sites), where))
        root = self.nodes.mapping(where, "", entries)
        document = Document(self._sources[""], Format.JSON, root)
        return Meta((META,), document, root, deployments(root))

    # -- apps

    def _app(self, job: JobObject, name: str, targets: list[AppDraft], files: DerivedFiles) -> App:
        configs: dict[Side, Config | None] = {Side.SERVER: None, Side.CLIENT: None}
        for draft in targets:
            side = Side.SERVER if draft.target == SERVER else Side.CLIENT
            configs[side] = self._config(job, name, side, draft)
            for use in draft.files:
                path = self._script.reader.constants.text(use.argument.value)
                if path is not None:
                    files.add(name, path, folder=use.folder, config=use.config, as_script=use.as_script)
        for module in self._modules(targets):
            files.add_module(name, module)
        if has(self._catalogue.release, "export_always_has_custom"):
            files.add_folder(f"{name}/custom")
        lookups = {
            side: ConfigLookup(config.name, config.name) if (config := configs[side]) else ConfigLookup(None, None)
            for side in Side
        }
        for config in configs.values():
            if config is not None:
                files.add_config(config.name)
        return App(
            name,
            name,
            True,
            None,
            lookups,
            server=configs[Side.SERVER],
            client=configs[Side.CLIENT],
            has_custom=files.is_folder(f"{name}/custom"),
        )

    def _modules(self, targets: list[AppDraft]) -> Iterator[str]:
        """The modules of the classes of the script's folder that an app uses."""
        for draft in targets:
            for placed in draft.all:
                for thing in things_in(placed.thing):
                    if thing.path and not thing.path.startswith("nvflare."):
                        yield thing.path.rpartition(".")[0]

    def _config(self, job: JobObject, app: str, side: Side, draft: AppDraft) -> Config:
        where = draft.argument.place
        entries: list[tuple[str, Node, CodePlace]] = [
            ("format_version", self.nodes.leaf(2, where, "/format_version"), where)
        ]
        if side is Side.SERVER:
            entries.append(("workflows", self._list(draft.workflows, where, "/workflows"), where))
        else:
            entries.append(("executors", self._executors(draft, where), where))
        entries.append(("components", self._list(draft.components, where, "/components"), where))
        for table in ("task_data_filters", "task_result_filters"):
            placed = [filter for filter in draft.filters if filter.table == table]
            entries.append((table, self._chains(placed, where, f"/{table}"), where))
        for key, argument in draft.parameters:
            entries = [entry for entry in entries if entry[0] != key]
            entries.append((key, self.nodes.argument(argument, f"/{key}"), argument.place))
        root = self.nodes.mapping(where, "", entries)
        document = Document(self._sources[""], Format.JSON, root)
        release = self._catalogue.release

        def component(node: Node, role: Role) -> Component:
            return read_component(node, role, side, release, lambda name: False)

        return Config(
            side,
            f"{app}/config/{side.config_stem}.json",
            document,
            root,
            workflows=read_list(root.get("workflows"), Role.WORKFLOW, component) if side is Side.SERVER else (),
            components=read_list(root.get("components"), Role.COMPONENT, component),
            executors=read_executors(root.get("executors"), component) if side is Side.CLIENT else (),
            filter_chains=read_chains(root, side, component),
        )

    def _list(self, placed: list[Placed], where: CodePlace, pointer: str) -> Node:
        return self.nodes.sequence(
            where, pointer, (self._with_id(each, f"{pointer}/{number}") for number, each in enumerate(placed))
        )

    def _with_id(self, placed: Placed, pointer: str) -> Mapping:
        node = self._component(placed.thing, placed.site.place, pointer)
        at = placed.id_argument.place if placed.id_argument else placed.site.place
        place = self.nodes.place(at, f"{pointer}/id")
        identifier = Entry("id", place, self.nodes.leaf(placed.id, at, f"{pointer}/id"))
        return Mapping(source=node.source, span=node.span, pointer=node.pointer, entries=(identifier, *node.entries))

    def _component(self, thing: Value, where: CodePlace, pointer: str) -> Mapping:
        if isinstance(thing, Thing):
            return self.nodes.component(thing, pointer)
        unknown = self.nodes.leaf(UNKNOWN_TEXT, where, f"{pointer}/path")
        return self.nodes.mapping(where, pointer, [("path", unknown, where)])

    def _tasks(self, placed: Placed, pointer: str) -> Node:
        if placed.tasks is not None:
            return self.nodes.argument(placed.tasks, pointer)
        at = placed.site.place
        return self.nodes.sequence(at, pointer, [self.nodes.leaf("*", at, f"{pointer}/0")])

    def _executors(self, draft: AppDraft, where: CodePlace) -> Node:
        items = []
        for number, placed in enumerate(draft.executors):
            pointer = f"/executors/{number}"
            at = placed.site.place
            executor = self._component(placed.thing, at, f"{pointer}/executor")
            tasks = self._tasks(placed, f"{pointer}/tasks")
            tasks_at = placed.tasks.place if placed.tasks else at
            items.append(self.nodes.mapping(at, pointer, [("tasks", tasks, tasks_at), ("executor", executor, at)]))
        return self.nodes.sequence(where, "/executors", items)

    def _chains(self, placed: list[Placed], where: CodePlace, pointer: str) -> Node:
        """Filters for the same tasks share a chain (`BaseAppConfig._add_task_filter`)."""
        chains: dict[str, list[Placed]] = {}
        for each in placed:
            key = repr(self._script.reader.constants.plain(each.tasks.value) if each.tasks else ["*"])
            chains.setdefault(key, []).append(each)
        items = []
        for number, filters in enumerate(chains.values()):
            at = filters[0].site.place
            below = f"{pointer}/{number}"
            tasks = self._tasks(filters[0], f"{below}/tasks")
            nodes = [self._component(each.thing, at, f"{below}/filters/{index}") for index, each in enumerate(filters)]
            chain = [("tasks", tasks, at), ("filters", self.nodes.sequence(at, f"{below}/filters", nodes), at)]
            items.append(self.nodes.mapping(at, below, chain))
        return self.nodes.sequence(where, pointer, items)


def job_name(job: JobObject) -> str:
    """The name of a job, which is that of its exported folder."""
    given = job.settings.get("name")
    return (job.reader.constants.text(given.value) if given else None) or "fed_job"


def _drafts(job: JobObject) -> dict[str, list[AppDraft]]:
    """The targets of each app: one app for server and all clients together, else one for each target."""
    if ALL_SITES in job.apps:
        return {"app": [job.apps[name] for name in (SERVER, ALL_SITES) if name in job.apps]}
    return {f"app_{target}": [draft] for target, draft in job.apps.items()}


def things_in(value: Value, depth: int = 0) -> Iterator[Thing]:
    """An object and those among its arguments."""
    if isinstance(value, Reference):
        yield from things_in(value.thing, depth + 1)
    elif isinstance(value, Thing) and depth < 16:
        yield value
        for argument in value.arguments.values():
            yield from things_in(argument.value, depth + 1)
