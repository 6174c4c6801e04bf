"""The components of a config: what NVFlare's configurators build (private/fed_json_config.py and its two
subclasses)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeAlias

from fllint.catalogue.grammar import has
from fllint.documents.tree import Leaf, Mapping, Node, Sequence
from fllint.job.model import Component, ExecutorEntry, FilterChain, Role, Side, string_leaves

FILTER_TABLES: Final = ("task_data_filters", "task_result_filters")
MAX_NESTING: Final = 64

ReadComponent: TypeAlias = Callable[[Node, Role], Component]


def read_list(node: Node | None, role: Role, component: ReadComponent) -> tuple[Component, ...]:
    """The components of an array; nothing for other nodes, as NVFlare's scanner finds nothing there."""
    return tuple(component(item, role) for item in node.items) if isinstance(node, Sequence) else ()


def read_executors(node: Node | None, component: ReadComponent) -> tuple[ExecutorEntry, ...]:
    """The entries of ``executors``."""
    if not isinstance(node, Sequence):
        return ()
    entries = []
    for item in node.items:
        executor = item.get("executor")
        built = component(executor, Role.EXECUTOR) if executor is not None else None
        entries.append(ExecutorEntry(item, string_leaves(item.get("tasks")), built))
    return tuple(entries)


def read_chains(root: Mapping, side: Side, component: ReadComponent) -> tuple[FilterChain, ...]:
    """The filter chains of both tables. The direction's default is the task's way: data goes out of the server and into
    the client, results the other way."""
    chains = []
    for table in FILTER_TABLES:
        entries = root.get(table)
        for item in entries.items if isinstance(entries, Sequence) else ():
            outward = (table == "task_data_filters") is (side is Side.SERVER)
            directions = _directions(item.get("direction"), "out" if outward else "in")
            filters = read_list(item.get("filters"), Role.FILTER, component)
            chains.append(FilterChain(item, table, string_leaves(item.get("tasks")), directions, filters))
    return tuple(chains)


def _directions(node: Node | None, default: str) -> tuple[str, ...]:
    text = node.scalar.lower() if isinstance(node, Leaf) and isinstance(node.scalar, str) else default
    return ("in", "out") if text == "inout" else (text,)


def read_component(
    node: Node, role: Role, side: Side, release: str, is_short_name: Callable[[str], bool], depth: int = 0
) -> Component:
    """The component that a node describes; a bare `Component` when the node is no object."""
    if not isinstance(node, Mapping):
        return Component(node, role, side)
    class_key = next((key for key in class_keys(release) if node.entry(key)), "")
    class_node = node.get(class_key) if class_key else None
    class_text = class_node.scalar if isinstance(class_node, Leaf) and isinstance(class_node.scalar, str) else None
    identifier = node.get("id")
    disabled = node.get("disabled")
    arguments = node.get("args")
    nested = []
    if isinstance(arguments, Mapping) and depth < MAX_NESTING:
        nested = [
            (entry.key, read_component(entry.node, Role.ARGUMENT, side, release, is_short_name, depth + 1))
            for entry in arguments.entries
            if is_class_like(entry.node, release, is_short_name)
        ]
        attributes = arguments.get("class_attributes")
        arguments = arguments if attributes is None else attributes
    return Component(
        node,
        role,
        side,
        class_key,
        class_node,
        class_text,
        arguments if isinstance(arguments, Mapping) else None,
        identifier.scalar if isinstance(identifier, Leaf) and isinstance(identifier.scalar, str) else None,
        identifier,
        isinstance(disabled, Leaf) and disabled.scalar is True,
        tuple(nested),
    )


def class_keys(release: str) -> tuple[str, ...]:
    """The keys that name a class, in the order in which NVFlare looks (class_utils.get_class_path_from_config)."""
    return ("path", "class_path", "name") if has(release, "class_path_key") else ("path", "name")


def is_class_like(node: Node, release: str, is_short_name: Callable[[str], bool]) -> bool:
    """Whether NVFlare builds a component from a dict argument (fuel/utils/component_builder.py `is_class_config`, since
    2.3)."""
    if not isinstance(node, Mapping):
        return False
    config_type = node.get("config_type")
    if config_type is not None and config_type.value != "component":
        return False
    for key in class_keys(release):
        named = node.get(key)
        if named is None:
            continue
        text = named.scalar if isinstance(named, Leaf) and isinstance(named.scalar, str) else ""
        return is_short_name(text) if key == "name" else "." in text
    return False
