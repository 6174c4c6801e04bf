"""What NVFlare's own jobs and recipes put on server and clients, as a table; the sources stand beside the entries.

An entry holds for a class and all that derive from it. A job or recipe of which no entry speaks is built, but what it
adds by itself is not known, and is counted as not checked.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from fllint.catalogue.grammar import has
from fllint.job_api.things import Argument, Thing
from fllint.scripts.script_values import CallSite, Known, Listing, Value

if TYPE_CHECKING:
    from fllint.job_api.jobs import AppDraft, JobObject


@dataclass(frozen=True, slots=True)
class Part:
    """A component that a job class adds. ``paths`` are its class, by name, in the order of the releases that have it.

    ``arguments`` are parameter and source: ``=name`` is what the job class gets as ``name``, ``@name`` the id of a
    component, ``*text`` a list of a text. ``instead`` is the parameter by which a script brings its own object;
    ``needs`` one that must be given and not None; ``unless`` one that, given as None or "", leaves the part out.
    """

    path: str
    id: str = ""
    side: str = "server"
    arguments: tuple[tuple[str, str], ...] = ()
    instead: str = ""
    needs: str = ""
    unless: str = ""
    workflow: bool = False
    by_default: str = ""
    """The feature of a release that adds it when the script does not bring one (`fllint.catalogue.grammar`)."""


_WIDGETS: Final = "nvflare.app_common.widgets"
_BASE_PARTS: Final = (
    Part(
        f"{_WIDGETS}.validation_json_generator.ValidationJsonGenerator",
        "json_generator",
        instead="validation_json_generator",
    ),
    Part(
        f"{_WIDGETS}.intime_model_selector.IntimeModelSelector",
        "model_selector",
        arguments=(("key_metric", "=key_metric"),),
        instead="model_selector",
        unless="key_metric",
    ),
)
"""nvflare/job_config/base_fed_job.py (2.7 on), nvflare/app_opt/{pt,tf}/job_config/base_fed_job.py (2.5 on)."""
_TENSORBOARD: Final = Part(
    "nvflare.app_opt.tracking.tb.tb_receiver.TBAnalyticsReceiver",
    "receiver",
    instead="analytics_receiver",
    by_default="tensorboard_by_default",
)
_EVENT_TO_FED: Final = Part(
    f"{_WIDGETS}.convert_to_fed_event.ConvertToFedEvent",
    "event_to_fed",
    side="client",
    arguments=(("events_to_convert", "*analytix_log_stats"),),
    instead="convert_to_fed_event",
)
_PT_MODEL: Final = (
    Part(
        "nvflare.app_opt.pt.file_model_persistor.PTFileModelPersistor",
        "persistor",
        arguments=(("model", "=initial_model"),),
        needs="initial_model",
    ),
    Part(
        "nvflare.app_opt.pt.file_model_locator.PTFileModelLocator",
        "locator",
        arguments=(("pt_persistor_id", "@persistor"),),
        needs="initial_model",
    ),
)
_TF_MODEL: Final = (
    Part(
        "nvflare.app_opt.tf.model_persistor.TFModelPersistor",
        "persistor",
        arguments=(("model", "=initial_model"),),
        needs="initial_model",
    ),
)
_FEDAVG: Final = Part(
    "nvflare.app_common.workflows.fedavg.FedAvg",
    "controller",
    arguments=(("num_clients", "=n_clients"), ("num_rounds", "=num_rounds"), ("persistor_id", "@persistor")),
    workflow=True,
)

JOB_PARTS: Final[dict[str, tuple[Part, ...]]] = {
    "nvflare.app_opt.pt.job_config.base_fed_job.BaseFedJob": (*_BASE_PARTS, _TENSORBOARD, _EVENT_TO_FED, *_PT_MODEL),
    "nvflare.app_opt.tf.job_config.base_fed_job.BaseFedJob": (*_BASE_PARTS, _TENSORBOARD, _EVENT_TO_FED, *_TF_MODEL),
    "nvflare.job_config.base_fed_job.BaseFedJob": (*_BASE_PARTS, _EVENT_TO_FED),
}
"""The parts of each base of NVFlare's jobs; the first entry that a class derives from counts."""
OWN_PARTS: Final[dict[str, tuple[Part, ...]]] = {
    "nvflare.app_opt.pt.job_config.fed_avg.FedAvgJob": (_FEDAVG,),
    "nvflare.app_opt.tf.job_config.fed_avg.FedAvgJob": (_FEDAVG,),
}
"""What a job class adds to the parts of its base (nvflare/app_opt/{pt,tf}/job_config/fed_avg.py, 2.5 on)."""
PLAIN: Final = "nvflare.job_config.api.FedJob"


def fill(job: JobObject) -> None:
    """Adds what the class of a job or recipe adds by itself."""
    from fllint.job_api.recipes import fill_recipe

    if job.is_recipe:
        fill_recipe(job)
        return
    info = job.made.info
    lineage = (info.path, *info.ancestors) if info else ()
    base = next((path for path in lineage if path in JOB_PARTS), None)
    own = next((path for path in lineage if path in OWN_PARTS), None)
    known = {PLAIN, base, own}
    before = lineage[: lineage.index(base)] if base else lineage
    if any(path.startswith("nvflare.") and path not in known for path in before):
        job.doubt(f"what {job.made.info.name if job.made.info else 'the job'} adds by itself is not known")
    for part in (*(JOB_PARTS[base] if base else ()), *(OWN_PARTS[own] if own else ())):
        if part.side == "server":
            add_part(job, part)


def set_up_client(job: JobObject, app: AppDraft, site: CallSite) -> None:
    """Adds what a job class gives every client."""
    info = job.made.info
    lineage = (info.path, *info.ancestors) if info else ()
    base = next((path for path in lineage if path in JOB_PARTS), None)
    for part in JOB_PARTS[base] if base else ():
        if part.side == "client":
            thing = _thing(job, part)
            if thing is not None:
                app.add_component(thing, site, part.id)


def add_part(job: JobObject, part: Part) -> None:
    """Adds a part to the server's app."""
    from fllint.job_api.jobs import SERVER, Placed

    thing = _thing(job, part)
    if thing is None:
        return
    site = job.made.site
    app = job.app(SERVER, Argument(Known(SERVER), site.place), site)
    if part.workflow:
        app.workflows.append(Placed(thing, site, app.new_id(part.id)))
    else:
        job.ids[f"{part.id}_id"] = app.add_component(thing, site, part.id)


def _thing(job: JobObject, part: Part) -> Value | None:
    """The object that a part stands for; None when it is left out."""
    made = job.made
    own = made.value(part.instead) if part.instead else None
    if own is not None and not (isinstance(own, Known) and own.value is None):
        return own
    if part.by_default and not has(job.reader.catalogue.release, part.by_default):
        return None
    for name, must_be_given in ((part.needs, True), (part.unless, False)):
        given = made.value(name) if name else None
        empty = isinstance(given, Known) and not given.value
        if name and (empty or (must_be_given and given is None)):
            return None
    if job.reader.class_info(part.path) is None:
        job.doubt(f"{part.path} is not in this release")
        return None
    arguments = {name: found for name, source in part.arguments if (found := _argument(made, source)) is not None}
    return job.reader.derived(part.path, made.site, arguments)


def _argument(made: Thing, source: str) -> Argument | None:
    if source.startswith("="):
        return made.arguments.get(source[1:])
    if source.startswith("*"):
        return Argument(Listing((Known(source[1:]),)), made.site.place)
    return Argument(Known(source.removeprefix("@")), made.site.place)
