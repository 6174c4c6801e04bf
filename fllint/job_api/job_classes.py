"""Adds to a job what its class adds by itself (`fllint.catalogue.job_parts`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fllint.catalogue.grammar import has
from fllint.catalogue.job_parts import JOB_PARTS, OWN_PARTS, PLAIN, Part
from fllint.job_api.things import Argument, Thing
from fllint.scripts.script_values import CallSite, Known, Listing, Value

if TYPE_CHECKING:
    from fllint.job_api.jobs import AppDraft, JobObject


def fill(job: JobObject) -> None:
    """Adds what the class of a job or recipe adds by itself."""
    from fllint.job_api.recipes import fill_recipe

    if job.is_recipe:
        fill_recipe(job)
        return
    lineage, base = _lineage(job)
    own = next((path for path in lineage if path in OWN_PARTS), None)
    known = {PLAIN, base, own}
    before = lineage[: lineage.index(base)] if base else lineage
    if any(path.startswith("nvflare.") and path not in known for path in before):
        job.doubt(f"what {job.made.info.name if job.made.info else 'the job'} adds by itself is not known")
    for part in (*(JOB_PARTS[base] if base else ()), *(OWN_PARTS[own] if own else ())):
        if part.side == "server":
            add_part(job, part)


def _lineage(job: JobObject) -> tuple[tuple[str, ...], str | None]:
    """The class of a job and those that it derives from, nearest first, and the one whose parts are known."""
    info = job.made.info
    lineage = (info.path, *info.ancestors) if info else ()
    return lineage, next((path for path in lineage if path in JOB_PARTS), None)


def set_up_client(job: JobObject, app: AppDraft, site: CallSite) -> None:
    """Adds what a job class gives every client."""
    _, base = _lineage(job)
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
