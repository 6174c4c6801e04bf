"""What a file of ``custom/`` imports when a config is loaded or a script runs, and what is wrong with it."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from msgspec import Struct

from fllint.catalogue.history import module_history, moved_to
from fllint.catalogue.script_arguments import CLIENT_API
from fllint.documents.tree import Place, Source, Span
from fllint.findings import Fix, Problem, Severity
from fllint.fixes import import_of
from fllint.job.model import App, Config
from fllint.problems import at
from fllint.python.classes import ClassInfo
from fllint.python.modules import BrokenModule, Module
from fllint.python.near_misses import surely_meant
from fllint.python.resolve import Outcome
from fllint.scripts.runs import ScriptRun, script_runs
from fllint.scripts.script_imports import Import, imports_of
from fllint.scripts.script_text import CodeText, SyntaxTrouble, parse_code

if TYPE_CHECKING:
    from fllint.review import Review


class LoadedModule(Struct, frozen=True):
    """A file of custom/ that is imported when a config is loaded, or that ``script`` is or imports.

    ``name`` is empty for a script, which belongs to no package.
    """

    app: App
    name: str
    is_package: bool
    source: Source
    script: ScriptRun | None = None


def loaded_modules(review: Review) -> Iterator[LoadedModule]:
    """The modules of custom/ that the class paths of the configs import, and those that these import in turn."""
    for app, config, _ in review.configs():
        path = review.python_path(app)
        if path.custom is None:
            continue
        seen: set[str] = set()
        waiting = sorted({text.rpartition(".")[0] for text in class_paths(config)})
        while waiting:
            name = waiting.pop(0)
            module = path.custom.module(name) if name and name not in seen else None
            seen.add(name)
            if not isinstance(module, Module) or path.owner(name) != "custom" or not module.file.endswith(".py"):
                continue
            source = review.job.source(app.path("custom", module.file))
            if source is None:
                continue
            yield LoadedModule(app, name, module.is_package, source)
            waiting += [
                found
                for each in imports_of(source.text)
                if each.certain
                for found in _targets(name, module.is_package, each)
            ]


def modules_of_script(run: ScriptRun) -> Iterator[LoadedModule]:
    """A script, and the files of the job that are surely imported with it."""
    if run.source is None:
        return
    script = LoadedModule(run.app, (run.call.module or "") if run.call else "", False, run.source, run)
    waiting = [script]
    seen = {run.source.name}
    while waiting:
        loaded = waiting.pop(0)
        yield loaded
        for found in imports_of(loaded.source.text):
            for name in _targets(loaded.name, loaded.is_package, found) if found.certain else ():
                file = run.module_file(name)
                source = run.review.job.source(file) if file and file not in seen else None
                if file and source and run.review.python_path(run.app).owner(name) in (None, "custom"):
                    seen.add(file)
                    waiting.append(LoadedModule(run.app, name, file.endswith("/__init__.py"), source, run))


def loaded_code(review: Review) -> Iterator[tuple[LoadedModule, CodeText]]:
    """Every file of the job that configs load or scripts run, once."""
    seen: set[str] = set()
    scripts = (loaded for run in script_runs(review) for loaded in modules_of_script(run))
    for loaded in (*loaded_modules(review), *scripts):
        code = parse_code(loaded.source.text) if loaded.source.name not in seen else None
        seen.add(loaded.source.name)
        if code is not None and not isinstance(code, SyntaxTrouble):
            yield loaded, code


def code_place(loaded: LoadedModule, code: CodeText, node: ast.expr | ast.keyword) -> Place:
    """Where a node of a file's code stands."""
    return Place(loaded.source, code.place(node).span(loaded.source))


def attribute_place(loaded: LoadedModule, code: CodeText, node: ast.Attribute) -> Place:
    """Where the name of an attribute stands, behind its dot."""
    end = code.place(node).span(loaded.source).end
    return Place(loaded.source, Span(end - len(node.attr), end))


def nvflare_class(review: Review, loaded: LoadedModule, path: str) -> ClassInfo | None:
    """The class of NVFlare that a dotted path leads to; None when it leads elsewhere, or that cannot be known."""
    module, _, name = path.rpartition(".")
    if not path.startswith("nvflare.") or name.islower():
        return None
    found = review.python_path(loaded.app).lookup(module, name)
    info = review.resolve(loaded.app, found.path).class_info if found.outcome is Outcome.FOUND else None
    return info if info is not None and info.complete and info.path.startswith("nvflare.") else None


def class_paths(config: Config) -> Iterator[str]:
    """The class paths of a config's components, in its order."""
    return (text for component in config.all_components if (text := component.class_text) and not component.disabled)


def _targets(importer: str, is_package: bool, found: Import) -> list[str]:
    """The dotted names of the modules that an import may load."""
    base = absolute_name(importer, is_package, found)
    return [base, *(f"{base}.{name}" for name in found.names)] if base else []


def absolute_name(importer: str, is_package: bool, found: Import) -> str | None:
    """The dotted name that an import means in a module; None when a relative one leads out of its package."""
    if not found.level:
        return found.module
    parts = importer.split(".")
    kept = parts[: len(parts) - found.level + (1 if is_package else 0)]
    return ".".join([*kept, *([found.module] if found.module else [])]) if kept else None


def import_problems(review: Review, modules: Iterable[LoadedModule]) -> Iterator[Problem]:
    """What cannot work of the imports that files surely make; the same thing once for each file."""
    reported: set[tuple[str, str]] = set()
    for loaded in modules:
        for found in imports_of(loaded.source.text):
            problem = _import_problem(review, loaded, found) if found.certain else None
            if problem and (loaded.source.name, problem.message) not in reported:
                reported.add((loaded.source.name, problem.message))
                yield problem


def _import_problem(review: Review, loaded: LoadedModule, found: Import) -> Problem | None:
    place = Place(loaded.source, found.place.span(loaded.source))
    target = absolute_name(loaded.name, loaded.is_package, found)
    if target is None:
        who = f"{loaded.name} is a top-level module" if loaded.name else "a script belongs to none"
        message = f"'{'.' * found.level}{found.module}' leads out of the package: {who}"
        help = f"write 'import {found.module}' or 'from {found.module} import …'" if found.module else ""
        return at(place, message, help=help)
    path = review.python_path(loaded.app)
    if loaded.script and loaded.script.module_file(target) and path.owner(target) in (None, "custom"):
        return _missing_name(review, loaded, found, target, place) if path.has_module(target) else None
    if path.has_module(target) is False:
        return _missing_module(review, loaded, found, target, place)
    return _missing_name(review, loaded, found, target, place)


def _missing_module(review: Review, loaded: LoadedModule, found: Import, target: str, place: Place) -> Problem | None:
    package = _package(loaded)
    path = review.python_path(loaded.app)
    sibling = f"{package}.{target}" if package else ""
    if sibling and path.custom is not None and path.custom.has_module(sibling):
        message = f"there is no top-level module '{target}': only custom/ itself is on the import path"
        help = f"write '{sibling}'" + (f" or '.{target}'" if loaded.name else "")
        return at(place, message, help=help, fix=import_of(found, place, sibling))
    owner = path.owner(target)
    if owner == "nvflare":
        history = module_history(target, review.release)
        since = f" ({history})" if history else ""
        message = f"NVFlare {review.release} has no module '{target}'{since}"
        return at(place, message, fix=_moved(review, loaded, found, target, place))
    other = next((app for app in review.job.apps if app is not loaded.app and _has_module(review, app, target)), None)
    if other:
        message = f"the module '{target}' is in app '{other.name}' only; app '{loaded.app.name}' does not get that code"
        return at(place, message, help=f"copy it to {loaded.app.path('custom')}/")
    if owner == "custom":
        return at(place, f"custom/ has no module '{target}'", fix=_moved(review, loaded, found, target, place))
    help = f"put it into {loaded.app.path('custom')}/, or name it in a requirements file if sites install it"
    message = f"nothing in sight provides the module '{found.top or target}'"
    inside = target.removeprefix("custom.")
    if inside != target and _has_module(review, loaded.app, inside):
        help = f"write '{inside}': custom/ itself is on the import path"
        return at(place, message, help=help, fix=import_of(found, place, inside))
    return at(place, message, help=help, severity=Severity.WARNING)


def _moved(review: Review, loaded: LoadedModule, found: Import, target: str, place: Place) -> Fix | None:
    """The import from where all that it takes must be meant to be, when that is one module."""
    path = review.python_path(loaded.app)
    modules = set()
    for name in found.names:
        class_path = f"{target}.{name}"
        sure = moved_to(class_path, review.release) or surely_meant(class_path, path.resolve(class_path).candidates)
        module, _, sure_name = (sure or "").rpartition(".")
        modules.add(module if sure_name == name else "")
    return import_of(found, place, modules.pop()) if len(modules) == 1 else None


def _package(loaded: LoadedModule) -> str:
    """The dotted name of the folder that a file is in; empty for ``custom/`` itself."""
    if loaded.name:
        return loaded.name if loaded.is_package else loaded.name.rpartition(".")[0]
    folder = loaded.source.name.rpartition("/")[0]
    return folder[len(loaded.app.path("custom")) + 1 :].replace("/", ".")


def _has_module(review: Review, app: App, dotted: str) -> bool:
    custom = review.python_path(app).custom if app.has_custom else None
    return custom is not None and custom.has_module(dotted)


def _missing_name(review: Review, loaded: LoadedModule, found: Import, target: str, place: Place) -> Problem | None:
    """``from module import name`` where the module is known and has no such name."""
    path = review.python_path(loaded.app)
    if path.owner(target) not in ("custom", "nvflare") or target == loaded.name:
        return None
    if loaded.script and (target == CLIENT_API or target.startswith(f"{CLIENT_API}.")):
        return None  # FL432 looks at these names
    for name in found.names:
        if name == "*":
            continue
        outcome = path.lookup(target, name).outcome
        if outcome is Outcome.NAME_MISSING:
            where = f"NVFlare {review.release}" if path.owner(target) == "nvflare" else "custom/"
            fix = _moved(review, loaded, found, target, place)
            return at(place, f"'{target}' of {where} has no '{name}': the import fails", fix=fix)
        if outcome is Outcome.BROKEN_MODULE or isinstance(path.module(target), BrokenModule):
            return at(place, f"'{target}' does not compile: the import fails")
    return None
