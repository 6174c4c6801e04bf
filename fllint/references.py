"""How components of a config name each other: by constructor arguments, by their defaults, and in the code itself."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from fllint.documents.tree import Leaf, Node, Sequence
from fllint.job.model import App, Component, Config
from fllint.problems import is_known
from fllint.python.classes import ClassInfo, IdArgument

if TYPE_CHECKING:
    from fllint.review import Review

FATAL: Final = ("panic", "raises", "crash")
"""Outcomes (`fllint.python.classes.Outcome`) of an id that leads nowhere which end the run, or a part of it."""


class Reference(Struct, frozen=True):
    """A component names another one: by ``text`` at ``node``, by the default of an argument when the config is silent,
    or by what its class's code says (``argument.literal``)."""

    app: App
    config: Config
    component: Component
    info: ClassInfo
    argument: IdArgument
    text: str
    node: Node | None

    @property
    def where(self) -> Node:
        """The id where it is written, else the component that relies on the default."""
        return self.node or self.component.class_node or self.component.node


def references(review: Review) -> Iterator[Reference]:
    """Every reference of a component to another one whose id is known."""
    for app, config, _ in review.configs():
        for component in config.all_components:
            resolution = None if component.disabled else review.class_of(app, component)
            if resolution and resolution.class_info:
                yield from references_of(app, config, component, resolution.class_info)


def references_of(app: App, config: Config, component: Component, info: ClassInfo) -> Iterator[Reference]:
    """The references of one component. What cannot be known is left out, and so is "no component"."""
    for argument in info.id_arguments:
        for text, node in _ids(component, info, argument):
            yield Reference(app, config, component, info, argument, text, node)


def _ids(component: Component, info: ClassInfo, argument: IdArgument) -> Iterator[tuple[str, Node | None]]:
    if argument.literal is not None:
        yield argument.literal, None
        return
    given = component.argument(argument.parameter)
    if given is None:
        parameter = info.parameter(argument.parameter)
        default = parameter.default if parameter and parameter.has_default_value else None
        if isinstance(default, str) and default:
            yield default, None
        return
    if isinstance(given, Sequence) and not argument.many:
        return
    for item in given.items if isinstance(given, Sequence) else (given,):
        text = item.scalar if isinstance(item, Leaf) and is_known(item) else None
        if isinstance(text, str) and (text or not argument.optional):
            yield text, item
