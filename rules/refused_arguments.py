"""Family 2: arguments that a component itself refuses, when it is built or when the run starts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from fllint.catalogue.script_arguments import HEARTBEATS
from fllint.findings import Problem, Severity
from fllint.job.model import App, Component
from fllint.problems import at
from fllint.python.classes import Check, ClassInfo
from fllint.python.evaluate import failed_checks, render, with_defaults
from fllint.python.expressions import names_in
from fllint.registry import rule
from fllint.tasks import given_values

from .arguments import built, given_arguments, where_class

if TYPE_CHECKING:
    from fllint.review import Review


@rule("FL252", "invalid-argument", Severity.ERROR)
def invalid_argument(review: Review) -> Iterator[Problem]:
    """An argument has a value that the constructor itself refuses.

    The check is one that the class makes: a type (``num_rounds must be int``), a range, a list of legal values. A
    constructor of the job's own code may also fail whatever it is given, as ``def __init__():`` without ``self`` does.
    The exception stops the configuration of the server, or of every client of the app (every release; which checks a
    class makes differs).

    Write a value that the class takes; mend the constructor.
    """
    for app, _, component, info in built(review):
        given = given_arguments(review, app, component)
        refused: set[str] = set()
        for check in failed_checks(info, given):
            concerned = [parameter.name for parameter in info.parameters if parameter.name in names_in(check.when)]
            if not concerned:
                message = f"{info.name} cannot be built, whatever it is given: {check.message or check.raises}"
                yield at(component.place, message, related=where_class(review, app, info))
                break
            names = [name for name in concerned if name in given] or concerned
            if names and not refused & set(names):
                name = _culprit(check, names)
                refused.add(name)
                yield _refused(review, app, component, info, check, name)


@rule("FL255", "refused-at-start", Severity.ERROR)
def refused_at_start(review: Review) -> Iterator[Problem]:
    """An argument has a value that the component refuses when the run starts.

    The constructor takes it; the check stands in the handler of the event ``START_RUN``, or in ``start_controller``:
    the data kind of an aggregator, for instance. NVFlare logs an exception of a handler and goes on with a component
    that is not set up, so that the first round fails; one of a controller aborts the run (every release). A
    ``heartbeat_timeout`` that is not above ``heartbeat_interval`` is refused by the handler of the pipe, which the
    executor makes then (fuel/utils/pipe/pipe_handler.py, 2.4 to 2.8).

    Write a value that the class takes.
    """
    for app, _, component, info in built(review):
        given = given_arguments(review, app, component) if info.start_checks else {}
        refused: set[str] = set()
        failed = failed_checks(info, given, info.start_checks)
        for check in failed if failed and not failed_checks(info, given) else ():
            names = [parameter.name for parameter in info.parameters if parameter.name in names_in(check.when)]
            name = _culprit(check, [name for name in names if name in given] or names) if names else ""
            if name and name not in refused:
                refused.add(name)
                yield _refused(review, app, component, info, check, name, " when the run starts")
        yield from _refused_by_pipe(review, app, component, info)


def _refused_by_pipe(review: Review, app: App, component: Component, info: ClassInfo) -> Iterator[Problem]:
    """The interval of heartbeats that is too long for the time that is waited for one."""
    interval, timeout = HEARTBEATS
    if not (info.parameter(interval) and info.parameter(timeout)) or not info.path.startswith("nvflare."):
        return
    values = given_values(review, app, component, info)
    every, limit = values.get(interval), values.get(timeout)
    numbers = [value for value in (every, limit) if isinstance(value, (int, float)) and not isinstance(value, bool)]
    given = component.argument(timeout) or component.argument(interval)
    refused = failed_checks(info, given_arguments(review, app, component)) if given is not None else ()
    if len(numbers) == 2 and 0 < numbers[1] <= numbers[0] and given is not None and not refused:
        message = f"{timeout} {numbers[1]:g} must be above {interval} {numbers[0]:g}: no task is ever run"
        yield at(given, message, help=f"write more than {numbers[0]:g}, or 0 for no limit")


def _culprit(check: Check, names: list[str]) -> str:
    """The argument that a check is about: the first that its message speaks of, else the last that its condition
    does."""
    spoken = [name for name in names if re.search(rf"\b{re.escape(name)}\b", check.message)]
    return spoken[0] if spoken else names[-1]


def _refused(
    review: Review, app: App, component: Component, info: ClassInfo, check: Check, name: str, then: str = ""
) -> Problem:
    node = component.argument(name)
    said = render(check.message, with_defaults(info, given_arguments(review, app, component)))
    what = f"the argument '{name}'" if node else f"the default of its argument '{name}'"
    message = f"{info.name} refuses {what}{then}" + (f": {said}" if said else f" ({check.raises})")
    where = node or component.class_node or component.node
    return at(where, message, help="" if node else f"give it '{name}'", related=where_class(review, app, info))
