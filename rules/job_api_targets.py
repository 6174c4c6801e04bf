"""Family 6: what a script of the Job API sends where, and with how many clients it is run."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from fllint.documents.tree import UNKNOWN, UNKNOWN_TEXT
from fllint.findings import Problem, Severity
from fllint.job_api.jobs import ALL_SITES, SERVER, JobObject
from fllint.job_api.things import Thing, written_arguments
from fllint.problems import at
from fllint.registry import rule

from .config_words import with_article

if TYPE_CHECKING:
    from fllint.job_api.script_job import ScriptJob
    from fllint.review import Review

SPECIAL: Final = "\"!@#$%^&*()+?=,<>/'"
"""Characters that a target's name must not have (nvflare/job_config/api.py SPECIAL_CHARACTERS, 2.5 to 2.9)."""


def job_of(review: Review) -> Iterator[tuple[ScriptJob, JobObject]]:
    """The script of the Job API that is checked, and the job that it makes; nothing for other jobs."""
    script = review.job.script
    if script is not None and script.object is not None:
        yield script, script.object


@rule("FL610", "wrong-target", Severity.ERROR)
def wrong_target(review: Review) -> Iterator[Problem]:
    """A controller is sent to clients, or an executor to the server.

    ``to_clients(controller)`` and ``to_server(executor)`` raise ``ValueError`` (nvflare/job_config/api.py, since 2.5).
    An executor that ``to`` sends to the server cannot be added there, and a controller that it sends to a client
    becomes a component that does nothing.

    Send controllers to the server, executors and runners to clients.
    """
    for script, job in job_of(review):
        for argument, target, value in job.targets:
            kind = _kind(review, value)
            if kind == "Executor" and target == SERVER:
                yield at(script.place(argument.place), "an executor is sent to the server", help="send it to clients")
            elif kind == "Controller" and target == ALL_SITES:
                message = "a controller is sent to all clients"
                yield at(script.place(argument.place), message, help="send it to the server")


def _kind(review: Review, value: object) -> str:
    if not isinstance(value, Thing) or value.info is None:
        return ""
    names = {path.rpartition(".")[2] for path in (value.info.path, *value.info.ancestors)}
    if names & {"ScriptRunner", "BaseScriptRunner"} and value.path.startswith("nvflare."):
        return "Executor"
    kinds = review.catalogue.kinds_of(value.info)
    return next((kind for kind in ("Executor", "Controller") if kind in kinds), "")


@rule("FL611", "no-server-components", Severity.ERROR)
def no_server_components(review: Review) -> Iterator[Problem]:
    """A job has nothing for the server.

    With ``to_clients``, the export fails: ``Missing server components!`` (nvflare/job_config/api.py, since 2.5).
    Otherwise the job has no server app, and NVFlare refuses it: ``Missing server site``.

    Send a controller to the server.
    """
    for script, job in job_of(review):
        if job.apps and SERVER not in job.apps and not job.doubts and not job.is_recipe:
            message = "the job has nothing for the server: NVFlare refuses it"
            yield at(script.place(job.made.site.place), message, help="send a controller with to_server")
        server = job.apps.get(SERVER)
        if server and not server.workflows and not server.unknown and not job.doubts and not job.is_recipe:
            message = "the job has no controller: the server cannot be configured"
            yield at(script.place(job.made.site.place), message, help="send a controller with to_server")


@rule("FL612", "no-client-components", Severity.ERROR)
def no_client_components(review: Review) -> Iterator[Problem]:
    """A job has nothing for any client.

    The deploy map names the server only, and NVFlare fails with ``StopIteration`` when it looks for the clients (every
    release).

    Send an executor or a `ScriptRunner` to clients.
    """
    for script, job in job_of(review):
        clients = [target for target in job.apps if target != SERVER]
        if not clients and not job.doubts and not job.is_recipe and not _sends_more(script):
            message = "the job has nothing for any client: NVFlare fails on it"
            yield at(script.place(job.made.site.place), message, help="send a ScriptRunner with to_clients")


def _sends_more(script: ScriptJob) -> bool:
    """Whether the text has a call that sends something to a client, in a loop over no sites, say."""
    calls = script.read.code.nodes.each(ast.Call) if script.read.code else []
    methods = [node.func.attr for node in calls if isinstance(node.func, ast.Attribute)]
    sent = sum(name in ("to", "add_file_to") for name in methods)
    seen = sum(1 for argument, *_ in script.object.targets if argument.expression) if script.object else 0
    return "to_clients" in methods or sent > seen


@rule("FL613", "all-clients-and-some", Severity.ERROR)
def all_clients_and_some(review: Review) -> Iterator[Problem]:
    """Some components go to all clients, and others to single sites.

    As soon as something is sent to all clients, the export has one app, and what single sites were sent is left out
    without a word (nvflare/job_config/api.py ``_set_all_apps``, since 2.5).

    Send everything to all clients, or everything to named sites.
    """
    for script, job in job_of(review):
        if ALL_SITES in job.apps and not job.is_recipe:
            for target, app in job.apps.items():
                if target not in (ALL_SITES, SERVER):
                    message = f"what '{target}' is sent is left out of the job: another part is for all clients"
                    yield at(script.place(app.argument.place), message, help="send that part to named sites too")


@rule("FL614", "invalid-target", Severity.ERROR)
def invalid_target(review: Review) -> Iterator[Problem]:
    """The name of a target has characters that the Job API refuses.

    ``ValueError: target … name contains invalid character`` (nvflare/job_config/api.py, since 2.5). ``"site-{i + 1}"``
    without the ``f`` in front of it is such a name; ``"site-{i}"`` is one site of that name.

    Write the name of a site, or an f-string.
    """
    for script, job in job_of(review):
        for argument, target, _ in job.targets:
            odd = next((character for character in target if character in SPECIAL), None)
            if target == ALL_SITES or UNKNOWN_TEXT in target:
                continue
            braces = "{" in target and "}" in target
            if odd or braces or not target:
                help = f'write f"{target}"' if braces else ""
                message = f"{target!r} is no name of a site" + (f": it has {odd!r}" if odd else "")
                yield at(script.place(argument.place), message, help=help)


@rule("FL617", "filter-without-type", Severity.ERROR)
def filter_without_type(review: Review) -> Iterator[Problem]:
    """A filter is sent without ``filter_type``, or with one that is none.

    ``ValueError: Missing required arg 'filter_type'`` (nvflare/apis/filter.py ``add_to_fed_job``, since 2.5).

    Give ``filter_type=FilterType.TASK_RESULT`` or ``FilterType.TASK_DATA``.
    """
    for script, job in job_of(review):
        for name, site in job.calls:
            thing = site.argument(0, "obj") if name in ("to", "to_server", "to_clients") else None
            is_filter = isinstance(thing, Thing) and thing.info and "Filter" in review.catalogue.kinds_of(thing.info)
            if not is_filter or site.open_keywords:
                continue
            given = written_arguments(site)[1].get("filter_type")
            value = script.reader.constants.plain(given.value) if given else None
            if value is not UNKNOWN and value not in ("TASK_RESULT", "TASK_DATA"):
                help = "FilterType.TASK_RESULT or FilterType.TASK_DATA"
                message = f"{value!r} is no type of filters" if given else "a filter needs 'filter_type'"
                yield at(script.place(given.place if given else site.place), message, help=help)


@rule("FL618", "unknown-send-argument", Severity.ERROR)
def unknown_send_argument(review: Review) -> Iterator[Problem]:
    """An object is sent with an argument that objects of its class do not take.

    Executors and runners take ``tasks``, filters ``tasks`` and ``filter_type``, controllers nothing: ``ValueError:
    Received unexpected arg`` (``add_to_fed_job``, since 2.5).

    Remove the argument.
    """
    taken = {"Executor": {"tasks"}, "Filter": {"tasks", "filter_type"}, "Controller": set()}
    for script, job in job_of(review):
        for name, site in job.calls:
            thing = site.argument(0, "obj") if name in ("to", "to_server", "to_clients") else None
            if not isinstance(thing, Thing) or thing.info is None:
                continue
            kinds = review.catalogue.kinds_of(thing.info)
            kind = _kind(review, thing) or ("Filter" if "Filter" in kinds else "")
            for argument, given in written_arguments(site)[1].items() if kind else ():
                if argument not in taken[kind] | {"obj", "target", "id"}:
                    legal = sorted(taken[kind])
                    help = f"it takes {', '.join(legal)}" if legal else "it takes none"
                    message = f"'{argument}' is nothing that {with_article(kind.lower())} is sent with"
                    yield at(script.place(given.key or given.place), message, help=help)
