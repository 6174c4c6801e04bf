"""Family 3: what the statistics that a job asks for lack."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from fllint.catalogue.data_flow import (
    BINS,
    CALCULATED_BY,
    CALCULATED_FROM,
    HISTOGRAM,
    LIMITS,
    RANGE,
    STATISTICS,
    STATISTICS_ARGUMENT,
    STATISTICS_BASE,
)
from fllint.documents.tree import Mapping, Node, Sequence
from fllint.findings import Problem, Related, Severity
from fllint.job.model import App
from fllint.problems import at
from fllint.python.classes import ClassInfo
from fllint.registry import rule
from fllint.scripts.runs import class_info
from fllint.suggest import did_you_mean
from fllint.tasks import client_configs

if TYPE_CHECKING:
    from fllint.review import Review


@rule("FL347", "incomplete-statistics", Severity.ERROR)
def incomplete_statistics(review: Review) -> Iterator[Problem]:
    """A statistics job asks for what it cannot get: a histogram without bins, a mean without the sum, a number that the
    clients' generator does not calculate.

    Without ``bins`` every client raises ``missing required 'bins' config in histogram config``, and the run ends
    without statistics (app_common/executors/statistics/statistics_task_handler.py, 2.3 and later). The mean is
    calculated of the sums: where they are not asked for, the server aborts the run with ``KeyError: 'sum'``
    (app_common/statistics/numeric_stats.py). What a generator has no method for is left out of the results, with
    ``NotImplementedError`` in the logs of the clients, and so is a histogram that is an empty object or whose range
    begins above its end: warnings.

    Write ``"sum": {}`` beside ``"mean": {}``, and ``"histogram": {"*": {"bins": 20}}``; a feature may have an entry of
    its own in the place of ``*``. Write the method that is missing.
    """
    for app, config, _ in review.configs():
        for workflow in config.workflows:
            wanted = workflow.argument(STATISTICS_ARGUMENT)
            info = class_info(review, app, workflow) if isinstance(wanted, Mapping) else None
            if isinstance(wanted, Mapping) and info is not None and info.is_a(STATISTICS):
                yield from _without_source(wanted)
                histogram = wanted.get(HISTOGRAM)
                yield from _without_bins(histogram) if isinstance(histogram, Mapping) else ()
                yield from _without_method(review, wanted)


def _without_source(wanted: Mapping) -> Iterator[Problem]:
    for entry in wanted.entries:
        source = CALCULATED_FROM.get(entry.key)
        if source and not wanted.entry(source):
            message = f"the {entry.key} is calculated of the {source}, which is not asked for: the run is aborted"
            yield at(entry.key_place, message, help=f'add "{source}": {{}}')


def _without_bins(histogram: Mapping) -> Iterator[Problem]:
    if not histogram.entries:
        message = "a histogram without entries is not made"
        yield at(histogram, message, help='write {"*": {"bins": 20}}', severity=Severity.WARNING)
    for entry in histogram.entries:
        node = entry.node
        if isinstance(node, Mapping) and not node.entry(BINS):
            near = next((each for each in node.entries if did_you_mean(each.key, [BINS])), None)
            message = f"the histogram of '{entry.key}' has no 'bins': every client fails"
            yield at(
                near.key_place if near else node, message, help=f"did you mean '{BINS}'?" if near else '"bins": 20'
            )
        limits = _numbers(node.get(RANGE)) if isinstance(node, Mapping) else ()
        if isinstance(node, Mapping) and len(limits) == 2 and limits[0] > limits[1]:
            message = (
                f"the range of '{entry.key}' begins at {limits[0]:g} and ends at {limits[1]:g}: no histogram is made"
            )
            yield at(node.get(RANGE) or node, message, help="write [least, greatest]", severity=Severity.WARNING)


def _numbers(node: Node | None) -> list[float]:
    values = [item.value for item in node.items] if isinstance(node, Sequence) else []
    return [value for value in values if isinstance(value, (int, float)) and not isinstance(value, bool)]


def _without_method(review: Review, wanted: Mapping) -> Iterator[Problem]:
    """The statistics that no generator of the clients calculates: the base class's methods only raise."""
    found = [
        (app, info)
        for app, config in client_configs(review.job.client_apps)
        for component in config.components
        if (info := class_info(review, app, component)) is not None and _is_own_generator(review, app, info)
    ]
    for entry in wanted.entries:
        needed = [*CALCULATED_BY.get(entry.key, ())]
        if entry.key == HISTOGRAM and isinstance(entry.node, Mapping):
            ranges = [isinstance(each.node, Mapping) and each.node.get(RANGE) for each in entry.node.entries]
            needed += () if all(ranges) else LIMITS
        for app, info in found:
            missing = [name for name in needed if info.method(name) is None]
            if missing:
                place = review.custom_place(app, info.location) if info.location else None
                related = (Related(place, info.name),) if place else ()
                message = f"{info.name} has no method '{missing[0]}': the {entry.key} is left out of the results"
                help = f"write {missing[0]}() in {info.name}, or do not ask for the {entry.key}"
                yield at(entry.key_place, message, help=help, related=related, severity=Severity.WARNING)
                break


def _is_own_generator(review: Review, app: App, info: ClassInfo) -> bool:
    """Whether a class is a generator whose methods are all the job's own."""
    theirs = [path for path in (info.path, *info.ancestors) if path.startswith("nvflare.") and path != STATISTICS_BASE]
    found = [review.resolve(app, path).class_info for path in theirs]
    return bool(info.is_a(STATISTICS_BASE)) and all(each and each.is_a(STATISTICS_BASE) is False for each in found)
