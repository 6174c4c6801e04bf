"""Classes that a release has removed and whose task another one does now, with other arguments.

``data/successors.json`` says how the arguments of the one become those of the other. It is written by hand from the
classes' documentation in both releases: nvflare/app_common/executors/{launcher_executor, task_exchanger,
client_api_launcher_executor, in_process_client_api_executor}.py and launchers/subprocess_launcher.py in 2.8,
client_api_executor.py and client/converter_utils.py in 2.9.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from functools import cache
from typing import Any

from msgspec import Struct

from fllint.catalogue.catalogue import Catalogue
from fllint.catalogue.moved import DATA
from fllint.catalogue.releases import RELEASES
from fllint.python.classes import ClassInfo


class Successor(Struct, frozen=True):
    """What becomes of a class that a release lacks.

    ``instead`` is the class path that the release has, ``arguments`` what it is given in any case. ``renamed`` and
    ``removed`` are arguments of the old class; one that is in neither and that the new class takes keeps its name.
    ``null_becomes`` are values to write for null. ``absorbed`` are arguments that name a component: by that component's
    class, which of its arguments become which of the new class's. ``needless`` are classes that served the old one, by
    class path; ``formats`` are those of them that converted parameters, and the format which they made, to be given as
    ``format_argument``.
    """

    instead: str
    arguments: Mapping[str, object]
    renamed: Mapping[str, str]
    removed: frozenset[str]
    null_becomes: Mapping[str, object]
    absorbed: Mapping[str, Mapping[str, Mapping[str, str]]]
    needless: frozenset[str]
    converter_arguments: frozenset[str]
    formats: Mapping[str, str]
    format_argument: str


def successor(class_path: str, catalogue: Catalogue) -> Successor | None:
    """What a release has instead of a class; None when it has the class still, has not yet what came after it, or when
    nothing is known."""
    tables = _tables()
    name = class_path.rpartition(".")[2]
    if not any(known.endswith(f".{name}") for known in tables["classes"]) or catalogue.resolve_once(class_path):
        return None
    old = _in_an_older_release(class_path, catalogue.release)
    entry = tables["classes"].get(old.path) if old else None
    if old is None or entry is None:
        return None
    kind = tables["kinds"][entry["kind"]]
    new = catalogue.find(kind["instead"])
    if new is None:
        return None
    converters = tables["converters"]
    gone = [parameter.name for parameter in old.parameters if new.parameter(parameter.name) is None]
    return Successor(
        instead=kind["instead"],
        arguments={**kind["arguments"], **entry["arguments"]},
        renamed=kind["renamed"],
        removed=frozenset([*kind["removed"], *gone]),
        null_becomes=kind["null"],
        absorbed=kind["absorbed"],
        needless=frozenset([*kind["needless"], *converters["formats"]]),
        converter_arguments=frozenset(converters["arguments"]),
        formats=converters["formats"],
        format_argument=converters["instead"],
    )


def _in_an_older_release(class_path: str, release: str) -> ClassInfo | None:
    """The class that a path led to in the newest release before this one that had it."""
    older = RELEASES[: RELEASES.index(release)]
    found = (Catalogue.load(known).find(class_path) for known in reversed(older))
    return next((info for info in found if info is not None), None)


@cache
def _tables() -> dict[str, Any]:
    with open(os.path.join(DATA, "successors.json"), encoding="utf-8") as file:
        tables: dict[str, Any] = json.load(file)
    return tables
