"""The job, its sites, its apps and their configs in the graph."""

from __future__ import annotations

from typing import Final

from fllint.graph.draft import Draft
from fllint.graph.vocabulary import EdgeKind, Mark, NodeKind
from fllint.job.model import App, Job, Side, SiteMention, is_all_sites

MAX_SINGLE_SITES: Final = 4
"""More sites than this that get the same apps are one node."""

JOB: Final = "job"


def app_id(app: App) -> str:
    return f"app:{app.name}"


def config_id(app: App, side: Side) -> str:
    return f"config:{app.name}:{side.value}"


def add_deployment(draft: Draft, job: Job) -> None:
    """Adds the job with its meta, the apps with their configs, and the sites."""
    meta = job.meta
    draft.add(JOB, NodeKind.JOB, job.name, detail=f"NVFlare {job.release}", place=job.file_place(""))
    for name in meta.names[:1]:
        file = draft.add(f"file:{name}", NodeKind.FILE, name, place=job.file_place(name))
        draft.connect(JOB, file, EdgeKind.DEFINED_IN)
        draft.own(name, "", JOB)
    for app in job.apps:
        _add_app(draft, job, app)
    _add_sites(draft, job)


def _add_app(draft: Draft, job: Job, app: App) -> None:
    entry = app.deployment.entry if app.deployment else None
    place = entry.key_place if entry else job.file_place(app.folder)
    node = draft.add(app_id(app), NodeKind.APP, app.name, app=app.name, place=place)
    draft.connect(JOB, node, EdgeKind.CONTAINS, place=place)
    draft.own(app.folder, "", node)
    if entry:
        draft.own(entry.key_place.source.name, entry.node.pointer, node)
    if not app.exists:
        draft.mark(node, Mark.MISSING)
    if job.meta.deployments and not (app.deployment and app.deployment.sites):
        draft.mark(node, Mark.NOT_DEPLOYED)
    for config in app.configs:
        name = config.name
        identifier = draft.add(
            config_id(app, config.side),
            NodeKind.CONFIG,
            name.rsplit("/", 1)[-1],
            detail=f"{config.side.value} config",
            app=app.name,
            side=config.side.value,
            place=config.root.place if config.root else job.file_place(name),
        )
        draft.connect(node, identifier, EdgeKind.CONTAINS)
        draft.own(name, "", identifier)


def _add_sites(draft: Draft, job: Job) -> None:
    """One node for each site, or for all the sites that get exactly the same apps when these are many."""
    if not job.meta.deployments:
        return
    mentions: dict[str, list[tuple[App, SiteMention]]] = {}
    for app in job.apps:
        for site in app.deployment.sites if app.deployment else ():
            name = "@ALL" if is_all_sites(site.name) else site.name
            mentions.setdefault(name, []).append((app, site))
    alike: dict[tuple[object, ...], list[str]] = {}
    for name, found in mentions.items():
        special = name if name in ("server", "@ALL") else ""
        alike.setdefault((special, *dict.fromkeys(app.name for app, _ in found)), []).append(name)
    for names in alike.values():
        if len(names) > MAX_SINGLE_SITES:
            _add_site_node(draft, f"sites:{names[0]}", _range(names), names, mentions)
        else:
            for name in names:
                _add_site_node(draft, f"site:{name}", name, [name], mentions)


def _add_site_node(
    draft: Draft, identifier: str, label: str, names: list[str], mentions: dict[str, list[tuple[App, SiteMention]]]
) -> None:
    detail = {"server": "the server", "@ALL": "the server and every client"}.get(label, "")
    detail = f"{len(names):,} sites" if len(names) > 1 else detail
    members = tuple(names) if len(names) > 1 else ()
    first = mentions[names[0]]
    draft.add(identifier, NodeKind.SITE, label, detail=detail, place=first[0][1].node.place, members=members)
    for app, site in first:
        draft.connect(app_id(app), identifier, EdgeKind.DEPLOYS_TO, place=site.node.place)
    for name in names:
        for _, site in mentions[name]:
            draft.own(site.node.source.name, site.node.pointer, identifier)


def _range(names: list[str]) -> str:
    return f"{names[0]} … {names[-1]}"
