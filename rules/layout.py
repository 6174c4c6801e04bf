"""Family 1: the folders and files of a job: meta, apps, and where NVFlare looks for configs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from fllint.catalogue.grammar import first_release
from fllint.findings import Problem, Related, Severity
from fllint.job.discovery import META_NAMES
from fllint.job.files import Kind
from fllint.job.model import App, Side
from fllint.problems import at
from fllint.registry import rule
from fllint.suggest import closest

if TYPE_CHECKING:
    from fllint.review import Review


@rule("FL101", "missing-meta", Severity.ERROR)
def missing_meta(review: Review) -> Iterator[Problem]:
    """The job has apps but no meta file.

    NVFlare looks for ``meta.json``, ``.conf``, ``.yml``, ``.yaml`` (and each with ``.default``) directly in the job's
    folder (2.3: ``meta.json`` only). Without one it takes the whole folder for a single app of the old format, and
    refuses it with the confusing ``App '<job>' in deploy_map doesn't exist`` (apis/utils/job_utils.py).

    Add a ``meta.json`` with a ``deploy_map``.
    """
    job = review.job
    if job.meta.names or job.legacy:
        return
    names = [entry.name for entry in job.files.children() if entry.kind is Kind.FILE]
    near = next((name for name in names if name.lower() in META_NAMES), None) or closest("meta.json", names, 0.75)
    if near and near in META_NAMES:
        message = (
            f"{near} is read since NVFlare {first_release('config_formats')}; {review.release} knows meta.json only"
        )
        yield at(job.file_place(near), message, help="write it as meta.json")
    elif near:
        message = f"the job has no meta file: {near} is not a name that NVFlare looks for (names are case-sensitive)"
        yield at(job.file_place(near), message, help=f"rename {near} to meta.json")
    else:
        yield at(
            job.file_place("meta.json"),
            f"the job has no meta file; NVFlare takes the folder for an app and says that '{job.name}' does not exist",
            help='add a meta.json, for instance {"deploy_map": {"app": ["@ALL"]}}',
        )


@rule("FL110", "missing-config", Severity.ERROR)
def missing_config(review: Review) -> Iterator[Problem]:
    """An app goes to the server or to clients but has no config for them.

    An app for the server needs ``config/config_fed_server.json`` (or ``.conf``, ``.yml``, ``.yaml``; 2.3: ``.json``
    only), one for clients ``config/config_fed_client.json``, spelt exactly so; otherwise the job is refused: ``App 'x'
    will be deployed to client but client config is missing`` (job_meta_validator).

    Add the file, or deploy the app to other sites.
    """
    for app in review.job.apps:
        if not app.exists or not (app.deployment or review.job.legacy):
            continue
        for side in Side:
            wanted = review.job.legacy or _goes_to(app, side)
            if wanted and not app.lookups[side].exact:
                yield _missing_config(review, app, side)


def _goes_to(app: App, side: Side) -> bool:
    if app.deployment is None:
        return False
    return app.deployment.to_server if side is Side.SERVER else app.deployment.to_clients


def _missing_config(review: Review, app: App, side: Side) -> Problem:
    folder = app.path("config")
    names = [entry.name.rsplit("/", 1)[-1] for entry in review.job.files.below(folder) if entry.kind is Kind.FILE]
    expected = f"{side.config_stem}.json"
    nested = app.lookups[side].runtime
    sites = "the server" if side is Side.SERVER else "clients"
    message = f"app '{app.name}' goes to {sites} but has no {folder}/{expected}; NVFlare refuses the job"
    other_side = Side.CLIENT if side is Side.SERVER else Side.SERVER
    near = closest(expected, [name for name in names if not name.startswith(other_side.config_stem)], 0.85)
    if nested:
        return at(review.job.file_place(nested), message, help=f"move {nested} to {folder}/")
    if near:
        found = next(entry for entry in review.job.files.below(folder) if entry.name.endswith(f"/{near}"))
        if near == expected:
            return at(review.job.file_place(found.name), message)
        suffix = near[near.rfind(".") :]
        right = f"{side.config_stem}{suffix}" if suffix.lower() in (".json", ".conf", ".yml", ".yaml") else expected
        help = f"rename {near} to {right.lower()}" if right.lower() != near else f"{near} is read since 2.4 only"
        return at(review.job.file_place(found.name), message, help=help)
    return at(review.job.file_place(folder), message)


@rule("FL111", "ambiguous-config", Severity.WARNING)
def ambiguous_config(review: Review) -> Iterator[Problem]:
    """Several files could be an app's config, or the validator and the run read different ones.

    NVFlare's validator looks directly in ``config/``. The run walks through all folders below it, once for each
    extension in the order .json .conf .yml .yaml (fuel/utils/config_factory.py, 2.4 and later):
    ``config/old/config_fed_server.json`` beats ``config/config_fed_server.conf``. The others are not read, and a broken
    one that wins is an error.

    Keep one config for each side.
    """
    for app in review.job.deployed_apps:
        for side in Side:
            lookup = app.lookups[side]
            if not (lookup.runtime and lookup.exact and lookup.others and (review.job.legacy or _goes_to(app, side))):
                continue
            if lookup.runtime != lookup.exact:
                message = f"the run reads {lookup.runtime} although NVFlare's validator looked at {lookup.exact}"
                related = (Related(review.job.file_place(lookup.exact), "not read by the run"),)
                place = review.job.file_place(lookup.runtime)
                yield at(place, message, help="keep one of the two", related=related, severity=Severity.ERROR)
            else:
                for other in lookup.others:
                    message = f"{other} is not read: {lookup.runtime} comes first"
                    yield at(review.job.file_place(other), message, help="keep one of the two")


@rule("FL114", "undeployed-app", Severity.INFO)
def undeployed_app(review: Review) -> Iterator[Problem]:
    """The job has an app that no site gets.

    NVFlare ignores folders that the deploy map does not name; the app is sent to the server and never runs.

    Name it in the deploy map, or remove the folder.
    """
    if not review.job.meta.deployments:
        return
    for app in review.job.apps:
        if app.deployment is None or not app.deployment.sites:
            yield at(review.job.file_place(app.folder), f"app '{app.name}' is deployed to no site")


@rule("FL116", "legacy-layout", Severity.WARNING)
def legacy_layout(review: Review) -> Iterator[Problem]:
    """The folder is a single app without meta, the layout of NVFlare 2.0.

    NVFlare turns it into a job on the way: one app of the folder's name for ``@ALL`` sites, ``min_clients`` 1
    (apis/utils/job_utils.py ``convert_legacy_zipped_app_to_job``). Nothing else can be said about the job that way.

    Move the folder to ``app/`` and write a ``meta.json`` beside it: ``{"name": "…", "min_clients": 1, "deploy_map":
    {"app": ["@ALL"]}}``.
    """
    if review.job.legacy:
        message = (
            "the job has no meta file; NVFlare takes it for a single app and sends it to all sites, with min_clients 1"
        )
        yield at(review.job.file_place("meta.json"), message, help="write a meta.json beside an app folder")
