"""Family 3: what the statistics that a job asks for lack."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from fllint.catalogue.data_flow import BINS, CALCULATED_FROM, HISTOGRAM, RANGE, STATISTICS, STATISTICS_ARGUMENT
from fllint.documents.tree import Mapping, Sequence
from fllint.findings import Problem, Severity
from fllint.problems import at
from fllint.registry import rule
from fllint.scripts.runs import class_info
from fllint.suggest import did_you_mean

if TYPE_CHECKING:
    from fllint.review import Review


@rule("FL347", "incomplete-statistics", Severity.ERROR)
def incomplete_statistics(review: Review) -> Iterator[Problem]:
    """A statistics job asks for a histogram without bins, or for a mean without the sum.

    Without ``bins`` every client raises ``missing required 'bins' config in histogram config``, and the run ends
    without statistics (app_common/executors/statistics/statistics_task_handler.py, 2.3 and later). The mean is
    calculated of the sums: where they are not asked for, the server aborts the run with ``KeyError: 'sum'``
    (app_common/statistics/numeric_stats.py). A ``range`` whose end is not above its beginning makes numpy raise ``max
    must be larger than min in range parameter`` in every client. A histogram that is an empty object is left out of the
    results: a warning.

    Write ``"sum": {}`` beside ``"mean": {}``, and ``"histogram": {"*": {"bins": 20}}``; a feature may have an entry of
    its own in the place of ``*``.
    """
    for app, config, _ in review.configs():
        for workflow in config.workflows:
            wanted = workflow.argument(STATISTICS_ARGUMENT)
            info = class_info(review, app, workflow) if isinstance(wanted, Mapping) else None
            if isinstance(wanted, Mapping) and info is not None and info.is_a(STATISTICS):
                yield from _without_source(wanted)
                histogram = wanted.get(HISTOGRAM)
                yield from _without_bins(histogram) if isinstance(histogram, Mapping) else ()


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
        span = node.get(RANGE) if isinstance(node, Mapping) else None
        ends = [item.value for item in span.items] if isinstance(span, Sequence) else []
        numbers = [end for end in ends if isinstance(end, (int, float))]
        if span is not None and len(numbers) == len(ends) == 2 and numbers[0] > numbers[1]:
            message = f"the range of '{entry.key}' ends below its beginning: every client fails"
            yield at(span, message, help=f"[{numbers[1]}, {numbers[0]}]")
