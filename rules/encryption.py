"""Family 3: homomorphic encryption, which needs its parts on both sides, and every factor on one of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from msgspec import Struct

from fllint.catalogue.data_flow import (
    ADDS_ENCRYPTED,
    AGGREGATION_WEIGHTS,
    CONTEXT_FILES,
    DECRYPTS,
    ENCRYPTS,
    LOCAL_STEPS,
    PERSISTOR_FILTER,
    PICKLES,
    SERIALIZES,
    SHARES_ENCRYPTED,
    WEIGHS_BY_STEPS,
)
from fllint.findings import Problem, Related, Severity
from fllint.job.model import App, Component, Side
from fllint.problems import at
from fllint.python.classes import ClassInfo
from fllint.references import Reference, references
from fllint.registry import rule
from fllint.scripts.runs import class_info
from fllint.tasks import given_values, tasks_of

from .sent_kinds import is_any

if TYPE_CHECKING:
    from fllint.documents.tree import Node
    from fllint.review import Review


@rule("FL334", "one-sided-encryption", Severity.ERROR)
def one_sided_encryption(review: Review) -> Iterator[Problem]:
    """The clients encrypt their results, and the server cannot work with them, or the other way round.

    Homomorphic encryption needs all its parts: HEModelEncryptor and HEModelDecryptor as filters of the clients, an HE
    aggregator and HEModelShareableGenerator on the server (app_opt/he). With the ordinary ones the sum of ciphertexts
    fails, or the contributions are rejected; HEModelShareableGenerator refuses what is not encrypted: ``expected
    encryption algorithm ... but got None``. PTFileModelPersistor needs a HEModelSerializeFilter as its ``filter_id``:
    it fails to save the model at the end of the first round otherwise (``cannot pickle 'CKKSVector' object``).

    Use the HE classes on both sides.
    """
    server = next((config for _, config, _ in review.configs() if config.side is Side.SERVER), None)
    server_app = review.job.server_app
    if server is None or server_app is None:
        return
    infos = [class_info(review, server_app, component) for component in server.components]
    if None in infos:
        return
    sides = [_of_clients(review, app) for app in review.job.client_apps]
    if any(encryptor for encryptor, _ in sides):
        for component, info in zip(server.components, infos, strict=True):
            given = component.argument(PERSISTOR_FILTER)
            if is_any(info, PICKLES) and (given is None or not given.value):
                name = SERIALIZES[0].rpartition(".")[2]
                message = f"{component.short_class} cannot save an encrypted model without a {name}"
                help = f'add a component {SERIALIZES[0]}, and its id here as "{PERSISTOR_FILTER}"'
                yield at(component.class_node or component.node, message, help=help)
    for encryptor, client_infos in sides:
        if encryptor is None:
            continue
        missing = [
            f"{wanted[0].rpartition('.')[2]} ({where})"
            for wanted, where, present in (
                (ADDS_ENCRYPTED, "an aggregator of the server", infos),
                (SHARES_ENCRYPTED, "the shareable generator of the server", infos),
                (DECRYPTS, "a data filter of the clients", client_infos),
            )
            if not any(is_any(info, wanted) for info in present)
        ]
        if missing:
            message = f"the results are encrypted here, but the job has no {' and no '.join(missing)}"
            place = server.root.get("components") if server.root else None
            related = (Related(place.place, "the server's components"),) if place else ()
            yield at(encryptor.class_node or encryptor.node, message, related=related)
    if review.job.meta.root and review.job.meta.root.entry("scope"):
        return  # a scope may bring filters
    yield from _other_tasks(review)
    if sides and all(encryptor is None and None not in found for encryptor, found in sides):
        for component, info in zip(server.components, infos, strict=True):
            if is_any(info, SHARES_ENCRYPTED):
                message = (
                    f"{component.short_class} takes encrypted results only, and no client encrypts: every round fails"
                )
                help = "add HEModelEncryptor and HEModelDecryptor to the filters of the clients"
                yield at(component.class_node or component.node, message, help=help)


def _other_tasks(review: Review) -> Iterator[Problem]:
    """The filters of clients that encrypt or decrypt, and not for the task whose results the server adds."""
    kind = review.catalogue.kinds.get("Aggregator")
    for reference in references(review):
        aggregator = reference.config.ids.get(reference.text)
        info = class_info(review, reference.app, aggregator) if aggregator else None
        tasks = tasks_of(review, reference.app, reference.component) or ()
        if kind not in reference.argument.expected or not is_any(info, ADDS_ENCRYPTED):
            continue
        for app in review.job.client_apps:
            for wanted, what in ((ENCRYPTS, "encrypted"), (DECRYPTS, "decrypted")):
                chains = [
                    chain
                    for chain in (app.client.filter_chains if app.client else ())
                    if any(is_any(class_info(review, app, found), wanted) for found in chain.filters)
                ]
                missing = [task for task in tasks if not any(task in chain.tasks for chain in chains)]
                if chains and missing and chains[0].task_nodes:
                    message = f"'{missing[0]}', whose results the server adds, is not {what}"
                    yield at(chains[0].task_nodes[0], message, help=f"write '{missing[0]}' here too")


def _of_clients(review: Review, app: App) -> tuple[Component | None, list[ClassInfo | None]]:
    """The filter of a client app that encrypts, and the classes of all its filters."""
    filters = [found for chain in app.client.filter_chains for found in chain.filters] if app.client else []
    infos = [class_info(review, app, found) for found in filters]
    return next((found for found, info in zip(filters, infos, strict=True) if is_any(info, ENCRYPTS)), None), infos


class _Pair(Struct, frozen=True):
    """An aggregator of the server, and a filter that encrypts what it aggregates; what each argument of both gets."""

    aggregator: Component
    adding: dict[str, object]
    app: App
    encryptor: Component
    encrypting: dict[str, object]

    def related(self, argument: str) -> tuple[Related, ...]:
        node: Node = self.aggregator.argument(argument) or self.aggregator.class_node or self.aggregator.node
        return (Related(node.place, "added here"),)


@rule("FL337", "wrong-encrypted-weights", Severity.ERROR)
def wrong_encrypted_weights(review: Review) -> Iterator[Problem]:
    """The factors by which encrypted contributions are weighed are not the same on both sides.

    An aggregator of encrypted models only adds and divides by the sum of the weights; HEModelEncryptor must have
    multiplied by them before it encrypted (app_opt/he, every release). Where ``weigh_by_local_iter`` is true on both
    sides it is done twice, and the second time ends in ``scale out of bounds`` with the context that NVFlare
    provisions; where it is false on both sides the global model is divided by the steps of the clients.
    ``aggregation_weights`` that only one side knows make every weight wrong, and nothing says so.

    Leave ``weigh_by_local_iter`` true on the encryptor and false on the aggregator, which is the default, and give both
    the same ``aggregation_weights``.
    """
    for pair in _pairs(review):
        steps = [values.get(WEIGHS_BY_STEPS) for values in (pair.encrypting, pair.adding)]
        weights = [values.get(AGGREGATION_WEIGHTS) or None for values in (pair.encrypting, pair.adding)]
        encryptor, aggregator = pair.encryptor, pair.aggregator
        if steps == [True, True]:
            message = "the contributions are weighed by local steps here, and were so before they were encrypted"
            before = (Related((encryptor.class_node or encryptor.node).place, "weighed here before"),)
            place = aggregator.argument(WEIGHS_BY_STEPS) or aggregator.node
            yield at(place, message, help=f'write "{WEIGHS_BY_STEPS}": false', related=before)
        elif steps == [False, False] and _tells_steps(review, pair.app):
            message = "nobody weighs by local steps, and the aggregator divides by them"
            place = encryptor.argument(WEIGHS_BY_STEPS) or encryptor.node
            yield at(place, message, help=f'write "{WEIGHS_BY_STEPS}": true', related=pair.related(WEIGHS_BY_STEPS))
        if weights[0] != weights[1] and all(each is None or isinstance(each, dict) for each in weights):
            given = encryptor.argument(AGGREGATION_WEIGHTS)
            other = aggregator.argument(AGGREGATION_WEIGHTS)
            message = "the weights with which contributions are encrypted are not those by which their sum is divided"
            related = pair.related(AGGREGATION_WEIGHTS) if given else ()
            place = given or other or encryptor.node
            yield at(place, message, help="give both sides the same aggregation_weights", related=related)


def _pairs(review: Review) -> Iterator[_Pair]:
    for reference in references(review):
        aggregator = reference.config.ids.get(reference.text)
        if review.catalogue.kinds.get("Aggregator") not in reference.argument.expected or aggregator is None:
            continue
        info = class_info(review, reference.app, aggregator)
        if info is None or not is_any(info, ADDS_ENCRYPTED):
            continue
        adding = given_values(review, reference.app, aggregator, info)
        for app, encryptor, encrypting in _encryptors(review, reference):
            yield _Pair(aggregator, adding, app, encryptor, encrypting)


def _encryptors(review: Review, reference: Reference) -> Iterator[tuple[App, Component, dict[str, object]]]:
    """The filters that encrypt the results of the tasks that a workflow sends, and what their arguments get."""
    tasks = tasks_of(review, reference.app, reference.component) or ()
    for app in review.job.client_apps:
        for chain in app.client.filter_chains if app.client else ():
            if set(chain.tasks) & set(tasks):
                for found in chain.filters:
                    info = class_info(review, app, found)
                    if info is not None and is_any(info, ENCRYPTS):
                        yield app, found, given_values(review, app, found, info)


def _tells_steps(review: Review, app: App) -> bool:
    """Whether the code of an app says with its results how many steps they took."""
    files = [entry.name for entry in review.job.files.below(app.path("custom")) if entry.name.endswith(".py")]
    sources = [review.job.source(name) for name in files]
    return any(source is not None and LOCAL_STEPS in source.text for source in sources)


@rule("FL339", "context-of-the-other-side", Severity.WARNING)
def context_of_the_other_side(review: Review) -> Iterator[Problem]:
    """A component for homomorphic encryption reads the context that only the other side has.

    NVFlare provisions ``server_context.tenseal``, without the secret key, for the server, and
    ``client_context.tenseal`` for the clients (lighter/impl/he.py, every release): a site looks for the file in its own
    ``startup`` folder, and the run fails where it begins.

    Leave ``tenseal_context_file`` out: the default of each class is the file of its side.
    """
    for app, config, _ in review.configs():
        for component in config.all_components:
            info = class_info(review, app, component)
            for argument, sides in CONTEXT_FILES.items() if info else ():
                node = component.argument(argument) if info and info.parameter(argument) else None
                own = sides[config.side is Side.SERVER]
                if node is not None and node.value == sides[config.side is not Side.SERVER]:
                    message = f"'{node.value}' is provisioned for the other side only"
                    yield at(node, message, help=f"write '{own}', or leave it out")
