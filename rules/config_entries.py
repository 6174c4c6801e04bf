"""Family 2: ids, tasks, filter chains and the keys of a component."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from fllint.catalogue.config_keys import (
    COMPONENT,
    DIRECTIONS,
    EXECUTOR_ENTRY,
    FILTER_CHAIN,
    ONE_PER_CLIENT_CONFIG,
    SERVER_SECTION,
)
from fllint.documents.tree import Leaf, Mapping, Node, Sequence
from fllint.findings import Problem, Related, Severity
from fllint.fixes import rename_key, write_value
from fllint.job.components import FILTER_TABLES
from fllint.job.model import App, Component, FilterChain, Role, Side
from fllint.problems import at, is_known
from fllint.registry import rule
from fllint.suggest import closest, did_you_mean, sure_match

from .config_words import key_place, names_a_class, rename_if_sure, with_article

if TYPE_CHECKING:
    from fllint.review import Review


@rule("FL207", "invalid-id", Severity.ERROR, fix="safe")
def invalid_id(review: Review) -> Iterator[Problem]:
    """A component has no id, or one that is no string.

    Everything in ``components`` needs an id, a string that is not empty: ``missing component id``
    (private/fed_json_config.py). A workflow's id may be missing (it is the class's name then) but must be a string when
    it is there.

    Add ``"id": "…"``.
    """
    for _, config, _ in review.configs():
        for component in (*config.components, *config.workflows):
            node = component.id_node
            if not isinstance(component.node, Mapping) or (node is not None and not is_known(node)):
                continue
            if component.role is Role.COMPONENT and (node is None or not node.value):
                near = closest("id", [entry.key for entry in component.node.entries], 0.6)
                message = "the component has no id; NVFlare refuses the config"
                fix = rename_if_sure(component.node, near, "id")
                help = f"is '{near}' its id?" if near else 'add "id": "…"'
                yield at(node or component.place, message, help=help, fix=fix)
            elif node is not None and node.value and component.id is None:
                text = node.source.text[node.span.start : node.span.end]
                fix = write_value(node, text) if isinstance(node.value, int) and text == str(node.value) else None
                yield at(node, f"an id must be a string, not {node.type_name}", help="put it in quotes", fix=fix)


@rule("FL208", "duplicate-id", Severity.ERROR)
def duplicate_id(review: Review) -> Iterator[Problem]:
    """Two components of one config have the same id.

    Ids are unique among the components and workflows of a config: ``duplicate component id``
    (private/fed_json_config.py). Two workflows of the same class need ids of their own, since a workflow without one
    takes its class's name.

    Give each its own id.
    """
    for app, config, root in review.configs():
        seen: dict[str, Component] = {}
        order = [entry.key for entry in root.entries]
        components = sorted(
            (*config.components, *config.workflows),
            key=lambda found: order.index("workflows" if found.role is Role.WORKFLOW else "components"),
        )
        for component in components:
            identifier = component.id or (
                _class_name(review, app, component) if component.role is Role.WORKFLOW else ""
            )
            if not identifier:
                continue
            first = seen.setdefault(identifier, component)
            if first is not component:
                related = (Related((first.id_node or first.class_node or first.node).place, "the first one"),)
                own = "" if component.id else " (a workflow without id takes its class's name)"
                message = f"the id '{identifier}' is taken already; NVFlare refuses the config{own}"
                yield at(component.id_node or component.class_node or component.node, message, related=related)


def _class_name(review: Review, app: App, component: Component) -> str:
    resolution = review.class_of(app, component)
    path = (resolution.canonical if resolution else None) or component.class_text or ""
    return path.rsplit(".", 1)[-1]


@rule("FL209", "invalid-tasks", Severity.ERROR, fix="safe")
def invalid_tasks(review: Review) -> Iterator[Problem]:
    """``tasks`` of an executor or a filter chain is no list of task names, or is missing.

    NVFlare refuses the config: ``"tasks" must be specified as list of task names``, ``"tasks" must not be empty``,
    ``task names must be string`` (private/fed_json_config.py ``validate_tasks``). A single string is no list.

    Write ``"tasks": ["train"]``.
    """
    for _, _, root in review.configs():
        for key in ("executors", *FILTER_TABLES):
            entries = root.get(key)
            for item in entries.items if isinstance(entries, Sequence) else ():
                if isinstance(item, Mapping):
                    yield from _task_problems(item)


def _task_problems(item: Mapping) -> Iterator[Problem]:
    tasks = item.get("tasks")
    if tasks is None:
        near = closest("tasks", [entry.key for entry in item.entries], 0.7)
        message = "'tasks' is missing; NVFlare refuses the config"
        help = f"'{near}' is not read; write 'tasks'" if near else 'add "tasks": ["train"]'
        fix = rename_if_sure(item, near, "tasks")
        yield at(key_place(item, near) if near else item, message, help=help, fix=fix)
    elif not is_known(tasks) and isinstance(tasks, Leaf):
        return
    elif not isinstance(tasks, Sequence):
        shown = f'["{tasks.value}"]' if isinstance(tasks.value, str) else '["train"]'
        is_name = isinstance(tasks.value, str) and re.fullmatch(r"[\w*-]+", tasks.value)
        fix = write_value(tasks, [tasks.value]) if is_name else None
        yield at(tasks, f"'tasks' must be a list of names, not {tasks.type_name}", help=f"write {shown}", fix=fix)
    elif not tasks.items:
        yield at(tasks, "'tasks' is empty; NVFlare refuses the config", help='write ["train"]')
    else:
        for task in tasks.items:
            if is_known(task) and not isinstance(task.value, str):
                yield at(task, f"a task's name must be a string, not {task.type_name}")


@rule("FL210", "malformed-entry", Severity.ERROR, fix="safe")
def malformed_entry(review: Review) -> Iterator[Problem]:
    """An entry of ``executors`` has no executor, or an entry of a filter table has no filters.

    ``executor`` must be one component (``"executor" must be an Executor object``), ``filters`` a list of at least one
    (``"filters" must not be empty``) (client_json_config.py, fed_json_config.py, every release).

    Write ``{"tasks": […], "executor": {…}}`` or ``{"tasks": […], "filters": [{…}]}``.
    """
    for _, config, root in review.configs():
        if config.side is Side.CLIENT:
            yield from _entries(root.get("executors"), "executor", EXECUTOR_ENTRY)
        for table in FILTER_TABLES:
            yield from _entries(root.get(table), "filters", FILTER_CHAIN)


def _entries(node: Node | None, key: str, keys: tuple[str, ...]) -> Iterator[Problem]:
    for item in node.items if isinstance(node, Sequence) else ():
        if not isinstance(item, Mapping):
            if is_known(item):
                yield at(item, f"an entry must be an object with {' and '.join(keys[:2])}, not {item.type_name}")
            continue
        found = item.get(key)
        if found is None:
            near = closest(key, [entry.key for entry in item.entries if entry.key != "tasks"], 0.7)
            hint = (
                f"'{near}' is not read; write '{key}'"
                if near
                else "a class path needs its own object"
                if names_a_class(item)
                else ""
            )
            place = key_place(item, near) if near else item
            fix = rename_if_sure(item, near, key)
            yield at(place, f"'{key}' is missing; NVFlare refuses the config", help=hint, fix=fix)
        elif key == "filters" and is_known(found) and not (isinstance(found, Sequence) and found.items):
            what = "is empty" if isinstance(found, Sequence) else f"must be a list, not {found.type_name}"
            yield at(found, f"'filters' {what}; NVFlare refuses the config", help='write "filters": [{…}]')


@rule("FL211", "invalid-direction", Severity.ERROR, fix="safe")
def invalid_direction(review: Review) -> Iterator[Problem]:
    """``direction`` of a filter chain is none of ``in``, ``out``, ``inout``.

    Since 2.4 a chain may name its direction, in upper or lower case; anything else stops the configuration with a
    TypeError or AttributeError (private/fed_json_config.py ``_build_filter_table``). In 2.3 the key is ignored.

    Write one of the three, or leave it out: data is filtered on its way out of the server and into the client, results
    on their way out of the client and into the server.
    """
    if not review.has("filter_direction"):
        return
    for chain in _chains(review):
        node = chain.node.get("direction")
        if node is not None and is_known(node) and str(node.value).lower() not in DIRECTIONS:
            help = did_you_mean(str(node.value).lower(), DIRECTIONS, 0.5) or "write in, out or inout"
            sure = sure_match(str(node.value).lower(), DIRECTIONS)
            fix = write_value(node, sure) if sure else None
            message = f"there is no filter direction {node.value!r}; NVFlare refuses the config"
            yield at(node, message, help=help, fix=fix)


def _chains(review: Review) -> Iterator[FilterChain]:
    return (chain for _, config, _ in review.configs() for chain in config.filter_chains)


@rule("FL212", "duplicate-filter-task", Severity.ERROR)
def duplicate_filter_task(review: Review) -> Iterator[Problem]:
    """Two filter chains of one table are for the same task and direction.

    Only one chain can filter a task in a direction, also when the same name stands twice in one chain: ``multiple data
    filter chains defined for task train`` (private/fed_json_config.py, every release).

    Put all filters of the task into one chain; they run in order.
    """
    for _, config, _ in review.configs():
        seen: dict[tuple[str, str, str], Leaf] = {}
        for chain in config.filter_chains:
            for node in chain.task_nodes:
                for direction in chain.directions if review.has("filter_direction") else ("",):
                    key = (chain.table, str(node.scalar), direction)
                    first = seen.setdefault(key, node)
                    if first is not node:
                        related = (Related(first.place, "filtered here already"),)
                        way = f" ({direction})" if direction else ""
                        message = f"task '{node.scalar}'{way} has a filter chain already; NVFlare refuses the config"
                        yield at(node, message, help="put the filters into one chain", related=related)
                        break


@rule("FL213", "invalid-args", Severity.ERROR, fix="safe")
def invalid_args(review: Review) -> Iterator[Problem]:
    """``args`` of a component is no object.

    NVFlare takes the constructor's arguments from an object; ``null``, a list or a string stop it with an
    AttributeError (fuel/utils/component_builder.py, every release). Without arguments ``args`` may be missing.

    Write ``"args": {}``, or leave it out.
    """
    for _, config, _ in review.configs():
        for component in config.all_components:
            node = component.node.get("args")
            if node is not None and not component.disabled and not isinstance(node, Mapping) and is_known(node):
                message = f"'args' must be an object, not {node.type_name}; NVFlare refuses the config"
                fix = write_value(node, {}) if not node.value else None
                yield at(node, message, help="write {} or leave it out", fix=fix)


@rule("FL214", "ignored-component-key", Severity.WARNING, fix="safe")
def ignored_component_key(review: Review) -> Iterator[Problem]:
    """A key of a component is not read.

    NVFlare looks at ``path`` (or ``class_path``, ``name``), ``args``, ``id``, ``disabled`` and ``config_type`` and
    ignores the rest (fuel/utils/component_builder.py): with ``arg`` or ``params`` instead of ``args`` the constructor
    gets its defaults.

    Write ``args``, and put arguments inside it.
    """
    for app, config, _ in review.configs():
        for component in config.all_components:
            if isinstance(component.node, Mapping) and component.class_key and not component.disabled:
                yield from _ignored_keys(review, app, component, component.node)


ARGS_SYNONYMS = ("arg", "arguments", "argument", "params", "parameters", "kwargs", "config", "init_args")


def _ignored_keys(review: Review, app: App, component: Component, node: Mapping) -> Iterator[Problem]:
    resolution = review.class_of(app, component)
    info = resolution.class_info if resolution else None
    parameters = {found.name: found for found in info.parameters} if info else {}
    for entry in node.entries:
        if entry.key in COMPONENT:
            continue
        near = closest(entry.key, ["args", "id", "disabled", "config_type"], 0.75)
        if isinstance(entry.node, Mapping) and (entry.key.lower() in ARGS_SYNONYMS or near == "args"):
            if not node.entry("args"):
                message = f"'{entry.key}' is not read: the constructor gets its defaults"
                fix = rename_key(entry, "args")
                severity = Severity.ERROR if entry.node.entries else None  # an empty one loses nothing
                yield at(entry.key_place, message, help="write 'args'", severity=severity, fix=fix)
        elif entry.key in parameters:
            message = f"'{entry.key}' is not read here: it is an argument of {component.short_class}"
            default = parameters[entry.key]
            loses = not default.has_default_value or default.default != entry.node.value
            yield at(entry.key_place, message, help="move it into 'args'", severity=Severity.ERROR if loses else None)
        elif near and not node.entry(near):
            fix = rename_if_sure(node, entry.key, near)
            yield at(entry.key_place, f"'{entry.key}' is not read", help=f"did you mean '{near}'?", fix=fix)


@rule("FL215", "disabled-but-needed", Severity.ERROR)
def disabled_but_needed(review: Review) -> Iterator[Problem]:
    """A workflow, executor or filter is disabled.

    ``"disabled": true`` leaves a hole where the component would be. Among ``components`` that is allowed; a workflow,
    an executor or a filter that is None is refused: ``must be a Controller object, but got NoneType``
    (component_builder.py, every release).

    Remove the entry instead.
    """
    for _, config, _ in review.configs():
        for component in config.top_components:
            if component.disabled and component.role is not Role.COMPONENT:
                node = component.node.get("disabled") or component.node
                yield at(
                    node,
                    f"{with_article(component.role.value)} cannot be disabled; NVFlare refuses the config",
                    help="remove it",
                )


@rule("FL216", "invalid-interval", Severity.ERROR)
def invalid_interval(review: Review) -> Iterator[Problem]:
    """A timeout or interval of a config is no positive number.

    ``server.heart_beat_timeout``, ``server.task_request_interval`` and the clients' ``default_task_fetch_interval``
    must be numbers above 0 (server_json_config.py, client_json_config.py). The last is found anywhere in a client
    config, even inside the arguments of a component.

    Write a number of seconds.
    """
    for _, config, root in review.configs():
        if config.side is Side.SERVER:
            section = root.get("server")
            found = [(key, section.get(key)) for key in SERVER_SECTION] if section else []
        else:
            entries = [entry for node in root.walk() if isinstance(node, Mapping) for entry in node.entries]
            found = [(entry.key, entry.node) for entry in entries if "default_task_fetch_interval" in entry.key]
        for key, node in found:
            if node is not None and is_known(node) and not (isinstance(node.value, (int, float)) and node.value > 0):
                yield at(node, f"{key} must be a number above 0; NVFlare refuses the config")


@rule("FL217", "duplicate-executor-task", Severity.ERROR)
def duplicate_executor_task(review: Review) -> Iterator[Problem]:
    """A task is given to two executors, or twice to the same one.

    NVFlare refuses the client config: ``multiple executors defined for task "train"`` (client_runner.py ``TaskRouter``,
    every release). Only equal strings count; a pattern such as ``*`` may stand beside the names that it matches.

    Give the task to one executor.
    """
    for _, config, _ in review.configs():
        seen: dict[str, Leaf] = {}
        for entry in config.executors:
            for node in entry.task_nodes:
                first = seen.setdefault(str(node.scalar), node)
                if first is not node:
                    related = (Related(first.place, "given to an executor here already"),)
                    message = f"task '{node.scalar}' has an executor already; NVFlare refuses the config"
                    yield at(node, message, related=related)


@rule("FL218", "one-executor-only", Severity.ERROR)
def one_executor_only(review: Review) -> Iterator[Problem]:
    """A client config has two executors of a kind of which there may be only one.

    Since 2.9 a client config may have one ClientAPIExecutor, in whatever mode, since two would share the script's
    state: ``only one ClientAPIExecutor is supported per client job`` (client_json_config.py).

    Give all tasks to one executor and let the script ask which task it is (``flare.is_train()``,
    ``flare.is_evaluate()``).
    """
    if not review.has("one_client_api_executor"):
        return
    for app, config, _ in review.configs():
        for kind in ONE_PER_CLIENT_CONFIG:
            executors = [entry.component for entry in config.executors if entry.component]
            alike = [component for component in executors if _is_a(review, app, component, kind)]
            for component in alike[1:]:
                related = (Related(alike[0].place, "the first one"),)
                message = f"a client config can have one {kind.rsplit('.', 1)[-1]} only; NVFlare refuses the config"
                help = "give all tasks to the first one"
                yield at(component.class_node or component.node, message, help=help, related=related)


def _is_a(review: Review, app: App, component: Component, class_path: str) -> bool:
    resolution = None if component.disabled else review.class_of(app, component)
    return bool(resolution and resolution.class_info and resolution.class_info.is_a(class_path))
