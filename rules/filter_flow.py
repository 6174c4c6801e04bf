"""Family 3: filters that let everything pass, and filters that what they are meant for passes by."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from fllint.catalogue.data_flow import (
    DXO_FILTER,
    FILTERED_KINDS,
    NOT_TRAINING,
    PASSES_UNLESS,
)
from fllint.findings import Problem, Related, Severity
from fllint.job.model import App, Config, FilterChain, Side
from fllint.problems import at, is_known
from fllint.python.evaluate import failed_checks, value_of
from fllint.registry import rule
from fllint.scripts.runs import class_info
from fllint.tasks import client_configs, given_values, route, sent_tasks

from .sent_kinds import SentKind, is_kind_changed, kind_sent

if TYPE_CHECKING:
    from fllint.review import Review

_RESULTS = "task_result_filters"


@rule("FL348", "filter-without-effect", Severity.WARNING)
def filter_without_effect(review: Review) -> Iterator[Problem]:
    """A filter has arguments with which it lets everything pass.

    PercentilePrivacy does nothing unless ``gamma`` is above 0 and ``percentile`` between 0 and 100
    (app_common/filters/percentile_privacy.py, every release). The model then leaves the site as if there were no
    filter, and nobody says so.

    Give the filter arguments with which it works.
    """
    for app, config, _ in review.configs():
        for chain in config.filter_chains:
            for component in chain.filters:
                info = class_info(review, app, component)
                for path, limits in PASSES_UNLESS.items():
                    for name, above, least, most in limits if info is not None and info.is_a(path) else ():
                        node = component.argument(name)
                        value = node.value if node is not None and is_known(node) else None
                        if node is None or isinstance(value, bool) or not isinstance(value, (int, float)):
                            continue
                        if not (above < value and least <= value <= most):
                            yield at(node, f"{component.short_class} lets everything pass with {name} {value}")


@rule("FL349", "filter-passed-by", Severity.WARNING)
def filter_passed_by(review: Review) -> Iterator[Problem]:
    """A filter of results is for kinds of data that the executor does not send.

    A filter for DXOs looks at the kind of what comes, and lets everything pass that is not among its ``data_kinds``,
    without a word (apis/dxo_filter.py, every release): with ``["WEIGHT_DIFF"]``, an executor that sends ``WEIGHTS`` is
    not filtered at all. For a privacy filter that means that nothing is protected.

    Name the kind that is sent, or let the executor send the other kind (``params_transfer_type``).
    """
    sent = sent_tasks(review).names
    for app, config in client_configs(review.job.client_apps):
        kinds = _kinds_by_task(review, app, config, sent)
        chains = [(app, config, chain) for chain in config.filter_chains]
        if not is_kind_changed(review, app, config):
            chains += [(server, found, chain) for server, found in _servers(review) for chain in found.filter_chains]
        for place, owner, chain in chains if kinds else ():
            if chain.table == _RESULTS:
                yield from _passed_by(review, place, owner, chain, kinds)


def _servers(review: Review) -> list[tuple[App, Config]]:
    return [(app, config) for app, config, _ in review.configs() if config.side is Side.SERVER]


def _kinds_by_task(review: Review, app: App, config: Config, tasks: tuple[str, ...]) -> dict[str, SentKind]:
    """What a client sends for the tasks that are training, where that can be told."""
    kinds: dict[str, SentKind] = {}
    for task in tasks:
        found = route(config, task, patterns=review.has("task_patterns"))
        executor = found[0].component if found else None
        info = class_info(review, app, executor) if executor else None
        if executor is None or info is None:
            continue
        values = given_values(review, app, executor, info)
        kind = kind_sent(review, app, config, executor)
        if kind is not None and task not in [values.get(name) for name in NOT_TRAINING]:
            kinds[task] = kind
    return kinds


def _passed_by(
    review: Review, app: App, config: Config, chain: FilterChain, kinds: dict[str, SentKind]
) -> Iterator[Problem]:
    sent = [kinds[task] for task in chain.tasks if task in kinds]
    for component in chain.filters if sent else ():
        if is_kind_changed(review, app, config, by_others_than=component):
            continue
        info = class_info(review, app, component)
        text = dict(info.attributes).get(FILTERED_KINDS) if info and info.is_a(DXO_FILTER) else None
        if info is None or text is None:
            continue
        values = given_values(review, app, component, info)
        filtered = value_of(text, values)
        if not isinstance(filtered, list) or not filtered or any(each.kind in filtered for each in sent):
            continue
        if failed_checks(info, values):
            continue
        words = " and ".join(map(str, filtered))
        message = f"{info.name} filters {words}, and gets {sent[0].kind}: nothing is filtered"
        where = component.argument(FILTERED_KINDS) or component.class_node or component.node
        yield at(where, message, related=(Related(sent[0].place, f"sends {sent[0].kind}"),))
