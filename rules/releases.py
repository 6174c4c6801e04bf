"""Family 5: what another release of NVFlare has and this one has not."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from fllint.catalogue.history import class_history, moved_to, replacement
from fllint.documents.tree import Leaf
from fllint.findings import Problem, Related, Severity
from fllint.fixes import write_value
from fllint.problems import at
from fllint.python.resolve import Outcome
from fllint.registry import rule

if TYPE_CHECKING:
    from fllint.findings import Fix
    from fllint.job.model import App, Component, Config
    from fllint.review import Review


@rule("FL501", "class-of-another-release", Severity.ERROR, fix="safe or unsafe")
def class_of_another_release(review: Review) -> Iterator[Problem]:
    """A class path of NVFlare that exists in other releases but not in this one.

    Classes move and go: 2.9 removed the Client API executors, launchers and pipes of 2.4 to 2.8 without leaving
    aliases. Importing one fails with ModuleNotFoundError; on a client the simulator still returns 0.

    Use what replaced it, or check against the release that the sites really run (``--nvflare``).
    ``fllint check --fix --unsafe-fixes --nvflare 2.9`` carries a whole config over from those executors to
    ``ClientAPIExecutor``, which may wait other times than they did.
    """
    for app, config, _ in review.configs():
        missing = list(_missing_classes(review, app, config))
        carried = _carried_over(config, review) if missing else {}
        for component, node, class_path in missing:
            history = class_history(class_path, review.release)
            if history:
                message = f"NVFlare {review.release} has no '{class_path}': {history}"
                related = (Related(node.substituted_at, "used here"),) if node.substituted_at else ()
                moved = moved_to(class_path, review.release)
                fix = carried.get(component) or (write_value(node, moved) if moved else None)
                yield at(node.place, message, help=replacement(class_path, review.release), related=related, fix=fix)


def _missing_classes(review: Review, app: App, config: Config) -> Iterator[tuple[Component, Leaf, str]]:
    """The components whose class path is one of NVFlare that this release lacks, and that path."""
    for component in config.all_components:
        resolution = None if component.disabled else review.class_of(app, component)
        node = component.class_node
        if not resolution or not isinstance(node, Leaf) or resolution.where != "nvflare":
            continue
        if resolution.outcome in (Outcome.MODULE_MISSING, Outcome.NAME_MISSING):
            yield component, node, resolution.class_path


def _carried_over(config: Config, review: Review) -> dict[Component, Fix]:
    """The components that one fix of the whole config replaces or takes out, and that fix."""
    from fllint.carry_over import carry_over

    carried = carry_over(config, review.catalogue)
    return dict.fromkeys(carried.components, carried.fix) if carried else {}


@rule("FL502", "deprecated-class", Severity.INFO)
def deprecated_class(review: Review) -> Iterator[Problem]:
    """A class that NVFlare marks as deprecated in this release.

    It still works and may be gone in the next one.

    Use what its documentation names instead.
    """
    for app, config, _ in review.configs():
        for component in config.all_components:
            resolution = None if component.disabled else review.class_of(app, component)
            info = resolution.class_info if resolution else None
            if info and info.deprecated and component.class_node is not None:
                yield at(
                    component.class_node, f"{info.name} is deprecated in NVFlare {review.release}: {info.deprecated}"
                )
