"""Family 4, first part: the Python code of an app: files that do not compile, imports that cannot work, methods that
do not fit."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from fllint.catalogue.custom_code import CALLED_BY_NVFLARE
from fllint.documents.tree import Place, Source, Span
from fllint.findings import Problem, Severity
from fllint.job.files import Kind
from fllint.job.model import App
from fllint.problems import at
from fllint.python.classes import ClassInfo, Method
from fllint.python.resolve import Outcome
from fllint.registry import rule
from fllint.scripts.runs import script_runs
from fllint.scripts.script_text import SyntaxTrouble, parse_code

from .circular_imports import circular_imports
from .module_imports import import_problems, loaded_modules, modules_of_script

if TYPE_CHECKING:
    from fllint.review import Review


@rule("FL401", "broken-python-file", Severity.WARNING)
def broken_python_file(review: Review) -> Iterator[Problem]:
    """A Python file in ``custom/`` does not compile.

    Whoever imports it gets a SyntaxError. A file that begins like a path is most likely a symbolic link that was
    checked out as text: its content is where it should have led to. A file that the config loads is an error of FL237,
    a script of FL413.

    Mend the file, or remove it.
    """
    loaded = _loaded_by_config(review)
    for app in review.job.deployed_apps:
        for entry in review.job.files.below(app.path("custom")) if app.has_custom else ():
            if entry.kind is not Kind.FILE or not entry.name.endswith(".py") or entry.name in loaded:
                continue
            source = review.job.source(entry.name)
            trouble = parse_code(source.text) if source else None
            if source is not None and isinstance(trouble, SyntaxTrouble) and trouble.is_refusal:
                yield _broken(source, trouble)


def _loaded_by_config(review: Review) -> set[str]:
    """The files that do not compile and that a class path leads to (FL237) or that run as scripts (FL413)."""
    names = {run.file for run in script_runs(review) if run.file}
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


@rule("FL402", "import-cannot-work", Severity.ERROR, fix="safe")
def import_cannot_work(review: Review) -> Iterator[Problem]:
    """A module that the config loads imports something that its site does not have.

    Only ``custom/`` itself is on the import path: a module in ``custom/pkg/`` reaches its neighbour as ``pkg.helper``
    or ``.helper``, not as ``helper``, and a module directly in ``custom/`` has no package to import from relatively.
    What another app has in its ``custom/`` is not there. The import fails, and with it every class of the module
    (``Can't load class``). Of two modules that import each other, the second takes a name that the first does not have
    yet (``cannot import name ... from partially initialized module``).

    Imports inside functions and under ``try`` are not counted. A module that nothing in sight provides is a warning.
    """
    yield from import_problems(review, loaded_modules(review))
    yield from circular_imports(review)


@rule("FL440", "script-import-cannot-work", Severity.ERROR, fix="safe")
def script_import_cannot_work(review: Review) -> Iterator[Problem]:
    """A script imports something that its site does not have.

    In the client's own process only ``custom/`` is on the import path, not the script's folder: beside
    ``custom/pkg/train.py``, ``helper`` is ``pkg.helper``, and relative imports never work
    (app_common/executors/task_script_runner.py, 2.5 and later). In a process of its own the script's folder counts too.
    The import fails when the first task arrives, and the task with it.

    Imports inside functions and under ``try`` are not counted. A module that nothing in sight provides is a warning.
    """
    known = {loaded.source.name for loaded in loaded_modules(review)}
    scripts = (loaded for run in script_runs(review) for loaded in modules_of_script(run))
    yield from import_problems(review, (loaded for loaded in scripts if loaded.source.name not in known))


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
                if base is None or _fits(method, base):
                    continue
                surely_called = method.name in CALLED_BY_NVFLARE.get(component.role.value, ())
                if surely_called or not _called_by_own_code(review, app, method.name):
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
