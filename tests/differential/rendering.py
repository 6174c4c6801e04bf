"""The same value tree as JSON, HOCON and YAML text."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

import yaml

FORMATS = ("json", "conf", "yml")
SUFFIXES = {"json": ".json", "conf": ".conf", "yml": ".yml"}

PLAIN_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")


def as_json(tree: Any) -> str:
    """JSON as NVFlare's own exports write it."""
    return json.dumps(tree, indent=4) + "\n"


def as_yaml(tree: Any) -> str:
    """Block style YAML."""
    return str(yaml.safe_dump(tree, sort_keys=False, allow_unicode=True))


def as_hocon(tree: Any) -> str:
    """HOCON in its own style: no outer braces, ``=``, plain keys, quoted strings, one value a line."""
    if isinstance(tree, Mapping) and tree:
        return "".join(f"{line}\n" for line in hocon_fields(tree, 0))
    return hocon_value(tree, 0) + "\n"


def hocon_fields(tree: Mapping[str, Any], depth: int) -> list[str]:
    """The lines of an object's fields."""
    pad = "  " * depth
    lines = []
    for key, value in tree.items():
        name = key if PLAIN_KEY.match(key) else json.dumps(key, ensure_ascii=False)
        sign = " " if isinstance(value, Mapping) and value else " = "
        lines.append(f"{pad}{name}{sign}{hocon_value(value, depth)}")
    return lines


def hocon_value(value: Any, depth: int) -> str:
    """One value; its first line needs no padding."""
    pad = "  " * depth
    if isinstance(value, Mapping) and value:
        return "{\n" + "".join(f"{line}\n" for line in hocon_fields(value, depth + 1)) + pad + "}"
    if isinstance(value, list) and value:
        return "[\n" + "".join(f"{pad}  {hocon_value(item, depth + 1)}\n" for item in value) + pad + "]"
    return json.dumps(value, ensure_ascii=False)


RENDERERS: dict[str, Callable[[Any], str]] = {"json": as_json, "conf": as_hocon, "yml": as_yaml}
