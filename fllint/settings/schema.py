"""The JSON Schema of fllint.toml, for editors: published as docs/schemas/settings.schema.json.

``python -m fllint.settings.schema`` prints it.
"""

from __future__ import annotations

import json
from typing import Any, Final

from fllint.findings import Severity
from fllint.settings.keys import KEYS, SUPPRESSION_KEYS, Key, Kind

TEXT: Final = {"type": "string", "pattern": "\\S"}
CODE: Final = {"type": "string", "pattern": "^([a-zA-Z]{2,4}\\d{0,3}|[a-zA-Z][a-zA-Z0-9]*(-[a-zA-Z0-9]+)*)$"}
SEVERITY: Final = {"enum": [severity.value for severity in Severity]}


def settings_schema() -> dict[str, Any]:
    """The schema (draft 2020-12) of a whole fllint.toml, and of the table ``tool.fllint`` of a pyproject.toml."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "https://fllint.readthedocs.io/schemas/settings.schema.json",
        "title": "Settings of fllint",
        "description": "fllint.toml, or [tool.fllint] in pyproject.toml",
        **_object(KEYS),
    }


def _object(keys: tuple[Key, ...]) -> dict[str, Any]:
    required = [key.name for key in keys if key.required]
    return {
        "type": "object",
        "properties": {key.name: {"description": key.meaning, **_shape(key.kind)} for key in keys},
        "additionalProperties": False,
        **({"required": required} if required else {}),
    }


def _shape(kind: Kind) -> dict[str, Any]:
    if kind is Kind.SUPPRESSIONS:
        return _array(_object(SUPPRESSION_KEYS))
    shapes: dict[Kind, dict[str, Any]] = {
        Kind.FLAG: {"type": "boolean"},
        Kind.TEXT: TEXT,
        Kind.PATH: TEXT,
        Kind.PATHS: _array(TEXT),
        Kind.TEXTS: _array(TEXT),
        Kind.GLOBS: _array(TEXT),
        Kind.TEXT_OR_TEXTS: {"anyOf": [TEXT, _array(TEXT)]},
        Kind.CODES: _array(CODE),
        Kind.CODE_OR_CODES: {"anyOf": [CODE, _array(CODE)]},
        Kind.SEVERITY: SEVERITY,
        Kind.SEVERITIES: {"type": "object", "propertyNames": CODE, "additionalProperties": SEVERITY},
        Kind.PATH_IGNORES: {"type": "object", "additionalProperties": _array(CODE)},
    }
    return shapes[kind]


def _array(items: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": items}


if __name__ == "__main__":
    print(json.dumps(settings_schema(), indent=2))
