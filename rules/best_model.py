"""Family 3: the metric by which the best model is chosen."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from fllint.catalogue.data_flow import (
    ALREADY_NEGATED,
    CHOOSES_BEST_MODEL,
    LOWER_IS_BETTER_PARTS,
    LOWER_IS_BETTER_WORDS,
    NEGATES_METRIC,
)
from fllint.catalogue.script_arguments import KEY_METRIC
from fllint.findings import Problem, Severity
from fllint.problems import at
from fllint.registry import rule
from fllint.scripts.runs import class_info
from fllint.tasks import given_values

from .module_imports import loaded_code

if TYPE_CHECKING:
    from fllint.review import Review


@rule("FL352", "worst-model-is-chosen", Severity.WARNING)
def worst_model_is_chosen(review: Review) -> Iterator[Problem]:
    """The best model is chosen by a metric of which less is better, and the greatest value counts.

    IntimeModelSelector keeps the model with the greatest ``key_metric`` unless ``negate_key_metric`` is true (2.4 and
    later). With a loss or an error the saved "best" model is the worst one; since 2.9 NVFlare warns in the server's log
    (app_common/widgets/intime_model_selector.py, whose list of words this rule has).

    Write ``"negate_key_metric": true`` (``key_metric_mode="min"`` in a recipe), or let the scripts send the negated
    metric under another name, ``neg_val_loss``.
    """
    for app, config, _ in review.configs():
        for component in config.components:
            info = class_info(review, app, component)
            if info is None or not any(info.is_a(path) for path in CHOOSES_BEST_MODEL):
                continue
            values = given_values(review, app, component, info)
            metric, node = values.get(KEY_METRIC), component.argument(KEY_METRIC)
            if not isinstance(metric, str) or node is None or not _less_is_better(metric):
                continue
            if values.get(NEGATES_METRIC, False) is False and not _is_sent_negated(review, metric):
                known = info.parameter(NEGATES_METRIC) is not None
                help = f'write "{NEGATES_METRIC}": true' if known else f"send the negated metric, 'neg_{metric}'"
                yield at(
                    node, f"of '{metric}' less is better, and {info.name} keeps the model with the most", help=help
                )


def _less_is_better(metric: str) -> bool:
    name = metric.lower()
    words = re.split(r"[^a-z0-9]+", name)
    if ALREADY_NEGATED in words:
        return False
    return any(part in name for part in LOWER_IS_BETTER_PARTS) or any(word in LOWER_IS_BETTER_WORDS for word in words)


def _is_sent_negated(review: Review, metric: str) -> bool:
    """Whether code of the job puts a minus before what it calls so."""
    pattern = re.compile(rf"""["']{re.escape(metric)}["']\]?\s*[:=,]\s*-""")
    return any(pattern.search(code.text) for _, code in loaded_code(review))
