"""From a job's files to the `Job` model, in the way of one NVFlare release."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import PurePosixPath
from typing import Final

from fllint.catalogue.grammar import has, system_variables
from fllint.documents.document import Document
from fllint.documents.load import CONFIG_EXTENSIONS, format_of, load_document
from fllint.documents.tree import Leaf, Mapping, Node, Sequence
from fllint.job.components import read_chains, read_component, read_executors, read_list
from fllint.job.discovery import META_NAMES
from fllint.job.files import JobFiles, Kind, UnreadableError
from fllint.job.model import App, Component, Config, ConfigLookup, Deployment, Job, Meta, Role, Side, SiteMention
from fllint.job.variables import VariableRules, resolve_variables

CONFIG_FOLDER: Final = "config"
CUSTOM_FOLDER: Final = "custom"


def read_job(files: JobFiles, release: str, is_short_name: Callable[[str], bool]) -> Job:
    """The job in a folder or zip, as a release reads it.

    Args:
        files: the job's files.
        release: a minor release of the catalogue, ``2.9``.
        is_short_name: whether the release builds a class for that ``name`` (decides which dict arguments are
        components).
    """
    return _JobReader(files, release, is_short_name).read()


class _JobReader:
    def __init__(self, files: JobFiles, release: str, is_short_name: Callable[[str], bool]) -> None:
        self.files = files
        self.release = release
        self.is_short_name = is_short_name

    def read(self) -> Job:
        meta = self._meta()
        if not meta.names and self.files.is_folder(CONFIG_FOLDER):
            app = self._app(self.files.name, "", None)
            return Job(self.files, self.release, meta, (app,), legacy=True)
        deployed = {deployment.app: deployment for deployment in meta.deployments}
        others = [name for name in self._app_folders() if name not in deployed]
        apps = [self._app(name, name, deployment) for name, deployment in deployed.items()]
        apps += [self._app(name, name, None, load=not deployed) for name in others]
        return Job(self.files, self.release, meta, tuple(apps))

    def _app_folders(self) -> list[str]:
        return [
            entry.name
            for entry in self.files.children()
            if entry.kind is Kind.FOLDER and any(self._lookup(entry.name, side).runtime for side in Side)
        ]

    def _meta(self) -> Meta:
        candidates = META_NAMES if has(self.release, "config_formats") else ("meta.json",)
        names = tuple(name for name in candidates if self.files.is_file(name))
        if not names:
            return Meta()
        document = self._document(names[0])
        root = document.root if document and isinstance(document.root, Mapping) else None
        return Meta(names, document, root, deployments(root))

    def _document(self, name: str) -> Document | None:
        file_format = format_of(name)
        if file_format is None:
            return None
        try:
            content = self.files.read(name)
        except UnreadableError:
            content = b""
        folder = str(PurePosixPath(name).parent)
        return load_document(
            content,
            path=f"{self.files.path}/{name}",
            name=name,
            format=file_format,
            release=self.release,
            read_include=lambda included: self._included(folder, included),
        )

    def _included(self, folder: str, name: str) -> bytes | None:
        try:
            return self.files.read(f"{folder}/{name}" if folder != "." else name)
        except UnreadableError:
            return None

    def _app(self, name: str, folder: str, deployment: Deployment | None, *, load: bool = True) -> App:
        exists = folder == "" or self.files.is_folder(f"{folder}/{CONFIG_FOLDER}")
        lookups = {side: self._lookup(folder, side) for side in Side}
        wanted = {
            Side.SERVER: load and (deployment is None or deployment.to_server),
            Side.CLIENT: load and (deployment is None or deployment.to_clients),
        }
        configs = {side: self._config(side, lookups[side]) if wanted[side] else None for side in Side}
        custom = f"{folder}/{CUSTOM_FOLDER}" if folder else CUSTOM_FOLDER
        custom_entry = self.files.entries.get(custom)
        return App(
            name,
            folder,
            exists,
            deployment,
            lookups,
            server=configs[Side.SERVER],
            client=configs[Side.CLIENT],
            has_custom=custom_entry is not None and custom_entry.kind in (Kind.FOLDER, Kind.LINK),
        )

    def _lookup(self, folder: str, side: Side) -> ConfigLookup:
        """The validator's look-up (job_meta_validator `_config_exists`) and the runtime's (config_factory
        `search_config_format`)."""
        config_folder = f"{folder}/{CONFIG_FOLDER}" if folder else CONFIG_FOLDER
        if not has(self.release, "config_formats"):
            name = f"{config_folder}/{side.config_stem}.json"
            found = name if self.files.is_file(name) else None
            return ConfigLookup(found, found)
        below = [entry.name for entry in self.files.below(config_folder) if entry.kind is Kind.FILE]
        by_extension = [
            [name for name in below if PurePosixPath(name).name == f"{side.config_stem}{extension}"]
            for extension in CONFIG_EXTENSIONS
        ]
        found_names = [name for names in by_extension for name in names]
        exact = next((name for name in found_names if str(PurePosixPath(name).parent) == config_folder), None)
        runtime = found_names[0] if found_names else None
        return ConfigLookup(exact, runtime, tuple(name for name in found_names if name != runtime))

    def _config(self, side: Side, lookup: ConfigLookup) -> Config | None:
        name = lookup.runtime
        document = self._document(name) if name else None
        if name is None or document is None:
            return None
        if not isinstance(document.root, Mapping):
            return Config(side, name, document)
        resolved = resolve_variables(
            document.root, system_variables(self.release, side.value), variable_rules(self.release)
        )
        root = resolved.root

        def component(node: Node, role: Role) -> Component:
            return read_component(node, role, side, self.release, self.is_short_name)

        return Config(
            side,
            name,
            document,
            root,
            resolved.issues,
            resolved.used,
            workflows=read_list(root.get("workflows"), Role.WORKFLOW, component) if side is Side.SERVER else (),
            components=read_list(root.get("components"), Role.COMPONENT, component),
            executors=read_executors(root.get("executors"), component) if side is Side.CLIENT else (),
            filter_chains=read_chains(root, side, component),
        )


def variable_rules(release: str) -> VariableRules:
    """How a release substitutes variables."""
    return VariableRules(
        whole_config=has(release, "variables_from_whole_config"),
        undefined_in_text_is_fatal=has(release, "undefined_variable_in_text_is_fatal"),
        secrets=has(release, "secret_references"),
    )


def deployments(root: Mapping | None) -> tuple[Deployment, ...]:
    """Which app meta gives to which sites, in the order of its deploy map; nothing when that is no object."""
    deploy_map = root.get("deploy_map") if root else None
    if not isinstance(deploy_map, Mapping):
        return ()
    return tuple(Deployment(entry.key, entry, tuple(_mentions(entry.node))) for entry in deploy_map.entries)


def _mentions(node: Node) -> list[SiteMention]:
    """The sites of an entry in any of the forms that some release takes (fed_utils.extract_participants)."""
    if isinstance(node, Leaf):
        return [SiteMention(node.scalar, node)] if isinstance(node.scalar, str) else []
    if isinstance(node, Mapping):
        sites = node.get("targets") or node.get("sites")
        return _mentions(sites) if isinstance(sites, Sequence) else []
    return [mention for item in node.children for mention in _mentions(item)]
