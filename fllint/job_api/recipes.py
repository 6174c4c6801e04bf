"""What a recipe puts on server and clients (nvflare/recipe and nvflare/app_*/**/recipes, since 2.7).

A recipe with a training script sends a `ScriptRunner` to all clients, or to the sites of ``per_site_config``. What it
puts on the server is known for the recipes of federated averaging; for the others it is not checked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fllint.catalogue.job_parts import (
    FEDAVG_CONTROLLER,
    FEDAVG_RECIPE,
    RECIPE_AND_RUNNER,
    RECIPE_TO_RUNNER,
    SCRIPT_RUNNER,
)
from fllint.job_api.job_classes import add_part
from fllint.job_api.jobs import ALL_SITES, JobObject, entries_of
from fllint.job_api.script_runner import place_runner
from fllint.job_api.things import Argument, Thing
from fllint.scripts.script_values import Known, Value

if TYPE_CHECKING:
    from collections.abc import Iterable


def fill_recipe(job: JobObject) -> None:
    """Adds what a recipe adds by itself."""
    made = job.made
    info = made.info
    name = info.name if info else "the recipe"
    job.doubt(f"what {name} puts on the server is known in part")
    if info is not None and FEDAVG_RECIPE in (info.path, *info.ancestors):
        add_part(job, FEDAVG_CONTROLLER)
    if "train_script" not in made.arguments:
        job.doubt(f"what {name} puts on the clients is not known")
        return
    per_site = made.arguments.get("per_site_config")
    if per_site is None or (isinstance(per_site.value, Known) and per_site.value.value is None):
        _send_runner(job, ALL_SITES, {}, Argument(Known(ALL_SITES), made.site.place))
    else:
        set_per_site(job, per_site)


def set_per_site(job: JobObject, config: Argument) -> None:
    """The clients of a recipe that is given a config for each site, by an argument or by ``set_per_site_config``."""
    if "train_script" not in job.made.arguments:
        return
    job.apps.pop(ALL_SITES, None)
    sites = entries_of(config.value)
    if sites is None:
        job.doubt("the sites of per_site_config are not known")
        return
    for site, values in sites.items():
        _send_runner(job, site, entries_of(values) or {}, Argument(Known(site), config.place))


def _send_runner(job: JobObject, target: str, config: dict[str, Value], where: Argument) -> None:
    made = job.made
    arguments = dict(_runner_arguments(made, config, where))
    runner = Thing(SCRIPT_RUNNER, None, made.site, arguments)
    place_runner(job, job.app(target, where, made.site), runner, None, made.site, _framework(made))


def _runner_arguments(made: Thing, config: dict[str, Value], where: Argument) -> Iterable[tuple[str, Argument]]:
    for parameter, name in (*RECIPE_TO_RUNNER.items(), *((name, name) for name in RECIPE_AND_RUNNER)):
        if parameter in config:
            yield name, Argument(config[parameter], where.place)
        elif parameter in made.arguments:
            yield name, made.arguments[parameter]


def _framework(made: Thing) -> str:
    """The framework of a recipe that is not given one, by where its class lives."""
    path = made.info.path if made.info else ""
    for part, framework in ((".tf.", "tensorflow"), (".np.", "numpy"), (".sklearn.", "raw"), (".pt.", "pytorch")):
        if part in path:
            return framework
    return "pytorch"
