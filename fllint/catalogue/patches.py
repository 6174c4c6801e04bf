"""What a later patch of a release took away: the catalogue knows the newest patch of each, and sites may have another.

``data/patches.json`` is written by hand from the constructors, modules and classes of the released wheels, each patch
from 2.4.0 to 2.8.2 compared with the newest of its release. Only 2.4.1 and 2.7.2 took away something that jobs use.
"""

from __future__ import annotations

import json
import os
from functools import cache
from typing import Any, Final

from msgspec import Struct

from fllint.catalogue.moved import DATA

NOTHING: Final[dict[str, Any]] = {"since": "", "arguments": {}, "required": {}, "gone": []}


class TakenAway(Struct, frozen=True):
    """Something that earlier patches of a release have: ``since`` which it is gone, and what to use ``instead``."""

    since: str
    instead: str = ""


def dropped_argument(class_path: str, argument: str, release: str) -> TakenAway | None:
    """An argument that the constructor took in earlier patches; None when none did."""
    table = _table().get(release, NOTHING)
    instead = table["arguments"].get(class_path, {}).get(argument)
    return None if instead is None else TakenAway(table["since"], instead)


def dropped_name(path: str, release: str) -> TakenAway | None:
    """A module or class that earlier patches have; None when none has."""
    table = _table().get(release, NOTHING)
    return TakenAway(table["since"]) if path in table["gone"] else None


def required_since(class_path: str, argument: str, release: str) -> str:
    """The patch since which the constructor requires an argument; empty when all of them do."""
    table = _table().get(release, NOTHING)
    since: str = table["since"] if argument in table["required"].get(class_path, ()) else ""
    return since


@cache
def _table() -> dict[str, Any]:
    with open(os.path.join(DATA, "patches.json"), encoding="utf-8") as file:
        table: dict[str, Any] = json.load(file)
    return table
