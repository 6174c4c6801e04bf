"""Family 3: the tasks that controllers on clients hand on to executors of their own app, and send to each other."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from fllint.catalogue.data_flow import SENDS_NO_LEARN_TASK
from fllint.documents.tree import Leaf
from fllint.findings import Problem, Related, Severity
from fllint.fixes import write_value
from fllint.job.model import App, Component, Config
from fllint.problems import at
from fllint.python.classes import ClassInfo, TaskName
from fllint.registry import rule
from fllint.scripts.runs import class_info
from fllint.suggest import closest, sure_match
from fllint.tasks import client_configs, delegated_tasks, given_values, has_known_tasks, route, task_name

if TYPE_CHECKING:
    from fllint.review import Review


class Delegation(NamedTuple):
    """A task that a controller on a client hands on, and the argument that names it."""

    controller: Component
    argument: str
    task: str


@rule("FL313", "delegated-task-unhandled", Severity.ERROR, fix="safe")
def delegated_task_unhandled(review: Review) -> Iterator[Problem]:
    """A controller on a client hands a task to an executor that its app does not have.

    The controllers of swarm learning, cyclic learning and cross-site evaluation on clients look for executors of their
    own app by the names in ``learn_task_name``, ``submit_model_task_name`` and ``validation_task_name`` when the run
    begins: ``no executor for task …``, and the site gives up (app_common/ccwf/client_ctl.py, cse_client_ctl.py, 2.4 and
    later).

    Register an executor for the task, or name the one that is registered.
    """
    for app, config in client_configs(review.job.client_apps):
        registered = [node for entry in config.executors for node in entry.task_nodes]
        known = all(map(has_known_tasks, config.executors))
        for delegation in _delegations(review, app, config) if known else ():
            if route(config, delegation.task, patterns=review.has("task_patterns")) is None:
                yield _unhandled(delegation, registered)


def _delegations(review: Review, app: App, config: Config) -> Iterator[Delegation]:
    for controller in (entry.component for entry in config.executors):
        info = class_info(review, app, controller) if controller else None
        if controller is None or info is None:
            continue
        for task in delegated_tasks(controller, info):
            name = task_name(task, given_values(review, app, controller, info))
            if name:
                yield Delegation(controller, task.parameter or "", name)


def _unhandled(delegation: Delegation, registered: list[Leaf]) -> Problem:
    controller, argument, task = delegation
    given = controller.argument(argument) or controller.class_node or controller.node
    message = f"no executor of this app handles '{task}', which {controller.short_class} hands on: the site gives up"
    plain = {str(node.scalar): node for node in registered if "*" not in str(node.scalar)}
    near = closest(task, plain, 0.6)
    if near is None:
        return at(given, message, help=f"register an executor for '{task}'")
    fix = write_value(plain[near], task) if sure_match(near, [task]) else None
    related = (Related(given.place, f"'{argument}' is '{task}'"),)
    return at(plain[near], message, help=f"is '{near}' meant to be '{task}'?", related=related, fix=fix)


@rule("FL314", "client-task-unhandled", Severity.ERROR)
def client_task_unhandled(review: Review) -> Iterator[Problem]:
    """A controller on a client sends a task to other clients, and their app has no executor for it.

    In client-controlled workflows the server only sends ``<prefix>_config`` and ``<prefix>_start``; learning and the
    reports of results go from client to client, through the table of executors of the client that gets them
    (app_common/ccwf/client_ctl.py and swarm_client_ctl.py, 2.4 and later). Without an entry it answers TASK_UNKNOWN,
    and nothing is learned.

    Register the controller for all of its tasks: ``"tasks": ["swarm_*"]``.
    """
    for app, config in client_configs(review.job.client_apps):
        if not all(map(has_known_tasks, config.executors)):
            continue
        for entry in config.executors:
            info = class_info(review, app, entry.component) if entry.component else None
            if entry.component is None or info is None or not info.complete:
                continue
            values = given_values(review, app, entry.component, info)
            names = [task_name(task, values) for task in info.issued_tasks if not _never_sent(info, task)]
            missing = [
                name for name in names if name and route(config, name, patterns=review.has("task_patterns")) is None
            ]
            if missing and any(node.scalar not in names for node in entry.task_nodes):
                listed = ", ".join(f"'{name}'" for name in missing)
                message = f"{entry.component.short_class} sends {listed} to other clients, and no executor handles that"
                yield at(entry.node.get("tasks") or entry.node, message, help=f"add {listed}")


def _never_sent(info: ClassInfo, task: TaskName) -> bool:
    return task.suffix == "learn" and any(info.is_a(path) for path in SENDS_NO_LEARN_TASK)
