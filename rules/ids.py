"""Family 3: arguments that name other components."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from fllint.documents.tree import Leaf, Mapping
from fllint.findings import Fix, Problem, Related, Severity
from fllint.fixes import write_value
from fllint.job.components import class_keys
from fllint.job.model import Component, Config
from fllint.problems import at
from fllint.python.classes import ClassInfo, IdArgument
from fllint.references import FATAL, Reference, references
from fllint.registry import rule
from fllint.scripts.runs import class_info
from fllint.suggest import closest, sure_match

from .config_words import with_article

if TYPE_CHECKING:
    from fllint.review import Review

CONSEQUENCES = {
    "panic": "the run aborts",
    "warning": "the run goes on without it",
    "raises": "an exception is raised when it is needed",
    "crash": "the run fails when it is needed",
    "silent": "nothing says so",
}
"""What happens when an id leads to no fitting component, in words (`fllint.python.classes.Outcome`)."""


@rule("FL301", "unknown-id", Severity.ERROR, fix="safe or unsafe")
def unknown_id(review: Review) -> Iterator[Problem]:
    """An argument names a component that does not exist on this side.

    Ids are looked up when the run starts or when the component is needed, not when the config is loaded: the job passes
    every check of NVFlare's and then aborts, or runs without the component. The server finds the components and
    workflows of its own config, a client the components of its app's client config; executors cannot be named. When the
    argument is left out its default counts, and may lead nowhere too.

    Write the id of a component of the same config.
    """
    for reference in references(review):
        if reference.text in reference.config.ids:
            continue
        if reference.node is None and reference.argument.outcome not in FATAL:
            continue
        yield _unknown(review, reference)


def _unknown(review: Review, reference: Reference) -> Problem:
    argument, info = reference.argument, reference.info
    what = f"'{argument.parameter}' of {info.name}"
    if argument.literal is not None:
        given = f"{argument.where or info.name} looks for the component '{reference.text}'"
    elif reference.node:
        given = f"{what} names '{reference.text}'"
    else:
        given = f"{what} is left out, and its default is '{reference.text}'"
    message = f"{given}, but no component of this config has that id: {CONSEQUENCES[argument.outcome]}"
    help, related = _meant(review, reference)
    return at(reference.where, message, help=help, related=related, fix=_respelt(review, reference))


def _respelt(review: Review, reference: Reference) -> Fix | None:
    """The id that must be meant: one that this is a slip of and that fits. The only one that fits is a guess."""
    ids = reference.config.ids
    fitting = [name for name, component in ids.items() if _fits(review, reference, component)]
    sure = sure_match(reference.text, ids)
    if reference.node is None:
        return None
    if sure and not _is_wrong_kind(review, reference, ids[sure]):
        return write_value(reference.node, sure)
    return write_value(reference.node, fitting[0], safe=False) if len(fitting) == 1 else None


def _meant(review: Review, reference: Reference) -> tuple[str, tuple[Related, ...]]:
    ids = reference.config.ids
    near = closest(reference.text, ids, 0.7)
    fitting = [name for name, component in ids.items() if _fits(review, reference, component)]
    right = near if near and (near in fitting or not reference.argument.expected) else None
    right = right or (fitting[0] if len(fitting) == 1 else near)
    if right:
        target = ids[right]
        place = (target.id_node or target.node).place
        write = f"did you mean '{right}'?" if reference.node else f'add "{reference.argument.parameter}": "{right}"'
        if reference.argument.literal is not None:
            write = f"give '{right}' that id, or look for '{right}' in the code"
        return write, (Related(place, f"'{right}' is here"),)
    for app, config, _ in review.configs():
        other = config.ids.get(reference.text)
        if other and config is not reference.config:
            here = "the same app" if app is reference.app else f"app '{app.name}'"
            place = (other.id_node or other.node).place
            return f"'{reference.text}' is in the {config.side.value} config of {here}", (Related(place, "it is here"),)
    kinds = " or ".join(path.rpartition(".")[2] for path in reference.argument.expected)
    wanted = f"{with_article(kinds)} with the id" if kinds else "a component with the id"
    return f"add {wanted} '{reference.text}' to 'components'", ()


def _is_wrong_kind(review: Review, reference: Reference, component: Component) -> bool:
    """Whether a component is known not to be what the one that names it needs."""
    resolution = None if component.disabled else review.class_of(reference.app, component)
    info = resolution.class_info if resolution else None
    expected = reference.argument.expected
    return component.disabled or bool(info and expected and all(info.is_a(path) is False for path in expected))


def _fits(review: Review, reference: Reference, component: Component) -> bool:
    resolution = None if component.disabled else review.class_of(reference.app, component)
    info = resolution.class_info if resolution else None
    return bool(info and any(info.is_a(path) for path in reference.argument.expected))


@rule("FL302", "wrong-component", Severity.ERROR, fix="unsafe")
def wrong_component(review: Review) -> Iterator[Problem]:
    """An argument names a component of the wrong kind, or one that is disabled.

    The component that looks another one up checks its class: an aggregator must derive from Aggregator, a persistor
    from LearnablePersistor, and so on. A wrong one ends like a missing one. A disabled component is None. Where an
    object is given in the place of the id, NVFlare builds it only if it says its class by ``path`` (or ``class_path``,
    2.7 and later, or a short ``name``): else it stays a plain object (fuel/utils/component_builder.py).

    Name a component of the kind that is needed.
    """
    yield from _plain_objects(review)
    for reference in references(review):
        target = reference.config.ids.get(reference.text)
        if target is None:
            continue
        place = (target.id_node or target.node).place
        argument = reference.argument
        what = f"'{argument.parameter}' of {reference.info.name}" if argument.parameter else argument.where
        consequence = CONSEQUENCES[reference.argument.outcome]
        if target.disabled:
            message = f"{what} names '{reference.text}', which is disabled: {consequence}"
            yield at(reference.where, message, related=(Related(place, "disabled here"),))
            continue
        resolution = review.class_of(reference.app, target)
        info = resolution.class_info if resolution else None
        expected = reference.argument.expected
        if info and expected and all(info.is_a(path) is False for path in expected):
            kinds = " or ".join(path.rpartition(".")[2] for path in expected)
            message = (
                f"{what} needs {with_article(kinds)}, and '{reference.text}' is of class {info.name}: {consequence}"
            )
            fitting = [name for name, other in reference.config.ids.items() if _fits(review, reference, other)]
            only = fitting[0] if len(fitting) == 1 else None
            help = f"did you mean '{only}'?" if only else ""
            fix = write_value(reference.node, only, safe=False) if only and reference.node else None
            yield at(reference.where, message, help=help, related=(Related(place, "it is here"),), fix=fix)


def _plain_objects(review: Review) -> Iterator[Problem]:
    """The arguments that take a component in the place of its id, and get an object that NVFlare does not build."""
    keys = class_keys(review.release)
    every = [(app, component) for app, config, _ in review.configs() for component in config.all_components]
    for app, component in every:
        info = class_info(review, app, component)
        nested = {name for name, _ in component.nested}
        for argument in info.id_arguments if info else ():
            given = component.argument(argument.parameter)
            if not argument.also_object or not isinstance(given, Mapping) or argument.parameter in nested:
                continue
            if info is not None and given.entries and not any(given.entry(key) for key in keys):
                message = f"'{argument.parameter}' of {info.name} gets a plain object, which NVFlare does not build"
                near = [entry for entry in given.entries if entry.key == "class_path" or closest(entry.key, keys, 0.7)]
                help = f"name the class by '{keys[0]}'"
                outcome = f"{message}: {CONSEQUENCES[argument.outcome_if_wrong]}"
                yield at(near[0].key_place if near else given, outcome, help=help)


@rule("FL303", "component-not-used", Severity.WARNING)
def component_not_used(review: Review) -> Iterator[Problem]:
    """A component is there for something that leaves it out.

    Some arguments that name a component are optional, and their default is "none": since 2.4 ScatterAndGather without
    ``persistor_id`` starts with empty weights and saves nothing, although a persistor stands in the config. Nobody says
    so.

    Name the component, or remove it.
    """
    used = {(reference.config.name, reference.text) for reference in references(review)}
    for app, config, _ in review.configs():
        for component in config.all_components:
            resolution = None if component.disabled else review.class_of(app, component)
            info = resolution.class_info if resolution else None
            if info is None:
                continue
            for argument in info.id_arguments:
                if not argument.optional or not argument.expected or not _left_out(component, argument):
                    continue
                reference = Reference(app, config, component, info, argument, "", None)
                fitting = [name for name, other in config.ids.items() if _fits(review, reference, other)]
                unused = [name for name in fitting if (config.name, name) not in used]
                if unused and not _takes_default(info, argument, config):
                    keeps_model = review.catalogue.kinds.get("LearnablePersistor") in argument.expected
                    severity = None if keeps_model else Severity.INFO
                    yield _forgotten(component, reference, config.ids[unused[0]], unused[0], severity)


def _left_out(component: Component, argument: IdArgument) -> bool:
    node = component.argument(argument.parameter)
    return node is None or (isinstance(node, Leaf) and node.scalar in ("", None))


def _takes_default(info: ClassInfo, argument: IdArgument, config: Config) -> bool:
    parameter = info.parameter(argument.parameter)
    return bool(parameter and parameter.has_default_value and parameter.default in config.ids)


def _forgotten(
    component: Component, reference: Reference, target: Component, name: str, severity: Severity | None
) -> Problem:
    kinds = " or ".join(path.rpartition(".")[2] for path in reference.argument.expected)
    message = (
        f"{reference.info.name} is given no '{reference.argument.parameter}' and does without the {kinds} '{name}'"
    )
    help = f'add "{reference.argument.parameter}": "{name}"'
    place = (target.id_node or target.node).place
    where = component.class_node or component.node
    return at(where, message, help=help, related=(Related(place, "not used"),), severity=severity)
