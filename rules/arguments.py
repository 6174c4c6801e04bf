"""Family 2: what a component's constructor is given: names, types, placeholders."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from fllint.catalogue.data_flow import AGGREGATION_WEIGHTS
from fllint.catalogue.history import argument_history
from fllint.catalogue.moved import moved_argument
from fllint.catalogue.patches import dropped_argument
from fllint.documents.tree import Entry, Leaf, Mapping, Node, Place, Sequence
from fllint.findings import Fix, Problem, Related, Severity
from fllint.fixes import remove_entry, rename_key, write_value
from fllint.job.model import App, Component, Config
from fllint.problems import at, is_known
from fllint.python.classes import ClassInfo, Parameter
from fllint.python.evaluate import Instance, failed_checks
from fllint.python.expressions import names_in
from fllint.registry import rule
from fllint.suggest import closest, sure_match

if TYPE_CHECKING:
    from fllint.review import Review

SIMPLE_TYPES: Final = {
    "bool": (bool,),
    "int": (int,),
    "float": (int, float),
    "str": (str,),
    "dict": (dict,),
    "Dict": (dict,),
    "list": (list,),
    "List": (list,),
}
"""Annotations that a JSON value either fits or does not, and the Python types that fit."""
BOOLEAN_WORDS: Final = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False, "": False}
PLACEHOLDER: Final = re.compile(
    r"<[A-Za-z][\w ./-]*>|\b(TODO|FIXME|CHANGE_?ME|REPLACE_?ME|PLACEHOLDER)\b|^/?path/to/|^PWD/|\bYOUR_[A-Z_]+\b"
)


def built(review: Review) -> Iterator[tuple[App, Config, Component, ClassInfo]]:
    """Every component whose class and arguments are known."""
    for app, config, _ in review.configs():
        for component in config.all_components:
            resolution = None if component.disabled else review.class_of(app, component)
            if resolution and resolution.class_info:
                yield app, config, component, resolution.class_info


def where_class(review: Review, app: App, info: ClassInfo) -> tuple[Related, ...]:
    place = review.custom_place(app, info.location) if info.location else None
    return (Related(place, f"class {info.name}"),) if place else ()


def dropped(review: Review, info: ClassInfo, argument: str, place: Place) -> Problem | None:
    """What to say about an argument that earlier patches of the release take; None for any other."""
    patch = dropped_argument(info.path, argument, review.release)
    if patch is None:
        return None
    message = f"{info.name} takes no argument '{argument}' since NVFlare {patch.since}"
    help = f"it is called '{patch.instead}' there" if patch.instead else "leave it out there"
    return at(place, message, help=help)


@rule("FL250", "unknown-argument", Severity.ERROR, fix="safe or unsafe")
def unknown_argument(review: Review) -> Iterator[Problem]:
    """A component is given an argument that its constructor does not have.

    NVFlare calls the class with all of ``args``: ``Class … has parameters error: TypeError: … got an unexpected keyword
    argument`` (fuel/utils/class_utils.py ``instantiate_class``, every release). What ``**kwargs`` hands on to base
    classes counts, as in Python.

    Remove the argument, or write it as the class does.
    """
    for app, _, component, info in built(review):
        if component.arguments is None or info.accepts_any_keyword:
            continue
        names = [parameter.name for parameter in info.parameters if not parameter.positional_only]
        free = [name for name in names if not component.arguments.entry(name)]
        for entry in component.arguments.entries:
            if entry.key not in names:
                message = f"{info.name} takes no argument '{entry.key}'"
                near = closest(entry.key, free, 0.75)
                change = argument_history(info.path, entry.key, review.release)
                hints = [change, f"did you mean '{near}'?" if near else ""]
                help = "; ".join(filter(None, hints)) or _elsewhere(review, app, info, entry.key, names)
                fix = _respelt(review, info, entry, free) or _moved(review, component.arguments, entry, info)
                yield dropped(review, info, entry.key, entry.key_place) or at(
                    entry.key_place, message, help=help, related=where_class(review, app, info), fix=fix
                )


def _moved(review: Review, given: Mapping, entry: Entry, info: ClassInfo) -> Fix | None:
    """The fix of an argument that older releases called so."""
    new = moved_argument(info.path, entry.key, review.release)
    if new is None or given.entry(new):
        return None
    return rename_key(entry, new, safe=False) if new else remove_entry(given, entry, safe=False)


def _respelt(review: Review, info: ClassInfo, entry: Entry, free: list[str]) -> Fix | None:
    """The argument that a key must be a slip of: not one that another release takes, and with a value that fits."""
    sure = sure_match(entry.key, free)
    parameter = info.parameter(sure) if sure else None
    if sure is None or parameter is None or argument_history(info.path, entry.key, review.release):
        return None
    return rename_key(entry, sure, safe=_misfit(entry.node, parameter) is None)


def _elsewhere(review: Review, app: App, info: ClassInfo, argument: str, names: list[str]) -> str:
    """Where an argument that this class does not take would be right."""
    for other_app, _, other, other_info in built(review):
        if other_app is app and other_info.path != info.path and other_info.parameter(argument):
            return f"{other.label} takes it"
    return f"it takes {', '.join(names)}" if 0 < len(names) <= 12 else ""


@rule("FL251", "missing-argument", Severity.ERROR)
def missing_argument(review: Review) -> Iterator[Problem]:
    """A component is not given an argument that its constructor requires.

    ``Class … has parameters error: TypeError: … missing 1 required positional argument`` (fuel/utils/class_utils.py,
    every release): the server cannot be configured, or every client of the app dies at the start.

    Add the argument to ``args``.
    """
    for app, _, component, info in built(review):
        given = {entry.key for entry in component.arguments.entries} if component.arguments else set()
        missing = [
            parameter.name for parameter in info.parameters if parameter.required and parameter.name not in given
        ]
        if missing and not _arguments_unknown(component):
            names = ", ".join(f"'{name}'" for name in missing)
            near = next((closest(name, given - {p.name for p in info.parameters}) for name in missing), None)
            help = f"'{near}' is no argument of it" if near else f"add {names} to 'args'"
            message = f"{info.name} needs the argument{'s' if len(missing) > 1 else ''} {names}"
            yield at(component.class_node or component.node, message, help=help, related=where_class(review, app, info))


def _arguments_unknown(component: Component) -> bool:
    """Whether ``args`` is something that cannot be known, or that FL213 speaks of."""
    node = component.node.get("args")
    return node is not None and not isinstance(node, Mapping)


def given_arguments(review: Review, app: App, component: Component) -> dict[str, object]:
    """The arguments that the config gives, by name; components built inline are instances of their class."""
    given = {entry.key: entry.node.value for entry in component.arguments.entries} if component.arguments else {}
    for name, nested in component.nested:
        resolution = review.class_of(app, nested)
        given[name] = Instance(resolution.class_info if resolution else None)
    return given


@rule("FL253", "argument-type", Severity.WARNING, fix="unsafe")
def argument_type(review: Review) -> Iterator[Problem]:
    """An argument has another type than the constructor's annotation, or the default of one of NVFlare's classes, says.

    NVFlare does not enforce annotations: the configuration succeeds and the value goes wrong later. The string
    ``"false"`` is true for Python; ``num_rounds: "2"`` aborts the run at the first sum; an explicit ``null`` replaces a
    default that would have been right.

    Write a value of the annotated type, without quotes for numbers and booleans.
    """
    for app, _, component, info in built(review):
        inline = {name for name, _ in component.nested}
        for entry in component.arguments.entries if component.arguments else ():
            parameter = info.parameter(entry.key)
            if parameter is None or entry.key in inline or not is_known(entry.node):
                continue
            if entry.key == AGGREGATION_WEIGHTS and isinstance(entry.node, Mapping):
                yield from _weights_as_text(info, entry.node)
            wanted = _misfit(entry.node, parameter)
            if not parameter.annotation and info.path.startswith("nvflare."):
                wanted = _unlike_default(entry.node.value, parameter)
            if wanted and entry.key not in _refused(review, app, component, info):
                yield _mistyped(review, app, info, entry.node, parameter, wanted)


def _weights_as_text(info: ClassInfo, weights: Mapping) -> Iterator[Problem]:
    """The weights of sites that are texts: they cannot be multiplied by a number of steps."""
    for node in weights.walk():
        if isinstance(node, Leaf) and is_known(node) and isinstance(node.scalar, str):
            number = _number(node.scalar)
            fix = write_value(node, number, safe=False) if number is not None else None
            message = f"'{AGGREGATION_WEIGHTS}' of {info.name} wants numbers, and gets a text"
            yield at(node, message, help="write a number without quotes", fix=fix)


def _refused(review: Review, app: App, component: Component, info: ClassInfo) -> set[str]:
    """The arguments that the constructor itself refuses."""
    failed = failed_checks(info, given_arguments(review, app, component))
    return {name for check in failed for name in names_in(check.when)}


def _misfit(node: Node, parameter: Parameter) -> str | None:
    """The annotated type that a value does not fit; None when it fits, or when the annotation says too little."""
    alternatives = _alternatives(parameter.annotation or "")
    if not alternatives or any(name not in SIMPLE_TYPES and name != "None" for name in alternatives):
        return None
    value = node.value
    if value is None:
        fits = "None" in alternatives or (parameter.has_default_value and parameter.default is None)
        return None if fits else alternatives[0]
    types = tuple(kind for name in alternatives if name != "None" for kind in SIMPLE_TYPES[name])
    fits_default = parameter.has_default_value and type(parameter.default) is type(value)
    return None if isinstance(value, types) or fits_default else alternatives[0]


def _unlike_default(value: object, parameter: Parameter) -> str | None:
    """The type of the default of a parameter without an annotation, where a text is given that looks like a value of
    that type; None otherwise."""
    kind = type(parameter.default) if parameter.has_default_value else None
    if not isinstance(value, str) or kind not in (bool, int, float):
        return None
    looks_like = value.lower() in ("true", "false") if kind is bool else _number(value) is not None
    return kind.__name__ if looks_like else None


def _alternatives(annotation: str) -> list[str]:
    """The names that an annotation allows: ``Optional[Union[int, str]]`` gives None, int, str; element types are left
    out."""
    text = annotation.replace("typing.", "").replace(" ", "").strip("'\"")
    optional = re.fullmatch(r"Optional\[(.*)\]", text)
    if optional:
        return [*_alternatives(optional[1]), "None"]
    union = re.fullmatch(r"Union\[(.*)\]", text)
    parts = _split(union[1], ",") if union else _split(text, "|")
    if len(parts) > 1 or union:
        return [name for part in parts for name in _alternatives(part)]
    return [text.split("[")[0]] if text else []


def _split(text: str, separator: str) -> list[str]:
    parts, depth = [""], 0
    for character in text:
        depth += (character == "[") - (character == "]")
        if character == separator and depth == 0:
            parts.append("")
        else:
            parts[-1] += character
    return parts


def _mistyped(review: Review, app: App, info: ClassInfo, node: Node, parameter: Parameter, wanted: str) -> Problem:
    shown = "null" if node.value is None else node.source.text[node.span.start : node.span.end]
    shown = shown if len(shown) <= 40 else f"{shown[:37]}…"
    help, fix = "", None
    value = node.value
    if wanted == "bool" and isinstance(value, str):
        meant = BOOLEAN_WORDS.get(value.lower())
        near = closest(value.lower(), ("true", "false"), 0.75) or "true or false"
        quotes = " without quotes" if shown[:1] in ("'", '"') else ""
        help = f"write {near if meant is None else str(meant).lower()}{quotes}"
        fix = write_value(node, meant, safe=False) if value.lower() in ("true", "false") else None
    elif value is None:
        default = parameter.default_text or "its default"
        help = f"leave it out to get {default}" if not parameter.required else f"write a {wanted}"
    elif wanted in ("int", "float") and isinstance(value, (str, float)):
        number = _number(value)
        help = f"write a number, such as {number}" if number is not None else "write a number"
        fix = write_value(node, number, safe=False) if wanted == "float" or isinstance(number, int) else None
    declared = (
        f"is declared as {parameter.annotation}" if parameter.annotation else f"is {parameter.default_text} by default"
    )
    message = f"'{parameter.name}' of {info.name} {declared} and gets {shown}"
    return at(node, message, help=help, related=where_class(review, app, info), fix=fix)


def _number(value: object) -> int | float | None:
    try:
        number = float(str(value))
    except ValueError:
        return None
    return int(number) if number.is_integer() else number


@rule("FL254", "placeholder", Severity.WARNING)
def placeholder(review: Review) -> Iterator[Problem]:
    """An argument still holds the placeholder of an example.

    ``<path to data>``, ``/path/to/…``, ``TODO``, ``CHANGE_ME``: NVFlare hands the text on as it is, and the component
    fails when it uses it.

    Write the real value, or a variable: ``{name}`` with ``"name": …`` at the top of the config.
    """
    for _, _, component, _ in built(review):
        for node in component.arguments.walk() if component.arguments else ():
            if isinstance(node, Leaf) and isinstance(node.scalar, str) and not isinstance(node, Sequence):
                match = PLACEHOLDER.search(node.scalar)
                if match:
                    message = f"'{match[0]}' looks like the placeholder of an example"
                    yield at(node.part(match.start(), match.end()), message, help="write the real value")
