"""Family 3: the tasks that a learner has no method for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from fllint.catalogue.data_flow import BASES_OF_LEARNERS, METHODS_OF_LEARNERS
from fllint.findings import Problem, Related, Severity
from fllint.job.model import App, Component, Config
from fllint.problems import at
from fllint.python.classes import ClassInfo
from fllint.registry import rule
from fllint.scripts.runs import class_info
from fllint.tasks import SentTask, client_configs, given_values, route, sent_tasks

if TYPE_CHECKING:
    from fllint.review import Review


@rule("FL353", "learner-without-method", Severity.ERROR)
def learner_without_method(review: Review) -> Iterator[Problem]:
    """A task reaches a learner of the job's own that has no method for it.

    LearnerExecutor calls ``train``, ``get_model_for_validation`` and ``validate`` of its learner, ModelLearnerExecutor
    ``get_model`` in the place of the second. Those of the base class answer ``TASK_UNSUPPORTED``
    (app_common/abstract/learner_spec.py, every release): cross-site evaluation then ends well and without a result.

    Write the method, or do not send the task.
    """
    sent = sent_tasks(review)
    for app, config in client_configs(review.job.client_apps):
        for task in sent.tasks:
            found = route(config, task.name, patterns=review.has("task_patterns"))
            executor = found[0].component if found else None
            if executor is not None:
                yield from _unsupported(review, app, config, executor, task)


def _unsupported(review: Review, app: App, config: Config, executor: Component, task: SentTask) -> Iterator[Problem]:
    info = class_info(review, app, executor)
    methods = METHODS_OF_LEARNERS.get(info.path) if info else None
    if info is None or methods is None:
        return
    values = given_values(review, app, executor, info)
    named = values.get("learner_id")
    learner = config.ids.get(named) if isinstance(named, str) else None
    learner_info = class_info(review, app, learner) if learner else None
    if learner is None or learner_info is None or not _is_all_own(learner_info):
        return
    for argument, method in methods.items():
        if values.get(argument) == task.name and learner_info.method(method) is None:
            sender = (task.sender.class_node or task.sender.node).place
            related = (Related(sender, f"{task.sender.label} sends '{task.name}'"),)
            message = (
                f"{learner_info.name} has no method '{method}': the task '{task.name}' is answered TASK_UNSUPPORTED"
            )
            yield at(learner.class_node or learner.node, message, help=f"write {method}()", related=related)


def _is_all_own(info: ClassInfo) -> bool:
    """Whether a class has all its methods from the job, and nothing from NVFlare but the bare base of learners."""
    theirs = [path for path in info.ancestors if path.startswith("nvflare.")]
    is_own = info.complete and not info.path.startswith("nvflare.")
    return is_own and all(each.startswith(BASES_OF_LEARNERS) for each in theirs)
