"""The calls that do nothing but give a value: kept when code is walked, and made when an expression is evaluated."""

from __future__ import annotations

import math
import posixpath
import re
from collections.abc import Callable
from typing import Final

FUNCTIONS: Final[dict[str, Callable[..., object]]] = {
    known.__name__: known
    for known in (len, int, float, str, bool, abs, min, max, set, list, tuple, sorted, dict, round, sum, type)
}
JUDGING_FUNCTIONS: Final = frozenset(["isinstance", "any", "all", "callable"])
"""Functions whose result may be known although their argument is not: evaluated in a way of their own."""
DOTTED_FUNCTIONS: Final[dict[str, Callable[..., object]]] = {
    "os.path.isabs": posixpath.isabs,
    "os.path.basename": posixpath.basename,
    "os.path.normpath": posixpath.normpath,
    "re.compile": re.compile,
    "math.isnan": math.isnan,
    "math.isfinite": math.isfinite,
    "math.isinf": math.isinf,
}
METHODS: Final[dict[type, frozenset[str]]] = {
    str: frozenset(
        [
            "startswith",
            "endswith",
            "split",
            "rsplit",
            "strip",
            "lstrip",
            "rstrip",
            "lower",
            "upper",
            "casefold",
            "isdigit",
            "isidentifier",
            "isalnum",
            "isalpha",
            "count",
            "find",
            "partition",
            "rpartition",
            "index",
            "replace",
            "join",
        ]
    ),
    dict: frozenset(["items", "keys", "values", "get", "copy"]),
    list: frozenset(["count", "index", "copy"]),
    tuple: frozenset(["count", "index"]),
}
"""Methods of a plain value, by its type."""
METHOD_NAMES: Final = frozenset().union(*METHODS.values())
"""The same, where the type of the value is not known."""
