"""Building the graph of a job."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec.structs import replace

from fllint.findings import Finding
from fllint.graph.code import add_code
from fllint.graph.components import ConfigNodes
from fllint.graph.deployment import JOB, add_deployment
from fllint.graph.draft import Draft
from fllint.graph.tasks import add_tasks
from fllint.graph.unused import mark_unused_components
from fllint.graph.vocabulary import JobGraph
from fllint.review import Review


def build_graph(review: Review, findings: Iterable[Finding] = ()) -> JobGraph:
    """The graph of a job under the rules of one release, a `networkx.MultiDiGraph`.

    Every node carries a `GraphNode` as its attribute ``node``, every edge a `GraphEdge` as ``edge``. The order of both
    is that of the job's files. The sites of one app are one node when they are many.

    Args:
        review: the job and what is known about its classes.
        findings: what a check of the job found; each is attached to the node whose part of a file it points into.
    """
    draft = Draft()
    add_deployment(draft, review.job)
    configs = tuple(
        ConfigNodes(draft, review, app, config) for app in review.job.apps for config in app.configs if config.root
    )
    for nodes in configs:
        nodes.add()
    add_tasks(draft, configs, patterns=review.has("task_patterns"))
    add_code(draft, review, configs)
    mark_unused_components(draft, review, configs)
    _attach(draft, findings)
    return draft.graph()


def _attach(draft: Draft, findings: Iterable[Finding]) -> None:
    """Attaches each finding to the node that stands for the smallest part of a file around it."""
    attached: dict[str, list[Finding]] = {}
    for finding in findings:
        attached.setdefault(_owner(draft, finding), []).append(finding)
    for identifier, found in attached.items():
        draft.nodes[identifier] = replace(draft.nodes[identifier], findings=tuple(found))


def _owner(draft: Draft, finding: Finding) -> str:
    place = finding.problem.place
    file, pointer = place.source.name, place.pointer
    while True:
        if (file, pointer) in draft.territories:
            return draft.territories[file, pointer]
        if pointer:
            pointer = pointer.rpartition("/")[0]
        elif file:
            file = file.rpartition("/")[0]
        else:
            return JOB
