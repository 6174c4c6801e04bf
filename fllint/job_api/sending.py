"""What an app gets when an object is sent to it: `FedJob.to` and the ``add_to_fed_job`` of NVFlare's classes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct
from msgspec.structs import replace

from fllint.job_api.things import Argument, Reference, Thing, written_arguments
from fllint.scripts.script_values import NOTHING_KNOWN, CallSite, Known, Listing, Made, Table, Value

if TYPE_CHECKING:
    from fllint.job_api.jobs import AppDraft, JobObject

SERVER: Final = "server"
FILTER_TABLES: Final = {"TASK_RESULT": "task_result_filters", "TASK_DATA": "task_data_filters"}
"""`FilterType` (nvflare/job_config/defs.py, since 2.5)."""
ADD_TO_JOB: Final = "add_to_fed_job"
"""The method by which an object adds itself to a job (`FedJob.to`)."""
CONTEXT: Final = frozenset({"obj", "target", "id"})
"""The arguments of ``to`` that are not handed on to that method."""


class JobContext(Made, Struct, frozen=True, eq=False):
    """What ``add_to_fed_job`` gets beside the job (`JobCtx`): where an object is sent, and under which id."""

    app: AppDraft
    thing: Thing
    id: str


def send(job: JobObject, app: AppDraft, given: dict[str, Argument], site: CallSite) -> Value:
    """Sends an object to an app, as `FedJob.to` does; what it returns."""
    thing = given["obj"].value
    identifier = job.reader.constants.text(given["id"].value) if "id" in given else ""
    if identifier is None:
        job.doubt("an id is not known")
        return NOTHING_KNOWN
    if isinstance(thing, Known) and isinstance(thing.value, str):
        from fllint.job_api.jobs import FileUse

        app.files.append(FileUse(given["obj"], made_by_library=site.within is not None and not is_users(given["obj"])))
        return Known(None)
    if isinstance(thing, Table):
        return add_parameters(app, given["obj"])
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

    if thing.code is not None:
        further = {name: argument.value for name, argument in given.items() if name not in CONTEXT}
        keywords = {"job": job, "ctx": JobContext(app, thing, identifier), **further}
        added = thing.code.run(ADD_TO_JOB, thing, replace(site, arguments=(), keywords=keywords))
        if added is not None:
            return added
    kind = _kind(job, thing)
    if kind == "Controller" and app.target == SERVER:
        app.workflows.append(Placed(thing, site, app.new_id(identifier or "controller"), given.get("id")))
        return Known(None)
    if kind == "Executor":
        if app.target != SERVER:
            app.executors.append(Placed(thing, site, tasks=_tasks(given.get("tasks"))))
        return Known(None)
    if kind == "Filter":
        filter_type = given.get("filter_type")
        where = FILTER_TABLES.get(str(job.reader.constants.plain(filter_type.value))) if filter_type else None
        if where:
            app.filters.append(Placed(thing, site, tasks=_tasks(given.get("tasks")), table=where))
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
    source = given["src_path"]
    by_library = not is_users(source)
    app.files.append(FileUse(source, str(where or ""), config, as_script=False, made_by_library=by_library))
    return Known(None)


def add_through_context(job: JobObject, name: str, site: CallSite) -> Value:
    """The methods of a job that ``add_to_fed_job`` calls (`FedJob.add_component` and others)."""
    from fllint.job_api.jobs import FileUse, Placed

    positional, keywords = written_arguments(site)
    given = {**dict(zip(CONTEXT_METHODS[name], positional, strict=False)), **keywords}
    context = given["ctx"].value if "ctx" in given else None
    if not isinstance(context, JobContext) or site.conditions:
        job.doubt(f"what {name} adds is not known")
        return NOTHING_KNOWN
    app = context.app
    if name == "add_resources":
        resources = given["resources"].items()
        app.files += [FileUse(path, made_by_library=not is_users(path)) for path in resources]
        return Known(None)
    if name == "add_file_source":
        return add_file(app, given)
    if name == "add_params":
        return add_parameters(app, given["args"])
    thing = given["obj"].value
    if not isinstance(thing, Thing):
        app.unknown.append("an object of a class that is not known")
        job.doubt("an object of a class that is not known is sent")
        return NOTHING_KNOWN
    result: Value = Known(None)
    if name == "add_executor":
        app.executors.append(Placed(thing, site, tasks=_tasks(given.get("tasks"))))
    elif name == "add_component":
        wanted = job.reader.constants.text(given["comp_id"].value) if "comp_id" in given else ""
        result = Known(app.add_component(thing, site, wanted or context.id or "component"))
    _add_referenced(app, thing, site)
    return result


CONTEXT_METHODS: Final = {
    "add_component": ("comp_id", "obj", "ctx"),
    "add_executor": ("obj", "tasks", "ctx"),
    "add_resources": ("resources", "ctx"),
    "add_file_source": ("src_path", "dest_dir", "app_folder_type", "ctx"),
    "add_params": ("args", "ctx"),
}
"""Methods of `FedJob` for ``add_to_fed_job``, and their parameters (nvflare/job_config/api.py, since 2.5)."""


def is_users(argument: Argument) -> bool:
    """Whether the user wrote an argument that NVFlare's own code hands on."""
    return argument.expression is not None


def _tasks(given: Argument | None) -> Argument | None:
    """The tasks of an executor or filter; None for NVFlare's default, which an empty list means too."""
    value = given.value if given is not None else None
    empty = (isinstance(value, Known) and not value.value) or (isinstance(value, Listing) and not value.items)
    return None if empty else given


def add_parameters(app: AppDraft, given: Argument) -> Value:
    """A dict that is sent: further keys of the app's config."""
    names = (
        [key.value for key, _ in given.value.entries if isinstance(key, Known)]
        if isinstance(given.value, Table)
        else []
    )
    app.parameters += [(str(name), argument) for name, argument in zip(names, given.entries(), strict=False)]
    return Known(None)
