"""What the configs name in the graph: workflows, executors, filters and components, their classes, and the ids by which
they refer to each other."""

from __future__ import annotations

from fllint.documents.tree import Place
from fllint.graph.classes import MISSING, add_class
from fllint.graph.deployment import config_id
from fllint.graph.draft import Draft
from fllint.graph.vocabulary import EdgeKind, Mark, NodeKind
from fllint.job.model import App, Component, Config, FilterChain, Role
from fllint.python.classes import ClassInfo
from fllint.references import FATAL, references_of
from fllint.review import Review

KINDS = {
    Role.WORKFLOW: NodeKind.WORKFLOW,
    Role.EXECUTOR: NodeKind.EXECUTOR,
    Role.FILTER: NodeKind.FILTER,
    Role.COMPONENT: NodeKind.COMPONENT,
    Role.ARGUMENT: NodeKind.COMPONENT,
}


class ConfigNodes:
    """The nodes of one config: which node each component has, and what its class is."""

    def __init__(self, draft: Draft, review: Review, app: App, config: Config) -> None:
        self.draft = draft
        self.review = review
        self.app = app
        self.config = config
        self.id = config_id(app, config.side)
        self.ids: dict[Component, str] = {}
        self.classes: dict[Component, ClassInfo | None] = {}
        self.by_name: dict[str, str] = {}
        """The node that `get_component` finds under an id."""

    def add(self) -> None:
        """Adds the components, top ones in the order of their sections, then what they refer to."""
        for workflow in self.config.workflows:
            self._add_top(workflow, workflow.id or workflow.short_class)
        for entry in self.config.executors:
            if entry.component:
                node = self._add_top(entry.component, entry.component.short_class, ", ".join(entry.tasks))
                self.draft.own(entry.node.source.name, entry.node.pointer, node)
        for chain in self.config.filter_chains:
            for component in chain.filters:
                node = self._add_top(component, component.short_class, describe_chain(chain))
                self.draft.own(chain.node.source.name, chain.node.pointer, node)
        for component in self.config.components:
            self._add_top(component, component.id or component.short_class)
        names = {name: self.ids[component] for name, component in self.config.ids.items() if component in self.ids}
        self.by_name.update(names)
        for component in list(self.ids):
            self._refer(component)

    def is_missing(self, component: Component) -> bool:
        """Whether the class of a component is surely not there."""
        found = self.review.class_of(self.app, component)
        return found is not None and found.outcome in MISSING

    def _add_top(self, component: Component, name: str, detail: str = "") -> str:
        place = component.id_node.place if component.id_node else component.place
        node = self._add(component, name or "?", place, detail)
        self.draft.connect(self.id, node, EdgeKind.CONTAINS, place=component.node.place)
        return node

    def _add(self, component: Component, name: str, place: Place, detail: str) -> str:
        kind = KINDS[component.role]
        side = self.config.side.value
        node = self.draft.free_id(f"{kind.value}:{self.app.name}:{side}:{name}")
        shown = name.rpartition(".")[2] if component.role is Role.ARGUMENT else name
        what = detail or component.short_class
        self.draft.add(node, kind, shown, detail=what, app=self.app.name, side=side, place=place)
        self.draft.own(component.node.source.name, component.node.pointer, node)
        if component.disabled:
            self.draft.mark(node, Mark.DISABLED)
        self.ids[component] = node
        self.classes[component] = add_class(self.draft, self.review, self.app, component, node)
        for argument, nested in component.nested:
            child = self._add(nested, f"{name}.{argument}", nested.place, "")
            self.draft.connect(node, child, EdgeKind.CONTAINS, argument, nested.node.place)
        return node

    def _refer(self, component: Component) -> None:
        info = self.classes[component]
        if info is None or component.disabled:
            return
        for reference in references_of(self.app, self.config, component, info):
            place = reference.node.place if reference.node else component.place
            target = self.by_name.get(reference.text)
            if target is None and (reference.node or reference.argument.outcome in FATAL):
                target = self._missing(reference.text, place)
            if target:
                self.draft.connect(self.ids[component], target, EdgeKind.REFERS_TO, reference.argument.parameter, place)

    def _missing(self, name: str, place: Place) -> str:
        side = self.config.side.value
        node = f"missing:{self.app.name}:{side}:{name}"
        return self.draft.add(
            node, NodeKind.COMPONENT, name, app=self.app.name, side=side, place=place, marks=(Mark.MISSING,)
        )


def describe_chain(chain: FilterChain) -> str:
    """Which way a chain of filters works: ``data out``, ``result in and out``."""
    return f"{chain.table.removeprefix('task_').removesuffix('_filters')} {' and '.join(chain.directions)}"
