"""Family 6: the calls that a script of the Job API makes of NVFlare's classes and of its own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from fllint.catalogue.history import argument_history, class_history, module_history, replacement
from fllint.catalogue.patches import dropped_name, required_since
from fllint.catalogue.words import WORDS
from fllint.documents.tree import UNKNOWN, UNKNOWN_TEXT
from fllint.findings import Problem, Severity
from fllint.job_api.jobs import FED_JOB, JobObject
from fllint.job_api.things import Argument, Thing, bind, function_place
from fllint.problems import at
from fllint.python.evaluate import Instance, failed_checks, render, with_defaults
from fllint.python.expressions import names_in
from fllint.python.resolve import Outcome
from fllint.registry import rule
from fllint.suggest import closest, did_you_mean

from .arguments import dropped

if TYPE_CHECKING:
    from fllint.job_api.reading import Misfit
    from fllint.job_api.script_job import ScriptJob
    from fllint.review import Review

METHODS: Final[dict[str, tuple[str, ...]]] = {
    "simulator_run": ("workspace", "n_clients", "clients", "threads", "gpu", "log_config"),
    "export_job": ("job_root",),
}
"""Methods of a job and their parameters (nvflare/job_config/api.py `FedJob`; ``log_config`` since 2.6)."""


def _calls(review: Review) -> Iterator[tuple[ScriptJob, Thing]]:
    """The calls that no rule about components speaks of: their class is known, and they are no part of the export."""
    script = review.job.script
    if script is None:
        return
    for thing in script.reader.things:
        if thing.info is not None and thing not in script.built:
            yield script, thing


@rule("FL601", "unknown-call-argument", Severity.ERROR)
def unknown_call_argument(review: Review) -> Iterator[Problem]:
    """A script of the Job API gives a class an argument that it does not take.

    Python raises ``TypeError: … got an unexpected keyword argument`` before there is a job. Jobs, recipes,
    `ScriptRunner` and environments gain and lose arguments from release to release; classes beside the script count
    too.

    For an argument that a later patch of the release took away (``initial_model`` of recipes) the patch is named.

    Remove the argument, or write it as the class does.
    """
    for script, thing in _calls(review):
        info = thing.info
        if info is None or info.accepts_any_keyword or (thing.of_model and not info.constructor_owner):
            continue
        names = [parameter.name for parameter in info.parameters]
        free = [name for name in names if name not in thing.arguments]
        for name, given in thing.arguments.items():
            if name not in names:
                near = closest(name, free, 0.75)
                change = argument_history(info.path, name, review.release)
                hints = [change, f"did you mean '{near}'?" if near else ""]
                help = "; ".join(filter(None, hints)) or _taken(names)
                where = script.place(given.key or given.place)
                message = f"{info.name} takes no argument '{name}'"
                yield dropped(review, info, name, where) or at(where, message, help=help)
        for given in thing.surplus:
            count = sum(not parameter.keyword_only for parameter in info.parameters)
            message = f"{info.name} takes {count} positional argument{'' if count == 1 else 's'}, and this is one more"
            yield at(script.place(given.place), message, help=_taken(names))
        for name in thing.twice:
            yield at(script.place(thing.arguments[name].place), f"{info.name} gets '{name}' twice")
    for script, misfit in _misfits(review):
        for name, given in misfit.binding.unknown.items():
            near = closest(name, [each for each in misfit.parameters if each not in misfit.binding.arguments], 0.75)
            help = f"did you mean '{near}'?" if near else _taken(list(misfit.parameters))
            yield at(script.place(given.key or given.place), f"{misfit.name} takes no argument '{name}'", help=help)
        for given in misfit.binding.surplus:
            message = f"{misfit.name} takes no further positional argument"
            yield at(script.place(given.place), message, help=_taken(list(misfit.parameters)))
        for name in misfit.binding.twice:
            place = misfit.binding.arguments[name].place
            yield at(script.place(place), f"{misfit.name} gets '{name}' twice")


def _misfits(review: Review) -> Iterator[tuple[ScriptJob, Misfit]]:
    """Calls of NVFlare's functions and of its recipes' methods that Python cannot make."""
    script = review.job.script
    if script is not None:
        yield from ((script, misfit) for misfit in script.reader.misfits)


def _taken(names: list[str]) -> str:
    return f"it takes {', '.join(names)}" if 0 < len(names) <= 16 else ""


@rule("FL602", "missing-call-argument", Severity.ERROR)
def missing_call_argument(review: Review) -> Iterator[Problem]:
    """A script of the Job API calls a class without an argument that it requires.

    Python raises ``TypeError: … missing 1 required argument`` before there is a job. In a deploy map's place, a job
    needs nothing, but `FedAvgRecipe` needs ``min_clients`` and ``train_script``, and `ScriptRunner` its ``script``.

    Give the argument.
    """
    for script, thing in _calls(review):
        info = thing.info
        if info is None or thing.open or (thing.of_model and not info.constructor_owner):
            continue
        missing = [
            parameter.name
            for parameter in info.parameters
            if parameter.required and parameter.name not in thing.arguments
        ]
        if missing:
            names = ", ".join(f"'{name}'" for name in missing)
            message = f"{info.name} needs the argument{'s' if len(missing) > 1 else ''} {names}"
            near = next((closest(name, thing.arguments) for name in missing if closest(name, thing.arguments)), None)
            help = f"'{near}' is no argument of it" if near and not info.parameter(near) else f"give it {names}"
            patches = {required_since(info.path, name, review.release) for name in missing} - {""}
            later = len(missing) == len(patches) == 1
            message = f"{message} since NVFlare {patches.pop()}" if later else message
            yield at(script.place(function_place(thing.site)), message, help=help)
    for script, misfit in _misfits(review):
        if misfit.binding.missing:
            names = ", ".join(f"'{name}'" for name in misfit.binding.missing)
            message = f"{misfit.name} needs the argument{'s' if len(misfit.binding.missing) > 1 else ''} {names}"
            yield at(script.place(misfit.place), message, help=f"give it {names}")


@rule("FL603", "invalid-call-argument", Severity.ERROR)
def invalid_call_argument(review: Review) -> Iterator[Problem]:
    """A script of the Job API gives a class a value that its constructor refuses.

    A job's ``min_clients`` must be a positive number, ``name`` a text, ``framework`` one that NVFlare knows: the
    constructor raises, and there is no job. Which checks a class makes differs between releases.

    Write a value that the class takes.
    """
    for script, thing in _calls(review):
        info = thing.info
        if info is None or thing.open or not thing.site.reached:
            continue
        given = {name: _plain(script, argument) for name, argument in thing.arguments.items()}
        refused = set()
        for check in failed_checks(info, given):
            mentioned = names_in(check.when)
            names = [name for name in given if name in mentioned]
            if not names or any(given[name] is UNKNOWN or name in refused for name in names):
                continue
            said = render(check.message, with_defaults(info, given))
            spoken = [name for name in names if name in check.message]
            name = (spoken or names)[0]
            refused.add(name)
            message = f"{info.name} refuses the argument '{name}'" + (f": {said}" if said else f" ({check.raises})")
            yield at(script.place(thing.arguments[name].place), message)
        yield from (problem for name, problem in _wrong_words(script, thing) if name not in refused)


def _plain(script: ScriptJob, argument: Argument) -> object:
    value = argument.value
    if isinstance(value, JobObject):
        return Instance(value.made.info)
    return Instance(value.info) if isinstance(value, Thing) else script.reader.constants.plain(value)


def _wrong_words(script: ScriptJob, thing: Thing) -> Iterator[tuple[str, Problem]]:
    """Values that are none of the constants that a parameter is for."""
    for name, path in WORDS.items():
        given = thing.arguments.get(name)
        words = script.reader.class_info(path) if given and thing.info and thing.info.parameter(name) else None
        if given is None or words is None or not thing.path.startswith("nvflare."):
            continue
        legal = [str(value) for _, value in words.constants if isinstance(value, str)]
        value = script.reader.constants.plain(given.value)
        if value is not UNKNOWN and value is not None and value not in legal and UNKNOWN_TEXT not in str(value):
            near = did_you_mean(str(value), legal)
            message = f"{value!r} is no {words.name} that NVFlare knows"
            yield name, at(script.place(given.place), message, help=near or f"one of {', '.join(legal)}")


@rule("FL606", "refused-by-nvflare", Severity.ERROR)
def refused_by_nvflare(review: Review) -> Iterator[Problem]:
    """A recipe, a job or a function of NVFlare's refuses what the script gives it.

    NVFlare's own code raises the exception while the script is run, before there is a job (nvflare/recipe and
    nvflare/job_config, since 2.5): a recipe without any model, a site of ``per_site_config`` with a name that is
    reserved, cross-site evaluation that is added twice. fllint follows that code, and speaks when the exception is
    certain.

    Give what the message asks for.
    """
    script = review.job.script
    if script is None:
        return
    for refusal in script.reader.refusals:
        known = refusal.message if refusal.message and UNKNOWN_TEXT not in refusal.message else ""
        message = f"NVFlare raises {refusal.error} here" + (f": {known}" if known else "")
        yield at(script.place(refusal.place), message)


@rule("FL604", "unknown-nvflare-name", Severity.ERROR)
def unknown_nvflare_name(review: Review) -> Iterator[Problem]:
    """A script imports or uses a name of NVFlare that the release does not have.

    ``ImportError``, ``ModuleNotFoundError`` or ``AttributeError`` end the script before there is a job. Recipes are
    there since 2.7, the Job API since 2.5, and both move between releases.

    Write the name that the release has, or choose the release that has the name.
    """
    script = review.job.script
    if script is None:
        return
    seen: set[tuple[str, int]] = set()
    for path, place in script.reader.words:
        owner, _, name = path.rpartition(".")
        problem = _name_problem(review, script, path, owner, name)
        where = script.place(place)
        key = (owner, where.source.position(where.span.start)[0])
        if problem and key not in seen:
            seen.add(key)
            yield at(where, problem[0], help=problem[1])
    yield from _modules(review, script)


def _name_problem(review: Review, script: ScriptJob, path: str, owner: str, name: str) -> tuple[str, str] | None:
    if owner == "nvflare" or not owner or "[" in path:
        return None
    if review.catalogue.has_module(owner):
        if review.catalogue.python.resolve(path).outcome is not Outcome.NAME_MISSING or review.catalogue.has_module(
            path
        ):
            return None
        help = replacement(path, review.release) or class_history(path, review.release)
        return f"{owner} has no '{name}' in NVFlare {review.release}", help or did_you_mean(
            name, review.catalogue.names_in(owner)
        )
    info = script.reader.class_info(owner)
    constants = dict(info.constants) if info else {}
    known = info.facts.assigned if info and info.facts else ()
    if info is None or not constants or not info.complete or name in constants or name in known or info.method(name):
        return None
    if name in ("value", "name", "__members__") or not name.isupper():
        return None
    return f"{info.name} has no '{name}'", did_you_mean(name, constants)


def _modules(review: Review, script: ScriptJob) -> Iterator[Problem]:
    """Modules of NVFlare that the script imports from and the release does not have."""
    from fllint.scripts.script_imports import imports_of

    for each in imports_of(script.source.text):
        if each.top == "nvflare" and not each.level and each.certain and not review.catalogue.has_module(each.module):
            history = module_history(each.module, review.release)
            near = did_you_mean(each.module, review.catalogue.modules)
            later = dropped_name(each.module, review.release)
            release = f"{later.since} and later" if later else review.release
            message = f"NVFlare {release} has no module '{each.module}'"
            yield at(script.place(each.place), message, help=history or near)


@rule("FL605", "unknown-job-method", Severity.ERROR)
def unknown_job_method(review: Review) -> Iterator[Problem]:
    """A script calls a method that a job does not have, or with arguments that it does not take.

    ``AttributeError: 'FedJob' object has no attribute 'to_servers'`` and the like end the script.

    Write the name as the Job API has it.
    """
    script = review.job.script
    if script is None:
        return
    for job in script.read.jobs:
        methods = _methods(job)
        for name, site in job.calls if methods else ():
            if name not in methods and not name.startswith("_"):
                message = f"a {'recipe' if job.is_recipe else 'job'} has no method '{name}'"
                yield at(script.place(site.place), message, help=did_you_mean(name, methods))
            elif name in METHODS and not job.is_recipe:
                yield from _wrong_arguments(script, job, name, METHODS[name])


def _methods(job: JobObject) -> tuple[str, ...]:
    """The public attributes of a job or recipe; none when not all are known."""
    info = job.made.info
    if info is None or not info.complete or (job.code is None and info.path != FED_JOB):
        return ()
    followed = (*job.code.names, *job.code.attributes) if job.code is not None else ()
    return followed if job.is_recipe else (*followed, *_JOB_METHODS)


def _wrong_arguments(script: ScriptJob, job: JobObject, name: str, parameters: tuple[str, ...]) -> Iterator[Problem]:
    from fllint.python.classes import Parameter

    for called, site in job.calls:
        if called == name:
            binding = bind([Parameter(parameter, False) for parameter in parameters], site)
            for argument, given in binding.unknown.items():
                help = did_you_mean(argument, parameters) or _taken(list(parameters))
                yield at(script.place(given.key or given.place), f"{name} takes no argument '{argument}'", help=help)


_JOB_METHODS: Final = (
    "to",
    "to_server",
    "to_clients",
    "as_id",
    "export_job",
    "simulator_run",
    "set_up_client",
    "set_app_packages",
    "add_component",
    "add_controller",
    "add_executor",
    "add_filter",
    "add_resources",
    "add_file_source",
    "add_file_to",
    "add_file_to_server",
    "add_file_to_clients",
    "add_params",
    "check_kwargs",
)
"""The public methods of `FedJob` (nvflare/job_config/api.py, 2.5 to 2.9)."""
