"""Family 3: the tasks that workflows send and the executors and filters that get them."""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from fllint.documents.tree import Leaf, Sequence
from fllint.findings import Fix, Problem, Related, Severity
from fllint.fixes import write_value
from fllint.job.model import App, Config, ExecutorEntry, FilterChain, Side
from fllint.problems import at, is_known
from fllint.python.evaluate import evaluate
from fllint.registry import rule
from fllint.suggest import closest, sure_match
from fllint.tasks import SentTask, client_configs, given_values, has_known_tasks, route, sent_tasks, task_name, tasks_of

if TYPE_CHECKING:
    from fllint.review import Review


def _accepts(review: Review, app: App, entry: ExecutorEntry, task: str) -> bool | None:
    """Whether the executor of an entry accepts a task; None when that cannot be known."""
    component = entry.component
    resolution = review.class_of(app, component) if component and not component.disabled else None
    info = resolution.class_info if resolution else None
    handled = info.handled_tasks if info else None
    if component is None or info is None or handled is None or not info.complete:
        return None
    if handled.any:
        return True
    values = given_values(review, app, component, info)
    names = [
        task_name(found, values)
        for found in handled.tasks
        if not found.when or evaluate(found.when, values) is not False
    ]
    if task in names:
        return True
    return False if handled.complete and None not in names else None


def _accepted_names(review: Review, app: App, entry: ExecutorEntry) -> list[str]:
    component = entry.component
    resolution = review.class_of(app, component) if component else None
    info = resolution.class_info if resolution else None
    if component is None or info is None or info.handled_tasks is None:
        return []
    values = given_values(review, app, component, info)
    return [name for name in (task_name(task, values) for task in info.handled_tasks.tasks) if name]


@rule("FL310", "unhandled-task", Severity.ERROR, fix="safe")
def unhandled_task(review: Review) -> Iterator[Problem]:
    """A workflow sends a task that no executor of a client app is registered for.

    The client looks for the exact name, then (2.4 and later) through the names with a ``*`` in their order; when none
    fits it answers TASK_UNKNOWN, and the server aborts the whole job (client_runner.py ``TaskRouter``, server_runner.py
    ``ABORT_RETURN_CODES``, 2.3 and later). NVFlare does not compare the two sides before the run.

    Add the task to the ``tasks`` of the executor that should handle it. The client-controlled workflows send
    ``<prefix>_config``, ``<prefix>_start`` and more: register ``"swarm_*"`` for them.
    """
    sent = sent_tasks(review)
    for _, config in client_configs(review.job.client_apps):
        if not config.executors or not all(map(has_known_tasks, config.executors)):
            continue
        for task in sent.tasks:
            if route(config, task.name, patterns=review.has("task_patterns")) is None:
                yield _unhandled(config, task, sent.names, complete=sent.complete)


def _unhandled(config: Config, task: SentTask, sent: tuple[str, ...], *, complete: bool) -> Problem:
    registered = [node for entry in config.executors for node in entry.task_nodes]
    idle = {str(node.scalar): node for node in registered if "*" not in str(node.scalar) and node.scalar not in sent}
    near = closest(task.name, idle, 0.6)
    sender = (task.sender.class_node or task.sender.node).place
    related = (Related(sender, f"{task.sender.label} sends '{task.name}'"),)
    message = (
        f"no executor of this app handles the task '{task.name}': the client answers TASK_UNKNOWN and the job aborts"
    )
    if near:
        fix = write_value(idle[near], task.name) if sure_match(near, sent) == task.name else None
        return at(idle[near], message, help=f"is '{near}' meant to be '{task.name}'?", related=related, fix=fix)
    if len(config.executors) == 1 and registered:
        return at(registered[0], message, help=f"add '{task.name}' to the tasks of the executor", related=related)
    executors = config.root.entry("executors") if config.root else None
    help = f"add '{task.name}' to the tasks of the executor that handles it"
    return at(executors.key_place if executors else config.executors[0].node, message, help=help, related=related)


@rule("FL311", "task-not-accepted", Severity.ERROR)
def task_not_accepted(review: Review) -> Iterator[Problem]:
    """A task is routed to an executor that does not know it.

    Many executors compare the task's name with the names they were made for, and answer TASK_UNKNOWN to everything
    else, which aborts the job. ``"tasks": ["*"]`` sends every task to one executor, also ``validate`` to one that only
    trains; and an executor registered for ``training`` may itself wait for ``train`` (its argument).

    Register the executor for the tasks it handles, give it the name by its argument, or add an executor for the task.
    """
    sent = sent_tasks(review)
    for app, config in client_configs(review.job.client_apps):
        reported: set[tuple[int, str]] = set()
        for task in sent.tasks:
            found = route(config, task.name, patterns=review.has("task_patterns"))
            if found is None or _accepts(review, app, found[0], task.name) is not False:
                continue
            entry, node = found
            if (id(entry), task.name) not in reported:
                reported.add((id(entry), task.name))
                yield _not_accepted(review, app, config, entry, node, task)


def _not_accepted(
    review: Review, app: App, config: Config, entry: ExecutorEntry, node: Leaf, task: SentTask
) -> Problem:
    name = entry.component.short_class if entry.component else "the executor"
    accepted = _accepted_names(review, app, entry)
    sender = (task.sender.class_node or task.sender.node).place
    related = (Related(sender, f"{task.sender.label} sends '{task.name}'"),)
    knows = f"it knows {', '.join(map(repr, accepted))}" if accepted else "it knows no such task"
    message = (
        f"{name} gets the task '{task.name}' and does not know it: the client answers TASK_UNKNOWN and the job aborts"
    )
    later = next(
        (
            other
            for other in config.executors
            if other is not entry and any(_matches(str(found.scalar), task.name) for found in other.task_nodes)
        ),
        None,
    )
    if later and "*" in str(node.scalar):
        return at(
            node,
            message,
            help=f"'{node.scalar}' stands before the pattern of the right executor; {knows}",
            related=related,
        )
    return at(node, message, help=knows, related=related)


def _matches(pattern: str, task: str) -> bool:
    return "*" in pattern and fnmatchcase(task, pattern)


@rule("FL312", "executor-never-used", Severity.INFO)
def executor_never_used(review: Review) -> Iterator[Problem]:
    """An executor is registered only for tasks that nobody sends.

    The executor is built, and nothing ever reaches it: the workflow is missing, or the names differ.

    Add the workflow that sends the task, or remove the executor.
    """
    sent = sent_tasks(review)
    if not sent.complete or not sent.tasks:
        return
    for app, config in client_configs(review.job.client_apps):
        routed = [route(config, task.name, patterns=review.has("task_patterns")) for task in sent.tasks]
        used = {id(found[0]) for found in routed if found}
        inner = _tasks_between_clients(review, app, config)
        for entry in config.executors:
            names = [str(node.scalar) for node in entry.task_nodes]
            if id(entry) in used or not names or not all(is_known(node) for node in entry.task_nodes):
                continue
            if any(_covers(name, task) for name in names for task in inner) or None in routed:
                continue
            message = f"nobody sends {_listed(names)}: this executor never runs"
            yield at(entry.task_nodes[0], message, help=f"the workflows send {_listed(list(sent.names))}")


def _tasks_between_clients(review: Review, app: App, config: Config) -> list[str]:
    """The tasks that the components of a client config send themselves (client-controlled workflows)."""
    return [name for component in config.top_components for name in tasks_of(review, app, component) or ()]


def _covers(pattern: str, task: str) -> bool:
    return pattern == task or _matches(pattern, task)


def _listed(names: list[str]) -> str:
    return ", ".join(f"'{name}'" for name in names)


@rule("FL320", "filter-for-any-task", Severity.ERROR, fix="safe")
def filter_for_any_task(review: Review) -> Iterator[Problem]:
    """A filter chain is meant for every task and filters none.

    Executors may be registered for ``*``; filters may not. Their task names are compared exactly, so that ``"*"`` is
    accepted and the filter never runs (private/fed_json_config.py, every release). A privacy filter is simply not
    applied.

    Name the tasks.
    """
    sent = sent_tasks(review)
    for config, chain in _chains(review):
        for node in chain.task_nodes:
            if "*" in str(node.scalar):
                names = [name for name in sent.names if _matches(str(node.scalar), name)]
                help = f"write {', '.join(_quoted(name) for name in names)}" if names else "name the tasks"
                message = f"a filter for '{node.scalar}' never runs: filters are found by exact name only"
                fix = _named_tasks(config, chain, names) if sent.complete else None
                yield at(node, message, help=help, fix=fix)


def _named_tasks(config: Config, chain: FilterChain, names: list[str]) -> Fix | None:
    """A chain that is for a pattern alone is for the tasks that it matches, unless another one filters these."""
    tasks = chain.node.get("tasks")
    others = [other for other in config.filter_chains if other is not chain and other.table == chain.table]
    taken = any(name in names or "*" in name for other in others for name in other.tasks)
    if not names or taken or not isinstance(tasks, Sequence) or len(tasks.items) != 1:
        return None
    return write_value(tasks, names) if len(names) > 1 else write_value(tasks.items[0], names[0])


def _quoted(name: str) -> str:
    return f'"{name}"'


def _chains(review: Review) -> Iterator[tuple[Config, FilterChain]]:
    return ((config, chain) for _, config, _ in review.configs() for chain in config.filter_chains)


@rule("FL321", "filter-never-runs", Severity.WARNING, fix="safe")
def filter_never_runs(review: Review) -> Iterator[Problem]:
    """A filter chain is for a task that nobody sends, or for a direction that never happens.

    A filter runs only for tasks of exactly its name. Data goes out of the server and into the client, results out of
    the client and into the server: ``task_result_filters`` with the direction ``in`` on a client does nothing (2.4 and
    later).

    Write the task's name as the workflow sends it, and leave ``direction`` out.
    """
    sent = sent_tasks(review)
    inner: dict[int, list[str]] = {}
    for app, config, _ in review.configs():
        inner[id(config)] = _tasks_between_clients(review, app, config) if config.side is Side.CLIENT else []
    for config, chain in _chains(review):
        outward = (chain.table == "task_data_filters") is (config.side is Side.SERVER)
        if chain.directions == (("in",) if outward else ("out",)) and review.has("filter_direction"):
            node = chain.node.get("direction") or chain.node
            what = "data" if chain.table == "task_data_filters" else "results"
            way = "out of" if outward else "into"
            message = f"{what} never go '{chain.directions[0]}' here: the filters never run"
            yield at(
                node,
                message,
                help=f"{what} go {way} the {config.side.value}; leave 'direction' out",
                severity=Severity.ERROR,
            )
        if sent.complete and sent.tasks:
            yield from _idle_tasks(chain, [*sent.names, *inner[id(config)]])


def _idle_tasks(chain: FilterChain, names: list[str]) -> Iterator[Problem]:
    for node in chain.task_nodes:
        text = str(node.scalar)
        if text in names or "*" in text or not is_known(node):
            continue
        near = closest(text, names, 0.7)
        help = f"did you mean '{near}'?" if near else f"the workflows send {_listed(names)}"
        all_idle = not any(str(other.scalar) in names for other in chain.task_nodes)
        if near or all_idle:
            sure = sure_match(text, names)
            fix = write_value(node, sure) if sure and sure not in chain.tasks else None
            yield at(node, f"nobody sends the task '{text}': the filters never run for it", help=help, fix=fix)
