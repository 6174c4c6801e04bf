"""Family 2: what a class path leads to: no class at all, or a class that cannot be what its place wants."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from fllint.findings import Problem, Related, Severity
from fllint.fixes import write_value
from fllint.job.model import App, Role
from fllint.problems import at
from fllint.python.resolve import Outcome, Resolution
from fllint.registry import rule
from fllint.suggest import closest, sure_match

from .class_paths import classes_of_components, used_at
from .config_words import with_article

if TYPE_CHECKING:
    from fllint.review import Review

REQUIRED_KINDS = {Role.WORKFLOW: "Controller", Role.EXECUTOR: "Executor", Role.FILTER: "Filter"}
"""What NVFlare wants a component's class to derive from (server_json_config, client_json_config, fed_json_config)."""


@rule("FL234", "not-a-class", Severity.ERROR, fix="safe")
def not_a_class(review: Review) -> Iterator[Problem]:
    """A class path leads to a module, a value or a function.

    NVFlare calls what it finds. A module or a value cannot be called (``TypeError``). A function can: among
    ``components`` its result is taken as it is, but a workflow, executor or filter must be an object of the right class
    (fuel/utils/class_utils.py).

    Name a class.
    """
    for app, _, component, node, resolution in classes_of_components(review):
        last = resolution.class_path.rsplit(".", 1)[-1]
        place = node.part(len(resolution.class_path) - len(last), len(resolution.class_path))
        if resolution.outcome is Outcome.MODULE:
            inside = review.names_in(app, resolution.class_path)
            near = closest(last, inside, 0.5) or (inside[0] if len(inside) == 1 else None)
            help = f"did you mean '{resolution.class_path}.{near}'?" if near else "add the class's name"
            sure = sure_match(last, inside)
            fix = write_value(node, f"{resolution.class_path}.{sure}") if sure else None
            yield at(place, f"'{last}' is a module, not a class", help=help, related=used_at(node), fix=fix)
        elif resolution.outcome is Outcome.OTHER:
            yield at(place, f"'{last}' is a value, not a class; NVFlare cannot call it", related=used_at(node))
        elif resolution.outcome is Outcome.FUNCTION and component.role in REQUIRED_KINDS:
            kind = REQUIRED_KINDS[component.role]
            message = f"'{last}' is a function; NVFlare calls it and needs an object of {with_article(kind)} class back"
            yield at(place, message, severity=Severity.WARNING, related=used_at(node))


@rule("FL235", "wrong-kind", Severity.ERROR)
def wrong_kind(review: Review) -> Iterator[Problem]:
    """A class is not what its place in the config needs.

    A workflow must derive from Controller (up to 2.4: Responder), an executor from Executor, a filter from Filter, by
    inheritance; a class that merely has the same methods is refused: ``"executor" must be an Executor object but got
    …`` (private/fed_json_config.py, server_json_config.py, client_json_config.py).

    Move the component to the section it belongs to, or derive its class from the right base.
    """
    for app, _, component, node, resolution in classes_of_components(review):
        info = resolution.class_info
        kind = REQUIRED_KINDS.get(component.role)
        if info is None or kind is None:
            continue
        accepted = [review.catalogue.kinds[name] for name in (kind, "Responder") if name in review.catalogue.kinds]
        if kind != "Controller" or review.has("workflow_must_be_controller"):
            accepted = accepted[:1]
        verdicts = [info.is_a(base) for base in accepted]
        if True in verdicts:
            continue
        if None in verdicts:
            review.not_checked(
                f"whether {info.name} is {with_article(kind)}", f"{', '.join(info.unresolved_bases)} is not in sight"
            )
            continue
        kinds = [name for name in ("Controller", "Executor", "Filter") if info.is_a(review.catalogue.kinds[name])]
        belongs = {"Controller": "'workflows' of the server", "Executor": "'executors'", "Filter": "a filter chain"}
        help = (
            f"it is {with_article(kinds[0])} and belongs into {belongs[kinds[0]]}"
            if kinds
            else f"derive it from {accepted[0]}"
        )
        if not kinds and resolution.where == "nvflare":
            help = f"{info.name} belongs into 'components'"
        message = f"{info.name} is no {kind}; NVFlare refuses it as {component.role.value}"
        yield at(node, message, help=help, related=_class_place(review, app, resolution))


def _class_place(review: Review, app: App, resolution: Resolution) -> tuple[Related, ...]:
    place = review.custom_place(app, resolution.location) if resolution.location else None
    return (Related(place, "the class"),) if place else ()


@rule("FL236", "abstract-class", Severity.ERROR)
def abstract_class(review: Review) -> Iterator[Problem]:
    """A class cannot be instantiated because it leaves abstract methods undone.

    Python refuses to make an object of it: ``Can't instantiate abstract class`` (reported as ``has parameters error``,
    every release). For a class of NVFlare it means that a subclass should be named; for one in ``custom/`` that methods
    are missing.

    Name a subclass, or write the methods.
    """
    for app, _, _, node, resolution in classes_of_components(review):
        info = resolution.class_info
        if info and info.abstract_methods:
            missing = ", ".join(f"{name}()" for name in info.abstract_methods)
            subclasses = review.catalogue.subclasses(info.path) if resolution.where == "nvflare" else ()
            help = f"use a subclass, such as {subclasses[0]}" if subclasses else f"write {missing}"
            message = f"{info.name} is abstract: it does not define {missing}"
            yield at(node, message, help=help, related=_class_place(review, app, resolution))


@rule("FL237", "broken-module", Severity.ERROR)
def broken_module(review: Review) -> Iterator[Problem]:
    """The module of a class cannot be imported because it, or a package above it, does not compile.

    The import raises SyntaxError, and with it the configuration of the server or of every client fails (``Can't load
    class``).

    Mend the Python file.
    """
    for app, _, _, node, resolution in classes_of_components(review):
        if resolution.outcome is Outcome.BROKEN_MODULE:
            place = review.custom_place(app, resolution.location) if resolution.location else None
            related = (Related(place, resolution.detail),) if place else ()
            message = f"the module of '{resolution.class_path}' does not compile: {resolution.detail}"
            yield at(node, message, help="mend the file", related=(*related, *used_at(node)))
