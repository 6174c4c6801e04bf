"""Family 2: the classes that sites allow in jobs without custom code."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from fllint.documents.tree import Mapping, Node
from fllint.findings import Problem, Related, Severity
from fllint.job.components import is_class_like
from fllint.job.model import App, Component
from fllint.problems import at, is_known
from fllint.registry import rule

if TYPE_CHECKING:
    from fllint.review import Review


@rule("FL240", "class-not-allowed", Severity.ERROR)
def class_not_allowed(review: Review) -> Iterator[Problem]:
    """A job without custom code uses a class that sites do not allow by default.

    Since 2.8 an app without ``custom/`` may use only the classes of an allow-list, by full path, not by short name:
    ``component not authorized``. Sites may set their own ``class_allow_list``; where they do not, and in the simulator,
    NVFlare's built-in list counts, which leaves out the Client API executor, PTFileModelPersistor and others
    (app_common/widgets/component_path_authorizer.py, default_component_policy.py). The simulator looks at the whole
    job, real sites at each app: beside an app that has custom code the finding is a warning.

    Give the app a ``custom/`` folder, even an empty one (the submitter then needs the right to bring code), or have the
    sites extend their list and ignore this rule in the settings.
    """
    if not review.has("allow_list"):
        return
    for app, config, _ in review.configs():
        refused = [
            spelling
            for component in (() if app.has_custom else config.top_components)
            for node in (component.node, *_component_like(review, component))
            if (spelling := _refused_spelling(review, node)) is not None
        ]
        if refused:
            yield _refused(review, app, refused)


def _refused(review: Review, app: App, nodes: list[Node]) -> Problem:
    first, *others = nodes
    more = f" and {len(others)} more" if others else ""
    message = (
        f"'{first.value}'{more}: sites do not allow this in an app without custom code, unless their own policy does"
    )
    spelt = "write full class paths, and " if any("." not in str(node.value) for node in nodes) else ""
    help = f"{spelt}add the folder {app.path('custom')}/, or have the sites extend class_allow_list"
    related = tuple(Related(node.place, "refused too") for node in others[:5])
    return at(first, message, help=help, related=related, severity=Severity.WARNING if review.job.byoc else None)


def _component_like(review: Review, component: Component) -> Iterator[Mapping]:
    """The objects among a component's arguments, at any depth, that NVFlare takes for components."""
    arguments = component.node.get("args")
    for node in arguments.walk() if arguments else ():
        if isinstance(node, Mapping) and is_class_like(node, review.release, review.is_short_name):
            yield node


def _refused_spelling(review: Review, node: Node) -> Node | None:
    """The value that names a class in a way that the allow-list refuses: a ``name``, or a path that is not listed."""
    key = next((key for key in ("name", "path", "class_path") if node.entry(key)), "")
    spelling = node.get(key) if key else None
    text = spelling.value if spelling is not None and is_known(spelling) else None
    if (
        spelling is None
        or not isinstance(text, str)
        or not text
        or not all(part.isidentifier() for part in text.split("."))
    ):
        return None
    if key != "name" and text.startswith("nvflare.") and not review.catalogue.has_module(text.rpartition(".")[0]):
        return None  # the release has no such module: a list that named it would not help
    return spelling if key == "name" or not _is_allowed(text, review.catalogue.allow_list) else None


def _is_allowed(class_path: str, allow_list: tuple[str, ...]) -> bool:
    """component_path_authorizer.py `_path_matches_prefix`: an entry stands for itself and for what is below it."""
    return any(class_path == entry or class_path.startswith(f"{entry.rstrip('.')}.") for entry in allow_list)
