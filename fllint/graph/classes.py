"""Classes in the graph: what each component is an instance of, and the file or package that defines it."""

from __future__ import annotations

from fllint.documents.tree import Place
from fllint.graph.draft import Draft
from fllint.graph.vocabulary import EdgeKind, Mark, NodeKind
from fllint.job.model import App, Component
from fllint.python.classes import ClassInfo
from fllint.python.resolve import Outcome, Resolution
from fllint.review import Review

MISSING = (Outcome.MODULE_MISSING, Outcome.NAME_MISSING, Outcome.BROKEN_MODULE)


def module_id(file: str) -> str:
    """The node of a Python file of the job."""
    return f"code:{file}"


def add_class(draft: Draft, review: Review, app: App, component: Component, owner: str) -> ClassInfo | None:
    """Adds the class of a component and connects it to the component's node; returns what is known about it."""
    text = component.class_text
    if not text:
        return None
    found = review.class_of(app, component)
    path = (found.canonical if found else None) or text
    custom = found is not None and found.where == "custom"
    node = f"class:{app.name}:{path}" if custom else f"class:{path}"
    defined = review.custom_place(app, found.location) if found and custom and found.location else None
    place = defined or component.place
    label = path.rpartition(".")[2] or text
    draft.add(node, NodeKind.CLASS, label, detail=path, app=app.name if custom else "", place=place)
    draft.connect(owner, node, EdgeKind.INSTANCE_OF, place=component.place)
    if found and found.outcome in MISSING:
        draft.mark(node, Mark.MISSING)
    if found and custom and found.location:
        _define(draft, app, found, node, place)
    return found.class_info if found else None


def _define(draft: Draft, app: App, found: Resolution, node: str, place: Place) -> None:
    assert found.location is not None
    name = app.path("custom", found.location.file)
    module = draft.add(module_id(name), NodeKind.MODULE, name, app=app.name)
    draft.connect(node, module, EdgeKind.DEFINED_IN, place=place)
