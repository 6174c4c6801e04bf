"""Family 4: objects of the job's own classes that travel between sites."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from fllint.findings import Problem, Related, Severity
from fllint.job.model import App
from fllint.problems import at
from fllint.python.resolve import Outcome
from fllint.registry import rule
from fllint.scripts.runs import ScriptRun, script_runs

if TYPE_CHECKING:
    from fllint.review import Review
    from fllint.scripts.client_api_facts import OwnType

REGISTERS: Final = re.compile(r"\bregister\w*|add_type_name_whitelist|\bDecomposer\b|\bfobs\b")
"""Words of code that may teach FOBS a class."""
INSTEAD: Final = {
    "defaultdict": "send dict(...) of it",
    "deque": "send list(...) of it",
    "Path": "send str(...) of it",
    "UUID": "send str(...) of it",
    "Decimal": "send float(...) of it",
    "timedelta": "send its total_seconds()",
    "array of objects": "send an array of numbers, or several",
}
"""What to send in the place of what cannot be packed."""


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


@rule("FL405", "type-cannot-travel", Severity.ERROR)
def type_cannot_travel(review: Review) -> Iterator[Problem]:
    """A script sends an object of the job's own class, or of a type that NVFlare cannot pack.

    FOBS, which packs what sites send each other, writes the object by the name of its class. The server refuses a class
    that nothing has registered there (``Type … is not allowed``, fuel/utils/fobs/fobs.py, 2.7.3 and later), and one
    whose module its app does not have (every release): the result is lost, and the job is aborted or waits for it.
    A ``defaultdict``, a ``Path``, a ``Decimal``, a function, or an array of Python objects is not even packed:
    ``<class 'collections.defaultdict'> can't be serialized by FOBS without a decomposer`` (2.4 and later).

    Send plain values (numbers, texts, arrays, lists, dicts), or put the module and a decomposer for the class into
    ``custom/nvflare_decomposers`` of every app.
    """
    server = review.job.server_app
    if server is None or _may_register(review, server):
        return
    told: set[tuple[str, str, str]] = set()
    for run in script_runs(review):
        use = run.client_api if run.entry else None
        for own in [own for model in use.models if model.sent for own in model.own_types] if use else ():
            reason = _refusal(review, server, own)
            place = run.code_place(own.place)
            if reason and place and (run.app.folder, own.module, own.name) not in told:
                told.add((run.app.folder, own.module, own.name))
                message = f"the server cannot unpack {own.name}: {reason}"
                related = (Related(run.node.place, "the script runs here"),)
                yield at(place, message, help="send plain values, or register the class in every app", related=related)
        if not _may_register(review, run.app):
            yield from _unpackable(run)


def _unpackable(run: ScriptRun) -> Iterator[Problem]:
    """The objects in the models that a script sends that not even the client can pack."""
    models = run.client_api.models if run.client_api and run.entry else ()
    for foreign in dict.fromkeys(found for model in models if model.sent for found in model.foreign_types):
        place = run.code_place(foreign.place)
        if place:
            what = f"{'an' if foreign.name[0] in 'aeio' else 'a'} {foreign.name}"
            message = f"NVFlare cannot send {what}: the client fails when it packs the model"
            related = (Related(run.node.place, "the script runs here"),)
            yield at(place, message, help=INSTEAD.get(foreign.name, "send plain values"), related=related)


def _refusal(review: Review, server: App, own: OwnType) -> str:
    """Why the server refuses an object; empty when it takes it, or that is not known."""
    if review.has("types_must_be_registered"):
        return "nothing registers the class for FOBS in the server's app"
    lacks = own.module and review.resolve(server, f"{own.module}.{own.name}").outcome is Outcome.MODULE_MISSING
    return f"app '{server.name}' has no module {own.module}" if lacks else ""


def _may_register(review: Review, app: App) -> bool:
    """Whether the code of an app says anything of registering classes."""
    files = (entry.name for entry in review.job.files.below(app.path("custom")) if entry.name.endswith(".py"))
    sources = (review.job.source(name) for name in files)
    return any(source is None or REGISTERS.search(source.text) for source in sources)
