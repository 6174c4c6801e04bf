"""Components that nothing uses."""

from __future__ import annotations

from typing import Final

from fllint.documents.tree import Leaf
from fllint.graph.components import ConfigNodes
from fllint.graph.draft import Draft
from fllint.graph.vocabulary import EdgeKind, Mark
from fllint.job.model import Component
from fllint.python.classes import ClassInfo
from fllint.review import Review

ONLY_BY_ID: Final = (
    "Aggregator",
    "LearnablePersistor",
    "ModelLocator",
    "ShareableGenerator",
    "Formatter",
    "Learner",
    "ModelLearner",
    "Statistics",
    "StatisticsWriter",
    "ResponseProcessor",
    "TaskHandler",
    "ParamsConverter",
    "Launcher",
    "Pipe",
)
"""Kinds (`fllint.catalogue.kinds`) that do their work for whoever looks them up by id. Others may work by events."""


def mark_unused_components(draft: Draft, review: Review, configs: tuple[ConfigNodes, ...]) -> None:
    """Marks the components that only work when another looks them up, and that surely nobody looks up."""
    referred = draft.edges_to(EdgeKind.REFERS_TO)
    for nodes in configs:
        if not all(_refers_as_known(component, nodes, review) for component in nodes.classes):
            continue
        for component in nodes.config.components:
            info = nodes.classes.get(component)
            if nodes.ids.get(component, "") in referred or component.disabled or info is None:
                continue
            if _works_only_by_id(info, review) and not _is_named(component, nodes, review):
                draft.mark(nodes.ids[component], Mark.UNUSED)


def _refers_as_known(component: Component, nodes: ConfigNodes, review: Review) -> bool:
    """Whether it is known to which components one refers: its class is known, or is not there, or is none of NVFlare's
    components (only those reach the engine that looks up ids)."""
    info = nodes.classes[component]
    if info is None:
        return nodes.is_missing(component)
    return info.complete or info.is_a(review.catalogue.kinds["Component"]) is False


def _works_only_by_id(info: ClassInfo, review: Review) -> bool:
    kinds = review.catalogue.kinds
    return any(info.is_a(kinds[kind]) for kind in ONLY_BY_ID if kind in kinds)


def _is_named(component: Component, nodes: ConfigNodes, review: Review) -> bool:
    """Whether its id stands anywhere else: as a text of the config, or in the app's code, which may look it up."""
    if component.id is None or nodes.config.root is None:
        return True
    for node in nodes.config.root.walk():
        if isinstance(node, Leaf) and node.scalar == component.id and node is not component.id_node:
            return True
    code = (entry.name for entry in review.job.files.below(nodes.app.path("custom")) if entry.name.endswith(".py"))
    sources = (review.job.source(name) for name in code)
    quoted = (f'"{component.id}"', f"'{component.id}'")
    return any(source is not None and any(text in source.text for text in quoted) for source in sources)
