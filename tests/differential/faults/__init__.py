"""Single faults, by what they spoil; importing this package registers all of them in ``FAULTS``."""

from tests.differential.faults import (
    allow_list,
    class_paths,
    client,
    component_arguments,
    components,
    executor_arguments,
    filters,
    folder,
    meta,
    own_constructors,
    own_executors,
    own_modules,
    server,
    syntax,
    variables,
    workflow_arguments,
)
from tests.differential.faults.registry import FAULTS, Fault

__all__ = [
    "FAULTS",
    "Fault",
    "allow_list",
    "class_paths",
    "client",
    "component_arguments",
    "components",
    "executor_arguments",
    "filters",
    "folder",
    "meta",
    "own_constructors",
    "own_executors",
    "own_modules",
    "server",
    "syntax",
    "variables",
    "workflow_arguments",
]
