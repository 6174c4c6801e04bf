"""Tasks in the graph: which workflows and client-side controllers issue them, and which executors get them."""

from __future__ import annotations

from collections.abc import Iterable
from fnmatch import fnmatchcase

from msgspec import Struct

from fllint.documents.tree import UNKNOWN_TEXT, Leaf, Place
from fllint.graph.components import ConfigNodes, describe_chain
from fllint.graph.draft import Draft
from fllint.graph.vocabulary import EdgeKind, Mark, NodeKind
from fllint.job.model import Component, Role, Side
from fllint.python.classes import ClassInfo, TaskName
from fllint.python.evaluate import evaluate
from fllint.tasks import given_values, route, task_name


class Issued(Struct, frozen=True):
    """The tasks that a component issues, by name, with the place that names each. ``complete``: there are surely no
    others."""

    tasks: dict[str, Place]
    complete: bool = True


def issued_tasks(nodes: ConfigNodes, component: Component) -> Issued:
    """The tasks that a component issues with its arguments: a workflow, an executor that is a client-side controller,
    or a controller among the components of a client (for ClientControllerExecutor)."""
    info = nodes.classes[component]
    if component.disabled:
        return Issued({})
    if info is None or not info.complete:
        return Issued({}, complete=not _may_issue(nodes, component))
    arguments = given_values(nodes.review, nodes.app, component, info)
    tasks: dict[str, Place] = {}
    complete = bool(info.issued_tasks) or component.role is not Role.WORKFLOW
    for task in (*info.issued_tasks, *_delegated(component, info)):
        name = task_name(task, arguments)
        issued = evaluate(task.when, arguments) if task.when else True
        if issued is False or name == "":
            continue
        if name is None or UNKNOWN_TEXT in name:
            complete = False
        else:
            given = component.argument(task.parameter or task.prefix_parameter or "")
            tasks.setdefault(name, given.place if given else component.place)
    return Issued(tasks, complete)


def _may_issue(nodes: ConfigNodes, component: Component) -> bool:
    """Whether a component whose class is not wholly known may issue tasks."""
    if component.role is Role.WORKFLOW:
        return True
    if component.role is Role.FILTER or nodes.config.side is Side.SERVER:
        return False
    info, kinds = nodes.classes[component], nodes.review.catalogue.kinds
    if info is None:
        return not nodes.is_missing(component)
    return info.is_a(kinds["Component"]) is not False


def _delegated(component: Component, info: ClassInfo) -> tuple[TaskName, ...]:
    """The tasks that a client-side controller hands to other executors of its own config: it finds them by the names in
    its arguments (``learn_task_name``, ``validation_task_name``; nvflare/app_common/ccwf, ``find_executor``, 2.3 and
    later) and sends nothing, so that they are not among the issued ones."""
    if component.role is not Role.EXECUTOR or not info.issued_tasks:
        return ()
    handled = {task.parameter for task in info.handled_tasks.tasks} if info.handled_tasks else set()
    names = [found.name for found in info.parameters if found.name.endswith("task_name") and found.name not in handled]
    return tuple(TaskName(parameter=name, expression=name) for name in names)


def add_tasks(draft: Draft, configs: Iterable[ConfigNodes], *, patterns: bool) -> None:
    """Adds the tasks that are issued, handled or filtered, and marks those that only one side knows.

    Args:
        draft: the graph, with all components.
        configs: the nodes of every config that some site gets.
        patterns: whether the release routes by patterns (2.4 and later).
    """
    found = tuple(configs)
    complete = any(nodes.config.workflows for nodes in found)
    for nodes in found:
        for component in nodes.ids:
            issued = issued_tasks(nodes, component)
            complete &= issued.complete
            for name, place in issued.tasks.items():
                draft.connect(nodes.ids[component], _task(draft, name, place), EdgeKind.ISSUES, place=place)
    for nodes in found:
        _route(draft, nodes, patterns)
        _filter(draft, nodes)
    _mark_tasks(draft, found, complete)
    if complete:
        _mark_executors(draft, found)


def _task(draft: Draft, name: str, place: Place) -> str:
    return draft.add(f"task:{name}", NodeKind.TASK, name, place=place)


def _route(draft: Draft, nodes: ConfigNodes, patterns: bool) -> None:
    """Connects each executor with the tasks that are routed to it: issued ones, and those that only it names."""
    named = [leaf for entry in nodes.config.executors for leaf in entry.task_nodes]
    issued = [node.label for node in draft.nodes.values() if node.kind is NodeKind.TASK]
    tasks = dict.fromkeys([*issued, *(str(leaf.scalar) for leaf in named if not _stands_for(leaf, issued, patterns))])
    for name in tasks:
        found = route(nodes.config, name, patterns=patterns)
        if found and found[0].component:
            pattern = str(found[1].scalar)
            task = _task(draft, name, found[1].place)
            label = pattern if pattern != name else ""
            draft.connect(nodes.ids[found[0].component], task, EdgeKind.HANDLES, label, found[1].place)


def _stands_for(leaf: Leaf, issued: Iterable[str], patterns: bool) -> bool:
    """Whether an entry of ``tasks`` is a pattern for tasks that are issued, and so no task of its own."""
    pattern = str(leaf.scalar)
    return patterns and "*" in pattern and any(fnmatchcase(name, pattern) for name in issued)


def _filter(draft: Draft, nodes: ConfigNodes) -> None:
    """Connects filters with their tasks, by exact name: a pattern is a name that no task has."""
    for chain in nodes.config.filter_chains:
        for leaf in chain.task_nodes:
            for component in chain.filters:
                task = _task(draft, str(leaf.scalar), leaf.place)
                draft.connect(nodes.ids[component], task, EdgeKind.FILTERS, describe_chain(chain), leaf.place)


def _mark_tasks(draft: Draft, configs: tuple[ConfigNodes, ...], complete: bool) -> None:
    """Marks tasks that some client app does not handle (for a task that a client issues: its own app), and, when every
    issued task is known, tasks that nobody issues."""
    client_apps = {nodes.app.name for nodes in configs if nodes.config.side is Side.CLIENT}
    needed: dict[str, set[str]] = {}
    handled: dict[str, set[str]] = {}
    for edge in draft.edges.values():
        source = draft.nodes[edge.source]
        if edge.kind is EdgeKind.ISSUES:
            receivers = client_apps if source.kind is NodeKind.WORKFLOW else {source.app}
            needed.setdefault(edge.target, set()).update(receivers)
        elif edge.kind is EdgeKind.HANDLES:
            handled.setdefault(edge.target, set()).add(source.app)
    for task in [node.id for node in draft.nodes.values() if node.kind is NodeKind.TASK]:
        if needed.get(task, set()) - handled.get(task, set()):
            draft.mark(task, Mark.NOT_HANDLED)
        if task not in needed and complete:
            draft.mark(task, Mark.NOT_ISSUED)


def _mark_executors(draft: Draft, configs: tuple[ConfigNodes, ...]) -> None:
    """Marks executors to which no issued task is routed."""
    issued = draft.edges_to(EdgeKind.ISSUES)
    busy = {edge.source for edge in draft.edges.values() if edge.kind is EdgeKind.HANDLES and edge.target in issued}
    for nodes in configs:
        for entry in nodes.config.executors:
            if entry.component and nodes.ids[entry.component] not in busy:
                draft.mark(nodes.ids[entry.component], Mark.UNREACHABLE)
