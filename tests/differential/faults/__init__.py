"""Single faults, by what they spoil; importing this package registers all of them in ``FAULTS``."""

from tests.differential.faults import (
    allow_list,
    class_paths,
    client,
    components,
    constructors,
    filters,
    folder,
    meta,
    own_constructors,
    own_executors,
    own_modules,
    server,
    syntax,
    variables,
)
from tests.differential.faults.registry import FAULTS, Fault

__all__ = [
    "FAULTS",
    "Fault",
    "allow_list",
    "class_paths",
    "client",
    "components",
    "constructors",
    "filters",
    "folder",
    "meta",
    "own_constructors",
    "own_executors",
    "own_modules",
    "server",
    "syntax",
    "variables",
]
