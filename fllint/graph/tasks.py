"""Tasks in the graph: which workflows and client-side controllers issue them, and which executors get them.

Routing is that of NVFlare's `TaskRouter` (private/fed/client/client_runner.py): the exact name first; since 2.4 then
the names that contain ``*``, in the order of the file.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase

from fllint.documents.tree import UNKNOWN_TEXT, Leaf, Place
from fllint.graph.components import ConfigNodes, describe_chain
from fllint.graph.draft import Draft
from fllint.graph.vocabulary import EdgeKind, Mark, NodeKind
from fllint.job.model import Component, Config, Role, Side
from fllint.python.classes import ClassInfo, TaskName
from fllint.python.evaluate import Instance, evaluate, value_of, with_defaults


@dataclass(frozen=True, slots=True)
class Issued:
    """The tasks that a component issues, by name, with the place that names each. ``complete``: there are surely no
    others."""

    tasks: dict[str, Place]
    complete: bool = True


def issued_tasks(component: Component, info: ClassInfo | None) -> Issued:
    """The tasks that a workflow, or an executor that is a client-side controller, issues with its arguments."""
    if component.disabled:
        return Issued({})
    if info is None or not info.complete:
        return Issued({}, complete=False)
    arguments = with_defaults(info, argument_values(component))
    tasks: dict[str, Place] = {}
    complete = bool(info.issued_tasks) or component.role is not Role.WORKFLOW
    for task in info.issued_tasks:
        name = task_name(task, arguments)
        issued = evaluate(task.when, arguments) if task.when else True
        if name is None or issued is None:
            complete = False
        if name and issued is not False:
            given = component.argument(task.parameter or task.prefix_parameter or "")
            tasks.setdefault(name, given.place if given else component.place)
    return Issued(tasks, complete)


def argument_values(component: Component) -> dict[str, object]:
    """The values that a component's constructor gets; an inline component is an object."""
    nested = dict(component.nested)
    entries = component.arguments.entries if component.arguments else ()
    return {entry.key: Instance() if entry.key in nested else entry.node.value for entry in entries}


def task_name(task: TaskName, arguments: dict[str, object]) -> str | None:
    """A task's name; None when it cannot be known."""
    name = task.name if task.name is not None else value_of(task.expression, arguments)
    return name if isinstance(name, str) and UNKNOWN_TEXT not in name else None


def add_tasks(draft: Draft, configs: Iterable[ConfigNodes], *, patterns: bool) -> None:
    """Adds the tasks that are issued, handled or filtered, and marks those that only one side knows.

    Args:
        draft: the graph, with all components.
        configs: the nodes of every config that some site gets.
        patterns: whether the release routes by patterns (2.4 and later).
    """
    found = tuple(configs)
    complete = True
    for nodes in found:
        for component, info in nodes.classes.items():
            if component.role in (Role.WORKFLOW, Role.EXECUTOR):
                issued = issued_tasks(component, info)
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
    issued = [node.label for node in draft.nodes.values() if node.kind is NodeKind.TASK]
    named = [leaf for entry in nodes.config.executors for leaf in entry.task_nodes]
    exact = [str(leaf.scalar) for leaf in named if not (patterns and "*" in str(leaf.scalar))]
    for name in dict.fromkeys([*issued, *exact]):
        for component, leaf in route(nodes.config, name, patterns):
            pattern = str(leaf.scalar)
            task = _task(draft, name, leaf.place)
            label = pattern if pattern != name else ""
            draft.connect(nodes.ids[component], task, EdgeKind.HANDLES, label, leaf.place)
    for entry in nodes.config.executors if patterns else ():
        for leaf in entry.task_nodes:
            pattern = str(leaf.scalar)
            if entry.component and "*" in pattern and not any(fnmatchcase(name, pattern) for name in issued):
                task = _task(draft, pattern, leaf.place)
                draft.connect(nodes.ids[entry.component], task, EdgeKind.HANDLES, place=leaf.place)


def route(config: Config, name: str, patterns: bool) -> Iterator[tuple[Component, Leaf]]:
    """The executor that gets a task on a client with this config, and the entry that says so; nothing when nobody gets
    it."""
    named = [(entry.component, leaf) for entry in config.executors for leaf in entry.task_nodes if entry.component]
    exact = [(component, leaf) for component, leaf in named if leaf.scalar == name]
    fitting = [
        (component, leaf)
        for component, leaf in named
        if patterns and "*" in str(leaf.scalar) and fnmatchcase(name, str(leaf.scalar))
    ]
    yield from (exact or fitting)[:1]


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
