"""Family 1: the deploy map, the apps it names and the sites they go to."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from fllint.catalogue.grammar import first_release
from fllint.documents.tree import Leaf, Mapping, Node, Sequence, Unknown
from fllint.findings import Problem, Related, Severity
from fllint.fixes import remove_item, rename_key, write_value
from fllint.job.files import Kind
from fllint.job.model import Deployment, Side, SiteMention, is_all_sites
from fllint.problems import at
from fllint.registry import rule
from fllint.suggest import closest, did_you_mean, sure_match

if TYPE_CHECKING:
    from fllint.review import Review

APP_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*\n?")


@rule("FL102", "unknown-app", Severity.ERROR, fix="safe")
def unknown_app(review: Review) -> Iterator[Problem]:
    """The deploy map names an app that the job does not have.

    NVFlare needs a folder of exactly that name (case counts) with a ``config`` folder in it, and refuses the job
    otherwise: ``App 'x' in deploy_map doesn't exist`` (job_meta_validator, every release). A symbolic link to an app
    folder arrives empty.

    Name the folder as the deploy map does, or the other way round.
    """
    files = review.job.files
    folders = [entry.name for entry in files.children() if entry.kind is Kind.FOLDER]
    apps = [name for name in folders if files.is_folder(f"{name}/config")]
    used = {app.name for app in review.job.apps if app.deployment}
    for app in review.job.apps:
        if app.exists or app.deployment is None or review.job.legacy:
            continue
        place = app.deployment.entry.key_place
        entry = files.entries.get(app.name)
        if entry and entry.link:
            yield at(place, f"app '{app.name}' is a symbolic link, which NVFlare does not follow; the job is refused")
        elif app.name in folders:
            inner = [child.name for child in files.children(app.name)]
            near = f"; did you mean '{closest('config', inner)}' to be 'config'?" if closest("config", inner) else ""
            message = f"app '{app.name}' has no folder 'config'; NVFlare says that the app does not exist"
            yield at(place, message, help=f"put its configs into {app.name}/config/{near}")
        else:
            idle = [name for name in apps if name not in used]
            hint = did_you_mean(app.name, idle, 0.6) or did_you_mean(app.name, apps)
            known = f"the job has {', '.join(apps)}" if apps else _configs_of_no_app(review, app.name)
            sure = sure_match(app.name, idle)
            fix = rename_key(app.deployment.entry, sure) if sure else None
            message = f"the job has no app folder '{app.name}'; NVFlare refuses the job"
            yield at(place, message, help=hint or known, fix=fix)


def _configs_of_no_app(review: Review, app: str) -> str:
    """What to do in a job without app folders."""
    names = sorted(entry.name for entry in review.job.files.children() if entry.name.startswith("config_fed_"))
    if not names:
        return "the job has no app folder at all"
    return f"{', '.join(names)} lie beside meta: put them into {app}/config/"


@rule("FL103", "missing-server", Severity.ERROR, fix="safe")
def missing_server(review: Review) -> Iterator[Problem]:
    """No app is deployed to the server.

    The deploy map must name ``server`` literally, in lower case, or be ``["@ALL"]`` alone; otherwise the job is
    refused: ``Missing server site in deploy_map`` (job_meta_validator, 2.3 and later).

    Add ``"server"`` to the app that holds ``config_fed_server``.
    """
    meta = review.job.meta
    sites = [site for deployment in meta.deployments for site in deployment.sites]
    if not sites or not review.has("server_required") or any(deployment.to_server for deployment in meta.deployments):
        return
    if _malformed(review):
        return
    near = next((site for site in sites if closest(site.name, ["server"], 0.8)), None)
    if near:
        fix = write_value(near.node, "server") if sure_match(near.name, ["server"]) else None
        yield at(near.node, f"'{near.name}' is not the server: the name is 'server'", help="write 'server'", fix=fix)
        return
    deploy_map = meta.root.entry("deploy_map") if meta.root else None
    if deploy_map:
        holder = next((app.name for app in review.job.apps if app.lookups[Side.SERVER].exact), "an app")
        help = f"add \"server\" to '{holder}'"
        yield at(deploy_map.key_place, "no app is deployed to 'server'; NVFlare refuses the job", help=help)


@rule("FL104", "duplicate-site", Severity.ERROR, fix="safe")
def duplicate_site(review: Review) -> Iterator[Problem]:
    """A site stands twice in the deploy map.

    A site runs exactly one app of a job; NVFlare refuses a second one, also when it is the same app again:
    ``Multiple apps to be deployed to following sites`` (job_meta_validator, every release).

    Keep one of the two.
    """
    seen: dict[str, tuple[Deployment, SiteMention]] = {}
    for deployment in review.job.meta.deployments:
        for site in deployment.sites:
            first_deployment, first = seen.setdefault(site.name, (deployment, site))
            if first is not site and not is_all_sites(site.name):
                related = (Related(first.node.place, f"'{site.name}' gets an app here already"),)
                sites = deployment.entry.node
                same_app = first_deployment is deployment and isinstance(sites, Sequence)
                fix = remove_item(sites, site.node) if same_app and isinstance(sites, Sequence) else None
                yield at(site.node, f"site '{site.name}' stands twice in the deploy map", related=related, fix=fix)


@rule("FL105", "all-sites-not-alone", Severity.ERROR)
def all_sites_not_alone(review: Review) -> Iterator[Problem]:
    """``@ALL`` stands beside another site.

    ``@ALL`` means the server and every client, so nothing else may stand in the deploy map, not even in another app:
    ``No other site can be specified if @ALL is used`` (job_meta_validator, every release). There is no ``@server`` or
    ``@clients``.

    Name the sites one by one when they get different apps.
    """
    sites = [site for deployment in review.job.meta.deployments for site in deployment.sites]
    everywhere = next((site for site in sites if is_all_sites(site.name)), None)
    others = [site for site in sites if site is not everywhere]
    if everywhere and others:
        related = (Related(everywhere.node.place, f"'{everywhere.name}' is every site already"),)
        message = f"'{others[0].name}' cannot be named beside '{everywhere.name}'; NVFlare refuses the job"
        yield at(others[0].node, message, help="name every site, or remove the others", related=related)
    for site in sites:
        if site.name.startswith("@") and not is_all_sites(site.name):
            message = f"'{site.name}' is taken for a site's name: NVFlare knows no group but @ALL"
            yield at(site.node, message, help=did_you_mean(site.name, ["@ALL"], 0.6) or "name the sites")


@rule("FL106", "empty-deploy-map", Severity.ERROR, fix="safe")
def empty_deploy_map(review: Review) -> Iterator[Problem]:
    """Meta has no deploy map, or one without any site.

    NVFlare refuses the job: ``deploy_map is empty`` or ``No site is specified in deploy_map`` (job_meta_validator,
    every release). All other keys of meta may be missing.

    Add ``"deploy_map": {"app": ["@ALL"]}``, or name apps and sites.
    """
    root = review.job.meta.root
    if root is None:
        return
    entry = root.entry("deploy_map")
    if entry is None:
        near = closest("deploy_map", [found.key for found in root.entries])
        key = root.entry(near) if near else None
        message = "meta has no deploy_map; NVFlare refuses the job"
        if key:
            fix = rename_key(key, "deploy_map") if sure_match(key.key, ["deploy_map"]) else None
            yield at(key.key_place, f"{message} ('{key.key}' is not read)", help="write 'deploy_map'", fix=fix)
        else:
            yield at(root, message, help='add "deploy_map": {"app": ["@ALL"]}')
    elif not entry.node.value and not isinstance(entry.node.value, Unknown):
        yield at(entry.node, "the deploy map is empty; NVFlare refuses the job")
    elif not _malformed(review) and not any(deployment.sites for deployment in review.job.meta.deployments):
        yield at(entry.node, "the deploy map names no site; NVFlare refuses the job")


@rule("FL107", "malformed-deploy-map", Severity.ERROR)
def malformed_deploy_map(review: Review) -> Iterator[Problem]:
    """The deploy map, or an entry of it, has a form that the release does not take.

    What every release takes is an object of apps, each with a list of site names. A bare string and ``{"sites": […]}``
    are taken since 2.7, ``[{"sites": […]}]`` since 2.6 (fed_utils.extract_participants). Earlier releases go through
    the characters of a string or the keys of an object and do not find the server.

    Write a plain list of site names.
    """
    yield from _malformed(review)


def _malformed(review: Review) -> list[Problem]:
    deploy_map = review.job.meta.get("deploy_map")
    if deploy_map is None or (not deploy_map.value and not isinstance(deploy_map, Leaf)):
        return []
    if not isinstance(deploy_map, Mapping):
        if not deploy_map.value:
            return []
        message = f"the deploy map is {deploy_map.type_name}; NVFlare needs an object of apps and their sites"
        return [at(deploy_map, message, help='write {"app": ["server", "site-1"]}')]
    return [problem for entry in deploy_map.entries for problem in _entry_problems(review, entry.key, entry.node)]


def _entry_problems(review: Review, app: str, node: Node) -> Iterator[Problem]:
    help = f'write "{app}": ["server", "site-1", …]'
    if isinstance(node, Leaf) and isinstance(node.scalar, str):
        if not review.has("deploy_map_bare_string"):
            since = first_release("deploy_map_bare_string")
            yield at(
                node,
                f"the sites of '{app}' are a string; NVFlare before {since} takes its letters for sites",
                help=help,
            )
    elif isinstance(node, Mapping):
        yield from _object_problems(review, app, node, in_list=False)
    elif isinstance(node, Sequence):
        for item in node.items:
            if isinstance(item, Mapping):
                yield from _object_problems(review, app, item, in_list=True)
            elif not (isinstance(item, Leaf) and isinstance(item.scalar, str)):
                yield at(item, f"a site of '{app}' is {item.type_name}; NVFlare needs its name, a string")
    else:
        yield at(node, f"the sites of '{app}' are {node.type_name}; NVFlare needs a list of names", help=help)


def _object_problems(review: Review, app: str, node: Mapping, *, in_list: bool) -> Iterator[Problem]:
    feature = "deploy_map_object_in_list" if in_list else "deploy_map_object"
    keys = ["sites", "targets"] if review.has("deploy_map_targets") else ["sites"]
    if not review.has(feature):
        yield at(node, f"the sites of '{app}' are an object, which NVFlare takes since {first_release(feature)}")
        return
    order = keys if in_list else list(reversed(keys))
    sites = next((found for found in map(node.get, order) if found is not None), None)
    if not isinstance(sites, Sequence):
        yield at(sites or node, f"an object in the deploy map needs a list under {' or '.join(map(repr, keys))}")
        return
    for item in sites.items:
        if not (isinstance(item, Leaf) and isinstance(item.scalar, str)):
            yield at(item, f"a site of '{app}' is {item.type_name}; NVFlare needs its name, a string")
    unknown = [entry for entry in node.entries if entry.key not in keys]
    if in_list and unknown and review.has("deploy_map_unknown_keys_refused"):
        help = did_you_mean(unknown[0].key, keys) or f"the keys are {' and '.join(keys)}"
        yield at(unknown[0].key_place, f"NVFlare refuses the key '{unknown[0].key}' here", help=help)


@rule("FL108", "no-client", Severity.ERROR)
def no_client(review: Review) -> Iterator[Problem]:
    """The deploy map names the server only.

    NVFlare's validator looks at the first client and fails with a bare ``StopIteration`` (job_meta_validator, every
    release).

    Add at least one client.
    """
    deployments = review.job.meta.deployments
    sites = {site.name for deployment in deployments for site in deployment.sites}
    if sites == {"server"} and not _malformed(review):
        node = deployments[0].entry.node
        yield at(node, "only 'server' gets an app; NVFlare fails when a job has no client", help="add the clients")


@rule("FL109", "invalid-app-name", Severity.ERROR)
def invalid_app_name(review: Review) -> Iterator[Problem]:
    """An app's name has characters that NVFlare does not take.

    Since 2.8 an app's name is letters, digits, ``.``, ``_`` and ``-``, and begins with a letter or digit
    (apis/utils/format_check.py); the job is refused otherwise. A legacy job's folder name counts as its app's name.

    Rename the folder and the entry in the deploy map.
    """
    if not review.has("app_name_format"):
        return
    for app in review.job.apps:
        if (app.deployment or review.job.legacy) and not APP_NAME.fullmatch(app.name):
            place = app.deployment.entry.key_place if app.deployment else review.job.file_place("")
            allowed = "letters, digits, '.', '_' and '-' are allowed, and the first must be a letter or digit"
            yield at(place, f"'{app.name}' is no name for an app; NVFlare refuses the job", help=allowed)


@rule("FL112", "unportable-deploy-map", Severity.WARNING, fix="safe")
def unportable_deploy_map(review: Review) -> Iterator[Problem]:
    """The sites of an app are written in a form that the server takes and the simulator does not.

    Since 2.7 ``"app": "@ALL"`` and ``"app": {"sites": […]}`` pass the validator, but the simulator still goes through
    the raw value and ends with ``The job does not have App to run for clients`` or ``KeyError``.

    Write a plain list of names: ``"app": ["@ALL"]``.
    """
    if _malformed(review):
        return
    for deployment in review.job.meta.deployments:
        node = deployment.entry.node
        items = node.items if isinstance(node, Sequence) else (node,)
        odd = next((item for item in items if isinstance(item, Mapping) or item is node), None)
        if odd is not None:
            names = ", ".join(f'"{site.name}"' for site in deployment.sites[:3])
            dots = ", …" if len(deployment.sites) > 3 else ""
            message = f"the simulator cannot read the sites of '{deployment.app}' in this form"
            fix = write_value(node, [site.name for site in deployment.sites])
            yield at(odd, message, help=f'write "{deployment.app}": [{names}{dots}]', fix=fix)


@rule("FL113", "odd-site-name", Severity.WARNING)
def odd_site_name(review: Review) -> Iterator[Problem]:
    """A site's name looks like a slip beside the others: ``site2`` or ``Site-2`` beside ``site-1``, or nothing at all.

    Site names are compared exactly, case included. A site that does not exist is not refused: the job waits for it, or
    runs without it.

    Write the name as the federation's project file has it. With ``--sites`` or ``--project`` fllint compares with the
    real names.
    """
    if review.surroundings.sites is not None:
        return
    clients = list(_clients(review.job.meta.deployments))
    has_server = any(deployment.to_server for deployment in review.job.meta.deployments)
    usual: dict[str, str] = {}
    for client in clients:
        usual.setdefault(_squeezed(client.name), client.name)
    for client in clients:
        like = usual[_squeezed(client.name)]
        if not client.name.strip():
            yield at(client.node, "a site without a name: no site is called so", help="write its name, or remove it")
        elif client.name != client.name.strip():
            yield at(client.node, f"site '{client.name}' has spaces around it", help=f"write '{client.name.strip()}'")
        elif client.name.casefold() == "server" and has_server:
            yield at(client.node, f"'{client.name}' is a client: the server is called 'server'")
        elif _shape(client.name) != _shape(like):
            help = "is this the site's real name?"
            yield at(client.node, f"site '{client.name}' is not written like '{like}'", help=help)


def _shape(name: str) -> str:
    return re.sub(r"\d+", "0", name)


def _squeezed(name: str) -> str:
    """What names that differ only in case, separators and number have in common."""
    return re.sub(r"[-_ .]", "", _shape(name).casefold())


@rule("FL115", "unknown-site", Severity.ERROR, fix="safe")
def unknown_site(review: Review) -> Iterator[Problem]:
    """The deploy map names a site that the federation does not have.

    Checked when the real sites are told with ``--sites`` or ``--project``. NVFlare does not refuse the job: the
    scheduler waits for the site, or the job runs without it.

    Write the name as the project file has it; names are compared exactly, case included.
    """
    real = review.surroundings.sites
    if real is None:
        return
    for site in _clients(review.job.meta.deployments):
        if site.name not in real and not is_all_sites(site.name):
            known = f"the federation has {', '.join(real[:8])}{', …' if len(real) > 8 else ''}"
            sure = sure_match(site.name, real)
            fix = write_value(site.node, sure) if sure else None
            help = did_you_mean(site.name, real) or known
            yield at(site.node, f"the federation has no site '{site.name}'", help=help, fix=fix)


def _clients(deployments: tuple[Deployment, ...]) -> Iterator[SiteMention]:
    return (site for deployment in deployments for site in deployment.sites if site.name != "server")
