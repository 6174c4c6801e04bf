"""Family 1: meta's other keys: numbers of clients, names, keys that nobody reads."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from fllint.catalogue.meta_keys import SET_BY_THE_SERVER, WRITTEN_BY_USERS
from fllint.documents.tree import Leaf, Node, Sequence
from fllint.findings import Problem, Related, Severity
from fllint.fixes import remove_entry, rename_key, write_value
from fllint.job.files import Kind
from fllint.problems import at, is_known
from fllint.registry import rule
from fllint.suggest import closest, did_you_mean, sure_match

if TYPE_CHECKING:
    from fllint.review import Review

MAX_CLIENTS: Final = 1_000_000
"""job_meta_validator.MAX_CLIENTS."""


@rule("FL120", "misspelt-meta-key", Severity.WARNING, fix="safe")
def misspelt_meta_key(review: Review) -> Iterator[Problem]:
    """A key of meta is nearly, but not exactly, one that NVFlare reads.

    NVFlare ignores keys it does not know, without a word and in every release: ``min_client: 3`` sets nothing.

    Write the key as NVFlare does; keys of your own are fine when they resemble none of its.
    """
    root = review.job.meta.root
    for entry in root.entries if root else ():
        if entry.key in WRITTEN_BY_USERS or entry.key in SET_BY_THE_SERVER:
            continue
        near = closest(entry.key, WRITTEN_BY_USERS, 0.8)
        if near and root and not root.entry(near) and near != "deploy_map":
            sure = sure_match(entry.key, WRITTEN_BY_USERS)
            fix = rename_key(entry, near) if sure == near else None
            message = f"NVFlare does not read the key '{entry.key}'"
            yield at(entry.key_place, message, help=f"did you mean '{near}'?", fix=fix)


@rule("FL121", "server-owned-meta-key", Severity.INFO, fix="safe")
def server_owned_meta_key(review: Review) -> Iterator[Problem]:
    """A key of meta that only the server writes.

    The server replaces it when the job is submitted, or misreads it: a ``schedule_count`` of 10 or more means that the
    job was tried too often and is never scheduled (job_scheduler.py).

    Remove it; it usually comes from a copy of a finished job's meta.
    """
    root = review.job.meta.root
    for entry in root.entries if root else ():
        if root and entry.key in SET_BY_THE_SERVER:
            message = f"'{entry.key}' is written by the server; a job should not have it"
            yield at(entry.key_place, message, fix=remove_entry(root, entry))


@rule("FL122", "shadowed-meta", Severity.WARNING)
def shadowed_meta(review: Review) -> Iterator[Problem]:
    """The job has several meta files.

    NVFlare reads the first of .json .conf .yml .yaml (then each with ``.default``) and never looks at the others, not
    even when the first is broken (fuel/utils/config.py, 2.4 and later).

    Keep one.
    """
    first, *others = review.job.meta.names or ("",)
    for name in others:
        yield at(review.job.file_place(name), f"{name} is not read: {first} comes first", help="keep one meta file")
    if first:
        names = [entry.name for entry in review.job.files.children() if entry.kind is Kind.FILE]
        for name in names:
            if name.lower() == "meta.json" and name not in review.job.meta.names:
                yield at(review.job.file_place(name), f"{name} is not read: names are case-sensitive, {first} is")


@rule("FL123", "invalid-min-clients", Severity.ERROR, fix="safe")
def invalid_min_clients(review: Review) -> Iterator[Problem]:
    """``min_clients`` of meta is no positive whole number.

    The validator takes whatever ``int()`` takes and refuses the rest, zero, negative numbers and more than 1,000,000
    (job_meta_validator). It keeps the value as it was written: a string then breaks the scheduler's comparison
    (``len(sites) < job.min_sites``), and the job is never scheduled.

    Write a number without quotes.
    """
    node = review.job.meta.get("min_clients")
    if node is None or not is_known(node) or node.value is None:
        return
    number = _as_int(node)
    if number is None:
        yield at(node, f"min_clients is {_shown(node)}; NVFlare needs a whole number and refuses the job")
    elif number <= 0:
        yield at(node, f"min_clients is {_shown(node)}; NVFlare refuses a job that does not need any client")
    elif number > MAX_CLIENTS:
        yield at(node, f"min_clients is {_shown(node)}; NVFlare refuses more than {MAX_CLIENTS:,}")
    elif isinstance(node.value, str):
        message = f"min_clients is the string {_shown(node)}; the job passes the validator and is never scheduled"
        yield at(node, message, help=f"write {number}", fix=write_value(node, number))
    elif not isinstance(node.value, int) or isinstance(node.value, bool):
        fix = write_value(node, number) if number == node.value else None
        message = f"min_clients is {_shown(node)}"
        yield at(node, message, help=f"write {number}", severity=Severity.WARNING, fix=fix)


def _as_int(node: Node) -> int | None:
    """What NVFlare's ``int(value)`` gives (job_meta_validator `_convert_value_to_int`); None where it fails."""
    value = node.value
    if not isinstance(value, (str, int, float)):
        return None
    try:
        return int(value)
    except (ValueError, OverflowError):
        return None


def _shown(node: Node) -> str:
    text = node.source.text[node.span.start : node.span.end]
    return text if len(text) <= 40 else f"{text[:37]}…"


@rule("FL124", "min-clients-above-sites", Severity.ERROR)
def min_clients_above_sites(review: Review) -> Iterator[Problem]:
    """Meta asks for more clients than the deploy map names, or than the federation has.

    Without ``@ALL`` the validator refuses the job: ``min 3 clients required, found 2``. With ``@ALL`` nothing is
    compared: the scheduler waits for the clients and gives the job up after ten tries. The simulator ignores
    ``min_clients``.

    Lower ``min_clients``, or deploy the job to more clients.
    """
    node = review.job.meta.get("min_clients")
    number = _as_int(node) if node is not None and is_known(node) else None
    if node is None or number is None or number > MAX_CLIENTS:
        return
    clients = review.job.client_sites
    deploy_map = review.job.meta.get("deploy_map")
    if clients is not None and deploy_map and 0 < len(clients) < number:
        related = (Related(deploy_map.place, _counted(len(clients), "named here")),)
        yield at(node, f"min_clients is {number} but the deploy map names {_clients(len(clients))}", related=related)
    real = review.surroundings.sites
    if clients is None and real is not None and len(_without_server(real)) < number:
        message = f"min_clients is {number} but the federation has {_clients(len(_without_server(real)))}"
        yield at(node, message, help="the job would wait in the scheduler until it is given up")


def _without_server(sites: tuple[str, ...]) -> list[str]:
    return [site for site in sites if site != "server"]


def _clients(number: int) -> str:
    return f"{number} client{'' if number == 1 else 's'}"


def _counted(number: int, what: str) -> str:
    return f"{_clients(number)} {what}"


@rule("FL125", "unknown-mandatory-client", Severity.ERROR, fix="safe")
def unknown_mandatory_client(review: Review) -> Iterator[Problem]:
    """``mandatory_clients`` names a client that gets no app, or is no list of names.

    Without ``@ALL`` the validator wants each of them in the deploy map, and counts a string as its letters
    (job_meta_validator ``_validate_mandatory_clients``). With ``@ALL`` nothing is checked at submission; the scheduler
    of 2.9 blocks a job whose mandatory clients are no list of names, and that of every release waits for ``server`` or
    ``@ALL`` as for a client that is not connected (app_common/job_schedulers/job_scheduler.py).

    Write a list of client names of the deploy map; ``server`` is no client.
    """
    node = review.job.meta.get("mandatory_clients")
    if node is None or not node.value or not is_known(node):
        return
    clients = review.job.client_sites
    if not isinstance(node, Sequence):
        suffix = "" if clients is None else "; NVFlare refuses the job"
        if clients is None and not isinstance(node.value, str):
            suffix = "; the job cannot be scheduled"
        yield at(node, f"mandatory_clients is no list of client names{suffix}", help='write ["site-1"]')
        return
    for item in node.items:
        if not (isinstance(item, Leaf) and isinstance(item.scalar, str)):
            yield at(item, f"a mandatory client is a name, not {item.type_name}")
        elif clients is None and (item.scalar == "server" or item.scalar.startswith("@")):
            message = f"'{item.scalar}' is never a connected client: the job is never scheduled"
            yield at(item, message, help="name clients, or ask for enough of them by min_clients")
        elif clients is not None and item.scalar not in clients:
            hint = "'server' is always there; only clients can be mandatory" if item.scalar == "server" else ""
            message = f"mandatory client '{item.scalar}' gets no app; NVFlare refuses the job"
            sure = sure_match(item.scalar, clients)
            fix = write_value(item, sure) if sure else None
            yield at(item, message, help=hint or did_you_mean(item.scalar, clients), fix=fix)


@rule("FL126", "invalid-job-id", Severity.ERROR)
def invalid_job_id(review: Review) -> Iterator[Problem]:
    """``job_id`` of meta has characters that NVFlare does not take.

    Since 2.8 it must be letters, digits, ``.``, ``_`` and ``-`` and begin with a letter or digit
    (apis/utils/format_check.py). The server gives the job its own id anyway.

    Remove the key.
    """
    node = review.job.meta.get("job_id")
    if node is None or not node.value or not is_known(node) or not review.has("app_name_format"):
        return
    if not isinstance(node.value, str) or not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*\n?", node.value):
        yield at(
            node, f"{_shown(node)} is no job id; NVFlare refuses the job", help="remove job_id: the server gives one"
        )


@rule("FL127", "needs-every-site", Severity.WARNING)
def needs_every_site(review: Review) -> Iterator[Problem]:
    """A job for many sites needs every one of them.

    With ``min_clients`` equal to the number of sites the job is not scheduled while one of them is away, and ends when
    one drops out. With ten sites and more that is the usual state of a federation.

    Let ``min_clients`` be what the result really needs.
    """
    node = review.job.meta.get("min_clients")
    clients = review.job.client_sites
    number = _as_int(node) if node is not None and is_known(node) else None
    if node is not None and clients is not None and number == len(clients) and number >= 10:
        yield at(node, f"min_clients is {number}: all {number} sites must be there, or the job does not run")


@rule("FL128", "scope-not-checked", Severity.WARNING)
def scope_not_checked(review: Review) -> Iterator[Problem]:
    """The job asks for a privacy scope.

    Each site decides whether it has that scope (its ``privacy.json``); a site without it refuses to deploy the app
    (private/fed/utils/app_deployer.py, 2.2 and later). The simulator does not look at it, and fllint cannot see the
    sites.

    Ask the sites which scopes they define.
    """
    node = review.job.meta.get("scope")
    if node is None or not node.value:
        return
    if not isinstance(node.value, str):
        yield at(node, "scope is the name of a privacy scope, a string", severity=Severity.ERROR)
    else:
        yield at(node, f"sites that do not define the privacy scope '{node.value}' will refuse the job")


@rule("FL129", "ignored-custom-code", Severity.WARNING)
def ignored_custom_code(review: Review) -> Iterator[Problem]:
    """Python code of an app lies where no site imports it from.

    Only ``<app>/custom`` is put on the import path (private/fed/app/fl_conf.py, utils/job_launcher_utils.py), not the
    app's root, ``config/`` or the job's root. FOBS decomposers too are looked for in ``custom/nvflare_decomposers``.

    Move the code to ``custom/`` of every app that needs it.
    """
    for app in review.job.deployed_apps:
        for entry in review.job.files.below(app.path("config")):
            if entry.kind is Kind.FILE and entry.name.endswith(".py"):
                message = f"{entry.name} is never imported: sites import from {app.path('custom')} only"
                yield at(review.job.file_place(entry.name), message, help=f"move it to {app.path('custom')}/")
        for entry in review.job.files.children(app.folder) if not app.has_custom else ():
            name = entry.name.rsplit("/", 1)[-1]
            if entry.kind is not Kind.FOLDER or name == "config" or not closest(name, ["custom"], 0.8):
                continue
            if any(found.name.endswith(".py") for found in review.job.files.below(entry.name)):
                message = f"{entry.name} is not on the import path: the folder must be called 'custom'"
                place = review.job.file_place(entry.name)
                yield at(place, message, help="rename it to custom", severity=Severity.ERROR)
