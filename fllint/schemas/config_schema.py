"""The JSON Schema of a server or client config: class paths, and the arguments of each class, from the catalogue."""

from __future__ import annotations

import json
from typing import Any, Final

from fllint.catalogue.catalogue import Catalogue
from fllint.catalogue.config_keys import DIRECTIONS, SERVER_SECTION
from fllint.catalogue.grammar import has
from fllint.python.classes import ClassInfo, IdArgument, Parameter

_TYPES: Final = {
    "int": "integer",
    "float": "number",
    "bool": "boolean",
    "str": "string",
    "dict": "object",
    "list": "array",
}
_ROLES: Final = {"workflow": "Controller", "executor": "Executor", "filter": "Filter"}
"""What a component is called in a config, and the kind of class that it must be."""
_SECTIONS: Final = {
    "workflows": "What the server does, one after the other.",
    "executors": "Who handles which task.",
    "components": "Everything else: components that others name by their id, and widgets that listen to events.",
    "task_data_filters": "Filters of what is sent with a task.",
    "task_result_filters": "Filters of what comes back.",
}


def config_schema(catalogue: Catalogue, side: str) -> dict[str, Any]:
    """The properties of a config of a side (``server`` or ``client``), with the definitions that they need.

    Nothing is refused that NVFlare takes: own class paths, ``{variables}`` in the place of any value, and keys that
    only hold variables are fine everywhere.
    """
    components = _Components(catalogue)
    chain = {
        "type": "object",
        "required": ["filters"],
        "properties": {
            "tasks": _tasks("Tasks whose data or results are filtered, by their exact names."),
            "filters": _list("filter"),
            **({"direction": {"enum": list(DIRECTIONS)}} if has(catalogue.release, "filter_direction") else {}),
        },
    }
    sections: dict[str, Any] = {
        "components": _list("component"),
        "task_data_filters": {"type": "array", "items": chain},
        "task_result_filters": {"type": "array", "items": chain},
    }
    if side == "server":
        sections["workflows"] = _list("workflow")
        section = {name: {"type": "number", "exclusiveMinimum": 0} for name in SERVER_SECTION}
        sections["server"] = {"type": "object", "properties": section}
    else:
        entry = {
            "type": "object",
            "required": ["executor"],
            "properties": {
                "tasks": _tasks("Tasks that the executor handles; * stands for all others."),
                "executor": {"$ref": "#/definitions/executor"},
            },
        }
        sections["executors"] = {"type": "array", "items": entry}
    for name, meaning in _SECTIONS.items():
        if name in sections:
            sections[name]["description"] = meaning
    return {
        "type": "object",
        "required": ["format_version"],
        "properties": {"format_version": {"const": 2}, **sections},
        "definitions": components.definitions({"component", "filter", "workflow" if side == "server" else "executor"}),
    }


def _list(role: str) -> dict[str, Any]:
    return {"type": "array", "items": {"$ref": f"#/definitions/{role}"}}


def _tasks(meaning: str) -> dict[str, Any]:
    return {
        "description": meaning,
        "anyOf": [{"type": "array", "items": {"type": "string"}}, {"type": "string"}],
        "examples": [["train"], ["train", "validate", "submit_model"]],
    }


class _Components:
    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        self.key = "class_path" if has(catalogue.release, "class_path_key") else "path"
        found = (catalogue.find(path) for path in catalogue.component_paths)
        self.classes = {info.path: info for info in found if info and not info.abstract_methods}

    def definitions(self, roles: set[str]) -> dict[str, Any]:
        """A definition for each role: its class paths, and what follows for ``args`` from the class path."""
        arguments = {path: _arguments(info) for path, info in self.classes.items()}
        definitions: dict[str, Any] = {
            path: schema for path, schema in arguments.items() if schema.get("properties") or "maxProperties" in schema
        }
        for role in sorted(roles):
            definitions[role] = self._role(role, definitions)
        return definitions

    def _role(self, role: str, arguments: dict[str, Any]) -> dict[str, Any]:
        base = self.catalogue.kinds.get(_ROLES.get(role, ""))
        paths = [path for path, info in self.classes.items() if base is None or info.is_a(base)]
        class_path = {
            "description": "The class: a dotted path of NVFlare's, of an installed package, or of custom/.",
            "anyOf": [{"enum": paths}, {"type": "string"}],
        }
        keys = ("path", "class_path") if self.key == "class_path" else ("path",)
        return {
            "type": "object",
            "properties": {
                "id": {"type": "string", "description": "The name by which other components find this one."},
                **dict.fromkeys(keys, class_path),
                "name": {"type": "string"},
                "args": {"type": ["object", "null"], "description": "What the constructor is given."},
                "disabled": {},
                "config_type": {"enum": ["component", "dict"]},
            },
            "allOf": [
                {
                    "if": {"required": [key], "properties": {key: {"const": path}}},
                    "then": {"properties": {"args": {"$ref": f"#/definitions/{path}"}}},
                }
                for key in keys
                for path in paths
                if path in arguments
            ],
        }


def _arguments(info: ClassInfo) -> dict[str, Any]:
    ids = {argument.parameter: argument for argument in info.id_arguments if argument.parameter}
    schema: dict[str, Any] = {
        "type": ["object", "null"],
        "properties": {each.name: _argument(each, ids.get(each.name)) for each in info.parameters},
    }
    required = [each.name for each in info.parameters if each.required]
    if required:
        schema["required"] = required
    if not info.accepts_any_keyword:
        schema["additionalProperties"] = False
    return schema


def _argument(parameter: Parameter, id_argument: IdArgument | None) -> dict[str, Any]:
    said = [parameter.annotation or ""]
    if id_argument:
        kinds = " or ".join(path.rpartition(".")[2] for path in id_argument.expected)
        said.append(f"the id of a {kinds}" if kinds else "the id of a component")
    if parameter.required:
        said.append("required")
    elif parameter.default_text is not None:
        said.append(f"default: {parameter.default_text}")
    schema: dict[str, Any] = {"description": "; ".join(text for text in said if text)} if any(said) else {}
    if parameter.has_default_value and _is_json(parameter.default):
        schema["default"] = parameter.default
    kind = _TYPES.get((parameter.annotation or "").removeprefix("Optional[").removesuffix("]"))
    if kind:
        schema["anyOf"] = [{"type": kind}, {}]  # a hint for completion; NVFlare does not hold values to annotations
    return schema


def _is_json(value: object) -> bool:
    try:
        json.dumps(value, allow_nan=False)
    except (TypeError, ValueError):
        return False
    return not isinstance(value, tuple)
