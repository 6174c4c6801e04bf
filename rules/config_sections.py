"""Family 2: the sections of a config and what a component is made of."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from fllint.catalogue.config_keys import (
    COMPONENT,
    LISTS,
    OBSOLETE,
    TOP_LEVEL,
)
from fllint.documents.tree import Entry, Leaf, Mapping, Node, Sequence, Unknown
from fllint.findings import Fix, Problem, Severity
from fllint.fixes import add_first, rename_key, write_value
from fllint.job.components import class_keys
from fllint.job.model import Component, Config, Role, Side
from fllint.problems import at, is_known
from fllint.registry import rule
from fllint.suggest import closest, sure_match

from .config_words import key_place, names_a_class, rename_if_sure, with_article

if TYPE_CHECKING:
    from fllint.review import Review


@rule("FL201", "wrong-format-version", Severity.ERROR, fix="safe")
def wrong_format_version(review: Review) -> Iterator[Problem]:
    """A config has no ``format_version``, or one that is not the number 2.

    Every config needs it; NVFlare refuses the config without (``missing format_version``), for ``"2"``, ``2.0`` or
    ``true`` (``must be int``) and for other numbers (``wrong "format_version"``) (private/fed_json_config.py, every
    release).

    Write ``"format_version": 2``.
    """
    for _, _, root in review.configs():
        node = root.get("format_version")
        if node is None:
            near = closest("format_version", [entry.key for entry in root.entries], 0.75)
            entry = root.entry(near) if near else None
            place = entry.key_place if entry else root.place
            message = "the config has no format_version; NVFlare refuses it"
            help = f"rename '{near}' to 'format_version'" if near else 'add "format_version": 2'
            fix = rename_if_sure(root, near, "format_version") if near else add_first(root, "format_version", 2)
            yield at(place, message, help=help, fix=fix)
        elif is_known(node) and (node.value != 2 or type(node.value) is not int):
            message = "format_version must be the number 2; NVFlare refuses the config"
            yield at(node, message, help="write 2", fix=write_value(node, 2))


@rule("FL202", "missing-workflow", Severity.ERROR, fix="safe")
def missing_workflow(review: Review) -> Iterator[Problem]:
    """A server config names no workflow.

    ``workflows`` must be a list with at least one controller; otherwise the server app cannot be configured:
    ``workflows not specified`` (server_json_config.py, every release).

    Add the controller of the job, for instance ``{"path": "nvflare.app_common.workflows.fedavg.FedAvg", "args": {}}``.
    """
    yield from _missing_list(review, Side.SERVER, "workflows", "workflow; the server cannot be configured")


@rule("FL203", "missing-executor", Severity.ERROR, fix="safe")
def missing_executor(review: Review) -> Iterator[Problem]:
    """A client config names no executor.

    ``executors`` must be a list with at least one entry; otherwise every client of the app dies when it starts:
    ``executors are not specified`` (client_json_config.py, every release). The simulator still returns 0.

    Add an entry: ``{"tasks": ["train"], "executor": {"path": "…", "args": {}}}``.
    """
    yield from _missing_list(review, Side.CLIENT, "executors", "executor; every client of the app dies at the start")


def _missing_list(review: Review, side: Side, key: str, what: str) -> Iterator[Problem]:
    for _, config, root in review.configs():
        node = root.get(key)
        if config.side is not side or (isinstance(node, Sequence) and node.items) or (node and not is_known(node)):
            continue
        near = closest(key, [entry.key for entry in root.entries], 0.75)
        entry = root.entry(near) if near else None
        if node is not None:
            container = (
                f"{key} is {node.type_name}, not a list" if not isinstance(node, Sequence) else f"{key} is empty"
            )
            yield at(node, f"{container}: the config has no {what}", help=f'write "{key}": [ … ]')
        elif entry:
            message = f"the config has no {what}: '{near}' is not read"
            yield at(entry.key_place, message, help=f"rename it to '{key}'", fix=rename_if_sure(root, near, key))
        else:
            yield at(root, f"the config has no {what}", help=f'add "{key}": [ … ]')


@rule("FL204", "ignored-section", Severity.WARNING, fix="safe")
def ignored_section(review: Review) -> Iterator[Problem]:
    """A section of a config is not read: its key is misspelt, obsolete, or belongs to the other side.

    NVFlare ignores every key it does not know, without a word (private/fed_json_config.py, every release): components
    under ``component`` are not built, a privacy filter under ``task_result_filter`` is not applied. ``handlers`` has
    been ignored since 2.1; what it holds belongs into ``components``.

    Write the key as NVFlare does.
    """
    for _, config, root in review.configs():
        keys = TOP_LEVEL[config.side.value]
        for entry in root.entries:
            if entry.key in keys or entry.key in config.variables_used:
                continue
            yield from _ignored_key(config, root, entry, keys)


def _ignored_key(config: Config, root: Mapping, entry: Entry, keys: tuple[str, ...]) -> Iterator[Problem]:
    other = "client" if config.side is Side.SERVER else "server"
    place = entry.key_place
    holds_components = any(names_a_class(node) or node.entry("executor") for node in entry.node.children)
    if entry.key in OBSOLETE and isinstance(entry.node, Sequence) and entry.node.items:
        right = OBSOLETE[entry.key]
        message = f"NVFlare has ignored '{entry.key}' since 2.1: nothing in it is built"
        yield at(place, message, help=f"move its entries to '{right}', each with an id", severity=Severity.ERROR)
    elif entry.key in TOP_LEVEL[other] and entry.key in LISTS:
        yield at(place, f"'{entry.key}' is read in the {other} config only; here it does nothing")
    else:
        near = closest(entry.key, keys, 0.8) if isinstance(entry.node, (Mapping, Sequence)) else None
        if near and (holds_components or not root.entry(near)):
            severity = Severity.ERROR if holds_components else None
            message = f"NVFlare does not read '{entry.key}': what it holds is not built"
            fix = rename_if_sure(root, entry.key, near) if not root.entry(near) else None
            yield at(place, message, help=f"did you mean '{near}'?", severity=severity, fix=fix)


@rule("FL205", "not-a-list", Severity.ERROR)
def not_a_list(review: Review) -> Iterator[Problem]:
    """``components`` or a table of filters is no list.

    NVFlare's scanner acts on the items of lists only: of ``"components": {…}`` nothing is built, of
    ``"task_result_filters": {…}`` nothing is applied, and nobody says so (private/fed_json_config.py, every release).
    Of a text or a number nothing is lost, which is a warning.

    Write a list of objects.
    """
    for _, config, root in review.configs():
        for key in TOP_LEVEL[config.side.value]:
            node = root.get(key)
            if key not in LISTS or key in ("workflows", "executors") or node is None or not is_known(node):
                continue
            if not isinstance(node, Sequence) and node.value:
                message = f"{key} is {node.type_name}, not a list: NVFlare reads nothing of it"
                severity = None if isinstance(node, Mapping) else Severity.WARNING
                yield at(node, message, help="write [ … ]", severity=severity)


@rule("FL206", "not-a-component", Severity.ERROR, fix="safe")
def not_a_component(review: Review) -> Iterator[Problem]:
    """A component is no object, or does not say which class it is.

    A component needs ``path`` (a dotted class path), since 2.7 also ``class_path``, or ``name`` (a short name of
    NVFlare's own classes). The first of them that is present counts, even when it is empty: ``path: ""`` beside a good
    ``name`` is refused (fuel/utils/class_utils.py ``get_class_path_from_config``).

    Write ``"path": "package.module.Class"``.
    """
    for _, config, _ in review.configs():
        for component in config.all_components:
            if not component.disabled and component.role is not Role.ARGUMENT:
                yield from _component_problems(review, component)


def _component_problems(review: Review, component: Component) -> Iterator[Problem]:
    node = component.node
    keys = class_keys(review.release)
    if isinstance(node, Leaf) and isinstance(node.scalar, Unknown):
        return
    if not isinstance(node, Mapping):
        yield at(
            node, f"{with_article(component.role.value)} must be an object with a path and args, not {node.type_name}"
        )
    elif not component.class_key:
        entries = [entry.key for entry in node.entries]
        if "class_path" in entries:
            entry = node.entry("class_path")
            fix = rename_key(entry, "path") if entry else None
            yield at(
                key_place(node, "class_path"), "NVFlare reads 'class_path' since 2.7", help="write 'path'", fix=fix
            )
            return
        near = next((key for key in entries if key not in COMPONENT and closest(key, [*keys, "class"], 0.75)), None)
        place = key_place(node, near) if near else node.place
        message = f"{with_article(component.role.value)} needs a class: {' or '.join(keys)}"
        help = f"'{near}' is not read; write 'path'" if near else 'add "path": "module.Class"'
        entry = node.entry(near) if near else None
        yield at(place, message, help=help, fix=_as_path(entry) if entry else None)
    elif component.class_node is not None and is_known(component.class_node):
        yield from _class_spelling(component, component.class_node)


def _as_path(entry: Entry) -> Fix | None:
    """``class`` or a slip of ``path`` as the key of a class path."""
    is_class_path = isinstance(entry.node, Leaf) and "." in str(entry.node.scalar)
    is_slip = entry.key == "class" or sure_match(entry.key, ["path"])
    return rename_key(entry, "path") if is_class_path and is_slip else None


def _class_spelling(component: Component, node: Node) -> Iterator[Problem]:
    key, text = component.class_key, component.class_text
    if text is None:
        yield at(node, f"'{key}' must be a string, not {node.type_name}")
    elif not text:
        others = " (the other keys are not looked at)" if key == "path" and component.node.entry("name") else ""
        yield at(node, f"'{key}' is empty; NVFlare refuses the config{others}")
    elif key != "name" and "." not in text:
        yield at(node, f"'{text}' is no class path: it names no module", help="write module.Class, or use 'name'")
