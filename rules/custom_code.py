"""Family 4, first part: the Python code of an app: files that do not compile, imports that cannot work, methods that
do not fit."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from fllint.catalogue.history import module_history
from fllint.documents.tree import Place, Source, Span
from fllint.findings import Problem, Related, Severity
from fllint.job.files import Kind
from fllint.job.model import App, Config
from fllint.python.classes import ClassInfo, Method
from fllint.python.modules import BrokenModule, Module
from fllint.python.resolve import Outcome
from fllint.registry import rule
from fllint.review import Review, at
from fllint.scripts.script_imports import Import, imports_of
from fllint.scripts.script_text import SyntaxTrouble, parse_code


@rule("FL401", "broken-python-file", Severity.WARNING)
def broken_python_file(review: Review) -> Iterator[Problem]:
    """A Python file in ``custom/`` does not compile.

    Whoever imports it gets a SyntaxError. A file that begins like a path is most likely a symbolic link that was
    checked out as text: its content is where it should have led to. A file that the config loads is an error of FL237.

    Mend the file, or remove it.
    """
    loaded = _loaded_by_config(review)
    for app in review.job.deployed_apps:
        for entry in review.job.files.below(app.path("custom")) if app.has_custom else ():
            if entry.kind is not Kind.FILE or not entry.name.endswith(".py") or entry.name in loaded:
                continue
            source = review.job.source(entry.name)
            trouble = parse_code(source.text) if source else None
            if source is not None and isinstance(trouble, SyntaxTrouble) and not trouble.newer_python:
                yield _broken(source, trouble)


def _loaded_by_config(review: Review) -> set[str]:
    """The files of modules that do not compile and that a class path leads to."""
    names = set()
    for app, config, _ in review.configs():
        for component in config.all_components:
            resolution = None if component.disabled else review.class_of(app, component)
            if resolution and resolution.outcome is Outcome.BROKEN_MODULE and resolution.location:
                names.add(app.path("custom", resolution.location.file))
    return names


def _broken(source: Source, trouble: SyntaxTrouble) -> Problem:
    offset = source.offset(trouble.line, trouble.column)
    place = Place(source, Span(offset, min(offset + 1, len(source.text))))
    text = source.text.strip()
    looks_like_path = "\n" not in text and "/" in text and " " not in text
    help = "is it a symbolic link that was checked out as text? Copy the real file here" if looks_like_path else ""
    return at(place, f"{source.name} does not compile: {trouble.message}", help=help)


@dataclass(frozen=True, slots=True)
class LoadedModule:
    """A module of custom/ that is imported when a config is loaded, and its text."""

    app: App
    config: Config
    name: str
    is_package: bool
    source: Source


def loaded_modules(review: Review) -> Iterator[LoadedModule]:
    """The modules of custom/ that the class paths of the configs import, and those that these import in turn."""
    for app, config, _ in review.configs():
        path = review.python_path(app)
        if path.custom is None:
            continue
        seen: set[str] = set()
        waiting = sorted({text.rpartition(".")[0] for text in _class_paths(config)})
        while waiting:
            name = waiting.pop(0)
            module = path.custom.module(name) if name and name not in seen else None
            seen.add(name)
            if not isinstance(module, Module) or path.owner(name) != "custom" or not module.file.endswith(".py"):
                continue
            source = review.job.source(app.path("custom", module.file))
            if source is None:
                continue
            yield LoadedModule(app, config, name, module.is_package, source)
            waiting += [
                found
                for each in imports_of(source.text)
                if each.certain
                for found in _targets(name, module.is_package, each)
            ]


def _class_paths(config: Config) -> Iterator[str]:
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


@rule("FL402", "import-cannot-work", Severity.ERROR)
def import_cannot_work(review: Review) -> Iterator[Problem]:
    """A module that the config loads imports something that its site does not have.

    Only ``custom/`` itself is on the import path: a module in ``custom/pkg/`` reaches its neighbour as ``pkg.helper``
    or ``.helper``, not as ``helper``, and a module directly in ``custom/`` has no package to import from relatively.
    What another app has in its ``custom/`` is not there. The import fails, and with it every class of the module
    (``Can't load class``).

    Imports inside functions and under ``try`` are not counted. A module that nothing in sight provides is a warning.
    """
    reported: set[tuple[str, int]] = set()
    for loaded in loaded_modules(review):
        for found in imports_of(loaded.source.text):
            key = (loaded.source.name, found.place.line * 10_000 + found.place.column)
            problem = _import_problem(review, loaded, found) if found.certain and key not in reported else None
            if problem:
                reported.add(key)
                yield problem


def _import_problem(review: Review, loaded: LoadedModule, found: Import) -> Problem | None:
    place = Place(loaded.source, found.place.span(loaded.source))
    target = absolute_name(loaded.name, loaded.is_package, found)
    if target is None:
        message = f"'{'.' * found.level}{found.module}' leads out of the package: {loaded.name} is a top-level module"
        help = f"write 'import {found.module}' or 'from {found.module} import …'" if found.module else ""
        return at(place, message, help=help)
    path = review.python_path(loaded.app)
    if path.has_module(target) is False:
        return _missing_module(review, loaded, found, target, place)
    return _missing_name(review, loaded, found, target, place)


def _missing_module(review: Review, loaded: LoadedModule, found: Import, target: str, place: Place) -> Problem | None:
    package = loaded.name if loaded.is_package else loaded.name.rpartition(".")[0]
    path = review.python_path(loaded.app)
    sibling = f"{package}.{target}" if package else ""
    if sibling and path.custom is not None and path.custom.has_module(sibling):
        message = f"there is no top-level module '{target}': only custom/ itself is on the import path"
        return at(place, message, help=f"write '{sibling}' or '.{target}'")
    owner = path.owner(target)
    if owner == "nvflare":
        history = module_history(target, review.release)
        since = f" ({history})" if history else ""
        return at(place, f"NVFlare {review.release} has no module '{target}'{since}")
    other = next((app for app in review.job.apps if app is not loaded.app and _has_module(review, app, target)), None)
    if other:
        message = f"the module '{target}' is in app '{other.name}' only; app '{loaded.app.name}' does not get that code"
        return at(place, message, help=f"copy it to {loaded.app.path('custom')}/")
    if owner == "custom":
        return at(place, f"custom/ has no module '{target}'")
    help = f"put it into {loaded.app.path('custom')}/, or name it in a requirements file if sites install it"
    message = f"nothing in sight provides the module '{found.top or target}'"
    return at(place, message, help=help, severity=Severity.WARNING)


def _has_module(review: Review, app: App, dotted: str) -> bool:
    custom = review.python_path(app).custom if app.has_custom else None
    return custom is not None and custom.has_module(dotted)


def _missing_name(review: Review, loaded: LoadedModule, found: Import, target: str, place: Place) -> Problem | None:
    """``from module import name`` where the module is known and has no such name."""
    path = review.python_path(loaded.app)
    if path.owner(target) not in ("custom", "nvflare") or target == loaded.name:
        return None
    for name in found.names:
        if name == "*":
            continue
        outcome = path.lookup(target, name).outcome
        if outcome is Outcome.NAME_MISSING:
            where = f"NVFlare {review.release}" if path.owner(target) == "nvflare" else "custom/"
            return at(place, f"'{target}' of {where} has no '{name}': the import fails")
        if outcome is Outcome.BROKEN_MODULE or isinstance(path.module(target), BrokenModule):
            return at(place, f"'{target}' does not compile: the import fails")
    return None


@rule("FL403", "method-does-not-fit", Severity.ERROR)
def method_does_not_fit(review: Review) -> Iterator[Problem]:
    """A method of a custom class cannot be called the way its base class is called.

    NVFlare calls the methods it knows with the arguments they have in this release. A method that requires more of
    them, or takes fewer, fails with a TypeError in the middle of the run; this is how code written for another release
    often breaks.

    Give the method the parameters of the base class.
    """
    reported: set[tuple[str, str]] = set()
    for app, config, _ in review.configs():
        for component in config.all_components:
            resolution = None if component.disabled else review.class_of(app, component)
            info = resolution.class_info if resolution else None
            for method in info.methods if info else ():
                if info is None or method.owner.startswith("nvflare.") or (method.owner, method.name) in reported:
                    continue
                base = _overridden(review, info, method)
                if base and not _fits(method, base) and not _called_by_own_code(review, app, method.name):
                    reported.add((method.owner, method.name))
                    yield _misfit(review, app, method, base)


def _called_by_own_code(review: Review, app: App, name: str) -> bool:
    """Whether code of the app calls a method of this name, which may then be what the method is for."""
    for entry in review.job.files.below(app.path("custom")):
        source = review.job.source(entry.name) if entry.kind is Kind.FILE and entry.name.endswith(".py") else None
        if source is not None and re.search(rf"(?<!super\(\))\.{re.escape(name)}\(", source.text):
            return True
    return False


def _overridden(review: Review, info: ClassInfo, method: Method) -> Method | None:
    """The method of NVFlare's that a method of a custom class stands in for."""
    if method.name.startswith("__") or method.kind != "method":
        return None
    for ancestor in info.ancestors:
        base = review.catalogue.find(ancestor) if ancestor.startswith("nvflare.") else None
        found = base.method(method.name) if base else None
        if found and found.kind == "method" and found.owner != method.owner:
            return found
    return None


def _fits(method: Method, base: Method) -> bool:
    """Whether a call with the base's parameters, all by position or only the required ones, is taken by the method."""
    own = [parameter for parameter in method.parameters if not parameter.keyword_only]
    wanted = [parameter for parameter in base.parameters if not parameter.keyword_only]
    required = [parameter for parameter in own if parameter.required]
    needed = [parameter for parameter in wanted if parameter.required]
    too_many = len(required) > len(wanted) and not base.varargs
    too_few = len(own) < len(needed) and not method.varargs
    named = {parameter.name for parameter in method.parameters}
    extra = [found for found in method.parameters if found.keyword_only and found.required]
    unknown = [found for found in extra if found.name not in {parameter.name for parameter in base.parameters}]
    return not (too_many or (too_few and not (method.keywords and named)) or unknown)


def _misfit(review: Review, app: App, method: Method, base: Method) -> Problem:
    place = review.custom_place(app, method.location) if method.location else None
    owner = base.owner.rpartition(".")[2]
    called = f"{owner}.{method.name}({_signature(base)})"
    message = f"{method.name}({_signature(method)}) does not fit {called}, which NVFlare calls"
    help = f"write def {method.name}({', '.join(['self', *filter(None, [_signature(base)])])})"
    return at(place or review.job.file_place(app.path("custom")), message, help=help)


def _signature(method: Method) -> str:
    names = [parameter.name for parameter in method.parameters]
    return ", ".join([*names, *(["*args"] if method.varargs else []), *(["**kwargs"] if method.keywords else [])])


@rule("FL404", "one-sided-decomposer", Severity.WARNING)
def one_sided_decomposer(review: Review) -> Iterator[Problem]:
    """Only one side of the job knows how to unpack the job's own types.

    FOBS decomposers in ``custom/nvflare_decomposers`` are registered where they are; a type that travels must be known
    to the site that sends and to the one that receives it (nvflare/fuel/utils/fobs, 2.4 and later). The other side
    fails when it unpacks the message.

    Put the decomposer and the module of the type into every app.
    """
    having = [app for app in review.job.deployed_apps if _decomposers(review, app)]
    lacking = [app for app in review.job.deployed_apps if app not in having and app.configs]
    for app in lacking if having else ():
        place = review.job.file_place(app.path("custom"))
        related = (Related(review.job.file_place(_decomposers(review, having[0])), f"app '{having[0].name}' has them"),)
        message = (
            f"app '{app.name}' has no decomposers, and app '{having[0].name}' has: their types cannot be unpacked here"
        )
        yield at(place, message, help=f"copy {having[0].path('custom')}/nvflare_decomposers", related=related)


def _decomposers(review: Review, app: App) -> str:
    """The folder of an app's decomposers, or the first module of it that defines some; empty when it has none."""
    folder = app.path("custom", "nvflare_decomposers")
    return folder if review.job.files.is_folder(folder) else ""
