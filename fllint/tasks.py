"""Which tasks a job's workflows send, and which executor of an app gets one."""

from __future__ import annotations

from collections.abc import Iterable
from fnmatch import fnmatchcase

from msgspec import Struct

from fllint.documents.tree import Leaf
from fllint.job.model import App, Component, Config, ExecutorEntry, Role
from fllint.problems import is_known
from fllint.python.classes import ClassInfo, TaskName
from fllint.python.evaluate import Instance, evaluate, value_of, with_defaults
from fllint.review import Review


class SentTask(Struct, frozen=True):
    """A task and who sends it: a workflow of the server, or a client's executor that sends tasks to other clients."""

    name: str
    sender: Component
    app: App


class SentTasks(Struct, frozen=True):
    """All tasks that a job sends. ``complete`` is False when a sender's tasks cannot be known."""

    tasks: tuple[SentTask, ...]
    complete: bool

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(task.name for task in self.tasks))


def sent_tasks(review: Review) -> SentTasks:
    """The tasks that the workflows of a job send to its clients."""
    tasks: list[SentTask] = []
    complete = True
    for app, config, _ in review.configs():
        for sender in config.workflows:
            names = tasks_of(review, app, sender)
            if names is None:
                complete = False
                review.not_checked(f"the tasks of {sender.label}", "they cannot be known without running it")
            tasks.extend(SentTask(name, sender, app) for name in names or ())
    return SentTasks(tuple(tasks), complete)


def tasks_of(review: Review, app: App, sender: Component) -> tuple[str, ...] | None:
    """The tasks that a component sends with the arguments that the config gives it; None when they cannot be known."""
    resolution = None if sender.disabled else review.class_of(app, sender)
    info = resolution.class_info if resolution else None
    if info is None or not info.complete:
        return None
    values = given_values(review, app, sender, info)
    names: list[str] = []
    for task in (*info.issued_tasks, *delegated_tasks(sender, info)):
        if task.when and evaluate(task.when, values) is False:
            continue
        name = task_name(task, values)
        if name is None:
            return None
        if name:
            names.append(name)
    return tuple(dict.fromkeys(names)) if info.issued_tasks else None


def delegated_tasks(component: Component, info: ClassInfo) -> tuple[TaskName, ...]:
    """The tasks that a client-side controller hands to other executors of its own config.

    It finds them by the names in its arguments (``learn_task_name``, ``validation_task_name``; nvflare/app_common/ccwf
    ``find_executor``, 2.3 and later) and sends nothing, so that they are not among the issued ones.
    """
    if component.role is not Role.EXECUTOR or not info.issued_tasks:
        return ()
    handled = {task.parameter for task in info.handled_tasks.tasks} if info.handled_tasks else set()
    names = [found.name for found in info.parameters if found.name.endswith("task_name") and found.name not in handled]
    return tuple(TaskName(parameter=name, expression=name) for name in names)


def given_values(review: Review, app: App, component: Component, info: ClassInfo) -> dict[str, object]:
    """What each constructor parameter of a component gets."""
    given = {entry.key: entry.node.value for entry in component.arguments.entries} if component.arguments else {}
    for name, nested in component.nested:
        resolution = review.class_of(app, nested)
        given[name] = Instance(resolution.class_info if resolution else None)
    return with_defaults(info, given)


def task_name(task: TaskName, values: dict[str, object]) -> str | None:
    """A task's name for the arguments of a component; None when it cannot be known."""
    value: object = task.name
    if value is None:
        value = value_of(task.expression, values) if task.expression else values.get(task.parameter or "")
    return value if isinstance(value, str) else None


def route(config: Config, task: str, *, patterns: bool) -> tuple[ExecutorEntry, Leaf] | None:
    """The executor that a client gives a task to, and the name or pattern that matched.

    As NVFlare's TaskRouter does (private/fed/client/client_runner.py, 2.4 and later): the exact name first, then names
    with a ``*`` in their order. Before, and without ``patterns``, only exact names count.
    """
    candidates = [(entry, node) for entry in config.executors for node in entry.task_nodes]
    for entry, node in candidates:
        if node.scalar == task:
            return entry, node
    for entry, node in candidates if patterns else ():
        if "*" in str(node.scalar) and fnmatchcase(task, str(node.scalar)):
            return entry, node
    return None


def has_known_tasks(entry: ExecutorEntry) -> bool:
    """Whether the tasks of an executor's entry are all known; FL209 speaks of those that are malformed."""
    return bool(entry.task_nodes) and is_known(entry.node.get("tasks"))


def client_configs(apps: Iterable[App]) -> Iterable[tuple[App, Config]]:
    """The client configs of apps, with their app."""
    return ((app, app.client) for app in apps if app.client)
