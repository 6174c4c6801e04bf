"""Family 3: what kind of data goes from whom to whom."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from fllint.catalogue.data_flow import (
    FILE_PIPES,
    FRAMEWORKS,
    METRICS,
    TRANSFER_KINDS,
)
from fllint.documents.tree import UNKNOWN_TEXT, Leaf, Node, Sequence
from fllint.findings import Problem, Related, Severity
from fllint.job.model import App, Component, Config, Role, Side
from fllint.problems import at, is_known
from fllint.python.classes import ClassInfo
from fllint.references import Reference, references
from fllint.registry import rule
from fllint.scripts.runs import class_info
from fllint.tasks import given_values, route, tasks_of

from .sent_kinds import SentKind, is_any, is_kind_changed, is_nvflares, kind_sent

if TYPE_CHECKING:
    from fllint.review import Review


def _info(review: Review, app: App, component: Component | None) -> ClassInfo | None:
    return class_info(review, app, component) if component else None


def _places(component: Component, argument: str) -> Node:
    """The argument where it is given, else the class that relies on its default."""
    return component.argument(argument) or component.class_node or component.node


def _trainers(review: Review, reference: Reference) -> Iterator[tuple[App, Config, Component]]:
    """The executors whose results a component that asks for an aggregator collects."""
    tasks = tasks_of(review, reference.app, reference.component) or ()
    if reference.component.role is Role.WORKFLOW:
        apps = [(app, app.client) for app in review.job.client_apps]
    else:
        apps = [(reference.app, reference.config)]
    for app, config in apps:
        for task in tasks:
            found = route(config, task, patterns=review.has("task_patterns")) if config else None
            if config and found and found[0].component and found[0].component is not reference.component:
                yield app, config, found[0].component


@rule("FL330", "data-kind-mismatch", Severity.ERROR)
def data_kind_mismatch(review: Review) -> Iterator[Problem]:
    """An aggregator waits for another kind of data than the executors send.

    InTimeAccumulateWeightedAggregator takes ``WEIGHT_DIFF`` by default; NPTrainer and the Client API
    (``params_transfer_type`` ``FULL``) send ``WEIGHTS``; an executor or learner of the job's own sends what its DXO
    says. Every contribution is then rejected with a line in the log, the model stays as it was, and the job finishes as
    if all were well (app_common/aggregators, every release).

    Set ``expected_data_kind`` to what is sent, or ``params_transfer_type`` to what is expected.
    """
    for reference in references(review):
        if review.catalogue.kinds.get("Aggregator") not in reference.argument.expected:
            continue
        aggregator = reference.config.ids.get(reference.text)
        info = _info(review, reference.app, aggregator)
        if aggregator is None or info is None or not info.parameter("expected_data_kind"):
            continue
        expected = given_values(review, reference.app, aggregator, info)["expected_data_kind"]
        for app, config, executor in _trainers(review, reference):
            sent = kind_sent(review, app, config, executor)
            if sent is None or not _differs(sent.kind, expected) or is_kind_changed(review, app, config):
                continue
            if not is_kind_changed(review, reference.app, reference.config):
                yield _mismatch(aggregator, str(expected), executor, sent)
                break


def _differs(sent: str, expected: object) -> bool:
    return expected in TRANSFER_KINDS.values() and sent != expected


def _mismatch(aggregator: Component, expected: str, executor: Component, sent: SentKind) -> Problem:
    given = aggregator.argument("expected_data_kind") is not None
    by_default = "" if given else " by default"
    message = f"{aggregator.short_class} takes {expected}{by_default}, and {executor.short_class} sends {sent.kind}"
    related = (Related(sent.place, f"sends {sent.kind}"),)
    help = f'every contribution would be rejected: write "expected_data_kind": "{sent.kind}"'
    if sent.kind == METRICS:
        help = f"every contribution would be rejected: answer the training task with {expected}"
    return at(_places(aggregator, "expected_data_kind"), message, help=help, related=related)


def _framework(info: ClassInfo | None) -> str | None:
    """The framework that a class is made for, by the package of NVFlare that it or an ancestor is in."""
    for path in (info.path, *info.ancestors) if info else ():
        for package, framework in FRAMEWORKS.items():
            if path.startswith(f"{package}.") or path.startswith(f"{package}_"):
                return framework
    return None


@rule("FL331", "framework-mismatch", Severity.ERROR)
def framework_mismatch(review: Review) -> Iterator[Problem]:
    """The clients train with one framework, and the server keeps the model of another.

    NVFlare's NPTrainer wants the model that NPModelPersistor makes (under the key ``numpy_key``); a PyTorch or
    TensorFlow persistor gives it the layers of a network, and the client answers with an error in the first round.

    Use the persistor and the executor of the same framework.
    """
    persistor_kind = review.catalogue.kinds.get("LearnablePersistor", "")
    for reference in references(review):
        if persistor_kind not in reference.argument.expected or reference.component.role is not Role.WORKFLOW:
            continue
        persistor = reference.config.ids.get(reference.text)
        kept = _framework(_info(review, reference.app, persistor))
        for app, _, executor in _trainers(review, reference):
            trained = _framework(class_info(review, app, executor))
            if persistor and kept and trained and "numpy" in (kept, trained) and kept != trained:
                if _converts(review, app, executor):
                    continue
                message = (
                    f"{executor.short_class} trains a {trained} model, and the server's persistor keeps a {kept} one"
                )
                related = (Related((persistor.class_node or persistor.node).place, "the persistor"),)
                help = "use the persistor and the executor of the same framework"
                yield at(executor.class_node or executor.node, message, help=help, related=related)


def _converts(review: Review, app: App, executor: Component) -> bool:
    """Whether an executor converts between formats, as those of the Client API do."""
    info = class_info(review, app, executor)
    return bool(info and (info.parameter("params_exchange_format") or info.parameter("params_transfer_type")))


@rule("FL332", "format-mismatch", Severity.WARNING)
def format_mismatch(review: Review) -> Iterator[Problem]:
    """The clients exchange PyTorch tensors, and the server's persistor turns them into numpy.

    With ``server_expected_format`` ``pytorch`` the tensors go to the server as they are; the persistor must be told to
    leave them so (``allow_numpy_conversion`` false, 2.6 and later), and the other way round. Otherwise they are
    converted at every step, and types that numpy does not know (bfloat16) fail.

    Set both to the same.
    """
    persistor_kind = review.catalogue.kinds.get("LearnablePersistor", "")
    for reference in references(review):
        persistor = reference.config.ids.get(reference.text)
        info = _info(review, reference.app, persistor)
        if persistor_kind not in reference.argument.expected or persistor is None or info is None:
            continue
        if not info.parameter("allow_numpy_conversion"):
            continue
        converts = given_values(review, reference.app, persistor, info)["allow_numpy_conversion"]
        for _, _, executor in _trainers(review, reference):
            node = executor.argument("server_expected_format")
            if node is None or not isinstance(converts, bool) or not isinstance(node.value, str):
                continue
            if (node.value == "pytorch") is converts and node.value in ("pytorch", "numpy"):
                wanted = "false" if converts else "true"
                message = (
                    f"the clients send {node.value}, and {info.name} {'converts to' if converts else 'keeps no'} numpy"
                )
                related = (Related(node.place, "the clients' format"),)
                help = f'write "allow_numpy_conversion": {wanted}'
                yield at(_places(persistor, "allow_numpy_conversion"), message, help=help, related=related)
                break


@rule("FL333", "event-never-arrives", Severity.WARNING)
def event_never_arrives(review: Review) -> Iterator[Problem]:
    """A component of the server waits for federation events that no client sends.

    What a client's script logs is an event of that site only. It reaches the server as ``fed.<event>`` when the client
    config has a ConvertToFedEvent for it (or, up to 2.8, a MetricRelay); the Client API in an external process sends it
    itself since 2.9. Without, or where the receiver waits for the name without ``fed.``, it stays empty, and nobody
    says so.

    Add to the client's components ``{"id": "…", "path":
    "nvflare.app_common.widgets.convert_to_fed_event.ConvertToFedEvent", "args": {"events_to_convert":
    ["analytix_log_stats"]}}``.
    """
    for _, config, _ in review.configs():
        if config.side is not Side.SERVER or not review.job.client_apps:
            continue
        for component in config.components:
            events = component.argument("events")
            for event in events.items if isinstance(events, Sequence) else ():
                name = event.value
                if not isinstance(name, str) or component.disabled:
                    continue
                if not name.startswith("fed."):
                    if events is not None and f"fed.{name}" not in _strings(events):
                        yield from _without_prefix(review, config, event, name)
                    continue
                if not any(_may_send(review, app, name) for app in review.job.client_apps):
                    message = f"no client sends the event '{name}': {component.label} stays empty"
                    help = f"add a ConvertToFedEvent for '{name.removeprefix('fed.')}' to the client's components"
                    yield at(event, message, help=help)


def _without_prefix(review: Review, config: Config, event: Node, name: str) -> Iterator[Problem]:
    """An event that clients send to the server, under the name that it has on the clients."""
    converters = [
        found.argument("events_to_convert")
        for app in review.job.client_apps
        for found in (app.client.components if app.client else ())
        if not found.disabled
    ]
    app = review.job.server_app
    infos = [class_info(review, app, found) for found in config.all_components] if app else [None]
    theirs = all(info and is_nvflares(info) for info in infos)
    if theirs and any(name in _strings(node) for node in converters if node is not None and is_known(node)):
        message = f"'{name}' of the clients reaches the server as 'fed.{name}': nothing of that name happens here"
        yield at(event, message, help=f"write 'fed.{name}'")


def _may_send(review: Review, app: App, event: str) -> bool:
    """Whether something in a client app may fire an event for the whole federation."""
    for component in app.client.all_components if app.client else ():
        if component.disabled:
            continue
        info = class_info(review, app, component)
        if info is None or not is_nvflares(info):
            return True
        if info.parameter("fed_event"):
            return True
        converted = component.argument("events_to_convert")
        prefix = given_values(review, app, component, info).get("fed_event_prefix", "fed.")
        if converted is not None and (not is_known(converted) or not isinstance(prefix, str)):
            return True
        if converted is not None and event in [f"{prefix}{name}" for name in _strings(converted)]:
            return True
        mode = component.argument("execution_mode")
        if mode is not None and mode.value != "in_process":
            return True
    return False


def _strings(node: Node) -> list[str]:
    return [str(item.value) for item in node.children]


@rule("FL335", "shared-pipe-folder", Severity.WARNING)
def shared_pipe_folder(review: Review) -> Iterator[Problem]:
    """A pipe through files uses the same folder on every site.

    A FilePipe with a fixed ``root_path`` mixes the messages of all sites that share a file system, as those of the
    simulator and of a POC do (fuel/utils/pipe/file_pipe.py, 2.4 to 2.8).

    Write ``"{WORKSPACE}/{JOB_ID}/{SITE_NAME}"``.
    """
    for app, config, _ in review.configs():
        for component in config.all_components if len(app.client_sites) != 1 else ():
            root = component.argument("root_path")
            if not isinstance(root, Leaf) or not is_any(class_info(review, app, component), FILE_PIPES):
                continue
            if isinstance(root.scalar, str) and UNKNOWN_TEXT not in root.scalar:
                what = f"the folder '{root.scalar}'" if root.scalar else "an empty folder name"
                help = 'write "{WORKSPACE}/{JOB_ID}/{SITE_NAME}"'
                yield at(root, f"every site on a machine uses {what} for its pipe", help=help)
