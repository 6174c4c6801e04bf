"""Family 3: what one side does to the data and only its counterpart on the other side undoes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from fllint.catalogue.data_flow import HARMLESS_QUANTIZATION, STREAMED_TASKS, STREAMERS, UNDONE_BY
from fllint.findings import Problem, Related, Severity
from fllint.job.model import App, Component, Config, FilterChain
from fllint.problems import at
from fllint.registry import rule
from fllint.scripts.runs import class_info
from fllint.tasks import given_values, sent_tasks

if TYPE_CHECKING:
    from fllint.review import Review


@rule("FL338", "half-of-a-pair", Severity.ERROR)
def half_of_a_pair(review: Review) -> Iterator[Problem]:
    """One side streams or quantizes what it sends, and the other side does not know.

    TensorServerStreamer and TensorClientStreamer take the tensors out of the message and send them by themselves, for
    the tasks that both name: with one of them alone, or for other tasks, the receiver gets an empty model or waits for
    tensors in vain (``No tensors received from peer``), and the run is aborted (app_opt/tensor_stream, 2.6 and later).
    What a ModelQuantizer makes small is of use only after a ModelDequantizer: without it the client trains, or the
    server aggregates, codes in the place of numbers (app_opt/pt/quantization, 2.6 and later). With ``float16`` only
    the precision suffers: a warning.

    Add the counterpart to the other side: a streamer to the components of both configs, a dequantizer to the
    ``task_data_filters`` of the clients and the ``task_result_filters`` of the server.
    """
    app = review.job.server_app
    if app is None or app.server is None:
        return
    yield from _one_sided_streamers(review, app, app.server)
    if not (review.job.meta.root and review.job.meta.root.entry("scope")):  # a scope may bring filters
        for client_app in review.job.client_apps:
            if client_app.client:
                server, client = (app, app.server), (client_app, client_app.client)
                yield from _not_undone(review, server, client, "task_data_filters")
                yield from _not_undone(review, client, server, "task_result_filters")


def _streamer(review: Review, app: App, config: Config, path: str) -> tuple[Component | None, set[str], bool]:
    """The component that streams, the tasks that it streams, and whether all components of the config are known."""
    known = True
    for component in config.components:
        info = class_info(review, app, component)
        known = known and (info is not None or component.disabled)
        if info is not None and info.is_a(path):
            tasks = given_values(review, app, component, info).get(STREAMED_TASKS)
            names = {str(task) for task in tasks} if isinstance(tasks, (list, tuple)) else {"train"}
            return component, names, True
    return None, set(), known


def _one_sided_streamers(review: Review, server_app: App, server: Config) -> Iterator[Problem]:
    sent = set(sent_tasks(review).names)
    here, tasks, server_known = _streamer(review, server_app, server, STREAMERS[0])
    for app in review.job.client_apps:
        if app.client is None:
            continue
        there, client_tasks, client_known = _streamer(review, app, app.client, STREAMERS[1])
        for one, path, known, side in (
            (here, STREAMERS[1], client_known, "clients"),
            (there, STREAMERS[0], server_known, "server"),
        ):
            if one and known and not (here and there) and sent & (tasks or client_tasks):
                name = path.rpartition(".")[2]
                message = f"{one.short_class} needs {name} on the side of the {side}: the run is aborted"
                yield at(one.class_node or one.node, message, help=f'add {{"id": "streamer", "path": "{path}"}}')
        if here and there and (tasks ^ client_tasks) & sent:
            given = [each.argument(STREAMED_TASKS) for each in (there, here)]
            place = given[0] or given[1] or there.node
            message = f"the server streams {_listed(tasks)}, and the clients stream {_listed(client_tasks)}"
            other = here if given[0] else there
            related = (Related((other.class_node or other.node).place, "the other streamer"),)
            yield at(place, message, help="name the same tasks on both sides", related=related)


def _listed(tasks: set[str]) -> str:
    return " and ".join(f"'{task}'" for task in sorted(tasks)) or "nothing"


def _not_undone(
    review: Review, sender: tuple[App, Config], receiver: tuple[App, Config], table: str
) -> Iterator[Problem]:
    """The filters of what a side sends whose counterpart is not among the filters of what the other side gets."""
    for chain in _chains(sender[1], table, "out"):
        for component in chain.filters:
            info = class_info(review, sender[0], component)
            wanted = next((undo for path, undo in UNDONE_BY.items() if info and info.is_a(path)), None)
            if info is None or wanted is None:
                continue
            for task in sorted(set(chain.tasks) & set(sent_tasks(review).names)):
                if _may_undo(review, receiver, table, task, wanted):
                    continue
                harmless = HARMLESS_QUANTIZATION in given_values(review, sender[0], component, info).values()
                lacks = f"the other side has no {wanted.rpartition('.')[2]} for '{task}'"
                message = f"{lacks}: " + (
                    "the model stays in float16" if harmless else "it takes the codes for numbers"
                )
                help = f"add it to the {table} of {receiver[1].name}"
                severity = Severity.WARNING if harmless else None
                entry = receiver[1].root.entry(table) if receiver[1].root else None
                related = (Related(entry.key_place, "the other side's filters"),) if entry else ()
                yield at(component.class_node or component.node, message, help=help, severity=severity, related=related)


def _may_undo(review: Review, receiver: tuple[App, Config], table: str, task: str, wanted: str) -> bool:
    """Whether a filter of what a side gets is the wanted one, or of the job's own, or not known."""
    chains = [chain for chain in _chains(receiver[1], table, "in") if task in chain.tasks]
    infos = [class_info(review, receiver[0], component) for chain in chains for component in chain.filters]
    return any(info is None or not info.path.startswith("nvflare.") or info.is_a(wanted) for info in infos)


def _chains(config: Config, table: str, direction: str) -> list[FilterChain]:
    return [chain for chain in config.filter_chains if chain.table == table and direction in chain.directions]
