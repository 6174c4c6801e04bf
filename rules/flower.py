"""Family 4, third part: Flower apps inside NVFlare jobs."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from fllint.catalogue.data_flow import FLOWER
from fllint.documents.tree import Mapping, Place, Source, Span
from fllint.findings import Problem, Related, Severity
from fllint.job.files import Kind
from fllint.job.model import App, Component
from fllint.problems import at
from fllint.python.resolve import Outcome
from fllint.registry import rule
from fllint.scripts.script_text import CodeText, SyntaxTrouble, parse_code
from fllint.suggest import did_you_mean

if TYPE_CHECKING:
    from fllint.review import Review

PROJECT = "pyproject.toml"
SIMULATION_KEYS = ("partition-id", "num-partitions")
"""What only Flower's own simulation puts into a client's ``node_config``."""
REQUIRED_OF_PROJECT = {"project": ("name", "version"), "tool.flwr.app": ("publisher",)}
"""What ``flwr run`` wants of the project file (flwr/common/config.py); FL451 speaks of the components."""


def _flower_apps(review: Review) -> Iterator[tuple[App, Component]]:
    """The apps that run a Flower app of their own, with the component that does."""
    for app, config, _ in review.configs():
        for component in config.top_components:
            resolution = None if component.disabled else review.class_of(app, component)
            info = resolution.class_info if resolution else None
            predeployed = component.argument("flower_app_path")
            if info and any(info.is_a(path) for path in FLOWER) and not (predeployed and predeployed.value):
                yield app, component


def _projects(review: Review) -> Iterator[tuple[App, Source, dict[str, Any]]]:
    """The Flower apps' project files that parse, each once."""
    for app in {app.folder: app for app, _ in _flower_apps(review)}.values():
        source = review.job.source(app.path("custom", PROJECT))
        content = _parsed(source.text) if source else None
        if source is not None and content is not None:
            yield app, source, content


def _parsed(text: str) -> dict[str, Any] | None:
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib

    try:
        content: dict[str, Any] = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError):
        return None
    return content


def _table(content: dict[str, Any], *keys: str) -> dict[str, Any]:
    found: Any = content
    for key in keys:
        found = found.get(key) if isinstance(found, dict) else None
    return found if isinstance(found, dict) else {}


def _line_with(source: Source, pattern: str) -> Place:
    """The first line of a file that a pattern matches, from the match on; else the file's beginning."""
    match = re.search(pattern, source.text, re.MULTILINE)
    return Place(source, Span(*match.span("at")) if match else Span(0, 0))


@rule("FL450", "flower-app-missing", Severity.ERROR)
def flower_app_missing(review: Review) -> Iterator[Problem]:
    """A job runs a Flower app, and its ``custom/`` folder holds none.

    FlowerController and FlowerExecutor start Flower in the app's ``custom/``, which must be the root of the Flower app
    with its ``pyproject.toml`` (app_opt/flower/applet.py). Since 2.9 ``flower_app_path`` may name an app that is on the
    sites already.

    Put the Flower app, ``pyproject.toml`` and all, directly into ``custom/``.
    """
    reported: set[str] = set()
    for app, component in _flower_apps(review):
        name = app.path("custom", PROJECT)
        if review.job.files.is_file(name) or name in reported:
            continue
        reported.add(name)
        below = [entry.name for entry in review.job.files.below(app.folder) if entry.name.endswith(f"/{PROJECT}")]
        help = f"move the folder of {below[0]} to {app.path('custom')}/" if below else "put the Flower app into custom/"
        related = (Related((component.class_node or component.node).place, "runs the Flower app"),)
        message = f"the Flower app is missing: there is no {name}"
        yield at(review.job.file_place(name), message, help=help, related=related)


@rule("FL451", "flower-component-unresolved", Severity.ERROR)
def flower_component_unresolved(review: Review) -> Iterator[Problem]:
    """The server app or client app that a Flower project names does not exist.

    ``[tool.flwr.app.components]`` names ``serverapp`` and ``clientapp`` as ``module:attribute``. Flower looks both up
    before it starts and gives up when the module or the attribute is missing.

    Write the module's dotted name from ``custom/`` on, a colon, and the name of the app object in it.
    """
    for app, source, content in _projects(review):
        components = _table(content, "tool", "flwr", "app", "components")
        for name in ("serverapp", "clientapp"):
            reference = components.get(name)
            if reference is None:
                place = _line_with(source, r"^\s*(?P<at>\[tool\.flwr\.app\.components\])")
                yield at(place, f"the Flower project names no {name}", help=f'add {name} = "package.module:app"')
            elif isinstance(reference, str):
                yield from _unresolved(review, app, source, name, reference)


def _unresolved(review: Review, app: App, source: Source, name: str, reference: str) -> Iterator[Problem]:
    place = _line_with(source, rf"^\s*{name}\s*=\s*[\"'](?P<at>[^\"']*)[\"']")
    module, colon, attribute = reference.partition(":")
    path = review.python_path(app)
    if not colon or not attribute:
        yield at(place, f"'{reference}' names no attribute", help='write "module:attribute"')
    elif path.has_module(module) is False:
        custom = path.custom
        help = (
            did_you_mean(module, custom.all_modules() if custom else ()) or f"{app.path('custom')}/ has no such module"
        )
        yield at(place, f"the module '{module}' of the {name} does not exist", help=help)
    elif path.lookup(module, attribute).outcome is Outcome.NAME_MISSING:
        help = did_you_mean(attribute, review.names_in(app, module), 0.5)
        yield at(place, f"the module '{module}' has no '{attribute}'", help=help)


_CONNECTS: Final = {"insecure", "root-certificates"}
"""What a federation says of a connection; one that Flower simulates has ``options`` alone."""


@rule("FL452", "flower-federation-incomplete", Severity.ERROR)
def flower_federation_incomplete(review: Review) -> Iterator[Problem]:
    """The Flower project's federation has no address, or does not exist.

    NVFlare 2.6 and 2.7 start ``flwr run`` with their own address for the federation, and Flower lets them replace an
    ``address`` that is there (app_opt/flower/applet.py): the section that ``default`` names must have one, whatever it
    is. Other releases do not look at federations: 2.5 starts ``flower-server-app``, 2.8 and later name a connection of
    their own. There, one that says how to connect (``insecure``) and not where is a warning: it is of no use.

    Add ``address = "127.0.0.1:9093"`` and ``insecure = true``.
    """
    is_used = review.has("flower_federation_address")
    for _, source, content in _projects(review):
        federations = _table(content, "tool", "flwr", "federations")
        default = federations.get("default")
        if not isinstance(default, str):
            continue
        federation = federations.get(default)
        if isinstance(federation, dict):
            if "address" not in federation and (is_used or _CONNECTS & federation.keys()):
                place = _line_with(source, rf"^\s*(?P<at>\[tool\.flwr\.federations\.\"?{re.escape(default)}\"?\])")
                message = f"the federation '{default}' has no address"
                if not is_used:
                    message += f", which only NVFlare 2.6 and 2.7 need: NVFlare {review.release} uses no federation"
                severity = None if is_used else Severity.WARNING
                yield at(place, message, help='add address = "127.0.0.1:9093"', severity=severity)
        elif is_used:
            place = _line_with(source, r"^\s*default\s*=\s*(?P<at>\S+)")
            names = [name for name, found in federations.items() if isinstance(found, dict)]
            yield at(place, f"the federation '{default}' does not exist", help=did_you_mean(default, names))


@rule("FL453", "flower-simulation-only", Severity.ERROR)
def flower_simulation_only(review: Review) -> Iterator[Problem]:
    """A Flower client reads its partition from ``node_config``.

    ``context.node_config["partition-id"]`` and ``["num-partitions"]`` are set by Flower's own simulation only; in a job
    of NVFlare's they are missing, and the client fails with a KeyError.

    Decide by the site instead: ``nvflare.client.get_site_name()``, or ``node_config.get("partition-id", 0)``.
    """
    for app in {app.folder: app for app, _ in _flower_apps(review) if app.client}.values():
        for entry in review.job.files.below(app.path("custom")):
            source = review.job.source(entry.name) if entry.kind is Kind.FILE and entry.name.endswith(".py") else None
            if source is not None and "node_config" in source.text:
                yield from _partition_reads(source)


def _partition_reads(source: Source) -> Iterator[Problem]:
    code = parse_code(source.text)
    if isinstance(code, SyntaxTrouble):
        return
    for node in code.nodes.each(ast.Subscript):
        match node:
            case ast.Subscript(value=ast.Attribute(attr="node_config"), slice=ast.Constant(value=key)):
                if key in SIMULATION_KEYS and isinstance(node.ctx, ast.Load):
                    place = Place(source, code.place(node.slice).span(source))
                    yield at(place, f"'{key}' is set by Flower's own simulation only: here it is a KeyError")


@rule("FL454", "flower-project-incomplete", Severity.ERROR)
def flower_project_incomplete(review: Review) -> Iterator[Problem]:
    """The project file of a Flower app lacks what Flower wants of it.

    ``flwr run``, which NVFlare starts in ``custom/``, refuses a ``pyproject.toml`` without ``name`` and ``version`` in
    ``[project]``, or without ``publisher`` in ``[tool.flwr.app]`` (flwr/common/config.py ``validate_fields_in_config``,
    flwr 1.11 to 1.26): the run ends with the output of the command in the server's log.

    Add what is missing.
    """
    for _, source, content in _projects(review):
        for section, keys in REQUIRED_OF_PROJECT.items():
            table = _table(content, *section.split("."))
            missing = [key for key in keys if key not in table]
            if missing:
                place = _line_with(source, rf"^\s*(?P<at>\[{re.escape(section)}\])")
                message = f"[{section}] has no {' and no '.join(missing)}: Flower refuses the project"
                yield at(place, message, help=f'add {missing[0]} = "..."')


@rule("FL455", "unknown-run-config", Severity.ERROR)
def unknown_run_config(review: Review) -> Iterator[Problem]:
    """A value of Flower's run config is set or read that the project file does not have.

    ``[tool.flwr.app.config]`` of ``pyproject.toml`` names all values; ``run_config`` of FlowerController may give some
    of them another value (2.8 and later), and Flower refuses a name that is not there: ``Key … is not present in the
    main dictionary`` (flwr/common/config.py ``fuse_dicts``). The app reads ``context.run_config["…"]``, which raises
    KeyError for a name that is not there; without a resemblance to one that is, a warning.

    Write the name as ``[tool.flwr.app.config]`` has it, or add it there.
    """
    for app, source, content in _projects(review):
        known = list(_flat(_table(content, "tool", "flwr", "app", "config")))
        given = _line_with(source, r"^\s*(?P<at>\[tool\.flwr\.app\.config\b)")
        related = (Related(given, "the values that there are"),) if given.span.end else ()
        for runs, component in _flower_apps(review):
            settings = component.argument("run_config") if runs.folder == app.folder else None
            for setting in settings.entries if isinstance(settings, Mapping) else ():
                if setting.key not in known:
                    message = f"the Flower project has no value '{setting.key}': Flower refuses to run it"
                    yield at(setting.key_place, message, help=did_you_mean(setting.key, known), related=related)
        for entry in review.job.files.below(app.path("custom")):
            read = review.job.source(entry.name) if entry.kind is Kind.FILE and entry.name.endswith(".py") else None
            if read is not None and "run_config" in read.text and "KeyError" not in read.text:
                yield from _unknown_reads(read, known, related)


def _flat(table: dict[str, Any], prefix: str = "") -> Iterator[str]:
    """The names of values as Flower has them: those of a table within are joined by dots (flwr ``flatten_dict``)."""
    for key, value in table.items():
        yield from _flat(value, f"{prefix}{key}.") if isinstance(value, dict) else (f"{prefix}{key}",)


def _unknown_reads(source: Source, known: list[str], related: tuple[Related, ...]) -> Iterator[Problem]:
    code = parse_code(source.text)
    for node in code.nodes.each(ast.Subscript) if not isinstance(code, SyntaxTrouble) else ():
        match node:
            case ast.Subscript(value=ast.Attribute(attr="run_config"), slice=ast.Constant(value=str(key))):
                if key not in known and isinstance(node.ctx, ast.Load) and isinstance(code, CodeText):
                    place = Place(source, code.place(node.slice).span(source))
                    near = did_you_mean(key, known)
                    message = f"the Flower project has no value '{key}': reading it raises KeyError"
                    severity = None if near else Severity.WARNING
                    yield at(place, message, help=near, related=related, severity=severity)
