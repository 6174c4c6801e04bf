"""Family 3: numbers of clients and rounds, names of sites, timeouts that contradict each other."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from fllint.catalogue.data_flow import AGGREGATION_WEIGHTS, CHOOSES_BEST_MODEL, NEEDS_TWO_CLIENTS, RANKS, SITE_ARGUMENTS
from fllint.catalogue.script_arguments import ROUNDS
from fllint.documents.tree import Leaf, Mapping, Node, Sequence
from fllint.findings import Problem, Related, Severity
from fllint.job.model import App, Component
from fllint.problems import at, is_known
from fllint.python.evaluate import failed_checks
from fllint.registry import rule
from fllint.scripts.runs import class_info
from fllint.suggest import did_you_mean

if TYPE_CHECKING:
    from fllint.review import Review


def _workflows(review: Review) -> Iterator[tuple[App, Component]]:
    for app, config, _ in review.configs():
        yield from ((app, workflow) for workflow in config.workflows if not workflow.disabled)


def _clients(review: Review) -> tuple[str, ...] | None:
    """The clients that the job may run on, when they are known: by the deploy map, else by the federation's sites."""
    if review.job.client_sites is not None:
        return review.job.client_sites
    sites = review.surroundings.sites
    return tuple(site for site in sites if site != "server") if sites is not None else None


def _number(node: Node | None) -> int | None:
    value = node.value if node is not None and is_known(node) else None
    return value if isinstance(value, int) and not isinstance(value, bool) else None


@rule("FL340", "too-few-clients", Severity.ERROR)
def too_few_clients(review: Review) -> Iterator[Problem]:
    """A workflow that hands the model from client to client gets fewer than two clients.

    The cyclic and the client-controlled workflows (swarm, cyclic, cross-site evaluation) need two clients and abort the
    run otherwise: ``Not enough client sites``, ``requires at least 2 clients``. With ``@ALL`` and ``min_clients`` 1 the
    job may start with one.

    Deploy the job to two clients or more, and set ``min_clients`` of meta to 2.
    """
    clients = _clients(review)
    minimum = review.job.meta.get("min_clients")
    for app, workflow in _workflows(review):
        resolution = review.class_of(app, workflow)
        info = resolution.class_info if resolution else None
        if not info or not any(info.is_a(path) for path in NEEDS_TWO_CLIENTS):
            continue
        related = (Related((workflow.class_node or workflow.node).place, f"{info.name} needs two clients"),)
        deploy_map = review.job.meta.get("deploy_map")
        if clients is not None and len(clients) < 2 and deploy_map is not None:
            yield at(deploy_map, f"{info.name} needs at least two clients, and the job has one", related=related)
        elif clients is None and minimum is not None and _number(minimum) == 1:
            message = f"the job may start with one client, and {info.name} needs two: the run would abort"
            yield at(minimum, message, help="write 2", related=related, severity=Severity.WARNING)


@rule("FL341", "more-clients-than-sites", Severity.INFO)
def more_clients_than_sites(review: Review) -> Iterator[Problem]:
    """A workflow is told to wait for more clients than the job is deployed to.

    FedAvg with ``num_clients`` above the number of clients logs an error in each round and goes on with those it has; a
    round of ScatterAndGather ends once all clients there are have answered, below ``min_clients`` too.

    Lower the number, or deploy the job to more clients.
    """
    clients = _clients(review)
    if not clients:
        return
    deploy_map = review.job.meta.get("deploy_map")
    for _, workflow in _workflows(review):
        for name in ("min_clients", "num_clients"):
            node = workflow.argument(name)
            number = _number(node)
            if node is not None and number is not None and number > len(clients):
                related = (Related(deploy_map.place, f"{len(clients)} clients"),) if deploy_map else ()
                message = f"{workflow.short_class} wants {number} clients, and the job goes to {len(clients)}"
                yield at(node, message, related=related)


@rule("FL342", "argument-names-unknown-site", Severity.ERROR)
def argument_names_unknown_site(review: Review) -> Iterator[Problem]:
    """An argument names a site that does not get the job.

    A relay order, ranks or a list of participating clients with an unknown name aborts the run; weights for an unknown
    site are never used. Site names are compared exactly.

    Write the names as the deploy map has them.
    """
    clients = _clients(review)
    if not clients:
        return
    for _, config, _ in review.configs():
        for component in config.all_components:
            for name in SITE_ARGUMENTS:
                node = component.argument(name)
                for site, place in _sites_in(node, name):
                    if site not in clients and not site.startswith("@"):
                        weights = name == "aggregation_weights"
                        message = f"'{site}' is no client of this job"
                        help = did_you_mean(site, clients) or f"its clients are {', '.join(clients[:8])}"
                        severity = Severity.WARNING if weights else None
                        yield at(place, message, help=help, severity=severity)


def _sites_in(node: Node | None, argument: str) -> Iterator[tuple[str, Node]]:
    if isinstance(node, Sequence):
        leaves = [item for item in node.items if isinstance(item, Leaf) and is_known(item)]
        yield from ((item.scalar, item) for item in leaves if isinstance(item.scalar, str))
    elif isinstance(node, Mapping) and argument in (AGGREGATION_WEIGHTS, RANKS):
        yield from ((entry.key, entry.node) for entry in node.entries)
    elif isinstance(node, Leaf) and argument == "starting_client" and isinstance(node.scalar, str) and node.scalar:
        yield node.scalar, node


@rule("FL351", "impossible-ranks", Severity.ERROR)
def impossible_ranks(review: Review) -> Iterator[Problem]:
    """``client_ranks`` does not give every client its own rank, from 0 up.

    The XGBoost controllers abort the run when a client has no rank, or when the ranks are not the whole numbers from 0
    to one less than there are clients, each once (app_opt/xgboost/histogram_based_v2/controller.py
    ``configure_clients``, 2.4 and later). Without ``client_ranks`` they are given at random.

    Give each client of the job its own rank; in vertical training 0 is the one that has the labels.
    """
    clients = _clients(review)
    for _, workflow in _workflows(review):
        node = workflow.argument(RANKS)
        if not isinstance(node, Mapping) or not node.entries or not is_known(node):
            continue
        yield from _wrong_ranks(node, clients)


def _wrong_ranks(node: Mapping, clients: tuple[str, ...] | None) -> Iterator[Problem]:
    count = len(clients) if clients else len(node.entries)
    for client in clients or ():
        if not node.entry(client):
            yield at(node, f"'{client}' gets no rank: the run is aborted", help="give every client of the job a rank")
    taken: dict[object, Node] = {}
    for entry in node.entries:
        rank = entry.node.value
        if not isinstance(rank, int) or isinstance(rank, bool) or not 0 <= rank < count:
            message = f"{entry.node.value!r} is no rank of {count} clients: the run is aborted"
            yield at(entry.node, message, help=f"write a whole number from 0 to {count - 1}")
        elif rank in taken:
            message = f"the rank {rank} is given twice: the run is aborted"
            yield at(entry.node, message, related=(Related(taken[rank].place, "the first time"),))
        taken.setdefault(rank, entry.node)


@rule("FL343", "one-round-selection", Severity.WARNING)
def one_round_selection(review: Review) -> Iterator[Problem]:
    """A best-model selector has one round to choose from.

    IntimeModelSelector compares the metric of the global model that the clients evaluate with the best one so far, from
    the second round on: after a single round it has chosen nothing, and no best model is saved
    (app_common/widgets/intime_model_selector.py).

    Run more rounds, or leave the selector out.
    """
    for app, config, _ in review.configs():
        for component in config.components:
            resolution = None if component.disabled else review.class_of(app, component)
            info = resolution.class_info if resolution else None
            if (
                not info
                or not any(info.is_a(path) for path in CHOOSES_BEST_MODEL)
                or not component.argument("key_metric")
            ):
                continue
            for workflow in config.workflows:
                rounds = workflow.argument(ROUNDS)
                if rounds is not None and _number(rounds) == 1:
                    related = (Related((component.class_node or component.node).place, "the selector"),)
                    message = f"with one round {info.name} has nothing to compare: no best model is chosen"
                    yield at(rounds, message, help="run at least two rounds", related=related)


@rule("FL346", "no-rounds", Severity.WARNING)
def no_rounds(review: Review) -> Iterator[Problem]:
    """A workflow runs no round.

    With ``num_rounds`` 0 (or below, where the workflow takes that) no task is sent: the run ends at once and well, and
    the model is the one that it began with (app_common/workflows, every release).

    Write how many rounds the job shall run.
    """
    for app, workflow in _workflows(review):
        rounds = workflow.argument(ROUNDS)
        number = _number(rounds)
        if rounds is None or number is None or number > 0:
            continue
        info = class_info(review, app, workflow)
        if info is not None and info.parameter(ROUNDS) and not failed_checks(info, {ROUNDS: number}):
            yield at(rounds, f"{info.name} runs no round: nothing is learned")


@rule("FL344", "few-responses", Severity.WARNING)
def few_responses(review: Review) -> Iterator[Problem]:
    """The swarm's aggregation goes on long before all sites have answered.

    With ``min_responses_required`` the aggregating client waits that many answers and a short time more; a slower
    site's model comes too late, is not recognised and is lost, round after round (app_common/ccwf/swarm_client_ctl.py).

    Set it to the number of sites, or give the others time (``wait_time_after_min_resps_received``).
    """
    clients = _clients(review)
    for app in review.job.client_apps:
        for component in app.client.all_components if app.client else ():
            node = component.argument("min_responses_required")
            number = _number(node)
            waits = component.argument("wait_time_after_min_resps_received")
            if node is not None and number is not None and clients and number * 2 <= len(clients) and waits is None:
                message = f"aggregation waits for {number} of {len(clients)} sites; slower ones fall behind"
                yield at(node, message, help=f"write {len(clients)}, or give wait_time_after_min_resps_received")


@rule("FL345", "contradictory-timeouts", Severity.WARNING)
def contradictory_timeouts(review: Review) -> Iterator[Problem]:
    """The server gives up earlier than a client may take for one round.

    The client-controlled workflows allow a training task ``learn_task_timeout`` seconds; the server ends the run when
    no client has made progress for ``progress_timeout`` seconds (app_common/ccwf/server_ctl.py). The smaller one wins.

    Raise ``progress_timeout`` above the time of a round.
    """
    learning = [
        node
        for app in review.job.client_apps
        for component in (app.client.all_components if app.client else ())
        if (node := component.argument("learn_task_timeout")) is not None
    ]
    for _, workflow in _workflows(review):
        node = workflow.argument("progress_timeout")
        limit = _seconds(node)
        longer = next((other for other in learning if (_seconds(other) or 0) > (limit or 0)), None)
        if node is not None and limit is not None and longer is not None:
            related = (Related(longer.place, "what a client may take"),)
            message = f"the server waits {limit:g} s for progress, and a client may train for {_seconds(longer):g} s"
            yield at(node, message, help=f"write more than {_seconds(longer):g}", related=related)


def _seconds(node: Node | None) -> float | None:
    value = node.value if node is not None and is_known(node) else None
    return value if isinstance(value, (int, float)) and not isinstance(value, bool) else None
