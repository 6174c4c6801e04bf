"""What an app gets when an object is sent to it: `FedJob.to` and the ``add_to_fed_job`` of NVFlare's classes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from fllint.job_api.things import Argument, Reference, Thing
from fllint.scripts.script_values import NOTHING_KNOWN, CallSite, Known, Table, Value, table

if TYPE_CHECKING:
    from fllint.job_api.jobs import AppDraft, JobObject

SERVER: Final = "server"
FILTER_TABLES: Final = {"TASK_RESULT": "task_result_filters", "TASK_DATA": "task_data_filters"}
"""`FilterType` (nvflare/job_config/defs.py, since 2.5)."""
RUNNERS: Final = frozenset({"ScriptRunner", "BaseScriptRunner"})
MODELS: Final = frozenset({"PTModel", "TFModel"})


def send(job: JobObject, app: AppDraft, given: dict[str, Argument], site: CallSite) -> Value:
    """Sends an object to an app, as `FedJob.to` does; what it returns."""
    thing = given["obj"].value
    identifier = job.reader.constants.text(given["id"].value) if "id" in given else ""
    if identifier is None:
        job.doubt("an id is not known")
        return NOTHING_KNOWN
    if isinstance(thing, Known) and isinstance(thing.value, str):
        from fllint.job_api.jobs import FileUse

        app.files.append(FileUse(given["obj"]))
        return Known(None)
    if isinstance(thing, Table):
        entries = [(str(key.value), value) for key, value in thing.entries if isinstance(key, Known)]
        app.parameters += [(key, Argument(value, given["obj"].place)) for key, value in entries]
        return Known(None)
    if not isinstance(thing, Thing):
        app.unknown.append("an object of a class that is not known")
        job.doubt("an object of a class that is not known is sent")
        return NOTHING_KNOWN
    result = _place(job, app, thing, identifier, given, site)
    _add_referenced(app, thing, site)
    return result


def _place(
    job: JobObject, app: AppDraft, thing: Thing, identifier: str, given: dict[str, Argument], site: CallSite
) -> Value:
    from fllint.job_api.jobs import Placed

    if thing.info is not None and thing.path.startswith("nvflare."):
        names = {ancestor.rpartition(".")[2] for ancestor in (thing.info.path, *thing.info.ancestors)}
        if names & RUNNERS:
            from fllint.job_api.script_runner import place_runner

            place_runner(job, app, thing, given.get("tasks"), site)
            return NOTHING_KNOWN
        if names & MODELS:
            return place_model(job, app, thing, site)
        if "FileSource" in names:
            return add_file(app, thing.arguments)
    kind = _kind(job, thing)
    if kind == "Controller" and app.target == SERVER:
        app.workflows.append(Placed(thing, site, app.new_id(identifier or "controller"), given.get("id")))
        return Known(None)
    if kind == "Executor":
        if app.target != SERVER:
            app.executors.append(Placed(thing, site, tasks=given.get("tasks")))
        return Known(None)
    if kind == "Filter":
        filter_type = given.get("filter_type")
        where = FILTER_TABLES.get(str(job.reader.constants.plain(filter_type.value))) if filter_type else None
        if where:
            app.filters.append(Placed(thing, site, tasks=given.get("tasks"), table=where))
        return Known(None)
    if kind == "?":
        app.unknown.append(f"{thing.path or 'an object'} is of a class that is not known")
        job.doubt("an object of a class that is not known is sent")
        return NOTHING_KNOWN
    return Known(app.add_component(thing, site, identifier or "component", given.get("id")))


def _kind(job: JobObject, thing: Thing) -> str:
    if thing.of_model:
        return ""
    for kind in ("Controller", "Executor", "Filter"):
        found = thing.is_a(job.reader.catalogue.kinds_of, kind)
        if found is None:
            return "?"
        if found:
            return kind
    return ""


def _add_referenced(app: AppDraft, thing: Thing, site: CallSite) -> None:
    """Objects whose `as_id` is an argument come along (`FedJob._add_referenced_components`)."""
    for argument in thing.arguments.values():
        reference = argument.value
        if isinstance(reference, Reference) and not any(placed.id == reference.id for placed in app.components):
            app.add_component(reference.thing, site, reference.id)
            if isinstance(reference.thing, Thing):
                _add_referenced(app, reference.thing, site)


def add_file(app: AppDraft, given: dict[str, Argument]) -> Value:
    """Adds a file or folder (`FileSource`, `FedJob.add_file_to`): no imports of it are followed."""
    from fllint.job_api.jobs import FileUse

    folder, kind = given.get("dest_dir"), given.get("app_folder_type")
    known = folder is None or (isinstance(folder.value, Known) and isinstance(folder.value.value, str | None))
    if "src_path" not in given or not known:
        app.unknown.append("a file whose place is not known")
        return NOTHING_KNOWN
    where = folder.value.value if folder is not None and isinstance(folder.value, Known) else ""
    config = kind is not None and isinstance(kind.value, Known) and kind.value.value == "config"
    app.files.append(FileUse(given["src_path"], str(where or ""), config, as_script=False))
    return Known(None)


PERSISTORS: Final = {
    "PTModel": ("nvflare.app_opt.pt.file_model_persistor.PTFileModelPersistor", "model"),
    "TFModel": ("nvflare.app_opt.tf.model_persistor.TFModelPersistor", "model"),
}
"""What `PTModel` and `TFModel` make of a model (nvflare/app_opt/{pt,tf}/job_config/model.py, since 2.5)."""
LOCATOR: Final = "nvflare.app_opt.pt.file_model_locator.PTFileModelLocator"


def place_model(job: JobObject, app: AppDraft, model: Thing, site: CallSite) -> Value:
    """A persistor with the model, and for PyTorch a locator; the ids by which the script finds them."""
    name = "PTModel" if model.info and "PTModel" in model.info.path else "TFModel"
    path, parameter = PERSISTORS[name]
    given = model.arguments.get("model")
    persistor = model.value("persistor")
    if persistor is None or (isinstance(persistor, Known) and persistor.value is None):
        persistor = job.reader.derived(path, site, {parameter: given} if given else {})
    ids = {"persistor_id": app.add_component(persistor, site, "persistor")}
    if name == "PTModel":
        locator = model.value("locator")
        if locator is None or isinstance(locator, Known):
            where = Argument(Known(ids["persistor_id"]), site.place)
            locator = job.reader.derived(LOCATOR, site, {"pt_persistor_id": where})
        ids["locator_id"] = app.add_component(locator, site, "locator")
    job.ids.update(ids)
    return table(tuple((Known(key), Known(value)) for key, value in ids.items()))
