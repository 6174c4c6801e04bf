"""Classes in the graph: what each component is an instance of, and the file or package that defines it."""

from __future__ import annotations

from msgspec.structs import replace

from fllint.graph.draft import Draft
from fllint.graph.vocabulary import EdgeKind, Mark, NodeKind
from fllint.job.model import App, Component, Job
from fllint.python.classes import ClassInfo
from fllint.python.resolve import Outcome
from fllint.review import Review

MISSING = (Outcome.MODULE_MISSING, Outcome.NAME_MISSING)


def add_code_file(draft: Draft, job: Job, app: App, name: str, kind: NodeKind = NodeKind.MODULE) -> str:
    """The node of a file of an app's code; a script stays one when it is imported too."""
    node = draft.add(f"code:{name}", kind, name, app=app.name, place=job.file_place(name))
    if kind is NodeKind.SCRIPT:
        draft.nodes[node] = replace(draft.nodes[node], kind=kind)
    draft.own(name, "", node)
    return node


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
        module = add_code_file(draft, review.job, app, app.path("custom", found.location.file))
        draft.connect(node, module, EdgeKind.DEFINED_IN, place=place)
    return found.class_info if found else None
